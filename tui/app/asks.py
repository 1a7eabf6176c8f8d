"""What a person asks the app to do, as typed and checked field by field, before anything is looked up.

Whatever acts on a repository carries its `genesis`, from the screen on which it was asked; `name` is only how that
repository was called there, and decides nothing.

Secrets are never part of a repr, so that no log, message or traceback can show them.
"""

from dataclasses import dataclass
from enum import StrEnum

from tui.app.access_asks import AccessAsk
from tui.verbs.market.requests import MarketRequest
from tui.verbs.wallet.requests import Bump, CancelIssue, Send


class Kind(StrEnum):
    """What a field holds, for checking it while it is typed."""

    TEXT = "text"
    ADDRESS = "address"
    UNIT_ADDRESS = "unit address"
    SHARE = "unit address and quantity"
    BTC = "amount in BTC"
    UNITS = "number of units"
    SATS = "title's sats"
    RATE = "fee rate"
    HEIGHT = "block height"
    REFERENCE = "image reference"
    NAME = "repository name"
    LOOKUP = "repository name or genesis"
    TAGS = "tags"
    DIGEST = "digest"
    BUILD = "digest or builder's file"
    TXID = "transaction id"
    ALLOWED = "verdicts to accept"
    WALLET = "wallet name"
    SETTING = "setting's value"
    BLOCKS = "number of blocks"
    COPIES = "number of lots"
    SERVICE = "service's URL"
    ORIGIN = "origin"
    SOURCE = "shop's URL or file"
    FILE = "full path"
    DESTINATION = "where an image goes"
    LAYOUT = "OCI layout"
    KEYS = "number of a key"
    MAGNET = "magnet link"
    PASSWORD = "new password"  # noqa: S105 - the name of a kind of field


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Issue the asset of a repository. `links` are the definition's optional fields by name."""

    name: str
    units: str = "1000000"
    title_sats: str = "10000"
    issuer: str = ""
    description: str = ""
    links: tuple[tuple[str, str], ...] = ()
    publish: bool = True
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Bind a digest to tags. `build` is a digest or a path of what the builder wrote, or empty; then `compared` is the
    digest of the registry that the person compared, as the screen showed it in full."""

    genesis: str
    name: str
    tags: tuple[str, ...]
    build: str = ""
    compared: str = ""
    final: bool = False
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """Take an image back for ever: a tag's present one, or a digest; with a platform, that one image of a list."""

    genesis: str
    name: str
    image: str
    reason: str = "unspecified"
    platform: str = ""
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Give a repository to a new owner. `plain` allows an address that was not made for units."""

    genesis: str
    name: str
    to: str
    with_treasury: bool = True
    plain: bool = False
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Define:
    """Give a repository a new definition. An empty text keeps what is there; `clear` names links to take away. `seen`
    is the sha256 of the definition that was on the screen."""

    genesis: str
    name: str
    seen: str
    new_name: str = ""
    issuer: str = ""
    description: str = ""
    links: tuple[tuple[str, str], ...] = ()
    clear: tuple[str, ...] = ()
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Give access units of the treasury away: `shares` are lines of address and quantity."""

    genesis: str
    name: str
    shares: str
    rate: str = ""


Ask = Send | Issue | CancelIssue | Release | Revoke | HandOver | Define | Grant | Bump | MarketRequest | AccessAsk
"""Everything that ends in a draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """An image to judge. `genesis` vouches where it is given; `allow` are verdicts to accept; `lock` a lock file."""

    reference: str
    genesis: str = ""
    allow: str = ""
    lock: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinAsk:
    """A name to pin. `accept_owner` is for one that is pinned and changed hands."""

    name: str
    genesis: str = ""
    accept_owner: bool = False
