"""Files that a person names: what lies in them concerns nobody else."""

from pathlib import Path

from wallet.errors import EncodingError, StoreError
from wallet.store.files import write_private


def path_of(text: str) -> Path:
    """A whole path as typed; `~` is the home. Raises EncodingError for one that hangs on where the app was started."""
    path = Path(text.strip()).expanduser()
    if not text.strip() or not path.is_absolute():
        raise EncodingError("not a full path", hint="such as /media/usb/name or ~/name")
    return path


def write_new(file: Path, data: bytes) -> None:
    """A new file that only this user can read, whole or not at all. Raises StoreError where the name is taken."""
    if not file.parent.is_dir():
        raise StoreError(f"there is no folder {file.parent}", hint="make it first, or choose another")
    write_private(file, data, overwrite=False)


def require_new(file: Path) -> None:
    """Raises StoreError where a file of this name exists, before anything is done."""
    if file.exists():
        raise StoreError(f"{file} exists already", hint="choose another name")


def read_given(file: Path, limit: int) -> bytes:
    """The bytes of a file. Raises EncodingError where it cannot be read or is too large."""
    try:
        with file.open("rb") as opened:
            data = opened.read(limit + 1)
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error
    if len(data) > limit:
        raise EncodingError(f"{file} has more than {limit} bytes", hint="is this the right file?")
    return data
