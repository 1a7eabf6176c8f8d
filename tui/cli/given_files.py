"""Documents and lists that somebody prepared for a command, read from files."""

from pathlib import Path

from assets.images.canonical import DOCUMENT_LIMIT
from wallet.errors import EncodingError


def document_in(file: Path) -> bytes:
    """A document that somebody prepared. Raises EncodingError."""
    try:
        with file.open("rb") as opened:
            return opened.read(DOCUMENT_LIMIT + 1)
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error


def text_in(file: Path) -> str:
    """A list that somebody wrote. Raises EncodingError."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise EncodingError(f"cannot read {file}: {error.strerror}", hint="check the path") from error
    except UnicodeDecodeError as error:
        raise EncodingError(f"{file} is not UTF-8 text", hint="save it as UTF-8") from error
