"""The hashes of a wallet's keys, derived once: public data, which anybody who has the extended public keys can derive.

Kept chain by chain under the extended public key that they derive from, each chain with a checksum over both, so that
another wallet's rows, rows of another version, and damaged ones are as good as none.
"""

from contextlib import suppress

from wallet.errors import StoreError
from wallet.hashes import sha256
from wallet.keys.own_scripts import HASH_BYTES
from wallet.store.database import Database

_TAG = b"dockchains key hashes 1\0"
"""Stands for the way of derivation; another way is another number."""


class KeptHashStore:
    """Implements `KeptHashes` in the wallet's own database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, xpub: str, chain: int) -> bytes:
        """The hashes of the first keys of a chain, 20 bytes each; empty where none are kept, or they are not whole."""
        with self._database.snapshot() as connection:
            row = connection.execute(
                "SELECT hashes, checksum FROM key_hashes WHERE xpub = ? AND chain = ?", (xpub, chain)
            ).fetchone()
        hashes, checksum = row or (b"", b"")
        whole = (
            isinstance(hashes, bytes) and not len(hashes) % HASH_BYTES and checksum == _checksum(xpub, chain, hashes)
        )
        return hashes if whole else b""

    def write(self, xpub: str, chain: int, hashes: bytes) -> None:
        """Keeps them. A full disk, or another process that writes, only means that they are derived again."""
        with suppress(StoreError), self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO key_hashes (xpub, chain, hashes, checksum) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (xpub, chain) DO UPDATE SET hashes = excluded.hashes, checksum = excluded.checksum",
                (xpub, chain, hashes, _checksum(xpub, chain, hashes)),
            )


def _checksum(xpub: str, chain: int, hashes: bytes) -> bytes:
    """An extended public key is of one length, so that no two inputs are written alike."""
    return sha256(_TAG + f"{xpub} {chain} ".encode() + hashes)
