"""Use case: what happened in a wallet. The journal knows why, or the chain does; the node knows whether."""

from collections.abc import Sequence

from bitcoin.core import COutPoint

from assets.services.chain.chain_words import words_of_units
from assets.services.read_models.wallet_views import ActivityView, HistoryView
from assets.services.wallets.own_keys import own_scripts
from assets.services.wallets.session import Session
from wallet.coins import AccountKind, KeyPath
from wallet.documents import read_json
from wallet.hashes import Txid, display, parse_txid
from wallet.history import Category, HistoryEntry, WatchedTransaction, history
from wallet.store.journal import JournalEntry, TxState
from wallet.store.wallet_store import LabelType

_UNSENT = (TxState.SIGNED, TxState.BROADCAST, TxState.ABANDONED)
_REPLACED, _DEAD, _DROPPED = "replaced", "dead", "dropped"
_VOID = (_REPLACED, _DEAD)


def activity(session: Session) -> HistoryView:
    """Every transaction of the wallet: what waits first, then from the newest block down, what is void at the end."""
    journal = {entry.txid: entry for entry in session.journal.entries()}
    labels = {
        parse_txid(label.ref): label.label or "" for label in session.store.labels() if label.type is LabelType.TX
    }
    transactions = session.coins.transactions()
    entries = history(transactions, tip_height=session.source.tip().height, labels=labels)
    seen = {entry.txid for entry in entries}
    words = {} if seen <= journal.keys() else _words(session)
    views = [_seen(entry, journal.get(entry.txid), words.get(entry.txid)) for entry in entries]
    unseen = [_unsent(entry) for txid, entry in journal.items() if txid not in seen and entry.state in _UNSENT]
    waiting = [view for view in reversed(unseen) if view.state not in _VOID]
    views += [view for view in reversed(unseen) if view.state in _VOID]
    return HistoryView(
        network=session.network.name,
        wallet=session.name,
        unread=_unread([one for one in transactions if one.txid not in journal.keys() | words.keys()], session),
        transactions=(
            *waiting,
            *sorted(views, key=lambda view: view.state in _VOID),
        ),
    )


def _words(session: Session) -> dict[Txid, str]:
    """What the index tells of transactions that the journal does not know; nothing where there is no index."""
    if session.index is None:
        return {}
    with session.index.snapshot() as reader:
        return words_of_units(reader, own_scripts(session))


def _unread(unexplained: Sequence[WatchedTransaction], session: Session) -> int:
    """How many in blocks touch scripts for units, while the index, which knows what they did, is behind the node."""
    if not unexplained or _is_current(session):
        return 0
    own = own_scripts(session)
    coins = {
        COutPoint(one.txid, vout)
        for one in unexplained
        for vout, txout in enumerate(one.tx.vout)
        if _is_special(own.get(bytes(txout.scriptPubKey)))
    }
    made = {outpoint.hash for outpoint in coins}
    return sum(
        one.txid in made or any(txin.prevout in coins for txin in one.tx.vin)
        for one in unexplained
        if one.height is not None
    )


def _is_special(path: KeyPath | None) -> bool:
    """Whether a key is this wallet's, and for units."""
    return path is not None and path.account is not AccountKind.BTC


def _is_current(session: Session) -> bool:
    if session.index is None:
        return False
    with session.index.snapshot() as reader:
        tip = reader.tip()
    return tip is not None and tip.hash == session.source.tip().hash


def _unsent(entry: JournalEntry) -> ActivityView:
    """A signed transaction that the node does not have, with what it was meant to do as the journal noted it."""
    return ActivityView(
        txid=display(entry.txid),
        kind=entry.kind,
        sats=_noted(entry, "delta") or 0,
        fee=_noted(entry, "fee"),
        confirmations=0,
        height=None,
        time=entry.created,
        label=entry.reason,
        state=_unsent_state(entry),
    )


def _noted(entry: JournalEntry, what: str) -> int | None:
    """A figure of the journal's note on what a transaction was meant to do; None where it has none."""
    try:
        noted = read_json(entry.summary, what="the journal's entry")
    except ValueError:
        return None
    found = noted.get(what) if isinstance(noted, dict) else None
    return found if isinstance(found, int) else None


def _unsent_state(entry: JournalEntry) -> str:
    if entry.state is TxState.ABANDONED:
        return _DEAD
    return "refused by the node" if entry.reason else "signed, not sent"


def _seen(entry: HistoryEntry, known: JournalEntry | None, word: str | None) -> ActivityView:
    kind = known.kind if known is not None else word
    return ActivityView(
        txid=display(entry.txid),
        kind=kind if kind is not None and entry.category is not Category.DEAD else str(entry.category),
        sats=entry.delta,
        fee=entry.fee,
        confirmations=entry.confirmations,
        height=entry.height,
        time=entry.time,
        label=entry.label or (known.reason if known is not None and entry.category is Category.EVICTED else ""),
        state=_state(entry, known),
    )


def _state(entry: HistoryEntry, known: JournalEntry | None) -> str:
    if known is not None and known.state is TxState.REPLACED and not entry.confirmations:
        return _REPLACED
    if entry.category is Category.DEAD:
        return _DEAD
    if entry.category is Category.EVICTED:
        return _DROPPED if known is None else _unsent_state(known)
    return "confirmed" if entry.confirmations else "pending"
