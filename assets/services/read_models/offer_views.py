"""Frozen read models of offers, as both front ends show them. `wallet_views` has their rules."""

from dataclasses import dataclass

from assets.images.bid import Bid
from assets.images.offer import Ask
from wallet.advice import Prose
from wallet.hashes import display, outpoint_text
from wallet.store.offers import OfferEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AskView:
    """A listing. `price` in sats is on top of the coins' own value, `payment` both together.

    `refusal` says which check it fails, or is empty; `waiting` that only confirmations are missing. `where` is the
    place where it was found; `mine` whether it is this wallet's own. `units` are access units.
    """

    id: str
    genesis: str
    sells: str
    units: int
    price: int
    payment: int
    expires: int
    coins: tuple[str, ...]
    bids_to: str
    terms: str
    gate: str
    where: str
    mine: bool
    waiting: bool
    refusal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BidView:
    """A bid of this wallet. `state` is in words; `confirmations` are those of the sale.

    `completable` says that the seller can still complete it, whatever its state; `note` what that means for its buyer,
    or who spends its coins otherwise.
    """

    id: str
    ask: str
    genesis: str
    txid: str
    expires: int
    created: int
    state: str
    confirmations: int
    completable: bool = False
    note: Prose = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotView:
    """A listing of this wallet and what became of its coins: open, sold, at a shop, withdrawn, gone.

    `txid` is the sale, or what else spent the coin; empty where it is unspent or the spender is unknown.
    """

    id: str
    genesis: str
    sells: str
    units: int
    price: int
    expires: int
    outpoint: str
    state: str
    txid: str
    confirmations: int


def ask_view(ask: Ask, *, where: str, mine: bool, refusal: str, waiting: bool) -> AskView:
    """An ask as it is shown."""
    return AskView(
        id=ask.id.hex(),
        genesis=display(ask.genesis),
        sells=ask.sells.value,
        units=ask.units,
        price=ask.price,
        payment=ask.payment,
        expires=ask.expires,
        coins=tuple(outpoint_text(outpoint) for outpoint in ask.outpoints),
        bids_to=ask.bids_to or "",
        terms="" if ask.terms is None else str(ask.terms),
        gate=ask.gate or "",
        where=where,
        mine=mine,
        waiting=waiting,
        refusal=refusal,
    )


def bid_view(
    entry: OfferEntry, bid: Bid, *, state: str, confirmations: int, completable: bool = False, note: Prose = ""
) -> BidView:
    """A bid as it is shown."""
    return BidView(
        id=entry.id.hex(),
        ask=bid.ask.hex(),
        genesis=display(entry.subject),
        txid="" if entry.txid is None else display(entry.txid),
        expires=entry.expires,
        created=entry.created,
        state=state,
        confirmations=confirmations,
        completable=completable,
        note=note,
    )
