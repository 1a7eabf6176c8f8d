"""Reading what a service runs from: a document with keys in it, of which no error may show anything."""

from typing import TypeVar

from assets.images.canonical import FILE_LIMIT, convert, decode
from assets.images.pin import require_version
from wallet.advice import Prose
from wallet.errors import EncodingError

T = TypeVar("T")


def bundle_shape(document: bytes, shape: type[T], *, what: str, hint: Prose) -> T:
    """The fields of a bundle; one final line feed is forgiven.

    Raises EncodingError, which for another version says so, and for anything else no more than `hint`.
    """
    damaged = EncodingError(f"{what} cannot be read: it is damaged, or something else", hint=hint)
    try:
        value = decode(document.removesuffix(b"\n"), limit=FILE_LIMIT, what=what)
    except EncodingError:
        raise damaged from None
    require_version(value, key="v", what=what)
    try:
        return convert(value, shape, what=what)
    except EncodingError:
        raise damaged from None
