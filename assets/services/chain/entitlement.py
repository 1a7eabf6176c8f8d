"""What the holder of some scripts is to a repository at this moment: the question behind every token of a gate.

The index says which coins hold the title and units, the node whether they are still there. A coin counts if the node
has it unspent as of the very block at which the index stands; nothing is remembered from one question to the next.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager

from bitcoin.core.script import CScript

from assets.errors import IndexStateError
from assets.images.access import Standing
from assets.index.liveness import MAX_ATTEMPTS
from assets.index.pending import pending
from assets.index.reader import IndexReader, IndexTip
from assets.model import Holding
from wallet.chain.source import TxSource
from wallet.hashes import Txid

MAX_COINS = 200
"""Coins of one holder that the node is asked about for one answer. One that is there is enough."""


class Entitlements:
    """Answers from an index and a node. `catch_up` brings the index to the node's tip, or raises.

    `confirmations` is how deep a coin must be (1 is the last block).
    """

    def __init__(
        self,
        source: TxSource,
        snapshot: Callable[[], AbstractContextManager[IndexReader]],
        catch_up: Callable[[], object],
        *,
        confirmations: int = 1,
    ) -> None:
        self._source = source
        self._snapshot = snapshot
        self._catch_up = catch_up
        self._confirmations = confirmations

    def standing(self, genesis: Txid, scripts: Sequence[CScript]) -> Standing:
        """What whoever holds these scripts is to a repository.

        The owner of a title that the mempool moves to its own script keeps it; one that is about to go elsewhere is
        nobody's until a block has it. An access unit that the mempool spends is not held. Where the title is lost, the
        script that held it last may still pull. Raises ChainError, and IndexStateError where node and index do not
        meet.
        """
        trouble = IndexStateError(
            "the node's chain moves faster than the index can follow", hint="try again in a moment"
        )
        for _ in range(MAX_ATTEMPTS):
            try:
                found = self._look(genesis, scripts)
            except IndexStateError as error:
                trouble, found = error, None
            if found is not None:
                return found
            self._catch_up()
        raise trouble

    def _look(self, genesis: Txid, scripts: Sequence[CScript]) -> Standing | None:
        with self._snapshot() as reader:
            tip = reader.tip()
            if tip is None:
                return None
            return _Question(self._source, reader, tip, self._confirmations).answer(genesis, scripts)

    def holding(self, geneses: Collection[Txid], scripts: Sequence[CScript]) -> tuple[CScript, ...]:
        """The scripts that hold a title (a lost one too) or units of these repositories, as far as markers tell.

        Where not all do, the index is brought up to date and asked again. Raises ChainError, IndexStateError.
        """
        found = self._holding(geneses, scripts)
        if len(found) < len(scripts):
            self._catch_up()
            found = self._holding(geneses, scripts)
        return found

    def _holding(self, geneses: Collection[Txid], scripts: Sequence[CScript]) -> tuple[CScript, ...]:
        with self._snapshot() as reader:
            held = {bytes(coin.script) for coin, units in reader.units_on(scripts) if units.genesis in geneses}
            if len(held) < len(scripts):
                lost = (_last_holder(reader, genesis) for genesis in geneses if reader.title(genesis) is None)
                held.update(script for script in lost if script is not None)
        return tuple(script for script in scripts if bytes(script) in held)


class _Question:
    """One look at one state of the index. Answers are None where the node stands at another block."""

    def __init__(self, source: TxSource, reader: IndexReader, tip: IndexTip, confirmations: int) -> None:
        self._source = source
        self._reader = reader
        self._tip = tip
        self._confirmations = confirmations
        self._asked = False

    def answer(self, genesis: Txid, scripts: Sequence[CScript]) -> Standing | None:
        own = {bytes(script) for script in scripts}
        title = self._reader.title(genesis)
        standing: Standing | None = Standing.STRANGER
        if title is None and _last_holder(self._reader, genesis) in own:
            standing = Standing.HOLDER
        elif title is not None and bytes(title.script) in own:
            standing = self._of_title(genesis, title)
        if standing is not Standing.STRANGER:
            return standing if standing is None or self._asked else self._at_tip(standing)
        return self._of_units(genesis, scripts)

    def _of_title(self, genesis: Txid, title: Holding) -> Standing | None:
        """The mempool is asked before the coin: what is mined in between changes the block that the coin names."""
        moves = pending(self._source, self._reader, genesis)
        held = self._held(title)
        if held is None:
            return None
        if not held:
            return Standing.HOLDER if self._is_gone(title) else Standing.STRANGER
        stays = all(move.target is not None and move.target.script == title.script for move in moves)
        return Standing.OWNER if stays else Standing.STRANGER

    def _of_units(self, genesis: Txid, scripts: Sequence[CScript]) -> Standing | None:
        coins = [
            holding for holding, units in self._reader.units_on(scripts) if units.genesis == genesis and not units.title
        ]
        for coin in coins[:MAX_COINS]:
            waiting = self._source.spender(coin.outpoint) is not None
            held = self._held(coin)
            if held is None:
                return None
            if held and not waiting:
                return Standing.HOLDER
        return Standing.STRANGER if self._asked else self._at_tip(Standing.STRANGER)

    def _held(self, coin: Holding) -> bool | None:
        """Whether the node has a coin, deep enough; None where it stands at another block than the index."""
        answer = self._source.unspent(coin.outpoint)
        if answer.tip != self._tip.hash:
            return None
        self._asked = True
        if answer.txout is None:
            return False
        return answer.height is not None and self._tip.height - answer.height + 1 >= self._confirmations

    def _is_gone(self, coin: Holding) -> bool:
        return self._source.unspent(coin.outpoint).txout is None

    def _at_tip(self, standing: Standing) -> Standing | None:
        """An answer that hangs on no coin still holds only at the node's tip."""
        return standing if self._source.tip().hash == self._tip.hash else None


def _last_holder(reader: IndexReader, genesis: Txid) -> bytes | None:
    """The script that held a lost title last; None where nothing is known of such a title."""
    moves = reader.title_movements(genesis)
    last = moves[-1] if moves else None
    return bytes(last.source.script) if last is not None and last.source is not None else None
