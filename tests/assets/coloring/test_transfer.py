"""Closed transfers rule by rule, and against the Open Assets reference on random layouts."""

from collections.abc import Sequence

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut
from hypothesis import assume, given
from hypothesis import strategies as st

from assets.coloring.transfer import Segment, apply, run_of
from assets.model import AssetId, AssetUnits, Genuine
from assets.protocols.open_assets.marker import Flaw, parse_closed
from assets.protocols.open_assets.rule import SpentOutput, color_transaction
from tests.builders import marker, pay
from wallet.hashes import Txid

G1, G2 = Txid(b"\x01" * 32), Txid(b"\x02" * 32)
TITLE = Genuine(genesis=G1, quantity=1, title=True)
OTHER_TITLE = Genuine(genesis=G2, quantity=1, title=True)


def units(quantity: int, genesis: Txid = G1) -> Genuine:
    return Genuine(genesis=genesis, quantity=quantity, title=False)


def tx(inputs: int, *outputs: CTxOut) -> CTransaction:
    return CTransaction([CTxIn(COutPoint(bytes([7]) * 32, number)) for number in range(inputs)], outputs)


def moved(spent: Sequence[Genuine | None], quantities: Sequence[int], outputs: int = 4) -> tuple[Genuine | None, ...]:
    """The outputs behind a marker in output 0."""
    transfer = apply(tx(len(spent), marker(quantities), *[pay("a")] * outputs), spent)
    return transfer.outputs[1:]


def test_title_alone_moves_as_the_title() -> None:
    transfer = apply(tx(1, marker([1], b"x"), pay("a")), [TITLE])
    assert transfer.outputs == (None, TITLE)
    assert transfer.segments == (Segment(input=0, output=1, units=TITLE, quantity=1, title_after=True),)
    assert transfer.closed
    assert transfer.titles_lost == ()
    assert transfer.marker is not None
    assert (transfer.marker_output, transfer.marker.metadata) == (0, b"x")


def test_title_and_treasury_move_together() -> None:
    assert moved([TITLE, units(99), None], [1, 99]) == (TITLE, units(99), None, None)


def test_title_may_move_behind_outputs_without_units() -> None:
    assert moved([TITLE], [0, 0, 1]) == (None, None, TITLE, None)


def test_units_are_taken_in_order_across_inputs() -> None:
    transfer = apply(tx(3, marker([2, 0, 5]), *[pay("a")] * 3), [units(3), units(3), units(4)])
    assert transfer.outputs == (None, units(2), None, units(5))
    assert [(item.input, item.output, item.quantity) for item in transfer.segments] == [
        (0, 1, 2),
        (0, 3, 1),
        (1, 3, 3),
        (2, 3, 1),
        (2, None, 3),
    ]


def test_marker_may_stand_behind_outputs_without_units() -> None:
    transfer = apply(tx(1, pay("a"), marker([0, 1]), pay("b")), [TITLE])
    assert transfer.outputs == (None, None, TITLE)
    assert transfer.marker_output == 1


@pytest.mark.parametrize(
    ("spent", "quantities", "expected"),
    [
        ([TITLE, units(5)], [6], (units(6),)),
        ([TITLE, units(5)], [2], (units(2),)),
        ([TITLE, units(5)], [3, 1], (units(3), units(1))),
        ([units(5), TITLE], [1], (units(1),)),
        ([units(5), TITLE], [5, 1], (units(5), units(1))),
        ([units(1), TITLE], [1, 1], (units(1), units(1))),
        ([TITLE], [], ()),
    ],
)
def test_title_that_does_not_move_alone_and_first_is_lost(
    spent: list[Genuine], quantities: list[int], expected: tuple[Genuine, ...]
) -> None:
    transfer = apply(tx(len(spent), marker(quantities), *[pay("a")] * 4), spent)
    assert transfer.titles_lost == (G1,)
    assert tuple(item for item in transfer.outputs if item) == expected


def test_units_left_over_are_destroyed() -> None:
    transfer = apply(tx(2, marker([1]), pay("a")), [TITLE, units(9)])
    assert transfer.segments[-1] == Segment(input=1, output=None, units=units(9), quantity=9)


def test_run_ends_at_the_first_coin_of_another_genesis_or_without_colour() -> None:
    assert run_of([TITLE, units(2), units(1, G2), units(3)]) == (TITLE, units(2))
    assert run_of([TITLE, None, units(3)]) == (TITLE,)
    assert run_of([None, TITLE]) == ()
    assert run_of([]) == ()


def test_genuine_coins_behind_the_run_end() -> None:
    transfer = apply(tx(4, marker([1]), pay("a")), [TITLE, None, units(3), OTHER_TITLE])
    assert transfer.outputs == (None, TITLE)
    assert [(item.input, item.output) for item in transfer.segments] == [(0, 1), (2, None), (3, None)]
    assert transfer.titles_lost == (G2,)


def test_units_behind_the_run_do_not_count() -> None:
    transfer = apply(tx(3, marker([4]), pay("a")), [units(3), None, units(3)])
    assert transfer.flaw is Flaw.TOO_FEW_UNITS
    assert transfer.outputs == (None, None)


def test_title_behind_an_older_foreign_coin_ends_whatever_an_index_knows() -> None:
    transfer = apply(tx(2, marker([1]), pay("a")), [None, TITLE])
    assert transfer.flaw is Flaw.NO_GENUINE_INPUT
    assert transfer.titles_lost == (G1,)


