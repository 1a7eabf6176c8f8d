"""Signs of other colours: what running servers and published packages say, and that no bytes raise anything."""

import json
from pathlib import Path
from typing import Any

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import CScript, CScriptWitness
from hypothesis import given
from hypothesis import strategies as st

from assets.model import Sign
from assets.protocols.open_assets.marker import Marker, marker_script
from assets.protocols.other_colors.counterparty_attach import PREFIX, attaches
from assets.protocols.other_colors.op_return import ENOUGH, payloads
from assets.protocols.other_colors.rc4 import keystream
from assets.protocols.other_colors.signs import signs_in
from tests.builders import p2tr, pay
from wallet.transactions import RBF_SEQUENCE

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "other_colors.json").read_text(encoding="utf-8")
)
SPENT = COutPoint(bytes(range(32)), 3)
ATTACH = b"\x65A123456789|5|"


def transaction(
    *scripts: bytes, sequence: int = RBF_SEQUENCE, version: int = 2, spent: COutPoint = SPENT
) -> CTransaction:
    outputs = [pay("a"), *(CTxOut(0, CScript(script)) for script in scripts)]
    return CTransaction([CTxIn(spent, CScript(), sequence)], outputs, 0, version)


def witnessed(*items: bytes) -> CTransaction:
    plain = transaction()
    witness = CTxWitness([CTxInWitness(CScriptWitness(items))])
    return CTransaction(plain.vin, plain.vout, plain.nLockTime, plain.nVersion, witness)


def sealed(message: bytes, spent: COutPoint = SPENT) -> bytes:
    """A message as Counterparty encrypts it."""
    plain = PREFIX + message
    stream = keystream(bytes(spent.hash)[::-1], len(plain))
    return bytes(left ^ right for left, right in zip(plain, stream, strict=True))


def pushed(data: bytes, form: str = "short") -> bytes:
    """OP_RETURN and a push in one of its forms."""
    size = len(data)
    lengths = {
        "short": bytes([size]) if size <= 75 else b"\x4c" + bytes([size]),
        "pushdata1": b"\x4c" + size.to_bytes(1, "little"),
        "pushdata2": b"\x4d" + size.to_bytes(2, "little"),
        "pushdata4": b"\x4e" + size.to_bytes(4, "little"),
    }
    return b"\x6a" + lengths[form] + data


FORMS = ("short", "pushdata1", "pushdata2", "pushdata4")


@pytest.mark.parametrize(
    ("key", "plain", "cipher"),
    [
        ("Key", "Plaintext", "bbf316e8d940af0ad3"),
        ("Wiki", "pedia", "1021bf0420"),
        ("Secret", "Attack at dawn", "45a01f645fc35b383552544b9bf5"),
    ],
)
def test_rc4_is_rc4(key: str, plain: str, cipher: str) -> None:
    stream = keystream(key.encode(), len(plain))
    assert bytes(left ^ right for left, right in zip(plain.encode(), stream, strict=True)).hex() == cipher


@pytest.mark.parametrize("row", VECTORS["counterparty"], ids=lambda row: f"{row['type']}-{row['txid'][:8]}")
def test_an_attach_is_what_the_server_lists_as_one(row: dict[str, Any]) -> None:
    tx = CTransaction.deserialize(bytes.fromhex(row["raw"]))
    assert tx.GetTxid()[::-1].hex() == row["txid"]
    assert signs_in(tx) == ((Sign.COUNTERPARTY,) if row["type"] == "attach" else ())


@pytest.mark.parametrize("row", VECTORS["colored_coins"], ids=lambda row: str(row["payload"])[:12])
@pytest.mark.parametrize("form", FORMS)
def test_colored_coins_are_known_by_their_two_letters(row: dict[str, str], form: str) -> None:
    payload = bytes.fromhex(row["payload"])
    found = signs_in(transaction(pushed(payload, form)))
    assert found == ((Sign.COLORED_COINS,) if payload[:2] == b"\x43\x43" else ())


@pytest.mark.parametrize("row", VECTORS["epobc"])
def test_epobc_is_known_by_the_published_sequences(row: dict[str, int]) -> None:
    for kind in ("genesis", "transfer"):
        assert signs_in(transaction(sequence=row[kind], version=1)) == (Sign.EPOBC,)
        assert signs_in(transaction(sequence=row[kind] | 0xFFFFF000, version=1)) == (Sign.EPOBC,)
        assert signs_in(transaction(sequence=row[kind], version=2)) == ()
        assert signs_in(transaction(sequence=row[kind], version=1, spent=COutPoint())) == ()


@pytest.mark.parametrize("sequence", [0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0, 1, 144])
def test_no_sequence_in_common_use_is_a_tag(sequence: int) -> None:
    assert signs_in(transaction(sequence=sequence, version=1)) == ()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "message", [ATTACH, b"\x00\x00\x00" + ATTACH, b"\x65", b"\x64a|b|c|1"], ids=["short id", "long id", "bare", "older"]
)
def test_an_attach_is_found_in_every_form_of_its_push(message: bytes, form: str) -> None:
    assert attaches(transaction(pushed(sealed(message), form)))


