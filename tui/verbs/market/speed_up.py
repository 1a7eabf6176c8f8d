"""Speeding a sale up from the seller's side: a child that spends the price pays for both."""

from assets.services.market.child_paying import draft_child
from assets.services.wallets.session import Session
from tui.verbs.market.requests import SpeedUp
from tui.verbs.one_draft import alone
from tui.verbs.prepared import Prepared, Ready, prepared
from tui.verbs.workplace import Workplace


def prepare(request: SpeedUp, place: Workplace) -> Prepared[None]:
    """The child; the sale itself stays as both parties signed it. Raises StateError, FeeError."""

    def make(session: Session) -> Ready[None]:
        return alone(draft_child(request.txid, session, rate=place.rate(request.rate)), may_wait=False)

    return prepared(request, place, make, rate=request.rate)
