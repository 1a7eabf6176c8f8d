"""Texts of the market's fields, checked while they are typed. Pure."""

from collections.abc import Callable, Mapping

from tui.app.kinds import Kind
from tui.verbs.files import whole_path
from tui.verbs.market.fields import blocks_of, copies_of, is_url, origin_of, service_of

_BLOCKS_A_DAY, _BLOCKS_AN_HOUR = 144, 6


def _blocks(text: str) -> str:
    count = blocks_of(text)
    if count >= _BLOCKS_A_DAY:
        return f"about {count / _BLOCKS_A_DAY:.0f} days"
    return f"about {count / _BLOCKS_AN_HOUR:.0f} hours"


def _source(text: str) -> str:
    if is_url(text):
        return f"the shop {service_of(text)}"
    whole_path(text)
    return "a file"


def _good(parse: Callable[[str], object]) -> Callable[[str], str]:
    """A check that has nothing to say of a good text."""

    def check(text: str) -> str:
        parse(text)
        return ""

    return check


MARKET_CHECKS: Mapping[Kind, Callable[[str], str]] = {
    Kind.BLOCKS: _blocks,
    Kind.COPIES: _good(copies_of),
    Kind.SERVICE: _good(service_of),
    Kind.ORIGIN: _good(origin_of),
    Kind.SOURCE: _source,
    Kind.FILE: _good(whole_path),
}
"""The check of each kind of field that the market alone has."""
