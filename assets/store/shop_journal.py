"""A shop's journal: every sale, written down durably before anybody hears of it. At most one stands for each lot."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bitcoin.core import COutPoint, CTransaction

from assets.errors import OfferTakenError
from assets.images.shop_sale import STANDING, SaleState, ShopSale
from assets.remedies import ImageRemedy
from wallet.chain.source import BlockRef
from wallet.errors import StateError
from wallet.hashes import BlockHash, Txid, outpoint_text
from wallet.store.database import Database, Schema
from wallet.store.signing_lock import SigningLock

BUSY_TIMEOUT = 20.0
"""Seconds that one sale waits for another process of the same shop."""

_FIRST = (
    "CREATE TABLE shop (id BIGINT PRIMARY KEY CHECK (id = 1), network BLOB NOT NULL)",
    """
    CREATE TABLE sale (
        txid BLOB PRIMARY KEY,
        sequence BIGINT NOT NULL UNIQUE,
        bid BLOB NOT NULL UNIQUE,
        ask BLOB NOT NULL,
        lot_txid BLOB NOT NULL,
        lot_vout BIGINT NOT NULL,
        raw BLOB NOT NULL,
        state TEXT NOT NULL,
        height BIGINT,
        created BIGINT NOT NULL
    )
    """,
    (
        "CREATE TABLE sold (lot_txid BLOB NOT NULL, lot_vout BIGINT NOT NULL, txid BLOB NOT NULL, "
        "PRIMARY KEY (lot_txid, lot_vout))"
    ),
)

_BY_BLOCK = ("ALTER TABLE sale ADD COLUMN block BLOB",)
"""A height without its block, as older sales have, says nothing: the sale is looked up anew."""

SHOP_SCHEMA = Schema(
    name="shop's journal",
    application_id=0x444B4353,
    migrations=(_FIRST, _BY_BLOCK),
    recovery=ImageRemedy.REVIVE_SHOP.of(),
)

_COLUMNS = "bid, ask, lot_txid, lot_vout, raw, created, state, height, block"


class ShopJournal:
    """The sales of one shop. Safe in threads and processes; entries are never removed."""

    def __init__(self, path: Path, network: BlockHash) -> None:
        self._database = Database(path, SHOP_SCHEMA, busy_timeout=BUSY_TIMEOUT)
        self._lock = path.with_name(f"{path.name}.serving")
        self._network = network

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Held as long as a shop serves from this journal.

        Raises BusyError where another process does, StateError for the journal of another network.
        """
        with SigningLock(self._lock, doing="is selling from this journal", advice="one shop at a time: stop that one"):
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT INTO shop (id, network) VALUES (1, ?) ON CONFLICT (id) DO NOTHING", (self._network,)
                )
                row = connection.execute("SELECT network FROM shop").fetchone()
            if bytes(row[0]) != self._network:
                raise StateError(
                    "this is the journal of a shop on another network", hint=ImageRemedy.OTHER_JOURNAL.of()
                )
            yield

    def record(self, sale: ShopSale, *, replaces: Txid | None = None) -> None:
        """Writes a sale down, durably; it takes the lot, in the place of `replaces` where one is named.

        Raises OfferTakenError where the lot is sold, or where the same transaction came with another bid before, and
        nothing is written then.
        """
        with self._database.transaction() as connection:
            earlier = connection.execute("SELECT bid FROM sale WHERE txid = ?", (sale.txid,)).fetchone()
            if earlier is not None:
                raise OfferTakenError(
                    "bid",
                    f"the same transaction came with bid {bytes(earlier[0]).hex()} before, and did not last",
                    hint="send that bid again, or make a new one",
                )
            held = connection.execute(
                "SELECT txid FROM sold WHERE lot_txid = ? AND lot_vout = ?", (sale.lot.hash, sale.lot.n)
            ).fetchone()
            if held is not None and bytes(held[0]) != replaces:
                raise OfferTakenError("unspent", f"the lot {outpoint_text(sale.lot)} is sold", hint="choose another")
            if held is not None:
                connection.execute("UPDATE sale SET state = 'replaced' WHERE txid = ?", (replaces,))
            connection.execute(
                f"INSERT INTO sale (txid, sequence, {_COLUMNS}) "  # noqa: S608 - a constant
                "SELECT ?, COALESCE(MAX(sequence), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM sale",
                (
                    sale.txid,
                    sale.bid,
                    sale.ask,
                    sale.lot.hash,
                    sale.lot.n,
                    sale.tx.serialize(),
                    sale.created,
                    sale.state.value,
                    None if sale.block is None else sale.block.height,
                    None if sale.block is None else sale.block.hash,
                ),
            )
            connection.execute(
                "INSERT INTO sold (lot_txid, lot_vout, txid) VALUES (?, ?, ?) "
                "ON CONFLICT (lot_txid, lot_vout) DO UPDATE SET txid = excluded.txid",
                (sale.lot.hash, sale.lot.n, sale.txid),
            )

    def mark(self, txid: Txid, state: SaleState, block: BlockRef | None = None) -> None:
        """What became of a sale. One that is void gives its lot free, and one that stands again takes it back."""
        with self._database.transaction() as connection:
            place = (None, None) if block is None else (block.height, block.hash)
            connection.execute(
                "UPDATE sale SET state = ?, height = ?, block = ? WHERE txid = ?", (state.value, *place, txid)
            )
            if state not in STANDING:
                connection.execute("DELETE FROM sold WHERE txid = ?", (txid,))
            else:
                connection.execute(
                    "INSERT INTO sold (lot_txid, lot_vout, txid) SELECT lot_txid, lot_vout, txid FROM sale "
                    "WHERE txid = ? ON CONFLICT (lot_txid, lot_vout) DO UPDATE SET txid = excluded.txid",
                    (txid,),
                )

    def sale_of(self, lot: COutPoint) -> ShopSale | None:
        """The sale that stands for a lot, or None."""
        found = self._select(
            "WHERE txid = (SELECT txid FROM sold WHERE sold.lot_txid = ? AND sold.lot_vout = ?)", (lot.hash, lot.n)
        )
        return found[0] if found else None

    def sale_by(self, bid: bytes) -> ShopSale | None:
        """The sale that a bid led to, or None."""
        found = self._select("WHERE bid = ?", (bid,))
        return found[0] if found else None

    def sales(self) -> tuple[ShopSale, ...]:
        """All sales, oldest first."""
        return self._select("ORDER BY sequence", ())

    def sold(self) -> frozenset[COutPoint]:
        """The lots for which a sale stands."""
        with self._database.snapshot() as connection:
            rows = connection.execute("SELECT lot_txid, lot_vout FROM sold").fetchall()
        return frozenset(COutPoint(bytes(txid), vout) for txid, vout in rows)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def _select(self, condition: str, parameters: tuple[object, ...]) -> tuple[ShopSale, ...]:
        with self._database.snapshot() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM sale {condition}", parameters).fetchall()  # noqa: S608
        return tuple(_sale(row) for row in rows)


def _sale(row: tuple[Any, ...]) -> ShopSale:
    bid, ask, lot_txid, lot_vout, raw, created, state, height, block = row
    return ShopSale(
        bid=bytes(bid),
        ask=bytes(ask),
        lot=COutPoint(bytes(lot_txid), lot_vout),
        tx=CTransaction.deserialize(bytes(raw)),
        created=created,
        state=SaleState(state),
        block=None if block is None else BlockRef(height, BlockHash(bytes(block))),
    )
