"""Funding a transaction whose shape is given: append BTC inputs, pay the fee, add the change last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bitcoin.core import COutPoint, CTxOut

from wallet.amount import Sats, format_sats
from wallet.coins import Coin
from wallet.errors import DustOutputError, FeeError, InsufficientFundsError, StateError
from wallet.fees import MAX_FEE, MIN_RATE, FeeRate
from wallet.finished import assert_finished
from wallet.selection import least_change, select
from wallet.template import FeeFrom, Template
from wallet.transactions import (
    MAX_STANDARD_WEIGHT,
    Prevout,
    UnsignedTransaction,
    assemble,
    dust_limit,
    signed_vsize,
)

__all__ = ["FeeFrom", "Template", "bump", "fund"]

_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Funds:
    """What may pay, and how much: the arguments that every step shares. `fee` maps vB to sats."""

    coins: tuple[Coin, ...]
    reserved: frozenset[COutPoint]
    frozen: frozenset[COutPoint]
    rate: FeeRate
    fee: Callable[[int], Sats]
    tip_height: int
    confirmed_only: bool


def fund(
    template: Template,
    *,
    coins: Sequence[Coin],
    reserved: frozenset[COutPoint],
    rate: FeeRate,
    tip_height: int,
    frozen: frozenset[COutPoint] = frozenset(),
    max_fee: Sats = MAX_FEE,
) -> UnsignedTransaction:
    """`template` with a fee of `rate`, appended BTC inputs where it needs and allows them, and the change last.

    Change that is not worth an output goes to the fee. Raises InsufficientFundsError, DustOutputError, FeeError, and
    StateError where the transaction would be too large.
    """
    rate.check()
    funds = _Funds(
        coins=_others(coins, template),
        reserved=reserved,
        frozen=frozen,
        rate=rate,
        fee=rate.fee,
        tip_height=tip_height,
        confirmed_only=False,
    )
    return _build(template, funds, max_fee)


def bump(
    previous: UnsignedTransaction,
    *,
    coins: Sequence[Coin],
    reserved: frozenset[COutPoint],
    rate: FeeRate,
    tip_height: int,
    change: int | None = None,
    append_to: Template | None = None,
    fee_from: FeeFrom | None = None,
    ahead: tuple[int, int] = (0, 0),
    frozen: frozenset[COutPoint] = frozenset(),
    max_fee: Sats = MAX_FEE,
) -> UnsignedTransaction:
    """A replacement of `previous` at a higher rate, with all its inputs and outputs in their places.

    Only the value of the change (output number `change`, which must be the last), or of the `fee_from` output, falls;
    where neither can pay, a confirmed BTC input is appended and the change comes last. `append_to` gives the change
    slot for a transaction that had no change. The fee rises by at least 1 sat/vB of the new size (BIP125, rules 3
    and 4), and no unconfirmed input is added (rule 2). `ahead` are vB and sats of what must be mined before it: the
    rate is reached by all of them together, and by it alone. Raises as `fund` does.
    """
    rate.check()
    ahead_vsize, ahead_fee = ahead
    old_rate = FeeRate((previous.fee + ahead_fee) * 1000 // (previous.vsize + ahead_vsize))
    if rate <= old_rate:
        raise FeeError(f"{rate} is no more than the {old_rate} that it pays", hint="choose a higher rate")
    template = _template_of(previous, change, append_to, fee_from)
    funds = _Funds(
        coins=_others(coins, template),
        reserved=reserved,
        frozen=frozen,
        rate=rate,
        fee=lambda vsize: Sats(
            max(
                rate.fee(vsize),
                rate.fee(vsize + ahead_vsize) - ahead_fee,
                previous.fee + MIN_RATE.fee(vsize),
            )
        ),
        tip_height=tip_height,
        confirmed_only=True,
    )
    return _build(template, funds, max_fee)


def _template_of(
    previous: UnsignedTransaction, change: int | None, append_to: Template | None, fee_from: FeeFrom | None
) -> Template:
    tx, own = previous.tx, dict(previous.own_outputs)
    sequences = {txin.nSequence for txin in tx.vin}
    if len(sequences) != 1:
        raise StateError("inputs with different sequences: this wallet did not build the transaction")
    slot = append_to.change if append_to is not None else None
    if change is not None:
        if change != len(tx.vout) - 1 or change not in own:
            raise StateError("the change of a transaction of this wallet is its last output")
        slot = (tx.vout[change].scriptPubKey, own.pop(change))
    return Template(
        inputs=previous.prevouts,
        outputs=tuple(tx.vout if change is None else tx.vout[:change]),
        own_outputs=tuple(own.items()),
        change=slot,
        may_append_inputs=slot is not None,
        fee_from=fee_from,
        version=tx.nVersion,
        locktime=tx.nLockTime,
        sequence=sequences.pop(),
    )


def _build(template: Template, funds: _Funds, max_fee: Sats) -> UnsignedTransaction:
    _check_values(template)
    unsigned = _from_output(template, funds)
    if unsigned is None:
        unsigned = _from_inputs(template, funds)
    _check_values(template, unsigned)
    if unsigned.fee > max_fee:
        raise FeeError(
            f"the fee would be {format_sats(unsigned.fee)}, above the bound of {format_sats(max_fee)}",
            hint="choose a lower rate, or spend fewer coins at once",
        )
    assert_finished(
        unsigned,
        template=template,
        coins=funds.coins,
        withheld=funds.reserved | funds.frozen,
        fee=(funds.fee(unsigned.vsize), _most(template, funds, unsigned.vsize)),
    )
    return unsigned


def _most(template: Template, funds: _Funds, vsize: int) -> Sats:
    """The highest fee that dropping a change output that is not worth its cost can lead to."""
    if template.change is None:
        return funds.fee(vsize)
    slot = CTxOut(0, template.change[0])
    return Sats(funds.fee(vsize + len(slot.serialize()) + 1) + least_change(funds.rate, dust_limit(slot.scriptPubKey)))


def _check_values(template: Template, unsigned: UnsignedTransaction | None = None) -> None:
    """Raises DustOutputError or StateError for what a person may have asked for and nodes do not relay."""
    for vout, txout in enumerate(template.outputs if unsigned is None else unsigned.tx.vout):
        limit = dust_limit(txout.scriptPubKey)
        if txout.nValue < limit:
            raise DustOutputError(
                f"output {vout} would hold {format_sats(txout.nValue)}, less than nodes relay",
                hint=f"send at least {format_sats(limit)} to this kind of address",
            )
    if unsigned is not None and unsigned.vsize * 4 > MAX_STANDARD_WEIGHT:
        raise StateError(
            f"the transaction would have {unsigned.vsize} vB, more than nodes relay",
            hint="too many small coins are spent at once: send less, or in several steps",
        )


def _from_output(template: Template, funds: _Funds) -> UnsignedTransaction | None:
    """The transaction whose `fee_from` output pays all of the fee, if there is one and it can."""
    fee_from = template.fee_from
    if fee_from is None or _surplus(template, (), funds.fee) >= 0:
        return None
    planned = template.outputs[fee_from.vout]
    value = planned.nValue + _surplus(template, (), funds.fee)
    if value < max(fee_from.minimum, dust_limit(planned.scriptPubKey)):
        return None
    return _assembled(_with_value(template, fee_from.vout, value), ())


def _from_inputs(template: Template, funds: _Funds) -> UnsignedTransaction:
    """The transaction whose inputs, appended ones included, pay the fee, with change where it is worth an output."""
    short = -_surplus(template, (), funds.fee)
    if short <= 0:
        return _with_change(template, (), funds)
    if not template.may_append_inputs or template.change is None:
        raise InsufficientFundsError(
            f"{format_sats(short)} are missing for the fee, and no coin may be added",
            needed=_paid_out(template) + short,
            available=_paid_out(template),
            hint="choose a lower rate or a smaller amount",
        )
    if template.fee_from is not None:
        template = _with_value(template, template.fee_from.vout, template.fee_from.refill)
        short = max(1, -_surplus(template, (), funds.fee))
    needed = short
    for _ in range(_ROUNDS):
        chosen = select(
            funds.coins,
            reserved=funds.reserved,
            needed=Sats(needed),
            rate=funds.rate,
            tip_height=funds.tip_height,
            frozen=funds.frozen,
            confirmed_only=funds.confirmed_only,
        )
        short = -_surplus(template, chosen, funds.fee)
        if short <= 0:
            return _with_change(template, chosen, funds)
        needed += short
    raise AssertionError("each round of selection comes nearer")


def _with_change(template: Template, appended: tuple[Coin, ...], funds: _Funds) -> UnsignedTransaction:
    """The transaction with what is left over as change, or as fee where it is too little."""
    surplus = _surplus(template, appended, funds.fee)
    if template.change is None:
        if surplus > 0:
            raise FeeError(
                f"{format_sats(surplus)} would be left over, and there is no output for change",
                hint="give the amounts exactly, or allow change",
            )
        return _assembled(template, appended)
    script, path = template.change
    with_slot = replace(
        template,
        outputs=(*template.outputs, CTxOut(0, script)),
        own_outputs=(*template.own_outputs, (len(template.outputs), path)),
    )
    value = _surplus(with_slot, appended, funds.fee)
    if value < least_change(funds.rate, dust_limit(script)):
        return _assembled(template, appended)
    return _assembled(_with_value(with_slot, len(template.outputs), value), appended)


def _paid_out(template: Template) -> int:
    return sum(txout.nValue for txout in template.outputs)


def _surplus(template: Template, appended: tuple[Coin, ...], fee: Callable[[int], Sats]) -> int:
    """Sats that inputs hold beyond outputs and fee; negative where they are missing."""
    unsigned = _assembled(template, appended)
    return unsigned.fee - fee(signed_vsize(unsigned.tx))


def _with_value(template: Template, vout: int, value: int) -> Template:
    outputs = list(template.outputs)
    outputs[vout] = CTxOut(value, outputs[vout].scriptPubKey)
    return replace(template, outputs=tuple(outputs))


def _assembled(template: Template, appended: tuple[Coin, ...]) -> UnsignedTransaction:
    added = tuple(Prevout(outpoint=coin.outpoint, txout=coin.txout, path=coin.path) for coin in appended)
    prevouts = (*template.inputs, *added)
    tx = assemble(
        tuple((prevout.outpoint, template.sequence) for prevout in prevouts),
        template.outputs,
        version=template.version,
        locktime=template.locktime,
    )
    return UnsignedTransaction(tx=tx, prevouts=prevouts, own_outputs=template.own_outputs)


def _others(coins: Sequence[Coin], template: Template) -> tuple[Coin, ...]:
    """The coins that the template does not spend already."""
    spent = {prevout.outpoint for prevout in template.inputs}
    return tuple(coin for coin in coins if coin.outpoint not in spent)
