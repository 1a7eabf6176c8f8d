"""Ports to a blockchain: what the wallet and the index ask of a node.

Answers are re-hashed by the implementation before they leave it. Omission cannot be seen that way, so whoever
answers about a coin asks `unspent` last and compares the tip that the answer names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from bitcoin.core import COutPoint, CTransaction, CTxOut

from wallet.fees import FeeEstimate
from wallet.hashes import BlockHash, Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """The last block of the best chain. `time` is its header's, in unix seconds; `headers` the best header's height.

    `syncing` is true while the node says that it still downloads the chain.
    """

    height: int
    hash: BlockHash
    time: int
    headers: int
    syncing: bool


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A block by height and hash."""

    height: int
    hash: BlockHash


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTransaction:
    """A transaction with witnesses, and the block that holds it (None in the mempool)."""

    tx: CTransaction
    block: BlockRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinAnswer:
    """Whether a coin is in the UTXO set of the chain, mempool ignored, as of the block `tip`.

    `txout` is None where the coin does not exist or is spent.
    """

    txout: CTxOut | None
    tip: BlockHash
    height: int | None = None
    coinbase: bool = False


class BestChain(Protocol):
    """What tells whether a block is in the best chain: the question before anything remembered of a block is used."""

    def tip(self) -> Tip:
        """The best block. Raises ChainUnavailableError, WrongNetworkError."""

    def block_hash(self, height: int) -> BlockHash | None:
        """The hash of the best chain's block at a height; None above the tip."""


def stands(block: BlockRef | None, chain: BestChain) -> bool:
    """Whether a block is in the best chain. None, for a block that nobody knows, is not."""
    return block is not None and chain.block_hash(block.height) == block.hash


class TxSource(BestChain, Protocol):
    """Single transactions and coins."""

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        """A transaction of the chain or the mempool; None where there is none.

        Raises ChainError where the node could not know (no transaction index).
        """

    def unspent(self, outpoint: COutPoint) -> CoinAnswer:
        """Whether the coin is unspent in the chain, whatever the mempool says."""

    def spender(self, outpoint: COutPoint) -> CTransaction | None:
        """The mempool's transaction that spends the coin, or None."""

    def broadcast(self, tx: CTransaction) -> Txid:
        """Hand a signed transaction to the network. A transaction the node already has is no error.

        Raises RpcError with the node's reason.
        """

    def fee_estimate(self, target: int) -> FeeEstimate:
        """The fee rate for confirmation within `target` blocks. Raises FeeError where nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHeader:
    """What a block of the best chain commits to: its height, and the Merkle root of its transactions' ids."""

    height: int
    merkle_root: bytes


class HeaderSource(Protocol):
    """Headers of the best chain, which pruned nodes keep as well."""

    def header(self, block: BlockHash) -> ChainHeader | None:
        """The header of a block, hashed again; None where the best chain does not hold it."""


class BlockSource(BestChain, Protocol):
    """Whole blocks in height order."""

    def blocks(self, start: int, stop: int) -> Iterator[tuple[BlockRef, bytes]]:
        """Raw serialised blocks of the heights start..stop (inclusive), each with its header hash checked, and
        each one's previous-block hash equal to the block before; ends early where the chain changed meanwhile.

        Raises ChainError where a block is pruned away.
        """
