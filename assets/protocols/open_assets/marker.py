"""The Open Assets marker output: `OP_RETURN` and one push of tag, quantities and metadata.

Two readers. `marker_in` reads what the Open Assets reference implementation reads, paddings and long pushes included,
so that balances agree with every Open Assets wallet. `parse_closed` reads only the one spelling that all
implementations agree on, which is what genuine units move by.
"""

from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import CTransaction
from bitcoin.core.script import CScript

from assets.model import MAX_QUANTITY
from assets.protocols.open_assets.integers import Reader, Truncated, leb128, var_int

TAG = b"OA\x01\x00"
"""`OA`, and version 1 in little-endian."""

MAX_PAYLOAD = 80
"""Bytes of payload that every node relays."""

_OP_RETURN = 0x6A
_PUSHDATA1, _PUSHDATA2, _PUSHDATA4 = 0x4C, 0x4D, 0x4E
_LENGTH_BYTES = {_PUSHDATA1: 1, _PUSHDATA2: 2, _PUSHDATA4: 4}


class Flaw(StrEnum):
    """Why a transaction's marker moves no units. Data, not an error."""

    NOT_OPEN_ASSETS = "the payload does not begin with the tag of Open Assets version 1"
    TRUNCATED = "the payload ends inside a field"
    TRAILING_BYTES = "bytes follow the metadata"
    QUANTITY_TOO_LARGE = "a quantity is above 2^63 - 1"
    TOO_MANY_QUANTITIES = "there are more quantities than outputs beside the marker"
    SEVERAL_MARKERS = "more than one output looks like a marker"
    NOT_ONE_PUSH = "the marker's script is not OP_RETURN and one push"
    NOT_SHORTEST = "a push or an integer is not in its shortest form"
    TRAILING_ZERO = "the last quantity is zero"
    SUM_TOO_LARGE = "the quantities add up to more than 2^63 - 1"
    COINBASE = "a coinbase transaction moves no units"
    NO_GENUINE_INPUT = "input 0 holds no genuine units"
    ISSUES = "a quantity before the marker is not zero"
    TOO_FEW_UNITS = "the quantities need more units than the inputs hold"
    MIXED_ASSETS = "an output would hold units of two assets"
    BAD_GENESIS_QUANTITIES = "the quantities are not [1, N] with N from 1 to 2^53 - 1"
    BAD_GENESIS_RECORD = "the GENESIS record is malformed"
    PARTIAL_SIGNATURE = "the signature of input 0 does not commit to the whole transaction"


@dataclass(frozen=True, slots=True)
class Marker:
    """What a marker says: how many units each output gets (the marker itself skipped), and bytes for anyone."""

    quantities: tuple[int, ...]
    metadata: bytes

    def serialize(self) -> bytes:
        """The payload in its shortest form."""
        return b"".join(
            (
                TAG,
                var_int(len(self.quantities)),
                *(leb128(quantity) for quantity in self.quantities),
                var_int(len(self.metadata)),
                self.metadata,
            )
        )


def parse_payload(payload: bytes) -> Marker | Flaw:
    """A payload as the reference reads it: padded integers pass, bytes after the metadata do not."""
    if not payload.startswith(TAG):
        return Flaw.NOT_OPEN_ASSETS
    reader = Reader(payload, len(TAG))
    try:
        quantities = []
        for _ in range(reader.count()):
            quantity = reader.leb128(MAX_QUANTITY)
            if quantity is None:
                return Flaw.QUANTITY_TOO_LARGE
            quantities.append(quantity)
        metadata = reader.take(reader.var_int())
    except Truncated:
        return Flaw.TRUNCATED
    if reader.left:
        return Flaw.TRAILING_BYTES
    return Marker(tuple(quantities), metadata)


def payload_in(script: bytes) -> bytes | None:
    """The pushed bytes of a script that is exactly OP_RETURN and one push of any width; None for any other."""
    if len(script) < 2 or script[0] != _OP_RETURN:
        return None
    opcode, start = script[1], 2
    if opcode > _PUSHDATA4:
        return None
    if opcode in _LENGTH_BYTES:
        start += _LENGTH_BYTES[opcode]
        if len(script) < start:
            return None
        opcode = int.from_bytes(script[2:start], "little")
    return bytes(script[start:]) if len(script) == start + opcode else None


def script_of(payload: bytes) -> CScript:
    """OP_RETURN and the shortest push of the payload by length (never one of the numbers' opcodes)."""
    size = len(payload)
    if size < _PUSHDATA1:
        push = bytes([size])
    elif size <= 0xFF:
        push = bytes([_PUSHDATA1, size])
    elif size <= 0xFFFF:
        push = bytes([_PUSHDATA2]) + size.to_bytes(2, "little")
    else:
        push = bytes([_PUSHDATA4]) + size.to_bytes(4, "little")
    return CScript(bytes([_OP_RETURN]) + push + payload)


def marker_script(marker: Marker) -> CScript:
    """The output script that says what `marker` says, in the shortest form."""
    return script_of(marker.serialize())


def marker_in(script: bytes) -> Marker | Flaw | None:
    """What the reference reads in an output script. None: no marker at all; a Flaw: a marker that it cannot parse."""
    payload = payload_in(script)
    if payload is None or not payload.startswith(TAG):
        return None
    return parse_payload(payload)


def resembles_marker(script: bytes) -> bool:
    """Whether the script begins with OP_RETURN and holds the tag anywhere: what counts as "another marker"."""
    return script[:1] == b"\x6a" and TAG in bytes(script)


def parse_closed(tx: CTransaction) -> tuple[int, Marker] | Flaw | None:
    """The marker of a closed transfer (rule 1) and the number of its output.

    Exactly one output script begins with `6a` and contains the tag: OP_RETURN, the shortest push, integers in their
    shortest form, no trailing byte, no trailing zero quantity, every quantity and their sum at most 2^63 - 1, and at
    most as many quantities as there are other outputs. None where no output looks like a marker.
    """
    found = [number for number, txout in enumerate(tx.vout) if resembles_marker(txout.scriptPubKey)]
    if not found:
        return None
    if len(found) > 1:
        return Flaw.SEVERAL_MARKERS
    marker = _strict(bytes(tx.vout[found[0]].scriptPubKey), others=len(tx.vout) - 1)
    return marker if isinstance(marker, Flaw) else (found[0], marker)


def _strict(script: bytes, *, others: int) -> Marker | Flaw:
    payload = payload_in(script)
    if payload is None:
        return Flaw.NOT_ONE_PUSH
    marker = parse_payload(payload)
    if isinstance(marker, Flaw):
        return marker
    if marker_script(marker) != script:
        return Flaw.NOT_SHORTEST
    if marker.quantities and marker.quantities[-1] == 0:
        return Flaw.TRAILING_ZERO
    if len(marker.quantities) > others:
        return Flaw.TOO_MANY_QUANTITIES
    if sum(marker.quantities) > MAX_QUANTITY:
        return Flaw.SUM_TOO_LARGE
    return marker
