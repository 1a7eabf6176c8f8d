"""Folders for half-done work: gone at the end, and gone at the next start where a program was killed.

Whoever works in one holds a lock on it, which the operating system takes back when the process ends, however it ends.
So a folder that nobody has locked was left behind.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wallet.store.files import explained


@contextmanager
def scratch_folder(parent: Path, *, prefix: str, suffix: str) -> Iterator[Path]:
    """A new private folder (0700) in `parent`; others of this prefix and suffix that were left behind are removed.

    It may be renamed: what has another name at the end stays. Raises StoreError.
    """
    with explained(parent):
        _sweep(parent, prefix, suffix)
        folder, lock = _claimed(parent, prefix, suffix)
    try:
        yield folder
    finally:
        with _undisturbed():
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Lets requests to end wait until the block is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _claimed(parent: Path, prefix: str, suffix: str) -> tuple[Path, int]:
    """A folder with its lock; again, where another process took it for one that was left behind."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=parent))
        lock = _locked(folder)
        if lock is not None:
            return folder, lock


def _sweep(parent: Path, prefix: str, suffix: str) -> None:
    for entry in os.scandir(parent):
        if entry.name.startswith(prefix) and entry.name.endswith(suffix) and entry.is_dir(follow_symlinks=False):
            lock = _locked(Path(entry.path))
            if lock is not None:
                shutil.rmtree(entry.path, ignore_errors=True)
                os.close(lock)


def _locked(folder: Path) -> int | None:
    """The lock on a folder, or None where another process has it, or the folder is gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except (FileNotFoundError, PermissionError):
        return None
    with contextlib.suppress(BlockingIOError, FileNotFoundError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), folder.stat()):
            return descriptor
    os.close(descriptor)
    return None
