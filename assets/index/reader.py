"""Ports of the colour index: what others may ask it, and what a store of it must do.

The index finds moves by their markers. A coin that a plain payment spent still stands in it, so every answer about a
coin ends with the node's UTXO set (`assets.index.liveness`).
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.index.changes import ChangeSet
from assets.model import AssetId, GenesisFact, Genuine, Holding, Movement
from wallet.chain.source import BlockRef
from wallet.hashes import BlockHash, Txid
from wallet.network import Network

KEPT_BLOCKS = 2016
"""How many of the last blocks' hashes an index keeps: the deepest reorganisation that it can follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexTip:
    """The last block that the index has read, and the first one."""

    height: int
    hash: BlockHash
    start_height: int


class IndexReader(Protocol):
    """Questions to the index, all answered as of one tip."""

    def tip(self) -> IndexTip | None:
        """The last block read; None before the first."""

    def genesis(self, txid: Txid) -> GenesisFact | None:
        """The genesis with this transaction id; None where it is not in the blocks that were read."""

    def geneses_named(self, name: str) -> tuple[GenesisFact, ...]:
        """All geneses that claim or ever claimed a canonical name, by a GENESIS or an authorised DEFINE."""

    def geneses_of_asset(self, asset: AssetId) -> tuple[GenesisFact, ...]:
        """All geneses on one issuing script, in chain order: more than one is a warning."""

    def title(self, genesis: Txid) -> Holding | None:
        """The coin that holds the title, as far as markers tell; None where it is lost or the genesis unknown."""

    def title_movements(self, genesis: Txid) -> tuple[Movement, ...]:
        """The title's movements in chain order, from the GENESIS on; a LOSS ends them."""

    def movements_of(self, genesis: Txid) -> tuple[Movement, ...]:
        """All movements of a genesis' units in chain order."""

    def movements_touching(self, scripts: Iterable[CScript]) -> tuple[Movement, ...]:
        """All movements from or to one of the scripts, in chain order."""

    def holdings(self, genesis: Txid) -> tuple[tuple[Holding, Genuine], ...]:
        """The coins that hold units of a genesis, unspent as far as markers tell."""

    def units_on(self, scripts: Iterable[CScript]) -> tuple[tuple[Holding, Genuine], ...]:
        """The coins on these scripts that hold units of any genesis, unspent as far as markers tell."""

    def unit(self, outpoint: COutPoint) -> Genuine | None:
        """The units in a coin, unspent as far as markers tell; None where the index knows of none."""

    def held_units(self, outpoint: COutPoint) -> tuple[Holding, Genuine] | None:
        """As `unit`, with the coin's script and value."""


class IndexWriter(Protocol):
    """What following the chain asks of a store. Every change is one atomic step."""

    @property
    def network(self) -> Network:
        """The network whose facts the store holds."""

    def snapshot(self) -> AbstractContextManager[IndexReader]:
        """Answers as of one tip, whatever is written meanwhile."""

    def writing(self) -> AbstractContextManager[None]:
        """Only one process at a time is inside. Raises BusyError where another one stays too long."""

    def start_height(self) -> int | None:
        """The height of the first block that was, or is to be, read; None before it is chosen."""

    def begin(self, start_height: int) -> None:
        """Forget everything that was read, and choose the first block."""

    def recent_blocks(self) -> tuple[BlockRef, ...]:
        """The last blocks read, newest first, at most KEPT_BLOCKS."""

    def connect(self, changes: ChangeSet) -> None:
        """Add what a run of blocks changed.

        Raises BusyError where the block before the first one is no longer the last one read.
        """

    def disconnect(self, fork: BlockRef | None) -> tuple[Movement, ...]:
        """Undo every block above `fork` (all blocks, for None); the movements that fell out, in chain order."""
