"""JSON and TOML from outside, read within bounds: no other module of the program reads either.

The readers beneath are fast for ordinary documents and take what they are given: a TOML reader whose cost grows with
the square of a key's parts, numbers of a million digits, floats that are infinite, halves of surrogate pairs, nesting
down to the end of the stack. Here all of that is malformed, and said with one error.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any, NoReturn, TypeVar

from wallet.errors import EncodingError

LARGEST = 16 * 1024 * 1024
"""Bytes of a document for which its reader names no bound of its own."""

TOML_LIMIT = 1024 * 1024
"""Bytes of a TOML file (FORMATS, lock file)."""

KEY_PARTS = 4
"""Parts of a dotted key in TOML at most (FORMATS, lock file)."""

MAX_DEPTH = 64
"""Levels of lists and objects in each other."""

_NUMBER = 64
"""Characters of the longest number."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")

T = TypeVar("T")


def read_json(
    data: bytes | str,
    *,
    what: str,
    limit: int = LARGEST,
    real: Callable[[str], object] | None = None,
    unique: bool = True,
) -> Any:
    """The value of a JSON text (RFC 8259), UTF-8 without a byte order mark.

    `what` names the document in errors, `limit` is the most bytes (characters, of a text) it may have, and `real` reads
    numbers with a fraction or an exponent. Where keys need not be `unique`, the last of a name counts. Raises
    EncodingError for everything else: a key that stands twice in one object, infinite numbers, numbers of more than 64
    characters, half surrogate pairs, and more than MAX_DEPTH levels.
    """
    text = _text(data, what, limit)
    if text.startswith("\ufeff"):
        raise EncodingError(f"{what} begins with a byte order mark", hint="save it as UTF-8 without BOM")
    _require_shallow(text, what)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object if unique else None,
            parse_int=_integer,
            parse_float=_real if real is None else real,
            parse_constant=_no_constant,
        )
    except EncodingError as error:
        raise EncodingError(f"{what}: {error}", hint=error.advice) from None
    except json.JSONDecodeError as error:
        raise EncodingError(
            f"{what} is not JSON: {error.msg} at character {error.pos}", hint="write it again"
        ) from None
    if _HALF_PAIR.search(text):
        _require_whole(value, what)
    return value


def decode_json(data: bytes | str, shape: type[T], *, what: str, limit: int = LARGEST) -> T:
    """A JSON text as a typed value; keys that the type does not name are as the type says.

    Raises EncodingError that names the field at fault.
    """
    import msgspec

    if len(data) > limit:
        raise _too_large(what, len(data), limit)
    try:
        return msgspec.json.decode(data, type=shape)
    except RecursionError:
        raise EncodingError(f"{what} is nested too deeply", hint=f"at most {MAX_DEPTH} levels") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise EncodingError(f"{what}: {str(error)[:300]!a}", hint="compare it with the format's description") from None


def read_toml(data: bytes | str, *, what: str, limit: int = TOML_LIMIT) -> dict[str, Any]:
    """The tables of a TOML text. Raises EncodingError.

    Refused, beside what is not TOML: keys of more than KEY_PARTS parts, integers of more than 64 bits, infinite
    numbers, and more than MAX_DEPTH levels.
    """
    import tomllib

    text = _text(data, what, limit)
    _require_short_keys(text, what)
    try:
        value = tomllib.loads(text, parse_float=_real)
    except EncodingError as error:
        raise EncodingError(f"{what}: {error}", hint=error.advice) from None
    except RecursionError:
        raise EncodingError(f"{what} is nested too deeply", hint=f"at most {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise EncodingError(f"{what} is not TOML: {str(error)[:200]!a}", hint="repair it") from None
    for number in _integers(value, what):
        if not -(2**63) <= number < 2**63:
            raise EncodingError(f"{what} holds an integer of more than 64 bits", hint="use smaller numbers")
    return value


def _text(data: bytes | str, what: str, limit: int) -> str:
    if len(data) > limit:
        raise _too_large(what, len(data), limit)
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EncodingError(f"{what} is not UTF-8 at byte {error.start}", hint="save it as UTF-8") from None


def _too_large(what: str, size: int, limit: int) -> EncodingError:
    return EncodingError(f"{what} has {size} bytes, more than {limit}", hint="make it smaller")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise EncodingError(f"the key {key[:40]!a} stands twice in one object", hint="name each key once")
        members[key] = value
    return members


def _integer(text: str) -> int:
    if len(text) > _NUMBER:
        raise EncodingError(f"an integer has {len(text)} digits, more than {_NUMBER}", hint="use smaller numbers")
    return int(text)


def _real(text: str) -> float:
    value = float(text) if len(text) <= _NUMBER else float("inf")
    if not isfinite(value):
        raise EncodingError(f"the number {text[:30]!a} is out of bounds", hint="use smaller numbers")
    return value


def _no_constant(name: str) -> NoReturn:
    raise EncodingError(f"{name[:30]!a} is no number of JSON", hint="leave it out")


def _require_shallow(text: str, what: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in re.findall(r"[][{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise EncodingError(f"{what} is nested too deeply", hint=f"at most {MAX_DEPTH} levels")


def _require_whole(value: object, what: str) -> None:
    """Raises where a text holds half of a surrogate pair: it could be written nowhere."""
    match value:
        case str():
            if any("\ud800" <= character <= "\udfff" for character in value):
                raise EncodingError(f"{what}: a text holds half of a surrogate pair", hint="use whole characters")
        case list():
            for element in value:
                _require_whole(element, what)
        case dict():
            for key, member in value.items():
                _require_whole(key, what)
                _require_whole(member, what)
        case _:
            pass


_TOML_TOKEN = re.compile(
    r"""(?P<skip> \#[^\n]* | \"{3}(?:[^"\\]|\\.|"(?!""))*\"{3,5} | '{3}(?:[^']|'(?!''))*'{3,5} )
      | (?P<part> [A-Za-z0-9_-]+ | "(?:[^"\\\n]|\\[^\n])*" | '[^'\n]*' )
      | (?P<dot> [ \t]*\.[ \t]* )
      | (?P<open> ["'] )
      | (?P<other> [ \t]+ | [^A-Za-z0-9_\-"'\#. \t]+ | \# )""",
    re.VERBOSE | re.DOTALL,
)


def _require_short_keys(text: str, what: str) -> None:
    """Raises where parts of a key are joined by more dots than a key may have, in a walk over each character once."""
    parts, joined = 0, False
    for token in _TOML_TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            line = text.count("\n", 0, token.start()) + 1
            raise EncodingError(f"{what} is not TOML: a text that begins in line {line} has no end", hint="repair it")
        if kind == "part":
            parts = parts + 1 if joined else 1
            if parts > KEY_PARTS:
                raise EncodingError(f"{what} has a key of more than {KEY_PARTS} parts", hint="use shorter keys")
        elif kind != "dot":
            parts = 0
        joined = kind == "dot" and parts > 0


def _integers(value: Mapping[str, Any], what: str) -> Iterator[int]:
    """Every integer in a document, however deep. Raises EncodingError below MAX_DEPTH levels."""
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for one in level:
            if isinstance(one, dict):
                below += one.values()
            elif isinstance(one, list):
                below += one
            elif isinstance(one, int):
                yield one
        if not below:
            return
        level = below
    raise EncodingError(f"{what} is nested too deeply", hint=f"at most {MAX_DEPTH} levels")
