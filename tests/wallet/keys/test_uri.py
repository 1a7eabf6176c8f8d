from contextlib import suppress

import pytest
from bitcoin.core.script import CScript
from hypothesis import given
from hypothesis import strategies as st

from wallet.amount import MAX_MONEY, Sats
from wallet.errors import EncodingError
from wallet.hashes import Txid
from wallet.keys.address import address_of, unit_address_of
from wallet.keys.uri import PaymentRequest, UnitRequest
from wallet.network import MAINNET, REGTEST

SCRIPT = CScript(b"\x00\x14" + bytes(20))
ADDRESS = address_of(SCRIPT, REGTEST)
UNIT_ADDRESS = unit_address_of(SCRIPT, REGTEST)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(st.none() | st.integers(0, MAX_MONEY), TEXT, TEXT)
def test_payment_links_round_trip(amount: int | None, label: str, message: str) -> None:
    sats = None if amount is None else Sats(amount)
    request = PaymentRequest(script=SCRIPT, amount=sats, label=label, message=message)
    assert PaymentRequest.parse(request.to_uri(REGTEST), REGTEST) == request


@given(st.none() | st.binary(min_size=32, max_size=32), st.none() | st.integers(1, 2**53 - 1))
def test_unit_links_round_trip(genesis: bytes | None, amount: int | None) -> None:
    request = UnitRequest(script=SCRIPT, genesis=None if genesis is None else Txid(genesis), amount=amount)
    assert UnitRequest.parse(request.to_uri(REGTEST), REGTEST) == request


def test_a_payment_link_reads_as_bip21_says() -> None:
    request = PaymentRequest(script=SCRIPT, amount=Sats(2_030_000_000), label="Luke Jr", message="a&b=c")
    assert request.to_uri(REGTEST) == f"bitcoin:{ADDRESS}?amount=20.3&label=Luke%20Jr&message=a%26b%3Dc"
    assert PaymentRequest.parse(f"BITCOIN:{ADDRESS.upper()}", REGTEST) == PaymentRequest(script=SCRIPT)


def test_a_plain_address_asks_for_nothing() -> None:
    assert PaymentRequest.parse(ADDRESS, REGTEST) == PaymentRequest(script=SCRIPT)
    assert UnitRequest.parse(UNIT_ADDRESS, REGTEST) == UnitRequest(script=SCRIPT)


def test_unknown_parameters_are_ignored_unless_required() -> None:
    assert PaymentRequest.parse(f"bitcoin:{ADDRESS}?somethingyoudontunderstand=50", REGTEST).amount is None
    with pytest.raises(EncodingError, match="req-something"):
        PaymentRequest.parse(f"bitcoin:{ADDRESS}?req-something=50", REGTEST)
    with pytest.raises(EncodingError, match="req-x"):
        UnitRequest.parse(f"dockchains:{UNIT_ADDRESS}?req-x=", REGTEST)


@pytest.mark.parametrize(
    "query", ["amount=1&amount=2", "amount=1e3", "amount=-1", "amount=", "label=%ff", "amount=0.000000001"]
)
def test_ambiguous_or_malformed_payment_links_are_refused(query: str) -> None:
    with pytest.raises(EncodingError):
        PaymentRequest.parse(f"bitcoin:{ADDRESS}?{query}", REGTEST)


@pytest.mark.parametrize("query", ["amount=0", "amount=1.5", "amount=9007199254740992", "genesis=00", "amount=01"])
def test_malformed_unit_links_are_refused(query: str) -> None:
    with pytest.raises(EncodingError):
        UnitRequest.parse(f"dockchains:{UNIT_ADDRESS}?{query}", REGTEST)


def test_the_two_kinds_of_link_do_not_mix() -> None:
    with pytest.raises(EncodingError, match="unit address"):
        PaymentRequest.parse(f"bitcoin:{UNIT_ADDRESS}", REGTEST)
    with pytest.raises(EncodingError, match="plain Bitcoin address"):
        UnitRequest.parse(f"dockchains:{ADDRESS}", REGTEST)
    with pytest.raises(EncodingError, match="not a bitcoin: link"):
        PaymentRequest.parse(f"dockchains:{UNIT_ADDRESS}", REGTEST)
    with pytest.raises(EncodingError, match="belongs to"):
        PaymentRequest.parse(f"bitcoin:{ADDRESS}", MAINNET)


@given(st.text(max_size=200).map(lambda tail: f"bitcoin:{ADDRESS}?{tail}") | st.text(max_size=200))
def test_any_text_parses_or_is_refused(text: str) -> None:
    for parse in (PaymentRequest.parse, UnitRequest.parse):
        with suppress(EncodingError):
            parse(text, REGTEST)
