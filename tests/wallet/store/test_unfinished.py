"""Files on their way to their names: whole or not there, and nothing is left of what was killed."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from wallet.errors import StoreError
from wallet.store import unfinished
from wallet.store.files import write_private
from wallet.store.unfinished import PREFIX, sweep, unfinished_file
from wallet.store.wallet_folders import SIGNING_LOCK, Beside, sweep_wallets, take_back, write_beside

HOLDING = """
import sys
from pathlib import Path
from wallet.store.unfinished import unfinished_file
with unfinished_file(Path(sys.argv[1]), replacing=True) as new:
    new.file.write(b"half")
    new.file.flush()
    print(new.path, flush=True)
    sys.stdin.read()
"""


LOCKING = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


def somebody(folder: Path) -> tuple[subprocess.Popen[str], Path]:
    """Another process that writes a file in a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_writer_left_goes_with_the_next_write_and_not_while_it_lives(tmp_path: Path) -> None:
    process, left = somebody(tmp_path)
    with process:
        write_private(tmp_path / "one", b"1", overwrite=True)
        assert left.read_bytes() == b"half"
        assert left.name.startswith(PREFIX)
        process.send_signal(signal.SIGKILL)
        process.wait()
    write_private(tmp_path / "two", b"2", overwrite=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_file_for_a_new_name_has_none_before_it_is_whole(tmp_path: Path) -> None:
    with unfinished_file(tmp_path, replacing=False) as new:
        new.file.write(b"whole")
        assert list(tmp_path.iterdir()) == []
        new.take_name(tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"whole"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


@pytest.mark.parametrize("lacking", ["no unnamed files", "no names for unnamed files"])
def test_a_file_system_that_cannot_do_that_writes_as_wholly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    if lacking == "no unnamed files":
        monkeypatch.setattr(unfinished, "_UNNAMED", 0)
    else:
        link = os.link

        def refuse(source: str, target: str, **options: bool) -> None:
            if str(source).startswith("/proc"):
                raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
            link(source, target, **options)

        monkeypatch.setattr(os, "link", refuse)
    write_private(tmp_path / "new", b"whole", overwrite=False, mode=0o644)
    with pytest.raises(StoreError, match="exists already"):
        write_private(tmp_path / "new", b"other", overwrite=False)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("new", b"whole")]
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o644


def test_a_folder_that_cannot_be_looked_at_is_no_trouble(tmp_path: Path) -> None:
    sweep(tmp_path / "nowhere")
    sweep_wallets(tmp_path / "nowhere")


def wallet(folder: Path, name: str) -> Path:
    """A folder with a keystore."""
    made = folder / name
    made.mkdir(parents=True, mode=0o700)
    (made / "keystore.json").write_bytes(b"{}")
    return made


def test_what_version_0_1_left_of_a_keystore_goes_unless_somebody_holds_the_wallet(tmp_path: Path) -> None:
    made = wallet(tmp_path, "default")
    for name in (".keystore.json.a1b2_3c4", ".keystore.json.bak.zzzzzzzz", ".keystore.json.mine", "keystore.json.bak"):
        (made / name).write_bytes(b"an older one")
    with subprocess.Popen(
        [sys.executable, "-c", LOCKING, str(made / SIGNING_LOCK)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        sweep_wallets(tmp_path)
        assert (made / ".keystore.json.a1b2_3c4").exists()
        process.kill()
    sweep_wallets(tmp_path)
    left = sorted(path.name for path in made.iterdir())
    assert left == [".keystore.json.mine", "keystore.json", "keystore.json.bak", SIGNING_LOCK]


def test_a_wallet_that_version_0_1_was_making_goes_unless_its_process_lives(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, alive = wallet(tmp_path, f".w.{ended.pid}.new"), wallet(tmp_path, f".w.{os.getpid()}.new")
    sweep_wallets(tmp_path)
    assert not dead.exists()
    assert alive.exists()


def test_the_words_of_a_wallet_that_never_was_go_and_nobody_elses(tmp_path: Path) -> None:
    wallets, words = tmp_path / "wallets", tmp_path / "words"
    left = wallet(wallets, f"{PREFIX}0011223344556677")
    write_beside(left, Beside(path=words, data=b"twelve words\n"))
    words.write_bytes(b"another file by now\n")
    take_back(left)
    assert words.exists(), "it has other bytes"
    words.write_bytes(b"twelve words\n")
    sweep_wallets(wallets)
    assert list(wallets.iterdir()) == []
    assert not words.exists()


def test_the_words_of_a_wallet_that_got_its_name_stay(tmp_path: Path) -> None:
    wallets, words = tmp_path / "wallets", tmp_path / "words"
    made = wallet(wallets, "default")
    write_beside(made, Beside(path=words, data=b"twelve words\n"))
    sweep_wallets(wallets)
    assert words.read_bytes() == b"twelve words\n"
    assert [path.name for path in made.iterdir()] == ["keystore.json"]
