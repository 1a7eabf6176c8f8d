"""Names for hashes, and the one place that reverses them for people.

Inside the program a txid or block hash is 32 bytes in internal order, as in `COutPoint.hash`.
People, RPC and documents see it reversed, in hex.
"""

import hashlib
import re
from typing import NewType

from bitcoin.core import COutPoint, CTransaction, Hash160

from wallet.errors import EncodingError

Txid = NewType("Txid", bytes)
"""32 bytes, internal order."""

BlockHash = NewType("BlockHash", bytes)
"""32 bytes, internal order."""

_HEX32 = re.compile(r"[0-9a-f]{64}")
_OUTPOINT = re.compile(r"([0-9a-f]{64}):(0|[1-9][0-9]{0,9})")


def sha256(data: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(data).digest()


def hash160(data: bytes) -> bytes:
    """20 bytes: RIPEMD160 of SHA256. By OpenSSL where it has RIPEMD160, which is a hundred times faster."""
    try:
        return hashlib.new("ripemd160", sha256(data)).digest()
    except ValueError:
        return bytes(Hash160(data))


def display(value: bytes) -> str:
    """A txid or block hash as people see it: reversed, lower-case hex."""
    return value[::-1].hex()


def _parse(text: str, what: str) -> bytes:
    if not _HEX32.fullmatch(text):
        raise EncodingError(f"not a {what}: {text[:80]!r}", hint="expected 64 lower-case hexadecimal digits")
    return bytes.fromhex(text)[::-1]


def parse_txid(text: str) -> Txid:
    """The inverse of `display` for a transaction id."""
    return Txid(_parse(text, "transaction id"))


def parse_block_hash(text: str) -> BlockHash:
    """The inverse of `display` for a block hash."""
    return BlockHash(_parse(text, "block hash"))


def txid_of(tx: CTransaction) -> Txid:
    """The id of a transaction, witnesses not counted (BIP141)."""
    return Txid(tx.GetTxid())


def outpoint_text(outpoint: COutPoint) -> str:
    """`<txid>:<vout>` in display order."""
    return f"{display(outpoint.hash)}:{outpoint.n}"


def parse_outpoint(text: str) -> COutPoint:
    """The inverse of `outpoint_text`."""
    match = _OUTPOINT.fullmatch(text)
    if match is None or int(match[2]) > 0xFFFFFFFE:
        raise EncodingError(f"not an outpoint: {text[:100]!r}", hint="expected TXID:VOUT")
    return COutPoint(bytes.fromhex(match[1])[::-1], int(match[2]))
