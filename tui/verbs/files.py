"""Files that a person names, to be written and to be read: what lies in them concerns nobody else."""

import os
import sys
from pathlib import Path

from wallet.errors import EncodingError, StoreError


def whole_path(text: str) -> Path:
    """A whole path as typed; `~` is the home. Raises EncodingError for one that hangs on where the program started."""
    if "\0" in text:
        raise EncodingError("not a path", hint="such as /media/usb/name")
    try:
        path = Path(text.strip()).expanduser()
    except RuntimeError as error:
        raise EncodingError(f"not a path: {error}", hint="such as /media/usb/name") from error
    if not text.strip() or not path.is_absolute():
        raise EncodingError("not a full path", hint="such as /media/usb/name or ~/name")
    return path


def require_new(file: Path | None) -> None:
    """Raises StoreError where a file could not be written that is to hold what comes at the end.

    To be asked before anything is signed, reserved or sent.
    """
    if file is None:
        return
    if file.exists():
        raise StoreError(f"{file} exists already", hint="choose another name, or move that file away")
    folder = file.absolute().parent
    if not folder.is_dir():
        raise StoreError(f"there is no folder {folder}", hint="make it first, or choose another")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(f"nothing can be written to the folder {folder}", hint="choose another")


def write_new(file: Path, data: bytes) -> None:
    """A new file that only this user can read, whole or not at all. Raises StoreError where the name is taken."""
    from wallet.store.files import write_private

    require_new(file)
    write_private(file.absolute(), data, overwrite=False)


def read_given(file: Path, limit: int) -> bytes:
    """The bytes of a file (- is standard input). Raises EncodingError where it cannot be read or is too large."""
    try:
        data = _read(file, limit)
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error
    if len(data) > limit:
        raise EncodingError(f"{file} has more than {limit} bytes", hint="is this the right file?")
    return data


def _read(file: Path, limit: int) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(limit + 1)
    with file.open("rb") as opened:
        return opened.read(limit + 1)
