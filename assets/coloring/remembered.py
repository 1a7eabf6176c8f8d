"""What was remembered of coins, as one walk may use it: only what the present chain still says.

A colour hangs on the witness of a genesis, which no txid covers and which a reorganisation may exchange. So each
remembered trace names the block of its coin, and counts while the node has that block in its best chain. What a walk
reads anew is kept in the end, and only where everything that it rested on was in one and the same chain.
"""

from bitcoin.core import COutPoint

from assets.coloring.trace import ColorCache, PlacedTrace, Trace
from wallet.chain.source import BestChain, BlockRef, stands
from wallet.hashes import BlockHash


class Remembered:
    """A cache for one walk over one chain. `begin` comes before the walk's first look at the chain itself."""

    def __init__(self, cache: ColorCache, chain: BestChain) -> None:
        self._cache = cache
        self._chain = chain
        self._tip: BlockHash | None = None
        self._relied_on: set[BlockRef] = set()
        self._found: dict[COutPoint, PlacedTrace] = {}
        self._used: dict[COutPoint, BlockRef] = {}

    def load(self, outpoint: COutPoint) -> Trace | None:
        """What is known of a coin in this chain; None where nothing is."""
        placed = self._found.get(outpoint) or self._cache.load(outpoint)
        if placed is None:
            return None
        if placed.block not in self._relied_on and not stands(placed.block, self._chain):
            self._cache.forget(placed.block.hash)
            return None
        self._relied_on.add(placed.block)
        self._used[outpoint] = placed.block
        return placed.trace

    def block_of(self, outpoint: COutPoint) -> BlockRef | None:
        """The block of a coin that was loaded; None for any other."""
        return self._used.get(outpoint)

    def begin(self) -> None:
        """From here on the walk reads transactions."""
        self._tip = self._chain.tip().hash

    def read(self, block: BlockRef | None) -> None:
        """The walk read a transaction of a block; None: of the mempool, about which nothing is kept."""
        if block is not None:
            self._relied_on.add(block)

    def found(self, outpoint: COutPoint, trace: Trace, block: BlockRef) -> None:
        """The walk found out what a coin of a block is."""
        self._found[outpoint] = PlacedTrace(trace, block)

    def settle(self) -> bool:
        """Keeps what was found. False where the chain changed meanwhile, so that the walk may have mixed two chains."""
        if self._tip is None:
            return True  # the answer is a single remembered trace, whose block was asked for
        now = self._chain.tip().hash
        if now != self._tip:
            whole = all(stands(block, self._chain) for block in self._relied_on)
            if not whole or self._chain.tip().hash != now:
                return False
        self._cache.save(self._found)
        return True
