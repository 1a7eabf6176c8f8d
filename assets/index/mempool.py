"""Units that only the mempool knows: what unconfirmed transactions made of the coins that the index knows."""

from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import CScript

from assets.errors import IndexStateError
from assets.index.movements import Effect, HeldUnits, effect_of
from assets.index.reader import IndexReader
from assets.model import Position
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from wallet.chain.source import FoundTransaction, TxSource
from wallet.errors import ChainError
from wallet.hashes import Txid, display

MAX_ANCESTORS = 500
"""How many unconfirmed ancestors are read for one answer. Nodes hold far fewer behind a single transaction."""


class MempoolUnits:
    """Colours unconfirmed transactions, each ancestor once, as of the reader's tip.

    The node has checked the transactions with their witnesses; there is no block yet that could prove them.
    """

    def __init__(self, source: TxSource, reader: IndexReader) -> None:
        self._source = source
        self._reader = reader
        self._created: dict[tuple[bytes, int], HeldUnits] = {}
        self._settled: set[bytes] = set()

    def effect(self, tx: CTransaction, *, number: int) -> Effect | None:
        """What an unconfirmed transaction does to units; it stands at place `number` of its lineage.

        Raises IndexStateError where a parent is in a block that the index has not read.
        """
        pending = [tx]
        while (parent := self._unread_parent(pending[-1])) is not None or len(pending) > 1:
            if parent is None:
                self._learn(pending.pop())
                continue
            pending.append(parent)
            if len(pending) + len(self._settled) > MAX_ANCESTORS:
                raise IndexStateError(
                    f"more than {MAX_ANCESTORS} unconfirmed transactions stand behind one coin",
                    hint="wait for the next block",
                )
        return self._learn(tx, number=number)

    def units(self, outpoint: COutPoint) -> HeldUnits | None:
        """The units in a coin that the index knows, or that a transaction given to `effect` made."""
        return self._created.get((outpoint.hash, outpoint.n)) or self._reader.held_units(outpoint)

    def _learn(self, tx: CTransaction, *, number: int = 0) -> Effect | None:
        effect = effect_of(
            tx,
            position=Position(height=None, index=number),
            block=None,
            spent=tuple(self.units(txin.prevout) for txin in tx.vin),
            spent_script=self._spent_script,
        )
        if effect is not None:
            self._created.update({(held[0].outpoint.hash, held[0].outpoint.n): held for held in effect.created})
        self._settled.add(tx.GetTxid())
        return effect

    def _unread_parent(self, tx: CTransaction) -> CTransaction | None:
        """The first unconfirmed parent that may have made units for the run of `tx`'s first inputs.

        Inputs behind the first one without units decide nothing, so their parents are not read.
        """
        for txin in tx.vin:
            if self.units(txin.prevout) is not None:
                continue
            if txin.prevout.hash in self._settled:
                return None
            found = self._fetch(Txid(txin.prevout.hash))
            if found.block is None and any(RULE.may_move(txout.scriptPubKey) for txout in found.tx.vout):
                return found.tx
            self._settled.add(txin.prevout.hash)
            return None
        return None

    def _fetch(self, txid: Txid) -> FoundTransaction:
        found = self._source.transaction(txid)
        if found is None:
            raise ChainError(
                f"the node no longer has transaction {display(txid)}, which its mempool spends", hint="try again"
            )
        tip = self._reader.tip()
        if found.block is not None and (tip is None or found.block.height > tip.height):
            raise IndexStateError(f"block {found.block.height} is not in the index yet", hint=ImageRemedy.SYNC.of())
        return found

    def _spent_script(self, outpoint: COutPoint) -> CScript:
        return self._fetch(Txid(outpoint.hash)).tx.vout[outpoint.n].scriptPubKey
