"""What a field holds, so that it can be checked while it is typed."""

from enum import StrEnum


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
