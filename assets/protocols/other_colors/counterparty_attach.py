"""Counterparty: does a transaction bind units to one of its coins?

A message is `CNTRPRTY` and a body, encrypted by RC4 with the txid of input 0 as people read it. The cipher begins anew
in each OP_RETURN, and what several of them hold is one body. Whoever spends a coin with attached units moves them to
the first output that is no OP_RETURN, without a message and without being asked.
"""

from bitcoin.core import CTransaction

from assets.protocols.other_colors.op_return import payloads
from assets.protocols.other_colors.rc4 import keystream

PREFIX = b"CNTRPRTY"

_ATTACH_IDS = frozenset({100, 101})
"""Attach; and the message by which units were attached to coins before it."""

_ID_BYTES = 4


def attaches(tx: CTransaction) -> bool:
    """Whether an OP_RETURN opens to an attach, be it valid in the ledger or not.

    Several messages count one by one and put together, since readers could differ on them.
    """
    bodies = _bodies(tx)
    return any(_id(body) in _ATTACH_IDS for body in (b"".join(bodies), *bodies))


def _bodies(tx: CTransaction) -> list[bytes]:
    sealed = [payload for payload in payloads(tx) if len(payload) > len(PREFIX)]
    if not sealed or not tx.vin:
        return []
    stream = keystream(bytes(tx.vin[0].prevout.hash)[::-1], len(PREFIX) + _ID_BYTES)
    opened = (bytes(left ^ right for left, right in zip(payload, stream, strict=False)) for payload in sealed)
    return [plain.removeprefix(PREFIX) for plain in opened if plain.startswith(PREFIX)]


def _id(body: bytes) -> int | None:
    """The message's number: one byte, or four of which the first is zero."""
    if not body:
        return None
    return body[0] or int.from_bytes(body[:_ID_BYTES].ljust(_ID_BYTES, b"\x00"), "big")
