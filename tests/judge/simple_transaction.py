"""Transactions from their bytes, as plainly as it goes."""

import hashlib
from typing import NamedTuple

Coin = tuple[str, int]
"""Txid in display hex, and the output's number."""

NOWHERE = "00" * 32


class SimpleTx(NamedTuple):
    """What colour and authorship depend on. `witnesses` has one tuple for each input."""

    txid: str
    spends: tuple[Coin, ...]
    scripts: tuple[bytes, ...]
    values: tuple[int, ...]
    witnesses: tuple[tuple[bytes, ...], ...]

    @property
    def is_coinbase(self) -> bool:
        return any(txid == NOWHERE for txid, _ in self.spends)


class Cursor:
    """Bytes read from the front; short input is an IndexError."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) < count:
            raise IndexError("too short")
        self.at += count
        return piece

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "little")

    def compact(self) -> int:
        first = self.number(1)
        return first if first < 0xFD else self.number({0xFD: 2, 0xFE: 4, 0xFF: 8}[first])

    def block(self) -> bytes:
        return self.take(self.compact())


def transaction_from_hex(text: str) -> SimpleTx:
    """A serialised transaction, with or without witnesses (BIP144), in hex."""
    return transaction_from_bytes(bytes.fromhex(text))


def transaction_from_bytes(raw: bytes) -> SimpleTx:
    """The same from its bytes."""
    cursor = Cursor(raw)
    version = cursor.take(4)
    segwit = raw[4:6] == b"\x00\x01"
    if segwit:
        cursor.take(2)
    start = cursor.at
    spends = []
    for _ in range(cursor.compact()):
        txid = cursor.take(32)[::-1].hex()
        spends.append((txid, cursor.number(4)))
        cursor.block()
        cursor.take(4)
    values, scripts = [], []
    for _ in range(cursor.compact()):
        values.append(cursor.number(8))
        scripts.append(cursor.block())
    body = raw[start : cursor.at]
    witnesses: list[tuple[bytes, ...]] = [()] * len(spends)
    if segwit:
        witnesses = [tuple(cursor.block() for _ in range(cursor.compact())) for _ in spends]
    stripped = version + body + cursor.take(4)
    assert cursor.at == len(raw)
    txid = hashlib.sha256(hashlib.sha256(stripped).digest()).digest()[::-1].hex()
    return SimpleTx(txid, tuple(spends), tuple(scripts), tuple(values), tuple(witnesses))
