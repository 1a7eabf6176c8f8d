"""What the contract suite does to a chain, for each implementation of the ports: in memory, and a real bitcoind."""

from typing import Protocol

from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import CScript, CScriptWitness

from regtest.node import Node
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.fake import FakeChain
from wallet.chain.source import BlockSource, HeaderSource, TxSource
from wallet.hashes import Txid, display, parse_txid, sha256
from wallet.keys.address import address_of
from wallet.network import REGTEST

ANYONE = CScript(b"\x51")
ANYONES_SCRIPT = CScript(b"\x00\x20" + sha256(ANYONE))
"""P2WSH of OP_TRUE: spendable by everyone, and relayed."""


def spend(*outpoints: COutPoint, sats: int, tag: int = 0) -> CTransaction:
    """A final transaction that moves anyone's coins to an output of `sats`; `tag` makes its id differ."""
    vin = [CTxIn(outpoint, CScript(), 0xFFFFFFFD - tag) for outpoint in outpoints]
    witness = CTxWitness([CTxInWitness(CScriptWitness([ANYONE])) for _ in outpoints])
    return CTransaction(vin, [CTxOut(sats, ANYONES_SCRIPT)], 0, 2, witness)


class Source(TxSource, BlockSource, HeaderSource, Protocol):
    """All three ports at once."""


class Chain(Protocol):
    """A chain that the suite can write, and the source that reads it."""

    source: Source

    def fund(self, sats: int) -> COutPoint:
        """A confirmed coin that anyone can spend."""

    def receive(self, script: CScript, sats: int) -> COutPoint:
        """An unconfirmed coin on a script, from a stranger."""

    def evict(self, txid: Txid) -> None:
        """A transaction leaves the mempool."""

    def replace(self, tx: CTransaction) -> None:
        """A transaction takes the place of what it conflicts with."""

    def mine(self) -> None:
        """One block with the mempool."""

    def mine_empty(self, count: int) -> None:
        """Blocks without the mempool."""

    def reorg(self, depth: int, *, resurrect: bool) -> None:
        """Replace blocks by empty ones, one more than there were."""


class FakeWorld:
    """The chain in memory."""

    def __init__(self) -> None:
        self.chain = FakeChain()
        self.source: Source = self.chain

    def fund(self, sats: int) -> COutPoint:
        return self.chain.fund(ANYONES_SCRIPT, sats)

    def receive(self, script: CScript, sats: int) -> COutPoint:
        return self.chain.fund_unconfirmed(script, sats)

    def evict(self, txid: Txid) -> None:
        self.chain.evict(txid)

    def replace(self, tx: CTransaction) -> None:
        self.chain.replace(tx)

    def mine(self) -> None:
        self.chain.mine()

    def mine_empty(self, count: int) -> None:
        self.chain.mine_empty(count)

    def reorg(self, depth: int, *, resurrect: bool) -> None:
        self.chain.reorg(depth, resurrect=resurrect)


class NodeWorld:
    """A real node."""

    def __init__(self, node: Node, source: Bitcoind) -> None:
        self.node = node
        self.source: Source = source

    def fund(self, sats: int) -> COutPoint:
        coin = self.receive(ANYONES_SCRIPT, sats)
        self.node.mine()
        return coin

    def receive(self, script: CScript, sats: int) -> COutPoint:
        txid = parse_txid(self.node.fund(address_of(script, REGTEST), sats))
        found = self.source.transaction(txid)
        assert found is not None
        return COutPoint(txid, [txout.scriptPubKey for txout in found.tx.vout].index(script))

    def evict(self, txid: Txid) -> None:
        self.node.evict(display(txid))

    def replace(self, tx: CTransaction) -> None:
        self.source.broadcast(tx)

    def mine(self) -> None:
        self.node.mine()

    def mine_empty(self, count: int) -> None:
        self.node.mine_empty(count)

    def reorg(self, depth: int, *, resurrect: bool) -> None:
        self.node.reorg(depth, resurrect=resurrect, confirm=False)
