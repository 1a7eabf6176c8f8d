"""Signed documents of this wallet, as they are handed on."""

from collections.abc import Sequence
from pathlib import Path

from assets.images.bid import BidPackage
from assets.images.board import Board
from assets.images.offer import Ask
from assets.services.market.withdrawing import find_offer
from tui.verbs.files import write_new
from tui.verbs.market.delivering import destination, pinned_name
from tui.verbs.market.naming import names_of
from tui.verbs.market.views import Paper
from tui.verbs.market.words import what_is_sold
from tui.verbs.workplace import Workplace
from wallet.amount import format_btc


def bid_paper(bid: str, place: Workplace) -> Paper:
    """A bid of this wallet, by the beginning of its id, as it is handed to its seller."""
    with place.session() as session:
        entry = find_offer(bid, session)
    package, ask = BidPackage.parse(entry.companion), Ask.parse(entry.answers)
    to = destination(ask, pinned_name(ask.genesis, place), seen_at=None, given=None)
    return Paper(
        kind="bid",
        ids=(entry.id.hex(),),
        facts=(
            ("bid", entry.id.hex()),
            ("for", f"{what_is_sold(ask.sells, ask.units)} of {names_of(place)(ask.genesis)}"),
            ("price", f"{format_btc(ask.price)} BTC"),
            ("void from", f"block {entry.expires:,}"),
        ),
        text=package.serialize().decode("ascii"),
        shop=to[0] if to is not None else "",
    )


def listing_paper(asks: Sequence[str], place: Workplace) -> Paper:
    """Listings of this wallet, by the beginnings of their ids, as they are handed to buyers."""
    with place.session() as session:
        found = tuple(Ask.parse(find_offer(one, session).document) for one in asks)
    first, left = found[0], len(found) - fitting(found)
    prices = sorted({format_btc(ask.price) for ask in found})
    return Paper(
        kind="listing",
        ids=tuple(ask.id.hex() for ask in found),
        facts=(
            ("listing", first.id.hex() if len(found) == 1 else f"{len(found):,} listings"),
            ("sells", f"{what_is_sold(first.sells, first.units)} of {names_of(place)(first.genesis)}"),
            ("price", f"{', '.join(prices)} BTC{' each' if len(found) > 1 else ''}"),
            ("void from", f"block {max(ask.expires for ask in found):,}"),
            ("left out", f"{left:,} for which one list has no room" if left else ""),
        ),
        text=document_of(found),
    )


def document_of(asks: Sequence[Ask]) -> str:
    """One document for one listing, a list for several."""
    data = asks[0].serialize() if len(asks) == 1 else Board.of(asks).serialize()
    return data.decode("ascii")


def fitting(asks: Sequence[Ask]) -> int:
    """How many of several listings one list has room for."""
    return len(Board.of(asks).asks) if len(asks) > 1 else len(asks)


def write(file: Path, text: str) -> str:
    """Writes a document to a new file that only this user can read; says where. Raises StoreError."""
    write_new(file, text.encode("utf-8") + b"\n")
    return str(file)
