"""Read models of the market: frozen, only texts, numbers, booleans and tuples of these. Amounts are sats."""

from dataclasses import dataclass

from wallet.advice import Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLine:
    """A listing that was found and checked. `price` is on top of the coins' own sats, `payment` both together.

    `refusal` says which check it fails, or is empty; `waiting` that only confirmations are missing. `shop` is the URL
    that showed it, `document` the listing itself.
    """

    id: str
    name: str
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
    shop: str
    mine: bool
    waiting: bool
    refusal: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersList:
    """What is for sale, ranked: the good ones first, the cheapest before the others. `genesis` where one was meant."""

    repository: str
    genesis: str
    offers: tuple[OfferLine, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingLine:
    """A listing of this wallet and what became of its coins; `txid` is what spent them, empty where nothing did."""

    id: str
    name: str
    genesis: str
    sells: str
    units: int
    price: int
    expires: int
    outpoint: str
    state: str
    txid: str
    confirmations: int

    @property
    def is_sold(self) -> bool:
        """Whether somebody bought it."""
        return self.state.startswith("sold")


@dataclass(frozen=True, slots=True, kw_only=True)
class BidLine:
    """A bid of this wallet: for what, at which price, until which block, and what became of it.

    `completable` says that its seller can still complete it, whatever its state, `note` what else there is to know.
    """

    id: str
    ask: str
    name: str
    genesis: str
    sells: str
    units: int
    price: int
    txid: str
    expires: int
    created: int
    state: str
    confirmations: int
    shop: str
    completable: bool = False
    note: str = ""

    @property
    def is_out(self) -> bool:
        """Whether its seller can complete it, so that it can be handed on again or taken back."""
        return self.completable or self.state in ("open", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that this wallet offers and bids for, as of one block, newest first.

    `owed` are sales whose buyers wait for a repository's secret, `awaited` purchases for which one is to come.
    """

    height: int
    listings: tuple[ListingLine, ...]
    bids: tuple[BidLine, ...]
    notes: tuple[Prose, ...] = ()
    owed: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()

    @property
    def standing(self) -> tuple[ListingLine, ...]:
        """Listings that nobody bought."""
        return tuple(one for one in self.listings if not one.is_sold)

    @property
    def sales(self) -> tuple[ListingLine, ...]:
        """Listings that were bought."""
        return tuple(one for one in self.listings if one.is_sold)

    @property
    def lots_left(self) -> int:
        """Listings of access that can still be bought, here or at a shop."""
        return sum(one.sells == "access" and one.state in ("open", "at a shop") for one in self.listings)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockView:
    """What this wallet can sell of a repository: access units that can be moved now, lots that are made already and
    how many of these are at a shop. `last_price` is what was asked before for (what, sats)."""

    name: str
    genesis: str
    owned: bool
    units: int
    lots: int
    at_shop: int
    last_prices: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check of a bid: `state` is passed, failed or not reached; `why` says what was found."""

    name: str
    state: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of the checks of a bid that came. `refusal` is empty where it may be accepted."""

    checks: tuple[CheckLine, ...]
    refusal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A signed document to be handed on: a bid, or listings. `shop` is where a bid may go, empty where nobody said."""

    kind: str
    ids: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    text: str
    shop: str = ""
