"""The index on disk: killed, shared, damaged, foreign."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assets.index.changes import ChangeSet
from assets.index.image_index import sync
from assets.model import Authorship, MovementKind
from assets.store.index_rows import _AUTHORSHIPS, _KINDS
from assets.store.index_schema import INDEX_SCHEMA
from assets.store.index_store import IndexStore
from tests.assets.index.harness import RELEASE, genesis, out, record
from wallet.chain.fake import FakeChain
from wallet.errors import BusyError, NewerVersionError, StoreError
from wallet.hashes import Txid, txid_of
from wallet.network import REGTEST, SIGNET


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the index is."""
    return tmp_path / "folder" / "index.db"


def _chain_with_release() -> tuple[FakeChain, Txid]:
    chain = FakeChain()
    born = genesis(chain)
    chain.mine(born)
    chain.mine(record(out(born, 0), RELEASE))
    return chain, txid_of(born)


def test_an_empty_index_has_no_tip_and_no_start(path: Path) -> None:
    store = IndexStore(path, REGTEST)
    with store.snapshot() as reader:
        assert reader.tip() is None
    assert store.start_height() is None
    assert store.recent_blocks() == ()
    store.close()


def test_the_files_are_for_this_user_only(path: Path) -> None:
    chain, _ = _chain_with_release()
    store = IndexStore(path, REGTEST)
    sync(chain, store, start_height=0)
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


def test_what_was_read_is_there_for_the_next_process(path: Path) -> None:
    chain, txid = _chain_with_release()
    store = IndexStore(path, REGTEST)
    sync(chain, store, start_height=0)
    with store.snapshot() as reader:
        movements, holdings = reader.movements_of(txid), reader.holdings(txid)
    store.close()
    again = IndexStore(path, REGTEST)
    with again.snapshot() as reader:
        assert reader.movements_of(txid) == movements
        assert reader.holdings(txid) == holdings
    assert sync(chain, again, start_height=0).connected == 0
    again.close()


def test_another_networks_index_is_named_as_such(path: Path) -> None:
    store = IndexStore(path, REGTEST)
    sync(FakeChain(), store, start_height=0)
    store.close()
    other = IndexStore(path, SIGNET)
    with pytest.raises(StoreError, match="an index of regtest, not of signet"), other.snapshot():
        pass
    with pytest.raises(StoreError, match="an index of regtest, not of signet"):
        other.begin(0)
    other.close()


