"""Bidding again for the same coins at a higher fee: only one of the two bids can ever be mined."""

from assets.services.market.rebidding import draft_rebid
from assets.services.trust.meant_repository import compare_with_pin
from assets.services.wallets.session import Session
from tui.verbs.files import require_new
from tui.verbs.market.bids import Bidding, ready_bid
from tui.verbs.market.listings import rules
from tui.verbs.market.requests import Rebid
from tui.verbs.market.views import Placed
from tui.verbs.prepared import Prepared, Ready, prepared
from tui.verbs.workplace import Workplace


def prepare(request: Rebid, place: Workplace) -> Prepared[Placed]:
    """The better bid. Raises OfferError where the listing no longer holds, or another repository is pinned by now."""
    require_new(request.out)

    def make(session: Session) -> Ready[Placed]:
        rate, chain = place.rate(request.rate), place.chain()
        drafted = draft_rebid(request.bid, session, chain, rules(place), rate=rate, blocks=request.blocks)
        genesis = drafted.ask.genesis
        compare_with_pin(drafted.report.name, genesis, place.pins.load(), genesis)
        bidding = Bidding(known=request.name or drafted.report.name, given=request.shop, out=request.out)
        return ready_bid(drafted, bidding, (), place)

    return prepared(request, place, make, rate=request.rate)
