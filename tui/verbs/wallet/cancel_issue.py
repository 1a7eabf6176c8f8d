"""Taking back what was set apart for a genesis that was not finished."""

from assets.services.spending.cancelling import draft_cancel
from assets.services.wallets.session import Session
from tui.verbs.one_draft import alone
from tui.verbs.prepared import Prepared, Ready, prepared
from tui.verbs.wallet.requests import CancelIssue
from tui.verbs.workplace import Workplace


def prepare(request: CancelIssue, place: Workplace) -> Prepared[None]:
    """Issuing coins go back to bitcoin."""

    def make(session: Session) -> Ready[None]:
        return alone(draft_cancel(session, rate=place.rate(request.rate)), may_wait=False)

    return prepared(request, place, make, rate=request.rate)
