"""Transactions of ours that can no longer confirm, since a block holds another one that spends a coin of theirs.

The other one may be ours as well (a bumped one and its replacement, of which miners may take either), or somebody
else's: another machine with the same words, or whoever paid us twice.
"""

from collections.abc import Collection

from bitcoin.core import COutPoint

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


def settle_conflicts(journal: Journal, source: TxSource, refused: Collection[Txid]) -> tuple[Txid, ...]:
    """Gives up those of the `refused` of which a block's transaction took a coin, and what was built on them.

    Their other coins are free again then. A coin is taken where a block made it and the chain no longer has it; whether
    the refused one itself is in a block is asked after that. Raises ChainUnavailableError.
    """
    lost: list[Txid] = []
    for entry in journal.unconfirmed():
        if entry.txid not in refused:
            continue
        on_lost = any(txin.prevout.hash in lost for txin in entry.tx.vin)
        taken = on_lost or any(_is_taken(txin.prevout, source) for txin in entry.tx.vin)
        if taken and _found(entry.txid, source) is None:
            journal.mark_abandoned(entry.txid)
            lost.append(entry.txid)
    return tuple(lost)


def settle_abandoned(journal: Journal, source: TxSource) -> None:
    """Notes what was given up and was mined all the same, after a reorganisation. Raises ChainUnavailableError."""
    for entry in journal.abandoned():
        found = _found(entry.txid, source)
        if found is not None and found.block is not None:
            journal.mark_confirmed(entry.txid, found.block.height, found.block.hash)


def _is_taken(outpoint: COutPoint, source: TxSource) -> bool:
    parent = _found(Txid(outpoint.hash), source)
    return parent is not None and parent.block is not None and source.unspent(outpoint).txout is None


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
