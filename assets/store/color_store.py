"""Colours of coins in blocks, kept between runs, so that a long lineage is walked once and not by every command.

A colour follows from a coin's ancestors, which its txid commits to, and from the witness of its genesis, which a
reorganisation may exchange. So the file remembers a block of the chain that it was filled from, and is emptied when
that block has left the chain.
"""

from pathlib import Path
from typing import Protocol

from bitcoin.core import COutPoint

from assets.coloring.trace import UNCOLORED, Trace
from assets.model import AssetId, Genuine
from assets.protocols.open_assets.rule import AssetUnits
from wallet.chain.source import Tip
from wallet.hashes import BlockHash, Txid
from wallet.network import Network
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

COLOR_SCHEMA = Schema(
    name="colour cache",
    application_id=0x444B4343,
    migrations=(_FIRST,),
    recovery="remove it: it is made anew from the chain",
)


class Chain(Protocol):
    """What tells whether a block is still in the chain."""

    def tip(self) -> Tip:
        """The best block."""

    def block_hash(self, height: int) -> BlockHash | None:
        """The hash of the best chain's block at a height."""


class ColorStore:
    """A `ColorCache` in a file, for one network. `open_on` comes before anything else."""

    def __init__(self, path: Path, network: Network, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self._database = Database(path, COLOR_SCHEMA, durable=False, busy_timeout=busy_timeout)
        self._network = network
        self._ready = False

    def open_on(self, chain: Chain) -> "ColorStore":
        """Empties the cache where it was filled from another chain than this one; remembers the tip."""
        tip = chain.tip()
        with self._database.transaction() as connection:
            row = connection.execute("SELECT network, challenge, height, block FROM filled_from").fetchone()
            if row is not None and not self._still_holds(row, chain):
                connection.execute("DELETE FROM color")
            connection.execute("DELETE FROM filled_from")
            connection.execute(
                "INSERT INTO filled_from (id, network, challenge, height, block) VALUES (1, ?, ?, ?, ?)",
                (self._network.genesis, self._network.challenge, tip.height, tip.hash),
            )
        self._ready = True
        return self

    def load(self, outpoint: COutPoint) -> Trace | None:
        """What is known of a coin; None where nothing is."""
        assert self._ready, "opened on a chain first"
        with self._database.snapshot() as connection:
            row = connection.execute(
                "SELECT asset, units, genesis, quantity, title FROM color WHERE txid = ? AND vout = ?",
                (outpoint.hash, outpoint.n),
            ).fetchone()
        if row is None:
            return None
        units = None if row[0] is None else AssetUnits(AssetId(bytes(row[0])), row[1])
        genuine = None
        if row[2] is not None:
            genuine = Genuine(genesis=Txid(bytes(row[2])), quantity=row[3], title=bool(row[4]))
        return Trace(units=units, genuine=genuine) if units is not None or genuine is not None else UNCOLORED

    def save(self, outpoint: COutPoint, trace: Trace) -> None:
        """Remember a trace; never one with a reason, which is no colour."""
        assert self._ready, "opened on a chain first"
        assert trace.reason is None, "an unknown colour is not kept"
        units, genuine = trace.units, trace.genuine
        row = (
            None if units is None else units.asset,
            None if units is None else units.quantity,
            None if genuine is None else genuine.genesis,
            None if genuine is None else genuine.quantity,
            None if genuine is None else int(genuine.title),
        )
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM color WHERE txid = ? AND vout = ?", (outpoint.hash, outpoint.n))
            connection.execute(
                "INSERT INTO color (txid, vout, asset, units, genesis, quantity, title) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (outpoint.hash, outpoint.n, *row),
            )

    def close(self) -> None:
        """Gives the connections back."""
        self._database.close()

    def _still_holds(self, row: tuple[bytes, str | None, int, bytes], chain: Chain) -> bool:
        network, challenge, height, block = row
        if (bytes(network), challenge) != (self._network.genesis, self._network.challenge):
            return False
        return chain.block_hash(height) == bytes(block)
