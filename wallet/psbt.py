"""Partially signed transactions (BIP174, BIP370): what a signer is given and gives back.

embit reads and writes the format, in this file only; bytes alone pass between it and python-bitcoinlib. What embit
understood is trusted only where writing it again yields the very same fields, since it skips some checks of its own;
what it gets wrong by itself (a sequence of 0, a version of 0, one that is absent) is read here. Signatures are added to
the fields as they came. Version 0 is written, because nodes refuse version 2; both are read.
"""

import base64
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol

from bitcoin.core import CMutableTransaction, COutPoint, CTransaction, CTxIn, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import SIGHASH_ALL, CScript, CScriptWitness
from bitcoin.core.serialize import SerializationError
from embit.base import EmbitError
from embit.ec import PublicKey as EmbitKey
from embit.psbt import PSBT, DerivationPath
from embit.transaction import Transaction as EmbitTransaction
from embit.transaction import TransactionOutput as EmbitOutput

from wallet.amount import MAX_MONEY
from wallet.coins import KeyPath
from wallet.errors import EncodingError, SigningError
from wallet.hashes import txid_of
from wallet.psbt_fields import FieldMap, compact, field_maps, too_large, written
from wallet.psbt_text import MAX_TEXT, read_psbt
from wallet.signatures import is_p2wpkh, is_valid_signature
from wallet.transactions import UnsignedTransaction

_SEQUENCE = 0xFFFFFFFF
"""The sequence of an input of version 2 that gives none (BIP370)."""

_TX, _FALLBACK_LOCKTIME, _MODIFIABLE, _VERSION = b"\x00", b"\x03", b"\x06", b"\xfb"
"""Keys of the first map."""

_PARTIAL_SIG, _INPUT_SEQUENCE, _REQUIRED_TIME, _REQUIRED_HEIGHT = b"\x02", b"\x10", b"\x11", b"\x12"
"""Keys of an input's map; the first is followed by a public key."""

_INPUTS_AND_OUTPUTS = 0b11
"""The bits of `_MODIFIABLE` that let others add inputs and outputs (BIP370)."""

_FIRST_TIME = 500_000_000
"""The smallest lock time that is a time, and no height."""


class KeySource(Protocol):
    """What tells a signer where a key lies: an account."""

    @property
    def fingerprint(self) -> bytes:
        """Four bytes of the hash of the master key."""

    def public_key(self, path: KeyPath) -> bytes:
        """33 bytes, compressed."""

    def derivation(self, path: KeyPath) -> tuple[int, ...]:
        """The BIP32 numbers from the master key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOrigin:
    """A public key and the path by which a master key derives it."""

    public_key: bytes
    fingerprint: bytes
    derivation: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PsbtInput:
    """What a PSBT says of one input. `spent` is None where it does not say; `sighash` is None where none is asked for.

    `signatures` are (public key, signature with sighash byte); `witness` is empty until the input is final. `previous`
    is the whole transaction that made the coin, where it is given; its txid was checked.
    """

    spent: CTxOut | None
    origins: tuple[KeyOrigin, ...]
    signatures: tuple[tuple[bytes, bytes], ...]
    sighash: int | None
    witness: tuple[bytes, ...]
    previous: CTransaction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Psbt:
    """The unsigned transaction and, in its order, what is known of each input.

    `outputs` are the keys that each output is said to pay, in their order.
    """

    tx: CTransaction
    inputs: tuple[PsbtInput, ...]
    outputs: tuple[tuple[KeyOrigin, ...], ...]

    @classmethod
    def parse(cls, raw: bytes) -> "Psbt":
        """Reads version 0 or 2. Raises EncodingError for anything malformed or ambiguous."""
        return _values(_read(raw))


def to_psbt(
    unsigned: UnsignedTransaction, account: KeySource, previous_transactions: tuple[CTransaction, ...] = ()
) -> bytes:
    """Version 0, with what each input spends, our keys' origins, and SIGHASH_ALL asked of every input.

    `previous_transactions` are written where inputs spend them; hardware signers want them.
    """
    previous = {txid_of(tx): tx for tx in previous_transactions}
    psbt = PSBT(EmbitTransaction.parse(unsigned.tx.serialize()), unknown={})
    for scope, prevout in zip(psbt.inputs, unsigned.prevouts, strict=True):
        scope.witness_utxo = EmbitOutput.parse(prevout.txout.serialize())
        scope.sighash_type = SIGHASH_ALL
        if prevout.outpoint.hash in previous:
            scope.non_witness_utxo = EmbitTransaction.parse(previous[prevout.outpoint.hash].serialize())
        if prevout.path is not None:
            _add_origin(scope, prevout.path, account)
    for vout, path in unsigned.own_outputs:
        _add_origin(psbt.outputs[vout], path, account)
    raw = _written(psbt, unsigned.tx)
    if Psbt.parse(raw).tx != unsigned.tx:
        raise EncodingError("this transaction cannot be written as a PSBT")
    return raw


def bare_psbt(unsigned: UnsignedTransaction) -> bytes:
    """Version 0 without a word on where any key lies: for handing to somebody else, or for joining signatures."""
    psbt = PSBT(EmbitTransaction.parse(unsigned.tx.serialize()), unknown={})
    for scope, prevout in zip(psbt.inputs, unsigned.prevouts, strict=True):
        scope.witness_utxo = EmbitOutput.parse(prevout.txout.serialize())
        scope.sighash_type = SIGHASH_ALL
    return _written(psbt, unsigned.tx)


def _written(psbt: Any, tx: CTransaction) -> bytes:
    """embit's object in version 0, with the transaction as it is: embit would change a sequence or a version of 0."""
    maps = tuple(field_maps(bytes(psbt.serialize())))
    maps[0][_TX] = tx.serialize()
    return written(maps)


