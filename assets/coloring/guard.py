"""The guard: before any signature, the exact unsigned transaction must do what was meant, and nothing else.

It is recoloured twice, by closed transfers and by the Open Assets reference rule, from the colours of the coins that
it spends, and compared with an `Expectation` that was made from the intent. Any difference is a GuardError that names
the check and the figures; nothing is signed then.
"""

from collections.abc import Callable

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.coloring.guard_case import Case
from assets.coloring.guard_form import check_form
from assets.coloring.guard_money import check_money
from assets.coloring.guard_units import check_units
from assets.coloring.plan import Expectation
from assets.model import CoinColor
from wallet.coins import KeyPath
from wallet.transactions import UnsignedTransaction


def check(
    unsigned: UnsignedTransaction,
    expectation: Expectation,
    *,
    colors: Callable[[COutPoint], CoinColor],
    account_script: Callable[[KeyPath], CScript],
) -> None:
    """Compares a transaction with what it is expected to do. Raises GuardError at the first difference.

    `colors` answers the colour of any coin that the transaction spends; `account_script` derives the script of one of
    this wallet's keys.
    """
    case = Case(unsigned=unsigned, expectation=expectation, account_script=account_script)
    check_form(case)
    check_money(case)
    check_units(case, [colors(prevout.outpoint) for prevout in unsigned.prevouts])
