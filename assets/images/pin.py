"""Pins: the user's own record of which genesis speaks for a name, and by whose keys.

A pin is taken once, by a person's decision, and never changes by itself. It is what exit 0 of a verification rests on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, Self

import msgspec
from bitcoin.core.script import CScript

from assets.errors import TrustError
from assets.images.canonical import FILE_LIMIT, Json, convert, decode, encode
from assets.images.definition import parse_challenge
from assets.images.name import is_canonical_name
from assets.remedies import ImageRemedy
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, Txid, display, parse_block_hash, parse_txid
from wallet.network import Network, network_of

MAX_HEIGHT = 2**31 - 1
MAX_SCRIPT_BYTES = 10_000
"""The largest script that Bitcoin can spend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A genesis that speaks for a name, as long as these owners hold its title.

    `network` is block 0, with `challenge` on signet. `owners` are the accepted owners' scripts, at least one, the
    first one accepted first. `height` and `block` are where the genesis was seen.
    """

    name: str
    network: BlockHash
    challenge: str | None = None
    genesis: Txid
    owners: tuple[CScript, ...]
    height: int
    block: BlockHash

    def __post_init__(self) -> None:
        where = f"the pin of {self.name[:100]!a}"
        if not is_canonical_name(self.name):
            raise EncodingError(f"not a canonical image name: {self.name[:100]!a}", hint="expected HOST/PATH")
        if not self.owners or len(set(self.owners)) != len(self.owners):
            raise EncodingError(f"{where} has no owner, or one twice", hint="at least one script, each once")
        if any(not 1 <= len(owner) <= MAX_SCRIPT_BYTES for owner in self.owners):
            raise EncodingError(f"{where} has an owner that is no script", hint="expected 1 to 10000 bytes in hex")
        if not 0 <= self.height <= MAX_HEIGHT:
            raise EncodingError(f"{where} has an impossible height", hint="expected the height of the genesis' block")

    def is_on(self, network: Network) -> bool:
        """Whether the pin is about this network."""
        return (self.network, self.challenge) == (network.genesis, network.challenge)

    def accepting(self, owner: CScript) -> Self:
        """The same with one more accepted owner, or itself."""
        return self if owner in self.owners else replace(self, owners=(*self.owners, owner))

    def document(self) -> dict[str, Json]:
        """The pin's fields as documents have them."""
        fields: dict[str, Json] = {
            "name": self.name,
            "network": display(self.network),
            "genesis": display(self.genesis),
            "owners": [owner.hex() for owner in self.owners],
            "height": self.height,
            "block": display(self.block),
        }
        return fields if self.challenge is None else {**fields, "challenge": self.challenge}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """Pins of one network, one for each name, sorted by name."""

    pins: tuple[Pin, ...] = ()

    def __post_init__(self) -> None:
        names = [pin.name for pin in self.pins]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise EncodingError(f"{twice} is pinned twice", hint="keep one pin for each name")
        if len({(pin.network, pin.challenge) for pin in self.pins}) > 1:
            raise EncodingError("pins of several networks in one file", hint="keep a file for each network")
        object.__setattr__(self, "pins", tuple(sorted(self.pins, key=lambda pin: pin.name)))

    def named(self, name: str) -> Pin | None:
        """The pin of a canonical name."""
        return next((pin for pin in self.pins if pin.name == name), None)

    def with_pin(self, pin: Pin) -> "Pins":
        """These with a pin, which replaces the one of the same name."""
        return Pins(pins=(*(old for old in self.pins if old.name != pin.name), pin))

    def without(self, name: str) -> "Pins":
        """These without the pin of a name. Raises TrustError where there is none."""
        if self.named(name) is None:
            raise TrustError(f"{name} is not pinned", hint=ImageRemedy.LIST_PINS.of())
        return Pins(pins=tuple(pin for pin in self.pins if pin.name != name))

    @property
    def network(self) -> Network | None:
        """The network that the pins are about; None where there is no pin.

        Raises EncodingError for one that this program does not know.
        """
        if not self.pins:
            return None
        known = network_of(self.pins[0].network, self.pins[0].challenge)
        if known is None:
            raise EncodingError("the pins are about an unknown network", hint="use a program that knows it")
        return known

    def require(self, network: Network) -> Self:
        """These, if all are about one network. Raises EncodingError that names the first that is not."""
        stranger = next((pin for pin in self.pins if not pin.is_on(network)), None)
        if stranger is not None:
            actual = network_of(stranger.network, stranger.challenge)
            raise EncodingError(
                f"{stranger.name} is pinned for {actual.name if actual else 'an unknown network'}, not {network.name}",
                hint="use the file of this network",
            )
        return self

    def serialize(self) -> bytes:
        """The pins file: canonical JSON, version 1."""
        return encode({"v": 1, "pins": [pin.document() for pin in self.pins]})

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """A pins file. Raises EncodingError for unknown keys or versions, duplicates, and what is not canonical."""
        what = "the pins file"
        value = decode(document, limit=FILE_LIMIT, what=what)
        require_version(value, key="v", what=what)
        shape = convert(value, _PinsShape, what=what)
        return cls(pins=pins_of(shape.pins))


class PinShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pin as a document has it, before its texts are read."""

    name: str
    network: str
    genesis: str
    owners: tuple[str, ...]
    height: int
    block: str
    challenge: str | msgspec.UnsetType = msgspec.UNSET


class _PinsShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: Literal[1]
    pins: tuple[PinShape, ...]


def pins_of(shapes: Iterable[PinShape]) -> tuple[Pin, ...]:
    """Pins from a document's. Raises EncodingError."""
    return tuple(_pin(shape) for shape in shapes)


def require_version(value: object, *, key: str, what: str) -> None:
    """Raise EncodingError that says so if a document states a version other than 1."""
    version = value.get(key) if isinstance(value, dict) else None
    if isinstance(version, int) and not isinstance(version, bool) and version != 1:
        raise EncodingError(f"{what} has version {version}, which is not known here", hint="use a newer program")


def _pin(shape: PinShape) -> Pin:
    challenge = None if isinstance(shape.challenge, msgspec.UnsetType) else parse_challenge(shape.challenge)
    return Pin(
        name=shape.name,
        network=parse_block_hash(shape.network),
        challenge=challenge,
        genesis=parse_txid(shape.genesis),
        owners=tuple(_script(owner) for owner in shape.owners),
        height=shape.height,
        block=parse_block_hash(shape.block),
    )


def _script(text: str) -> CScript:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if not raw or raw.hex() != text:
        raise EncodingError(f"not a script: {text[:80]!a}", hint="expected lower-case hexadecimal digits in pairs")
    return CScript(raw)
