"""Plans: every composed and funded transaction does its intent, whatever BTC inputs are appended."""

from collections.abc import Callable, Sequence

import pytest
from bitcoin.core import COutPoint
from bitcoin.core.script import CScript
from hypothesis import given
from hypothesis import strategies as st

from assets.coloring.authorship import authorship
from assets.coloring.compose import plan_genesis, plan_grant, plan_handover, plan_record
from assets.coloring.expect import Funding, expect_genesis, expect_grant, expect_handover, expect_record
from assets.coloring.genesis import GenesisParts, genesis_units
from assets.coloring.guard import check
from assets.coloring.plan import Expectation, Grant, Recipient, TxPlan, UnitCoin
from assets.coloring.transfer import apply
from assets.errors import InsufficientQuantityError
from assets.model import MAX_ACCESS_UNITS, Authorship, CoinColor, Genuine
from tests.assets.coloring.wallet import (
    CHANGE,
    OWNER,
    STRANGER,
    btc_coin,
    funded,
    own,
    prevout,
    unit_coin,
    whose,
)
from tests.builders import genesis_record, segwit, with_witnesses
from wallet.amount import Sats
from wallet.coins import AccountKind, Coin
from wallet.errors import EncodingError, InsufficientFundsError, StateError
from wallet.fees import FeeRate
from wallet.transactions import Prevout, UnsignedTransaction

RECORD = b"DC\x01\x02" + bytes(32) + b"1.0,latest"
GENESIS_RECORD = genesis_record()

rates = st.integers(1_000, 50_000).map(FeeRate)
wallets = st.lists(st.integers(600, 5_000_000), min_size=1, max_size=12).map(
    lambda values: [btc_coin(number, value) for number, value in enumerate([*values, 50_000_000])]
)

records = st.one_of(
    st.binary(min_size=64, max_size=64).map(lambda digests: b"DC\x01\x07" + digests),
    st.binary(min_size=32, max_size=32).map(lambda digest: b"DC\x01\x03" + digest + b"\x01"),
    st.binary(min_size=32, max_size=32).map(lambda digest: b"DC\x01\x02" + digest + b"1.0,latest"),
)


def guarded(unsigned: UnsignedTransaction, expectation: Expectation, *coins: UnitCoin) -> None:
    """The guard, with the colours of the given coins; all others have none."""
    colors: dict[COutPoint, CoinColor] = {coin.prevout.outpoint: coin.units for coin in coins}
    check(unsigned, expectation, colors=colors.get, whose=whose)


def spent_by(unsigned: UnsignedTransaction, *coins: UnitCoin) -> list[Genuine | None]:
    held = {coin.prevout.outpoint: coin.units for coin in coins}
    return [held.get(item.outpoint) for item in unsigned.prevouts]


def signed(unsigned: UnsignedTransaction) -> UnsignedTransaction:
    tx = with_witnesses(unsigned.tx, [segwit() for _ in unsigned.prevouts])
    return UnsignedTransaction(tx=tx, prevouts=unsigned.prevouts, own_outputs=unsigned.own_outputs)


@given(wallets, rates, st.integers(1, MAX_ACCESS_UNITS), st.integers(546, 100_000))
def test_genesis_issues_what_was_asked(coins: list[Coin], rate: FeeRate, units: int, value: int) -> None:
    issuing = prevout("issuing", 100_000, own(AccountKind.ISSUING, 3))
    plan = plan_genesis(
        issuing=issuing, owner=OWNER, units=units, record=GENESIS_RECORD, change=CHANGE, title_value=Sats(value)
    )
    unsigned = funded(plan, coins, rate)
    parts = genesis_units(signed(unsigned).tx, issuing.txout.scriptPubKey)
    assert isinstance(parts, GenesisParts)
    assert (parts.units, parts.title.script, parts.treasury.script) == (units, OWNER.script, OWNER.script)
    assert (parts.title.value, parts.treasury.value) == (value, 330)
    funding = Funding.of(plan, unsigned)
    guarded(
        unsigned,
        expect_genesis(
            issuing=issuing,
            owner=OWNER,
            units=units,
            record=GENESIS_RECORD,
            funding=funding,
            title_value=Sats(value),
        ),
    )


