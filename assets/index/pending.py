"""What the mempool is about to do to units, read from the node and never stored.

An answer holds as of the reader's tip; whoever uses it asks for the liveness of the coin it began at as well, since a
transaction that was mined meanwhile is no longer in the mempool.
"""

from bitcoin.core import COutPoint

from assets.errors import IndexStateError
from assets.index.mempool import MempoolUnits
from assets.index.movements import Effect
from assets.index.reader import IndexReader
from assets.model import GenesisFact, Movement
from wallet.chain.source import TxSource
from wallet.hashes import Txid, display

MAX_PENDING = 64
"""The longest unconfirmed lineage that is followed; nodes take in at most 25, or clusters of 64."""


def pending(source: TxSource, reader: IndexReader, genesis: Txid) -> tuple[Movement, ...]:
    """The title's unconfirmed movements, in order, from its last confirmed coin on.

    Empty where there are none, where the title is lost, and where the index does not know the genesis. A spend that is
    no closed transfer is a LOSS and ends them. Raises IndexStateError where there are more than MAX_PENDING, or where
    the index is behind the node.
    """
    held = reader.title(genesis)
    return () if held is None else _follow(source, MempoolUnits(source, reader), genesis, held.outpoint, first=0)


def pending_genesis(
    source: TxSource, reader: IndexReader, txid: Txid
) -> tuple[GenesisFact, tuple[Movement, ...]] | None:
    """A genesis that is still in the mempool, with its title's movements; None where there is no such genesis there."""
    found = source.transaction(txid)
    if found is None or found.block is not None:
        return None
    mempool = MempoolUnits(source, reader)
    effect = mempool.effect(found.tx, number=0)
    if effect is None or effect.genesis is None:
        return None
    born, title = _of_title(effect, txid), _title_in(effect, txid)
    return effect.genesis, born + (_follow(source, mempool, txid, title, first=1) if title is not None else ())


def pending_spend(source: TxSource, reader: IndexReader, outpoint: COutPoint) -> tuple[Movement, ...]:
    """What the mempool does to the units of one coin: all movements of its genesis by the transaction that spends it.

    Empty where nothing spends the coin, or where the index knows of no units in it.
    """
    held = reader.held_units(outpoint)
    tx = source.spender(outpoint) if held is not None else None
    if held is None or tx is None:
        return ()
    effect = MempoolUnits(source, reader).effect(tx, number=0)
    return tuple(item for item in effect.movements if item.genesis == held[1].genesis) if effect is not None else ()


def _follow(
    source: TxSource, mempool: MempoolUnits, genesis: Txid, title: COutPoint, *, first: int
) -> tuple[Movement, ...]:
    movements: list[Movement] = []
    for step in range(MAX_PENDING):
        tx = source.spender(title)
        if tx is None:
            return tuple(movements)
        effect = mempool.effect(tx, number=first + step)
        assert effect is not None, "the title is among the inputs"
        movements.extend(_of_title(effect, genesis))
        after = _title_in(effect, genesis)
        if after is None:
            return tuple(movements)
        title = after
    raise IndexStateError(
        f"more than {MAX_PENDING} unconfirmed transactions follow one another on the title of {display(genesis)}",
        hint="wait for the next block",
    )


def _of_title(effect: Effect, genesis: Txid) -> tuple[Movement, ...]:
    return tuple(item for item in effect.movements if item.title and item.genesis == genesis)


def _title_in(effect: Effect, genesis: Txid) -> COutPoint | None:
    made = (held for held in effect.created if held[1].genesis == genesis and held[1].title)
    return next((holding.outpoint for holding, _ in made), None)
