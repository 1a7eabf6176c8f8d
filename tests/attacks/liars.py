"""Nodes that answer with true blocks and untrue witnesses, or with an untrue tip: the real node behind a wrapper."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from bitcoin.core import CBlock, CTransaction
from bitcoin.core.serialize import VarIntSerializer

from tests.attacks.person import Houses
from tui.bootstrap import House
from tui.paths import Paths
from tui.settings import Settings
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.source import BlockRef, FoundTransaction, Tip
from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class Lies:
    """How a node changes transactions, whole blocks and its tip on their way to whoever asks."""

    tx: Callable[[CTransaction], CTransaction] = lambda tx: tx
    block: Callable[[bytes], bytes] = lambda raw: raw
    tip: Callable[[Tip], Tip] = lambda tip: tip


class LyingNode(Bitcoind):
    """The real node's answers, changed."""

    lies = Lies()

    def blocks(self, start: int, stop: int) -> Iterator[tuple[BlockRef, bytes]]:
        """Blocks with the right headers."""
        for ref, raw in super().blocks(start, stop):
            yield ref, self.lies.block(raw)

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        """Transactions with the right ids."""
        found = super().transaction(txid)
        return None if found is None else replace(found, tx=self.lies.tx(found.tx))

    def tip(self) -> Tip:
        """A tip."""
        return self.lies.tip(super().tip())


def lying(lies: Lies) -> Houses:
    """Houses whose node lies."""

    class LyingHouse(House):
        @cached_property
        def node(self) -> Bitcoind:
            made = LyingNode.at(self.endpoint, self.network)
            made.lies = lies
            return made

    def build(settings: Settings, paths: Paths) -> House:
        return LyingHouse(settings, paths)

    return build


def swapping(honest: CTransaction, served: CTransaction) -> Lies:
    """One transaction comes with other witnesses, wherever it is asked for."""
    assert honest.GetTxid() == served.GetTxid()
    assert honest.serialize() != served.serialize()
    return Lies(
        tx=lambda tx: served if tx == honest else tx,
        block=lambda raw: raw.replace(honest.serialize(), served.serialize()),
    )


def stripped(raw: bytes) -> bytes:
    """A block as a node from before segwit would hand it on: no witness at all, and the same Merkle root."""
    block = CBlock.deserialize(raw)
    bare = [CTransaction(tx.vin, tx.vout, tx.nLockTime, tx.nVersion).serialize() for tx in block.vtx]
    return raw[:80] + bytes(VarIntSerializer.serialize(len(bare))) + b"".join(bare)
