"""Sending what came back from a cold key, or a finished transaction, whoever made it."""

from bitcoin.core import CTransaction

from assets.services.read_models.wallet_views import SentView
from assets.services.spending.cold_returning import send_back, take_back
from assets.services.spending.cold_signing import NOTHING_NAMED
from assets.services.spending.finished_sending import look_at_finished, send_finished
from assets.services.wallets.session import Session
from tui.verbs.keys import Keys
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.wallet.requests import SendSigned
from tui.verbs.wallet.sign_psbt import consent, given
from tui.verbs.workplace import Workplace
from wallet.errors import EncodingError
from wallet.hashes import display
from wallet.psbt_text import FinishedTransactionError


def prepare(request: SendSigned, place: Workplace) -> Prepared[SentView]:
    """A draft of this wallet exactly as it was left, with its signatures; or a finished transaction as it is.

    What a draft does was accepted when it was made, so that nothing may be accepted anew. Raises EncodingError.
    """
    place.house.require_node()
    try:
        raw = given(request.given)
    except FinishedTransactionError as finished:
        tx = finished.tx
        return prepared(request, place, lambda session: _finished(tx, request, session))
    if consent(request.given, ours=False) != NOTHING_NAMED:
        raise EncodingError(
            "a draft that came back is sent as it was left: nothing else can be accepted of it",
            hint="leave out what it may do",
        )
    return prepared(request, place, lambda session: _returned(raw, session))


def _returned(raw: bytes, session: Session) -> Ready[SentView]:
    returned = take_back(raw, session)
    draft = returned.draft

    def ending(keys: Keys, now: Session, done: Done) -> Ended[SentView]:
        txid = send_back(returned, keys, now)
        done(draft)
        unsigned = draft.unsigned
        assert txid == draft.txid, "what came back is the draft that was left"
        return Ended(result=SentView(kind=draft.about.kind, txid=display(txid), fee=unsigned.fee, vsize=unsigned.vsize))

    missing = ", ".join(map(str, returned.missing))
    return Ready(
        drafts=(draft,),
        ending=ending,
        warnings=(f"not signed yet: input {missing}; the keys of this machine are asked",) if missing else (),
        deed="Sign and send" if missing else "Send",
        fee_is_set=True,
        signed=not missing,
    )


def _finished(tx: CTransaction, request: SendSigned, session: Session) -> Ready[SentView]:
    found = look_at_finished(tx, session, consent(request.given, ours=False))
    view = found.view

    def ending(_: Keys, now: Session, __: Done) -> Ended[SentView]:
        send_finished(found, now)
        sent = SentView(kind=view.kind, txid=view.txid, fee=view.fee, vsize=view.vsize)
        return Ended(result=sent, sent=(sent,))

    return Ready(
        ending=ending,
        others=(view,),
        heading="A finished transaction: it is sent as it is",
        deed="Send it as it is",
        fee_is_set=True,
        signed=True,
    )
