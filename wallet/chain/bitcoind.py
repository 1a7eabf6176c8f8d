"""bitcoind as a source of single transactions, coins and whole blocks."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Self

from bitcoin.core import COutPoint, CTransaction, CTxOut, Hash
from bitcoin.core.script import CScript

from wallet.chain import answers
from wallet.chain.answers import block_hash_of, bytes_of, convert, sats_of, transaction_of
from wallet.chain.blocks import HEADER_BYTES, checked_blocks
from wallet.chain.endpoint import Endpoint
from wallet.chain.fee_source import GoodRate, choose_rate
from wallet.chain.preflight import refusal_of
from wallet.chain.refusals import broadcast_refusal
from wallet.chain.rest import Rest
from wallet.chain.rpc import NOT_FOUND, Rpc
from wallet.chain.source import BlockRef, ChainHeader, CoinAnswer, FoundTransaction, Tip
from wallet.chain.status import NodeStatus, node_status
from wallet.errors import ChainError, FeeError, RpcError
from wallet.fees import FeeEstimate, FeeRate
from wallet.hashes import BlockHash, Txid, display, txid_of
from wallet.network import Network
from wallet.remedies import WalletRemedy

if TYPE_CHECKING:
    # Only wallets watch scripts; what verifies does not load descriptors and histories.
    from wallet.chain.scripts import CoinSearch, Progress, ScriptSet, ScriptSource

_ATTEMPTS = 5
"""How often an answer that the arrival of a block spoiled is asked for again."""

_HEIGHTS = 10_000
"""How many heights of blocks are remembered, before they are forgotten all at once."""

_ALREADY_IN_CHAIN = -27


class Bitcoind:
    """A node that implements `TxSource`, `BlockSource`, `HeaderSource` and `CoinFinder`, from several threads at once.

    `clock` gives unix seconds; `last_rate` is an estimate that was good in an earlier run.
    """

    def __init__(
        self,
        rpc: Rpc,
        rest: Rest,
        network: Network,
        *,
        clock: Callable[[], float] = time.time,
        last_rate: GoodRate | None = None,
    ) -> None:
        if rpc.network != network:
            raise AssertionError("the connection is checked against another network")
        self._rpc = rpc
        self._rest = rest
        self._network = network
        self._clock = clock
        self._last_rate = last_rate
        self._heights: dict[str, int] = {}

    @classmethod
    def at(cls, endpoint: Endpoint, network: Network, *, timeout: float = 60.0) -> Self:
        """The node at an address. Nothing is sent before it is first asked; `timeout` is one call's, in seconds."""
        return cls(Rpc(endpoint, network=network, timeout=timeout), Rest(endpoint), network)

    def close(self) -> None:
        """Close the connections."""
        self._rest.close()
        self._rpc.close()

    @property
    def last_rate(self) -> GoodRate | None:
        """The newest estimate that was good, worth keeping for a later run."""
        return self._last_rate

    def tip(self) -> Tip:
        """The best block, its header's time and whether the node still downloads the chain."""
        info = self._rpc.ask(answers.ChainInfo, "getblockchaininfo")
        header = self._header(info.bestblockhash)
        return Tip(
            height=header.height,
            hash=block_hash_of(info.bestblockhash),
            time=header.time,
            headers=info.headers,
            syncing=info.initialblockdownload,
        )

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        """A transaction with witnesses and its block; None where chain and mempool have none.

        Raises ChainError where the node has no transaction index, or still builds it.
        """
        for _ in range(_ATTEMPTS):
            answer = self._raw_transaction(txid)
            if answer is None:
                return None
            tx = transaction_of(answer.hex, txid)
            if answer.blockhash is None:
                return FoundTransaction(tx=tx, block=None)
            header = self._header(answer.blockhash)
            if header.confirmations > 0:
                return FoundTransaction(tx=tx, block=BlockRef(header.height, block_hash_of(answer.blockhash)))
            # The index may still name a block that a reorganisation has left; if the answer stays so, that is all
            # there is: the transaction is neither in the best chain nor in the mempool.
            if answer.confirmations == 0:
                return None
        raise ChainError("the chain changes faster than the node can be asked", hint="try again")

    def unspent(self, outpoint: COutPoint) -> CoinAnswer:
        """Whether the coin is unspent in the chain, mempool ignored, and the block as of which this holds."""
        for _ in range(_ATTEMPTS):
            before, found, after = self._rpc.batch(
                (
                    ("getbestblockhash", ()),
                    ("gettxout", (display(outpoint.hash), outpoint.n, False)),
                    ("getbestblockhash", ()),
                )
            )
            if found is not None:
                return self._coin(convert(found, answers.UtxoAnswer, "gettxout"))
            if before == after:
                return CoinAnswer(txout=None, tip=block_hash_of(convert(before, str, "getbestblockhash")))
        raise ChainError("blocks arrive faster than the node can be asked", hint="try again")

    def spender(self, outpoint: COutPoint) -> CTransaction | None:
        """The mempool's transaction that spends the coin, or None."""
        query = [{"txid": display(outpoint.hash), "vout": outpoint.n}]
        rows = self._rpc.ask(list[answers.SpendingAnswer], "gettxspendingprevout", query)
        if not rows or rows[0].spendingtxid is None:
            return None
        txid = Txid(bytes_of(rows[0].spendingtxid)[::-1])
        try:
            answer = self._rpc.ask(answers.RawTransaction, "getrawtransaction", display(txid), 1)
        except RpcError as error:
            if error.code == NOT_FOUND:
                return None
            raise
        if answer.blockhash is not None:
            return None
        tx = transaction_of(answer.hex, txid)
        if all(txin.prevout != outpoint for txin in tx.vin):
            raise ChainError(f"the node names {display(txid)} as a spender of a coin that it does not spend")
        return tx

    def broadcast(self, tx: CTransaction) -> Txid:
        """Hand a signed transaction to the network. One that the node already has, in mempool or chain, is no error.

        Raises RpcError with the node's reason, and what can be done about it as its hint.
        """
        txid = txid_of(tx)
        try:
            taken = self._rpc.ask(str, "sendrawtransaction", tx.serialize().hex())
        except RpcError as error:
            if error.code != _ALREADY_IN_CHAIN and not self._has(tx):
                raise broadcast_refusal(error) from error
            return txid
        if taken != display(txid):
            raise ChainError("the node answers a broadcast with another transaction's id: nobody knows what it took")
        return txid

    def fee_estimate(self, target: int) -> FeeEstimate:
        """The fee rate for confirmation within `target` blocks (1 to 1008). Raises FeeError where nothing is known."""
        if not 1 <= target <= 1008:
            raise FeeError(f"no estimate for {target} blocks", hint="between 1 and 1008")
        smart = self._rpc.ask(answers.SmartFee, "estimatesmartfee", target)
        mempool = self._rpc.ask(answers.MempoolInfo, "getmempoolinfo")
        now = self._clock()
        estimate = None if smart.feerate is None else FeeRate(sats_of(smart.feerate))
        floor = FeeRate(max(sats_of(mempool.mempoolminfee), sats_of(mempool.minrelaytxfee)))
        if estimate is not None:
            self._last_rate = GoodRate(estimate, now)
        return choose_rate(
            target=max(target, smart.blocks),
            estimate=estimate,
            floor=floor,
            last=self._last_rate,
            now=now,
            network=self._network,
        )

    def block_hash(self, height: int) -> BlockHash | None:
        """The hash of the best chain's block at a height; None above the tip or below 0."""
        if height < 0 or height > 0x7FFFFFFF:
            return None
        try:
            return block_hash_of(self._rpc.ask(str, "getblockhash", height))
        except RpcError as error:
            if error.code == -8:
                return None
            raise

    def header(self, block: BlockHash) -> ChainHeader | None:
        """The header of a block of the best chain, hashed again; None for any other block."""
        name = display(block)
        try:
            known = self._header(name)
            raw = bytes_of(self._rpc.ask(str, "getblockheader", *(name, False)))
        except RpcError as error:
            if error.code == NOT_FOUND:
                return None
            raise
        if len(raw) != HEADER_BYTES or Hash(raw) != block:
            raise ChainError(f"the node answered another header than that of {name}", hint="do not trust this node")
        return ChainHeader(height=known.height, merkle_root=raw[36:68]) if known.confirmations > 0 else None

    def blocks(self, start: int, stop: int) -> Iterator[tuple[BlockRef, bytes]]:
        """Raw blocks of the heights start..stop; see `BlockSource.blocks`."""
        return checked_blocks(self._rpc, self._rest, start, stop)

    def refusal(self, tx: CTransaction) -> RpcError | None:
        """The error with which the node's mempool would refuse a transaction, or None."""
        return refusal_of(self._rpc, tx)

    def scripts(self, scripts: "ScriptSet") -> "ScriptSource":
        """What the node holds on a wallet's scripts, by a watching wallet inside it."""
        from wallet.chain.watch import WatchWallet

        return WatchWallet(self._rpc, scripts)

    def search(self, scripts: "ScriptSet", *, keys: int, progress: "Progress | None" = None) -> "CoinSearch":
        """What lies unspent on a wallet's scripts, by the node's UTXO set; see `CoinFinder.search`."""
        from wallet.chain.coin_search import search_coins

        return search_coins(self._rpc, scripts, keys=keys, progress=progress)

    def status(self) -> NodeStatus:
        """What a person should know about the node before relying on it."""
        return node_status(self._rpc, self._rest)

    def _header(self, block: str) -> answers.BlockHeader:
        return self._rpc.ask(answers.BlockHeader, "getblockheader", block)

    def _height(self, block: str) -> int:
        """The height of a block, on the best chain or not: it never changes for a hash."""
        if block not in self._heights:
            if len(self._heights) >= _HEIGHTS:
                self._heights.clear()
            self._heights[block] = self._header(block).height
        return self._heights[block]

    def _coin(self, answer: answers.UtxoAnswer) -> CoinAnswer:
        if answer.confirmations < 1:
            raise ChainError("the node named an unconfirmed coin as part of the chain")
        return CoinAnswer(
            txout=CTxOut(sats_of(answer.value), CScript(bytes_of(answer.script.hex))),
            tip=block_hash_of(answer.bestblock),
            height=self._height(answer.bestblock) - answer.confirmations + 1,
            coinbase=answer.coinbase,
        )

    def _has(self, tx: CTransaction) -> bool:
        """Whether the node holds this transaction: in a block, or in its mempool with the same witnesses."""
        try:
            found = self.transaction(txid_of(tx))
        except ChainError:
            return False
        return found is not None and (found.block is not None or found.tx.serialize() == tx.serialize())

    def _raw_transaction(self, txid: Txid) -> answers.RawTransaction | None:
        try:
            return self._rpc.ask(answers.RawTransaction, "getrawtransaction", display(txid), 1)
        except RpcError as error:
            if error.code != NOT_FOUND:
                raise
        self._require_index()
        return None

    def _require_index(self) -> None:
        """Raises ChainError unless the node could have known any transaction of the chain."""
        indexes = self._rpc.ask(dict[str, answers.IndexAnswer], "getindexinfo", "txindex")
        index = indexes.get("txindex")
        if index is None:
            pruned = self._rpc.ask(answers.ChainInfo, "getblockchaininfo").pruned
            raise ChainError(
                "the node keeps no index of transactions" + (", because it is pruned" if pruned else ""),
                hint="-txindex=1 needs a node that is not pruned" if pruned else "start bitcoind with -txindex=1",
            )
        if not index.synced:
            raise ChainError(
                f"the node still builds its index of transactions (at block {index.best_block_height})",
                hint=WalletRemedy.WAIT_FOR_NODE.of(),
            )
