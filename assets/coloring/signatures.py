"""What the signature of an input covers, read from its witness alone.

The node has checked that the signature is valid; here only its sighash byte is judged: SIGHASH_ALL (and Taproot's
default) covers every input and output, anything else lets somebody rebuild the transaction around it.
"""

from collections.abc import Sequence
from enum import Enum

from bitcoin.core import CTransaction

from wallet.hashes import sha256

SIGHASH_ALL = 0x01

_OP_1, _OP_CHECKMULTISIG = 0x51, 0xAE
_KEY_PUSH = 34
"""Bytes of one compressed key with its push opcode."""
_MAX_KEYS = 16
"""The most keys that a number opcode can count."""


class Program(Enum):
    """The kinds of script whose spends can author a record."""

    P2WPKH = (0x00, 20)
    P2WSH = (0x00, 32)
    P2TR = (0x51, 32)


def program_of(script: bytes) -> Program | None:
    """The kind of a script; None for legacy, P2SH and unknown witness versions."""
    if len(script) < 2 or len(script) != script[1] + 2:
        return None
    shape = (script[0], script[1])
    return next((program for program in Program if program.value == shape), None)


def witness_of(tx: CTransaction, number: int) -> tuple[bytes, ...]:
    """The witness stack of an input; empty where the transaction came without it."""
    if number >= len(tx.wit.vtxinwit):
        return ()
    return tuple(bytes(item) for item in tx.wit.vtxinwit[number].scriptWitness.stack)


def commits_to_everything(witness: Sequence[bytes], script: bytes) -> bool | None:
    """Whether the signature that spends `script` covers the whole transaction (records, rule 3).

    P2WPKH: two items, the signature ends in 01. P2TR: exactly one item, of 64 bytes, or of 65 ending in 01. P2WSH: the
    script is a bare m-of-n of compressed keys, its witness an empty item, m signatures in strict DER that each end in
    01, and the script; with any looser form somebody between owner and block could change what it seems to say. Nothing
    else can author: False. None where the script needs a witness and there is none, so that nothing can be said.
    """
    program = program_of(bytes(script))
    if program is None:
        return False
    if not witness:
        return None
    match program:
        case Program.P2WPKH:
            return len(witness) == 2 and _is_all(witness[0])
        case Program.P2TR:
            return len(witness) == 1 and (len(witness[0]) == 64 or (len(witness[0]) == 65 and _is_all(witness[0])))
        case Program.P2WSH:
            needed = _signatures_needed(witness[-1]) if sha256(witness[-1]) == bytes(script)[2:] else None
            signatures = witness[1:-1]
            return (
                needed is not None
                and len(witness) == needed + 2
                and not witness[0]
                and all(is_strict_der(item) and _is_all(item) for item in signatures)
            )


def _signatures_needed(script: bytes) -> int | None:
    """m, where a script is exactly `m <33-byte keys> n OP_CHECKMULTISIG`; None for every other."""
    body, count = script[1:-2], len(script[1:-2]) // _KEY_PUSH
    if len(script) < 3 or not 1 <= count <= _MAX_KEYS or len(body) != count * _KEY_PUSH:
        return None
    needed = script[0] - _OP_1 + 1
    if not 1 <= needed <= count or script[-2:] != bytes([_OP_1 + count - 1, _OP_CHECKMULTISIG]):
        return None
    pushes = body[::_KEY_PUSH]
    return needed if pushes == bytes([_KEY_PUSH - 1]) * count else None


def _is_all(signature: bytes) -> bool:
    return signature[-1:] == b"\x01"


def is_strict_der(item: bytes) -> bool:
    """Whether an item has the form of an ECDSA signature with its sighash byte, as BIP66 demands of every signature.

    `30 total 02 len(R) R 02 len(S) S sighash`: 9 to 73 bytes, R and S positive and without needless zeros in front.
    """
    if not 9 <= len(item) <= 73 or item[0] != 0x30 or item[1] != len(item) - 3:
        return False
    r_size = item[3]
    if r_size + 5 >= len(item):
        return False
    s_size = item[r_size + 5]
    if r_size + s_size + 7 != len(item):
        return False
    r_field = item[2 : 4 + r_size]
    s_field = item[4 + r_size : -1]
    return _is_der_integer(r_field) and _is_der_integer(s_field)


def _is_der_integer(field: bytes) -> bool:
    """`02 length value`: not empty, not negative, no zero byte in front unless the next one needs it."""
    if field[0] != 0x02 or field[1] == 0:
        return False
    value = field[2:]
    if value[0] & 0x80:
        return False
    return len(value) < 2 or value[0] != 0 or bool(value[1] & 0x80)
