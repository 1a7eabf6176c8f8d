import json
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut
from bitcoin.core.script import SIGHASH_ALL, SIGVERSION_WITNESS_V0, CScript, SignatureHash
from coincurve import PrivateKey
from embit.psbt import PSBT, DerivationPath
from embit.script import Script, Witness
from embit.transaction import Transaction as EmbitTransaction

from tests.wallet.signing_cases import ACCOUNT, KEYCHAIN, SHOP, STRANGER, PrivateOrigins, unsigned
from wallet.coins import AccountKind, KeyPath
from wallet.errors import MissingKeyError, SigningError
from wallet.network import MAINNET, REGTEST
from wallet.psbt import Psbt, finalize, to_psbt
from wallet.signatures import is_valid_signature, p2wpkh_script, sign_input, signature_hash
from wallet.signer import SoftwareSigner
from wallet.transactions import RBF_SEQUENCE, Prevout, UnsignedTransaction, assemble

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "bip143.json").read_text())
RAW = to_psbt(unsigned(), ACCOUNT)
SIGNER = SoftwareSigner(KEYCHAIN, REGTEST)


def spent_of(vector: dict[str, str]) -> tuple[CTransaction, CTxOut]:
    tx = CTransaction.deserialize(bytes.fromhex(vector["tx"]))
    return tx, CTxOut(int(vector["value"]), CScript(bytes.fromhex(vector["program"])))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_bip143_hash_and_signature_agree(vector: dict[str, str]) -> None:
    tx, spent = spent_of(vector)
    index, key = int(vector["input"]), bytes.fromhex(vector["key"])
    assert signature_hash(tx, index, spent).hex() == vector["sighash"]
    assert sign_input(key, tx, index, spent).hex() == vector["signature"]
    public_key = PrivateKey(key).public_key.format()
    assert is_valid_signature(bytes.fromhex(vector["signature"]), public_key, tx, index, spent)
    assert not is_valid_signature(
        bytes.fromhex(vector["signature"]), public_key, tx, index, CTxOut(1, spent.scriptPubKey)
    )


def test_every_input_of_ours_is_signed_for_the_whole_transaction() -> None:
    parsed = Psbt.parse(SIGNER.sign(RAW))
    for index, entry in enumerate(parsed.inputs):
        ((public_key, signature),) = entry.signatures
        assert entry.spent is not None
        assert signature[-1] == SIGHASH_ALL
        assert is_valid_signature(signature, public_key, parsed.tx, index, entry.spent)
    assert SIGNER.sign(RAW) == SIGNER.sign(SIGNER.sign(RAW))


def test_a_shop_key_signs_its_coin() -> None:
    script = p2wpkh_script(KEYCHAIN.public_key(SHOP))
    prevout = Prevout(outpoint=COutPoint(b"\x33" * 32, 1), txout=CTxOut(9_000, script), path=SHOP)
    tx = assemble(((prevout.outpoint, RBF_SEQUENCE),), (CTxOut(8_000, script),))
    raw = to_psbt(UnsignedTransaction(tx=tx, prevouts=(prevout,)), PrivateOrigins())
    assert finalize(SIGNER.sign(raw)).GetTxid() == tx.GetTxid()


@pytest.mark.parametrize("sighash", [0x02, 0x03, 0x81, 0x82, 0x83, 0x00, 0x41, 0xFFFFFFFF])
@pytest.mark.parametrize("index", [0, 1])
def test_any_other_sighash_on_any_input_stops_everything(sighash: int, index: int) -> None:
    psbt = PSBT.parse(RAW)
    psbt.inputs[index].sighash_type = sighash
    with pytest.raises(SigningError, match=f"input {index} asks"):
        SIGNER.sign(bytes(psbt.serialize()))


def test_another_sighash_on_a_foreign_input_stops_everything() -> None:
    foreign = Prevout(outpoint=COutPoint(b"\x44" * 32, 0), txout=CTxOut(1_000, CScript(b"\x51")), path=None)
    psbt = PSBT.parse(to_psbt(unsigned(foreign=(foreign,)), ACCOUNT))
    psbt.inputs[2].sighash_type = 0x83
    with pytest.raises(SigningError, match="input 2 asks"):
        SIGNER.sign(bytes(psbt.serialize()))


