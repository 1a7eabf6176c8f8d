"""What the two sides of a sale keep for the time after it: the seller the buyer's bid, the buyer what was handed over.

What these documents say is not this layer's business. What was handed over is encrypted to a key that follows from the
recovery words, so the database holds no secret in the clear.
"""

from dataclasses import dataclass

from wallet.hashes import Txid
from wallet.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedSecret:
    """A secret that was handed to this wallet, still encrypted.

    It is about `subject` (a genesis' txid) and for the key that belongs to `script`; `id` are 8 bytes that name it.
    """

    subject: Txid
    id: bytes
    script: bytes
    document: str


class HandoverStore:
    """The documents of completed sales in a wallet's database. Entries are never removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_bid(self, txid: Txid, package: bytes) -> None:
        """Keeps the bid that the transaction `txid` completes; one that is there already stays."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO accepted_bid (txid, package) VALUES (?, ?) ON CONFLICT (txid) DO NOTHING", (txid, package)
            )

    def bid(self, txid: Txid) -> bytes | None:
        """The bid that a transaction completes, or None."""
        with self._database.snapshot() as connection:
            row = connection.execute("SELECT package FROM accepted_bid WHERE txid = ?", (txid,)).fetchone()
        return None if row is None else bytes(row[0])

    def mark_handed(self, txid: Txid) -> None:
        """The seller handed over what belongs to a sale."""
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO handed_over (txid) VALUES (?) ON CONFLICT (txid) DO NOTHING", (txid,))

    def handed(self) -> tuple[tuple[Txid, bytes], ...]:
        """The sales after which something was handed over, each with the bid that was kept."""
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT accepted_bid.txid, package FROM accepted_bid JOIN handed_over "
                "ON accepted_bid.txid = handed_over.txid ORDER BY accepted_bid.txid"
            ).fetchall()
        return tuple((Txid(bytes(txid)), bytes(package)) for txid, package in rows)

    def unhanded(self) -> tuple[tuple[Txid, bytes], ...]:
        """The sales whose bid is kept and for which nothing was handed over yet, each with the bid."""
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT txid, package FROM accepted_bid WHERE txid NOT IN (SELECT txid FROM handed_over) ORDER BY txid"
            ).fetchall()
        return tuple((Txid(bytes(txid)), bytes(package)) for txid, package in rows)

    def keep_secret(self, secret: HandedSecret) -> None:
        """Keeps a secret; the same one again changes nothing."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO handed_secret (subject, id, script, document) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (subject, id) DO NOTHING",
                (secret.subject, secret.id, secret.script, secret.document),
            )

    def secrets(self) -> tuple[HandedSecret, ...]:
        """Every secret that was handed to this wallet, by repository and id."""
        with self._database.snapshot() as connection:
            rows = connection.execute(
                "SELECT subject, id, script, document FROM handed_secret ORDER BY subject, id"
            ).fetchall()
        return tuple(
            HandedSecret(subject=Txid(bytes(subject)), id=bytes(id_), script=bytes(script), document=document)
            for subject, id_, script, document in rows
        )
