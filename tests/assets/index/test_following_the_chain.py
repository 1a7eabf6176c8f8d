"""Connecting and disconnecting blocks, and what the index then answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.errors import IndexStateError
from assets.index import image_index
from assets.index.image_index import reindex, sync
from assets.model import Authorship, Genuine, MovementKind
from assets.protocols.open_assets.rule import asset_id_of
from assets.remedies import ImageRemedy
from assets.store.index_store import IndexStore
from tests.assets.index.harness import (
    RELEASE,
    REVOKE,
    Indexed,
    define,
    genesis,
    genesis_on,
    out,
    record,
    spend,
)
from tests.builders import ALL, ANYONECANPAY, NAME, SINGLE, marker, pay, script, segwit
from wallet.chain.fake import FakeChain
from wallet.chain.source import BlockRef, FoundTransaction
from wallet.errors import ChainError, WrongNetworkError
from wallet.hashes import Txid, txid_of
from wallet.network import REGTEST, SIGNET


def test_a_genesis_makes_title_and_treasury(indexed: Indexed) -> None:
    born = genesis(indexed.chain, units=500)
    indexed.mine(born)
    report = indexed.sync()
    txid = txid_of(born)
    assert report.tip is not None
    assert report.tip.height == indexed.chain.tip().height
    assert report.connected == report.tip.height + 1
    with indexed.store.snapshot() as reader:
        fact = reader.genesis(txid)
        assert fact is not None
        assert (fact.units, fact.name, fact.definition) == (500, NAME, b"\xdd" * 32)
        assert fact.genesis_input == born.vin[0].prevout
        assert fact.asset == asset_id_of(script("issuer"))
        assert reader.holdings(txid) == (
            (fact.title, Genuine(genesis=txid, quantity=1, title=True)),
            (fact.treasury, Genuine(genesis=txid, quantity=500, title=False)),
        )
        (movement,) = reader.title_movements(txid)
        assert (movement.kind, movement.authorship) == (MovementKind.GENESIS, Authorship.AUTHORISED)
        assert movement.author == script("issuer")
        assert reader.geneses_named(NAME) == (fact,)
        assert reader.geneses_named("registry.example/acme/other") == ()
        assert reader.unit(out(born, 2)) is None


def test_a_record_that_counts_moves_the_title_on_its_script(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    first = record(out(born, 0), RELEASE)
    second = record(out(first, 1), REVOKE)
    indexed.mine(born, first)
    indexed.sync()
    indexed.mine(second)
    report = indexed.sync()
    assert report.connected == 1
    with indexed.store.snapshot() as reader:
        movements = reader.title_movements(txid_of(born))
        assert [item.attachment for item in movements[1:]] == [RELEASE, REVOKE]
        assert all(item.authorship is Authorship.AUTHORISED for item in movements)
        title = reader.title(txid_of(born))
        assert title is not None
        assert title.outpoint == out(second, 1)
        assert reader.unit(out(first, 1)) is None
        assert movements[-1].source is not None
        assert movements[-1].source.outpoint == out(first, 1)


@pytest.mark.parametrize(
    ("sighash", "expected"),
    [
        (ALL, Authorship.AUTHORISED),
        (SINGLE | ANYONECANPAY, Authorship.PARTIAL_SIGNATURE),
        (ALL | ANYONECANPAY, Authorship.PARTIAL_SIGNATURE),
    ],
)
def test_a_record_under_a_partial_signature_does_not_count(
    indexed: Indexed, sighash: int, expected: Authorship
) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born, record(out(born, 0), RELEASE, witness=segwit(sighash=sighash)))
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert reader.title_movements(txid_of(born))[-1].authorship is expected


def test_a_genesis_under_a_partial_signature_is_none(indexed: Indexed) -> None:
    coin = indexed.chain.fund(script("issuer"), 100_000)
    born = genesis_on(coin)
    indexed.mine(spend([coin], born.vout, segwit(sighash=SINGLE | ANYONECANPAY)))
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert reader.genesis(txid_of(born)) is None
        assert reader.geneses_named(NAME) == ()


def test_units_split_merge_and_end(indexed: Indexed) -> None:
    born = genesis(indexed.chain, units=100)
    split = spend([out(born, 1)], [marker([30, 50]), pay("alice", 330), pay("bob", 330)])
    merge = spend([out(split, 1), out(split, 2)], [marker([80]), pay("carol", 330)])
    indexed.mine(born, split, merge)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        kinds = [(item.kind, item.quantity) for item in reader.movements_of(txid_of(born)) if not item.title]
        assert kinds == [
            (MovementKind.GENESIS, 100),
            (MovementKind.TRANSFER, 30),
            (MovementKind.TRANSFER, 50),
            (MovementKind.LOSS, 20),
            (MovementKind.TRANSFER, 30),
            (MovementKind.TRANSFER, 50),
        ]
        assert reader.unit(out(merge, 1)) == Genuine(genesis=txid_of(born), quantity=80, title=False)
        assert [holding.script for holding, _ in reader.units_on([script("alice"), script("carol")])] == [
            script("carol")
        ]
        touched = reader.movements_touching([script("bob")])
        assert [item.quantity for item in touched] == [50, 50]


def test_a_title_moved_into_more_units_is_lost_and_shown(indexed: Indexed) -> None:
    born = genesis(indexed.chain, units=100)
    merged = spend([out(born, 0), out(born, 1)], [marker([101]), pay("owner", 10_000)])
    indexed.mine(born, merged)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert reader.title(txid_of(born)) is None
        _, loss = reader.title_movements(txid_of(born))
        assert (loss.kind, loss.target, loss.quantity) == (MovementKind.LOSS, None, 1)
        assert reader.unit(out(merged, 1)) == Genuine(genesis=txid_of(born), quantity=101, title=False)
        assert [item.kind for item in reader.movements_of(txid_of(born))[2:]] == [
            MovementKind.LOSS,
            MovementKind.TRANSFER,
            MovementKind.TRANSFER,
        ]


def test_a_title_behind_access_units_is_lost(indexed: Indexed) -> None:
    born = genesis(indexed.chain, units=5)
    moved = spend([out(born, 1), out(born, 0)], [marker([5, 1]), pay("owner", 330), pay("owner", 330)])
    indexed.mine(born, moved)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert reader.title_movements(txid_of(born))[-1].kind is MovementKind.LOSS
        assert reader.unit(out(moved, 2)) == Genuine(genesis=txid_of(born), quantity=1, title=False)


def test_two_titles_in_one_transaction_are_both_lost_where_more_moves_than_the_first_run_holds(
    indexed: Indexed,
) -> None:
    first, second = genesis(indexed.chain, "one"), genesis(indexed.chain, "two")
    both = spend([out(first, 0), out(second, 0)], [marker([1, 1]), pay("owner"), pay("owner")])
    indexed.mine(first, second, both)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert reader.title(txid_of(first)) is None
        assert reader.title(txid_of(second)) is None
        assert reader.title_movements(txid_of(second))[-1].kind is MovementKind.LOSS


@pytest.mark.parametrize("start", ["before the foreign asset", "after it"])
def test_a_foreign_asset_in_front_gives_one_answer_for_every_start(tmp_path: Path, start: str) -> None:
    chain = FakeChain()
    issuer = chain.fund(script("foreign"), 50_000)
    foreign = spend([issuer], [pay("owner", 5_000), marker([7]), pay("change")])
    chain.mine(foreign)
    later = chain.tip().height + 1
    born = genesis(chain)
    chain.mine(born)
    moved = spend([out(foreign, 0), out(born, 0)], [marker([7, 1]), pay("owner"), pay("owner")])
    chain.mine(moved)
    store = IndexStore(tmp_path / "index.db", REGTEST)
    sync(chain, store, start_height=0 if start.startswith("before") else later)
    with store.snapshot() as reader:
        assert reader.title(txid_of(born)) is None
        assert reader.title_movements(txid_of(born))[-1].kind is MovementKind.LOSS
        assert reader.title_movements(txid_of(born))[-1].author == script("owner")
    store.close()


def test_two_geneses_on_one_script_are_both_known(indexed: Indexed) -> None:
    older = genesis(indexed.chain)
    indexed.mine(older)
    newer = genesis(indexed.chain)
    indexed.mine(newer)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        found = reader.geneses_of_asset(asset_id_of(script("issuer")))
        assert [fact.txid for fact in found] == [txid_of(older), txid_of(newer)]
        assert reader.geneses_named(NAME) == found


def test_an_index_that_starts_later_does_not_know_the_older_genesis_and_says_where_it_starts(
    tmp_path: Path,
) -> None:
    chain = FakeChain()
    older = genesis(chain)
    chain.mine(older)
    start = chain.tip().height + 1
    newer = genesis(chain)
    chain.mine(newer)
    store = IndexStore(tmp_path / "index.db", REGTEST)
    report = sync(chain, store, start_height=start)
    assert report.tip is not None
    assert report.tip.start_height == start
    with store.snapshot() as reader:
        assert reader.genesis(txid_of(older)) is None
        assert reader.genesis(txid_of(newer)) is not None
    store.close()


def test_a_defined_name_is_found_by_its_hash_and_a_stolen_one_is_not(indexed: Indexed) -> None:
    long = "registry.example/" + "a" * 60
    born = genesis(indexed.chain)
    renamed = record(out(born, 0), define(long))
    indexed.mine(born, renamed)
    stolen = record(out(renamed, 1), define("registry.example/b"), witness=segwit(sighash=SINGLE | ANYONECANPAY))
    indexed.mine(stolen)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert [fact.txid for fact in reader.geneses_named(long)] == [txid_of(born)]
        assert reader.geneses_named("registry.example/b") == ()


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 6])
def test_a_reorganisation_takes_back_everything_above_the_fork(indexed: Indexed, depth: int) -> None:
    born = genesis(indexed.chain, units=10)
    indexed.mine(born)
    steps = [record(out(born, 0), RELEASE)]
    for _ in range(6):
        steps.append(record(out(steps[-1], 1), REVOKE))
    for step in steps[:6]:
        indexed.mine(step)
    indexed.sync()
    indexed.chain.reorg(depth, resurrect=False)
    report = indexed.sync()
    assert (report.disconnected, report.connected) == (depth, depth + 1)
    assert [item.txid for item in report.dropped] == [txid_of(step) for step in steps[6 - depth : 6]]
    with indexed.store.snapshot() as reader:
        last = steps[5 - depth] if depth < 6 else born
        title = reader.title(txid_of(born))
        assert title is not None
        assert title.outpoint == out(last, 1 if depth < 6 else 0)
        assert len(reader.title_movements(txid_of(born))) == 7 - depth


def test_a_reorganisation_that_mines_the_same_again_drops_nothing(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    release = record(out(born, 0), RELEASE)
    indexed.mine(born)
    indexed.mine(release)
    indexed.sync()
    indexed.chain.reorg(1, [[release], []])
    report = indexed.sync()
    assert report.dropped == ()
    with indexed.store.snapshot() as reader:
        assert len(reader.title_movements(txid_of(born))) == 2


def test_a_reorganisation_removes_a_genesis_and_its_name(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.sync()
    indexed.chain.reorg(1, resurrect=False)
    report = indexed.sync()
    assert [item.title for item in report.dropped] == [True, False]
    with indexed.store.snapshot() as reader:
        assert reader.genesis(txid_of(born)) is None
        assert reader.geneses_named(NAME) == ()
        assert reader.holdings(txid_of(born)) == ()
        assert reader.movements_of(txid_of(born)) == ()


def test_a_reorganisation_removes_a_defined_name_and_keeps_the_first_one(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.mine(record(out(born, 0), define("registry.example/b")))
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert len(reader.geneses_named("registry.example/b")) == 1
    indexed.chain.reorg(1, resurrect=False)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert reader.geneses_named("registry.example/b") == ()
        assert [fact.txid for fact in reader.geneses_named(NAME)] == [txid_of(born)]


def test_a_reorganisation_below_the_first_block_starts_over(tmp_path: Path) -> None:
    chain = FakeChain()
    chain.mine_empty(3)
    store = IndexStore(tmp_path / "index.db", REGTEST)
    sync(chain, store, start_height=2)
    chain.reorg(3)
    report = sync(chain, store, start_height=2)
    assert (report.disconnected, report.connected) == (2, 3)
    assert report.tip is not None
    assert report.tip.hash == chain.tip().hash
    store.close()


def test_a_shorter_chain_is_followed_down(indexed: Indexed) -> None:
    indexed.chain.mine_empty(5)
    indexed.sync()
    indexed.chain.reorg(3, [[]])
    report = indexed.sync()
    assert report.tip is not None
    assert (report.tip.height, report.tip.hash) == (3, indexed.chain.tip().hash)


def test_a_reorganisation_deeper_than_the_memory_asks_for_a_rebuild(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.store.index_store.KEPT_BLOCKS", 4)
    indexed.chain.mine_empty(10)
    indexed.sync()
    assert len(indexed.store.recent_blocks()) == 4
    indexed.chain.reorg(3)
    indexed.sync()
    indexed.chain.reorg(5)
    with pytest.raises(IndexStateError, match="deeper than") as caught:
        indexed.sync()
    assert str(ImageRemedy.REINDEX.of()) in caught.value.hint
    report = reindex(indexed.chain, indexed.store, start_height=0)
    assert report.tip is not None
    assert report.tip.hash == indexed.chain.tip().hash


def test_a_node_far_behind_the_index_is_named_as_such(indexed: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.store.index_store.KEPT_BLOCKS", 3)
    indexed.chain.mine_empty(10)
    indexed.sync()
    indexed.chain.reorg(8, [])
    with pytest.raises(IndexStateError, match="the node stands at block 2, the index at 10"):
        indexed.sync()


def test_an_earlier_start_than_the_index_has_asks_for_a_rebuild(tmp_path: Path) -> None:
    chain = FakeChain()
    chain.mine_empty(10)
    store = IndexStore(tmp_path / "index.db", REGTEST)
    sync(chain, store, start_height=6)
    with pytest.raises(IndexStateError, match="begins at block 6") as caught:
        sync(chain, store, start_height=2)
    assert "from block 2 on" in caught.value.hint
    sync(chain, store, start_height=8)
    report = reindex(chain, store, start_height=2)
    assert report.tip is not None
    assert report.tip.start_height == 2
    assert report.connected == 9
    store.close()


def test_a_start_above_the_tip_begins_at_the_tip(tmp_path: Path) -> None:
    chain = FakeChain()
    chain.mine_empty(3)
    store = IndexStore(tmp_path / "index.db", REGTEST)
    report = sync(chain, store, start_height=900)
    assert report.tip is not None
    assert (report.tip.start_height, report.tip.height) == (3, 3)
    assert sync(chain, store, start_height=900).connected == 0
    store.close()


def test_a_node_of_another_network_is_refused(tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "index.db", SIGNET)
    with pytest.raises(WrongNetworkError, match="signet"):
        sync(FakeChain(), store, start_height=0)
    store.close()


def test_progress_is_told_and_a_stop_is_obeyed_and_resumed(indexed: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_index, "MAX_RUN_BLOCKS", 4)
    indexed.chain.mine_empty(20)
    told: list[tuple[int, int, int]] = []
    report = sync(
        indexed.chain,
        indexed.store,
        start_height=0,
        progress=lambda *told_now: told.append(told_now),
        stop_requested=lambda: len(told) == 10,
    )
    assert report.stopped
    assert report.tip is not None
    assert report.tip.height == 9
    assert [height for height, _, _ in told] == list(range(10))
    assert {target for _, target, _ in told} == {20}
    assert told[-1][2] == report.bytes_read
    rest = indexed.sync()
    assert (rest.connected, rest.stopped) == (11, False)


def test_a_failure_in_the_middle_keeps_whole_runs_only(indexed: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_index, "MAX_RUN_BLOCKS", 4)
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.chain.mine_empty(10)

    def fail_at_six(height: int, *_: int) -> None:
        if height == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(indexed.chain, indexed.store, start_height=0, progress=fail_at_six)
    with indexed.store.snapshot() as reader:
        tip = reader.tip()
    assert tip is not None
    assert tip.height == 3
    assert indexed.sync().connected == indexed.chain.tip().height - 3


class _Moving(FakeChain):
    """A chain that is reorganised while its blocks are read."""

    reorganise_at = -1
    depth = 2

    def blocks(self, start: int, stop: int) -> Iterator[tuple[BlockRef, bytes]]:
        if start == self.reorganise_at:
            self._reorganise()
        for ref, raw in super().blocks(start, stop):
            if ref.height == self.reorganise_at:
                self._reorganise()
            yield ref, raw

    def _reorganise(self) -> None:
        self.reorganise_at = -1
        self.reorg(self.depth, resurrect=False)


def test_a_chain_that_moves_while_it_is_read_is_followed(tmp_path: Path) -> None:
    chain = _Moving()
    chain.mine_empty(12)
    store = IndexStore(tmp_path / "index.db", REGTEST)
    chain.reorganise_at = 11
    report = sync(chain, store, start_height=0)
    assert report.tip is not None
    assert report.tip.hash == chain.tip().hash
    store.close()


@pytest.mark.parametrize("first_again", [True, False])
def test_a_run_never_joins_a_block_of_another_branch(tmp_path: Path, *, first_again: bool) -> None:
    chain = _Moving()
    born = genesis(chain)
    chain.mine(born)
    chain.mine(record(out(born, 0), RELEASE))
    store = IndexStore(tmp_path / "index.db", REGTEST)
    sync(chain, store, start_height=0)
    chain.mine_empty(2)
    chain.reorganise_at = chain.tip().height - (1 if first_again else 0)
    chain.depth = 4
    sync(chain, store, start_height=0)
    with store.snapshot() as reader:
        tip = reader.tip()
        assert tip is not None
        assert tip.hash == chain.tip().hash
        assert reader.genesis(txid_of(born)) is None
    heights = range(tip.height + 1)
    assert [ref.hash for ref in reversed(store.recent_blocks())] == [chain.block_hash(height) for height in heights]
    store.close()


class _LosingItsParent(FakeChain):
    """A chain that is reorganised when it is asked for a transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        self.asked += 1
        if self.asked == 1:
            self.reorg(1, resurrect=False)
            return None
        return super().transaction(txid)


