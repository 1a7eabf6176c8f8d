"""Texts of the market's fields, checked while they are typed. Pure."""

from collections.abc import Callable, Mapping
from pathlib import Path

from assets.images.origin import parse_origin
from assets.images.service_url import parse_service_url
from assets.services.market.listing import MAX_BLOCKS
from assets.services.market.lots import MAX_DRAFTS, MAX_LOTS_PER_TRANSACTION
from tui.app.asks import Kind
from tui.verbs.whole_numbers import whole
from wallet.errors import EncodingError

MAX_COPIES = MAX_DRAFTS * MAX_LOTS_PER_TRANSACTION
"""Lots that can be made at once."""

_BLOCKS_A_DAY = 144


def parse_blocks(text: str) -> int | None:
    """A number of blocks, None for an empty text. Raises EncodingError."""
    return whole(text, least=1, most=MAX_BLOCKS, what="a number of blocks") if text.strip() else None


def is_url(text: str) -> bool:
    """Whether a source of listings is a shop."""
    return text.strip().startswith(("https://", "http://"))


def full_path(text: str) -> Path:
    """A path as it was typed, `~` understood. Raises EncodingError for one that no file can have."""
    if "\0" in text:
        raise EncodingError("not a path", hint="such as /home/you/bid.json")
    try:
        return Path(text.strip()).expanduser()
    except RuntimeError as error:
        raise EncodingError(f"not a path: {error}", hint="such as /home/you/bid.json") from error


def _blocks(text: str) -> str:
    count = parse_blocks(text) or 0
    return f"about {count / _BLOCKS_A_DAY:.0f} days" if count >= _BLOCKS_A_DAY else f"about {count / 6:.0f} hours"


def _copies(text: str) -> str:
    whole(text, least=1, most=MAX_COPIES, what="a number of lots")
    return ""


def _service(text: str) -> str:
    parse_service_url(text.strip())
    return ""


def _origin(text: str) -> str:
    parse_origin(text.strip())
    return ""


def _source(text: str) -> str:
    if is_url(text):
        return f"the shop {parse_service_url(text.strip())}"
    _file(text)
    return "a file"


def _file(text: str) -> str:
    if not full_path(text).is_absolute():
        raise EncodingError("not a full path", hint="such as /home/you/bid.json")
    return ""


MARKET_CHECKS: Mapping[Kind, Callable[[str], str]] = {
    Kind.BLOCKS: _blocks,
    Kind.COPIES: _copies,
    Kind.SERVICE: _service,
    Kind.ORIGIN: _origin,
    Kind.SOURCE: _source,
    Kind.FILE: _file,
}
"""The check of each kind of field that the market alone has."""
