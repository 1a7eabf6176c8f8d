"""How the market's lines are written: every state by a word, its sign and its tone."""

from tui.app.market_views import BidLine, CheckLine, ListingLine, OfferLine
from tui.app.text import SIGNS, btc, count, shown
from tui.app.widgets.listing import Line

_ID = 8
"""Digits of an id in a list."""

_TONES = {
    "open": "good",
    "perhaps taken": "warn",
    "at a shop": "good",
    "sold": "good",
    "sold, waiting for a block": "warn",
    "good": "good",
    "waits": "warn",
    "refused": "bad",
    "expired": "dim",
    "withdrawn": "dim",
    "replaced": "dim",
    "contested": "bad",
    "void": "dim",
    "fell out of the chain": "warn",
    "not in the chain": "warn",
    "passed": "good",
    "failed": "bad",
    "not reached": "dim",
}


_BRIEF = {
    "sold, waiting for a block": "sold, waits",
    "not in the chain": "not seen",
    "perhaps taken": "perhaps",
    "fell out of the chain": "fell out",
}
"""States whose words are too long for a column; the details below the list say them in full."""


def tone(word: str) -> str:
    """The tone of a state; a listing that ended by itself is told calmly."""
    return "dim" if word.startswith("ended") else _TONES.get(word, "")


def with_sign(word: str) -> str:
    """A state with its sign in front, short enough for a column."""
    text = "ended" if word.startswith("ended") else _BRIEF.get(word, word)
    return f"{SIGNS[tone(word)]} {shown(text)}"


def what_is_sold(sells: str, units: int) -> str:
    """What a listing is for, in words."""
    if sells == "title":
        return "the title"
    counted = f"{units:,} access unit{'' if units == 1 else 's'}"
    return f"the title and {counted}" if sells == "title+treasury" else counted


def verdict(offer: OfferLine) -> str:
    """Whether an offer may be bought, in a word."""
    if offer.refusal:
        return "waits" if offer.waiting else "refused"
    return "good"


def offer(one: OfferLine) -> Line:
    """An offer in its list."""
    word = verdict(one)
    whose = "yours" if one.mine else shown(one.where)
    cells = (
        one.id[:_ID],
        shown(one.sells),
        f"{one.units:,}",
        btc(one.price),
        f"{one.expires:,}",
        with_sign(word),
        whose,
    )
    return Line(one.id, cells, tone(word), 5)


def listing(one: ListingLine) -> Line:
    """A listing of this wallet."""
    cells = (
        one.id[:_ID],
        shown(one.sells),
        f"{one.units:,}",
        btc(one.price),
        f"{one.expires:,}",
        with_sign(one.state),
        shown(one.name),
    )
    return Line(one.id, cells, tone(one.state), 5)


def sale(one: ListingLine) -> Line:
    """A sale of this wallet."""
    cells = (
        one.id[:_ID],
        shown(one.sells),
        f"{one.units:,}",
        btc(one.price),
        f"{one.confirmations:,}",
        with_sign(one.state),
        shown(one.name),
    )
    return Line(one.id, cells, tone(one.state), 5)


def bid(one: BidLine) -> Line:
    """A bid of this wallet."""
    cells = (
        one.id[:_ID],
        shown(one.sells),
        f"{one.units:,}",
        btc(one.price),
        f"{one.expires:,}",
        with_sign(one.state),
        shown(one.name),
    )
    return Line(one.id, cells, tone(one.state), 5)


def check(one: CheckLine) -> Line:
    """A check of a bid that came."""
    return Line(one.name, (with_sign(one.state), shown(one.name)), tone(one.state), 0)


def offer_facts(one: OfferLine) -> list[tuple[str, str]]:
    """What there is to know of an offer; why it is not good comes first."""
    extra = " · ".join(
        f"{label} {shown(text)}"
        for label, text in (("bids to", one.bids_to), ("gate", one.gate), ("terms", one.terms))
        if text
    )
    return [
        ("why not", shown(one.refusal, limit=400)),
        ("listing", one.id),
        ("sells", f"{what_is_sold(one.sells, one.units)} of {shown(one.name)}"),
        ("to pay", f"{btc(one.payment)} BTC in all: the price, and what is in the coins"),
        ("found at", "this wallet" if one.mine else shown(one.where)),
        ("", extra),
    ]


def listing_facts(one: ListingLine) -> list[tuple[str, str]]:
    """What there is to know of a listing of this wallet, and of its sale."""
    return [
        ("listing", one.id),
        ("sells", f"{what_is_sold(one.sells, one.units)} of {shown(one.name)}"),
        ("state", _state(one.state, one.confirmations)),
        ("spent by" if one.txid else "coin", one.txid or one.outpoint),
        ("ends", "" if one.txid else f"at block {one.expires:,}, or once its coin moves"),
    ]


def bid_facts(one: BidLine) -> list[tuple[str, str]]:
    """What there is to know of a bid of this wallet."""
    return [
        ("bid", one.id),
        ("for", f"{what_is_sold(one.sells, one.units)} of {shown(one.name)}"),
        ("state", _state(one.state, one.confirmations) + (f": {shown(one.note, limit=400)}" if one.note else "")),
        ("sale", one.txid),
        ("until", f"block {one.expires:,}{f'; the shop is {shown(one.shop)}' if one.shop else ''}"),
    ]


def _state(state: str, confirmations: int) -> str:
    return f"{shown(state)}, {count(confirmations, 'confirmation')}" if confirmations else shown(state)
