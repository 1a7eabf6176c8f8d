"""Markers from hostile scripts: any bytes parse or give a flaw, and the closed form accepts no second spelling."""

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut
from bitcoin.core.script import CScript
from hypothesis import given
from hypothesis import strategies as st

from assets.model import MAX_QUANTITY
from assets.protocols.open_assets.compose import compose_marker
from assets.protocols.open_assets.integers import Reader, leb128, var_int
from assets.protocols.open_assets.marker import (
    TAG,
    Flaw,
    Marker,
    marker_in,
    marker_script,
    parse_closed,
    parse_payload,
    payload_in,
    script_of,
)
from assets.protocols.open_assets.rule import asset_id_of, color_transaction, markers_in
from tests.builders import p2tr, pay
from wallet.errors import EncodingError

quantities = st.lists(st.integers(0, MAX_QUANTITY), max_size=6).map(tuple)
markers = st.builds(Marker, quantities, st.binary(max_size=300))


def transaction(*outputs: CTxOut) -> CTransaction:
    return CTransaction([CTxIn()], outputs)


def closed(script: str | bytes, *, others: int = 3) -> object:
    data = bytes.fromhex(script.replace(" ", "")) if isinstance(script, str) else script
    return parse_closed(transaction(CTxOut(0, CScript(data)), *[pay("a")] * others))


@given(markers)
def test_marker_round_trips(marker: Marker) -> None:
    assert parse_payload(marker.serialize()) == marker
    assert marker_in(marker_script(marker)) == marker


@given(st.binary(max_size=120))
def test_any_bytes_parse_or_give_a_flaw(data: bytes) -> None:
    assert isinstance(parse_payload(data), Marker | Flaw)
    assert isinstance(parse_payload(TAG + data), Marker | Flaw)
    assert payload_in(data) is None or isinstance(payload_in(data), bytes)
    assert isinstance(marker_in(b"\x6a" + data), Marker | Flaw | None)
    assert marker_in(data) is None or data[:1] == b"\x6a"


@given(st.lists(st.binary(max_size=40), max_size=4), st.binary(max_size=60))
def test_any_outputs_are_read_without_an_error(scripts: list[bytes], data: bytes) -> None:
    tx = transaction(*[CTxOut(0, CScript(item)) for item in (*scripts, b"\x6a" + TAG + data, script_of(TAG + data))])
    assert parse_closed(tx) == Flaw.SEVERAL_MARKERS
    assert len(markers_in(tx)) <= 1


@given(st.integers(0, 2**64 - 1))
def test_variable_length_integers_round_trip(value: int) -> None:
    assert Reader(var_int(value)).var_int() == value


@given(st.integers(0, MAX_QUANTITY), st.integers(0, 30))
def test_padded_leb128_has_the_same_value(value: int, padding: int) -> None:
    shortest = leb128(value)
    padded = shortest[:-1] + bytes([shortest[-1] | 0x80]) + b"\x80" * padding + b"\x00"
    assert Reader(padded).leb128(MAX_QUANTITY) == value


def test_small_value_padded_to_ten_bytes_passes_and_two_to_the_63_fails() -> None:
    assert parse_payload(TAG + b"\x01" + b"\x81" + b"\x80" * 8 + b"\x00" + b"\x00") == Marker((1,), b"")
    assert parse_payload(TAG + b"\x01" + leb128(2**63) + b"\x00") is Flaw.QUANTITY_TOO_LARGE
    assert parse_payload(TAG + b"\x01" + leb128(2**70) + b"\x00") is Flaw.QUANTITY_TOO_LARGE


def test_a_megabyte_of_padding_or_of_count_is_read_in_linear_time() -> None:
    assert parse_payload(TAG + b"\x01" + b"\x80" * 1_000_000 + b"\x00\x00") == Marker((0,), b"")
    assert parse_payload(TAG + b"\x01" + b"\xff" * 1_000_000) is Flaw.TRUNCATED
    assert parse_payload(TAG + b"\xff" + b"\xff" * 8) is Flaw.TRUNCATED
    assert parse_payload(TAG + b"\x00\xff" + b"\xff" * 8) is Flaw.TRUNCATED


@given(markers, st.integers(0, 4), st.integers(0, 8))
def test_closed_form_accepts_only_what_the_reference_reads_alike(marker: Marker, before: int, after: int) -> None:
    outputs = [*[pay("a")] * before, CTxOut(0, marker_script(marker)), *[pay("b")] * after]
    parsed = parse_closed(transaction(*outputs))
    fits = len(marker.quantities) <= before + after
    short = not marker.quantities or marker.quantities[-1] != 0
    assert isinstance(parsed, tuple) is (fits and short and sum(marker.quantities) <= MAX_QUANTITY)
    if isinstance(parsed, tuple):
        assert parsed == (before, marker)
        spending = CTransaction([CTxIn(COutPoint(b"\x01" * 32, 0))], outputs)
        assert markers_in(spending) == (parsed,)


