"""Bids: what a buyer hands to a seller (FORMATS, bid).

A bid is a whole transaction, signed by the buyer for everything that the buyer adds, and beside it a small signed
document. Both travel together as one canonical JSON object, `{bid, psbt}`.
"""

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Literal, Self

import msgspec

from assets.images.canonical import DOCUMENT_LIMIT, Json, convert, decode, encode
from assets.images.offer import MAX_EXPIRY, MAX_SIGNATURE
from assets.images.pin import require_version
from assets.images.recipient_key import RecipientKey
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, Txid, display, sha256

PACKAGE_LIMIT = 256 * 1024
"""Bytes of a bid together with its transaction."""

_WHAT = "the bid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """The document beside a bid's transaction.

    `ask` is the id of the ask that it answers, 32 bytes. From height `expires` on it is void. `secret_to` is where the
    repository's secret is to be sent after the sale, where there is one. `signature` (BIP322 simple) is by the script
    that receives the units; empty until it is signed.
    """

    ask: bytes
    expires: int
    secret_to: RecipientKey | None = None
    signature: str = ""

    def __post_init__(self) -> None:
        if len(self.ask) != 32:
            raise EncodingError("a bid that answers no ask", hint="expected 64 hexadecimal digits")
        if not 1 <= self.expires <= MAX_EXPIRY:
            raise EncodingError(f"a bid that expires at an impossible height: {self.expires}")
        if len(self.signature) > MAX_SIGNATURE or not self.signature.isascii():
            raise EncodingError("a bid with an impossible signature", hint="expected BIP322's simple form in base64")

    def text(self, network: BlockHash, txid: Txid) -> str:
        """What the buyer signs: this bid for this transaction and no other. `network` is block 0."""
        return "\n".join(
            (
                "dockchains bid 1",
                f"network: {display(network)}",
                f"ask: {self.ask.hex()}",
                f"txid: {display(txid)}",
                f"expires: {self.expires}",
                f"secret_to: {'-' if self.secret_to is None else self.secret_to.hash.hex()}",
            )
        )

    @property
    def id(self) -> bytes:
        """sha256 of the canonical JSON, signature included: 32 bytes."""
        return sha256(self.serialize())

    def signed(self, signature: str) -> Self:
        """The same with its signature."""
        return replace(self, signature=signature)

    def document(self) -> dict[str, Json]:
        """The fields as documents have them."""
        fields: dict[str, Json] = {
            "v": 1,
            "ask": self.ask.hex(),
            "expires": self.expires,
            "signature": self.signature,
        }
        return fields if self.secret_to is None else {**fields, "secret_to": self.secret_to.document()}

    def serialize(self) -> bytes:
        """Canonical JSON."""
        return encode(self.document())

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """The inverse of `serialize`. Raises EncodingError for anything else. The signature is not verified here."""
        return cls.of(decode(document, limit=DOCUMENT_LIMIT, what=_WHAT))

    @classmethod
    def of(cls, value: object) -> Self:
        """A bid from an object of canonical JSON. Raises EncodingError."""
        require_version(value, key="v", what=_WHAT)
        shape = convert(value, _BidShape, what=_WHAT)
        key = None if isinstance(shape.secret_to, msgspec.UnsetType) else RecipientKey.of(shape.secret_to)
        return cls(ask=parse_id(shape.ask), expires=shape.expires, secret_to=key, signature=shape.signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class BidPackage:
    """A bid and its transaction (a PSBT, version 0), as they travel by file, by paste and over HTTP."""

    bid: Bid
    psbt: bytes

    def serialize(self) -> bytes:
        """Canonical JSON."""
        return encode({"bid": self.bid.document(), "psbt": base64.b64encode(self.psbt).decode("ascii")})

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """The inverse of `serialize`; white space around it is forgiven. Raises EncodingError."""
        shape = convert(decode(document.strip(), limit=PACKAGE_LIMIT, what=_WHAT), _PackageShape, what=_WHAT)
        bid = Bid.of(shape.bid)
        if len(bid.serialize()) > DOCUMENT_LIMIT:
            raise EncodingError(f"{_WHAT} has more than {DOCUMENT_LIMIT} bytes", hint="make it smaller")
        return cls(bid=bid, psbt=_psbt(shape.psbt))


class _BidShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: Literal[1]
    ask: str
    expires: int
    signature: str
    secret_to: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


class _PackageShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bid: dict[str, object]
    psbt: str


def parse_id(text: str) -> bytes:
    """The id of an ask or a bid: 64 lower-case hexadecimal digits. Raises EncodingError."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32 or raw.hex() != text:
        raise EncodingError(f"not the id of an ask or a bid: {text[:80]!a}", hint="expected 64 hexadecimal digits")
    return raw


def _psbt(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw or base64.b64encode(raw).decode("ascii") != text:
        raise EncodingError("the bid's transaction is not base64", hint="copy the bid once more, whole")
    return raw
