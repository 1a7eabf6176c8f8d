"""What a person types about a wallet, into values; the same for both front ends."""

from assets.model import MAX_ACCESS_UNITS
from tui.verbs.whole_numbers import whole


def units_of(text: str) -> int:
    """A number of access units. Raises EncodingError."""
    return whole(text, least=1, most=MAX_ACCESS_UNITS, what="a number of units")