@given(st.binary(max_size=60))
def test_closed_form_is_unique(data: bytes) -> None:
    script = b"\x6a" + bytes([len(TAG + data)]) + TAG + data
    parsed = parse_closed(transaction(CTxOut(0, CScript(script)), *[pay("a")] * 60))
    if isinstance(parsed, tuple):
        assert marker_script(parsed[1]) == script
        assert marker_in(script) == parsed[1]


@pytest.mark.parametrize(
    ("script", "flaw"),
    [
        ("6a 4c07 4f410100 01 01 00", Flaw.NOT_SHORTEST),
        ("6a 4d0700 4f410100 01 01 00", Flaw.NOT_SHORTEST),
        ("6a 4e07000000 4f410100 01 01 00", Flaw.NOT_SHORTEST),
        ("6a 08 4f410100 01 8100 00", Flaw.NOT_SHORTEST),
        ("6a 09 4f410100 fd0100 01 00", Flaw.NOT_SHORTEST),
        ("6a 09 4f410100 01 01 fd0000", Flaw.NOT_SHORTEST),
        ("6a 08 4f410100 01 01 00 00", Flaw.TRAILING_BYTES),
        ("6a 08 4f410100 02 01 00 00", Flaw.TRAILING_ZERO),
        ("6a 07 4f410100 01 00 00", Flaw.TRAILING_ZERO),
        ("6a 0a 4f410100 04 01 01 01 01 00", Flaw.TOO_MANY_QUANTITIES),
        ("6a 06 4f410100 01 01", Flaw.TRUNCATED),
        ("6a 51 07 4f410100 01 01 00", Flaw.NOT_ONE_PUSH),
        ("6a 07 4f410100 01 01 00 51", Flaw.NOT_ONE_PUSH),
        ("6a 00 07 4f410100 01 01 00", Flaw.NOT_ONE_PUSH),
        ("6a 08 4f410100 01 01 00", Flaw.NOT_ONE_PUSH),
        ("6a 08 ff4f410100 01 01 00", Flaw.NOT_OPEN_ASSETS),
    ],
)
def test_any_other_spelling_is_a_flaw_of_the_closed_form(script: str, flaw: Flaw) -> None:
    assert closed(script) is flaw


def test_sum_above_the_limit_is_a_flaw_though_each_quantity_fits() -> None:
    assert closed(marker_script(Marker((MAX_QUANTITY, 1), b""))) is Flaw.SUM_TOO_LARGE
    assert closed(marker_script(Marker((2**63, 1), b""))) is Flaw.QUANTITY_TOO_LARGE


def test_tag_inside_another_script_is_no_second_marker() -> None:
    good = CTxOut(0, marker_script(Marker((1,), b"")))
    hiding = p2tr("x")[:2] + (TAG * 8)
    assert parse_closed(transaction(good, CTxOut(330, CScript(hiding)))) == (0, Marker((1,), b""))
    assert parse_closed(transaction(CTxOut(330, CScript(hiding)))) is None


def test_second_output_with_the_tag_behind_op_return_is_a_flaw() -> None:
    good = CTxOut(0, marker_script(Marker((1,), b"")))
    assert parse_closed(transaction(good, CTxOut(0, CScript(b"\x6a\x01\x01" + TAG)))) is Flaw.SEVERAL_MARKERS


def test_coinbase_is_never_coloured() -> None:
    coinbase = transaction(CTxOut(0, marker_script(Marker((), b""))), pay("a"))
    assert coinbase.is_coinbase()
    assert markers_in(coinbase) == ()
    assert all(output.units is None for output in color_transaction(coinbase, []))


def test_asset_id_hashes_the_script_as_it_is() -> None:
    assert len(asset_id_of(p2tr("a"))) == 20
    assert asset_id_of(p2tr("a")) != asset_id_of(p2tr("b"))


def test_composed_marker_never_ends_in_zero() -> None:
    assert compose_marker([], [1, 0, 0], b"x").scriptPubKey == marker_script(Marker((1,), b"x"))
    assert compose_marker([0, 5], [], b"").scriptPubKey == marker_script(Marker((0, 5), b""))


def test_composed_marker_is_refused_beyond_80_bytes_and_beyond_the_quantities() -> None:
    assert len(compose_marker([], [1], bytes(73)).scriptPubKey) == 83
    with pytest.raises(EncodingError, match="81 bytes"):
        compose_marker([], [1], bytes(74))
    with pytest.raises(EncodingError, match="out of range"):
        compose_marker([], [MAX_QUANTITY, 1], b"")
    with pytest.raises(EncodingError, match="out of range"):
        compose_marker([], [-1], b"")
