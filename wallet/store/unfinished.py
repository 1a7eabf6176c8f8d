"""Files and folders on their way to their names: nothing is left at the end, nor after a program was killed.

A file for a new name has no name at all until it is whole, where the file system can do that (Linux's O_TMPFILE). Any
other has a name that begins with `PREFIX`, in the folder where it belongs, and whoever fills it holds a lock on it,
which the operating system takes back when the process ends, however it ends. So what has such a name and is not locked
was left behind: `sweep` removes it, and everything here sweeps its folder first.
"""

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PREFIX = ".dockchains-part-"

_FILE_MODE = 0o600
_UNNAMED = getattr(os, "O_TMPFILE", 0)
_HAS_NO_UNNAMED = {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL}
_HAS_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}

Before = Callable[[Path], None]
"""Told of a folder that was left behind, before it is removed."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file (0600) that is being filled. `path` is its name for the time being, None where it has none."""

    file: BinaryIO
    path: Path | None

    def take_place_of(self, target: Path) -> None:
        """On the disk, and under its name, whatever stood there. Raises OSError."""
        assert self.path is not None, "it was made to replace"
        self._flush()
        self.path.replace(target)

    def take_name(self, target: Path) -> None:
        """On the disk, and under a name that nobody has. Raises OSError, FileExistsError where it is taken."""
        self._flush()
        try:
            if self.path is None:
                self._link_unnamed(target)
            else:
                target.hardlink_to(self.path)
        except OSError as error:
            if self.path is None and not isinstance(error, FileExistsError):
                self._copy_to(target)
            elif error.errno in _HAS_NO_HARD_LINKS and self.path is not None:
                # FAT sticks have no hard links: the name is taken by an empty file, and that one replaced.
                os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _FILE_MODE))
                self.path.replace(target)
            else:
                raise

    def _link_unnamed(self, target: Path) -> None:
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.link(f"/proc/self/fd/{self.file.fileno()}", target.name, dst_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)

    def _copy_to(self, target: Path) -> None:
        """Where a file without a name cannot be given one, it is made once more, with one."""
        mode = stat.S_IMODE(os.fstat(self.file.fileno()).st_mode)
        self.file.seek(0)
        with unfinished_file(target.parent, replacing=True, mode=mode) as named:
            shutil.copyfileobj(self.file, named.file)
            named.take_name(target)

    def _flush(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())


@contextmanager
def unfinished_file(folder: Path, *, replacing: bool, mode: int = _FILE_MODE) -> Iterator[Unfinished]:
    """A new file for a name in `folder`; without a name of its own where it is not to replace another.

    Unless it took its name it is gone at the end. Raises OSError.
    """
    sweep(folder)
    descriptor = None if replacing else _unnamed(folder)
    path = None
    if descriptor is None:
        path, descriptor = _claimed(folder, _new_file)
    with os.fdopen(descriptor, "w+b") as file:
        try:
            os.fchmod(file.fileno(), mode)
            yield Unfinished(file, path)
        finally:
            if path is not None:
                with _undisturbed():
                    path.unlink(missing_ok=True)


@contextmanager
def unfinished_folder(parent: Path, before: Before | None = None) -> Iterator[Path]:
    """A new private folder (0700) in `parent`. It may be renamed: what has another name at the end stays.

    `before` is for those that were left behind, as in `sweep`. Raises OSError.
    """
    sweep(parent, before)
    folder, lock = _claimed(parent, _new_folder)
    try:
        yield folder
    finally:
        with _undisturbed():
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def sweep(folder: Path, before: Before | None = None) -> None:
    """Removes what killed programs left in a folder. What cannot be looked at or removed stays; never raises."""
    try:
        with os.scandir(folder) as entries:
            found = [entry.name for entry in entries if entry.name.startswith(PREFIX)]
    except OSError:
        return
    for name in found:
        remove_dead(folder / name, before)


def remove_dead(path: Path, before: Before | None = None) -> None:
    """Removes a file or folder of this user's that no process has locked; any other stays. Never raises."""
    with contextlib.suppress(OSError):
        lock = _locked(path)
        if lock is None:
            return
        try:
            if stat.S_ISDIR(os.fstat(lock).st_mode):
                if before is not None:
                    before(path)
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        finally:
            os.close(lock)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Lets requests to end wait until the block is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _unnamed(folder: Path) -> int | None:
    """A file without a name; None where the file system has no such thing."""
    if not _UNNAMED or not Path("/proc/self/fd").exists():
        return None
    try:
        return os.open(folder, _UNNAMED | os.O_RDWR | os.O_CLOEXEC, _FILE_MODE)
    except OSError as error:
        if error.errno not in _HAS_NO_UNNAMED:
            raise
        return None


def _new_file(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, _FILE_MODE))


def _new_folder(path: Path) -> None:
    path.mkdir(mode=0o700)


def _claimed(folder: Path, make: Callable[[Path], None]) -> tuple[Path, int]:
    """Something new with its lock; again, where another process took it for what was left behind."""
    while True:
        path = folder / f"{PREFIX}{secrets.token_hex(8)}"
        try:
            make(path)
        except FileExistsError:
            continue
        lock = _locked(path)
        if lock is not None:
            return path, lock


def _locked(path: Path) -> int | None:
    """The lock on a plain file or folder of this user's; None where another process has it, or it is gone."""
    access = os.O_RDONLY if path.is_dir() and not path.is_symlink() else os.O_RDWR
    try:
        descriptor = os.open(path, access | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, PermissionError):
        return None
    with contextlib.suppress(BlockingIOError, FileNotFoundError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(descriptor)
        plain = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
        if plain and status.st_uid == os.geteuid() and os.path.samestat(status, path.lstat()):
            return descriptor
    os.close(descriptor)
    return None
