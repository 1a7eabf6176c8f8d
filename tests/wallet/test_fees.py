"""Fee rates have bounds, and a chosen one says where it comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.chain.fee_source import GoodRate, choose_rate
from wallet.errors import FeeError
from wallet.fees import MAX_RATE, MIN_RATE, FeeEstimate, FeeRate
from wallet.network import MAINNET, REGTEST, Network
from wallet.remedies import WalletRemedy


def chosen(
    estimate: int | None, *, floor: int = 1_000, last: GoodRate | None = None, network: Network = MAINNET
) -> FeeEstimate:
    rate = None if estimate is None else FeeRate(estimate)
    return choose_rate(target=6, estimate=rate, floor=FeeRate(floor), last=last, now=5_000.0, network=network)


def test_the_nodes_estimate_comes_first_and_is_never_below_the_mempools_minimum() -> None:
    assert chosen(7_300) == FeeEstimate(rate=FeeRate(7_300), source="node's estimate for 6 blocks", age=0)
    assert chosen(7_300, floor=9_000).rate == FeeRate(9_000)
    assert chosen(100, floor=100).rate == MIN_RATE


def test_the_last_good_value_stands_in_with_its_age() -> None:
    found = chosen(None, last=GoodRate(FeeRate(4_000), 4_400.0))
    assert (found.rate, found.age) == (FeeRate(4_000), 600)
    assert "last good" in found.source


def test_test_networks_fall_back_to_the_lowest_rate_and_mainnet_to_nothing() -> None:
    assert chosen(None, network=REGTEST).rate == MIN_RATE
    assert "fallback on regtest" in chosen(None, network=REGTEST).source
    with pytest.raises(FeeError, match="cannot estimate") as raised:
        chosen(None)
    assert raised.value.advice == WalletRemedy.SET_FEE_RATE.of()


def test_an_absurd_estimate_is_refused() -> None:
    assert chosen(600_000).rate == MAX_RATE
    with pytest.raises(FeeError, match="above the bound"):
        chosen(600_001)
    with pytest.raises(FeeError, match="above the bound"):
        chosen(None, last=GoodRate(FeeRate(900_000), 0.0))


@pytest.mark.parametrize("text", ["", "0", "0.999", "600.001", "1.2345", "-1", "1e3", "nan", "1,5", "1" * 30])
def test_a_malformed_or_unbounded_rate_is_refused(text: str) -> None:
    with pytest.raises(FeeError):
        FeeRate.parse(text)


@given(st.integers(1_000, 600_000))
def test_rates_survive_their_text(sats_per_kvb: int) -> None:
    rate = FeeRate(sats_per_kvb)
    assert FeeRate.parse(str(rate).removesuffix(" sat/vB")) == rate


@given(st.integers(1_000, 600_000), st.integers(0, 100_000))
def test_fees_are_rounded_up(sats_per_kvb: int, vsize: int) -> None:
    fee = FeeRate(sats_per_kvb).fee(vsize)
    assert 0 <= fee * 1000 - sats_per_kvb * vsize < 1000
