"""Colours of coins in blocks, kept between runs, so that a long lineage is walked once and not by every command.

Beside them lies what speaks for colours of other protocols. Each row names the block of its coin, and whoever uses it
asks first whether that block is in the best chain (`assets.coloring.remembered`): what another chain taught, also one
of another network, is never used.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bitcoin.core import COutPoint

from assets.coloring.suspicion import Suspicion
from assets.coloring.trace import UNCOLORED, PlacedTrace, Trace
from assets.model import AssetId, AssetUnits, Genuine, Sign
from wallet.chain.source import BlockRef
from wallet.errors import StoreError
from wallet.hashes import BlockHash, Txid
from wallet.store.database import BUSY_TIMEOUT, Database, Schema

_FIRST = (
    """
    CREATE TABLE filled_from (
        id BIGINT PRIMARY KEY CHECK (id = 1), network BLOB NOT NULL, challenge TEXT, height BIGINT NOT NULL,
        block BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE color (
        txid BLOB NOT NULL, vout BIGINT NOT NULL, asset BLOB, units BIGINT, genesis BLOB, quantity BIGINT, title BIGINT,
        PRIMARY KEY (txid, vout)
    )
    """,
)

_BY_BLOCK = (
    "DROP TABLE filled_from",
    "DROP TABLE color",
    """
    CREATE TABLE color (
        txid BLOB NOT NULL, vout BIGINT NOT NULL, height BIGINT NOT NULL, block BLOB NOT NULL,
        asset BLOB, units BIGINT, genesis BLOB, quantity BIGINT, title BIGINT, PRIMARY KEY (txid, vout)
    )
    """,
    "CREATE INDEX color_block ON color (block)",
)
"""Rows that do not say where they came from cannot be checked: they are dropped."""

_SUSPICIONS = (
    """
    CREATE TABLE suspicion (
        txid BLOB NOT NULL, vout BIGINT NOT NULL, block BLOB NOT NULL, signs TEXT NOT NULL, script BLOB NOT NULL,
        payer BLOB NOT NULL, PRIMARY KEY (txid, vout)
    )
    """,
)

COLOR_SCHEMA = Schema(
    name="colour cache",
    application_id=0x444B4343,
    migrations=(_FIRST, _BY_BLOCK, _SUSPICIONS),
    recovery="remove it: it is made anew from the chain",
)


class ColorStore:
    """A `ColorCache` and a `SuspicionCache` in a file."""

    def __init__(self, path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self._database = Database(path, COLOR_SCHEMA, durable=False, busy_timeout=busy_timeout)

    def load(self, outpoint: COutPoint) -> PlacedTrace | None:
        """What was known of a coin; None where nothing was. Raises StoreError."""
        with self._database.snapshot() as connection:
            row = connection.execute(
                "SELECT height, block, asset, units, genesis, quantity, title FROM color WHERE txid = ? AND vout = ?",
                (outpoint.hash, outpoint.n),
            ).fetchone()
        return None if row is None else _placed(row)

    def save(self, found: Mapping[COutPoint, PlacedTrace]) -> None:
        """Remember traces. What cannot be written is no error: it only saves looking again."""
        if not found:
            return
        with suppress(StoreError), self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM color WHERE txid = ? AND vout = ?", ((one.hash, one.n) for one in found)
            )
            connection.executemany(
                "INSERT INTO color (txid, vout, height, block, asset, units, genesis, quantity, title) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_row(outpoint, placed) for outpoint, placed in found.items()),
            )

    def forget(self, block: BlockHash) -> None:
        """Drop what a block taught. What cannot be written is no error: the rows are not used."""
        with suppress(StoreError), self._database.transaction() as connection:
            connection.execute("DELETE FROM color WHERE block = ?", (block,))

    def suspicion(self, outpoint: COutPoint, block: BlockHash) -> Suspicion | None:
        """What was found of a coin in this block; None where nothing was. Raises StoreError."""
        with self._database.snapshot() as connection:
            row = connection.execute(
                "SELECT signs, script, payer FROM suspicion WHERE txid = ? AND vout = ? AND block = ?",
                (outpoint.hash, outpoint.n, block),
            ).fetchone()
        return None if row is None else _suspicion(*row)

    def keep_suspicion(self, outpoint: COutPoint, block: BlockHash, found: Suspicion) -> None:
        """Remember what was found. What cannot be written is no error: it only saves looking again."""
        signs = ",".join(found.signs)
        with suppress(StoreError), self._database.transaction() as connection:
            connection.execute("DELETE FROM suspicion WHERE txid = ? AND vout = ?", (outpoint.hash, outpoint.n))
            connection.execute(
                "INSERT INTO suspicion (txid, vout, block, signs, script, payer) VALUES (?, ?, ?, ?, ?, ?)",
                (outpoint.hash, outpoint.n, block, signs, found.script, found.payer),
            )

    def close(self) -> None:
        """Gives the connections back."""
        self._database.close()


def _row(outpoint: COutPoint, placed: PlacedTrace) -> tuple[object, ...]:
    trace, block = placed.trace, placed.block
    assert trace.reason is None, "an unknown colour is not kept"
    units, genuine = trace.units, trace.genuine
    return (
        outpoint.hash,
        outpoint.n,
        block.height,
        block.hash,
        None if units is None else units.asset,
        None if units is None else units.quantity,
        None if genuine is None else genuine.genesis,
        None if genuine is None else genuine.quantity,
        None if genuine is None else int(genuine.title),
    )


def _placed(row: tuple[Any, ...]) -> PlacedTrace:
    height, block, asset, quantity, genesis, held, title = row
    units = None if asset is None else AssetUnits(AssetId(bytes(asset)), quantity)
    genuine = None
    if genesis is not None:
        genuine = Genuine(genesis=Txid(bytes(genesis)), quantity=held, title=bool(title))
    trace = Trace(units=units, genuine=genuine) if units is not None or genuine is not None else UNCOLORED
    return PlacedTrace(trace, BlockRef(height, BlockHash(bytes(block))))


def _suspicion(signs: str, script: bytes, payer: bytes) -> Suspicion | None:
    """None for a row with signs that this version does not know: the coin is looked at again."""
    names = signs.split(",") if signs else []
    if not set(names) <= set(Sign):
        return None
    return Suspicion(signs=tuple(Sign(name) for name in names), script=bytes(script), payer=bytes(payer))
