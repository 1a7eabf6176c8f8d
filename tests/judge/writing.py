"""Transactions, markers and records written by hand, byte by byte, for chains that no wallet would make."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from tests.judge.simple_transaction import Coin

TAG = bytes.fromhex("4f410100")

Output = tuple[int, bytes]
"""Value in satoshi, and script."""


class Written(NamedTuple):
    """A transaction in both forms; the txid is over the first."""

    txid: str
    stripped: bytes
    raw: bytes


def transaction(
    spends: Sequence[Coin], outputs: Sequence[Output], witnesses: Sequence[Sequence[bytes]], lock_time: int = 0
) -> Written:
    """Version 2, every sequence fffffffd; with no witness at all the raw form has no marker either."""
    inputs = b"".join(
        bytes.fromhex(txid)[::-1] + number.to_bytes(4, "little") + b"\x00\xfd\xff\xff\xff" for txid, number in spends
    )
    paid = b"".join(value.to_bytes(8, "little") + block(script) for value, script in outputs)
    body = compact(len(spends)) + inputs + compact(len(outputs)) + paid
    items = b"".join(compact(len(one)) + b"".join(map(block, one)) for one in witnesses)
    head, tail = b"\x02\x00\x00\x00", lock_time.to_bytes(4, "little")
    stripped = head + body + tail
    raw = head + b"\x00\x01" + body + items + tail if any(witnesses) else stripped
    return Written(hashlib.sha256(hashlib.sha256(stripped).digest()).digest()[::-1].hex(), stripped, raw)


def marker(quantities: Sequence[int], metadata: bytes = b"") -> Output:
    """A marker output in its one form."""
    payload = TAG + compact(len(quantities)) + b"".join(map(leb128, quantities)) + block(metadata)
    push = bytes([len(payload)]) if len(payload) < 76 else b"\x4c" + bytes([len(payload)])
    return 0, b"\x6a" + push + payload


def leb128(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([0x80 | (value & 0x7F)])
        value >>= 7
    return out + bytes([value])


def compact(value: int) -> bytes:
    return bytes([value]) if value < 0xFD else b"\xfd" + value.to_bytes(2, "little")


def block(data: bytes) -> bytes:
    return compact(len(data)) + data


def record(kind: int, body: bytes, version: int = 1) -> bytes:
    return b"DC" + bytes([version, kind]) + body


def release(digest: str, tags: bytes, *, final: bool = False) -> bytes:
    return record(9 if final else 2, bytes.fromhex(digest) + tags)


def revoke(digest: str, *, alone: bool = False, reason: int = 0) -> bytes:
    return record(3, bytes.fromhex(digest) + bytes([reason | (0x80 if alone else 0)]))


def seal(plaintext: str, ciphertext: str) -> bytes:
    return record(7, bytes.fromhex(plaintext) + bytes.fromhex(ciphertext))


def tag_key(tag: str) -> str:
    """By which a tag is known: sha256 in hex."""
    return hashlib.sha256(tag.encode()).hexdigest()


def signature(sighash: int = 1, salt: int = 0) -> bytes:
    """The strict form of an ECDSA signature over nothing."""
    r_value = bytes([0x11, salt]) + bytes(30)
    return b"\x30\x44\x02\x20" + r_value + b"\x02\x20" + b"\x12" + bytes(31) + bytes([sighash])


def multisig(needed: int, keys: int, salt: int = 0) -> bytes:
    """`m <33-byte keys> n OP_CHECKMULTISIG`."""
    pushes = b"".join(b"\x21\x02" + bytes([salt, number]) + bytes(30) for number in range(keys))
    return bytes([0x50 + needed]) + pushes + bytes([0x50 + keys, 0xAE])


def p2wpkh(name: str) -> bytes:
    return b"\x00\x14" + hashlib.sha256(name.encode()).digest()[:20]


def p2tr(name: str) -> bytes:
    return b"\x51\x20" + hashlib.sha256(name.encode()).digest()


def p2wsh(locking: bytes) -> bytes:
    return b"\x00\x20" + hashlib.sha256(locking).digest()
