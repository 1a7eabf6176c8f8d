"""The builder pays the fee, adds the change last, and touches nothing else."""

from dataclasses import replace

import pytest
from bitcoin.core import COutPoint, CTxOut
from bitcoin.core.script import CScript
from hypothesis import given
from hypothesis import strategies as st

from tests.wallet.purses import CHANGE_SLOT, MARKER, STRANGER, TIP, coin, payment, prevout, release
from wallet.amount import Sats
from wallet.builder import FeeFrom, Template, bump, fund
from wallet.coins import AccountKind, Coin
from wallet.errors import DustOutputError, FeeError, InsufficientFundsError, StateError
from wallet.fees import MIN_RATE, FeeRate
from wallet.transactions import UnsignedTransaction

NONE: frozenset[COutPoint] = frozenset()
RATE = FeeRate(5_000)


def funded(template: Template, *coins: Coin, rate: FeeRate = RATE, **fields: object) -> UnsignedTransaction:
    rest: dict[str, object] = {"reserved": NONE, "tip_height": TIP, **fields}
    return fund(template, coins=coins, rate=rate, **rest)  # type: ignore[arg-type]


def test_a_payment_spends_a_coin_and_puts_the_change_last() -> None:
    unsigned = funded(payment(20_000), coin(1, 50_000))
    tx = unsigned.tx
    assert [txout.scriptPubKey for txout in tx.vout] == [STRANGER, CHANGE_SLOT[0]]
    assert unsigned.own_outputs == ((1, CHANGE_SLOT[1]),)
    assert unsigned.fee == RATE.fee(unsigned.vsize)
    assert (tx.nVersion, tx.nLockTime, {txin.nSequence for txin in tx.vin}) == (2, 0, {0xFFFFFFFD})


@pytest.mark.parametrize(("left", "outputs"), [(679, 1), (680, 2)])
def test_change_below_its_worth_goes_to_the_fee(left: int, outputs: int) -> None:
    rate = FeeRate(10_000)
    exact = 20_000 + rate.fee(141) + left
    unsigned = funded(payment(20_000), coin(1, exact), rate=rate)
    assert len(unsigned.tx.vout) == outputs
    assert unsigned.fee == (rate.fee(141) if outputs == 2 else rate.fee(141) + left)


def test_the_title_pays_for_a_release_out_of_its_own_value() -> None:
    title = coin(1, 10_000, account=AccountKind.UNITS)
    unsigned = funded(release(title), coin(2, 90_000), reserved=frozenset({title.outpoint}))
    assert [txin.prevout for txin in unsigned.tx.vin] == [title.outpoint]
    assert unsigned.tx.vout[0] == MARKER
    assert unsigned.tx.vout[1].nValue == 10_000 - RATE.fee(unsigned.vsize)
    assert unsigned.own_outputs == ((1, title.path),)


def test_a_title_that_cannot_pay_is_filled_up_again_behind_it() -> None:
    title = coin(1, 700, account=AccountKind.UNITS)
    unsigned = funded(release(title), coin(2, 90_000))
    assert [txin.prevout for txin in unsigned.tx.vin] == [title.outpoint, coin(2, 1).outpoint]
    assert [txout.nValue for txout in unsigned.tx.vout[:2]] == [0, 10_000]
    assert unsigned.tx.vout[2].scriptPubKey == CHANGE_SLOT[0]


def test_an_output_that_pays_the_fee_empties_a_wallet_exactly() -> None:
    coins = [coin(1, 30_000), coin(2, 20_000)]
    sweep = Template(
        inputs=tuple(prevout(each) for each in coins),
        outputs=(CTxOut(50_000, STRANGER),),
        fee_from=FeeFrom(vout=0, minimum=Sats(294), refill=Sats(50_000)),
    )
    unsigned = funded(sweep)
    assert unsigned.tx.vout[0].nValue == 50_000 - RATE.fee(unsigned.vsize)
    assert unsigned.fee == RATE.fee(unsigned.vsize)


