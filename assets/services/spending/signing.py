"""From a draft to the network: sign, judge, journal, broadcast, in this order.

A signed transaction is in the journal before the node hears of it, so that a crash between the two loses nothing: the
next command sends it again.
"""

import json
import logging
from collections.abc import Callable

from bitcoin.core import COutPoint, CTransaction

from assets.services.spending.conflicting import require_revocation_kept
from assets.services.spending.drafts import Draft, check
from assets.services.spending.replacing import replaceable
from assets.services.wallets.labels import carry_over
from assets.services.wallets.session import Session
from wallet.errors import RpcError, SigningError, StateError
from wallet.hashes import Txid, display, outpoint_text, txid_of
from wallet.psbt import add_signatures, finalize, to_psbt
from wallet.rebroadcast import Outcome, Rebroadcast, rebroadcast
from wallet.signer import Signer
from wallet.store.journal import JournalEntry

_log = logging.getLogger(__name__)

Unlock = Callable[[], Signer]
"""Opens the keys. Asked only once the draft was accepted, and before the wallet is locked for others."""


def sign_and_broadcast(draft: Draft, unlock: Unlock, session: Session) -> Txid:
    """Signs what the guard let through, writes it to the journal and hands it to the node.

    Raises WrongPasswordError and SigningError (nothing was signed), StateError where a coin was spent meanwhile,
    RpcError where the node would not take it (nothing is kept then), BusyError where another process signs.
    """
    signer = unlock()
    with session.signing():
        require_free_coins(draft, session)
        check(draft, session)
        own = signer.sign(to_psbt(draft.unsigned, session.account))
        tx = finalize(add_signatures(own, dict(draft.signatures)))
        _require_same(tx, draft)
        refusal = session.refusal(tx)
        if refusal is not None:
            raise refusal
        session.journal.record(journal_entry(tx, draft, session.clock()), replaces=draft.replaces)
        if draft.replaces is not None:
            carry_over(session.store, draft.replaces, draft.txid)
        mark_keys(draft, session)
    _log.info("signed %s %s", draft.about.kind, display(draft.txid))
    session.source.broadcast(tx)
    session.journal.mark_broadcast(draft.txid)
    _log.info("sent %s", display(draft.txid))
    return draft.txid


def settle(session: Session) -> tuple[Rebroadcast, ...]:
    """Sends again what was signed and never arrived, and notes what was confirmed. Raises ChainUnavailableError.

    After a reorganisation a transaction of ours may hang on somebody else's that is gone too: what the node refused is
    tried once more where others' transactions came back.
    """
    outcomes = {one.txid: one for one in rebroadcast(session.journal, session.source)}
    others = _send_others(session)
    if others and any(one.outcome is Outcome.REFUSED for one in outcomes.values()):
        for again in rebroadcast(session.journal, session.source):
            if again.txid not in outcomes or outcomes[again.txid].outcome is Outcome.REFUSED:
                outcomes[again.txid] = again
    outcomes |= {one.txid: one for one in others}
    for outcome in outcomes.values():
        if outcome.outcome in (Outcome.SENT, Outcome.REFUSED, Outcome.LOST, Outcome.CONFLICTED):
            _log.info("journal: %s %s %s", display(outcome.txid), outcome.outcome, outcome.reason)
    return tuple(outcomes.values())


def _send_others(session: Session) -> tuple[Rebroadcast, ...]:
    """Sends again what another device with the same words signed, and what fell out of chain and mempool since.

    The node goes on counting its coins as spent, so nothing could be built in its place. They come in any order, so
    each is tried as long as another one goes out. What the node will not take any more is left alone: something else
    has taken its place, or will.
    """
    sent: list[Rebroadcast] = []
    left = [one.tx for one in session.evicted() if session.journal.entry(one.txid) is None]
    while True:
        refused = [tx for tx in left if not _is_taken(tx, session)]
        gone = {txid_of(tx) for tx in refused}
        sent += [Rebroadcast(txid=txid_of(tx), outcome=Outcome.SENT) for tx in left if txid_of(tx) not in gone]
        if not refused or len(refused) == len(left):
            return tuple(sent)
        left = refused


def _is_taken(tx: CTransaction, session: Session) -> bool:
    try:
        session.source.broadcast(tx)
    except RpcError:
        return False
    return True


def require_free_coins(draft: Draft, session: Session) -> None:
    """Every coin that a draft spends is still free for it. Raises StateError that names the one that is not."""
    _require_unspent(draft, session)
    _require_alone(draft, session)


def _require_unspent(draft: Draft, session: Session) -> None:
    """Our own inputs are still there, and nobody else set them aside since the draft was made.

    The coins of a transaction that is replaced are taken over from it.
    """
    present = {coin.outpoint for coin in session.coins.coins()}
    held = session.held(but=draft.holder)
    taken_over = _coins_of(replaceable(draft.replaces, session)) if draft.replaces is not None else frozenset()
    for prevout in draft.unsigned.prevouts:
        if prevout.path is None or prevout.outpoint in taken_over:
            continue
        name = outpoint_text(prevout.outpoint)
        if prevout.outpoint not in present:
            raise StateError(f"the coin {name} was spent meanwhile", hint="nothing was signed; start again")
        if prevout.outpoint in held:
            raise StateError(
                f"the coin {name} is set aside meanwhile: {held[prevout.outpoint]}",
                hint="nothing was signed; start again",
            )


def _coins_of(entry: JournalEntry) -> frozenset[COutPoint]:
    return frozenset(txin.prevout for txin in entry.tx.vin)


def _require_alone(draft: Draft, session: Session) -> None:
    """No unconfirmed transaction spends any input, but the one that is replaced.

    Nodes would let the one that pays more replace the other without a word.
    """
    for prevout in draft.unsigned.prevouts:
        rival = session.source.spender(prevout.outpoint)
        if rival is not None and txid_of(rival) != draft.replaces:
            raise StateError(
                f"the coin {outpoint_text(prevout.outpoint)} is spent by {display(txid_of(rival))} already, which "
                "waits for a block",
                hint="another program or process came first; nothing was signed; start again",
            )
        if rival is not None:
            require_revocation_kept(rival, draft.unsigned.tx)


def _require_same(tx: CTransaction, draft: Draft) -> None:
    """The signer changed nothing but witnesses."""
    if txid_of(tx) != draft.txid or len(tx.wit.vtxinwit) != len(tx.vin):
        raise SigningError("the signer gave back another transaction", hint="nothing was sent; do not use that signer")


def journal_entry(tx: CTransaction, draft: Draft, now: int) -> JournalEntry:
    """A draft's transaction with what it is for, as the journal keeps it."""
    summary = {
        "delta": draft.expectation.btc_delta,
        "effects": list(draft.about.effects),
        "fee": draft.unsigned.fee,
        "inputs": [str(item.role) for item in draft.plan.inputs],
        "outputs": [str(item.role) for item in draft.plan.outputs],
    }
    return JournalEntry(
        tx=tx,
        kind=draft.about.kind,
        created=now,
        genesis=draft.about.genesis,
        summary=json.dumps(summary, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    )


def mark_keys(draft: Draft, session: Session) -> None:
    """Keys that this transaction pays are never handed out again."""
    for _, path in draft.unsigned.own_outputs:
        session.store.mark_used(path.account, path.chain, path.index)
