"""Secrets of a wallet that sign nothing: a port, and its implementation over the recovery words.

They are apart from the signer, so that a hardware signer, which never gives a seed away, can stand beside a store that
keeps secrets in another way.
"""

from typing import NoReturn, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES = 32


class SecretStore(Protocol):
    """Gives out secrets by what they are for; the same question always has the same answer."""

    def derive(self, *, salt: bytes, info: bytes) -> bytes:
        """32 secret bytes that nobody without the wallet can compute."""


class SeedSecrets:
    """Implements `SecretStore` by HKDF-SHA256 (RFC 5869) over a BIP39 seed, so that the words alone restore it.

    Neither printable nor picklable.
    """

    __slots__ = ("_seed",)

    def __init__(self, seed: bytes) -> None:
        self._seed = seed

    def derive(self, *, salt: bytes, info: bytes) -> bytes:
        """32 secret bytes."""
        return HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=salt, info=info).derive(self._seed)

    def __repr__(self) -> str:
        return "SeedSecrets()"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("secrets are not pickled")