def test_without_a_place_for_change_the_sums_must_fit_exactly() -> None:
    template = Template(inputs=(prevout(coin(1, 20_550)),), outputs=(CTxOut(20_000, STRANGER),))
    assert funded(template).fee == 550
    with pytest.raises(FeeError, match="50 sat would be left over"):
        funded(replace(template, inputs=(prevout(coin(1, 20_600)),)))
    with pytest.raises(InsufficientFundsError, match="50 sat are missing for the fee"):
        funded(replace(template, inputs=(prevout(coin(1, 20_500)),)), coin(5, 90_000))


def test_reserved_and_frozen_coins_never_pay() -> None:
    title, kept = coin(1, 90_000), coin(2, 80_000)
    with pytest.raises(InsufficientFundsError, match="170,000 sat are reserved or frozen"):
        funded(payment(20_000), title, kept, reserved=frozenset({title.outpoint}), frozen=frozenset({kept.outpoint}))


def test_a_coin_of_the_template_is_not_appended_again() -> None:
    title = coin(1, 50_000)
    with pytest.raises(InsufficientFundsError):
        funded(replace(payment(60_000), inputs=(prevout(title),)), title)


@pytest.mark.parametrize(
    ("script", "least"),
    [
        (STRANGER, 294),
        (CScript(b"\x00\x20" + bytes(32)), 330),
        (CScript(b"\x51\x20" + bytes(32)), 330),
        (CScript(b"\xa9\x14" + bytes(20) + b"\x87"), 540),
        (CScript(b"\x76\xa9\x14" + bytes(20) + b"\x88\xac"), 546),
    ],
)
def test_dust_is_refused_for_each_kind_of_script(script: CScript, least: int) -> None:
    template = replace(payment(0), outputs=(CTxOut(least, script),))
    assert funded(template, coin(1, 50_000)).tx.vout[0].nValue == least
    with pytest.raises(DustOutputError, match=f"{least - 1} sat") as raised:
        funded(replace(template, outputs=(CTxOut(least - 1, script),)), coin(1, 50_000))
    assert f"at least {least} sat" in raised.value.hint


def test_rates_and_fees_have_bounds() -> None:
    with pytest.raises(FeeError, match="outside of"):
        funded(payment(20_000), coin(1, 50_000), rate=FeeRate(999))
    with pytest.raises(FeeError, match="outside of"):
        funded(payment(20_000), coin(1, 50_000), rate=FeeRate(600_001))
    with pytest.raises(FeeError, match="above the bound of 500 sat"):
        funded(payment(20_000), coin(1, 50_000), max_fee=Sats(500))


def test_too_many_small_coins_at_once_are_refused() -> None:
    coins = [coin(number, 1_000) for number in range(1_600)]
    with pytest.raises(StateError, match="more than nodes relay"):
        funded(payment(1_400_000), *coins, rate=MIN_RATE, max_fee=Sats(10_000_000))


def test_many_inputs_are_paid_for_to_the_byte() -> None:
    coins = [coin(number, 2_000) for number in range(300)]
    unsigned = funded(payment(500_000), *coins, rate=MIN_RATE)
    assert len(unsigned.tx.vin) > 252
    assert unsigned.fee >= MIN_RATE.fee(unsigned.vsize)


amounts = st.lists(st.integers(1_000, 300_000), min_size=1, max_size=12)
rates = st.integers(1_000, 50_000).map(FeeRate)


@given(amounts, st.integers(294, 400_000), rates, st.sets(st.integers(0, 11)))
def test_every_funded_payment_balances_and_leaves_reserved_coins(
    values: list[int], sats: int, rate: FeeRate, reserved_numbers: set[int]
) -> None:
    coins = [coin(number, value) for number, value in enumerate(values)]
    reserved = frozenset(each.outpoint for each in coins if each.path.index in reserved_numbers)
    try:
        unsigned = funded(payment(sats), *coins, rate=rate, reserved=reserved)
    except InsufficientFundsError:
        return
    spent = [prevout.outpoint for prevout in unsigned.prevouts]
    assert not reserved & set(spent)
    assert unsigned.tx.vout[0] == CTxOut(sats, STRANGER)
    needed = rate.fee(unsigned.vsize)
    assert needed <= unsigned.fee <= needed + rate.fee(32) + 680


