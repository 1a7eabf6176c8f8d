"""Where the harness puts what it throws away."""

import stat
import tempfile
from pathlib import Path

import pytest

from regtest.scratch import scratch_folder


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file system that is said to lie in memory, on a machine without a TMPDIR of the user's."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "disk"))
    for name in ("disk", "memory"):
        (tmp_path / name).mkdir()
    return tmp_path / "memory"


def test_it_lies_in_memory_and_is_private(memory: Path) -> None:
    folder = scratch_folder("world-", memory, room=1)
    assert folder.parent == memory
    assert folder.name.startswith("world-")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_room_it_lies_on_the_disk(memory: Path) -> None:
    assert scratch_folder("world-", memory, room=2**62).parent.name == "disk"


def test_without_memory_it_lies_on_the_disk(memory: Path) -> None:
    assert scratch_folder("world-", memory / "nowhere", room=1).parent.name == "disk"


def test_whoever_names_a_folder_gets_it_there(memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "disk"))
    assert scratch_folder("world-", memory, room=1).parent.name == "disk"
