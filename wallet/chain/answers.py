"""The shapes of a node's answers, and the one way from its JSON into them."""

from decimal import Decimal
from typing import TypeVar

import msgspec
from bitcoin.core import CTransaction
from bitcoin.core.serialize import SerializationError

from wallet.amount import COIN, MAX_MONEY, Sats
from wallet.errors import ChainError, EncodingError
from wallet.hashes import BlockHash, Txid, display, parse_block_hash, txid_of

T = TypeVar("T")


class ChainInfo(msgspec.Struct, frozen=True, kw_only=True):
    """getblockchaininfo."""

    chain: str
    blocks: int
    headers: int
    bestblockhash: str
    time: int | None = None
    initialblockdownload: bool = False
    pruned: bool = False
    pruneheight: int | None = None
    signet_challenge: str | None = None
    warnings: str | list[str] = ""


class BlockHeader(msgspec.Struct, frozen=True, kw_only=True):
    """getblockheader; `confirmations` is -1 off the best chain."""

    height: int
    time: int
    confirmations: int


class RawTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """getrawtransaction at verbosity 1; `confirmations` is 0 or missing where `blockhash` is off the best chain."""

    hex: str
    blockhash: str | None = None
    confirmations: int = 0


class ScriptAnswer(msgspec.Struct, frozen=True):
    """The scriptPubKey object; only its bytes are believed."""

    hex: str


class UtxoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """gettxout."""

    bestblock: str
    confirmations: int
    value: Decimal
    script: ScriptAnswer = msgspec.field(name="scriptPubKey")
    coinbase: bool = False


class SpendingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One row of gettxspendingprevout."""

    txid: str
    vout: int
    spendingtxid: str | None = None


class IndexAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of getindexinfo."""

    synced: bool
    best_block_height: int


class SmartFee(msgspec.Struct, frozen=True, kw_only=True):
    """estimatesmartfee; `feerate` (BTC/kvB) is missing where nothing is known."""

    feerate: Decimal | None = None
    blocks: int = 0


class MempoolInfo(msgspec.Struct, frozen=True, kw_only=True):
    """getmempoolinfo; rates in BTC/kvB. Fields that only some versions have are optional."""

    mempoolminfee: Decimal
    minrelaytxfee: Decimal
    loaded: bool = True
    size: int = 0
    fullrbf: bool | None = None
    maxdatacarriersize: int | None = None


class NetworkInfo(msgspec.Struct, frozen=True, kw_only=True):
    """getnetworkinfo."""

    version: int
    subversion: str
    connections: int = 0
    warnings: str | list[str] = ""


def convert(value: object, shape: type[T], method: str) -> T:
    """`value`, an answer to `method`, as `shape`. Raises ChainError where it is something else."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise ChainError(
            f"the node's answer to {method} is not what Bitcoin Core answers: {error}",
            hint="is the address that of a bitcoind of version 25 or later?",
        ) from error


def sats_of(btc: Decimal) -> Sats:
    """An amount of the node's JSON, in BTC, as exactly that many satoshi."""
    sats = btc * COIN
    if not sats.is_finite() or sats != sats.to_integral_value() or abs(sats) > MAX_MONEY:
        raise ChainError(f"the node named an impossible amount: {btc!s:.40} BTC")
    return Sats(int(sats))


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
