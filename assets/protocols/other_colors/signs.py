"""All signs of other colours that a transaction carries. Pure: a transaction in, signs out, and never an exception."""

from collections.abc import Callable

from bitcoin.core import CTransaction

from assets.model import Sign
from assets.protocols.other_colors.colored_coins import speaks_colored_coins
from assets.protocols.other_colors.counterparty_attach import attaches
from assets.protocols.other_colors.epobc import is_tagged
from assets.protocols.other_colors.inscriptions import inscribes
from assets.protocols.other_colors.runes import has_runestone

_DETECTORS: tuple[tuple[Sign, Callable[[CTransaction], bool]], ...] = (
    (Sign.COUNTERPARTY, attaches),
    (Sign.COLORED_COINS, speaks_colored_coins),
    (Sign.RUNES, has_runestone),
    (Sign.INSCRIPTION, inscribes),
    (Sign.EPOBC, is_tagged),
)


def signs_in(tx: CTransaction) -> tuple[Sign, ...]:
    """The signs of a transaction, in the order of `Sign`; each concerns all of its outputs."""
    return tuple(sign for sign, found in _DETECTORS if found(tx))
