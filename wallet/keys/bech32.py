"""Bech32 and bech32m (BIP173, BIP350), and the witness programs that they carry."""

from dataclasses import dataclass
from enum import IntEnum

from wallet.errors import EncodingError

MAX_LENGTH = 90
"""Characters of the longest string that the code protects (BIP173)."""

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6
_MAX_VERSION = 16


class Variant(IntEnum):
    """The constant that the checksum ends in."""

    BECH32 = 1
    BECH32M = 0x2BC830A3


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessProgram:
    """A witness version (0 to 16) and its program (2 to 40 bytes), with the prefix that the text carried."""

    hrp: str
    version: int
    program: bytes

    @property
    def script(self) -> bytes:
        """The output script: OP_n and one push (BIP141)."""
        opcode = 0x50 + self.version if self.version else 0
        return bytes((opcode, len(self.program))) + self.program


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                checksum ^= generator
    return checksum


def _expand(hrp: str) -> list[int]:
    return [ord(character) >> 5 for character in hrp] + [0] + [ord(character) & 31 for character in hrp]


def encode(hrp: str, data: tuple[int, ...], variant: Variant) -> str:
    """The string of 5-bit values under a lower-case prefix."""
    checksum = _polymod([*_expand(hrp), *data, *[0] * _CHECKSUM_LENGTH]) ^ variant
    tail = tuple(checksum >> 5 * (_CHECKSUM_LENGTH - 1 - i) & 31 for i in range(_CHECKSUM_LENGTH))
    return f"{hrp}1{''.join(_ALPHABET[value] for value in data + tail)}"


def decode(text: str) -> tuple[str, tuple[int, ...], Variant]:
    """Prefix (lower case), 5-bit values without the checksum, and which checksum fits.

    Raises EncodingError for anything that is neither valid bech32 nor valid bech32m.
    """
    if len(text) > MAX_LENGTH:
        raise EncodingError("too long for a bech32 address", hint=f"at most {MAX_LENGTH} characters")
    if any(not "!" <= character <= "~" for character in text):
        raise EncodingError("a bech32 address holds printable ASCII only")
    if text.lower() != text and text.upper() != text:
        raise EncodingError("a bech32 address mixes upper and lower case", hint="use one or the other")
    hrp, separator, rest = text.lower().rpartition("1")
    if not separator or not hrp or len(rest) < _CHECKSUM_LENGTH:
        raise EncodingError("not a bech32 address: prefix, separator or checksum is missing")
    if any(character not in _VALUES for character in rest):
        raise EncodingError("not a bech32 address: a character that bech32 does not use")
    data = [_VALUES[character] for character in rest]
    try:
        variant = Variant(_polymod(_expand(hrp) + data))
    except ValueError:
        raise EncodingError("the checksum of the address is wrong", hint="a character is mistyped or missing") from None
    return hrp, tuple(data[:-_CHECKSUM_LENGTH]), variant


def encode_program(hrp: str, version: int, program: bytes) -> str:
    """The address of a witness program: bech32 for version 0, bech32m for all others (BIP350)."""
    variant = Variant.BECH32 if version == 0 else Variant.BECH32M
    return encode(hrp, (version, *_to_fives(program)), variant)


def decode_program(text: str) -> WitnessProgram:
    """The witness program of an address, under BIP350's rules; the prefix is not judged here."""
    hrp, data, variant = decode(text)
    if not data or data[0] > _MAX_VERSION:
        raise EncodingError("not a segwit address: no witness version that exists")
    version = data[0]
    if variant is not (Variant.BECH32 if version == 0 else Variant.BECH32M):
        raise EncodingError(f"witness version {version} with the other version's checksum")
    program = _to_eights(data[1:])
    if not 2 <= len(program) <= 40 or (version == 0 and len(program) not in (20, 32)):
        raise EncodingError(f"a witness program of version {version} cannot have {len(program)} bytes")
    return WitnessProgram(hrp=hrp, version=version, program=program)


def _to_fives(data: bytes) -> tuple[int, ...]:
    padding = -len(data) * 8 % 5
    number = int.from_bytes(data, "big") << padding
    count = (len(data) * 8 + padding) // 5
    return tuple(number >> 5 * (count - 1 - i) & 31 for i in range(count))


def _to_eights(values: tuple[int, ...]) -> bytes:
    padding = len(values) * 5 % 8
    number = 0
    for value in values:
        number = number << 5 | value
    if padding > 4 or number & ((1 << padding) - 1):
        raise EncodingError("not a segwit address: the padding is wrong")
    return (number >> padding).to_bytes(len(values) * 5 // 8, "big")
