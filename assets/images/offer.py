"""Asks: signed listings of a title or of access units (FORMATS, ask).

An ask is no transaction and no signature on money: it commits nobody. It names the coins that are for sale, so that
anything that moves one of them ends it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, Self

import msgspec
from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.images.canonical import DOCUMENT_LIMIT, Json, convert, decode, encode
from assets.images.definition import parse_challenge
from assets.images.digest import Digest
from assets.images.origin import parse_origin
from assets.images.pin import require_version
from assets.images.service_url import parse_service_url
from assets.model import MAX_ACCESS_UNITS
from wallet.amount import MAX_MONEY, Sats
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, Txid, display, outpoint_text, parse_block_hash, parse_outpoint, parse_txid, sha256
from wallet.network import Network

MAX_COINS = 100
"""Coins of one ask: more would not fit beside their signatures into what nodes relay, by a wide margin."""

MAX_EXPIRY = 499_999_999
"""The largest block height that Bitcoin's lock times know."""

MAX_SIGNATURE = 1_000
_MAX_SCRIPT = 42
"""Bytes of the largest witness program's script (BIP141); legacy scripts are shorter."""


class Sells(StrEnum):
    """What an ask is for. Lots that lie at a shop are no treasury."""

    TITLE = "title"
    TITLE_AND_TREASURY = "title+treasury"
    ACCESS = "access"

    @property
    def has_title(self) -> bool:
        """Whether the buyer becomes the owner of the repository."""
        return self is not Sells.ACCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedCoin:
    """A coin for sale: how many units it holds, and its sats."""

    outpoint: COutPoint
    quantity: int
    value: Sats


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A listing. The title, where it is for sale, is the first coin.

    `network` is block 0, with `challenge` on signet. `price` in sats is paid on top of the coins' own value, both to
    `pay_to`. From height `expires` on it is void. `terms` is the digest of a text, `gate` an origin, `bids_to` the URL
    of a shop. `signature` (BIP322 simple) is by the script that holds the first coin; empty until it is signed.
    """

    network: BlockHash
    challenge: str | None = None
    genesis: Txid
    sells: Sells
    coins: tuple[OfferedCoin, ...]
    price: Sats
    pay_to: CScript
    expires: int
    terms: Digest | None = None
    gate: str | None = None
    bids_to: str | None = None
    signature: str = ""

    def __post_init__(self) -> None:
        _check_coins(self.sells, self.coins)
        if not 1 <= self.price <= MAX_MONEY - self.value:
            raise EncodingError(f"an ask with an impossible price: {self.price} sat", hint="at least 1 sat")
        if not 1 <= self.expires <= MAX_EXPIRY:
            raise EncodingError(f"an ask that expires at an impossible height: {self.expires}")
        if not 2 <= len(self.pay_to) <= _MAX_SCRIPT:
            raise EncodingError("an ask that pays to no script", hint="expected the script of a Bitcoin address")
        if len(self.signature) > MAX_SIGNATURE or not self.signature.isascii():
            raise EncodingError("an ask with an impossible signature", hint="expected BIP322's simple form in base64")

    @property
    def value(self) -> Sats:
        """The sats that the coins themselves hold."""
        return Sats(sum(coin.value for coin in self.coins))

    @property
    def payment(self) -> Sats:
        """What the buyer pays to the seller: the price and the coins' own sats."""
        return Sats(self.price + self.value)

    @property
    def units(self) -> int:
        """The access units that are for sale."""
        return sum(coin.quantity for coin in self.coins) - int(self.sells.has_title)

    @property
    def outpoints(self) -> tuple[COutPoint, ...]:
        """The coins for sale."""
        return tuple(coin.outpoint for coin in self.coins)

    @property
    def id(self) -> bytes:
        """sha256 of the canonical JSON without the signature: 32 bytes."""
        return sha256(encode(self._document()))

    @property
    def text(self) -> str:
        """What the seller signs."""
        return "\n".join(("dockchains ask 1", f"network: {display(self.network)}", f"ask: {self.id.hex()}"))

    def is_on(self, network: Network) -> bool:
        """Whether it is for this network."""
        return (self.network, self.challenge) == (network.genesis, network.challenge)

    def signed(self, signature: str) -> Self:
        """The same with its signature."""
        return replace(self, signature=signature)

    def document(self) -> dict[str, Json]:
        """The fields as documents have them."""
        return {**self._document(), "signature": self.signature}

    def serialize(self) -> bytes:
        """Canonical JSON."""
        return encode(self.document())

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """The inverse of `serialize`. Raises EncodingError for anything else. The signature is not verified here."""
        return cls.of(decode(document, limit=DOCUMENT_LIMIT, what=_WHAT))

    @classmethod
    def of(cls, value: object) -> Self:
        """An ask from an object of canonical JSON. Raises EncodingError."""
        require_version(value, key="v", what=_WHAT)
        shape = convert(value, _AskShape, what=_WHAT)
        return cls(
            network=parse_block_hash(shape.network),
            challenge=None if isinstance(shape.challenge, msgspec.UnsetType) else parse_challenge(shape.challenge),
            genesis=parse_txid(shape.genesis),
            sells=shape.sells,
            coins=tuple(_coin(coin) for coin in shape.coins),
            price=Sats(shape.price),
            pay_to=parse_script(shape.pay_to),
            expires=shape.expires,
            terms=None if isinstance(shape.terms, msgspec.UnsetType) else Digest.parse(shape.terms),
            gate=None if isinstance(shape.gate, msgspec.UnsetType) else parse_origin(shape.gate),
            bids_to=None if isinstance(shape.bids_to, msgspec.UnsetType) else parse_service_url(shape.bids_to),
            signature=shape.signature,
        )

    def _document(self) -> dict[str, Json]:
        optional = {
            "challenge": self.challenge,
            "terms": None if self.terms is None else str(self.terms),
            "gate": self.gate,
            "bids_to": self.bids_to,
        }
        return {
            "v": 1,
            "network": display(self.network),
            "genesis": display(self.genesis),
            "sells": self.sells.value,
            "coins": [
                {"outpoint": outpoint_text(coin.outpoint), "quantity": coin.quantity, "value": coin.value}
                for coin in self.coins
            ],
            "price": self.price,
            "pay_to": self.pay_to.hex(),
            "expires": self.expires,
            **{key: value for key, value in optional.items() if value is not None},
        }


