"""Transactions that were drafted here and wait for signatures that are made elsewhere, with keys that lie cold.

Each holds its coins by a reservation for a time, so that nothing else spends them while somebody carries the PSBT.
"""

from dataclasses import dataclass
from typing import Any

from bitcoin.core import CTransaction

from wallet.hashes import Txid, display, parse_txid, txid_of
from wallet.store.database import Database
from wallet.store.reservations import Reservations

_OWNER = "psbt "


def owner_of(txid: Txid) -> str:
    """Who holds the coins of a draft, as reservations name it."""
    return f"{_OWNER}{display(txid)}"


def drafted_by(owner: str) -> Txid | None:
    """The draft that holds a coin, by the name of the reservation's owner; None where somebody else does."""
    return parse_txid(owner.removeprefix(_OWNER)) if owner.startswith(_OWNER) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdDraft:
    """An unsigned transaction and what it is for.

    `kind`, `genesis` and `summary` are what the journal will say of it; `units` is JSON of the units that it is meant
    to move. `replaces` is the transaction of ours that gives way to it, if there is one. `created` and `expiry` are
    unix seconds: after `expiry` its coins are free for others again.
    """

    tx: CTransaction
    kind: str
    genesis: Txid | None
    summary: str
    units: str
    created: int
    expiry: int
    replaces: Txid | None = None

    @property
    def txid(self) -> Txid:
        """Final already, since every input is segwit."""
        return txid_of(self.tx)

    @property
    def owner(self) -> str:
        """Who its coins are reserved for."""
        return owner_of(self.txid)


class ColdDrafts:
    """The drafts in a wallet's database that wait for signatures."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reservations = Reservations(database)

    def put(self, draft: ColdDraft) -> None:
        """Remembers a draft and reserves its coins, both or neither. Raises BusyError where one is reserved."""
        with self._database.transaction() as connection:
            self._reservations.reserve(
                [txin.prevout for txin in draft.tx.vin], draft.owner, now=draft.created, expiry=draft.expiry
            )
            connection.execute(
                "INSERT INTO cold_draft (txid, raw, kind, genesis, summary, units, created, expiry, replaces) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (txid) DO UPDATE "
                "SET created = excluded.created, expiry = excluded.expiry, replaces = excluded.replaces",
                (
                    draft.txid,
                    draft.tx.serialize(),
                    draft.kind,
                    draft.genesis,
                    draft.summary,
                    draft.units,
                    draft.created,
                    draft.expiry,
                    draft.replaces,
                ),
            )

    def entry(self, txid: Txid) -> ColdDraft | None:
        """The draft with this txid, or None."""
        found = self._select("WHERE txid = ?", (txid,))
        return found[0] if found else None

    def entries(self) -> tuple[ColdDraft, ...]:
        """All that wait, oldest first, also those whose coins are free again."""
        return self._select("ORDER BY created, txid", ())

    def remove(self, txid: Txid) -> None:
        """Forgets a draft and frees what is still reserved for it, both in one breath. No change where it is gone."""
        with self._database.transaction() as connection:
            self._reservations.release(owner_of(txid))
            connection.execute("DELETE FROM cold_draft WHERE txid = ?", (txid,))

    def _select(self, condition: str, parameters: tuple[object, ...]) -> tuple[ColdDraft, ...]:
        columns = "raw, kind, genesis, summary, units, created, expiry, replaces"
        with self._database.snapshot() as connection:
            rows = connection.execute(f"SELECT {columns} FROM cold_draft {condition}", parameters).fetchall()  # noqa: S608
        return tuple(_draft(row) for row in rows)


def _draft(row: tuple[Any, ...]) -> ColdDraft:
    raw, kind, genesis, summary, units, created, expiry, replaces = row
    return ColdDraft(
        tx=CTransaction.deserialize(raw),
        kind=kind,
        genesis=None if genesis is None else Txid(bytes(genesis)),
        summary=summary,
        units=units,
        created=created,
        expiry=expiry,
        replaces=None if replaces is None else Txid(bytes(replaces)),
    )
