"""The colour cache in a file: what it keeps, and from which block each row came."""

import sqlite3
from pathlib import Path

import pytest
from bitcoin.core import COutPoint

from assets.coloring.trace import UNCOLORED, PlacedTrace, Trace
from assets.coloring.walk import ColorWalker
from assets.model import AssetId, AssetUnits, Genuine
from assets.protocols.table import RULE
from assets.store.color_store import ColorStore
from tests.builders import Graph
from wallet.chain.source import BlockRef
from wallet.hashes import BlockHash, Txid

COIN = COutPoint(b"\x11" * 32, 1)
TITLE = Trace(
    units=AssetUnits(AssetId(b"\x22" * 20), 1), genuine=Genuine(genesis=Txid(b"\x33" * 32), quantity=1, title=True)
)
FOREIGN = Trace(units=AssetUnits(AssetId(b"\x22" * 20), 2**63 - 1))


BLOCK = BlockRef(7, BlockHash(b"\x44" * 32))
OTHER = BlockRef(7, BlockHash(b"\x55" * 32))


@pytest.mark.parametrize("trace", [TITLE, FOREIGN, UNCOLORED])
def test_what_is_saved_is_there_for_the_next_run_with_its_block(tmp_path: Path, trace: Trace) -> None:
    first = ColorStore(tmp_path / "colors.db")
    assert first.load(COIN) is None
    first.save({COIN: PlacedTrace(UNCOLORED, OTHER)})
    first.save({COIN: PlacedTrace(trace, BLOCK)})
    first.close()
    second = ColorStore(tmp_path / "colors.db")
    assert second.load(COIN) == PlacedTrace(trace, BLOCK)
    assert second.load(COutPoint(COIN.hash, 2)) is None
    second.close()


def test_a_block_is_forgotten_with_everything_that_it_taught_and_no_other(tmp_path: Path) -> None:
    store = ColorStore(tmp_path / "colors.db")
    sibling = COutPoint(COIN.hash, 2)
    store.save({COIN: PlacedTrace(TITLE, BLOCK), sibling: PlacedTrace(FOREIGN, OTHER)})
    store.forget(BLOCK.hash)
    assert store.load(COIN) is None
    assert store.load(sibling) == PlacedTrace(FOREIGN, OTHER)
    store.close()


def test_a_cache_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    store = ColorStore(tmp_path / "colors.db", busy_timeout=0.05)
    assert store.load(COIN) is None
    with sqlite3.connect(tmp_path / "colors.db") as other:
        other.execute("BEGIN IMMEDIATE")
        store.save({COIN: PlacedTrace(TITLE, BLOCK)})
        store.forget(BLOCK.hash)
        other.execute("ROLLBACK")
    other.close()
    assert store.load(COIN) is None
    store.close()


def test_a_lineage_is_walked_once_whoever_asks_again(tmp_path: Path) -> None:
    graph = Graph()
    graph.coin("issuing", "issuer")
    graph.genesis("genesis", "issuing:0")
    graph.record("release", "genesis:0", record=b"anything")
    title = graph.outpoint("release:1")
    store = ColorStore(tmp_path / "colors.db")
    color = ColorWalker(RULE, graph, store).color(title)
    assert color == Genuine(genesis=graph.txid("genesis"), quantity=1, title=True)
    asked = graph.asked.total()
    again = ColorStore(tmp_path / "colors.db")
    assert ColorWalker(RULE, graph, again).color(title) == color
    assert graph.asked.total() == asked
    store.close()
    again.close()


def test_what_is_only_in_the_mempool_is_not_kept(tmp_path: Path) -> None:
    graph = Graph()
    graph.coin("issuing", "issuer")
    graph.genesis("genesis", "issuing:0")
    graph.mempool.add("genesis")
    store = ColorStore(tmp_path / "colors.db")
    assert isinstance(ColorWalker(RULE, graph, store).color(graph.outpoint("genesis:0")), Genuine)
    assert store.load(graph.outpoint("genesis:0")) is None
    store.close()
