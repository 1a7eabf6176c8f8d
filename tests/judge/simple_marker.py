"""Markers, read twice: as the Open Assets reference reads them, and as strictly as closed transfers want them."""

from typing import NamedTuple

from tests.judge.simple_transaction import Cursor, SimpleTx

TAG = bytes.fromhex("4f410100")
LIMIT = 2**63


class SimpleMarker(NamedTuple):
    quantities: tuple[int, ...]
    metadata: bytes
    payload: bytes


def loose_marker(script: bytes) -> SimpleMarker | None:
    """OP_RETURN and exactly one push, by whichever opcode; padded numbers pass, bytes at the end do not."""
    payload = _only_push(script)
    if payload is None or payload[:4] != TAG:
        return None
    cursor = Cursor(payload)
    try:
        cursor.take(4)
        quantities = tuple(_leb128(cursor) for _ in range(_bounded(cursor.compact(), payload)))
        metadata = cursor.block()
    except IndexError:
        return None
    if cursor.at != len(payload) or any(quantity >= LIMIT for quantity in quantities):
        return None
    return SimpleMarker(quantities, metadata, payload)


def strict_marker(tx: SimpleTx) -> tuple[int, SimpleMarker] | None:
    """The marker output's number and the marker, if the transaction has the one marker of rule 1; else None."""
    hits = [n for n, script in enumerate(tx.scripts) if script[:1] == b"\x6a" and TAG in script]
    if len(hits) != 1:
        return None
    marker = loose_marker(tx.scripts[hits[0]])
    if marker is None:
        return None
    written_again = TAG + _compact(len(marker.quantities)) + b"".join(map(_shortest_leb128, marker.quantities))
    written_again += _compact(len(marker.metadata)) + marker.metadata
    if tx.scripts[hits[0]] != b"\x6a" + _shortest_push(len(written_again)) + written_again:
        return None
    too_many = len(marker.quantities) > len(tx.scripts) - 1
    if too_many or marker.quantities[-1:] == (0,) or sum(marker.quantities) >= LIMIT:
        return None
    return hits[0], marker


def slots(tx: SimpleTx, marker_output: int, quantities: tuple[int, ...]) -> list[tuple[int, int]]:
    """(output number, quantity) in order: the quantities go to the outputs, passing over the marker's."""
    numbers = [n for n in range(len(tx.scripts)) if n != marker_output]
    return list(zip(numbers, quantities, strict=False))


def _bounded(count: int, payload: bytes) -> int:
    if count > len(payload):
        raise IndexError("more quantities than bytes")
    return count


def _only_push(script: bytes) -> bytes | None:
    if script[:1] != b"\x6a":
        return None
    cursor = Cursor(script)
    try:
        cursor.take(1)
        opcode = cursor.number(1)
        if opcode > 0x4E:
            return None
        size = opcode if opcode < 0x4C else cursor.number({0x4C: 1, 0x4D: 2, 0x4E: 4}[opcode])
        payload = cursor.take(size)
    except IndexError:
        return None
    return payload if cursor.at == len(script) else None


def _leb128(cursor: Cursor) -> int:
    value, shift = 0, 0
    while True:
        byte = cursor.number(1)
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value


def _shortest_leb128(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([0x80 | (value & 0x7F)])
        value >>= 7
    return out + bytes([value])


def _compact(value: int) -> bytes:
    if value < 0xFD:
        return bytes([value])
    if value <= 0xFFFF:
        return b"\xfd" + value.to_bytes(2, "little")
    return b"\xfe" + value.to_bytes(4, "little")


def _shortest_push(size: int) -> bytes:
    if size < 0x4C:
        return bytes([size])
    if size <= 0xFF:
        return b"\x4c" + bytes([size])
    if size <= 0xFFFF:
        return b"\x4d" + size.to_bytes(2, "little")
    return b"\x4e" + size.to_bytes(4, "little")
