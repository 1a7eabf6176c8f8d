"""Waiting for blocks on a chain in memory: progress, replacements, what falls out, and a node that is silent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bitcoin.core import CTransaction, CTxOut

from tests.assets.services.fake_session import NOW, FakeWallet, transaction
from tui.verbs.waiting import LONGEST_PAUSE, PATIENCE, wait_until_confirmed
from wallet.coins import AccountKind, KeyPath
from wallet.errors import ChainUnavailableError, StateError
from wallet.hashes import display, txid_of
from wallet.store.journal import JournalEntry


@dataclass
class Clock:
    """Time that passes by sleeping alone; `events` happen at the first sleeps, one each."""

    events: Iterator[Callable[[], object]]
    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """The next thing happens."""
        self.now += seconds
        self.pauses.append(seconds)
        next(self.events, lambda: None)()

    def time(self) -> float:
        """Seconds since the beginning."""
        return self.now


@pytest.fixture
def wallet(tmp_path: Path) -> FakeWallet:
    """A wallet on a chain in memory."""
    return FakeWallet(tmp_path)


def sent(wallet: FakeWallet, sats: int = 9_000, *, replaces: CTransaction | None = None) -> CTransaction:
    """A transaction of the wallet that waits for a block, perhaps in the place of another one."""
    coin = wallet.fund(10_000) if replaces is None else replaces.vin[0].prevout
    tx = transaction(coin, CTxOut(sats, wallet.account.script(KeyPath(AccountKind.BTC, 0, 1))))
    entry = JournalEntry(tx=tx, kind="release", created=NOW, genesis=None, summary="{}")
    wallet.session.journal.record(entry, replaces=None if replaces is None else txid_of(replaces))
    if replaces is None:
        wallet.chain.broadcast(tx)
    else:
        wallet.chain.replace(tx)
    return tx


def waited(
    wallet: FakeWallet, tx: CTransaction, wanted: int, *events: Callable[[], object]
) -> tuple[Clock, list[str], list[int]]:
    """Waits; the clock, what was noted, and how far it was said to be."""
    clock, notes, depths = Clock(iter(events)), list[str](), list[int]()
    wait_until_confirmed(
        (txid_of(tx),),
        wanted,
        wallet.session,
        sleep=clock.sleep,
        clock=clock.time,
        progress=lambda done, total: depths.append(done),
        note=notes.append,
    )
    return clock, notes, depths


def test_each_block_is_a_step_and_the_last_one_ends_it(wallet: FakeWallet) -> None:
    tx = sent(wallet)
    clock, notes, depths = waited(
        wallet, tx, 3, lambda: None, wallet.chain.mine, wallet.chain.mine_empty, wallet.chain.mine_empty
    )
    assert depths == [0, 0, 1, 2, 3]
    assert notes == []
    assert clock.pauses == sorted(clock.pauses)


def test_what_is_deep_enough_is_not_waited_for(wallet: FakeWallet) -> None:
    tx = sent(wallet)
    wallet.chain.mine()
    wallet.chain.mine_empty(5)
    clock, _, depths = waited(wallet, tx, 2)
    assert (clock.pauses, depths) == ([], [2])


def test_a_reorganisation_begins_the_count_anew(wallet: FakeWallet) -> None:
    tx = sent(wallet)
    _, _, depths = waited(
        wallet, tx, 2, wallet.chain.mine, lambda: wallet.chain.reorg(1), wallet.chain.mine, wallet.chain.mine_empty
    )
    assert depths == [0, 1, 0, 1, 2]


def test_a_bump_is_followed_to_the_transaction_that_took_the_place(wallet: FakeWallet) -> None:
    tx = sent(wallet)
    _, notes, depths = waited(wallet, tx, 1, lambda: sent(wallet, 8_000, replaces=tx), wallet.chain.mine)
    assert (notes, depths) == ([], [0, 0, 1])


def test_what_left_the_mempool_is_sent_again(wallet: FakeWallet) -> None:
    tx = sent(wallet)
    _, notes, _ = waited(wallet, tx, 1, lambda: wallet.chain.evict(txid_of(tx)), lambda: None, wallet.chain.mine)
    assert notes == [f"sent again: {display(txid_of(tx))}, which the node no longer had"]


def test_what_somebody_else_made_void_ends_the_waiting(wallet: FakeWallet) -> None:
    tx = sent(wallet)
    rival = transaction(tx.vin[0].prevout, CTxOut(7_000, tx.vout[0].scriptPubKey))

    def overtaken() -> None:
        wallet.chain.evict(txid_of(tx))
        wallet.chain.mine(rival)

    with pytest.raises(StateError, match=f"no longer has {display(txid_of(tx))}|can no longer confirm"):
        waited(wallet, tx, 1, overtaken)


def test_a_node_that_comes_back_in_time_is_waited_for(wallet: FakeWallet) -> None:
    tx = sent(wallet)

    def down(is_down: bool) -> Callable[[], None]:
        return lambda: setattr(wallet.chain, "down", is_down)

    _, notes, depths = waited(wallet, tx, 1, down(True), lambda: None, down(False), wallet.chain.mine)
    assert len(notes) == 1
    assert "the node gives no answer" in notes[0]
    assert depths == [0, 0, 1]


def test_a_node_that_stays_away_ends_the_waiting_and_says_that_nothing_is_lost(wallet: FakeWallet) -> None:
    tx = sent(wallet)
    wallet.chain.down = True
    clock = Clock(iter(()))
    with pytest.raises(ChainUnavailableError, match="stopped waiting") as ended:
        wait_until_confirmed(
            (txid_of(tx),),
            1,
            wallet.session,
            sleep=clock.sleep,
            clock=clock.time,
            progress=lambda _, __: None,
            note=lambda _: None,
        )
    assert "what was sent stays" in ended.value.hint
    assert PATIENCE <= clock.now < PATIENCE + 2 * LONGEST_PAUSE
