"""From drafts to the network: sign, judge, journal, broadcast, in this order, for every verb that sends.

A signed transaction is in the journal before the node hears of it, so that a crash between the two loses nothing: the
next command sends it again. Nothing but the journal stands between signature and broadcast: what else must be kept is
written in the journal's own database transaction, and whatever fails after it, the answer is that the transaction is
signed and kept. A person, or a script, that was told of a plain failure would pay a second time.
"""

import contextlib
import json
import logging
from collections.abc import Callable, Collection, Sequence

from bitcoin.core import CTransaction

from assets.services.spending.drafts import Draft, check
from assets.services.spending.free_coins import require_free_coins
from assets.services.spending.other_coins import TRIES, Remake, with_other_coins
from assets.services.spending.repetition import deed_of
from assets.services.wallets.labels import carry_over
from assets.services.wallets.session import Session
from wallet.chain.refusals import is_definite
from wallet.errors import CoinTakenError, KeptError, RpcError, SigningError, UnfinishedError, WalletError
from wallet.hashes import Txid, display, txid_of
from wallet.psbt import add_signatures, finalize, to_psbt
from wallet.signer import Signer
from wallet.store.journal import JournalEntry

_log = logging.getLogger(__name__)

Unlock = Callable[[], Signer]
"""Opens the keys. Asked only once the draft was accepted, and before the wallet is locked for others."""

Done = Callable[[Draft], None]
"""Is told each draft that a node took, as it was sent."""


def _nobody(_: Draft) -> None:
    """For callers that wait for the end."""


def sign_and_broadcast(
    draft: Draft,
    unlock: Unlock,
    session: Session,
    done: Done = _nobody,
    *,
    along: Callable[[], None] | None = None,
) -> Txid:
    """One draft alone; see `send_in_order`. `along` is written with the journal or not at all."""
    return send_in_order((draft,), unlock, session, done, along=along)[0]


def send_in_order(
    drafts: Sequence[Draft],
    unlock: Unlock,
    session: Session,
    done: Done = _nobody,
    *,
    before: Callable[[Draft], None] | None = None,
    remake: Remake | None = None,
    fixed: bool = False,
    along: Callable[[], None] | None = None,
) -> tuple[Txid, ...]:
    """Signs what the guard let through, writes it to the journal and hands it to the node, one after the other.

    `before` may refuse each. Where a coin was taken meanwhile others take its place (`other_coins`), unless the drafts
    are `fixed` because something else names their txids, or the session is `exact`; `remake` drafts all of several
    anew. Raises WrongPasswordError and SigningError (nothing was signed), CoinTakenError where there is no other coin,
    RpcError where the node would not take it (nothing is kept then), BusyError where another process signs; and
    KeptError or UnfinishedError for anything at all, an interrupt included, that comes after a signature which stands.
    """
    earlier, todo, sent = frozenset(session.signed), list(drafts), list[Txid]()
    tries = TRIES
    try:
        while todo:
            if before is not None:
                before(todo[0])
            try:
                _send(todo[0], unlock, session, along)
            except CoinTakenError as taken:
                if fixed or session.exact or not tries or todo[0].txid in session.signed:
                    raise
                tries -= 1
                todo = list(with_other_coins(todo, taken, None if sent else remake))
                continue
            one = todo.pop(0)
            sent.append(one.txid)
            done(one)
    except (Exception, KeyboardInterrupt) as error:
        left = tuple(one.about.kind for one in todo if one.txid not in session.signed)
        broken = broken_off(error, session, earlier=earlier, left=left)
        if broken is error:
            raise
        raise broken from error
    return tuple(sent)


