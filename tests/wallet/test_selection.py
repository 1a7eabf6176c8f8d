"""Selection never takes a coin that must not pay, and says what is missing."""

import pytest
from bitcoin.core import COutPoint
from hypothesis import given
from hypothesis import strategies as st

from tests.wallet.purses import TIP, coin
from wallet.amount import Sats
from wallet.coins import AccountKind, Coin
from wallet.errors import InsufficientFundsError
from wallet.fees import MIN_RATE, FeeRate
from wallet.selection import INPUT_VSIZE, branch_and_bound, largest_first, select, spendable

NONE: frozenset[COutPoint] = frozenset()

coins = st.builds(
    coin,
    number=st.integers(0, 10_000),
    sats=st.integers(1, 200_000),
    account=st.sampled_from((AccountKind.BTC, AccountKind.BTC, AccountKind.BTC, AccountKind.UNITS)),
    height=st.one_of(st.none(), st.integers(1, TIP)),
    coinbase=st.booleans(),
    trusted=st.booleans(),
)
purses = st.lists(coins, max_size=25, unique_by=lambda each: each.outpoint)
rates = st.integers(MIN_RATE.sats_per_kvb, 60_000).map(FeeRate)


def chosen(
    purse: list[Coin], needed: int, *, reserved: frozenset[COutPoint] = NONE, rate: FeeRate = MIN_RATE
) -> set[Coin]:
    return set(select(purse, reserved=reserved, needed=Sats(needed), rate=rate, tip_height=TIP))


@given(purses, st.data(), st.integers(1, 500_000), rates)
def test_selection_takes_only_coins_that_may_pay_and_enough_of_them(
    purse: list[Coin], data: st.DataObject, needed: int, rate: FeeRate
) -> None:
    outpoints = [each.outpoint for each in purse]
    reserved = frozenset(data.draw(st.lists(st.sampled_from(outpoints)) if outpoints else st.just([])))
    may_pay = {
        each
        for each in purse
        if each.path.account is AccountKind.BTC
        and each.outpoint not in reserved
        and (each.height is not None or (each.trusted and not each.coinbase))
        and (not each.coinbase or (each.height is not None and TIP - each.height + 1 >= 100))
    }
    cost = rate.fee(INPUT_VSIZE)
    reachable = sum(max(0, each.value - cost) for each in may_pay)
    if reachable < needed:
        with pytest.raises(InsufficientFundsError) as raised:
            chosen(purse, needed, reserved=reserved, rate=rate)
        assert (raised.value.needed, raised.value.available) == (needed, reachable)
        return
    taken = chosen(purse, needed, reserved=reserved, rate=rate)
    assert taken <= may_pay
    assert sum(each.value - cost for each in taken) >= needed


@given(purses, st.randoms(use_true_random=False), st.integers(1, 100_000), rates)
def test_the_order_of_the_coins_does_not_matter(purse: list[Coin], random: object, needed: int, rate: FeeRate) -> None:
    shuffled = list(purse)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    try:
        first = select(purse, reserved=NONE, needed=Sats(needed), rate=rate, tip_height=TIP)
    except InsufficientFundsError:
        return
    assert select(shuffled, reserved=NONE, needed=Sats(needed), rate=rate, tip_height=TIP) == first


@given(st.lists(st.integers(1, 60), max_size=9), st.integers(1, 150), st.integers(0, 10))
def test_branch_and_bound_finds_the_nearest_sum_there_is(values: list[int], low: int, width: int) -> None:
    values.sort(reverse=True)
    sums = {0}
    for value in values:
        sums |= {known + value for known in sums}
    best = min((total for total in sums if low <= total <= low + width), default=None)
    found = branch_and_bound(values, low, low + width)
    assert (None if found is None else sum(values[at] for at in found)) == best


def test_branch_and_bound_gives_up_after_its_tries() -> None:
    assert branch_and_bound([10] * 40, 205, 206, tries=1000) is None


def test_largest_first_takes_the_fewest_coins_it_can() -> None:
    assert largest_first([50, 30, 20], 80) == (0, 1)
    assert largest_first([50, 30, 20], 101) is None


def test_coins_that_need_no_change_are_preferred() -> None:
    exact = [coin(1, 5_068), coin(2, 5_068)]
    assert chosen([*exact, coin(3, 90_000)], 10_000) == set(exact)


def test_a_high_rate_prefers_few_inputs() -> None:
    small = [coin(number, 12_000) for number in range(1, 8)]
    large = coin(20, 70_000)
    assert chosen([*small, large], 30_000, rate=FeeRate(100_000)) == {large}


def test_a_coin_that_costs_more_than_it_brings_is_left_alone() -> None:
    dust = [coin(number, 500) for number in range(5)]
    with pytest.raises(InsufficientFundsError) as raised:
        chosen(dust, 100, rate=FeeRate(10_000))
    assert raised.value.available == 0


def test_what_is_missing_reserved_and_waiting_is_said() -> None:
    title, unsafe, young = coin(1, 10_000), coin(2, 7_000, height=None), coin(3, 6_000, height=150, coinbase=True)
    with pytest.raises(InsufficientFundsError) as raised:
        chosen([title, unsafe, young, coin(4, 1_068)], 5_000, reserved=frozenset({title.outpoint}))
    error = raised.value
    assert (error.needed, error.available) == (5_000, 1_000)
    assert "4,000 sat are missing in the BTC account" in str(error)
    assert "10,000 sat are reserved or frozen" in str(error)
    assert "13,000 sat are immature or unconfirmed" in str(error)
    assert "wait for a block" in error.hint


def test_frozen_coins_and_where_asked_own_unconfirmed_ones_do_not_pay() -> None:
    own, ours = coin(1, 9_000, height=None, trusted=True), coin(2, 8_000)
    rest = {"reserved": NONE, "tip_height": TIP}
    assert set(spendable([own, ours], reserved=NONE, tip_height=TIP)) == {own, ours}
    assert spendable([own, ours], frozen=frozenset({ours.outpoint}), reserved=NONE, tip_height=TIP) == (own,)
    assert spendable([own, ours], confirmed_only=True, **rest) == (ours,)  # type: ignore[arg-type]


def test_a_coin_that_is_named_twice_counts_once() -> None:
    twice = coin(1, 5_000)
    with pytest.raises(InsufficientFundsError):
        chosen([twice, twice], 8_000)
