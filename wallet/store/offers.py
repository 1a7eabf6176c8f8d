"""Documents that this wallet signed for others and that wait for an answer: listings and offers to buy.

What they say is not this layer's business. Each names coins of this wallet, so that whoever is about to spend one can
see what ends with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bitcoin.core import COutPoint

from wallet.errors import EncodingError
from wallet.hashes import Txid
from wallet.store.database import Database


class OfferKind(StrEnum):
    """Who waits for whom."""

    ASK = "ask"
    BID = "bid"


class OfferState(StrEnum):
    """What became of a document, as far as this wallet decided it. What the chain says is asked of the chain."""

    OPEN = "open"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SETTLED = "settled"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEntry:
    """A document by its id (32 bytes). `companion` travels beside it (a bid's package), `answers` is the document of
    somebody else that it answers (the listing); each may be empty.

    `coins` are this wallet's. `subject` is what it is about (a genesis' txid), `txid` the transaction that it comes
    with, if any. `expires` is a height, `created` in unix seconds. `unanswered` are the places (URLs) that were handed
    it and of which no answer says what became of it.
    """

    id: bytes
    kind: OfferKind
    document: bytes
    coins: tuple[COutPoint, ...]
    subject: Txid
    expires: int
    created: int
    companion: bytes = b""
    answers: bytes = b""
    txid: Txid | None = None
    state: OfferState = OfferState.OPEN
    unanswered: frozenset[str] = frozenset()


_COLUMNS = "id, kind, document, subject, expires, created, companion, answers, txid, state"
_READ = f"{_COLUMNS}, unanswered"


class OfferStore:
    """The offers in a wallet's database. Entries are never removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, entries: Iterable[OfferEntry]) -> None:
        """Writes new entries, all or none; open ones of the same kind for any of the same coins become REPLACED.

        An entry that is there already is opened again.
        """
        with self._database.transaction() as connection:
            for entry in entries:
                connection.executemany(
                    "UPDATE offer SET state = 'replaced' WHERE kind = ? AND state = 'open' AND id IN "
                    "(SELECT id FROM offer_coin WHERE txid = ? AND vout = ?)",
                    [(entry.kind.value, outpoint.hash, outpoint.n) for outpoint in entry.coins],
                )
                connection.execute(
                    f"INSERT INTO offer (sequence, {_COLUMNS}) "  # noqa: S608 - a constant
                    "SELECT COALESCE(MAX(sequence), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM offer WHERE true "
                    "ON CONFLICT (id) DO UPDATE SET state = excluded.state",
                    (
                        entry.id,
                        entry.kind.value,
                        entry.document,
                        entry.subject,
                        entry.expires,
                        entry.created,
                        entry.companion,
                        entry.answers,
                        entry.txid,
                        entry.state.value,
                    ),
                )
                connection.executemany(
                    "INSERT INTO offer_coin (id, txid, vout) VALUES (?, ?, ?) ON CONFLICT (id, txid, vout) DO NOTHING",
                    [(entry.id, outpoint.hash, outpoint.n) for outpoint in entry.coins],
                )

    def close(self, ids: Iterable[bytes], state: OfferState) -> None:
        """What became of entries."""
        with self._database.transaction() as connection:
            connection.executemany("UPDATE offer SET state = ? WHERE id = ?", [(state.value, one) for one in ids])

    def hand(self, id_: bytes, places: frozenset[str]) -> None:
        """Which places were handed an entry and have not answered. Written before it leaves, so that it survives."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE offer SET unanswered = ? WHERE id = ?", (" ".join(sorted(places)), id_))

    def entries(self, kind: OfferKind, *, state: OfferState | None = None) -> tuple[OfferEntry, ...]:
        """All of a kind, or those in one state, oldest first."""
        condition = "" if state is None else "AND state = ? "
        parameters = (kind.value,) if state is None else (kind.value, state.value)
        return self._select(f"WHERE kind = ? {condition}ORDER BY sequence", parameters)

    def entry(self, id_: bytes) -> OfferEntry | None:
        """The entry with an id, or None."""
        found = self._select("WHERE id = ?", (id_,))
        return found[0] if found else None

    def starting(self, text: str) -> tuple[OfferEntry, ...]:
        """The entries whose id begins with these hexadecimal digits, oldest first. Raises EncodingError."""
        if not 4 <= len(text) <= 64 or any(digit not in "0123456789abcdef" for digit in text):
            raise EncodingError(f"not the beginning of an id: {text[:80]!a}", hint="at least 4 hexadecimal digits")
        return tuple(entry for entry in self._select("ORDER BY sequence", ()) if entry.id.hex().startswith(text))

    def on(self, outpoint: COutPoint) -> tuple[OfferEntry, ...]:
        """The open entries that name a coin of this wallet."""
        return self._select(
            "WHERE state = 'open' AND id IN (SELECT id FROM offer_coin WHERE txid = ? AND vout = ?) ORDER BY sequence",
            (outpoint.hash, outpoint.n),
        )

    def _select(self, condition: str, parameters: tuple[object, ...]) -> tuple[OfferEntry, ...]:
        with self._database.snapshot() as connection:
            rows = connection.execute(f"SELECT {_READ} FROM offer {condition}", parameters).fetchall()  # noqa: S608
            coins: dict[bytes, list[COutPoint]] = {}
            for id_, txid, vout in connection.execute("SELECT id, txid, vout FROM offer_coin ORDER BY id, txid, vout"):
                coins.setdefault(bytes(id_), []).append(COutPoint(bytes(txid), vout))
        return tuple(_entry(row, tuple(coins.get(bytes(row[0]), ()))) for row in rows)


def _entry(row: tuple[Any, ...], coins: tuple[COutPoint, ...]) -> OfferEntry:
    id_, kind, document, subject, expires, created, companion, answers, txid, state, unanswered = row
    return OfferEntry(
        id=bytes(id_),
        kind=OfferKind(kind),
        document=bytes(document),
        coins=coins,
        subject=Txid(bytes(subject)),
        expires=expires,
        created=created,
        companion=bytes(companion),
        answers=bytes(answers),
        txid=None if txid is None else Txid(bytes(txid)),
        state=OfferState(state),
        unanswered=frozenset(str(unanswered).split()),
    )
