"""The outer form of a PSBT (BIP174): maps of keys and values, read strictly, with no meaning given to any key."""

from collections.abc import Iterable, Iterator
from io import BytesIO

from wallet.errors import EncodingError

MAX_PSBT = 1024 * 1024
"""Bytes of the largest PSBT that is read."""

MAGIC = b"psbt\xff"

FieldMap = dict[bytes, bytes]
"""One map: what is known of the whole, of an input, or of an output."""


def field_maps(raw: bytes) -> Iterator[FieldMap]:
    """The key-value maps of a PSBT; each ends in a zero byte. Raises EncodingError for duplicates and truncation."""
    if len(raw) > MAX_PSBT:
        raise too_large()
    if not raw.startswith(MAGIC):
        raise EncodingError("not a PSBT", hint="a PSBT in base64 begins with cHNidP8")
    stream = BytesIO(raw)
    stream.seek(len(MAGIC))
    if len(raw) == len(MAGIC):
        raise EncodingError("a PSBT that ends too early", hint="copy it once more, whole")
    while stream.tell() < len(raw):
        fields: FieldMap = {}
        while key := _chunk(stream):
            if key in fields:
                raise EncodingError("a PSBT that holds one field twice")
            fields[key] = _chunk(stream)
        yield fields


def _chunk(stream: BytesIO) -> bytes:
    length = compact(stream)
    data = stream.read(length) if length <= MAX_PSBT else b""
    if len(data) != length:
        raise EncodingError("a PSBT that ends too early", hint="copy it once more, whole")
    return data


def compact(stream: BytesIO) -> int:
    """Bitcoin's variable-length integer, in its shortest form only."""
    first = stream.read(1)
    size = {0xFD: 2, 0xFE: 4, 0xFF: 8}.get(first[0], 0) if first else 0
    rest = stream.read(size)
    if not first or len(rest) != size:
        raise EncodingError("a PSBT that ends too early", hint="copy it once more, whole")
    value = int.from_bytes(rest, "little") if size else first[0]
    if size and value < {2: 0xFD, 4: 0x10000, 8: 0x100000000}[size]:
        raise EncodingError("a PSBT with a length that is not in its shortest form")
    return value


def written(maps: Iterable[FieldMap]) -> bytes:
    """The inverse of `field_maps`."""
    return MAGIC + b"".join(
        b"".join(_counted(key) + _counted(value) for key, value in fields.items()) + b"\x00" for fields in maps
    )


def _counted(data: bytes) -> bytes:
    length = len(data)
    for first, size, limit in ((0xFD, 2, 0x10000), (0xFE, 4, 0x100000000)):
        if length < 0xFD:
            break
        if length < limit:
            return bytes((first,)) + length.to_bytes(size, "little") + data
    return bytes((length,)) + data


def too_large() -> EncodingError:
    """The refusal of a PSBT above MAX_PSBT."""
    return EncodingError("the PSBT is too large", hint=f"at most {MAX_PSBT} bytes")