def add_signatures(raw: bytes, signatures: dict[int, tuple[bytes, bytes]]) -> bytes:
    """The same PSBT with (public key, signature) added to the inputs named by number.

    A signature for everything lets nobody add an input or an output any more, and version 2 says so (BIP370, Signer).
    """
    maps = _read(raw).maps
    for index, (public_key, signature) in signatures.items():
        maps[1 + index][_PARTIAL_SIG + public_key] = signature
        if signature[-1:] == bytes((SIGHASH_ALL,)) and _MODIFIABLE in maps[0] and _VERSION in maps[0]:
            maps[0][_MODIFIABLE] = bytes((maps[0][_MODIFIABLE][0] & ~_INPUTS_AND_OUTPUTS,))
    return written(maps)


def combine(first: bytes, second: bytes) -> bytes:
    """The first PSBT with the signatures of the second. Raises EncodingError where the transactions differ."""
    theirs = Psbt.parse(second)
    if Psbt.parse(first).tx != theirs.tx:
        raise EncodingError("the two PSBTs hold different transactions", hint="sign the same one with both keys")
    joined = first
    for index, entry in enumerate(theirs.inputs):
        for signature in entry.signatures:
            joined = add_signatures(joined, {index: signature})
    return joined


def finalize(raw: bytes) -> CTransaction:
    """The transaction with its witnesses, ready to be broadcast.

    Every input must be P2WPKH and carry a signature that is valid for it and commits to the whole transaction.
    Raises SigningError that names the input otherwise.
    """
    psbt = Psbt.parse(raw)
    witnesses = [CTxInWitness(CScriptWitness(_witness(psbt, index))) for index in range(len(psbt.inputs))]
    tx = CTransaction(psbt.tx.vin, psbt.tx.vout, psbt.tx.nLockTime, psbt.tx.nVersion, CTxWitness(witnesses))
    assert txid_of(tx) == txid_of(psbt.tx), "only witnesses may change"
    return tx


def to_text(raw: bytes) -> str:
    """Base64, as PSBTs are passed around."""
    return base64.b64encode(raw).decode("ascii")


