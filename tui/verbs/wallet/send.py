"""Paying bitcoin: an amount, or everything that can be spent."""

from assets.services.spending.paying import draft_payment, draft_sweep
from assets.services.wallets.session import Session
from tui.verbs.one_draft import alone
from tui.verbs.prepared import Prepared, Ready, prepared
from tui.verbs.wallet.requests import Send
from tui.verbs.workplace import Workplace


def prepare(request: Send, place: Workplace) -> Prepared[None]:
    """The payment. Coins that have, or might have, colour are never used."""

    def make(session: Session) -> Ready[None]:
        rate = place.rate(request.rate)
        if request.everything:
            return alone(draft_sweep(session, request.to, rate=rate))
        return alone(draft_payment(session, request.to, request.amount, rate=rate))

    return prepared(request, place, make, rate=request.rate)
