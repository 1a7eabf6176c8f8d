"""The shapes of a node's answers, and the one way from its JSON into them.

Whatever a node, or what stands between it and us, can answer is either of its shape or a ChainError: JSON is read
strictly (no NaN, no Infinity, no number that only a float could hold, nesting and size bounded), and every number has
the bounds that it has in Bitcoin.
"""

from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec
from bitcoin.core import CTransaction
from bitcoin.core.serialize import SerializationError

from wallet.amount import COIN, MAX_MONEY, Sats
from wallet.errors import ChainError, EncodingError
from wallet.hashes import BlockHash, Txid, display, parse_block_hash, txid_of

T = TypeVar("T")

MAX_ANSWER = 256_000_000
"""Bytes of the longest answer that is read: a wallet with some 400,000 transactions."""

Height = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""A block height, or how many blocks there are."""

Confirmations = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""Negative for what stands in conflict with the best chain."""

Seconds = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
"""Unix seconds, as a block's header has them."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""How many of anything else."""

OutputNumber = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
"""The number of an output."""

Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""A share that is done."""


def decode(raw: bytes) -> object:
    """The value that JSON bytes hold, decimal numbers as Decimal. Raises ValueError for what is no strict JSON.

    Decimals are exact, so their exponent is bounded before anybody calculates with them.
    """
    if len(raw) > MAX_ANSWER:
        raise ValueError("an answer that is too long")
    try:
        return _DECODER.decode(raw)
    except (msgspec.MsgspecError, ArithmeticError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError("no JSON, or a number out of all bounds") from error


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(number.adjusted()) > _EXPONENT or abs(exponent) > _EXPONENT:
        raise ValueError("a number out of all bounds")
    return number


_EXPONENT = 100
"""Powers of ten beyond which no number of a node lies, a difficulty included."""

_DECODER = msgspec.json.Decoder(float_hook=_decimal)


class ChainInfo(msgspec.Struct, frozen=True, kw_only=True):
    """getblockchaininfo."""

    chain: str
    blocks: Height
    headers: Height
    bestblockhash: str
    time: Seconds | None = None
    initialblockdownload: bool = False
    pruned: bool = False
    pruneheight: Height | None = None
    signet_challenge: str | None = None
    warnings: str | list[str] = ""


class BlockHeader(msgspec.Struct, frozen=True, kw_only=True):
    """getblockheader; `confirmations` is -1 off the best chain."""

    height: Height
    time: Seconds
    confirmations: Confirmations


class RawTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """getrawtransaction at verbosity 1; `confirmations` is 0 or missing where `blockhash` is off the best chain."""

    hex: str
    blockhash: str | None = None
    confirmations: Confirmations = 0


class ScriptAnswer(msgspec.Struct, frozen=True):
    """The scriptPubKey object; only its bytes are believed."""

    hex: str


class UtxoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """gettxout."""

    bestblock: str
    confirmations: Confirmations
    value: Decimal
    script: ScriptAnswer = msgspec.field(name="scriptPubKey")
    coinbase: bool = False


class SpendingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One row of gettxspendingprevout."""

    txid: str
    vout: OutputNumber
    spendingtxid: str | None = None


class IndexAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of getindexinfo."""

    synced: bool
    best_block_height: Annotated[int, msgspec.Meta(ge=-1, le=2**31 - 1)]


class SmartFee(msgspec.Struct, frozen=True, kw_only=True):
    """estimatesmartfee; `feerate` (BTC/kvB) is missing where nothing is known."""

    feerate: Decimal | None = None
    blocks: Height = 0


class MempoolInfo(msgspec.Struct, frozen=True, kw_only=True):
    """getmempoolinfo; rates in BTC/kvB. Fields that only some versions have are optional."""

    mempoolminfee: Decimal
    minrelaytxfee: Decimal
    loaded: bool = True
    size: Count = 0
    fullrbf: bool | None = None
    maxdatacarriersize: Count | None = None


class NetworkInfo(msgspec.Struct, frozen=True, kw_only=True):
    """getnetworkinfo."""

    version: Count
    subversion: str
    connections: Count = 0
    warnings: str | list[str] = ""


def convert(value: object, shape: type[T], method: str) -> T:
    """`value`, an answer to `method`, as `shape`. Raises ChainError where it is something else."""
    try:
        return msgspec.convert(value, shape)
    except (msgspec.ValidationError, ArithmeticError, RecursionError, ValueError) as error:
        raise ChainError(
            f"the node's answer to {method} is not what Bitcoin Core answers: {str(error)[:300]}",
            hint="is the address that of a bitcoind of version 25 or later?",
        ) from error


def sats_of(btc: Decimal) -> Sats:
    """An amount of the node's JSON, in BTC, as exactly that many satoshi."""
    if not btc.is_finite() or abs(btc) > MAX_MONEY // COIN or btc * COIN != (btc * COIN).to_integral_value():
        raise ChainError(f"the node named an impossible amount: {btc!s:.40} BTC")
    return Sats(int(btc * COIN))


def block_hash_of(text: str) -> BlockHash:
    """A block hash of the node's JSON."""
    try:
        return parse_block_hash(text)
    except EncodingError as error:
        raise ChainError(f"the node named an impossible block hash: {text[:80]!r}") from error


def bytes_of(text: str) -> bytes:
    """Hexadecimal of the node's JSON."""
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise ChainError("the node's answer is not hexadecimal") from error


def transaction_of(text: str, txid: Txid) -> CTransaction:
    """A transaction of the node's JSON, whose hash must be `txid`."""
    raw = bytes_of(text)
    try:
        tx = CTransaction.deserialize(raw)
    except (SerializationError, ValueError, IndexError, OverflowError, MemoryError) as error:
        raise ChainError(f"the node's transaction {display(txid)} cannot be read") from error
    if txid_of(tx) != txid or tx.serialize() != raw:
        raise ChainError(f"the node answered another transaction than {display(txid)}")
    return tx