_WHAT = "the ask"


class _CoinShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outpoint: str
    quantity: int
    value: int


class _AskShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: Literal[1]
    network: str
    genesis: str
    sells: Sells
    coins: tuple[_CoinShape, ...]
    price: int
    pay_to: str
    expires: int
    signature: str
    challenge: str | msgspec.UnsetType = msgspec.UNSET
    terms: str | msgspec.UnsetType = msgspec.UNSET
    gate: str | msgspec.UnsetType = msgspec.UNSET
    bids_to: str | msgspec.UnsetType = msgspec.UNSET


def _coin(shape: _CoinShape) -> OfferedCoin:
    return OfferedCoin(outpoint=parse_outpoint(shape.outpoint), quantity=shape.quantity, value=Sats(shape.value))


def _check_coins(sells: Sells, coins: tuple[OfferedCoin, ...]) -> None:
    if not 1 <= len(coins) <= MAX_COINS:
        raise EncodingError(f"an ask for {len(coins)} coins", hint=f"from 1 to {MAX_COINS}")
    if len({coin.outpoint for coin in coins}) != len(coins):
        raise EncodingError("an ask that names a coin twice", hint="name each coin once")
    if any(coin.quantity < 1 for coin in coins) or sum(coin.quantity for coin in coins) > MAX_ACCESS_UNITS + 1:
        raise EncodingError("an ask with an impossible number of units", hint="at least 1 in each coin")
    if any(not 0 <= coin.value <= MAX_MONEY for coin in coins) or sum(coin.value for coin in coins) > MAX_MONEY:
        raise EncodingError("an ask with a coin of an impossible value", hint="expected its satoshi")
    if sells.has_title and coins[0].quantity != 1:
        raise EncodingError("an ask for a title whose first coin is no title", hint="a title is one unit")
    if (sells is Sells.TITLE) != (sells.has_title and len(coins) == 1):
        raise EncodingError(f"an ask for a {sells} with {len(coins)} coins", hint="the title alone is one coin")


def parse_script(text: str) -> CScript:
    """A script in lower-case hex. Raises EncodingError."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if not raw or raw.hex() != text:
        raise EncodingError(f"not a script: {text[:80]!a}", hint="expected lower-case hexadecimal digits in pairs")
    return CScript(raw)
