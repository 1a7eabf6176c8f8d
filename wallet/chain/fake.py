"""A chain in memory that implements the ports: for tests, ours and those of whoever builds on this package.

It keeps the rules that its users lean on (inputs exist and are unspent, one spender per coin, blocks are linked,
Merkle roots and witness commitments are right) and no others: it checks no script, no work, no amount and no
standardness.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bitcoin.core import (
    CBlock,
    CMutableTransaction,
    CoreRegTestParams,
    COutPoint,
    CTransaction,
    CTxIn,
    CTxInWitness,
    CTxOut,
    CTxWitness,
    Hash,
)
from bitcoin.core.script import CScript, CScriptWitness

from wallet.amount import COIN, Sats
from wallet.chain.source import BlockRef, ChainHeader, CoinAnswer, FoundTransaction, Tip
from wallet.errors import ChainError, ChainUnavailableError, FeeError, RpcError
from wallet.fees import FeeEstimate, FeeRate
from wallet.hashes import BlockHash, Txid, outpoint_text, txid_of

_SPACING = 600
_MINER = CScript(b"\x51")
_NOWHERE = COutPoint()


@dataclass(frozen=True, slots=True)
class _Born:
    """Where a coin came from."""

    txout: CTxOut
    height: int
    coinbase: bool


class FakeChain:
    """A regtest chain and its mempool. Block 0 is regtest's own.

    Set `down` and every question raises ChainUnavailableError; set `pruned_below` and older blocks are gone; `rate`
    is what `fee_estimate` answers (None: nothing is known). `lost` holds transactions that the node denies to know.
    """

    def __init__(self) -> None:
        self.down = False
        self.syncing = False
        self.pruned_below = 0
        self.rate: FeeRate | None = FeeRate(2_000)
        self.lost: set[Txid] = set()
        self._blocks: list[CBlock] = [CoreRegTestParams.GENESIS_BLOCK]
        self._mempool: dict[Txid, CTransaction] = {}
        self._made = 0
        self._utxo: dict[COutPoint, _Born] = {}
        self._where: dict[Txid, int] = {}

    # What tests do to the chain.

    def fund(self, script: CScript, sats: int) -> COutPoint:
        """A confirmed coin of `sats` on `script`, made from nothing, in a block of its own."""
        tx = self._from_nothing(script, sats)
        self.mine(tx)
        return COutPoint(txid_of(tx), 0)

    def fund_unconfirmed(self, script: CScript, sats: int) -> COutPoint:
        """A coin of `sats` on `script` in the mempool, made from nothing."""
        tx = self._from_nothing(script, sats)
        self._mempool[txid_of(tx)] = tx
        return COutPoint(txid_of(tx), 0)

    def mine(self, *txs: CTransaction, reward_to: CScript = _MINER) -> BlockRef:
        """A block with the whole mempool in order, or, where any are given, with exactly these transactions."""
        chosen = txs or tuple(self._mempool.values())
        fresh: set[COutPoint] = set()
        spent: set[COutPoint] = set()
        for tx in chosen:
            for txin in tx.vin:
                exists = _made_up(txin) or txin.prevout in self._utxo or txin.prevout in fresh
                if not exists or txin.prevout in spent:
                    raise AssertionError(f"a block cannot spend {outpoint_text(txin.prevout)}")
                spent.add(txin.prevout)
            fresh |= _outpoints(tx)
        return self._connect(chosen, reward_to)

    def mine_empty(self, count: int = 1) -> BlockRef:
        """Blocks without the mempool."""
        for _ in range(count):
            self._connect((), _MINER)
        return BlockRef(self._height, self._hash(self._height))

    def reorg(
        self, depth: int, blocks: Sequence[Sequence[CTransaction]] | None = None, *, resurrect: bool = True
    ) -> None:
        """Replace the last `depth` blocks by `blocks` (one more empty block than were removed, unless told).

        Transactions that fell out return to the mempool where their coins still exist, unless `resurrect` is false.
        """
        if not 0 < depth <= self._height:
            raise AssertionError("a reorganisation replaces at least one block, and never block 0")
        removed = self._blocks[-depth:]
        del self._blocks[-depth:]
        self._utxo, self._where = {}, {}
        for height, block in enumerate(self._blocks[1:], 1):
            self._index(block, height)
        fallen = [tx for block in removed for tx in block.vtx[1:]] if resurrect else []
        for txs in blocks if blocks is not None else [()] * (depth + 1):
            self._connect(tuple(txs), _MINER)
        waiting = [*fallen, *self._mempool.values()]
        self._mempool = {}
        for tx in waiting:
            if txid_of(tx) not in self._where and self._missing(tx) is None and self._rival(tx) is None:
                self._mempool[txid_of(tx)] = tx

    def evict(self, txid: Txid) -> None:
        """Drop a transaction, and all that spend its outputs, from the mempool."""
        dropped = {txid}
        for found, tx in self._mempool.items():
            if any(txin.prevout.hash in dropped for txin in tx.vin):
                dropped.add(found)
        self._mempool = {found: tx for found, tx in self._mempool.items() if found not in dropped}

    def replace(self, tx: CTransaction) -> Txid:
        """Put `tx` into the mempool in the place of everything that it conflicts with."""
        spent = {txin.prevout for txin in tx.vin}
        for found, other in tuple(self._mempool.items()):
            if any(txin.prevout in spent for txin in other.vin):
                self.evict(found)
        return self.broadcast(tx)

    @property
    def mempool(self) -> tuple[CTransaction, ...]:
        """The unconfirmed transactions, in the order of their arrival."""
        return tuple(self._mempool.values())

    # What the ports ask.

    def tip(self) -> Tip:
        """The last block."""
        self._require_up()
        block = self._blocks[-1]
        return Tip(
            height=self._height,
            hash=BlockHash(block.GetHash()),
            time=block.nTime,
            headers=self._height,
            syncing=self.syncing,
        )

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        """A transaction of the chain or the mempool."""
        self._require_up()
        if txid in self.lost:
            return None
        if txid in self._mempool:
            return FoundTransaction(tx=self._mempool[txid], block=None)
        height = self._where.get(txid)
        if height is None:
            return None
        tx = next(tx for tx in self._blocks[height].vtx if txid_of(tx) == txid)
        return FoundTransaction(tx=tx, block=BlockRef(height, self._hash(height)))

    def unspent(self, outpoint: COutPoint) -> CoinAnswer:
        """Whether the coin is unspent in the chain."""
        self._require_up()
        born = self._utxo.get(outpoint)
        tip = self._hash(self._height)
        if born is None:
            return CoinAnswer(txout=None, tip=tip)
        return CoinAnswer(txout=born.txout, tip=tip, height=born.height, coinbase=born.coinbase)

    def header(self, block: BlockHash) -> ChainHeader | None:
        """The header of a block of the chain."""
        self._require_up()
        found = ((height, one) for height, one in enumerate(self._blocks) if one.GetHash() == block)
        return next((ChainHeader(height=height, merkle_root=one.hashMerkleRoot) for height, one in found), None)

    def spender(self, outpoint: COutPoint) -> CTransaction | None:
        """The mempool's spender of a coin."""
        self._require_up()
        return next((tx for tx in self._mempool.values() if any(txin.prevout == outpoint for txin in tx.vin)), None)

    def broadcast(self, tx: CTransaction) -> Txid:
        """Take a transaction into the mempool. Raises RpcError for missing coins and for conflicts."""
        self._require_up()
        txid = txid_of(tx)
        if self.transaction(txid) is not None:
            return txid
        if self._rival(tx) is not None:
            raise RpcError("the node refused sendrawtransaction: txn-mempool-conflict", code=-26)
        if self._missing(tx) is not None:
            raise RpcError("the node refused sendrawtransaction: bad-txns-inputs-missingorspent", code=-25)
        self._mempool[txid] = tx
        return txid

    def fee_estimate(self, target: int) -> FeeEstimate:
        """The rate that was set."""
        self._require_up()
        if self.rate is None:
            raise FeeError("the node cannot estimate a fee rate yet", hint="set the rate yourself")
        return FeeEstimate(rate=self.rate, source=f"node's estimate for {target} blocks", age=0)

    def block_hash(self, height: int) -> BlockHash | None:
        """The hash of a block of the best chain."""
        self._require_up()
        return self._hash(height) if 0 <= height <= self._height else None

    def blocks(self, start: int, stop: int) -> Iterator[tuple[BlockRef, bytes]]:
        """Raw blocks, read one by one as they are asked for; ends where the chain changed meanwhile."""
        before: BlockHash | None = None
        for height in range(max(start, 0), stop + 1):
            self._require_up()
            if height > self._height:
                return
            if height < self.pruned_below:
                raise ChainError(f"the node does not have block {height}", hint="it is pruned")
            block = self._blocks[height]
            if before is not None and block.hashPrevBlock != before:
                return
            before = BlockHash(block.GetHash())
            yield BlockRef(height, before), block.serialize()

    # How it is kept.

    @property
    def _height(self) -> int:
        return len(self._blocks) - 1

    def _hash(self, height: int) -> BlockHash:
        return BlockHash(self._blocks[height].GetHash())

    def _require_up(self) -> None:
        if self.down:
            raise ChainUnavailableError("the node cannot be asked", hint="it was switched off by a test")

    def _unique(self) -> int:
        self._made += 1
        return self._made

    def _from_nothing(self, script: CScript, sats: int) -> CTransaction:
        """A transaction whose input is made up: it spends output 0xfffffffe of a hash that only this chain uses."""
        origin = COutPoint(Hash(b"fake coin %d" % self._unique()), _MADE_UP)
        return CTransaction.from_tx(CMutableTransaction([CTxIn(origin)], [CTxOut(sats, script)], 0, 2))

    def _connect(self, txs: Sequence[CTransaction], reward_to: CScript) -> BlockRef:
        height = self._height + 1
        # The counter makes blocks of the same height differ, as reorganisations need.
        note = CScript([height, self._unique()])
        coinbase = _coinbase(note, CTxOut(Sats(50 * COIN), reward_to), txs)
        vtx = (coinbase, *txs)
        last = self._blocks[-1]
        block = CBlock(
            nVersion=4,
            hashPrevBlock=last.GetHash(),
            hashMerkleRoot=CBlock.build_merkle_tree_from_txids([tx.GetTxid() for tx in vtx])[-1],
            nTime=last.nTime + _SPACING,
            nBits=last.nBits,
            nNonce=self._made,
            vtx=vtx,
        )
        self._blocks.append(block)
        self._index(block, height)
        taken = {txin.prevout for tx in txs for txin in tx.vin}
        mined = {txid_of(tx) for tx in txs}
        for txid, tx in tuple(self._mempool.items()):
            if txid in mined:
                del self._mempool[txid]
            elif any(txin.prevout in taken for txin in tx.vin):
                self.evict(txid)
        return BlockRef(height, BlockHash(block.GetHash()))

    def _index(self, block: CBlock, height: int) -> None:
        for tx in block.vtx:
            txid = txid_of(tx)
            self._where[txid] = height
            for txin in tx.vin:
                self._utxo.pop(txin.prevout, None)
            for outpoint in _outpoints(tx):
                self._utxo[outpoint] = _Born(tx.vout[outpoint.n], height, tx.is_coinbase())

    def _missing(self, tx: CTransaction) -> COutPoint | None:
        """An input that neither the chain nor the mempool has."""
        for txin in tx.vin:
            parent = self._mempool.get(Txid(txin.prevout.hash))
            in_mempool = parent is not None and txin.prevout.n < len(parent.vout)
            if not _made_up(txin) and not in_mempool and txin.prevout not in self._utxo:
                return txin.prevout
        return None

    def _rival(self, tx: CTransaction) -> CTransaction | None:
        """A transaction of the mempool that spends one of the same coins."""
        wanted = {txin.prevout for txin in tx.vin}
        for waiting in self._mempool.values():
            if any(txin.prevout in wanted for txin in waiting.vin):
                return waiting
        return None


