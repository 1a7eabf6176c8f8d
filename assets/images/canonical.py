"""Canonical JSON: one document, one sequence of bytes, so that a hash of the bytes is a hash of the document.

UTF-8 without BOM, keys sorted by code point, no white space, only objects, arrays, strings, true, false and integers
that every JSON reader keeps exact; only the escapes that JSON demands, in lower case; no final newline.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from wallet.documents import read_json
from wallet.errors import EncodingError

Json = bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
"""What canonical JSON can hold. There is no null and no fraction."""

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32
DOCUMENT_LIMIT = 64 * 1024
"""Bytes of a definition or a bid."""
ASKS_LIMIT = 1024 * 1024
FILE_LIMIT = 16 * 1024 * 1024
"""Bytes of a file of pins or of a bundle."""

_HINT = "write it as canonical JSON: sorted keys, no white space, no null, no fractions, no final newline"

T = TypeVar("T")


def encode(value: Json) -> bytes:
    """The canonical bytes of a value. Raises EncodingError for what canonical JSON cannot hold."""
    _require_canonical(value, depth=0)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise EncodingError("a text holds half of a surrogate pair", hint="use whole Unicode characters") from None


def decode(document: bytes, *, limit: int, what: str) -> Json:
    """The value of a document that must be its own canonical form.

    `limit` is the most bytes it may have, `what` names it in errors. Raises EncodingError for everything else.
    """
    if len(document) > limit:
        raise EncodingError(f"{what} has {len(document)} bytes, more than {limit}", hint="make it smaller")
    value: Json = read_json(document, what=what, limit=limit, real=_refuse_number)
    try:
        canonical = encode(value)
    except EncodingError as error:
        raise EncodingError(f"{what}: {error}", hint=error.advice) from None
    if canonical != document:
        raise EncodingError(f"{what} is not in canonical form", hint=_HINT)
    return value


def decode_into(document: bytes, shape: type[T], *, limit: int, what: str) -> T:
    """A canonical document as a typed value. Raises EncodingError that names the field at fault."""
    return convert(decode(document, limit=limit, what=what), shape, what=what)


def convert(value: object, shape: type[T], *, what: str) -> T:
    """A decoded value as a typed one, strictly. Raises EncodingError that names the field at fault."""
    try:
        return msgspec.convert(value, type=shape, strict=True)
    except msgspec.ValidationError as error:
        raise EncodingError(f"{what}: {str(error)[:300]!a}", hint="compare it with the format's description") from None


def _refuse_number(text: str) -> Any:
    raise EncodingError(f"the number {text[:30]!a} is no integer", hint="amounts are integers of satoshi")


def _require_canonical(value: object, *, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise EncodingError("the document is nested too deeply", hint=f"at most {MAX_DEPTH} levels")
    match value:
        case bool() | str():
            pass
        case int():
            if abs(value) > MAX_INTEGER:
                raise EncodingError("an integer is outside of plus or minus 2^53-1", hint="use smaller numbers")
        case list() | tuple():
            for element in value:
                _require_canonical(element, depth=depth + 1)
        case dict():
            for key, member in value.items():
                if not isinstance(key, str):
                    raise EncodingError("a key is not a text", hint=_HINT)
                _require_canonical(member, depth=depth + 1)
        case None:
            raise EncodingError("null has no place in canonical JSON", hint="leave the key out")
        case _:
            raise EncodingError(f"{type(value).__name__} has no place in canonical JSON", hint=_HINT)
