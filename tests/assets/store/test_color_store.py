"""The colour cache: what it keeps, and that it forgets what another chain taught it."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bitcoin.core import COutPoint

from assets.coloring.trace import UNCOLORED, Trace
from assets.coloring.walk import ColorWalker
from assets.model import AssetId, Genuine
from assets.protocols.open_assets.rule import AssetUnits
from assets.store.color_store import ColorStore
from tests.builders import Graph
from wallet.chain.source import Tip
from wallet.hashes import BlockHash, Txid
from wallet.network import REGTEST, SIGNET

COIN = COutPoint(b"\x11" * 32, 1)
TITLE = Trace(
    units=AssetUnits(AssetId(b"\x22" * 20), 1), genuine=Genuine(genesis=Txid(b"\x33" * 32), quantity=1, title=True)
)
FOREIGN = Trace(units=AssetUnits(AssetId(b"\x22" * 20), 2**63 - 1))


@dataclass
class Blocks:
    """A best chain of hashes."""

    hashes: list[BlockHash] = field(default_factory=lambda: [BlockHash(bytes([n]) * 32) for n in range(1, 6)])

    def tip(self) -> Tip:
        height = len(self.hashes) - 1
        return Tip(height=height, hash=self.hashes[-1], time=0, headers=height, syncing=False)

    def block_hash(self, height: int) -> BlockHash | None:
        return self.hashes[height] if height < len(self.hashes) else None


@pytest.mark.parametrize("trace", [TITLE, FOREIGN, UNCOLORED])
def test_what_is_saved_is_there_for_the_next_run(tmp_path: Path, trace: Trace) -> None:
    first = ColorStore(tmp_path / "colors.db", REGTEST).open_on(Blocks())
    assert first.load(COIN) is None
    first.save(COIN, trace)
    first.save(COIN, trace)
    first.close()
    second = ColorStore(tmp_path / "colors.db", REGTEST).open_on(Blocks())
    assert second.load(COIN) == trace
    assert second.load(COutPoint(COIN.hash, 2)) is None
    second.close()


def test_a_longer_chain_keeps_it_and_a_reorganised_one_empties_it(tmp_path: Path) -> None:
    blocks = Blocks()
    store = ColorStore(tmp_path / "colors.db", REGTEST).open_on(blocks)
    store.save(COIN, TITLE)
    blocks.hashes.append(BlockHash(b"\x77" * 32))
    assert store.open_on(blocks).load(COIN) == TITLE
    blocks.hashes[-1] = BlockHash(b"\x78" * 32)
    assert store.open_on(blocks).load(COIN) is None
    store.close()


def test_a_chain_that_became_shorter_empties_it(tmp_path: Path) -> None:
    blocks = Blocks()
    store = ColorStore(tmp_path / "colors.db", REGTEST).open_on(blocks)
    store.save(COIN, TITLE)
    blocks.hashes.pop()
    assert store.open_on(blocks).load(COIN) is None
    store.close()


def test_another_network_never_reads_it(tmp_path: Path) -> None:
    store = ColorStore(tmp_path / "colors.db", REGTEST).open_on(Blocks())
    store.save(COIN, TITLE)
    store.close()
    other = ColorStore(tmp_path / "colors.db", SIGNET).open_on(Blocks())
    assert other.load(COIN) is None
    other.close()


def test_a_lineage_is_walked_once_whoever_asks_again(tmp_path: Path) -> None:
    graph = Graph()
    graph.coin("issuing", "issuer")
    graph.genesis("genesis", "issuing:0")
    graph.record("release", "genesis:0", record=b"anything")
    title = graph.outpoint("release:1")
    store = ColorStore(tmp_path / "colors.db", REGTEST).open_on(Blocks())
    color = ColorWalker(graph, store).color(title)
    assert color == Genuine(genesis=graph.txid("genesis"), quantity=1, title=True)
    asked = graph.asked.total()
    again = ColorStore(tmp_path / "colors.db", REGTEST).open_on(Blocks())
    assert ColorWalker(graph, again).color(title) == color
    assert graph.asked.total() == asked
    store.close()
    again.close()


def test_what_is_only_in_the_mempool_is_not_kept(tmp_path: Path) -> None:
    graph = Graph()
    graph.coin("issuing", "issuer")
    graph.genesis("genesis", "issuing:0")
    graph.mempool.add("genesis")
    store = ColorStore(tmp_path / "colors.db", REGTEST).open_on(Blocks())
    assert isinstance(ColorWalker(graph, store).color(graph.outpoint("genesis:0")), Genuine)
    assert store.load(graph.outpoint("genesis:0")) is None
    store.close()
