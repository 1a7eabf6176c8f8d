"""What every command begins with: what was signed and never arrived is sent again. It knows no draft and no guard."""

import contextlib
import logging

from bitcoin.core import CTransaction

from assets.services.wallets.session import Session
from wallet.errors import RpcError, StoreError
from wallet.hashes import display, txid_of
from wallet.rebroadcast import Outcome, Rebroadcast, rebroadcast
from wallet.store.journal import TxState

_log = logging.getLogger(__name__)


def settle(session: Session) -> tuple[Rebroadcast, ...]:
    """Sends again what was signed and never arrived, and notes what was confirmed. Raises ChainUnavailableError.

    After a reorganisation a transaction of ours may hang on somebody else's that is gone too: what the node refused is
    tried once more where others' transactions came back. What is signed and not sent, while nobody signs, is what some
    command broke off at: the journal remembers that whoever gave it was not told of a success.
    """
    if any(entry.state is TxState.SIGNED for entry in session.journal.unconfirmed()):
        with contextlib.suppress(StoreError), session.signing():
            left = [entry.txid for entry in session.journal.unconfirmed() if entry.state is TxState.SIGNED]
            session.journal.mark_untold(left)
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
