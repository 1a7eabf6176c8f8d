"""The colour of a coin as one wallet sees it: what the chain says, and of this wallet's bitcoin also what it might hold
of other protocols.

A coin on a bitcoin path is reserved where the chain speaks for another colour, unless this wallet made it or its user
freed it. What this wallet made, its journal knows. After a restore the journal is empty, so that a small coin also
counts as its own where every input of the transaction was this wallet's; the other signs then count all the same, for
whoever else has the words may have made that transaction with a program that knows such colours.

Where the transaction that made a coin cannot be had, its colour is unknown, and that is reserved.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from bitcoin.core import COutPoint

from assets.coloring.suspicion import NOTHING, Making, Suspicion, SuspicionCache, spent_script
from assets.coloring.trace import Trace
from assets.coloring.walk import TransactionSource
from assets.model import CoinColor, OtherColor, Sign, Unknown
from wallet.chain.source import BlockRef
from wallet.coins import AccountKind, KeyPath
from wallet.hashes import Txid
from wallet.store.journal import Journal
from wallet.store.wallet_store import WalletStore

OwnScripts = Mapping[bytes, KeyPath]


class PlacedTraces(Protocol):
    """What walks the ancestors of a coin."""

    def placed(self, outpoint: COutPoint) -> tuple[Trace, BlockRef | None]:
        """What is found out about a coin, and its block in the best chain, where one is known to hold it."""


class WalletColors:
    """The colours of coins for one wallet.

    `own` answers the wallet's own scripts with their keys; it is asked once, and only where something speaks for
    another colour. `cache` may be None: then each transaction is read whenever its coin is asked about.
    """

    def __init__(
        self,
        walker: PlacedTraces,
        source: TransactionSource,
        *,
        store: WalletStore,
        journal: Journal,
        own: Callable[[], OwnScripts],
        cache: SuspicionCache | None = None,
    ) -> None:
        self._walker = walker
        self._source = source
        self._store = store
        self._journal = journal
        self._ask_own = own
        self._own: OwnScripts | None = None
        self._cache = cache
        self._last: tuple[Txid, Making] | None = None

    def color(self, outpoint: COutPoint) -> CoinColor:
        """The colour of a coin. Raises what the walk and the source raise."""
        trace, block = self._walker.placed(outpoint)
        if trace.color is not None:
            return trace.color
        found = self._suspicion(outpoint, block)
        if found is None:
            return Unknown(reason="the transaction that made it cannot be had")
        signs = self._counting(outpoint, found)
        return OtherColor(signs=signs) if signs else None

    def _suspicion(self, outpoint: COutPoint, block: BlockRef | None) -> Suspicion | None:
        known = None if self._cache is None or block is None else self._cache.suspicion(outpoint, block.hash)
        if known is not None:
            return known
        making = self._making_of(Txid(bytes(outpoint.hash)), block)
        found = None if making is None else making.suspicion(outpoint.n)
        if self._cache is not None and making is not None and making.block is not None and found is not None:
            self._cache.keep_suspicion(outpoint, making.block.hash, found)
        return found

    def _making_of(self, txid: Txid, block: BlockRef | None) -> Making | None:
        """The transaction, read once where many of its outputs are asked about in a row."""
        last = self._last
        if last is not None and block is not None and (last[0], last[1].block) == (txid, block):
            return last[1]
        making = Making.read(txid, self._source)
        self._last = None if making is None else (txid, making)
        return making

    def _counting(self, outpoint: COutPoint, found: Suspicion) -> tuple[Sign, ...]:
        """The signs that count for this wallet; none where the coin is not on one of its bitcoin paths."""
        if found == NOTHING or is_cleared(outpoint, self._store, self._journal):
            return ()
        path = self._scripts.get(found.script)
        if path is None or path.account is not AccountKind.BTC:
            return ()
        if Sign.SMALL in found.signs and found.payer in self._scripts and self._is_ours(Txid(bytes(outpoint.hash))):
            return tuple(sign for sign in found.signs if sign is not Sign.SMALL)
        return found.signs

    def _is_ours(self, txid: Txid) -> bool:
        """Whether every input of a transaction spends a script of this wallet."""
        found = self._source.transaction(txid)
        if found is None:
            return False
        tx = found.tx
        return all(spent_script(tx, number, self._source) in self._scripts for number in range(len(tx.vin)))

    @property
    def _scripts(self) -> OwnScripts:
        if self._own is None:
            self._own = self._ask_own()
        return self._own


def is_cleared(outpoint: COutPoint, store: WalletStore, journal: Journal) -> bool:
    """Whether a coin is plain bitcoin whatever its transaction shows: this wallet made it, or its user freed it."""
    return outpoint in store.freed() or journal.entry(Txid(bytes(outpoint.hash))) is not None
