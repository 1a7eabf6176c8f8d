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
    """The same from its bytes. A campaign reads millions, so it goes by offsets."""
    segwit = raw[4:6] == b"\x00\x01"
    start = at = 6 if segwit else 4
    count, at = _compact(raw, at)
    spends = []
    for _ in range(count):
        spends.append((raw[at : at + 32][::-1].hex(), int.from_bytes(raw[at + 32 : at + 36], "little")))
        _, at = _block(raw, at + 36)
        at += 4
    count, at = _compact(raw, at)
    values, scripts = [], []
    for _ in range(count):
        values.append(int.from_bytes(raw[at : at + 8], "little"))
        script, at = _block(raw, at + 8)
        scripts.append(script)
    body = raw[start:at]
    witnesses: list[tuple[bytes, ...]] = [()] * len(spends)
    for number in range(len(spends)) if segwit else ():
        count, at = _compact(raw, at)
        items = []
        for _ in range(count):
            item, at = _block(raw, at)
            items.append(item)
        witnesses[number] = tuple(items)
    assert at + 4 == len(raw), "a transaction ends with its lock time"
    txid = hashlib.sha256(hashlib.sha256(raw[:4] + body + raw[at:]).digest()).digest()[::-1].hex()
    return SimpleTx(txid, tuple(spends), tuple(scripts), tuple(values), tuple(witnesses))


def _compact(raw: bytes, at: int) -> tuple[int, int]:
    first = raw[at]
    if first < 0xFD:
        return first, at + 1
    size = {0xFD: 2, 0xFE: 4, 0xFF: 8}[first]
    return int.from_bytes(raw[at + 1 : at + 1 + size], "little"), at + 1 + size


def _block(raw: bytes, at: int) -> tuple[bytes, int]:
    size, at = _compact(raw, at)
    return raw[at : at + size], at + size