def test_single_beyond_the_outputs_is_refused_and_could_not_be_hidden() -> None:
    foreign = tuple(
        Prevout(outpoint=COutPoint(b"\x55" * 32, n), txout=CTxOut(1_000, CScript(b"\x51")), path=None) for n in range(3)
    )
    case = unsigned(foreign=foreign)
    moved = UnsignedTransaction(
        tx=assemble(
            tuple((prevout.outpoint, RBF_SEQUENCE) for prevout in case.prevouts[::-1]), tuple(case.tx.vout[:1])
        ),
        prevouts=case.prevouts[::-1],
    )
    psbt = PSBT.parse(to_psbt(moved, ACCOUNT))
    psbt.inputs[4].sighash_type = 0x03
    with pytest.raises(SigningError):
        SIGNER.sign(bytes(psbt.serialize()))
    psbt.inputs[4].sighash_type = None
    parsed = Psbt.parse(SIGNER.sign(bytes(psbt.serialize())))
    entry = parsed.inputs[4]
    assert entry.spent is not None
    code = CScript(b"\x76\xa9\x14" + bytes(entry.spent.scriptPubKey)[2:] + b"\x88\xac")
    expected = SignatureHash(code, parsed.tx, 4, SIGHASH_ALL, entry.spent.nValue, SIGVERSION_WITNESS_V0)
    assert signature_hash(parsed.tx, 4, entry.spent) == expected
    assert entry.signatures[0][1][-1] == SIGHASH_ALL


def test_an_absent_sighash_means_all() -> None:
    psbt = PSBT.parse(RAW)
    for scope in psbt.inputs:
        scope.sighash_type = None
    assert finalize(SIGNER.sign(bytes(psbt.serialize()))) == finalize(SIGNER.sign(RAW))


def test_a_stranger_signs_nothing() -> None:
    with pytest.raises(MissingKeyError, match="no input names a key"):
        SoftwareSigner(STRANGER, REGTEST).sign(RAW)


def test_a_key_that_does_not_hold_the_coin_is_a_lie() -> None:
    psbt = PSBT.parse(RAW)
    for scope in psbt.inputs:
        for origin in scope.bip32_derivations.values():
            origin.derivation[-1] += 1
    with pytest.raises(SigningError, match="does not hold that coin"):
        SIGNER.sign(bytes(psbt.serialize()))


def test_swapped_coins_are_a_lie() -> None:
    psbt = PSBT.parse(RAW)
    first, second = psbt.inputs
    first.witness_utxo, second.witness_utxo = second.witness_utxo, first.witness_utxo
    with pytest.raises(SigningError, match="does not hold that coin"):
        SIGNER.sign(bytes(psbt.serialize()))


@pytest.mark.parametrize("numbers", [[], [0], [2**31 + 44, 2**31 + 1, 2**31, 0, 0], [2**31 + 84, 2**31, 2**31, 0, 0]])
def test_a_path_outside_of_the_wallet_stops_everything(numbers: list[int]) -> None:
    psbt = PSBT.parse(RAW)
    for key in psbt.inputs[1].bip32_derivations:
        psbt.inputs[1].bip32_derivations[key] = DerivationPath(KEYCHAIN.fingerprint, numbers)
    with pytest.raises(MissingKeyError, match="input 1"):
        SIGNER.sign(bytes(psbt.serialize()))


def test_an_input_of_ours_without_its_coin_stops_everything() -> None:
    psbt = PSBT.parse(RAW)
    psbt.inputs[0].witness_utxo = None
    with pytest.raises(SigningError, match="input 0 does not say"):
        SIGNER.sign(bytes(psbt.serialize()))


def test_keys_of_another_network_are_refused() -> None:
    with pytest.raises(SigningError, match="regtest"):
        SoftwareSigner(KEYCHAIN, MAINNET)


def test_a_signer_prints_no_secret() -> None:
    assert repr(SIGNER) == f"SoftwareSigner(fingerprint={KEYCHAIN.fingerprint.hex()}, network=regtest)"


@pytest.mark.parametrize("locktime", [0, 2**31 - 1, 2**31, 2**32 - 1])
@pytest.mark.parametrize("sequence", [0, 2**31, 2**32 - 1])
def test_the_hash_is_that_of_another_library_whatever_the_numbers_are(locktime: int, sequence: int) -> None:
    made = unsigned()
    inputs = tuple((prevout.outpoint, sequence) for prevout in made.prevouts)
    for version in (-(2**31), -1, 0, 2, 2**31 - 1):
        tx = assemble(inputs, tuple(made.tx.vout), version=version, locktime=locktime)
        other = EmbitTransaction.parse(tx.serialize())
        for index, prevout in enumerate(made.prevouts):
            code = Script(b"\x76\xa9\x14" + bytes(prevout.txout.scriptPubKey)[2:] + b"\x88\xac")
            judged = other.sighash_segwit(index, code, prevout.txout.nValue, sighash=SIGHASH_ALL)
            assert signature_hash(tx, index, prevout.txout) == judged


