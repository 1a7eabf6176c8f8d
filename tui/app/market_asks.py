"""What a person asks the market for, as typed and checked field by field, before anything is looked up.

As in `asks`, whatever acts on a repository carries its genesis, from the screen on which it was asked.
"""

from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """What a listing is for."""

    TITLE = "title"
    TITLE_AND_TREASURY = "title+treasury"
    ACCESS = "access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is for sale: of a repository (its name or its genesis), at a shop (its URL) or in a file, or of both.

    `genesis` is the one of a screen from which it was asked; empty where a person typed the repository.
    """

    repository: str = ""
    source: str = ""
    genesis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sell:
    """List a repository or access to it.

    New lots take `copies`; `again`
    lists what is there anew, at the old price where `price` is empty. `keep_lots` acknowledges that lots stay out of a
    title's sale; `publish` puts all listings on the registry's board.
    """

    genesis: str
    name: str
    what: What
    price: str = ""
    copies: str = ""
    again: bool = False
    keep_lots: bool = False
    publish: bool = False
    blocks: str = ""
    pay_to: str = ""
    terms: str = ""
    gate: str = ""
    bids_to: str = ""
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buy:
    """Answer a listing, which is given as its document.

    `repository` is the one that is meant, empty where any will do; `shop` gets the bid once it is signed, where there
    is one. `wants_secret` asks for the secret of sealed images with a title.
    """

    listing: str
    repository: str = ""
    blocks: str = ""
    shop: str = ""
    wants_secret: bool = True
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebid:
    """Bid again for the same coins at a higher fee. `bid` is the id of the one that it takes the place of."""

    bid: str
    blocks: str = ""
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """Complete a sale. `package` is the bid as it came, by file or by paste; the buyer has set the fee."""

    package: str
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedUp:
    """Spend the price of a sale that waits, so that both are mined."""

    txid: str
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBid:
    """Take a bid back by spending one of its coins."""

    bid: str
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Bring the lots of a repository back into one coin, also those at a shop."""

    genesis: str
    name: str
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportShop:
    """Write listed lots with their keys to a new file, for a shop at `url`; all of them where `copies` is empty."""

    genesis: str
    name: str
    file: str
    url: str = ""
    copies: str = ""
    publish: bool = False
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandSecret:
    """Hand a repository's secret to the buyer in a sale. `bid_file` holds the bid where it is not known here."""

    txid: str
    bid_file: str = ""
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSecret:
    """Take in a secret that a seller handed over: `document` is encrypted to this wallet."""

    document: str
    repository: str = ""
    rate: str = ""


MarketAsk = Sell | Buy | Rebid | Accept | SpeedUp | CancelBid | Recall | ExportShop | HandSecret | TakeSecret
"""Everything of the market that ends in a signature."""
