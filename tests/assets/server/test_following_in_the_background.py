"""The thread that follows the chain, and requests that wait for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from assets.errors import IndexStateError
from assets.index.image_index import SyncReport
from assets.index.reader import IndexTip
from assets.server import gate_follow
from assets.server.gate_follow import IndexFollower, Progress
from wallet.chain.source import Tip
from wallet.errors import ChainUnavailableError, WalletError
from wallet.hashes import BlockHash

HASH = BlockHash(bytes(32))


class Chain:
    """An index that is at the node's tip after each round, unless there is trouble."""

    def __init__(self) -> None:
        self.height = 5
        self.rounds = 0
        self.trouble: Exception | None = None
        self.behind = 0
        self.hold: threading.Event | None = None

    def read(self, stop: Callable[[], bool]) -> SyncReport:
        """One round."""
        if self.hold is not None:
            self.hold.wait(10)
        self.rounds += 1
        if self.trouble is not None:
            raise self.trouble
        tip = IndexTip(height=self.height - self.behind, hash=HASH, start_height=0)
        return SyncReport(connected=0, disconnected=0, tip=tip, dropped=(), unproven=0, bytes_read=0, stopped=stop())

    def tip(self) -> Tip:
        """The node's."""
        return Tip(height=self.height, hash=HASH, time=0, headers=self.height, syncing=False)


@contextmanager
def following(chain: Chain) -> Iterator[IndexFollower]:
    """A follower whose rounds are all asked for."""
    follower = IndexFollower(chain.read, chain.tip, pause=3_600)
    thread = threading.Thread(target=follower.run)
    thread.start()
    try:
        yield follower
    finally:
        follower.stop()
        thread.join(10)
        assert not thread.is_alive()


def test_whoever_waits_gets_a_round_that_began_after_the_question() -> None:
    chain = Chain()
    with following(chain) as follower:
        follower.catch_up()
        before = chain.rounds
        chain.height = 6
        follower.catch_up()
        assert chain.rounds > before
        assert follower.progress == Progress(height=6, node=6)
        assert follower.progress.current


def test_before_the_first_round_nothing_is_current() -> None:
    follower = IndexFollower(Chain().read, Chain().tip, pause=1)
    assert not follower.progress.current


@pytest.mark.parametrize("trouble", [ChainUnavailableError("down"), IndexStateError("moving")])
def test_what_a_round_meets_is_told_to_those_who_wait_and_the_next_round_may_go_well(trouble: WalletError) -> None:
    chain = Chain()
    chain.trouble = trouble
    with following(chain) as follower:
        with pytest.raises(type(trouble)):
            follower.catch_up()
        assert follower.progress.trouble
        assert not follower.progress.current
        chain.trouble = None
        follower.catch_up()
        assert follower.progress.current


def test_a_bug_in_a_round_ends_neither_the_thread_nor_the_waiting() -> None:
    chain = Chain()
    chain.trouble = ZeroDivisionError("a bug")
    with following(chain) as follower:
        with pytest.raises(IndexStateError, match="cannot be brought up to date"):
            follower.catch_up()
        chain.trouble = None
        follower.catch_up()


def test_an_index_that_is_behind_is_not_current() -> None:
    chain = Chain()
    chain.behind = 2
    with following(chain) as follower:
        follower.catch_up()
        assert (follower.progress.height, follower.progress.node) == (3, 5)
        assert not follower.progress.current


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_follow, "PATIENCE", 0.05)
    chain = Chain()
    chain.hold = threading.Event()
    with following(chain) as follower:
        with pytest.raises(IndexStateError, match="behind"):
            follower.catch_up()
        chain.hold.set()


def test_a_stop_lets_those_go_who_wait() -> None:
    chain = Chain()
    chain.hold = threading.Event()
    told: list[str] = []
    with following(chain) as follower:

        def ask() -> None:
            try:
                follower.catch_up()
            except IndexStateError as error:
                told.append(str(error))

        waiting = threading.Thread(target=ask)
        waiting.start()
        follower.stop()
        waiting.join(10)
        assert told == ["the index is behind the node"]
        chain.hold.set()
