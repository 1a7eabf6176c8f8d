"""ECDSA signatures that commit to the whole transaction (SIGHASH_ALL), over BIP143's hash. No other kind is made."""

import struct
from functools import lru_cache

from bitcoin.core import CTransaction, CTxOut, Hash
from bitcoin.core.script import SIGHASH_ALL, CScript
from coincurve import PrivateKey, PublicKey

from wallet.hashes import hash160

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def is_p2wpkh(script: CScript) -> bool:
    """Whether a script is OP_0 and 20 bytes (BIP141)."""
    return len(script) == 22 and bytes(script[:2]) == b"\x00\x14"


@lru_cache(maxsize=65_536)
def p2wpkh_script(public_key: bytes) -> CScript:
    """The P2WPKH script of a compressed public key. The process remembers them."""
    return CScript(b"\x00\x14" + hash160(public_key))


def signature_hash(tx: CTransaction, index: int, spent: CTxOut) -> bytes:
    """The 32 bytes that the signature of a P2WPKH input covers under SIGHASH_ALL (BIP143).

    It covers every input, every output, the spent script and the spent amount. It is written out here because
    python-bitcoinlib's `SignatureHash` packs the lock time as a signed number, and so fails from 2^31 on.
    """
    assert 0 <= index < len(tx.vin), "no such input"
    assert is_p2wpkh(spent.scriptPubKey), "not P2WPKH"
    txin = tx.vin[index]
    parts = (
        struct.pack("<i", tx.nVersion),
        Hash(b"".join(each.prevout.serialize() for each in tx.vin)),
        Hash(b"".join(struct.pack("<I", each.nSequence) for each in tx.vin)),
        txin.prevout.serialize(),
        b"\x19\x76\xa9\x14" + bytes(spent.scriptPubKey)[2:] + b"\x88\xac",
        struct.pack("<qI", spent.nValue, txin.nSequence),
        Hash(b"".join(each.serialize() for each in tx.vout)),
        struct.pack("<II", tx.nLockTime, SIGHASH_ALL),
    )
    return bytes(Hash(b"".join(parts)))


def sign_input(private_key: bytes, tx: CTransaction, index: int, spent: CTxOut) -> bytes:
    """DER signature (RFC 6979 nonce, low S) with the sighash byte 01."""
    signature = PrivateKey(private_key).sign(signature_hash(tx, index, spent), hasher=None)
    return bytes(signature) + bytes((SIGHASH_ALL,))


def is_valid_signature(signature: bytes, public_key: bytes, tx: CTransaction, index: int, spent: CTxOut) -> bool:
    """Whether a signature with its sighash byte is what nodes accept and relay for this P2WPKH input.

    False unless it ends in 01, is strict DER (BIP66), has a low S (BIP146), and the key is compressed and hashes to
    the spent script.
    """
    if p2wpkh_script(public_key) != spent.scriptPubKey or len(public_key) != 33:
        return False
    if signature[-1:] != bytes((SIGHASH_ALL,)) or not _is_low_s_der(signature[:-1]):
        return False
    try:
        return bool(PublicKey(public_key).verify(signature[:-1], signature_hash(tx, index, spent), hasher=None))
    except ValueError:
        return False


def _is_low_s_der(signature: bytes) -> bool:
    """Strict DER of two positive integers without needless zeros, the second at most half the curve's order."""
    if not 8 <= len(signature) <= 72 or signature[0] != 0x30 or signature[1] != len(signature) - 2:
        return False
    rest = signature[2:]
    numbers: list[int] = []
    while rest and len(numbers) < 2:
        length = rest[1] if len(rest) > 1 else 0
        number = rest[2 : 2 + length]
        if rest[0] != 0x02 or length == 0 or len(number) != length or number[0] & 0x80:
            return False
        if length > 1 and number[0] == 0 and not number[1] & 0x80:
            return False
        numbers.append(int.from_bytes(number, "big"))
        rest = rest[2 + length :]
    return not rest and len(numbers) == 2 and numbers[0] > 0 and 0 < numbers[1] <= _HALF_ORDER
