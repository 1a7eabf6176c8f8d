"""After a crash, a restart or a reorganisation: bring the journal and the network together again."""

from dataclasses import dataclass
from enum import StrEnum

from wallet.chain.source import BlockRef, TxSource, stands
from wallet.conflicts import settle_abandoned, settle_conflicts, settle_replaced
from wallet.errors import ChainError, ChainUnavailableError, RpcError
from wallet.hashes import Txid
from wallet.store.journal import Journal, JournalEntry, TxState

REORG_HORIZON = 100
"""Blocks below the tip within which every confirmed transaction is looked at again; below them as many as have left
their block, from the newest on."""


class Outcome(StrEnum):
    """What became of a journalled transaction."""

    CONFIRMED = "a block holds it"
    WAITING = "the node has it"
    SENT = "sent again"
    KEPT = "kept, and not yet sent"
    REFUSED = "the node refused it"
    LOST = "the one that it replaced was mined instead"
    CONFLICTED = "a block holds another transaction that spends its coins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebroadcast:
    """One transaction's outcome; `reason` is the node's where it refused, or why it could not be sent."""

    txid: Txid
    outcome: Outcome
    reason: str = ""


def rebroadcast(journal: Journal, source: TxSource) -> tuple[Rebroadcast, ...]:
    """Looks up every transaction that is not safely confirmed, and sends those that the node does not have.

    A node without a transaction index cannot tell about transactions in blocks: confirmed ones are believed then.
    Oldest first, so that parents come before children. A refused one keeps the node's reason and stays in the journal,
    and so does what the node gives no answer for; then the others wait, too, since they may be built on it. What can no
    longer confirm, because a transaction that it replaced did, or another one that spends a coin of it, is given up.
    Raises ChainUnavailableError; what was done before it is kept.
    """
    settle_abandoned(journal, source)
    waiting = {entry.txid for entry in journal.unconfirmed()}
    settled = [_settle(entry, journal, source) for entry in _uncertain(journal, source)]
    lost = [Rebroadcast(txid=txid, outcome=Outcome.LOST) for txid in settle_replaced(journal, source)]
    sent: list[Rebroadcast] = []
    for entry in journal.unconfirmed():
        kept = next((one for one in sent if one.outcome is Outcome.KEPT), None)
        if kept is not None and entry.state is TxState.SIGNED and entry.txid in waiting:
            sent.append(Rebroadcast(txid=entry.txid, outcome=Outcome.KEPT, reason=kept.reason))
        elif entry.txid in waiting:
            sent.append(_settle(entry, journal, source))
    refused = {one.txid for one in (*settled, *sent) if one.outcome is Outcome.REFUSED}
    void = settle_conflicts(journal, source, refused)
    gone = [Rebroadcast(txid=txid, outcome=Outcome.CONFLICTED) for txid in void]
    return (*(one for one in (*settled, *lost, *sent) if one.txid not in void), *gone)


def _uncertain(journal: Journal, source: TxSource) -> tuple[JournalEntry, ...]:
    """The confirmed ones that a reorganisation can have undone, oldest first.

    Once a block of one of them is found in the best chain, so are those of all that were confirmed below it.
    """
    height = source.tip().height - REORG_HORIZON
    found = journal.confirmed_since(height)
    while deeper := journal.confirmed_below(height):
        assert deeper[0].height is not None, "it is confirmed"
        height, block = deeper[0].height, deeper[0].block
        if block is not None and stands(BlockRef(height, block), source):
            break
        found = (*deeper, *found)
    return found


def _settle(entry: JournalEntry, journal: Journal, source: TxSource) -> Rebroadcast:
    try:
        found = source.transaction(entry.txid)
    except ChainUnavailableError:
        raise
    except ChainError:
        if entry.state is TxState.CONFIRMED:
            return Rebroadcast(txid=entry.txid, outcome=Outcome.CONFIRMED)
        found = None
    if found is not None and found.block is not None:
        if (entry.height, entry.block) != (found.block.height, found.block.hash):
            journal.mark_confirmed(entry.txid, found.block.height, found.block.hash)
        return Rebroadcast(txid=entry.txid, outcome=Outcome.CONFIRMED)
    if found is not None:
        journal.mark_broadcast(entry.txid)
        return Rebroadcast(txid=entry.txid, outcome=Outcome.WAITING)
    return _send(entry, journal, source)


def _send(entry: JournalEntry, journal: Journal, source: TxSource) -> Rebroadcast:
    try:
        source.broadcast(entry.tx)
    except RpcError as error:
        if entry.state is TxState.CONFIRMED:
            journal.mark_broadcast(entry.txid)
        journal.mark_refused(entry.txid, str(error))
        return Rebroadcast(txid=entry.txid, outcome=Outcome.REFUSED, reason=str(error))
    except ChainError as error:
        if entry.state is not TxState.SIGNED:
            raise
        return Rebroadcast(txid=entry.txid, outcome=Outcome.KEPT, reason=str(error))
    journal.mark_broadcast(entry.txid)
    return Rebroadcast(txid=entry.txid, outcome=Outcome.SENT)
