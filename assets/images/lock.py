"""Lock files: pins that a project keeps beside its code, in TOML, read only where a person names the file."""

import tomllib
from typing import Literal

import msgspec

from assets.images.canonical import FILE_LIMIT, convert
from assets.images.pin import Pin, Pins, PinShape, pins_of, require_version
from wallet.errors import EncodingError
from wallet.hashes import display

_WHAT = "the lock file"


class _LockShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[1]
    repository: tuple[PinShape, ...] = ()


def parse_lock(document: bytes) -> Pins:
    """The pins of a lock file, sorted by name there too, all of one network.

    Raises EncodingError for unknown keys or versions, duplicates, another order, and what is not TOML.
    """
    if len(document) > FILE_LIMIT:
        raise EncodingError(f"{_WHAT} has {len(document)} bytes, more than {FILE_LIMIT}", hint="make it smaller")
    try:
        value = tomllib.loads(document.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise EncodingError(f"{_WHAT} is not UTF-8 at byte {error.start}", hint="save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise EncodingError(
            f"{_WHAT} is not TOML: {str(error)[:200]!a}", hint="expected version = 1 and [[repository]] tables"
        ) from None
    require_version(value, key="version", what=_WHAT)
    listed = pins_of(convert(value, _LockShape, what=_WHAT).repository)
    locked = Pins(pins=listed)
    if locked.pins != listed:
        raise EncodingError(f"{_WHAT} is not sorted by name", hint="sort its [[repository]] tables by name")
    return locked


def serialize_lock(pins: Pins) -> bytes:
    """The lock file of these pins. Every text in it is hex or a canonical name, so nothing needs an escape."""
    return "\n".join(["version = 1\n", *map(_table, pins.pins)]).encode("ascii")


def _table(pin: Pin) -> str:
    owners = ", ".join(f'"{owner.hex()}"' for owner in pin.owners)
    lines = [
        "[[repository]]",
        f'name = "{pin.name}"',
        f'network = "{display(pin.network)}"',
        *([] if pin.challenge is None else [f'challenge = "{pin.challenge}"']),
        f'genesis = "{display(pin.genesis)}"',
        f"owners = [{owners}]",
        f"height = {pin.height}",
        f'block = "{display(pin.block)}"',
    ]
    return "\n".join(lines) + "\n"
