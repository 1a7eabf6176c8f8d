"""The guard: before any signature, the exact unsigned transaction must do what was meant, and nothing else.

It is recoloured twice, by closed transfers and by the Open Assets reference rule, from the colours of the coins that
it spends, and compared with an `Expectation` that was made from the intent. Any difference is a GuardError that names
the check and the figures; nothing is signed then.
"""

from collections.abc import Callable

from bitcoin.core import COutPoint

from assets.coloring.guard_case import Case, Whose
from assets.coloring.guard_form import check_form
from assets.coloring.guard_money import check_money
from assets.coloring.guard_units import check_units
from assets.coloring.plan import Expectation
from assets.coloring.reading import Reading, has_marker, read
from assets.model import CoinColor
from wallet.transactions import UnsignedTransaction

Colors = Callable[[COutPoint], CoinColor]


def check(
    unsigned: UnsignedTransaction,
    expectation: Expectation,
    *,
    colors: Colors,
    whose: Whose,
    tip_height: int | None = None,
) -> Reading:
    """Compares a transaction with what it is expected to do; what it does is answered.

    `colors` answers the colour of any coin that the transaction spends; `whose` tells the wallet's own scripts, which
    alone decide what is ours; `tip_height` is the height of the chain, None where no node answers. Raises GuardError at
    the first difference, and where the transaction is none of the deeds that Dockchains knows.
    """
    case = Case(unsigned=unsigned, expectation=expectation, whose=whose, tip_height=tip_height)
    found = colors_of(unsigned, colors)
    check_form(case)
    check_money(case)
    check_units(case, found)
    return read(unsigned, found)


def colors_of(unsigned: UnsignedTransaction, colors: Colors) -> list[CoinColor]:
    """The colours of the spent coins, one for each input.

    Those of others' coins are asked for only where there is a marker: without one they are their own business.
    """
    marked = has_marker(unsigned)
    return [colors(one.outpoint) if marked or one.path is not None else None for one in unsigned.prevouts]
