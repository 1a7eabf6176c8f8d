"""Half-done work leaves nothing behind: not at the end, and not after a program was killed."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assets.images.digest import Digest
from assets.store.docker_archive import new_file
from assets.store.layout_writer import LayoutWriter
from assets.store.staging import staging_folder
from wallet.errors import StoreError
from wallet.store.unfinished import PREFIX, unfinished_folder

HOLDING = """
import sys, time
from pathlib import Path
from wallet.store.unfinished import unfinished_folder
with unfinished_folder(Path(sys.argv[1])) as folder:
    (folder / "secret").write_text("in the clear")
    print(folder, flush=True)
    sys.stdin.read()
"""


@contextmanager
def somebody(parent: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process at work in a folder of its own."""
    command = [sys.executable, "-c", HOLDING, str(parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def scratch(parent: Path) -> None:
    with unfinished_folder(parent) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700


def test_what_a_killed_program_left_is_gone_at_the_next_start(tmp_path: Path) -> None:
    with somebody(tmp_path) as (process, folder):
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (folder / "secret").is_file()
        scratch(tmp_path)
        assert not list(tmp_path.iterdir())


def test_what_somebody_works_in_is_left_alone(tmp_path: Path) -> None:
    with somebody(tmp_path) as (_, folder):
        scratch(tmp_path)
        assert (folder / "secret").is_file()


def test_what_has_another_name_or_is_neither_file_nor_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".a.mine").mkdir()
    (tmp_path / f"a{PREFIX}").mkdir()
    os.mkfifo(tmp_path / f"{PREFIX}pipe")
    (tmp_path / "target").mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "target")
    before = sorted(tmp_path.iterdir())
    scratch(tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_what_was_renamed_stays(tmp_path: Path) -> None:
    with unfinished_folder(tmp_path) as folder:
        folder.rename(tmp_path / "done")
    assert [path.name for path in tmp_path.iterdir()] == ["done"]


def test_a_request_to_end_waits_until_the_folder_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remove = shutil.rmtree

    def disturbed(path: str | Path, *, ignore_errors: bool) -> None:
        signal.raise_signal(signal.SIGINT)
        remove(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", disturbed)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            scratch(tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not list(tmp_path.iterdir())


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "nowhere").write_text("no folder")
    with pytest.raises(StoreError, match="nowhere"), staging_folder(tmp_path / "nowhere"):
        pass


@contextmanager
def nearly_full(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes, as on a disk that has no more room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_is_an_error_that_people_can_read_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"a\.tar"), nearly_full(1000), new_file(tmp_path / "a.tar") as file:
        file.write(os.urandom(100_000))
    layout, digest = LayoutWriter(tmp_path / "layout"), Digest.of(b"x")
    with pytest.raises(StoreError, match=digest.hex), nearly_full(1000), layout, layout.new(digest) as file:
        file.write(os.urandom(100_000))
    staging = staging_folder(tmp_path / "staging")
    with pytest.raises(StoreError, match="b: "), staging as folder, nearly_full(1000), new_file(folder / "b") as file:
        file.write(os.urandom(100_000))
    assert [path.name for path in tmp_path.iterdir()] == ["staging"]
    assert not list((tmp_path / "staging").iterdir())