def test_a_block_that_left_the_chain_while_its_parent_was_fetched_is_no_error(tmp_path: Path) -> None:
    chain = _LosingItsParent()
    chain.mine(genesis(chain))
    store = IndexStore(tmp_path / "index.db", REGTEST)
    report = sync(chain, store, start_height=0)
    assert chain.asked == 1
    assert report.tip is not None
    assert report.tip.hash == chain.tip().hash
    store.close()


class _NeverThere(FakeChain):
    """A chain whose blocks end before the first."""

    def blocks(self, start: int, stop: int) -> Iterator[tuple[BlockRef, bytes]]:
        yield from ()


def test_a_chain_that_never_stands_still_ends_with_a_clear_error(tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "index.db", REGTEST)
    with pytest.raises(IndexStateError, match="the chain changed"):
        sync(_NeverThere(), store, start_height=0)
    store.close()


def test_a_node_without_the_issuing_transaction_is_told_what_it_needs(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.chain.lost.add(Txid(born.vin[0].prevout.hash))
    with pytest.raises(ChainError, match="which a block spends") as caught:
        indexed.sync()
    assert "txindex" in caught.value.hint
    indexed.chain.lost.clear()
    assert indexed.sync().tip is not None


def test_an_issuing_coin_of_the_same_block_is_found(indexed: Indexed) -> None:
    funding = spend([indexed.chain.fund(script("x"), 200_000)], [pay("issuer", 100_000)])
    born = genesis_on(out(funding, 0))
    indexed.mine(funding, born)
    indexed.chain.lost.add(txid_of(funding))
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert reader.genesis(txid_of(born)) is not None


def test_a_long_lineage_is_followed_across_runs(indexed: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_index, "MAX_RUN_BLOCKS", 7)
    born = genesis(indexed.chain)
    steps = [born]
    for _ in range(2_000):
        steps.append(record(out(steps[-1], 1 if len(steps) > 1 else 0), RELEASE))
    for first in range(0, len(steps), 100):
        indexed.mine(*steps[first : first + 100])
    indexed.sync()
    with indexed.store.snapshot() as reader:
        movements = reader.title_movements(txid_of(born))
        assert len(movements) == 2_001
        assert [item.txid for item in movements] == [txid_of(step) for step in steps]
        title = reader.title(txid_of(born))
        assert title is not None
        assert title.outpoint == out(steps[-1], 1)
        assert len(reader.holdings(txid_of(born))) == 2
