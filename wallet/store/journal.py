"""Every transaction that this wallet ever signed, written down before anybody else sees it.

SIGNED becomes BROADCAST becomes CONFIRMED, and BROADCAST again where a reorganisation undoes the block. Before it
confirms it can be REPLACED by another transaction of ours, or ABANDONED by the user.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bitcoin.core import COutPoint, CTransaction

from wallet.errors import StateError
from wallet.hashes import BlockHash, Txid, display, txid_of
from wallet.remedies import WalletRemedy
from wallet.store.database import Database


class TxState(StrEnum):
    """How far a signed transaction has come."""

    SIGNED = "signed"
    BROADCAST = "broadcast"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"
    ABANDONED = "abandoned"


PENDING = (TxState.SIGNED, TxState.BROADCAST)
"""States of a transaction that may still confirm, and that is sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """A signed transaction and what became of it.

    `kind` is a word for people ("send", "release"); `genesis` the repository that it concerns; `summary` canonical
    JSON of what it was meant to do; `created` unix seconds; `height` and `block` are there while it is confirmed;
    `reason` is why the node refused it the last time, or empty. `untold` until whoever signed it was told that it was
    sent: they may believe that nothing came of it.
    """

    tx: CTransaction
    kind: str
    created: int
    genesis: Txid | None = None
    summary: str = "{}"
    state: TxState = TxState.SIGNED
    height: int | None = None
    block: BlockHash | None = None
    reason: str = ""
    replaced_by: Txid | None = None
    untold: bool = False

    @property
    def txid(self) -> Txid:
        """The transaction's id."""
        return txid_of(self.tx)


_COLUMNS = "raw, kind, created, genesis, summary, state, height, block, reason, replaced_by, untold"


