"""Paying a higher fee for what waits: in its place, or by a child."""

from assets.services.spending.bumping import draft_bump
from assets.services.wallets.session import Session
from tui.verbs.one_draft import alone
from tui.verbs.prepared import Prepared, Ready, prepared
from tui.verbs.wallet.requests import Bump
from tui.verbs.workplace import Workplace


def prepare(request: Bump, place: Workplace) -> Prepared[None]:
    """The transaction with its higher fee; a rate that is set counts only where it is above the one that is paid."""

    def make(session: Session) -> Ready[None]:
        return alone(draft_bump(request.txid, session, rate=request.rate, usual=place.settings.fee_rate))

    return prepared(request, place, make, rate=request.rate)
