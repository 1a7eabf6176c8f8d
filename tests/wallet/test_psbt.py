from contextlib import suppress
from dataclasses import replace

import pytest
from bitcoin.core import CMutableTransaction, COutPoint, CTxOut
from bitcoin.core.script import CScript
from embit.psbt import PSBT
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wallet.signing_cases import ACCOUNT, CHANGE, KEYCHAIN, RECEIVE, STRANGER, UNIT, funding, unsigned
from wallet.errors import EncodingError, SigningError
from wallet.network import REGTEST
from wallet.psbt import Psbt, add_signatures, combine, finalize, from_text, to_psbt, to_text
from wallet.psbt_fields import MAX_PSBT, field_maps, written
from wallet.signatures import p2wpkh_script, sign_input
from wallet.signer import SoftwareSigner
from wallet.transactions import Prevout, UnsignedTransaction

RAW = to_psbt(unsigned(), ACCOUNT)
SIGNED = SoftwareSigner(KEYCHAIN, REGTEST).sign(RAW)


def as_version_2(raw: bytes) -> bytes:
    psbt = PSBT.parse(raw)
    psbt.version = 2
    return bytes(psbt.serialize())


def with_field(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert raw.count(old) == 1
    return raw.replace(old, new)


def test_a_psbt_tells_what_was_put_in() -> None:
    parsed = Psbt.parse(RAW)
    assert parsed.tx == unsigned().tx
    assert [entry.spent for entry in parsed.inputs] == [prevout.txout for prevout in unsigned().prevouts]
    assert all(entry.sighash == 1 and not entry.signatures and not entry.witness for entry in parsed.inputs)
    for entry, path in zip(parsed.inputs, (UNIT, RECEIVE), strict=True):
        (origin,) = entry.origins
        assert origin.fingerprint == KEYCHAIN.fingerprint
        assert origin.derivation == ACCOUNT.derivation(path)
        assert origin.public_key == ACCOUNT.public_key(path)


def test_own_outputs_carry_their_origin() -> None:
    outputs = PSBT.parse(RAW).outputs
    assert not outputs[0].bip32_derivations
    for scope, path in ((outputs[1], UNIT), (outputs[2], CHANGE)):
        ((key, origin),) = scope.bip32_derivations.items()
        assert key.serialize() == ACCOUNT.public_key(path)
        assert tuple(origin.derivation) == ACCOUNT.derivation(path)


def test_version_2_reads_like_version_0() -> None:
    assert Psbt.parse(as_version_2(RAW)) == Psbt.parse(RAW)
    signed = SoftwareSigner(KEYCHAIN, REGTEST).sign(as_version_2(RAW))
    assert finalize(signed) == finalize(SIGNED)


def test_previous_transactions_are_written_and_checked() -> None:
    raw = to_psbt(unsigned(), ACCOUNT, (funding(),))
    parsed = Psbt.parse(raw)
    assert {entry.previous for entry in parsed.inputs} == {funding()}
    bare = tuple(replace(entry, previous=None) for entry in parsed.inputs)
    assert replace(parsed, inputs=bare) == Psbt.parse(RAW)
    parent = funding().serialize()
    assert raw.count(parent) == 2
    with pytest.raises(EncodingError):
        Psbt.parse(raw.replace(parent, parent[:-4] + b"\x01\x00\x00\x00"))


def test_two_accounts_of_a_coin_that_differ_are_refused() -> None:
    psbt = PSBT.parse(to_psbt(unsigned(), ACCOUNT, (funding(),)))
    psbt.inputs[0].witness_utxo.value += 1
    with pytest.raises(EncodingError, match="differ"):
        Psbt.parse(bytes(psbt.serialize()))


def test_a_previous_transaction_without_that_output_is_refused() -> None:
    psbt = PSBT.parse(to_psbt(unsigned(), ACCOUNT, (funding(),)))
    psbt.inputs[0].vout = 9
    with pytest.raises(EncodingError, match="lacks"):
        Psbt.parse(bytes(psbt.serialize()))


def test_a_sequence_of_zero_is_signed_and_never_changed() -> None:
    case = unsigned(sequence=0)
    raw = to_psbt(case, ACCOUNT)
    assert raw == with_field(RAW, unsigned().tx.serialize(), case.tx.serialize())
    assert Psbt.parse(raw).tx == case.tx
    tx = finalize(SoftwareSigner(KEYCHAIN, REGTEST).sign(raw))
    assert {txin.nSequence for txin in tx.vin} == {0}
    assert tx.GetTxid() == case.txid


def test_a_transaction_with_scripts_or_witnesses_in_version_0_is_refused() -> None:
    scripted = CMutableTransaction.from_tx(unsigned().tx)
    scripted.vin[0].scriptSig = CScript(b"\x51")
    for whole in (scripted.serialize(), finalize(SIGNED).serialize()):
        maps = tuple(field_maps(RAW))
        maps[0][b"\x00"] = whole
        with pytest.raises(EncodingError):
            Psbt.parse(written(maps))


def test_fields_that_are_not_known_here_stay_as_they_came() -> None:
    maps = tuple(field_maps(RAW))
    maps[0][b"\xfc\x03abc"] = b"of another wallet"
    maps[1][b"\xfc\x03abc"] = bytes(70_000)
    raw = written(maps)
    signed = tuple(field_maps(SoftwareSigner(KEYCHAIN, REGTEST).sign(raw)))
    assert finalize(written(signed)) == finalize(SIGNED)
    for before, after in zip(maps, signed, strict=True):
        assert {key: value for key, value in after.items() if key[:1] != b"\x02" or key in before} == before


def test_duplicate_fields_are_refused() -> None:
    sighash = b"\x01\x03\x04\x01\x00\x00\x00"
    with pytest.raises(EncodingError, match="twice"):
        Psbt.parse(RAW.replace(sighash, sighash * 2, 1))


def test_version_2_duplicates_that_the_library_would_take_are_refused() -> None:
    raw = as_version_2(RAW)
    vout = b"\x01\x0f\x04\x01\x00\x00\x00"
    with pytest.raises(EncodingError, match="twice"):
        Psbt.parse(with_field(raw, vout, vout + b"\x01\x0f\x04\x00\x00\x00\x00"))


TIME, LATER = 1_700_000_000, 1_700_000_001


@pytest.mark.parametrize(
    ("first", "second", "fallback", "locktime"),
    [
        ((None, None), (None, None), 77, 77),
        ((None, None), (None, None), None, 0),
        ((None, 10), (None, None), 77, 10),
        ((None, 10), (None, 11), 77, 11),
        ((TIME, None), (LATER, None), 77, LATER),
        ((TIME, 10), (LATER, 9), 77, 10),
        ((TIME, 10), (None, 11), 77, 11),
        ((TIME, 10), (LATER, None), 77, LATER),
        ((TIME, None), (None, 11), 77, "both kinds"),
        ((77, None), (None, None), 0, "impossible lock time"),
        ((None, TIME), (None, None), 0, "impossible lock time"),
        ((None, 0), (None, None), 0, "impossible lock time"),
    ],
)
def test_version_2_has_the_lock_time_that_its_inputs_require(
    first: tuple[int | None, int | None],
    second: tuple[int | None, int | None],
    fallback: int | None,
    locktime: int | str,
) -> None:
    maps = tuple(field_maps(as_version_2(RAW)))
    maps[0].pop(b"\x03", None)
    if fallback is not None:
        maps[0][b"\x03"] = fallback.to_bytes(4, "little")
    for fields, needs in zip(maps[1:], (first, second), strict=False):
        for key, value in zip((b"\x11", b"\x12"), needs, strict=True):
            if value is not None:
                fields[key] = value.to_bytes(4, "little")
    if isinstance(locktime, str):
        with pytest.raises(EncodingError, match=locktime):
            Psbt.parse(written(maps))
        return
    assert Psbt.parse(written(maps)).tx.nLockTime == locktime
    assert finalize(SoftwareSigner(KEYCHAIN, REGTEST).sign(written(maps))).nLockTime == locktime


@pytest.mark.parametrize(
    ("before", "after"), [(0b11, 0), (0b01, 0), (0b10, 0), (0b111, 0b100), (0b1000, 0b1000), (0, 0)]
)
def test_a_signature_for_everything_lets_nobody_add_anything_any_more(before: int, after: int) -> None:
    maps = tuple(field_maps(as_version_2(RAW)))
    maps[0][b"\x06"] = bytes((before,))
    signed = SoftwareSigner(KEYCHAIN, REGTEST).sign(written(maps))
    assert next(iter(field_maps(signed)))[b"\x06"] == bytes((after,))
    assert finalize(signed) == finalize(SIGNED)
    assert next(iter(field_maps(combine(written(maps), signed))))[b"\x06"] == bytes((after,))
    maps[0][b"\x06"] = b"\x03\x03"
    with pytest.raises(EncodingError, match="not one byte"):
        Psbt.parse(written(maps))


def test_what_version_0_says_under_that_key_is_not_ours_to_change() -> None:
    maps = tuple(field_maps(RAW))
    maps[0][b"\x06"] = b"\x03"
    signed = SoftwareSigner(KEYCHAIN, REGTEST).sign(written(maps))
    assert next(iter(field_maps(signed)))[b"\x06"] == b"\x03"


def test_version_2_without_sequences_has_the_last_one() -> None:
    maps = tuple(field_maps(as_version_2(RAW)))
    for fields in maps[1:3]:
        del fields[b"\x10"]
    parsed = Psbt.parse(written(maps))
    assert {txin.nSequence for txin in parsed.tx.vin} == {0xFFFFFFFF}
    signed = SoftwareSigner(KEYCHAIN, REGTEST).sign(written(maps))
    assert all(b"\x10" not in fields for fields in tuple(field_maps(signed))[1:3])
    assert {txin.nSequence for txin in finalize(signed).vin} == {0xFFFFFFFF}


def test_counts_are_checked_before_room_is_made_for_them() -> None:
    raw = as_version_2(RAW)
    with pytest.raises(EncodingError, match="counts"):
        Psbt.parse(with_field(raw, b"\x01\x04\x01\x02", b"\x01\x04\x09\xff" + b"\xff" * 8))


@pytest.mark.parametrize("version", [b"\x01", b"\x03", b"\xff"])
def test_other_versions_are_refused(version: bytes) -> None:
    raw = as_version_2(RAW)
    with pytest.raises(EncodingError, match="of version"):
        Psbt.parse(with_field(raw, b"\x01\xfb\x04\x02", b"\x01\xfb\x04" + version))


def test_trailing_and_missing_bytes_are_refused() -> None:
    for raw in (RAW + b"\x00", RAW + b"x", RAW[:-1], RAW[:40], b"psbt\xff", b"", b"psbt\xff\x00"):
        with pytest.raises(EncodingError):
            Psbt.parse(raw)


def test_size_is_limited() -> None:
    with pytest.raises(EncodingError, match="too large"):
        Psbt.parse(b"psbt\xff" + bytes(MAX_PSBT))
    with pytest.raises(EncodingError, match="too large"):
        from_text("A" * MAX_PSBT * 2)


def test_impossible_amounts_are_refused() -> None:
    case = unsigned()
    outputs = list(case.tx.vout)
    outputs[2] = CTxOut(-1, outputs[2].scriptPubKey)
    tx = type(case.tx)(case.tx.vin, outputs, case.tx.nLockTime, case.tx.nVersion)
    with pytest.raises(EncodingError):
        to_psbt(UnsignedTransaction(tx=tx, prevouts=case.prevouts), ACCOUNT)


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_with_our_error(data: bytes) -> None:
    for raw in (data, b"psbt\xff" + data):
        with pytest.raises(EncodingError):
            Psbt.parse(raw)


@settings(max_examples=400)
@given(st.sampled_from([RAW, SIGNED, as_version_2(RAW)]), st.data())
def test_damaged_bytes_parse_or_are_refused_with_our_error(raw: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(raw) - 1))
    cut = data.draw(st.integers(0, 3))
    damaged = raw[:place] + data.draw(st.binary(max_size=4)) + raw[place + cut :]
    with suppress(EncodingError):
        Psbt.parse(damaged)


