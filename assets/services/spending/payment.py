"""Paying bitcoin: the plan of a payment and, made from the same intent, what the finished transaction must do."""

from dataclasses import dataclass, replace

from bitcoin.core import CTxOut

from assets.coloring.expect import Funding, expect_payment
from assets.coloring.plan import Expectation, FeeFromOutput, PlannedInput, PlannedOutput, Recipient, Role, TxPlan
from wallet.amount import Sats, format_btc
from wallet.coins import Coin
from wallet.errors import DustOutputError
from wallet.transactions import Prevout, dust_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Sats for somebody. `locktime` is a height: it keeps miners from gaining by mining the last block again."""

    to: Recipient
    amount: Sats
    locktime: int


def plan_payment(payment: Payment, change: Recipient) -> TxPlan:
    """One output, funded by whatever coins fit; the change comes last. Raises DustOutputError."""
    assert change.path is not None, "change comes back to this wallet"
    least = dust_limit(payment.to.script)
    if payment.amount < least:
        raise DustOutputError(
            f"{payment.amount} sat are less than the {least} sat that nodes relay to this kind of address",
            hint=f"send at least {format_btc(least)} BTC",
        )
    return TxPlan(
        inputs=(),
        outputs=(_output(payment),),
        may_append_inputs=True,
        change=(change.script, change.path),
        locktime=payment.locktime,
    )


def expect_paid(payment: Payment, funding: Funding) -> Expectation:
    """The recipient gets the amount, the wallet pays it and the fee, and nothing else happens."""
    expected = expect_payment(payments=((payment.to, payment.amount),), funding=funding)
    return replace(expected, locktime=payment.locktime)


def plan_sweep(payment: Payment, coins: tuple[Coin, ...]) -> TxPlan:
    """Every one of `coins` to one output, which pays the fee; `payment.amount` is their sum."""
    inputs = tuple(PlannedInput(prevout=prevout_of(coin), role=Role.FUNDING, color=None) for coin in coins)
    return TxPlan(
        inputs=inputs,
        outputs=(_output(payment),),
        may_append_inputs=False,
        change=None,
        fee_from=FeeFromOutput(vout=0, minimum=dust_limit(payment.to.script), refill=payment.amount),
        locktime=payment.locktime,
    )


def expect_swept(payment: Payment, coins: tuple[Coin, ...], funding: Funding) -> Expectation:
    """All of `coins` go in, and the recipient gets their sum less the fee."""
    swept = Funding(coins=tuple(prevout_of(coin) for coin in coins), fee=funding.fee, change=None)
    received = Sats(payment.amount - funding.fee)
    expected = expect_payment(payments=((payment.to, received),), funding=swept)
    return replace(expected, locktime=payment.locktime)


def prevout_of(coin: Coin) -> Prevout:
    """A coin of this wallet as an input spends it."""
    return Prevout(outpoint=coin.outpoint, txout=coin.txout, path=coin.path)


def _output(payment: Payment) -> PlannedOutput:
    txout = CTxOut(payment.amount, payment.to.script)
    return PlannedOutput(txout=txout, role=Role.PAYMENT, path=payment.to.path)
