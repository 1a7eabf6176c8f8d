"""The two spellings of integers inside a marker: Bitcoin's variable-length integers and unsigned LEB128."""


class Truncated(Exception):  # noqa: N818 - a signal inside the parser, turned into a Flaw before it leaves
    """The bytes end inside a field."""


def var_int(value: int) -> bytes:
    """Bitcoin's variable-length integer in its shortest form; `value` below 2^64."""
    if value < 0xFD:
        return bytes([value])
    if value <= 0xFFFF:
        return b"\xfd" + value.to_bytes(2, "little")
    if value <= 0xFFFFFFFF:
        return b"\xfe" + value.to_bytes(4, "little")
    return b"\xff" + value.to_bytes(8, "little")


def leb128(value: int) -> bytes:
    """Unsigned LEB128 in its shortest form: groups of seven bits, low ones first, the high bit says "more"."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


class Reader:
    """Walks over a payload. Every method raises Truncated where the bytes end too early."""

    def __init__(self, data: bytes, offset: int = 0) -> None:
        self._data = data
        self._offset = offset

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self._data) - self._offset

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > self.left:
            raise Truncated
        start = self._offset
        self._offset += size
        return self._data[start : self._offset]

    def var_int(self) -> int:
        """A variable-length integer in any of its four widths, shortest or not."""
        first = self.take(1)[0]
        width = {0xFD: 2, 0xFE: 4, 0xFF: 8}.get(first)
        return first if width is None else int.from_bytes(self.take(width), "little")

    def count(self) -> int:
        """A variable-length integer that announces so many items of at least one byte each."""
        count = self.var_int()
        if count > self.left:
            raise Truncated
        return count

    def leb128(self, largest: int) -> int | None:
        """An unsigned LEB128 integer of any length; None where its value is above `largest`.

        It is the value that is bounded, not the length: zero groups of padding pass. Groups beyond the bound are
        never shifted into a number, so that a megabyte of them costs linear time.
        """
        value = shift = 0
        fits = True
        while True:
            byte = self.take(1)[0]
            group = byte & 0x7F
            if group and fits:
                value |= group << min(shift, 64)
                fits = value <= largest
            if byte < 0x80:
                return value if fits else None
            shift += 7
