"""Private files: folders 0700, files 0600, and writes that happen wholly or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wallet.errors import StoreError
from wallet.store.unfinished import unfinished_file

FOLDER_MODE = 0o700
FILE_MODE = 0o600


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


def write_private(path: Path, data: bytes, *, overwrite: bool, mode: int = FILE_MODE) -> None:
    """Writes a file so that after a crash either the old or the new one is there, whole, and no other.

    The bytes go to an unfinished file in the same folder, to the disk, and under the name; then the folder goes to the
    disk. Without `overwrite`, a name that is taken is left alone. Raises StoreError.
    """
    ensure_folder(path.parent)
    with explained(path), unfinished_file(path.parent, replacing=overwrite, mode=mode) as new:
        new.file.write(data)
        if overwrite:
            new.take_place_of(path)
        else:
            try:
                new.take_name(path)
            except FileExistsError:
                raise StoreError(f"{path} exists already", hint="choose another name, or move that file away") from None
        sync_folder(path.parent)


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
