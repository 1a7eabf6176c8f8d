"""A PSBT in any form that other wallets hand out, and what looks like one and is none."""

import base64
import codecs
from pathlib import Path

import pytest
from bitcoin.core import CTransaction, CTxInWitness, CTxWitness
from hypothesis import given
from hypothesis import strategies as st

from tests.wallet.test_psbt import RAW, SIGNED
from wallet.errors import EncodingError
from wallet.hashes import display, txid_of
from wallet.psbt import Psbt, finalize, from_text, to_text
from wallet.psbt_fields import MAX_PSBT, field_maps, written
from wallet.psbt_text import MAX_TEXT, FinishedTransactionError, read_psbt
from wallet.remedies import WalletRemedy

VECTORS = Path(__file__).parents[1] / "vectors" / "psbt"
FINISHED = finalize(SIGNED)


def vector(name: str) -> bytes:
    return (VECTORS / name).read_bytes()


@pytest.mark.parametrize("name", ["required-fields-only.b64", "noseq.b64"])
def test_version_2_without_a_sequence_is_read(name: str) -> None:
    parsed = Psbt.parse(read_psbt(vector(name)))
    assert [txin.nSequence for txin in parsed.tx.vin] == [0xFFFFFFFF]
    assert parsed.tx.nLockTime == (105 if name == "noseq.b64" else 0)
    (origin,) = parsed.inputs[0].origins
    assert origin.fingerprint.hex() == "8818728b"


@pytest.mark.parametrize("fields", range(23))
def test_every_kind_of_field_of_bip370_is_read(fields: int) -> None:
    """The valid vectors of BIP370 are one transaction with these fields, alone and together."""
    maps = tuple(field_maps(read_psbt(vector("required-fields-only.b64"))))
    chosen: list[tuple[int, bytes, bytes]] = [
        (1, b"\x10", b"\xfe\xff\xff\xff"),
        (0, b"\x03", bytes(4)),
        (1, b"\x11", (1_657_048_460).to_bytes(4, "little")),
        (1, b"\x12", (10_000).to_bytes(4, "little")),
    ]
    if fields < 8:
        maps[0][b"\x06"] = bytes((fields,))
    elif fields == 8:
        maps[0][b"\x06"] = b"\x08"
    elif fields < 22:
        for bit, (at, key, value) in enumerate(chosen):
            if (fields - 7) >> bit & 1:
                maps[at][key] = value
    else:
        for at, key, value in chosen:
            maps[at][key] = value
        maps[0][b"\x06"] = b"\x07"
    parsed = Psbt.parse(written(maps))
    assert parsed.tx.vin[0].nSequence == (0xFFFFFFFE if b"\x10" in maps[1] else 0xFFFFFFFF)
    required = 10_000 if b"\x12" in maps[1] else 1_657_048_460 if b"\x11" in maps[1] else 0
    assert parsed.tx.nLockTime == required


def test_what_may_be_changed_is_read_and_kept() -> None:
    raw = read_psbt(vector("modifiable.b64"))
    assert next(iter(field_maps(raw)))[b"\x06"] == b"\x03"
    assert written(tuple(field_maps(raw))) == raw


def test_hexadecimal_and_a_byte_order_mark_are_the_same_psbt() -> None:
    (hexadecimal, marked) = (Psbt.parse(read_psbt(vector(name))) for name in ("hex.psbt", "b64-bom.psbt"))
    assert hexadecimal == marked
    assert len(hexadecimal.tx.vin) == 1


@pytest.mark.parametrize(
    "text", [RAW.hex(), RAW.hex().upper(), to_text(RAW), to_text(RAW)[:40] + "\r\n " + to_text(RAW)[40:]]
)
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "ascii"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_every_form_is_read(text: str, mark: bytes, encoding: str) -> None:
    assert read_psbt(mark + f" {text}\n".encode(encoding)) == RAW
    assert from_text(text) == RAW
    assert read_psbt(RAW) == RAW


@pytest.mark.parametrize(
    "form", [bytes, lambda raw: raw.hex().encode(), base64.b64encode, lambda raw: codecs.BOM_UTF8 + raw.hex().encode()]
)
def test_a_finished_transaction_is_told_apart(form: object) -> None:
    assert callable(form)
    with pytest.raises(FinishedTransactionError) as told:
        read_psbt(form(FINISHED.serialize()))
    assert told.value.tx == FINISHED
    assert f"this is a finished transaction, {display(txid_of(FINISHED))}" in str(told.value)
    assert told.value.advice == WalletRemedy.SEND_FINISHED.of()


def test_a_transaction_that_is_not_signed_is_no_finished_one() -> None:
    bare = Psbt.parse(RAW).tx
    witness = CTxWitness([FINISHED.wit.vtxinwit[0], CTxInWitness()])
    half = CTransaction(bare.vin, bare.vout, bare.nLockTime, bare.nVersion, witness)
    for tx in (bare, half):
        with pytest.raises(EncodingError, match="an input of it is not signed"):
            read_psbt(tx.serialize().hex().encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"7073",
        b"zz",
        b"cHNid",
        "\u00e9".encode(),
        codecs.BOM_UTF8,
        codecs.BOM_UTF16_LE + b"\x00",
        FINISHED.serialize() + b"\x00",
        FINISHED.serialize()[:-1],
    ],
)
def test_what_is_neither_says_which_forms_there_are(data: bytes) -> None:
    with pytest.raises(EncodingError, match="not a PSBT") as told:
        read_psbt(data)
    assert not isinstance(told.value, FinishedTransactionError)
    assert "cHNidP8" in told.value.hint


def test_size_is_limited_in_every_form() -> None:
    for data in (b"A" * (MAX_TEXT + 1), b"ab" * (MAX_PSBT + 1), bytes(MAX_PSBT)):
        with pytest.raises(EncodingError, match="too large"):
            read_psbt(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_our_error(data: bytes) -> None:
    for form in (data, data.hex().encode(), base64.b64encode(data), b"\x02\x00\x00\x00\x00\x01" + data):
        with pytest.raises(EncodingError):
            Psbt.parse(read_psbt(form))