@pytest.mark.parametrize(
    ("outputs", "flaw"),
    [
        ((pay("a"),), None),
        ((marker([1]), marker([1]), pay("a")), Flaw.SEVERAL_MARKERS),
        ((pay("a"), marker([1])), Flaw.ISSUES),
        ((pay("a"), marker([1, 1]), pay("b")), Flaw.ISSUES),
        ((marker([2]), pay("a")), Flaw.TOO_FEW_UNITS),
        ((marker([1, 0]), pay("a"), pay("b")), Flaw.TRAILING_ZERO),
        ((marker([1, 1]), pay("a")), Flaw.TOO_MANY_QUANTITIES),
    ],
)
def test_any_other_spend_ends_the_title(outputs: tuple[CTxOut, ...], flaw: Flaw | None) -> None:
    transfer = apply(tx(1, *outputs), [TITLE])
    assert transfer.outputs == (None,) * len(outputs)
    assert not transfer.closed
    assert transfer.flaw is flaw
    assert transfer.titles_lost == (G1,)
    assert transfer.segments == (Segment(input=0, output=None, units=TITLE, quantity=1),)


def test_two_titles_in_one_transaction_freeze_the_second() -> None:
    transfer = apply(tx(2, marker([1, 1]), pay("a"), pay("b")), [TITLE, OTHER_TITLE])
    assert transfer.flaw is Flaw.TOO_FEW_UNITS
    assert set(transfer.titles_lost) == {G1, G2}


coins = st.one_of(
    st.none(),
    st.builds(units, st.integers(1, 6)),
    st.builds(units, st.integers(1, 6), st.just(G2)),
    st.just(TITLE),
    st.just(OTHER_TITLE),
)
foreign = st.one_of(
    st.none(), st.builds(AssetUnits, st.sampled_from([AssetId(b"A"), AssetId(b"B")]), st.integers(1, 9))
)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[CTransaction, list[Genuine | None]]:
    """Layouts near closed transfers, so that both sides of every rule are met."""
    spent = draw(st.lists(coins, min_size=1, max_size=5))
    before, after = draw(st.integers(0, 2)), draw(st.integers(0, 4))
    first = [0] * before if draw(st.integers(0, 5)) else draw(st.lists(st.integers(0, 2), max_size=before))
    quantities = first + draw(st.lists(st.integers(0, 4), max_size=after))
    while quantities and quantities[-1] == 0 and draw(st.integers(0, 9)):
        quantities.pop()
    return tx(len(spent), *[pay("a")] * before, marker(quantities), *[pay("b")] * after), spent


def _asset(genesis: Txid) -> AssetId:
    return AssetId(genesis[:20])


@given(layouts(), st.lists(foreign, max_size=5))
def test_closed_layout_is_coloured_alike_by_the_reference_whatever_the_later_inputs_hold(
    layout: tuple[CTransaction, list[Genuine | None]], later: list[AssetUnits | None]
) -> None:
    transaction, spent = layout
    transfer = apply(transaction, spent)
    assume(transfer.closed)
    run = run_of(spent)
    behind = later + [None] * len(spent)
    seen = [AssetUnits(_asset(item.genesis), item.quantity) for item in run]
    reference = color_transaction(transaction, [SpentOutput(b"s", item) for item in (seen + behind)[: len(spent)]])
    ours = [None if item is None else AssetUnits(_asset(item.genesis), item.quantity) for item in transfer.outputs]
    assert [output.units for output in reference] == ours


@given(layouts())
def test_units_in_are_units_out_and_units_ended(layout: tuple[CTransaction, list[Genuine | None]]) -> None:
    transaction, spent = layout
    transfer = apply(transaction, spent)
    for number, coin in enumerate(spent):
        quantity = sum(item.quantity for item in transfer.segments if item.input == number)
        assert quantity == (coin.quantity if coin else 0)
    for number, output in enumerate(transfer.outputs):
        arrived = [item for item in transfer.segments if item.output == number]
        assert sum(item.quantity for item in arrived) == (output.quantity if output else 0)
        if output is not None:
            assert {item.units.genesis for item in arrived} == {output.genesis}
            assert output.title is (arrived[0].title_after and arrived[0].input == 0 and arrived[0].units.title)
            assert not output.title or (output.quantity == 1 and len(arrived) == 1)


@given(layouts())
def test_only_the_run_from_input_0_decides(layout: tuple[CTransaction, list[Genuine | None]]) -> None:
    transaction, spent = layout
    run = len(run_of(spent))
    forgotten: list[Genuine | None] = [*spent[:run], *[None] * (len(spent) - run)]
    assert apply(transaction, forgotten).outputs == apply(transaction, spent).outputs


@given(layouts())
def test_transfer_is_closed_exactly_by_the_four_rules(layout: tuple[CTransaction, list[Genuine | None]]) -> None:
    transaction, spent = layout
    parsed = parse_closed(transaction)
    closed = False
    if isinstance(parsed, tuple) and (run := run_of(spent)):
        number, found = parsed
        before_zero = all(quantity == 0 for quantity in found.quantities[:number])
        closed = before_zero and sum(found.quantities) <= sum(item.quantity for item in run)
    assert apply(transaction, spent).closed is closed
