"""What a person asks the app to do, as typed and checked field by field, before anything is looked up.

Whatever acts on a repository carries its `genesis`, from the screen on which it was asked; `name` is only how that
repository was called there, and decides nothing.

Secrets are never part of a repr, so that no log, message or traceback can show them.
"""

from enum import StrEnum

from tui.verbs.access.gate_requests import Login
from tui.verbs.access.requests import Grant
from tui.verbs.image.requests import Define, HandOver, Issue, RecordSeal, Release, Revoke
from tui.verbs.market.requests import MarketRequest
from tui.verbs.wallet.requests import Bump, CancelIssue, Send, SendSigned


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
    IMAGE = "tag or digest"
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


Ask = (
    Send
    | SendSigned
    | Bump
    | CancelIssue
    | Issue
    | Release
    | RecordSeal
    | Revoke
    | HandOver
    | Define
    | Grant
    | Login
    | MarketRequest
)
"""Everything that ends in a draft."""
