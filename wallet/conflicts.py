"""Two transactions of ours that spend one coin: a bumped one and its replacement. Miners may take either."""

from wallet.chain.source import FoundTransaction, TxSource
from wallet.errors import ChainError, ChainUnavailableError
from wallet.hashes import Txid
from wallet.store.journal import Journal, JournalEntry, TxState


def settle_replaced(journal: Journal, source: TxSource) -> tuple[Txid, ...]:
    """Notes replaced transactions that were mined after all; what lost against them is given up and returned.

    Whatever spends a coin of theirs is replaced by them, and what was built on that is abandoned: neither can confirm
    any more. Raises ChainUnavailableError.
    """
    lost: list[Txid] = []
    for entry in journal.replaced():
        if _is_decided(entry, journal):
            continue
        found = _found(entry.txid, source)
        if found is not None and found.block is not None:
            journal.mark_confirmed(entry.txid, found.block.height, found.block.hash)
            lost.extend(_give_up(entry, journal))
    return tuple(lost)


def _is_decided(entry: JournalEntry, journal: Journal) -> bool:
    """Whether the transaction at the end of the row of replacements is in a block."""
    seen = {entry.txid}
    while entry.state is TxState.REPLACED and entry.replaced_by is not None:
        following = journal.entry(entry.replaced_by)
        if following is None or following.txid in seen:
            return False
        seen.add(following.txid)
        entry = following
    return entry.state is TxState.CONFIRMED


def _found(txid: Txid, source: TxSource) -> FoundTransaction | None:
    """None also where the node has no transaction index and cannot tell."""
    try:
        return source.transaction(txid)
    except ChainUnavailableError:
        raise
    except ChainError:
        return None


def _give_up(winner: JournalEntry, journal: Journal) -> list[Txid]:
    taken = {txin.prevout for txin in winner.tx.vin}
    lost: list[Txid] = []
    for entry in journal.unconfirmed():
        if any(txin.prevout in taken for txin in entry.tx.vin):
            journal.mark_replaced(entry.txid, by=winner.txid)
        elif any(txin.prevout.hash in lost for txin in entry.tx.vin):
            journal.mark_abandoned(entry.txid)
        else:
            continue
        lost.append(entry.txid)
    return lost
