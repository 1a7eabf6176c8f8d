"""Use case: take back what was set apart for a genesis that never came.

A coin on an issuing script pays for nothing else, so that nobody mints by accident. Where issuing was given up, or
where two devices with the same words began at once and used a script up, the coins go back to bitcoin.
"""

from dataclasses import replace

from bitcoin.core import COutPoint, CTxOut

from assets.coloring.expect import Funding, expect_payment
from assets.coloring.plan import Expectation, FeeFromOutput, PlannedInput, PlannedOutput, Recipient, Role, TxPlan
from assets.remedies import ImageRemedy
from assets.services.spending.drafts import About, Draft, fee_rate, prepare
from assets.services.spending.payment import prevout_of
from assets.services.wallets.addresses import next_change
from assets.services.wallets.session import Session
from wallet.amount import Sats
from wallet.coins import AccountKind, Coin
from wallet.errors import StateError
from wallet.transactions import Prevout, dust_limit

CANCEL = "cancel issuing"
"""The journal's word for it."""


def draft_cancel(session: Session, *, rate: str | None) -> Draft:
    """Every uncoloured coin on an issuing script goes to the next change key, less the fee.

    Raises StateError where there is none, and what drafting raises.
    """
    coins = _left_over(session)
    if not coins:
        raise StateError("no coin is set apart for a genesis", hint=ImageRemedy.SEE_ISSUED.of())
    total = Sats(sum(coin.value for coin in coins))
    back = next_change(session)
    plan = TxPlan(
        inputs=tuple(PlannedInput(prevout=prevout_of(coin), role=Role.ISSUING, color=None) for coin in coins),
        outputs=(PlannedOutput(txout=CTxOut(total, back.script), role=Role.CHANGE, path=back.path),),
        may_append_inputs=False,
        change=None,
        fee_from=FeeFromOutput(vout=0, minimum=dust_limit(back.script), refill=total),
    )
    spent = tuple(prevout_of(coin) for coin in coins)
    effects = (f"{len(coins)} coins that were set apart for a genesis become bitcoin again; nothing is issued",)
    return prepare(
        plan,
        lambda funding: _expect_returned(spent, back, funding),
        session,
        rate=fee_rate(session, rate),
        about=About(kind=CANCEL, effects=effects),
    )


def _left_over(session: Session) -> tuple[Coin, ...]:
    held = session.held()
    return tuple(
        coin
        for coin in session.coins.coins()
        if coin.path.account is AccountKind.ISSUING
        and coin.outpoint not in held
        and session.color_of(coin.outpoint) is None
    )


def _expect_returned(spent: tuple[Prevout, ...], back: Recipient, funding: Funding) -> Expectation:
    """All of `spent` comes back to one key of the wallet, less the fee."""
    swept = Funding(coins=spent, fee=funding.fee, change=None)
    received = Sats(sum(prevout.txout.nValue for prevout in spent) - funding.fee)
    expected = expect_payment(payments=((back, received),), funding=swept)
    returned: frozenset[COutPoint] = frozenset(prevout.outpoint for prevout in spent)
    return replace(expected, returned=returned)
