"""The backward walk: the colour of any coin from its ancestors, without an index.

The walk does no I/O. It says which transactions it needs, takes them, and in the end has the answer:

    walk = Walk(rule, outpoint)
    while queries := walk.next_queries():
        for txid in queries:
            walk.resolve(txid, source.transaction(txid))
    color = walk.finish().color

It keeps a stack of its own instead of recursing and asks for each ancestor once. Inputs are consulted in order and only
as far as they decide, so an ancestor that is missing matters only where the answer hangs on it.
"""

from dataclasses import dataclass
from typing import Protocol

from bitcoin.core import COutPoint

from assets.coloring.port import ColorRule
from assets.coloring.remembered import Remembered
from assets.coloring.shape import Answer, ColorOf, ScriptOf, Shape, Steps
from assets.coloring.trace import UNCOLORED, ColorCache, Trace
from assets.model import CoinColor
from wallet.chain.source import BestChain, BlockRef, FoundTransaction
from wallet.errors import ChainError
from wallet.hashes import Txid, display, outpoint_text, txid_of

ANCESTOR_LIMIT = 1_000_000
"""Transactions that one walk looks at before it gives up with Unknown."""

MAX_ATTEMPTS = 5
"""Walks that a reorganisation may spoil before the question is given up."""


class TransactionSource(Protocol):
    """The one question that the walk asks of a chain."""

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        """A transaction with its witnesses; None where there is none."""


@dataclass(slots=True)
class _Frame:
    """A transaction whose colouring waits for an ancestor."""

    txid: Txid
    steps: Steps
    wants: ColorOf | ScriptOf | None = None


class Walk:
    """Finds out the colour of one outpoint. See the module's text for how it is driven."""

    def __init__(
        self, rule: ColorRule, outpoint: COutPoint, *, cache: Remembered | None = None, limit: int = ANCESTOR_LIMIT
    ) -> None:
        self._rule = rule
        self._cache = cache
        self._limit = limit
        self._shapes: dict[bytes, Shape | None] = {}
        self._traces: dict[bytes, tuple[Trace, ...]] = {}
        self._stack: list[_Frame] = []
        self._root = ColorOf(outpoint)
        self._needed: Txid | None = None
        self._answer: Trace | None = None
        self._advance()

    def next_queries(self) -> tuple[Txid, ...]:
        """The transactions that the walk needs now; empty once it is done."""
        return () if self._needed is None else (self._needed,)

    def resolve(self, txid: Txid, found: FoundTransaction | None) -> None:
        """Takes the answer to a query; None where the source does not have the transaction.

        Raises ChainError where the answer is another transaction.
        """
        if txid != self._needed:
            raise AssertionError("nobody asked for this transaction")
        if found is not None and txid_of(found.tx) != txid:
            raise ChainError(
                f"the node answered another transaction than {display(txid)}", hint="do not trust this node"
            )
        if found is not None and self._cache is not None:
            self._cache.read(found.block)
        self._shapes[txid] = None if found is None else self._rule.shape(found.tx, block=found.block)
        self._advance()

    def finish(self) -> Trace:
        """The answer, once no query is left."""
        if self._answer is None:
            raise AssertionError("the walk is not done")
        return self._answer

    @property
    def block(self) -> BlockRef | None:
        """The block of the coin's transaction, where the walk looked at it and a block holds it."""
        shape = self._shapes.get(bytes(self._root.outpoint.hash))
        return None if shape is None else shape.block

    def _advance(self) -> None:
        """Goes on until a transaction is needed or the answer is there."""
        self._needed = None
        while self._answer is None and self._needed is None:
            wants = (self._stack[-1].wants if self._stack else None) or self._root
            txid = Txid(wants.outpoint.hash)
            cached = self._cached(wants)
            if cached is not None:
                self._give(cached)
            elif txid not in self._shapes:
                self._need(txid)
            elif self._is_suspended(wants):
                self._enter(txid)
            else:
                self._give(self._known(wants))

    def _cached(self, wants: ColorOf | ScriptOf) -> Trace | None:
        if self._cache is None or isinstance(wants, ScriptOf):
            return None
        return self._cache.load(wants.outpoint)

    def _need(self, txid: Txid) -> None:
        if len(self._shapes) >= self._limit:
            self._answer = Trace(reason=f"it has more than {self._limit:,} ancestors")
        else:
            self._needed = txid

    def _is_suspended(self, wants: ColorOf | ScriptOf) -> bool:
        """Whether the output's transaction must be coloured before the answer is known."""
        if isinstance(wants, ScriptOf) or wants.outpoint.hash in self._traces:
            return False
        shape = self._shapes[wants.outpoint.hash]
        return shape is not None and shape.may_color(wants.outpoint.n)

    def _known(self, wants: ColorOf | ScriptOf) -> Answer:
        txid, vout = bytes(wants.outpoint.hash), int(wants.outpoint.n)
        shape = self._shapes[txid]
        exists = shape is not None and vout < len(shape.scripts)
        match wants:
            case ScriptOf():
                return shape.scripts[vout] if shape is not None and exists else None
            case ColorOf() if not exists:
                return Trace(reason=f"the coin {outpoint_text(wants.outpoint)} is not in the chain")
            case ColorOf() if txid in self._traces:
                return self._traces[txid][vout]
            case ColorOf():
                self._remember_plain(txid)
                return UNCOLORED

    def _remember_plain(self, txid: bytes) -> None:
        """The outputs of a transaction that no units can reach: all of them are known once it was looked at."""
        shape = self._shapes[txid]
        if self._cache is None or shape is None or shape.block is None:
            return
        for vout in range(len(shape.scripts)):
            if not shape.may_color(vout):
                self._cache.found(COutPoint(txid, vout), UNCOLORED, shape.block)

    def _enter(self, txid: Txid) -> None:
        shape = self._shapes[txid]
        assert shape is not None, "a transaction that is not there has no colours"
        self._stack.append(_Frame(txid, self._rule.steps(txid, shape)))
        self._run(None)

    def _give(self, answer: Answer) -> None:
        """Hands an answer to the step that waits for it, or to whoever asked for the walk."""
        if not self._stack:
            assert isinstance(answer, Trace), "the root asks for a colour"
            self._answer = answer
            return
        self._run(answer)

    def _run(self, answer: Answer) -> None:
        """Lets the topmost transaction go on (from its start with None) to its next question or its end."""
        frame = self._stack[-1]
        try:
            frame.wants = frame.steps.send(answer)
        except StopIteration as done:
            self._stack.pop()
            self._settle(frame.txid, done.value)

    def _settle(self, txid: Txid, traces: tuple[Trace, ...]) -> None:
        self._traces[txid] = traces
        shape = self._shapes[txid]
        if self._cache is None or shape is None or shape.block is None:
            return
        for vout, trace in enumerate(traces):
            if trace.reason is None and shape.may_color(vout):
                self._cache.found(COutPoint(txid, vout), trace, shape.block)