@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param([pushed(sealed(b"")), pushed(sealed(ATTACH))], id="empty-then-attach"),
        pytest.param([pushed(sealed(b"\x00\x00")), pushed(sealed(b"\x00\x65A1|1|"))], id="number-split"),
        pytest.param([pushed(b"hello"), pushed(sealed(ATTACH))], id="foreign-first"),
        pytest.param([pushed(sealed(b"\x02")), pushed(sealed(ATTACH))], id="send-then-attach"),
        pytest.param([b"\x6a\x05" + sealed(ATTACH)[:5] + pushed(sealed(ATTACH)[5:])[1:]], id="two-pushes"),
        pytest.param([b"\x6a\x4d\xff\xff" + sealed(ATTACH)], id="cut-off"),
    ],
)
def test_an_attach_is_found_wherever_a_reader_might_see_one(scripts: list[bytes]) -> None:
    assert attaches(transaction(*scripts))


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(pushed(PREFIX + ATTACH), id="not-encrypted"),
        pytest.param(pushed(sealed(ATTACH, COutPoint(bytes(range(32))[::-1], 3))), id="key-in-internal-order"),
        pytest.param(pushed(sealed(b"\x02" + ATTACH)), id="a-send"),
        pytest.param(pushed(sealed(b"\x66" + b"0")), id="a-detach"),
        pytest.param(pushed(sealed(b"\x00\x00")), id="half-a-number"),
        pytest.param(pushed(sealed(b"")), id="nothing"),
        pytest.param(b"\x6a", id="bare"),
        pytest.param(b"\x51" + pushed(sealed(ATTACH)), id="no-op-return"),
    ],
)
def test_what_attaches_nothing_is_no_sign(script: bytes) -> None:
    assert signs_in(transaction(script)) == ()


@pytest.mark.parametrize("script", [b"\x6a\x5d", b"\x6a\x5d\x02\x14\x01", b"\x6a\x5d\x4c", b"\x6a\x5d" + b"\xff" * 500])
def test_runestones_count_malformed_ones_too(script: bytes) -> None:
    assert signs_in(transaction(b"\x6a\x01\x00", script)) == (Sign.RUNES,)


def test_what_only_resembles_a_runestone_is_none() -> None:
    assert signs_in(transaction(pushed(b"\x5d"), b"\x5d\x6a", b"\x6a")) == ()


@pytest.mark.parametrize("nothing", [b"\x00", b"\x4c\x00", b"\x4d\x00\x00", b"\x4e\x00\x00\x00\x00"])
@pytest.mark.parametrize("length", [b"\x03", b"\x4c\x03", b"\x4d\x03\x00", b"\x4e\x03\x00\x00\x00"])
def test_an_envelope_is_found_in_every_form_and_place(nothing: bytes, length: bytes) -> None:
    script = b"\x20" + bytes(32) + b"\xac" + nothing + b"\x63" + length + b"ord\x01\x01\x0atext/plain\x00\x02hi\x68"
    control = b"\xc0" + bytes(32)
    assert signs_in(witnessed(b"sig", script, control)) == (Sign.INSCRIPTION,)
    assert signs_in(witnessed(b"sig", script, control, b"\x50annex")) == (Sign.INSCRIPTION,)


@pytest.mark.parametrize("item", [b"", b"\x63\x03ord", b"\x00\x63\x04ordi", b"\x00\x63\x03orc", b"\x00\x64\x03ord"])
def test_what_only_resembles_an_envelope_is_none(item: bytes) -> None:
    assert signs_in(witnessed(b"sig", item, b"\xc0" + bytes(32))) == ()


def test_all_signs_of_a_transaction_are_told_in_their_order() -> None:
    tx = transaction(pushed(sealed(ATTACH)), pushed(b"CC\x02"), b"\x6a\x5d", sequence=51, version=1)
    assert signs_in(tx) == (Sign.COUNTERPARTY, Sign.COLORED_COINS, Sign.RUNES, Sign.EPOBC)


def test_a_marker_of_ours_is_no_sign() -> None:
    assert signs_in(transaction(bytes(marker_script(Marker((1, 999), b"DC\x01\x01" + bytes(40)))))) == ()
    assert signs_in(CTransaction([CTxIn(SPENT)], [CTxOut(0, p2tr("a"))])) == ()


def test_a_huge_script_costs_no_more_than_its_beginning() -> None:
    huge = pushed(sealed(b"\x02" * 4), "pushdata4")[:2] + b"\xff\xff\xff\xff" + bytes(1_000_000)
    found = list(payloads(transaction(huge, b"\x6a" + b"\x01a" * 100_000)))
    assert [len(payload) for payload in found] == [ENOUGH, 16]
    assert signs_in(transaction(huge, *[b"\x6a" + b"\x00" * 100] * 1_000)) == ()


@given(
    st.lists(st.binary(max_size=120), max_size=5),
    st.lists(st.binary(max_size=80), max_size=4),
    st.integers(0, 2**32 - 1),
    st.integers(-(2**31), 2**31 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_any_bytes_have_signs_or_none(
    scripts: list[bytes], items: list[bytes], sequence: int, version: int, spent: bytes
) -> None:
    outputs = [CTxOut(0, CScript(form)) for script in scripts for form in (script, b"\x6a" + script)]
    witness = CTxWitness([CTxInWitness(CScriptWitness(items))])
    tx = CTransaction([CTxIn(COutPoint(spent, 0), CScript(), sequence)], outputs, 0, version, witness)
    found = signs_in(tx)
    assert list(found) == [sign for sign in Sign if sign in found]
    assert Sign.SMALL not in found
    assert signs_in(CTransaction.deserialize(tx.serialize())) == found if outputs else True


@given(st.binary(max_size=70), st.binary(min_size=32, max_size=32), st.sampled_from(FORMS))
def test_every_message_that_begins_like_an_attach_is_found(rest: bytes, spent: bytes, form: str) -> None:
    outpoint = COutPoint(spent, 0)
    for message in (b"\x65" + rest, b"\x00\x00\x00\x65" + rest):
        assert attaches(transaction(pushed(sealed(message, outpoint), form), spent=outpoint))
