"""How the market's lines are written: every state by a word, its sign and its tone."""

from tui.app.text import SIGNS, btc, count, shown
from tui.app.widgets.listing import Line
from tui.verbs.market.views import CheckLine, Offer, OwnBid, OwnListing
from tui.verbs.market.words import what_is_sold

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


def verdict(offer: Offer) -> str:
    """Whether an offer may be bought, in a word."""
    if offer.view.refusal:
        return "waits" if offer.view.waiting else "refused"
    return "good"


def offer(one: Offer) -> Line:
    """An offer in its list."""
    view, word = one.view, verdict(one)
    whose = "yours" if view.mine else view.where
    return _line(view.id, view.sells, view.units, view.price, view.expires, word, whose)


def listing(one: OwnListing) -> Line:
    """A listing of this wallet."""
    view = one.view
    return _line(view.id, view.sells, view.units, view.price, view.expires, view.state, one.name)


def sale(one: OwnListing) -> Line:
    """A sale of this wallet."""
    view = one.view
    return _line(view.id, view.sells, view.units, view.price, view.confirmations, view.state, one.name)


def bid(one: OwnBid) -> Line:
    """A bid of this wallet."""
    view = one.view
    return _line(view.id, one.sells, one.units, one.price, view.expires, view.state, one.name)


def _line(id_: str, sells: str, units: int, price: int, number: int, state: str, last: str) -> Line:
    """One line of the four lists; `number` is a height or a count, `last` a name or a place."""
    cells = (id_[:_ID], shown(sells), f"{units:,}", btc(price), f"{number:,}", with_sign(state), shown(last))
    return Line(id_, cells, tone(state), 5)


def check(one: CheckLine) -> Line:
    """A check of a bid that came."""
    return Line(one.name, (with_sign(one.state), shown(one.name)), tone(one.state), 0)


def offer_facts(one: Offer) -> list[tuple[str, str]]:
    """What there is to know of an offer; why it is not good comes first."""
    view = one.view
    extra = " · ".join(
        f"{label} {shown(text)}"
        for label, text in (("bids to", view.bids_to), ("gate", view.gate), ("terms", view.terms))
        if text
    )
    return [
        ("why not", shown(view.refusal, limit=400)),
        ("listing", view.id),
        ("sells", f"{what_is_sold(view.sells, view.units)} of {shown(one.name)}"),
        ("to pay", f"{btc(view.payment)} BTC in all: the price, and what is in the coins"),
        ("found at", "this wallet" if view.mine else shown(view.where)),
        ("", extra),
    ]


def listing_facts(one: OwnListing) -> list[tuple[str, str]]:
    """What there is to know of a listing of this wallet, and of its sale."""
    view = one.view
    return [
        ("listing", view.id),
        ("sells", f"{what_is_sold(view.sells, view.units)} of {shown(one.name)}"),
        ("state", _state(view.state, view.confirmations)),
        ("spent by" if view.txid else "coin", view.txid or view.outpoint),
        ("ends", "" if view.txid else f"at block {view.expires:,}, or once its coin moves"),
    ]


def bid_facts(one: OwnBid) -> list[tuple[str, str]]:
    """What there is to know of a bid of this wallet."""
    view = one.view
    note = f": {shown(view.note, limit=400)}" if view.note else ""
    return [
        ("bid", view.id),
        ("for", f"{what_is_sold(one.sells, one.units)} of {shown(one.name)}"),
        ("state", _state(view.state, view.confirmations) + note),
        ("sale", view.txid),
        ("until", f"block {view.expires:,}{f'; the shop is {shown(one.shop)}' if one.shop else ''}"),
    ]


def _state(state: str, confirmations: int) -> str:
    return f"{shown(state)}, {count(confirmations, 'confirmation')}" if confirmations else shown(state)
