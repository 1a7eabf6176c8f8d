"""BIP32 extended keys, read strictly.

bip32utils accepts most of the invalid keys of BIP32's test vector 5, so nothing reaches it that did not pass here.
"""

from dataclasses import dataclass, field

from bitcoin.base58 import Base58Error
from bitcoin.base58 import decode as base58_decode
from bitcoin.base58 import encode as base58_encode
from bitcoin.core import Hash
from coincurve import PublicKey

from wallet.errors import EncodingError

HARDENED = 0x80000000
"""Added to the number of a child that only the private key can derive."""

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

_PUBLIC = (bytes.fromhex("0488b21e"), bytes.fromhex("043587cf"))
_PRIVATE = (bytes.fromhex("0488ade4"), bytes.fromhex("04358394"))
_LENGTH = 78
_MAX_TEXT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedKey:
    """The fields of an xpub, xprv, tpub or tprv. `key` is 33 bytes: a compressed point, or 00 and the scalar.

    `parent` is the fingerprint of the parent's key, `child` the number under which the parent derived this one.
    """

    version: bytes
    depth: int
    parent: bytes
    child: int
    chain_code: bytes = field(repr=False)
    key: bytes = field(repr=False)

    @property
    def is_private(self) -> bool:
        """Whether `key` is secret."""
        return self.version in _PRIVATE

    @property
    def is_mainnet(self) -> bool:
        """Whether the version bytes are mainnet's; all test networks share the others."""
        return self.version in (_PUBLIC[0], _PRIVATE[0])

    @classmethod
    def parse(cls, text: str) -> "ExtendedKey":
        """Reads Base58Check text. Raises EncodingError for everything that BIP32 calls invalid."""
        raw = _decode(text)
        extended = cls(
            version=raw[:4],
            depth=raw[4],
            parent=raw[5:9],
            child=int.from_bytes(raw[9:13], "big"),
            chain_code=raw[13:45],
            key=raw[45:],
        )
        extended._check()
        return extended

    def __str__(self) -> str:
        """Base58Check. Of a private key this is the secret itself."""
        raw = b"".join(
            (
                self.version,
                bytes((self.depth,)),
                self.parent,
                self.child.to_bytes(4, "big"),
                self.chain_code,
                self.key,
            )
        )
        return str(base58_encode(raw + Hash(raw)[:4]))

    def _check(self) -> None:
        if self.version not in _PUBLIC + _PRIVATE:
            raise EncodingError("an extended key of an unknown version", hint="expected xpub, tpub, xprv or tprv")
        if self.depth == 0 and (self.parent != bytes(4) or self.child != 0):
            raise EncodingError("an extended key of depth 0 that claims to have a parent")
        if self.is_private:
            if self.key[0] != 0 or not 1 <= int.from_bytes(self.key[1:], "big") < CURVE_ORDER:
                raise EncodingError("an extended private key whose secret is out of range")
        elif not is_point(self.key):
            raise EncodingError("an extended public key that is no point of the curve")


def is_point(key: bytes) -> bool:
    """Whether 33 bytes are a compressed point of secp256k1."""
    if len(key) != 33 or key[0] not in (2, 3):
        return False
    try:
        PublicKey(key)
    except ValueError:
        return False
    return True


def _decode(text: str) -> bytes:
    if len(text) <= _MAX_TEXT:
        try:
            raw = bytes(base58_decode(text))
        except (Base58Error, ValueError):
            raw = b""
        if len(raw) == _LENGTH + 4 and Hash(raw[:-4])[:4] == raw[-4:]:
            return raw[:-4]
    raise EncodingError("not an extended key", hint="a character is mistyped or missing")
