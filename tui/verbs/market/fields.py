"""What a person types about the market, parsed in one way for both front ends. Pure; raises EncodingError."""

from pathlib import Path

from assets.images.bid import PACKAGE_LIMIT, BidPackage
from assets.images.digest import Digest
from assets.images.origin import parse_origin
from assets.images.service_url import parse_service_url
from assets.services.market.listing import MAX_BLOCKS
from assets.services.market.lots import MAX_DRAFTS, MAX_LOTS_PER_TRANSACTION
from assets.services.repository_secrets.secret_receiving import DOCUMENT_LIMIT, parse_handed
from tui.verbs.files import read_given
from tui.verbs.market.requests import AtShop, InFile
from tui.verbs.whole_numbers import whole
from wallet.errors import EncodingError

MAX_COPIES = MAX_DRAFTS * MAX_LOTS_PER_TRANSACTION
"""Lots that can be made at once."""


def blocks_of(text: str) -> int:
    """How many blocks something stands."""
    return whole(text, least=1, most=MAX_BLOCKS, what="a number of blocks")


def copies_of(text: str) -> int:
    """How many lots."""
    return whole(text, least=1, most=MAX_COPIES, what="a number of lots")


def digest_of(text: str) -> Digest:
    """The terms of a sale."""
    return Digest.parse(text.strip())


def service_of(text: str) -> str:
    """Where a shop listens."""
    return parse_service_url(text.strip())


def origin_of(text: str) -> str:
    """Where access is honoured."""
    return parse_origin(text.strip())


def is_url(text: str) -> bool:
    """Whether a place of listings is a shop."""
    return text.strip().startswith(("https://", "http://"))


def place_of(text: str) -> AtShop | InFile:
    """A shop by its URL, else a file."""
    return AtShop(text.strip()) if is_url(text) else InFile(Path(text))


def pasted_bid(text: str) -> bytes:
    """A bid as somebody pasted it; whether it is one is not looked at."""
    if len(text) > PACKAGE_LIMIT:
        raise EncodingError("too long for a bid", hint=f"at most {PACKAGE_LIMIT:,} characters")
    try:
        return text.encode("ascii")
    except UnicodeEncodeError as error:
        raise EncodingError("no bid has such characters", hint="paste exactly what the buyer sent") from error


def bid_in(file: Path) -> bytes:
    """What may be a bid, from a file (- is standard input)."""
    return read_given(file, PACKAGE_LIMIT + 2)


def bid_words(package: bytes) -> str:
    """What a bid is for, in words; whoever has not got its listing knows no more."""
    bid = BidPackage.parse(package).bid
    return f"a bid for your listing {bid.ask.hex()[:16]}, until block {bid.expires:,}"


def pasted_secret(text: str) -> str:
    """What a seller handed over, as somebody pasted it."""
    try:
        return "\n".join(parse_handed(text.strip().encode("ascii")))
    except UnicodeEncodeError as error:
        raise EncodingError("no secret has such characters", hint="paste exactly what the seller sent") from error


def secret_in(file: Path) -> str:
    """What a seller handed over, from a file (- is standard input)."""
    return "\n".join(parse_handed(read_given(file, DOCUMENT_LIMIT)))
