"""Private files: folders 0700, files 0600, and writes that happen wholly or not at all."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wallet.errors import StoreError

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}


def ensure_folder(path: Path) -> None:
    """Makes a folder, and its missing parents, for this user only. Raises StoreError."""
    with explained(path):
        for folder in (*reversed(path.parents), path):
            if not folder.exists():
                folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        path.mkdir(mode=FOLDER_MODE, exist_ok=True)


def read_private(path: Path, limit: int) -> bytes | None:
    """The bytes of a file, or None where there is none.

    Raises StoreError where others may read or write it, where it is larger than `limit` bytes, or is no plain file.
    """
    with explained(path):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise StoreError(f"{path} is not a plain file", hint="move it out of the way")
            if status.st_mode & 0o077:
                raise StoreError(
                    f"{path} can be read by others (mode {stat.S_IMODE(status.st_mode):04o})",
                    hint=f"if nobody has changed it, run: chmod 600 {path}",
                )
            data = file.read(limit + 1)
    if len(data) > limit:
        raise StoreError(f"{path} is too large", hint=f"at most {limit} bytes are expected")
    return data


def write_private(path: Path, data: bytes, *, overwrite: bool) -> None:
    """Writes a file so that after a crash either the old or the new one is there, whole.

    The bytes go to a temporary file in the same folder, to the disk, and under the name; then the folder goes to the
    disk. Without `overwrite`, a name that is taken is left alone. Raises StoreError.
    """
    ensure_folder(path.parent)
    with explained(path):
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if overwrite:
                Path(name).replace(path)
            else:
                _name_once(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)
        sync_folder(path.parent)


def _name_once(source: Path, path: Path) -> None:
    """Gives a file a name that nobody has taken."""
    try:
        try:
            path.hardlink_to(source)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            # FAT sticks have no hard links: the name is taken by an empty file, and that one replaced.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE))
            source.replace(path)
    except FileExistsError:
        raise StoreError(f"{path} exists already", hint="choose another name, or move that file away") from None


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what the operating system says into a StoreError that names the file."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path}: {error.strerror or error}", hint="is the folder there, yours, and the disk not full?"
        ) from error
