"""Answers of the colour index, all as of one state of its database."""

import sqlite3
from collections.abc import Iterable

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.images.name import name_hash
from assets.index.reader import IndexTip
from assets.model import AssetId, GenesisFact, Genuine, Holding, Movement
from assets.store.index_rows import (
    SELECT_GENESIS,
    SELECT_MOVEMENT,
    SELECT_UNIT,
    Row,
    genesis_of,
    movement_of,
    unit_of,
)
from wallet.hashes import BlockHash, Txid

_IN_ORDER = "ORDER BY height, position, part"


class IndexSnapshot:
    """Implements `assets.index.reader.IndexReader` over a connection that is inside a read transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def tip(self) -> IndexTip | None:
        """The last block read; None before the first."""
        row = self._one("SELECT height, hash, start_height FROM block, state ORDER BY height DESC LIMIT 1", ())
        return IndexTip(height=row[0], hash=BlockHash(row[1]), start_height=row[2]) if row is not None else None

    def genesis(self, txid: Txid) -> GenesisFact | None:
        """The genesis with this transaction id."""
        row = self._one(SELECT_GENESIS + "WHERE txid = ?", (txid,))
        return genesis_of(row) if row is not None else None

    def geneses_named(self, name: str) -> tuple[GenesisFact, ...]:
        """All geneses that claim or ever claimed a canonical name, in chain order."""
        rows = self._all("SELECT DISTINCT genesis FROM claim WHERE name_hash = ?", (name_hash(name),))
        facts = (self.genesis(Txid(txid)) for (txid,) in rows)
        return tuple(sorted((fact for fact in facts if fact is not None), key=_place))

    def geneses_of_asset(self, asset: AssetId) -> tuple[GenesisFact, ...]:
        """All geneses on one issuing script, in chain order."""
        rows = self._all(SELECT_GENESIS + "WHERE asset = ? ORDER BY height, position", (asset,))
        return tuple(genesis_of(row) for row in rows)

    def title(self, genesis: Txid) -> Holding | None:
        """The coin that holds the title, as far as markers tell."""
        row = self._one(SELECT_UNIT + "WHERE genesis = ? AND spent_block IS NULL AND title = 1", (genesis,))
        return unit_of(row)[0] if row is not None else None

    def title_movements(self, genesis: Txid) -> tuple[Movement, ...]:
        """The title's movements in chain order."""
        rows = self._all(SELECT_MOVEMENT + "WHERE genesis = ? AND title = 1 " + _IN_ORDER, (genesis,))
        return tuple(movement_of(row) for row in rows)

    def movements_of(self, genesis: Txid) -> tuple[Movement, ...]:
        """All movements of a genesis' units in chain order."""
        rows = self._all(SELECT_MOVEMENT + "WHERE genesis = ? " + _IN_ORDER, (genesis,))
        return tuple(movement_of(row) for row in rows)

    def movements_touching(self, scripts: Iterable[CScript]) -> tuple[Movement, ...]:
        """All movements from or to one of the scripts, in chain order."""
        found: dict[Row, Row] = {}
        for script in {bytes(script) for script in scripts}:
            query = SELECT_MOVEMENT + "WHERE source_script = ? OR target_script = ?"
            found.update({row[1:4]: row for row in self._all(query, (script, script))})
        return tuple(movement_of(found[key]) for key in sorted(found))

    def holdings(self, genesis: Txid) -> tuple[tuple[Holding, Genuine], ...]:
        """The coins that hold units of a genesis, the title first, then in the order of their blocks."""
        rows = self._all(
            SELECT_UNIT + "WHERE genesis = ? AND spent_block IS NULL ORDER BY title DESC, created_height, txid, vout",
            (genesis,),
        )
        return tuple(unit_of(row) for row in rows)

    def units_on(self, scripts: Iterable[CScript]) -> tuple[tuple[Holding, Genuine], ...]:
        """The coins on these scripts that hold units."""
        query = SELECT_UNIT + "WHERE script = ? AND spent_block IS NULL ORDER BY created_height, txid, vout"
        once = dict.fromkeys(bytes(script) for script in scripts)
        return tuple(unit_of(row) for script in once for row in self._all(query, (script,)))

    def unit(self, outpoint: COutPoint) -> Genuine | None:
        """The units in a coin, unspent as far as markers tell."""
        held = self.held_units(outpoint)
        return held[1] if held is not None else None

    def held_units(self, outpoint: COutPoint) -> tuple[Holding, Genuine] | None:
        """As `unit`, with the coin's script and value."""
        row = self._one(
            SELECT_UNIT + "WHERE txid = ? AND vout = ? AND spent_block IS NULL", (outpoint.hash, outpoint.n)
        )
        return unit_of(row) if row is not None else None

    def _one(self, query: str, parameters: Row) -> Row | None:
        row: Row | None = self._connection.execute(query, parameters).fetchone()
        return row

    def _all(self, query: str, parameters: Row) -> list[Row]:
        return self._connection.execute(query, parameters).fetchall()


def _place(fact: GenesisFact) -> tuple[int, int]:
    assert fact.position.height is not None, "the index holds confirmed geneses only"
    return fact.position.height, fact.position.index
