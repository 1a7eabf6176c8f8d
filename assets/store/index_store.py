"""The colour index on disk: what was read from the chain, with as much of the past as a reorganisation may undo.

Every change is one database transaction, so that a process may be killed at any moment; every answer comes from one
snapshot, so that a reader never sees half a block.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.index.changes import ChangeSet
from assets.index.reader import KEPT_BLOCKS
from assets.model import Movement
from assets.remedies import ImageRemedy
from assets.store.index_lock import exclusive
from assets.store.index_rows import (
    INSERT_GENESIS,
    INSERT_MOVEMENT,
    INSERT_UNIT,
    SELECT_MOVEMENT,
    genesis_row,
    movement_of,
    movement_rows,
    unit_row,
)
from assets.store.index_schema import index_database
from assets.store.index_snapshot import IndexSnapshot
from wallet.chain.source import BlockRef
from wallet.errors import BusyError, StoreError
from wallet.hashes import BlockHash
from wallet.network import Network, network_of
from wallet.store.database import BUSY_TIMEOUT

LOCK_WAIT = 10.0
"""Seconds to wait for another process that follows the chain."""

_TABLES = ("block", "genesis", "claim", "unit", "movement", "state")


class IndexStore:
    """Implements `assets.index.reader.IndexWriter`. Cheap to make; the file is made on the first use.

    Every use raises StoreError where the file is another network's index, damaged, or no index at all, and
    NewerVersionError where a newer version wrote it.
    """

    def __init__(
        self, path: Path, network: Network, *, lock_wait: float = LOCK_WAIT, busy_timeout: float = BUSY_TIMEOUT
    ) -> None:
        self._path = path
        self._network = network
        self._lock_wait = lock_wait
        self._database = index_database(path, busy_timeout=busy_timeout)

    @property
    def network(self) -> Network:
        """The network whose facts the store holds."""
        return self._network

    @property
    def path(self) -> Path:
        """The database's file."""
        return self._path

    @contextmanager
    def snapshot(self) -> Iterator[IndexSnapshot]:
        """Answers as of one tip, whatever is written meanwhile."""
        with self._database.snapshot() as connection:
            self._check_network(connection)
            yield IndexSnapshot(connection)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Only one process at a time is inside. Raises BusyError where another one stays too long."""
        with exclusive(self._path.with_name(self._path.name + ".writer"), wait=self._lock_wait):
            yield

    def start_height(self) -> int | None:
        """The height of the first block that was, or is to be, read; None before it is chosen."""
        with self._database.snapshot() as connection:
            self._check_network(connection)
            row = connection.execute("SELECT start_height FROM state").fetchone()
        return int(row[0]) if row is not None else None

    def recent_blocks(self) -> tuple[BlockRef, ...]:
        """The last blocks read, newest first, at most KEPT_BLOCKS."""
        with self._database.snapshot() as connection:
            rows = connection.execute("SELECT height, hash FROM block ORDER BY height DESC").fetchall()
        return tuple(BlockRef(height, BlockHash(block)) for height, block in rows[:KEPT_BLOCKS])

    def begin(self, start_height: int) -> None:
        """Forget everything that was read, and choose the first block."""
        challenge = bytes.fromhex(self._network.challenge) if self._network.challenge is not None else None
        with self._change() as connection:
            for statement in (f"DELETE FROM {table}" for table in _TABLES):  # noqa: S608 - constant names
                connection.execute(statement)
            connection.execute(
                "INSERT INTO state (id, network, challenge, start_height) VALUES (1, ?, ?, ?)",
                (self._network.genesis, challenge, start_height),
            )

    def connect(self, changes: ChangeSet) -> None:
        """Add what a run of blocks changed, if the block before its first one is still the last one read."""
        with self._change() as connection:
            row = connection.execute("SELECT hash FROM block ORDER BY height DESC LIMIT 1").fetchone()
            if (BlockHash(row[0]) if row is not None else None) != changes.previous:
                raise BusyError("another process changed the index meanwhile", hint="try again")
            _add(connection, changes)

    def disconnect(self, fork: BlockRef | None) -> tuple[Movement, ...]:
        """Undo every block above `fork` (all blocks, for None); the movements that fell out, in chain order."""
        height = fork.height if fork is not None else -1
        with self._change() as connection:
            blocks = connection.execute("SELECT hash FROM block WHERE height > ? ORDER BY height", (height,)).fetchall()
            dropped = [movement for (block,) in blocks for movement in _undo(connection, block)]
            connection.execute("DELETE FROM block WHERE height > ?", (height,))
        return tuple(dropped)

    def close(self) -> None:
        """Closes the connections of this process; the next use opens again."""
        self._database.close()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        assert not self._database.connect().in_transaction, "nothing is written inside a snapshot"
        with self._database.transaction() as connection:
            self._check_network(connection)
            yield connection

    def _check_network(self, connection: sqlite3.Connection) -> None:
        row = connection.execute("SELECT network, challenge FROM state").fetchone()
        if row is None:
            return
        challenge = row[1].hex() if row[1] is not None else None
        if (row[0], challenge) != (self._network.genesis, self._network.challenge):
            other = network_of(BlockHash(row[0]), challenge)
            raise StoreError(
                f"{self._path} is an index of {other.name if other is not None else 'another network'}, "
                f"not of {self._network.name}",
                hint=ImageRemedy.OWN_INDEX_FILE.of(),
            )


def _add(connection: sqlite3.Connection, changes: ChangeSet) -> None:
    kept = changes.blocks[-KEPT_BLOCKS:]
    connection.executemany("INSERT INTO block (height, hash) VALUES (?, ?)", ((b.height, b.hash) for b in kept))
    connection.execute("DELETE FROM block WHERE height <= ?", (kept[-1].height - KEPT_BLOCKS,))
    connection.executemany(INSERT_GENESIS, (genesis_row(fact) for fact in changes.geneses))
    connection.executemany(
        "INSERT INTO claim (name_hash, genesis, block) VALUES (?, ?, ?)",
        ((claim.name_hash, claim.genesis, claim.block.hash) for claim in changes.claims),
    )
    connection.executemany(INSERT_UNIT, (unit_row(made) for made in changes.created))
    connection.executemany(
        "UPDATE unit SET spent_block = ? WHERE txid = ? AND vout = ?",
        ((spent.block.hash, spent.outpoint.hash, spent.outpoint.n) for spent in changes.spent),
    )
    connection.executemany(INSERT_MOVEMENT, movement_rows(changes.movements))


def _undo(connection: sqlite3.Connection, block: bytes) -> tuple[Movement, ...]:
    """Take back one block; coins that it spent are unspent again."""
    rows = connection.execute(SELECT_MOVEMENT + "WHERE block = ? ORDER BY position, part", (block,)).fetchall()
    connection.execute("DELETE FROM movement WHERE block = ?", (block,))
    connection.execute("DELETE FROM unit WHERE created_block = ?", (block,))
    connection.execute("UPDATE unit SET spent_block = NULL WHERE spent_block = ?", (block,))
    connection.execute("DELETE FROM claim WHERE block = ?", (block,))
    connection.execute("DELETE FROM genesis WHERE block = ?", (block,))
    return tuple(movement_of(row) for row in rows)
