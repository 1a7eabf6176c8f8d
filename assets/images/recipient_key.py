"""The key to which a repository's secret is handed over: a point on P-256, as a JWK (RFC 7517, RFC 7518, 6.2.1)."""

import base64
import binascii
from dataclasses import dataclass
from typing import Literal, Self

import msgspec

from assets.images.canonical import Json, convert, encode
from wallet.errors import EncodingError
from wallet.hashes import sha256

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
"""P-256 (FIPS 186-4, D.1.2.3): y^2 = x^3 - 3x + b over the integers modulo p."""

_WHAT = "the key for the repository secret"


class _JwkShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientKey:
    """A public key: the two coordinates of a point that lies on the curve."""

    x: int
    y: int

    def __post_init__(self) -> None:
        on_field = 0 <= self.x < _P and 0 <= self.y < _P
        if not on_field or (self.y * self.y - self.x**3 + 3 * self.x - _B) % _P:
            raise EncodingError(f"{_WHAT} is not on the curve P-256", hint="make the bid again")

    @classmethod
    def of(cls, value: object) -> Self:
        """A key from a JWK with exactly kty, crv, x and y. Raises EncodingError."""
        shape = convert(value, _JwkShape, what=_WHAT)
        return cls(x=_coordinate(shape.x), y=_coordinate(shape.y))

    def document(self) -> dict[str, Json]:
        """The JWK."""
        return {"kty": "EC", "crv": "P-256", "x": _text(self.x), "y": _text(self.y)}

    @property
    def hash(self) -> bytes:
        """sha256 of the JWK's canonical JSON."""
        return sha256(encode(self.document()))


def _text(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode("ascii")


def _coordinate(text: str) -> int:
    try:
        raw = base64.b64decode(text + "=", altchars=b"-_", validate=True) if len(text) == 43 else b""
    except (binascii.Error, ValueError):
        raw = b""
    number = int.from_bytes(raw, "big")
    if len(raw) != 32 or _text(number) != text:
        raise EncodingError(f"{_WHAT} has a bad coordinate", hint="expected 32 bytes as base64url without padding")
    return number