@given(wallets, rates, st.integers(546, 30_000), records)
def test_record_keeps_the_title_on_its_script(coins: list[Coin], rate: FeeRate, value: int, record: bytes) -> None:
    title = unit_coin("title", value, title=True)
    plan = plan_record(title=title, record=record, change=CHANGE)
    unsigned = funded(plan, coins, rate)
    tx = signed(unsigned).tx
    transfer = apply(tx, spent_by(unsigned, title))
    assert transfer.outputs[:2] == (None, title.units)
    script = title.prevout.txout.scriptPubKey
    assert authorship(tx, title.units, script, transfer) is Authorship.AUTHORISED
    assert transfer.marker is not None
    assert (transfer.marker_output, transfer.marker.metadata) == (0, record)
    guarded(unsigned, expect_record(title=title, record=record, funding=Funding.of(plan, unsigned)), title)


@given(wallets, rates, st.lists(st.integers(1, 2**40), max_size=3), st.booleans())
def test_handover_moves_title_and_treasury(
    coins: list[Coin], rate: FeeRate, treasury: list[int], to_self: bool
) -> None:
    to = OWNER if to_self else STRANGER
    title = unit_coin("title", 10_000, title=True)
    lots = [unit_coin(f"treasury{number}", 330, quantity) for number, quantity in enumerate(treasury)]
    plan = plan_handover(title=title, treasury=lots, to=to, change=CHANGE)
    unsigned = funded(plan, coins, rate)
    transfer = apply(unsigned.tx, spent_by(unsigned, title, *lots))
    moved = [item for item in transfer.outputs if item]
    assert moved[0] == title.units
    assert sum(item.quantity for item in moved[1:]) == sum(treasury)
    assert transfer.titles_lost == ()
    assert all(item.output is not None for item in transfer.segments)
    funding = Funding.of(plan, unsigned)
    guarded(unsigned, expect_handover(title=title, treasury=lots, to=to, funding=funding), title, *lots)


@given(
    wallets,
    rates,
    st.lists(st.integers(1, 1000), min_size=1, max_size=4),
    st.lists(st.integers(1, 1000), min_size=1, max_size=6),
)
def test_grant_gives_exactly_and_keeps_the_rest(
    coins: list[Coin], rate: FeeRate, held: list[int], wanted: list[int]
) -> None:
    lots = [unit_coin(f"lot{number}", 330, quantity) for number, quantity in enumerate(held)]
    grants = [Grant(to=STRANGER, quantity=quantity) for quantity in wanted]
    if sum(wanted) > sum(held):
        with pytest.raises(InsufficientQuantityError) as refused:
            plan_grant(coins=lots, grants=grants, rest=OWNER, change=CHANGE)
        assert (refused.value.needed, refused.value.available) == (sum(wanted), sum(held))
        return
    plan = plan_grant(coins=lots, grants=grants, rest=OWNER, change=CHANGE)
    unsigned = funded(plan, coins, rate)
    transfer = apply(unsigned.tx, spent_by(unsigned, *lots))
    rest = sum(held) - sum(wanted)
    assert [item.quantity for item in transfer.outputs if item] == [*wanted, *([rest] if rest else [])]
    assert all(item.output is not None for item in transfer.segments)
    expectation = expect_grant(coins=lots, grants=grants, rest=OWNER, funding=Funding.of(plan, unsigned))
    guarded(unsigned, expectation, *lots)


def test_record_has_the_canonical_bytes_of_a_title_move() -> None:
    plan = plan_record(title=unit_coin("title", 10_000, title=True), record=RECORD, change=CHANGE)
    payload = b"OA\x01\x00\x01\x01" + bytes([len(RECORD)]) + RECORD
    assert plan.outputs[0].txout.scriptPubKey == b"\x6a" + bytes([len(payload)]) + payload
    assert plan.outputs[0].txout.nValue == 0


def test_release_pays_its_own_fee_with_one_input_and_two_outputs() -> None:
    title = unit_coin("title", 10_000, title=True)
    unsigned = funded(plan_record(title=title, record=RECORD, change=CHANGE), [], FeeRate(1_000))
    assert (len(unsigned.tx.vin), len(unsigned.tx.vout)) == (1, 2)
    assert unsigned.tx.vout[1].nValue == 10_000 - unsigned.fee


