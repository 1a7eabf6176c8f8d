"""Listings and bids as lines of lists, and as documents to hand on."""

from collections.abc import Callable

from assets.images.bid import BidPackage
from assets.images.board import Board
from assets.images.offer import Ask, Sells
from assets.services.read_models.offer_views import AskView, BidView, LotView
from tui.app.market_views import BidLine, ListingLine, OfferLine, Paper
from tui.app.remedies import words
from wallet.amount import format_btc
from wallet.hashes import Txid, parse_txid
from wallet.store.offers import OfferEntry

Named = Callable[[Txid], str]


def offer_line(view: AskView, ask: Ask, shop: str, named: Named) -> OfferLine:
    """A listing that was found."""
    return OfferLine(
        id=view.id,
        name=named(ask.genesis),
        genesis=view.genesis,
        sells=view.sells,
        units=view.units,
        price=view.price,
        payment=view.payment,
        expires=view.expires,
        coins=view.coins,
        bids_to=view.bids_to,
        terms=view.terms,
        gate=view.gate,
        where=view.where,
        shop=shop,
        mine=view.mine,
        waiting=view.waiting,
        refusal=view.refusal,
        document=ask.serialize().decode("ascii"),
    )


def listing_line(view: LotView, named: Named) -> ListingLine:
    """A listing of this wallet."""
    return ListingLine(
        id=view.id,
        name=named(parse_txid(view.genesis)),
        genesis=view.genesis,
        sells=view.sells,
        units=view.units,
        price=view.price,
        expires=view.expires,
        outpoint=view.outpoint,
        state=view.state,
        txid=view.txid,
        confirmations=view.confirmations,
    )


def bid_line(view: BidView, entry: OfferEntry | None, named: Named) -> BidLine:
    """A bid of this wallet, with what its listing says."""
    assert entry is not None, "the bid was read from there"
    ask = Ask.parse(entry.answers)
    return BidLine(
        id=view.id,
        ask=view.ask,
        name=named(ask.genesis),
        genesis=view.genesis,
        sells=ask.sells.value,
        units=ask.units,
        price=ask.price,
        txid=view.txid,
        expires=view.expires,
        created=view.created,
        state=view.state,
        confirmations=view.confirmations,
        shop=ask.bids_to or "",
        completable=view.completable,
        note=words(view.note),
    )


def bid_paper(entry: OfferEntry, named: Named) -> Paper:
    """A bid as it is handed to its seller."""
    package, ask = BidPackage.parse(entry.companion), Ask.parse(entry.answers)
    return Paper(
        kind="bid",
        ids=(entry.id.hex(),),
        facts=(
            ("bid", entry.id.hex()),
            ("for", f"{what_is_sold(ask.sells, ask.units)} of {named(ask.genesis)}"),
            ("price", f"{format_btc(ask.price)} BTC"),
            ("void from", f"block {entry.expires:,}"),
        ),
        text=package.serialize().decode("ascii"),
        shop=ask.bids_to or "",
    )


def listing_paper(asks: tuple[Ask, ...], named: Named) -> Paper:
    """Listings as they are handed to buyers: one document for one, a list for several."""
    first = asks[0]
    board = Board.of(asks)
    document = first.serialize() if len(asks) == 1 else board.serialize()
    left = len(asks) - len(board.asks)
    prices = sorted({format_btc(ask.price) for ask in asks})
    return Paper(
        kind="listing",
        ids=tuple(ask.id.hex() for ask in asks),
        facts=(
            ("listing", first.id.hex() if len(asks) == 1 else f"{len(asks):,} listings"),
            ("sells", f"{what_is_sold(first.sells, first.units)} of {named(first.genesis)}"),
            ("price", f"{', '.join(prices)} BTC{' each' if len(asks) > 1 else ''}"),
            ("void from", f"block {max(ask.expires for ask in asks):,}"),
            ("left out", f"{left:,} for which one list has no room" if left else ""),
        ),
        text=document.decode("ascii"),
    )


def what_is_sold(sells: Sells, units: int) -> str:
    """What a listing is for, in words."""
    counted = f"{units:,} access unit{'' if units == 1 else 's'}"
    return {
        Sells.TITLE: "the title",
        Sells.TITLE_AND_TREASURY: f"the title and {counted}",
        Sells.ACCESS: counted,
    }[sells]