def from_text(text: str) -> bytes:
    """The bytes of a PSBT in any form of text, `to_text`'s too. Raises EncodingError, FinishedTransactionError."""
    if len(text) > MAX_TEXT:
        raise too_large()
    try:
        return read_psbt(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise EncodingError("not a PSBT: no PSBT has such characters", hint="it begins with cHNidP8") from error


def _add_origin(scope: Any, path: KeyPath, account: KeySource) -> None:
    key = EmbitKey.parse(account.public_key(path))
    scope.bip32_derivations[key] = DerivationPath(account.fingerprint, list(account.derivation(path)))


def _witness(psbt: Psbt, index: int) -> tuple[bytes, bytes]:
    """Signature and public key of one input."""
    entry = psbt.inputs[index]
    if entry.spent is None:
        raise SigningError(f"input {index} does not say what it spends", hint="make the PSBT again, with UTXO data")
    if not is_p2wpkh(entry.spent.scriptPubKey):
        raise SigningError(f"input {index} is not P2WPKH", hint="finalise it with the wallet that owns it")
    candidates = list(entry.signatures)
    if len(entry.witness) == 2:
        candidates.append((entry.witness[1], entry.witness[0]))
    if not candidates:
        raise SigningError(f"input {index} is not signed", hint="pass the PSBT to whoever holds its key")
    for public_key, signature in candidates:
        if is_valid_signature(signature, public_key, psbt.tx, index, entry.spent):
            return signature, public_key
    raise SigningError(f"the signature of input {index} is not valid for this transaction", hint="sign it again")


@dataclass(frozen=True, slots=True)
class _Document:
    """A PSBT that was read: its maps as they came, the transaction, and embit's object for all other fields."""

    maps: tuple[FieldMap, ...]
    tx: CTransaction
    psbt: Any


def _values(document: _Document) -> Psbt:
    """embit's objects as immutable values."""
    with _readable():
        inputs = tuple(_input(scope) for scope in document.psbt.inputs)
        outputs = tuple(_origins(scope) for scope in document.psbt.outputs)
    return Psbt(tx=document.tx, inputs=inputs, outputs=outputs)


def _transaction(psbt: Any, maps: tuple[FieldMap, ...]) -> CTransaction:
    """Built field by field: embit's own `tx` turns a sequence or a version of 0 into another one."""
    whole = CTransaction.deserialize(maps[0][_TX]) if _TX in maps[0] else None
    vin = []
    for index, scope in enumerate(psbt.inputs):
        if scope.txid is None or len(scope.txid) != 32 or scope.vout is None:
            raise EncodingError("a PSBT with an input that names no coin")
        sequence = _sequence(maps[1 + index]) if whole is None else whole.vin[index].nSequence
        vin.append(CTxIn(COutPoint(scope.txid[::-1], scope.vout), CScript(), sequence))
    vout = []
    for scope in psbt.outputs:
        if scope.value is None or scope.script_pubkey is None or not 0 <= scope.value <= MAX_MONEY:
            raise EncodingError("a PSBT with an output without a script or with an impossible amount")
        vout.append(CTxOut(scope.value, CScript(scope.script_pubkey.data)))
    version = 2 if psbt.tx_version is None else psbt.tx_version
    signed_version = version - 2**32 if version >= 2**31 else version
    locktime = _locktime(maps, len(vin)) if whole is None else whole.nLockTime
    tx = CTransaction.from_tx(CMutableTransaction(vin, vout, locktime, signed_version))
    if whole is not None and tx.serialize() != maps[0][_TX]:
        raise EncodingError("a PSBT whose transaction cannot be read reliably", hint="make it again with another tool")
    return CTransaction.deserialize(tx.serialize())


def _sequence(fields: FieldMap) -> int:
    given = fields.get(_INPUT_SEQUENCE)
    return _SEQUENCE if given is None else int.from_bytes(given, "little")


def _locktime(maps: tuple[FieldMap, ...], inputs: int) -> int:
    """The lock time of version 2: what its inputs require, else the fallback, else 0 (BIP370)."""
    required = [
        (time, height)
        for time, height in (
            (_number(fields.get(_REQUIRED_TIME)), _number(fields.get(_REQUIRED_HEIGHT)))
            for fields in maps[1 : 1 + inputs]
        )
        if (time, height) != (None, None)
    ]
    times = [time for time, _ in required if time is not None]
    heights = [height for _, height in required if height is not None]
    if any(time < _FIRST_TIME for time in times) or any(not 0 < height < _FIRST_TIME for height in heights):
        raise EncodingError("a PSBT in which an input requires an impossible lock time")
    if not required:
        return _number(maps[0].get(_FALLBACK_LOCKTIME)) or 0
    for kind in (heights, times):
        if len(kind) == len(required):
            return max(kind)
    raise EncodingError("a PSBT in which inputs require lock times of both kinds", hint="no transaction can have both")


def _number(data: bytes | None) -> int | None:
    """A field of four bytes. Raises EncodingError."""
    if data is not None and len(data) != 4:
        raise EncodingError("a PSBT with a number of another length")
    return None if data is None else int.from_bytes(data, "little")


def _input(scope: Any) -> PsbtInput:
    return PsbtInput(
        spent=_spent(scope),
        origins=_origins(scope),
        signatures=tuple((bytes(key.serialize()), bytes(value)) for key, value in scope.partial_sigs.items()),
        sighash=scope.sighash_type,
        witness=tuple(bytes(item) for item in scope.final_scriptwitness.items) if scope.final_scriptwitness else (),
        previous=_previous(scope),
    )


def _origins(scope: Any) -> tuple[KeyOrigin, ...]:
    return tuple(
        KeyOrigin(
            public_key=bytes(key.serialize()),
            fingerprint=bytes(origin.fingerprint),
            derivation=tuple(origin.derivation),
        )
        for key, origin in scope.bip32_derivations.items()
    )


def _previous(scope: Any) -> CTransaction | None:
    if scope.non_witness_utxo is None:
        return None
    with _readable():
        previous = CTransaction.deserialize(scope.non_witness_utxo.serialize())
    if txid_of(previous)[::-1] != bytes(scope.txid):
        raise EncodingError("a PSBT whose previous transaction is another one", hint="do not sign it")
    return previous


def _spent(scope: Any) -> CTxOut | None:
    """What the input spends, as the whole previous transaction or else the bare output tells; both must agree."""
    bare = None if scope.witness_utxo is None else CTxOut.deserialize(scope.witness_utxo.serialize())
    if scope.non_witness_utxo is None:
        return bare
    outputs = scope.non_witness_utxo.vout
    if scope.vout >= len(outputs):
        raise EncodingError("a PSBT whose previous transaction lacks the spent output")
    whole = CTxOut.deserialize(outputs[scope.vout].serialize())
    if bare is not None and bare != whole:
        raise EncodingError("a PSBT whose two accounts of a spent coin differ", hint="do not sign it")
    return whole


def _read(raw: bytes) -> _Document:
    """A PSBT, after it was checked that embit's object holds exactly what the bytes say."""
    maps = tuple(field_maps(raw))
    _check_counts(maps)
    with _readable():
        psbt = PSBT.parse(raw)
        psbt.verify(ignore_missing=True)
        again = tuple(field_maps(bytes(psbt.serialize())))
        tx = _transaction(psbt, maps)
    if psbt.version == 2:
        for index in range(len(psbt.inputs)):
            if _INPUT_SEQUENCE not in maps[1 + index]:
                again[1 + index].pop(_INPUT_SEQUENCE, None)
    else:
        maps[0].pop(_VERSION, None)
        again[0][_TX] = maps[0][_TX]
    if again != maps:
        raise EncodingError("a PSBT with fields that cannot be read reliably", hint="make it again with another tool")
    return _Document(maps, tx, psbt)


def _check_counts(maps: tuple[FieldMap, ...]) -> None:
    """One map for the whole, one for each input and output; checked before embit makes room for them."""
    top = maps[0]
    version = int.from_bytes(top.get(_VERSION, bytes(4)), "little")
    if version not in (0, 2) or (_TX in top) == (version == 2):
        raise EncodingError(f"a PSBT of version {version}, or one without its transaction", hint="versions 0 and 2")
    with _readable():
        if version == 0:
            tx = CTransaction.deserialize(top[_TX])
            inputs, outputs = len(tx.vin), len(tx.vout)
        else:
            inputs, outputs = (compact(BytesIO(top[key])) for key in (b"\x04", b"\x05"))
    if len(maps) != 1 + inputs + outputs or not inputs:
        raise EncodingError("a PSBT whose counts of inputs and outputs do not fit")
    if version == 2 and len(top.get(_MODIFIABLE, b"\x00")) != 1:
        raise EncodingError("a PSBT whose word on what may be changed is not one byte")


@contextmanager
def _readable() -> Iterator[None]:
    """embit and the deserialisers raise whatever their readers meet; to the caller it is malformed input."""
    try:
        yield
    except EncodingError:
        raise
    except (
        EmbitError,
        SerializationError,
        struct.error,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        RuntimeError,
        AssertionError,
    ) as error:
        raise EncodingError("a malformed PSBT", hint="copy it once more, whole") from error