def test_text_round_trips_and_other_text_is_refused() -> None:
    assert from_text(f"  {to_text(RAW)[:50]}\n{to_text(RAW)[50:]} ") == RAW
    with pytest.raises(EncodingError):
        from_text("not base64!")


def test_finalizing_adds_witnesses_and_nothing_else() -> None:
    tx = finalize(SIGNED)
    assert tx.GetTxid() == unsigned().txid
    assert tx.vin == unsigned().tx.vin
    assert tx.vout == unsigned().tx.vout
    assert [len(witness.scriptWitness.stack) for witness in tx.wit.vtxinwit] == [2, 2]


def test_a_missing_signature_is_named() -> None:
    psbt = PSBT.parse(SIGNED)
    psbt.inputs[1].partial_sigs.clear()
    with pytest.raises(SigningError, match="input 1 is not signed"):
        finalize(bytes(psbt.serialize()))


def test_a_signature_for_something_else_is_refused() -> None:
    parsed = Psbt.parse(RAW)
    spent = parsed.inputs[0].spent
    assert spent is not None
    key, private = ACCOUNT.public_key(UNIT), KEYCHAIN.private_key(UNIT)
    good = sign_input(private, parsed.tx, 0, spent)
    other_amount = sign_input(private, parsed.tx, 0, CTxOut(spent.nValue + 1, spent.scriptPubKey))
    other_key = sign_input(STRANGER.private_key(UNIT), parsed.tx, 0, spent)
    for signature in (other_amount, other_key, good[:-1] + b"\x03", good[:-1] + b"\x81", good[:-1], b"", b"\x01"):
        raw = add_signatures(SIGNED, {0: (key, signature)})
        with pytest.raises(SigningError, match="signature of input 0 is not valid"):
            finalize(raw)
    assert finalize(add_signatures(SIGNED, {0: (key, good)})) == finalize(SIGNED)


