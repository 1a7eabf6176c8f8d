"""Keys for the content of sealed images.

The repository secret comes from the owner's recovery words, a content key from the secret, and an image's layer keys
are wrapped to a P-256 key that the content key names. One content key serves a released digest with all its
platforms, so that a new holder changes no digest: the key is handed to the holder, and the image stays as it is.
"""

import re
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assets.images.digest import Digest
from wallet.errors import EncodingError
from wallet.hashes import Txid, sha256
from wallet.secret_store import SECRET_BYTES, SecretStore

MAX_NUMBER = 255
"""Epochs and generations are one byte, from 1 on."""

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ContentKey:
    """32 bytes that open one sealed image, whoever has them."""

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _require_secret(self.value, "content key")

    @classmethod
    def parse(cls, text: str) -> "ContentKey":
        """A key from 64 lower-case hexadecimal digits. Raises EncodingError, which does not show what was given."""
        if not _HEX.fullmatch(text):
            raise EncodingError("not a content key", hint="expected 64 lower-case hexadecimal digits")
        return cls(bytes.fromhex(text))

    @property
    def commitment(self) -> bytes:
        """sha256 of the key: what the encrypted manifest commits to, so that a wrong key can be proven."""
        return sha256(self.value)

    def derive(self, layer: Digest, size: int) -> bytes:
        """Secret bytes for one layer of the image, by its plain digest.

        The same layer has the same ones, so that sealing again after an interruption gives the same ciphertext; no two
        layers, images or generations do.
        """
        return HKDF(SHA256(), size, salt=layer.raw, info=b"dockchains layer 1").derive(self.value)

    @property
    def scalar(self) -> int:
        """The private P-256 scalar that layer keys are wrapped to: 1 + (key mod (n - 1)), never zero."""
        return 1 + int.from_bytes(self.value, "big") % (P256_ORDER - 1)


def content_keys_of(scalar: int) -> tuple[ContentKey, ...]:
    """The one or two keys that name a P-256 scalar: 256 bits hold a few numbers that are n - 1 apart."""
    smallest = scalar - 1
    return tuple(
        ContentKey(number.to_bytes(SECRET_BYTES, "big"))
        for number in (smallest, smallest + P256_ORDER - 1)
        if number < 1 << 8 * SECRET_BYTES
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositorySecret:
    """The secret of one repository's owner in one epoch, from which all content keys of that time follow."""

    genesis: Txid
    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _require_secret(self.value, "repository secret")

    @property
    def id(self) -> bytes:
        """8 bytes that name the secret without giving it away."""
        return sha256(self.value)[:8]

    def content_key(self, digest: Digest, generation: int = 1) -> ContentKey:
        """The key for the plaintext digest that a RELEASE binds.

        A later generation is another key for the same image, for after a leak. Raises EncodingError.
        """
        info = b"dockchains content 1\x00" + digest.raw + _numbered(generation, "generation")
        return ContentKey(HKDF(SHA256(), SECRET_BYTES, salt=self.genesis, info=info).derive(self.value))


def repository_secret(secrets: SecretStore, genesis: Txid, epoch: int = 1) -> RepositorySecret:
    """The wallet's secret for a repository. Raises EncodingError for an epoch out of range."""
    info = b"dockchains repository 1\x00" + _numbered(epoch, "epoch")
    return RepositorySecret(genesis=genesis, value=secrets.derive(salt=genesis, info=info))


def secret_with_id(secrets: SecretStore, genesis: Txid, wanted: bytes) -> RepositorySecret | None:
    """The wallet's secret that has an id, of whatever epoch; None where it is somebody else's."""
    for epoch in range(1, MAX_NUMBER + 1):
        secret = repository_secret(secrets, genesis, epoch)
        if secret.id == wanted:
            return secret
    return None


def _numbered(number: int, what: str) -> bytes:
    if not 1 <= number <= MAX_NUMBER:
        raise EncodingError(f"the {what} is a number from 1 to {MAX_NUMBER}, not {number}")
    return bytes([number])


def _require_secret(value: bytes, what: str) -> None:
    if len(value) != SECRET_BYTES:
        raise EncodingError(f"a {what} has {SECRET_BYTES} bytes, not {len(value)}")