class Journal:
    """The journal in a wallet's database. Entries are never removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def together(self) -> AbstractContextManager[object]:
        """What is written inside, here and in the other stores of this wallet, is written whole or not at all."""
        return self._database.transaction()

    def record(self, entry: JournalEntry, *, replaces: Txid | None = None) -> None:
        """Writes a signed transaction down, durably. The same one again is no change.

        The transaction that it `replaces` stops being sent in the same breath. Raises StateError where the same
        transaction is there with other signatures, or where the other one can no longer be replaced.
        """
        with self._database.transaction():
            self._insert(entry)
            if replaces is not None:
                self.mark_replaced(replaces, by=entry.txid)

    def _insert(self, entry: JournalEntry) -> None:
        with self._database.transaction() as connection:
            present = self.entry(entry.txid)
            if present is not None:
                if present.tx.serialize() != entry.tx.serialize():
                    raise StateError(f"{display(entry.txid)} is in the journal with other signatures")
                return
            connection.execute(
                f"INSERT INTO journal (txid, sequence, {_COLUMNS}) "  # noqa: S608
                "SELECT ?, COALESCE(MAX(sequence), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM journal",
                (
                    entry.txid,
                    entry.tx.serialize(),
                    entry.kind,
                    entry.created,
                    entry.genesis,
                    entry.summary,
                    entry.state.value,
                    entry.height,
                    entry.block,
                    entry.reason,
                    entry.replaced_by,
                    int(entry.untold),
                ),
            )

    def take_out(self, txid: Txid) -> None:
        """Forgets a signed transaction that the node would not have, right after it was signed: nobody else knows it.

        What it was to replace is sent again as before.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE journal SET state = ?, replaced_by = NULL WHERE replaced_by = ?",
                (TxState.BROADCAST.value, txid),
            )
            connection.execute("DELETE FROM journal WHERE txid = ? AND state = ?", (txid, TxState.SIGNED.value))

    def entry(self, txid: Txid) -> JournalEntry | None:
        """The entry of a transaction, or None."""
        found = self._select("WHERE txid = ?", (txid,))
        return found[0] if found else None

    def entries(self) -> tuple[JournalEntry, ...]:
        """All entries, oldest first."""
        return self._select("ORDER BY sequence", ())

    def unconfirmed(self) -> tuple[JournalEntry, ...]:
        """Those that may still confirm, oldest first, so that parents come before children."""
        return self._select("WHERE state IN (?, ?) ORDER BY sequence", tuple(state.value for state in PENDING))

    def replaced(self) -> tuple[JournalEntry, ...]:
        """Those that gave way to another one, oldest first. Miners may still take them."""
        return self._select("WHERE state = ? ORDER BY sequence", (TxState.REPLACED.value,))

    def abandoned(self) -> tuple[JournalEntry, ...]:
        """Those that were given up, oldest first."""
        return self._select("WHERE state = ? ORDER BY sequence", (TxState.ABANDONED.value,))

    def confirmed_since(self, height: int) -> tuple[JournalEntry, ...]:
        """Those confirmed at or above a height, oldest first."""
        return self._select("WHERE state = ? AND height >= ? ORDER BY sequence", (TxState.CONFIRMED.value, height))

    def confirmed_below(self, height: int) -> tuple[JournalEntry, ...]:
        """Those of the highest block below a height that has any, oldest first."""
        confirmed = TxState.CONFIRMED.value
        highest = "height = (SELECT MAX(height) FROM journal WHERE state = ? AND height < ?)"
        return self._select(f"WHERE state = ? AND {highest} ORDER BY sequence", (confirmed, confirmed, height))

    def spent(self) -> frozenset[COutPoint]:
        """The coins that transactions which may still confirm spend."""
        return frozenset(txin.prevout for entry in self.unconfirmed() for txin in entry.tx.vin)

    def untold(self, since: int) -> tuple[JournalEntry, ...]:
        """Those that whoever signed them was never told to be sent, oldest first: what may still confirm, and what a
        block holds and was signed at or after a time in unix seconds."""
        return self._select(
            "WHERE untold = 1 AND (state IN (?, ?) OR (state = ? AND created >= ?)) ORDER BY sequence",
            (*(state.value for state in PENDING), TxState.CONFIRMED.value, since),
        )

    def mark_told(self, txid: Txid) -> None:
        """A node took it, and the answer to whoever signed it says so."""
        with self._database.transaction() as connection:
            self.mark_broadcast(txid)
            connection.execute("UPDATE journal SET untold = 0 WHERE txid = ?", (txid,))

    def mark_untold(self, txids: Iterable[Txid]) -> None:
        """They were sent, and whoever signed them gets an error for an answer all the same."""
        with self._database.transaction() as connection:
            connection.executemany("UPDATE journal SET untold = 1 WHERE txid = ?", [(txid,) for txid in txids])

    def mark_broadcast(self, txid: Txid) -> None:
        """A node has it: handed over now, seen in the mempool, or thrown out of a block by a reorganisation."""
        self._update(txid, (*PENDING, TxState.CONFIRMED), TxState.BROADCAST)

    def mark_confirmed(self, txid: Txid, height: int, block: BlockHash) -> None:
        """A block holds it. A transaction that was given up or replaced can confirm all the same."""
        self._update(txid, tuple(TxState), TxState.CONFIRMED, height=height, block=block)

    def mark_refused(self, txid: Txid, reason: str) -> None:
        """The node refused it, in its own words; it stays listed and is tried again."""
        entry = self._required(txid)
        if entry.state in PENDING:
            self._update(txid, PENDING, entry.state, reason=reason or "refused without a reason")

    def mark_replaced(self, txid: Txid, by: Txid) -> None:
        """Another transaction of ours, already recorded, spends the same coins for a higher fee."""
        self._required(by)
        self._update(txid, PENDING, TxState.REPLACED, replaced_by=by)

    def mark_abandoned(self, txid: Txid) -> None:
        """The user gives it up; it is not sent again. Whoever has it can still broadcast it."""
        self._update(txid, PENDING, TxState.ABANDONED)

    def _update(
        self,
        txid: Txid,
        allowed: tuple[TxState, ...],
        state: TxState,
        *,
        height: int | None = None,
        block: BlockHash | None = None,
        reason: str = "",
        replaced_by: Txid | None = None,
    ) -> None:
        with self._database.transaction() as connection:
            present = self._required(txid).state
            if present not in allowed:
                raise StateError(
                    f"the transaction {display(txid)} is {present.value}, it cannot become {state.value}",
                    hint=WalletRemedy.SEE_HISTORY.of(),
                )
            connection.execute(
                "UPDATE journal SET state = ?, height = ?, block = ?, reason = ?, replaced_by = ? WHERE txid = ?",
                (state.value, height, block, reason, replaced_by, txid),
            )

    def _required(self, txid: Txid) -> JournalEntry:
        entry = self.entry(txid)
        if entry is None:
            raise StateError(f"the journal does not have the transaction {display(txid)}")
        return entry

    def _select(self, condition: str, parameters: tuple[object, ...]) -> tuple[JournalEntry, ...]:
        with self._database.snapshot() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM journal {condition}", parameters).fetchall()  # noqa: S608
        return tuple(_entry(row) for row in rows)


def _entry(row: tuple[Any, ...]) -> JournalEntry:
    raw, kind, created, genesis, summary, state, height, block, reason, replaced_by, untold = row
    return JournalEntry(
        tx=CTransaction.deserialize(raw),
        kind=kind,
        created=created,
        genesis=None if genesis is None else Txid(genesis),
        summary=summary,
        state=TxState(state),
        height=height,
        block=None if block is None else BlockHash(block),
        reason=reason,
        replaced_by=None if replaced_by is None else Txid(replaced_by),
        untold=bool(untold),
    )
