"""Waiting for confirmations. What was sent stays sent, whatever ends the waiting."""

from collections.abc import Callable, Sequence

from assets.services.spending.settling import settle
from assets.services.wallets.session import Session
from wallet.errors import ChainUnavailableError, StateError
from wallet.hashes import Txid, display
from wallet.rebroadcast import Outcome
from wallet.store.journal import TxState

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15.0
"""Seconds between two questions to the node, which grow from the first to the longest."""

PATIENCE = 600.0
"""Seconds that a node may be silent before the waiting ends: long enough for it to be started again."""


def wait_until_confirmed(
    txids: Sequence[Txid],
    confirmations: int,
    session: Session,
    *,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
    progress: Callable[[int, int], None],
    note: Callable[[str], None],
) -> None:
    """Asks the node until each transaction, or what replaced it, has so many confirmations.

    What fell out of the mempool or of the chain is sent again. `clock` gives seconds from any beginning. Raises
    StateError where a transaction is void or the node refuses it now, ChainUnavailableError after `PATIENCE`.
    """
    pause = FIRST_PAUSE
    silent: float | None = None
    while True:
        try:
            depth = min(_depth(txid, session, note) for txid in txids)
        except ChainUnavailableError as error:
            silent = _still_patient(silent, clock(), error, note)
        else:
            silent = None
            progress(min(depth, confirmations), confirmations)
            if depth >= confirmations:
                return
        sleep(pause)
        pause = min(1.5 * pause, LONGEST_PAUSE)


def _still_patient(
    silent: float | None, now: float, error: ChainUnavailableError, note: Callable[[str], None]
) -> float:
    """Since when the node is silent. Raises ChainUnavailableError where that is too long."""
    if silent is None:
        note(f"still waiting, but the node gives no answer: {error}")
        return now
    if now - silent >= PATIENCE:
        raise ChainUnavailableError(
            f"stopped waiting, since the node gives no answer: {error}",
            hint="what was sent stays; start the node and see `dockchains wallet history`",
        ) from error
    return silent


def _depth(txid: Txid, session: Session, note: Callable[[str], None]) -> int:
    """Confirmations of a transaction or of the one that replaced it; 0 in the mempool."""
    tip = session.source.tip()
    found = session.source.transaction(txid)
    if found is not None:
        return max(0, tip.height - found.block.height + 1) if found.block is not None else 0
    replaced_by = _replacement(txid, session)
    if replaced_by is not None:
        return _depth(replaced_by, session, note)
    _send_again(txid, session, note)
    return 0


def _replacement(txid: Txid, session: Session) -> Txid | None:
    entry = session.journal.entry(txid)
    return entry.replaced_by if entry is not None and entry.state is TxState.REPLACED else None


def _send_again(txid: Txid, session: Session, note: Callable[[str], None]) -> None:
    """Sends what the node no longer has. Raises StateError where it can no longer confirm."""
    for outcome in settle(session):
        if outcome.txid != txid:
            continue
        if outcome.outcome is Outcome.SENT:
            note(f"sent again: {display(txid)}, which the node no longer had")
        if outcome.outcome is Outcome.REFUSED:
            raise StateError(
                f"the node no longer has {display(txid)}, and refuses it now: {outcome.reason}",
                hint="it stays in the journal; see `dockchains wallet history`",
            )
    entry = session.journal.entry(txid)
    if entry is None or entry.state is TxState.ABANDONED:
        raise StateError(f"{display(txid)} can no longer confirm", hint="see `dockchains wallet history`")
