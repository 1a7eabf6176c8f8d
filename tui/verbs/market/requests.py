"""What a person asks of the market, parsed and not looked up yet. Cheap to import.

Whatever acts on a repository carries its `genesis`; `name` is only how that repository was called where it was asked.
Texts are what only the wallet can read: the beginning of an id, an address.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assets.images.digest import Digest
from wallet.amount import Sats
from wallet.hashes import Txid


@dataclass(frozen=True, slots=True)
class AtShop:
    """Listings at the URL of a shop."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class InFile:
    """Listings in a file; `-` is standard input."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class OnBoard:
    """Listings on the board that the registry of a canonical name has."""

    name: str

    def __str__(self) -> str:
        return f"{self.name}:dockchains-asks"


Where = AtShop | InFile | OnBoard
"""Where listings are looked for."""


class What(StrEnum):
    """What a listing is for."""

    TITLE = "title"
    TITLE_AND_TREASURY = "title+treasury"
    ACCESS = "access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is for sale: of the repository that is meant by `name`, `genesis` or both, in the places that are named."""

    name: str | None = None
    genesis: Txid | None = None
    places: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LotKeys:
    """Public keys of lots by their numbers, which follow one another. They are no secret, and only the keys know them.

    `found` belong to lots of earlier that a restored wallet forgot; `new` are for lots that are to be made.
    """

    found: tuple[tuple[int, bytes], ...] = ()
    new: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sell:
    """List a repository or access to it.

    New lots take `copies`, and `keys` once these were asked; `again` lists what is there anew, as it was listed before
    but for what is said. `keep_lots` acknowledges that lots stay out of a title's sale; `publish` puts all listings on
    the registry's board, `out` is a new file for the listing. `pay_to` is an address.
    """

    genesis: Txid
    name: str
    what: What
    price: Sats | None = None
    copies: int | None = None
    again: bool = False
    keep_lots: bool = False
    publish: bool = False
    blocks: int | None = None
    pay_to: str | None = None
    terms: Digest | None = None
    gate: str | None = None
    bids_to: str | None = None
    out: Path | None = None
    keys: LotKeys | None = None
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Put all open listings of a repository on its registry's board; its name is looked up where it is not said."""

    genesis: Txid
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buy:
    """Answer a listing with a bid: the very one whose document `listing` is, or one that is found at `place`.

    There it is the one whose id begins with `wanted`, else the cheapest lot that is still there. `place` is where the
    listing was seen, too. `name` and `genesis` say which repository is meant, where anybody said so. The bid goes to
    `shop`, to the one that listing and place name (None), or to nobody (empty text). `wants_secret` asks for the secret
    of sealed images with a title; `out` is a new file for the bid.
    """

    listing: str | None = None
    place: Where | None = None
    wanted: str | None = None
    name: str | None = None
    genesis: Txid | None = None
    blocks: int | None = None
    shop: str | None = None
    wants_secret: bool = True
    out: Path | None = None
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebid:
    """Bid again for the same coins at a higher fee, in the place of the bid whose id begins so; else as `Buy`."""

    bid: str
    name: str | None = None
    blocks: int | None = None
    shop: str | None = None
    out: Path | None = None
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """Hand an open bid over again, as it is: to `shop`, which the user named, else to the one that its listing names.

    With `out` it is written to a new file, and goes to no shop that the user did not name.
    """

    bid: str
    shop: str | None = None
    out: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOutcome:
    """Ask a shop what became of an open bid: the one that the user names, else one that was handed it."""

    bid: str
    shop: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """Complete a sale. `package` is the bid as it came; the buyer has set the fee."""

    package: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedUp:
    """Spend the price of a sale that waits, so that both are mined."""

    txid: Txid
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Take back the bid, by spending one of its coins, or the listing, by forgetting it, whose id begins so."""

    offer: str
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Forget listings: the open ones of a repository, or those with these ids. `publish` renews the board then."""

    genesis: Txid | None = None
    name: str = ""
    asks: tuple[str, ...] = ()
    publish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Bring the lots of a repository back into one coin, also those at a shop. `publish` renews the board then."""

    genesis: Txid
    name: str
    publish: bool = False
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportShop:
    """Write listed lots with their keys to a new file, for a shop at `url`; all of them, or at most `copies`."""

    genesis: Txid
    name: str
    file: Path
    url: str | None = None
    copies: int | None = None
    publish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandSecret:
    """Hand a repository's secret to the buyer in a sale. `bid` is a file with the bid where it is not known here."""

    txid: Txid
    bid: Path | None = None
    out: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSecret:
    """Take in a secret that a seller handed over: `document` is encrypted to this wallet.

    `name` is the repository's where nobody typed or pinned it before. Without `keep` it is opened and checked only.
    """

    document: str
    name: str | None = None
    keep: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """Sell the lots in a file of `ExportShop`. `listen` is an address on loopback, `journal` where sales are kept."""

    bundle: Path
    listen: str
    journal: Path
    proxied: bool = False
    per_minute: int = 120


MarketRequest = (
    Sell | Buy | Rebid | Accept | SpeedUp | TakeBack | Withdraw | Recall | ExportShop | HandSecret | TakeSecret
)
"""Everything of the market that ends in a review."""