def test_release_from_a_poor_title_fills_it_up_again() -> None:
    title = unit_coin("title", 600, title=True)
    plan = plan_record(title=title, record=RECORD, change=CHANGE)
    unsigned = funded(plan, [btc_coin(0, 100_000)], FeeRate(2_000))
    assert (len(unsigned.tx.vin), unsigned.tx.vout[1].nValue) == (2, 10_000)
    with pytest.raises(InsufficientFundsError):
        funded(plan, [], FeeRate(2_000))


def test_units_on_a_script_with_higher_dust_hold_as_much_as_it_needs() -> None:
    wide = Recipient(script=CScript(b"\x76\xa9\x14" + bytes(20) + b"\x88\xac"))
    plan = plan_grant(coins=[unit_coin("a", 330, 5)], grants=[Grant(to=wide, quantity=2)], rest=OWNER, change=CHANGE)
    assert [output.txout.nValue for output in plan.outputs] == [0, 546, 330]


def test_all_units_given_leave_no_output_for_the_rest() -> None:
    grants = [Grant(to=STRANGER, quantity=5)]
    plan = plan_grant(coins=[unit_coin("a", 330, 5)], grants=grants, rest=OWNER, change=CHANGE)
    assert len(plan.outputs) == 2


def test_many_recipients_are_refused_before_the_marker_outgrows_relay() -> None:
    grants = [Grant(to=STRANGER, quantity=1)] * 80
    with pytest.raises(EncodingError, match="80"):
        plan_grant(coins=[unit_coin("a", 330, 100)], grants=grants, rest=OWNER, change=CHANGE)


TITLE, LOT, OTHERS_LOT = (
    unit_coin("title", 10_000, title=True),
    unit_coin("lot", 330, 5),
    unit_coin("other", 330, 5, genesis=b"\x22" * 32),
)
ISSUING = prevout("issuing", 100_000, own(AccountKind.ISSUING, 0))


def genesis(
    coin: Prevout = ISSUING, owner: Recipient = OWNER, units: int = 5, record: bytes = GENESIS_RECORD
) -> Callable[[], TxPlan]:
    return lambda: plan_genesis(issuing=coin, owner=owner, units=units, record=record, change=CHANGE)


def grant(coins: Sequence[UnitCoin], *quantities: int) -> Callable[[], TxPlan]:
    grants = [Grant(to=STRANGER, quantity=quantity) for quantity in quantities]
    return lambda: plan_grant(coins=coins, grants=grants, rest=OWNER, change=CHANGE)


def handover(coin: UnitCoin, *treasury: UnitCoin) -> Callable[[], TxPlan]:
    return lambda: plan_handover(title=coin, treasury=treasury, to=STRANGER, change=CHANGE)


def record(coin: UnitCoin, data: bytes) -> Callable[[], TxPlan]:
    return lambda: plan_record(title=coin, record=data, change=CHANGE)


REFUSED: dict[str, tuple[type[Exception], Callable[[], TxPlan]]] = {
    "genesis from a plain coin": (StateError, genesis(coin=prevout("plain", 100_000, own()))),
    "genesis to the issuing script": (StateError, genesis(owner=Recipient(script=ISSUING.txout.scriptPubKey))),
    "genesis of no units": (EncodingError, genesis(units=0)),
    "genesis of too many units": (EncodingError, genesis(units=MAX_ACCESS_UNITS + 1)),
    "genesis with a release": (EncodingError, genesis(record=RECORD)),
    "record without a title": (StateError, record(LOT, RECORD)),
    "empty record": (EncodingError, record(TITLE, b"")),
    "long record": (EncodingError, record(TITLE, bytes(74))),
    "handover of a lot": (StateError, handover(LOT)),
    "handover with another's treasury": (StateError, handover(TITLE, OTHERS_LOT)),
    "handover with a title as treasury": (StateError, handover(TITLE, TITLE)),
    "grant of the title": (StateError, grant([TITLE], 1)),
    "grant of two repositories": (StateError, grant([LOT, OTHERS_LOT], 1)),
    "grant of nothing": (EncodingError, grant([LOT], 0)),
    "grant to nobody": (StateError, grant([LOT])),
    "grant from nothing": (StateError, grant([], 1)),
}


@pytest.mark.parametrize(("error", "plan"), REFUSED.values(), ids=REFUSED)
def test_what_must_not_be_composed_is_refused(error: type[Exception], plan: Callable[[], TxPlan]) -> None:
    with pytest.raises(error):
        plan()
