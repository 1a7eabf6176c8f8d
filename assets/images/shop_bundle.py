"""What a shop runs from: the keys of its lots and nothing above them (FORMATS, bundles).

A stolen bundle loses the lots in it, at most. No other key can be computed from those keys, since each is hardened.
"""

from dataclasses import dataclass, field
from typing import Literal, Self

import msgspec
from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.images.bundle_shape import bundle_shape
from assets.images.canonical import Json, encode
from assets.images.definition import parse_challenge
from assets.images.offer import Ask, Sells, parse_script
from assets.remedies import ImageRemedy
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, display, outpoint_text, parse_block_hash, parse_outpoint
from wallet.network import Network

KIND = "shop"
_WHAT = "the shop's bundle"


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledLot:
    """A lot with its key (32 secret bytes, never shown) and the listing that offers it."""

    outpoint: COutPoint
    quantity: int
    script: CScript
    key: bytes = field(repr=False)
    ask: Ask

    def __post_init__(self) -> None:
        where = f"the lot {outpoint_text(self.outpoint)}"
        if self.ask.sells is not Sells.ACCESS:
            raise EncodingError(f"{where} is listed as a title, and a shop never holds one")
        if len(self.ask.coins) != 1 or self.ask.coins[0].outpoint != self.outpoint:
            raise EncodingError(f"{where} has a listing for other coins")
        if self.ask.coins[0].quantity != self.quantity:
            raise EncodingError(f"{where} has a listing for another quantity")
        if len(self.key) != 32:
            raise EncodingError(f"{where} has no key of 32 bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopBundle:
    """The lots of a shop. `network` is block 0, with `challenge` on signet; all prices go to `pay_to`."""

    network: BlockHash
    challenge: str | None = None
    lots: tuple[BundledLot, ...]
    pay_to: CScript

    def __post_init__(self) -> None:
        if not self.lots:
            raise EncodingError("a shop's bundle without lots")
        if len({lot.outpoint for lot in self.lots}) != len(self.lots):
            raise EncodingError("a shop's bundle that names a lot twice")
        for lot in self.lots:
            if (lot.ask.network, lot.ask.challenge) != (self.network, self.challenge):
                raise EncodingError(f"the lot {outpoint_text(lot.outpoint)} is listed on another network")
            if lot.ask.pay_to != self.pay_to:
                raise EncodingError(f"the listing of {outpoint_text(lot.outpoint)} pays somebody else")

    def is_on(self, network: Network) -> bool:
        """Whether it is for this network."""
        return (self.network, self.challenge) == (network.genesis, network.challenge)

    def serialize(self) -> bytes:
        """Canonical JSON. It holds keys: write it where nobody else can read it."""
        document: dict[str, Json] = {
            "kind": KIND,
            "v": 1,
            "network": display(self.network),
            "lots": [_lot_document(lot) for lot in self.lots],
            "pay_to": self.pay_to.hex(),
        }
        return encode(document if self.challenge is None else {**document, "challenge": self.challenge})

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """The inverse of `serialize`; one final line feed is forgiven. Raises EncodingError, without any key in it."""
        shape = bundle_shape(document, _BundleShape, what=_WHAT, hint=ImageRemedy.EXPORT_SHOP.of())
        return cls(
            network=parse_block_hash(shape.network),
            challenge=None if isinstance(shape.challenge, msgspec.UnsetType) else parse_challenge(shape.challenge),
            lots=tuple(_lot(lot) for lot in shape.lots),
            pay_to=parse_script(shape.pay_to),
        )


class _LotShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outpoint: str
    quantity: int
    script: str
    key: str
    ask: dict[str, object]


class _BundleShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Literal["shop"]
    v: Literal[1]
    network: str
    lots: tuple[_LotShape, ...]
    pay_to: str
    challenge: str | msgspec.UnsetType = msgspec.UNSET


def _lot_document(lot: BundledLot) -> dict[str, Json]:
    return {
        "outpoint": outpoint_text(lot.outpoint),
        "quantity": lot.quantity,
        "script": lot.script.hex(),
        "key": lot.key.hex(),
        "ask": lot.ask.document(),
    }


def _lot(shape: _LotShape) -> BundledLot:
    outpoint = parse_outpoint(shape.outpoint)
    return BundledLot(
        outpoint=outpoint,
        quantity=shape.quantity,
        script=parse_script(shape.script),
        key=_key(shape.key, outpoint),
        ask=Ask.of(shape.ask),
    )


def _key(text: str, outpoint: COutPoint) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32 or raw.hex() != text:
        raise EncodingError(f"the lot {outpoint_text(outpoint)} has a malformed key", hint="export the bundle again")
    return raw
