"""What this wallet offers and bids for, and what became of it."""

from assets.images.offer import Ask
from assets.services.market.listing import offers_of
from assets.services.market.own_bids import bids_of
from assets.services.market.own_listings import own_listings
from assets.services.market.secret_due import secrets_due
from assets.services.read_models.offer_views import BidView
from assets.services.wallets.session import Session
from tui.verbs.market.naming import Named, names_of
from tui.verbs.market.views import Desk, Own, OwnBid, OwnListing
from tui.verbs.workplace import Workplace
from wallet.hashes import Txid, parse_txid


def own_offers(place: Workplace, genesis: Txid | None = None) -> Own:
    """This wallet's listings and bids, of one repository where it is named; nothing where there is no wallet."""
    with place.session_if_any() as session:
        return Own() if session is None else _own(session, genesis)


def desk(place: Workplace) -> Desk:
    """This wallet's listings, bids and sales, each with its repository's name."""
    place.know_lots()
    place.chain().catch_up()
    named = names_of(place)
    with place.session() as session:
        own, height = _own(session, None), session.source.tip().height
        bids = tuple(_bid(one, session, named) for one in own.bids)
    return Desk(
        height=height,
        listings=tuple(OwnListing(view=one, name=named(parse_txid(one.genesis))) for one in reversed(own.listings)),
        bids=bids,
        owed=tuple(one.txid for one in own.due if one.mine),
        awaited=tuple(one.txid for one in own.due if not one.mine),
    )


def _own(session: Session, genesis: Txid | None) -> Own:
    return Own(listings=own_listings(session, genesis), bids=bids_of(session, genesis), due=secrets_due(session))


def _bid(view: BidView, session: Session, named: Named) -> OwnBid:
    entry = offers_of(session).entry(bytes.fromhex(view.id))
    assert entry is not None, "the bid was read from there"
    ask = Ask.parse(entry.answers)
    return OwnBid(
        view=view,
        name=named(ask.genesis),
        sells=ask.sells.value,
        units=ask.units,
        price=ask.price,
        shop=ask.bids_to or "",
    )