@given(st.integers(546, 30_000), amounts, rates)
def test_every_funded_release_keeps_marker_and_title_in_place(value: int, values: list[int], rate: FeeRate) -> None:
    title = coin(999, value, account=AccountKind.UNITS)
    coins = [coin(number, each) for number, each in enumerate(values)]
    try:
        unsigned = funded(release(title), title, *coins, rate=rate, reserved=frozenset({title.outpoint}))
    except InsufficientFundsError:
        return
    assert unsigned.tx.vin[0].prevout == title.outpoint
    assert unsigned.tx.vout[0] == MARKER
    assert unsigned.tx.vout[1].scriptPubKey == title.script_pubkey
    assert unsigned.tx.vout[1].nValue >= 546


def test_a_bump_lowers_the_change_and_keeps_the_rest() -> None:
    previous = funded(payment(20_000), coin(1, 50_000))
    again = bump(previous, coins=(), reserved=NONE, rate=FeeRate(9_000), tip_height=TIP, change=1)
    assert again.tx.vin == previous.tx.vin
    assert again.tx.vout[0] == previous.tx.vout[0]
    assert again.tx.vout[1].scriptPubKey == previous.tx.vout[1].scriptPubKey
    assert again.fee == FeeRate(9_000).fee(again.vsize)


def test_a_bump_lowers_the_title_or_appends_behind_everything() -> None:
    title = coin(1, 2_000, account=AccountKind.UNITS)
    previous = funded(release(title))
    paying = FeeFrom(vout=1, minimum=Sats(546), refill=Sats(previous.tx.vout[1].nValue))
    slot = release(title)
    rest: dict[str, object] = {"reserved": NONE, "tip_height": TIP, "fee_from": paying, "append_to": slot}
    lower = bump(previous, coins=(), rate=FeeRate(8_000), **rest)  # type: ignore[arg-type]
    assert lower.tx.vin == previous.tx.vin
    assert lower.tx.vout[1].nValue == 2_000 - lower.fee
    fresh = coin(7, 60_000)
    more = bump(previous, coins=(fresh,), rate=FeeRate(80_000), **rest)  # type: ignore[arg-type]
    assert [txin.prevout for txin in more.tx.vin] == [title.outpoint, fresh.outpoint]
    assert more.tx.vout[:2] == previous.tx.vout
    assert more.tx.vout[2].scriptPubKey == CHANGE_SLOT[0]


def test_a_bump_pays_for_its_own_relay() -> None:
    previous = funded(payment(20_000), coin(1, 50_000), rate=FeeRate(1_000))
    again = bump(previous, coins=(), reserved=NONE, rate=FeeRate(1_001), tip_height=TIP, change=1)
    assert again.fee == previous.fee + again.vsize


def test_a_bump_adds_no_unconfirmed_coin_and_needs_a_higher_rate() -> None:
    previous = funded(payment(49_000), coin(1, 50_000))
    slot = payment(1)
    own = coin(3, 90_000, height=None, trusted=True)
    with pytest.raises(InsufficientFundsError):
        bump(previous, coins=(own,), reserved=NONE, rate=FeeRate(20_000), tip_height=TIP, append_to=slot)
    with pytest.raises(FeeError, match="no more than"):
        bump(previous, coins=(), reserved=NONE, rate=MIN_RATE, tip_height=TIP, append_to=slot)
    with pytest.raises(StateError, match="last output"):
        bump(previous, coins=(), reserved=NONE, rate=FeeRate(20_000), tip_height=TIP, change=0)


def test_a_transaction_with_mixed_sequences_is_not_bumped() -> None:
    previous = funded(payment(70_000), coin(1, 50_000), coin(2, 50_000))
    tx = previous.tx
    vin = (type(tx.vin[0])(tx.vin[0].prevout, CScript(), 1), *tx.vin[1:])
    odd = replace(previous, tx=type(tx)(vin, tx.vout, tx.nLockTime, tx.nVersion))
    with pytest.raises(StateError, match="did not build"):
        bump(odd, coins=(), reserved=NONE, rate=FeeRate(20_000), tip_height=TIP, change=1)