@pytest.mark.parametrize("locktime", [2**31, 2**31 + 5, 2**32 - 1])
def test_a_psbt_with_any_lock_time_is_signed_and_finalised(locktime: int) -> None:
    made = unsigned()
    inputs = tuple((prevout.outpoint, RBF_SEQUENCE) for prevout in made.prevouts)
    tx = assemble(inputs, tuple(made.tx.vout), locktime=locktime)
    raw = to_psbt(UnsignedTransaction(tx=tx, prevouts=made.prevouts, own_outputs=made.own_outputs), ACCOUNT)
    assert finalize(SIGNER.sign(raw)).nLockTime == locktime


def hiding(*paths: KeyPath, hidden: int) -> bytes:
    """A PSBT that spends coins of these keys, and names no key for one of them."""
    prevouts = [
        Prevout(
            outpoint=COutPoint(bytes([number + 1]) * 32, 0),
            txout=CTxOut(9_000, p2wpkh_script(KEYCHAIN.public_key(path))),
            path=None if number == hidden else path,
        )
        for number, path in enumerate(paths)
    ]
    tx = assemble(tuple((one.outpoint, RBF_SEQUENCE) for one in prevouts), (CTxOut(17_000, CScript(b"\x51")),))
    return to_psbt(UnsignedTransaction(tx=tx, prevouts=tuple(prevouts)), PrivateOrigins())


@pytest.mark.parametrize(
    "path",
    [
        KeyPath(AccountKind.BTC, 0, 3),
        KeyPath(AccountKind.BTC, 1, 999),
        KeyPath(AccountKind.UNITS, 0, 500),
        KeyPath(AccountKind.ISSUING, 0, 42),
        KeyPath(AccountKind.SHOP, 0, 999),
    ],
    ids=str,
)
@pytest.mark.parametrize("hidden", [0, 1])
def test_a_coin_of_ours_that_the_psbt_does_not_name_stops_everything(path: KeyPath, hidden: int) -> None:
    paths = (path, KeyPath(AccountKind.BTC, 0, 0)) if hidden == 0 else (KeyPath(AccountKind.BTC, 0, 0), path)
    with pytest.raises(SigningError, match=f"input {hidden} spends a coin of this wallet .* names no key for it"):
        SIGNER.sign(hiding(*paths, hidden=hidden))


def test_what_counts_as_ours_reaches_beyond_the_keys_that_were_used() -> None:
    far = KeyPath(AccountKind.BTC, 0, 5_400)
    near = KeyPath(AccountKind.BTC, 0, 0)
    assert SIGNER.sign(hiding(near, far, hidden=1)), "nobody knows that key: it was never used"
    knowing = SoftwareSigner(KEYCHAIN, REGTEST, {(AccountKind.BTC, 0): 5_000})
    with pytest.raises(SigningError, match="names no key"):
        knowing.sign(hiding(near, far, hidden=1))
    named = KeyPath(AccountKind.BTC, 0, 5_000)
    with pytest.raises(SigningError, match="names no key"):
        SIGNER.sign(hiding(named, far, hidden=1))
    with pytest.raises(MissingKeyError, match="keeps none"):
        SIGNER.sign(hiding(KeyPath(AccountKind.BTC, 0, 30_000), near, hidden=1))


def test_what_was_signed_already_needs_no_name_and_what_only_looks_so_does() -> None:
    paths = KeyPath(AccountKind.BTC, 0, 0), KeyPath(AccountKind.BTC, 0, 1)
    psbt = PSBT.parse(hiding(*paths, hidden=1))
    key = KEYCHAIN.public_key(paths[1])
    parsed = Psbt.parse(bytes(psbt.serialize()))
    spent = parsed.inputs[1].spent
    assert spent is not None
    signature = sign_input(KEYCHAIN.private_key(paths[1]), parsed.tx, 1, spent)
    psbt.inputs[1].final_scriptwitness = Witness([signature, key])
    assert SIGNER.sign(bytes(psbt.serialize()))
    psbt.inputs[1].final_scriptwitness = Witness([signature[:-3] + b"\0\0\x01", key])
    with pytest.raises(SigningError, match="names no key"):
        SIGNER.sign(bytes(psbt.serialize()))