def broken_off(
    error: BaseException, session: Session, *, earlier: Collection[Txid] = (), left: tuple[str, ...] = ()
) -> BaseException:
    """The error that is to be told where `error` came after signatures, `earlier` ones not counted.

    It is `error` itself where nothing that was signed stands. The journal remembers that nobody was told otherwise.
    """
    own = {txid: taken for txid, taken in session.signed.items() if txid not in earlier}
    if not own or isinstance(error, UnfinishedError):
        return error
    with contextlib.suppress(WalletError):
        session.journal.mark_untold(own)
    sent = tuple(display(txid) for txid, taken in own.items() if taken)
    kept = tuple(display(txid) for txid, taken in own.items() if not taken)
    why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
    advice = ". " + error.advice if isinstance(error, WalletError) and error.advice else ""
    before = f"; sent before it: {', '.join(sent)}" if sent else ""
    after = f"; still to do: {', '.join(left)}" if left else ""
    if kept:
        return KeptError(
            f"signed and kept as {', '.join(kept)}, not yet sent ({why}){before}{after}",
            sent=sent,
            kept=kept,
            left=left,
            hint="the next command sends it; do not pay again" + advice,
        )
    return UnfinishedError(
        f"sent: {', '.join(sent)}; then it broke off ({why}){after}",
        sent=sent,
        left=left,
        hint="what is sent stays: do only the rest" + advice,
    )


def _send(draft: Draft, unlock: Unlock, session: Session, along: Callable[[], None] | None) -> None:
    """One draft, under the lock until the node answered: what others find signed and not sent is nobody's work then."""
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
        known = session.journal.entry(draft.txid) is not None
        _write_down(tx, draft, session, along)
        _broadcast(tx, draft, session, known=known)
    _log.info("signed and sent %s %s", draft.about.kind, display(draft.txid))


def _write_down(tx: CTransaction, draft: Draft, session: Session, along: Callable[[], None] | None) -> None:
    """The journal's entry, and what belongs to it, as one: all of it is on the disk, or none."""
    session.signed[draft.txid] = False
    try:
        with session.journal.together():
            session.journal.record(journal_entry(tx, draft, session.clock()), replaces=draft.replaces)
            if draft.replaces is not None:
                carry_over(session.store, draft.replaces, draft.txid)
            mark_keys(draft, session)
            if along is not None:
                along()
    except BaseException:
        if session.journal.entry(draft.txid) is None:
            del session.signed[draft.txid]
        raise


def _broadcast(tx: CTransaction, draft: Draft, session: Session, *, known: bool) -> None:
    """Hands it over. What the node looked at and would not have is forgotten again, unless it was `known` before."""
    try:
        session.source.broadcast(tx)
    except RpcError as error:
        if not known and is_definite(error):
            session.journal.take_out(draft.txid)
            del session.signed[draft.txid]
        raise
    session.signed[draft.txid] = True
    # The node has it: a disk that is full by now changes nothing about the answer.
    with contextlib.suppress(WalletError):
        session.journal.mark_told(draft.txid)


def _require_same(tx: CTransaction, draft: Draft) -> None:
    """The signer changed nothing but witnesses."""
    if txid_of(tx) != draft.txid or len(tx.wit.vtxinwit) != len(tx.vin):
        raise SigningError("the signer gave back another transaction", hint="nothing was sent; do not use that signer")


def journal_entry(tx: CTransaction, draft: Draft, now: int) -> JournalEntry:
    """A draft's transaction with what it is for, as the journal keeps it."""
    about = draft.about
    summary = {
        "deed": deed_of(draft.plan, about.kind, about.genesis),
        "delta": draft.expectation.btc_delta,
        "effects": list(about.effects),
        "fee": draft.unsigned.fee,
        "inputs": [str(item.role) for item in draft.plan.inputs],
        "outputs": [str(item.role) for item in draft.plan.outputs],
    }
    return JournalEntry(
        tx=tx,
        kind=about.kind,
        created=now,
        genesis=about.genesis,
        summary=json.dumps(summary, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    )


def mark_keys(draft: Draft, session: Session) -> None:
    """Keys that this transaction pays are never handed out again."""
    for _, path in draft.unsigned.own_outputs:
        session.store.mark_used(path.account, path.chain, path.index)