_MADE_UP = 0xFFFFFFFE
"""The output number of coins that `fund` makes from nothing."""


def _made_up(txin: CTxIn) -> bool:
    return bool(txin.prevout.n == _MADE_UP)


def _coinbase(note: CScript, reward: CTxOut, txs: Sequence[CTransaction]) -> CTransaction:
    """The first transaction of a block; it commits to the witnesses of the others, if they have any (BIP141)."""
    vin = [CTxIn(_NOWHERE, note)]
    if not any(tx.has_witness() for tx in txs):
        return CTransaction.from_tx(CMutableTransaction(vin, [reward], 0, 2))
    reserved = bytes(32)
    root = CBlock.build_merkle_tree_from_txids([bytes(32), *(Hash(tx.serialize()) for tx in txs)])[-1]
    commitment = CTxOut(0, CScript(b"\x6a\x24\xaa\x21\xa9\xed" + Hash(root + reserved)))
    witness = CTxWitness([CTxInWitness(CScriptWitness([reserved]))])
    return CTransaction(vin, [reward, commitment], 0, 2, witness)


def _outpoints(tx: CTransaction) -> set[COutPoint]:
    """The outputs of a transaction that can be spent."""
    txid = txid_of(tx)
    return {COutPoint(txid, vout) for vout, txout in enumerate(tx.vout) if txout.scriptPubKey[:1] != b"\x6a"}


def raw_blocks(source: FakeChain, heights: Iterable[int]) -> tuple[bytes, ...]:
    """The raw blocks of some heights, for tests that feed a scanner by hand."""
    return tuple(raw for height in heights for _, raw in source.blocks(height, height))
