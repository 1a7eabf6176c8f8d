"""Files that commands are told to write and to read: what lies in them concerns nobody else."""

import sys
from pathlib import Path

from wallet.errors import EncodingError, StoreError


def write_new(file: Path, data: bytes) -> None:
    """A new file that only this user can read, whole or not at all. Raises StoreError where the name is taken."""
    from wallet.store.files import write_private

    if not file.absolute().parent.is_dir():
        raise StoreError(f"there is no folder {file.absolute().parent}", hint="make it first, or choose another")
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
