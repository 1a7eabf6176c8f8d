"""Answering a listing with a bid: the whole transaction is made and signed here; the seller signs last."""

from assets.images.offer import Ask
from assets.services.market.buying import DEFAULT_BID_BLOCKS, BuyRequest, draft_bid
from assets.services.trust.meant_repository import compare_with_pin
from assets.services.wallets.session import Session
from tui.verbs.files import require_new
from tui.verbs.market.bids import Bidding, ready_bid
from tui.verbs.market.choosing import WhichListing, choose
from tui.verbs.market.delivering import pinned_name
from tui.verbs.market.listings import rules
from tui.verbs.market.offers import meant
from tui.verbs.market.requests import AtShop, Buy, OnBoard
from tui.verbs.market.views import Placed
from tui.verbs.prepared import Prepared, Ready, prepared
from tui.verbs.workplace import Workplace
from wallet.errors import EncodingError
from wallet.hashes import Txid


def prepare(request: Buy, place: Workplace) -> Prepared[Placed] | WhichListing:
    """The bid, and what its buyer should know; or a question, where several listings are for different things.

    Raises OfferError for what a buyer must refuse, a pinned name that another repository goes by included, StateError,
    AmbiguousNameError, EncodingError.
    """
    require_new(request.out)
    where = request.place
    named = request.name or (where.name if isinstance(where, OnBoard) and request.genesis is None else None)
    genesis = meant(named, request.genesis, place)
    chosen = _listing(request, genesis, place)
    if isinstance(chosen, WhichListing):
        return chosen
    ask = chosen

    def make(session: Session) -> Ready[Placed]:
        buying = BuyRequest(
            ask=ask,
            rules=rules(place, genesis),
            rate=place.rate(request.rate),
            blocks=DEFAULT_BID_BLOCKS if request.blocks is None else request.blocks,
            wants_secret=request.wants_secret,
        )
        drafted = draft_bid(buying, session, place.chain())
        warning = compare_with_pin(drafted.report.name, ask.genesis, place.pins.load(), genesis)
        bidding = Bidding(
            known=_known(request, ask.genesis, place),
            seen_at=where.url if isinstance(where, AtShop) else None,
            given=request.shop,
            out=request.out,
        )
        return ready_bid(drafted, bidding, (warning,), place)

    return prepared(request, place, make, rate=request.rate)


def the_one(found: Prepared[Placed] | WhichListing) -> Prepared[Placed]:
    """The bid, for whoever can ask nobody. Raises StateError."""
    if isinstance(found, WhichListing):
        raise found.refusal
    return found


def _listing(request: Buy, genesis: Txid | None, place: Workplace) -> Ask | WhichListing:
    if request.listing is not None:
        return Ask.parse(request.listing.encode("utf-8"))
    if request.place is None:
        raise EncodingError("no listing", hint="say where it is")
    return choose(request, request.place, genesis, place)


def _known(request: Buy, genesis: Txid, place: Workplace) -> str:
    """How the user calls the repository, never how a listing or the chain does."""
    if request.name is not None:
        return request.name
    return request.place.name if isinstance(request.place, OnBoard) else pinned_name(genesis, place)
