"""Lock files: pins that a project keeps beside its code, in TOML, read only where a person names the file."""

from typing import Literal

import msgspec

from assets.images.canonical import convert
from assets.images.pin import Pin, Pins, PinShape, pins_of, require_version
from wallet.documents import read_toml
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
    value = read_toml(document, what=_WHAT)
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