def test_a_newer_index_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {INDEX_SCHEMA.application_id}")
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(NewerVersionError, match="newer version"), IndexStore(path, REGTEST).snapshot():
        pass


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be read as one" * 40, b"SQLite format 3\0"]
)
def test_a_damaged_index_says_how_to_get_it_back(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught, IndexStore(path, REGTEST).snapshot():
        pass
    assert str(path) in str(caught.value)
    assert caught.value.hint


def test_a_reader_sees_one_state_while_blocks_arrive(path: Path) -> None:
    chain, txid = _chain_with_release()
    store = IndexStore(path, REGTEST)
    sync(chain, store, start_height=0)
    with store.snapshot() as reader:
        before = reader.tip()
        title = reader.title(txid)
        assert title is not None
        chain.mine(record(title.outpoint, RELEASE))
        worker = threading.Thread(target=sync, args=(chain, store), kwargs={"start_height": 0})
        worker.start()
        worker.join()
        assert reader.tip() == before
        assert reader.title(txid) == title
        assert len(reader.title_movements(txid)) == 2
    with store.snapshot() as reader:
        assert len(reader.title_movements(txid)) == 3
    store.close()


def test_a_second_writer_waits_a_little_and_is_told_who_is_busy(path: Path) -> None:
    chain, _ = _chain_with_release()
    first, second = IndexStore(path, REGTEST), IndexStore(path, REGTEST, lock_wait=0.05)
    with first.writing(), pytest.raises(BusyError, match="reading the chain into the index"):
        sync(chain, second, start_height=0)
    assert sync(chain, second, start_height=0).tip is not None
    first.close()
    second.close()


def test_a_second_writer_reads_what_the_first_one_wrote(path: Path) -> None:
    chain, _ = _chain_with_release()
    first, second = IndexStore(path, REGTEST), IndexStore(path, REGTEST, lock_wait=0.05)
    inside, finish = threading.Event(), threading.Event()

    def hold() -> None:
        with first.writing():
            inside.set()
            finish.wait(20)

    worker = threading.Thread(target=hold)
    sync(chain, first, start_height=0)
    worker.start()
    inside.wait(20)
    report = sync(chain, second, start_height=0)
    finish.set()
    worker.join()
    assert report.connected == 0
    assert report.tip is not None
    assert report.tip.hash == chain.tip().hash
    first.close()
    second.close()


def test_two_writers_at_once_store_every_block_once(path: Path) -> None:
    chain, txid = _chain_with_release()
    chain.mine_empty(300)
    stores = [IndexStore(path, REGTEST, lock_wait=20.0) for _ in range(2)]
    reports = []

    def work(store: IndexStore) -> None:
        reports.append(sync(chain, store, start_height=0))

    workers = [threading.Thread(target=work, args=(store,)) for store in stores]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(report.connected for report in reports) == [0, chain.tip().height + 1]
    with stores[0].snapshot() as reader:
        assert len(reader.title_movements(txid)) == 2
    for store in stores:
        store.close()


def test_a_run_that_does_not_follow_the_last_block_is_refused(path: Path) -> None:
    chain, _ = _chain_with_release()
    store = IndexStore(path, REGTEST)
    sync(chain, store, start_height=0)
    recent = store.recent_blocks()
    stale = ChangeSet(
        previous=recent[1].hash,
        blocks=recent[:1],
        created=(),
        spent=(),
        geneses=(),
        movements=(),
        claims=(),
    )
    with pytest.raises(BusyError, match="meanwhile"):
        store.connect(stale)
    assert store.recent_blocks() == recent
    store.close()


def test_nothing_is_written_inside_a_snapshot(path: Path) -> None:
    store = IndexStore(path, REGTEST)
    store.begin(0)
    with store.snapshot(), pytest.raises(AssertionError, match="inside a snapshot"):
        store.begin(1)
    assert store.start_height() == 0
    store.close()


_SYNC_UNTIL_KILLED = """
import os, signal, sys
from pathlib import Path
from assets.index import image_index
from assets.store.index_store import IndexStore
from tests.assets.store.test_index_store import _long_chain
from wallet.network import REGTEST

image_index.MAX_RUN_BLOCKS = 5
die_at = int(sys.argv[2])

def progress(height, target, size):
    if height == die_at:
        os.kill(os.getpid(), signal.SIGKILL)

image_index.sync(_long_chain()[0], IndexStore(Path(sys.argv[1]), REGTEST), start_height=0, progress=progress)
"""


def _long_chain() -> tuple[FakeChain, Txid]:
    """The same chain in every process: the fake makes blocks out of nothing but its counter."""
    chain = FakeChain()
    born = genesis(chain)
    chain.mine(born)
    last, vout = born, 0
    for _ in range(30):
        last, vout = record(out(last, vout), RELEASE), 1
        chain.mine(last)
    return chain, txid_of(born)


@pytest.mark.parametrize("die_at", [1, 7, 14, 25])
def test_a_killed_process_leaves_whole_runs_and_the_next_one_goes_on(path: Path, die_at: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SYNC_UNTIL_KILLED, str(path), str(die_at)],
        check=False,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    chain, txid = _long_chain()
    store = IndexStore(path, REGTEST)
    with store.snapshot() as reader:
        tip = reader.tip()
    assert (tip.height + 1 if tip is not None else 0) == die_at // 5 * 5
    report = sync(chain, store, start_height=0)
    assert report.connected == chain.tip().height + 1 - die_at // 5 * 5
    with store.snapshot() as reader:
        assert len(reader.title_movements(txid)) == 31
    store.close()


def test_every_kind_and_every_judgement_has_a_number_of_its_own() -> None:
    assert set(_KINDS) == set(MovementKind)
    assert set(_AUTHORSHIPS) == set(Authorship)
    assert len(set(_KINDS.values())) == len(_KINDS)
    assert len(set(_AUTHORSHIPS.values())) == len(_AUTHORSHIPS)
