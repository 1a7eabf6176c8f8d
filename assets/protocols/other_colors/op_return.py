"""What the outputs that nobody can spend say: the bytes behind OP_RETURN, as far as a sign can stand in them.

Protocols differ on push forms, so every one is read, several in a row are put together, and a push that is cut off
counts as far as it goes: a sign that one reader sees is a sign.
"""

from collections.abc import Iterator

from bitcoin.core import CTransaction

_OP_RETURN = 0x6A
_LONGEST_DIRECT = 0x4B
_LENGTH_BYTES = {0x4C: 1, 0x4D: 2, 0x4E: 4}
_PUSHES = 16

ENOUGH = 32
"""Bytes of a payload that are read: every sign stands at its beginning."""


def payloads(tx: CTransaction) -> Iterator[bytes]:
    """The first bytes that each OP_RETURN output pushes, in the order of the outputs."""
    for txout in tx.vout:
        script = bytes(txout.scriptPubKey)
        if script[:1] == bytes([_OP_RETURN]):
            yield _pushed(script)


def _pushed(script: bytes) -> bytes:
    found = b""
    at = 1
    for _ in range(_PUSHES):
        if at >= len(script) or len(found) >= ENOUGH:
            break
        opcode, at = script[at], at + 1
        if opcode > _LONGEST_DIRECT and opcode not in _LENGTH_BYTES:
            break
        size = _LENGTH_BYTES.get(opcode, 0)
        length = int.from_bytes(script[at : at + size], "little") if size else opcode
        at += size
        found += script[at : at + min(length, ENOUGH)]
        at += length
    return found[:ENOUGH]