class ColorSource(TransactionSource, BestChain, Protocol):
    """A chain that is walked, and that tells what of the remembered still holds."""


@dataclass(frozen=True, slots=True)
class ColorWalker:
    """Drives walks over a chain source. With a cache the second question about a confirmed coin is one look-up, and
    one at the node, whether the block that taught it is still in the chain."""

    rule: ColorRule
    source: ColorSource
    cache: ColorCache | None = None
    limit: int = ANCESTOR_LIMIT

    def trace(self, outpoint: COutPoint) -> Trace:
        """What can be found out about a coin. Raises what the source raises, and ChainError where the chain is
        reorganised again and again meanwhile."""
        return self.placed(outpoint)[0]

    def placed(self, outpoint: COutPoint) -> tuple[Trace, BlockRef | None]:
        """What can be found out about a coin, and its block in the best chain; None where no block is known to hold it.
        Raises as `trace` does."""
        if self.cache is None:
            walk = self._walked(outpoint, None)
            return walk.finish(), walk.block
        for _ in range(MAX_ATTEMPTS):
            remembered = Remembered(self.cache, self.source)
            walk = self._walked(outpoint, remembered)
            if remembered.settle():
                return walk.finish(), walk.block or remembered.block_of(outpoint)
        raise ChainError(
            f"the chain was reorganised while the ancestors of {outpoint_text(outpoint)} were read",
            hint="try again in a moment",
        )

    def color(self, outpoint: COutPoint) -> CoinColor:
        """The colour of a coin; Unknown with a reason where an ancestor is missing."""
        return self.trace(outpoint).color

    def _walked(self, outpoint: COutPoint, remembered: Remembered | None) -> Walk:
        walk = Walk(self.rule, outpoint, cache=remembered, limit=self.limit)
        if remembered is not None and walk.next_queries():
            remembered.begin()
        while queries := walk.next_queries():
            for txid in queries:
                walk.resolve(txid, self.source.transaction(txid))
        return walk
