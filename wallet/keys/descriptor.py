"""Output descriptors (BIP380, BIP382) by which a node watches an account."""

from dataclasses import dataclass

from wallet.coins import AccountKind
from wallet.errors import EncodingError

_INPUT = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
_CHECKSUM = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0xF5DEE51989, 0xA9FDCA3312, 0x1BAB10E32D, 0x3706B1677A, 0x644D626FFD)
_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDescriptor:
    """A `wpkh` descriptor with its checksum, and which keys of the account it stands for.

    Ranged, for a whole chain, unless `number` names a single key.
    """

    text: str
    account: AccountKind
    chain: int
    number: int | None = None

    @property
    def is_change(self) -> bool:
        """Whether its addresses are for change only."""
        return self.chain == 1


def wpkh_descriptor(
    *, fingerprint: bytes, coin_type: int, account: AccountKind, chain: int, xpub: str
) -> OutputDescriptor:
    """`wpkh([fingerprint/84h/coinh/accounth]xpub/chain/*)#checksum`."""
    body = f"wpkh([{fingerprint.hex()}/84h/{coin_type}h/{account.value}h]{xpub}/{chain}/*)"
    return OutputDescriptor(text=f"{body}#{checksum(body)}", account=account, chain=chain)


def lot_descriptor(
    *, fingerprint: bytes, coin_type: int, account: AccountKind, number: int, public_key: bytes
) -> OutputDescriptor:
    """`wpkh([fingerprint/84h/coinh/accounth/numberh]key)#checksum`: a single key below hardened steps."""
    body = f"wpkh([{fingerprint.hex()}/84h/{coin_type}h/{account.value}h/{number}h]{public_key.hex()})"
    return OutputDescriptor(text=f"{body}#{checksum(body)}", account=account, chain=0, number=number)


def checksum(body: str) -> str:
    """The eight characters that follow `#` (BIP380). Raises EncodingError for characters a descriptor cannot hold."""
    value = _polymod([*_symbols(body), *[0] * _LENGTH]) ^ 1
    return "".join(_CHECKSUM[value >> 5 * (_LENGTH - 1 - i) & 31] for i in range(_LENGTH))


def check_descriptor(text: str) -> str:
    """The descriptor without its checksum. Raises EncodingError where the checksum is missing or wrong."""
    body, separator, tail = text.rpartition("#")
    if not separator or checksum(body) != tail:
        raise EncodingError("the checksum of the descriptor is missing or wrong", hint="copy it once more, whole")
    return body


def _symbols(body: str) -> list[int]:
    """Each character's place in its group of 32, and after every third the three groups as one number."""
    symbols: list[int] = []
    groups: list[int] = []
    for character in body:
        place = _INPUT.find(character)
        if place < 0:
            raise EncodingError(f"a descriptor cannot hold {character!r}")
        symbols.append(place & 31)
        groups.append(place >> 5)
        if len(groups) == 3:
            symbols.append(groups[0] * 9 + groups[1] * 3 + groups[2])
            groups = []
    if groups:
        symbols.append(groups[0] if len(groups) == 1 else groups[0] * 3 + groups[1])
    return symbols


def _polymod(symbols: list[int]) -> int:
    value = 1
    for symbol in symbols:
        top = value >> 35
        value = (value & 0x7FFFFFFFF) << 5 ^ symbol
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                value ^= generator
    return value
