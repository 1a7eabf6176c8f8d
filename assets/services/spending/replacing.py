"""Which of the wallet's transactions may be replaced by a better paying one, and what hangs on it.

A replacement throws out of the mempool everything that was built on the old transaction. So only a transaction that
nothing is built on is ever replaced; a chain of them is sped up at its end.
"""

from bitcoin.core import COutPoint, CTransaction

from assets.remedies import ImageRemedy
from assets.services.wallets.holds import hold_of, hold_words
from assets.services.wallets.session import Session
from wallet.errors import StateError
from wallet.hashes import Txid, display, txid_of
from wallet.remedies import WalletRemedy
from wallet.store.journal import PENDING, JournalEntry, TxState


def replaceable(txid: Txid, session: Session) -> JournalEntry:
    """The journal's entry of a transaction of ours that waits for a block, and that nothing is built on.

    Raises StateError that says what it is instead.
    """
    entry = session.journal.entry(txid)
    if entry is None:
        raise _not_sent(txid, session)
    _require_pending(entry, session)
    built = built_on(entry.tx, session)
    if built:
        raise _built_upon(txid, built, session)
    _require_outputs_free(txid, session)
    return entry


def _not_sent(txid: Txid, session: Session) -> StateError:
    """A transaction that the journal does not know: how it was meant is not known either."""
    if any(one.txid == txid and one.height is None for one in session.coins.transactions()):
        return StateError(
            f"{display(txid)} was not sent from here, but by another device, somebody else, or before a restore",
            hint="bump it where it was sent; or spend here what it pays this wallet and bump that, which pays for both",
        )
    return StateError(
        f"this wallet has not sent {display(txid)}",
        hint=ImageRemedy.ONLY_OWN_REPLACED.of(),
    )


def built_on(tx: CTransaction, session: Session) -> tuple[CTransaction, ...]:
    """The transactions that wait for a block, sent or only signed, and descend from `tx`; parents come first."""
    unsent = {txin.prevout: entry.tx for entry in session.journal.unconfirmed() for txin in entry.tx.vin}
    found: dict[Txid, CTransaction] = {}
    queue = [tx]
    while queue:
        parent = queue.pop(0)
        for outpoint in _outputs(parent):
            child = session.source.spender(outpoint) or unsent.get(outpoint)
            if child is not None and txid_of(child) not in found:
                found[txid_of(child)] = child
                queue.append(child)
    return tuple(found.values())


def _outputs(tx: CTransaction) -> list[COutPoint]:
    txid = txid_of(tx)
    return [COutPoint(txid, vout) for vout, txout in enumerate(tx.vout) if txout.scriptPubKey[:1] != b"\x6a"]


def _require_pending(entry: JournalEntry, session: Session) -> None:
    name = display(entry.txid)
    found = session.source.transaction(entry.txid)
    if found is not None and found.block is not None:
        raise StateError(f"{name} is in block {found.block.height} already", hint="there is nothing to speed up")
    if entry.state is TxState.REPLACED and entry.replaced_by is not None:
        by = display(entry.replaced_by)
        raise StateError(f"{name} was replaced by {by} already", hint=ImageRemedy.BUMP.of(txid=by))
    if entry.state not in PENDING:
        raise StateError(f"{name} is {entry.state.value}, and waits for nothing", hint=WalletRemedy.SEE_HISTORY.of())


def _built_upon(txid: Txid, built: tuple[CTransaction, ...], session: Session) -> StateError:
    names = [display(txid_of(tx)) for tx in built]
    own = session.journal.entry(txid_of(built[-1])) is not None
    return StateError(
        f"{display(txid)} cannot be replaced: {', '.join(names)} {'is' if len(names) == 1 else 'are'} built on it and "
        "would be lost",
        hint=ImageRemedy.BUMP_LAST.of(txid=names[-1])
        if own
        else "somebody else spends it already; wait for the next block",
    )


def _require_outputs_free(txid: Txid, session: Session) -> None:
    for reservation in session.reservations.active(session.clock()):
        if reservation.outpoint.hash == txid:
            raise StateError(
                f"output {reservation.outpoint.n} of {display(txid)} is {hold_words(hold_of(reservation.owner))}",
                hint="finish or cancel that first: it would be lost",
            )
