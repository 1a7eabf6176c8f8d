"""What verbs of the market answer. Frozen, only texts, numbers, booleans, tuples of these and read models."""

from dataclasses import dataclass, field
from typing import Any

from assets.services.market.secret_due import SecretDue
from assets.services.read_models.offer_views import AskView, BidView, LotView
from wallet.advice import Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A listing that was found and checked, and how its repository is called.

    `shop` is the URL that showed it, empty where it was found elsewhere; `document` is the listing itself.
    """

    view: AskView
    name: str
    shop: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What is for sale, ranked: the good ones first, the cheapest before the others. `genesis` where one was meant.

    `sealed_forms` counts, by the genesis of each title that can be bought, what opens only with its seller's secret.
    """

    repository: str
    genesis: str
    offers: tuple[Offer, ...]
    sealed_forms: tuple[tuple[str, int], ...] = ()
    notes: tuple[Prose, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What this wallet offers, oldest first, bids for, newest first, and which secrets of its sales are due."""

    listings: tuple[LotView, ...] = ()
    bids: tuple[BidView, ...] = ()
    due: tuple[SecretDue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnListing:
    """A listing of this wallet, and how its repository is called."""

    view: LotView
    name: str

    @property
    def is_sold(self) -> bool:
        """Whether somebody bought it."""
        return self.view.state.startswith("sold")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBid:
    """A bid of this wallet, with what its listing says: for what, at which price in sats, and which shop takes it."""

    view: BidView
    name: str
    sells: str
    units: int
    price: int
    shop: str

    @property
    def is_out(self) -> bool:
        """Whether its seller can complete it, so that it can be handed on again or taken back."""
        return self.view.completable or self.view.state in ("open", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that this wallet offers and bids for, as of one block, newest first.

    `owed` are sales whose buyers wait for a repository's secret, `awaited` purchases for which one is to come.
    """

    height: int
    listings: tuple[OwnListing, ...]
    bids: tuple[OwnBid, ...]
    notes: tuple[Prose, ...] = ()
    owed: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()

    @property
    def standing(self) -> tuple[OwnListing, ...]:
        """Listings that nobody bought."""
        return tuple(one for one in self.listings if not one.is_sold)

    @property
    def sales(self) -> tuple[OwnListing, ...]:
        """Listings that were bought."""
        return tuple(one for one in self.listings if one.is_sold)

    @property
    def lots_left(self) -> int:
        """Listings of access that can still be bought, here or at a shop."""
        return sum(one.view.sells == "access" and one.view.state in ("open", "at a shop") for one in self.listings)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockView:
    """What this wallet can sell of a repository: access units that can be moved now, lots that are made already and
    how many of these are at a shop. `last_prices` are what was asked before for (what, sats)."""

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
    why: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of the checks of a bid that came. `refusal` is empty where it may be accepted."""

    checks: tuple[CheckLine, ...]
    refusal: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A signed document to be handed on: a bid, or listings. `shop` is where a bid may go, empty where nobody said."""

    kind: str
    ids: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    text: str
    shop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """Listings that are about to be signed, as documents."""

    asks: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Listings that were signed, each with its `id`. `board` is the digest of the board, None where it was not written.

    `document` is what is handed to buyers.
    """

    name: str
    genesis: str
    asks: tuple[dict[str, Any], ...]
    board: str | None
    document: str

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the listings."""
        return tuple(ask["id"] for ask in self.asks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A board that was written: its digest, in which repository, and how many of the listings found room."""

    name: str
    board: str
    place: str
    listings: int
    shown: int

    @property
    def words(self) -> str:
        """What was done."""
        beside = "" if self.place == self.name else ", where whoever has no access yet can read it"
        left = self.listings - self.shown
        older = f"; {left:,} older ones found no room" if left else ""
        return f"the board is in {self.place}{beside}: it shows {self.shown:,} of your listings{older}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """What a bid is for: the listing, what is known of the repository, and whether it asks for the secret."""

    ask: str
    report: Any
    wants_secret: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A bid that was signed; `package` is what its seller gets. `state` is open, or what a shop said of it,
    `reply` the shop's whole answer.

    `secret_to` is the hash of the key for the repository's secret, empty where none was asked for.
    """

    bid: str
    ask: str
    txid: str
    expires: int
    fee: int
    vsize: int
    package: str
    secret_to: str
    state: str = "open"
    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A bid of this wallet that was handed over again, or asked about. `reply` is what the `shop` said, if any did."""

    bid: str
    txid: str
    expires: int
    package: str
    state: str
    reply: str
    shop: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Listings that are about to be forgotten, by their ids."""

    withdraws: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Bids and listings that ended, by their ids, and the digest of the board where that was written anew."""

    withdrawn: tuple[str, ...]
    board: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundling:
    """Lots that would go to a shop, their listings, and the ids of those that become void."""

    file: str
    genesis: str
    lots: int
    listings: tuple[dict[str, Any], ...]
    voided: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundled:
    """Lots that went to a shop, by their listings. `board_due` says that a board may still show void ones."""

    file: str
    genesis: str
    lots: int
    asks: tuple[str, ...]
    voided: tuple[str, ...]
    board: str | None
    board_due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """A repository's secret that is due: its sale, and the hash of the key that the buyer named."""

    genesis: str
    sale: str
    secret_to: str
    sealed_forms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A secret that is encrypted to its buyer; `secrets` are the ids of what the document holds."""

    genesis: str
    sale: str
    secret_to: str
    sealed_forms: int
    secrets: tuple[str, ...]
    document: str = field(repr=False)
    notes: tuple[Prose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StillClosed:
    """A sealed form that a secret does not open, and why."""

    digest: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a secret from a seller opens, by the digests of sealed forms, and whether it was kept."""

    genesis: str
    secrets: tuple[str, ...]
    opens: tuple[str, ...]
    closed: tuple[StillClosed, ...]
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a shop sold, and what is left for sale, once it was stopped."""

    sold: int
    lots: int
