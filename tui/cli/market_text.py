"""Listings, bids and sales in words."""

from collections.abc import Sequence

from assets.services.read_models.offer_views import AskView, BidView, LotView
from tui.cli.output import table
from tui.cli.remedies import words
from tui.text import lines, paragraphs, plain
from wallet.amount import format_btc

_SHORT = 16
"""Hexadecimal digits of an id that people read; any beginning that is unique is understood."""

_WHOLE = 600
"""Characters of a reason: it may name two coins and a transaction, and what follows them matters."""


def offers_text(asks: Sequence[AskView], own: Sequence[LotView], bids: Sequence[BidView], *, everything: bool) -> str:
    """What `market offers` found."""
    parts: list[str] = []
    good = [view for view in asks if not view.refusal]
    if good:
        parts.append(lines("for sale", _asks(good)))
    bad = [view for view in asks if view.refusal]
    if bad and everything:
        parts.append(lines("left out", (f"{view.id[:_SHORT]}  {plain(view.refusal, limit=_WHOLE)}" for view in bad)))
    elif bad:
        parts.append(f"{len(bad)} listing{' is' if len(bad) == 1 else 's are'} left out; --all says why")
    if own:
        parts.append(lines("yours", _own(own)))
    if bids:
        parts.append(lines("your bids", _bids(bids)))
    return paragraphs(parts) or "nothing is for sale"


def _asks(views: Sequence[AskView]) -> str:
    rows = [
        (
            view.id[:_SHORT],
            view.sells,
            f"{view.units:,}",
            format_btc(view.price),
            str(view.expires),
            plain(view.where) + (" (yours)" if view.mine else ""),
        )
        for view in views
    ]
    return table(("ask", "sells", "units", "price (BTC)", "until block", "found at"), rows, right=frozenset({2, 3, 4}))


def _own(views: Sequence[LotView]) -> str:
    rows = [
        (view.id[:_SHORT], view.sells, f"{view.units:,}", format_btc(view.price), view.state, view.txid[:_SHORT])
        for view in views
    ]
    return table(("ask", "sells", "units", "price (BTC)", "state", "sale"), rows, right=frozenset({2, 3}))


def _bids(views: Sequence[BidView]) -> str:
    rows = [(view.id[:_SHORT], view.ask[:_SHORT], str(view.expires), view.state, view.txid[:_SHORT]) for view in views]
    shown = table(("bid", "ask", "until block", "state", "transaction"), rows, right=frozenset({2}))
    return lines(shown, (f"{view.id[:_SHORT]}: {plain(words(view.note), limit=_WHOLE)}" for view in views if view.note))