def test_a_high_s_signature_is_refused() -> None:
    parsed = Psbt.parse(SIGNED)
    ((key, signature),) = parsed.inputs[0].signatures
    length = signature[3]
    r, s = signature[4 : 4 + length], int.from_bytes(signature[6 + length : -1], "big")
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high = b"\x00" + (order - s).to_bytes(32, "big")
    body = b"\x02" + bytes((len(r),)) + r + b"\x02" + bytes((len(high),)) + high
    with pytest.raises(SigningError, match="not valid"):
        finalize(add_signatures(SIGNED, {0: (key, b"\x30" + bytes((len(body),)) + body + b"\x01")}))


def test_other_scripts_are_not_finalised() -> None:
    foreign = Prevout(
        outpoint=COutPoint(b"\x22" * 32, 0), txout=CTxOut(5_000, CScript(b"\x51\x20" + bytes(32))), path=None
    )
    signed = SoftwareSigner(KEYCHAIN, REGTEST).sign(to_psbt(unsigned(foreign=(foreign,)), ACCOUNT))
    with pytest.raises(SigningError, match="input 2 is not P2WPKH"):
        finalize(signed)


def test_two_signers_combine_into_one_transaction() -> None:
    path = RECEIVE
    foreign = Prevout(
        outpoint=COutPoint(b"\x22" * 32, 0), txout=CTxOut(5_000, p2wpkh_script(STRANGER.public_key(path))), path=None
    )
    raw = to_psbt(unsigned(foreign=(foreign,)), ACCOUNT)
    mine = SoftwareSigner(KEYCHAIN, REGTEST).sign(raw)
    with pytest.raises(SigningError, match="input 2 is not signed"):
        finalize(mine)
    signature = sign_input(STRANGER.private_key(path), Psbt.parse(raw).tx, 2, foreign.txout)
    theirs = add_signatures(raw, {2: (STRANGER.public_key(path), signature)})
    assert finalize(combine(mine, theirs)) == finalize(combine(theirs, mine))
    with pytest.raises(EncodingError, match="different transactions"):
        combine(mine, RAW)
