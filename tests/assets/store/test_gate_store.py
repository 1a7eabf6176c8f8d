"""A gate's sessions on disk: who vouches for whom, until when."""

import stat
from pathlib import Path

import pytest

from assets.store.gate_store import SESSIONS_PER_SCRIPT, GateStore
from tests.builders import script
from wallet.errors import StateError

ANN, BEN = script("ann"), script("ben")
KEY = b"\x02" + bytes(32)
NOW = 1_000_000


@pytest.fixture
def store(tmp_path: Path) -> GateStore:
    return GateStore(tmp_path / "gate.json.sessions")


def key(number: int) -> bytes:
    """One of many sessions."""
    return b"\x03" + number.to_bytes(32, "big")


def test_a_session_holds_from_its_beginning_to_its_end_and_over_a_restart(store: GateStore, tmp_path: Path) -> None:
    store.register(KEY, [ANN, BEN], since=NOW, until=NOW + 100, now=NOW)
    store.close()
    again = GateStore(tmp_path / "gate.json.sessions")
    assert set(again.scripts(KEY, NOW)) == {ANN, BEN}
    assert set(again.scripts(KEY, NOW + 99)) == {ANN, BEN}
    assert again.scripts(KEY, NOW - 1) == ()
    assert again.scripts(KEY, NOW + 100) == ()
    assert again.scripts(key(1), NOW) == ()
    assert again.count(NOW) == 1
    assert again.count(NOW + 100) == 0
    again.close()


def test_only_its_user_can_read_the_file(store: GateStore, tmp_path: Path) -> None:
    store.register(KEY, [ANN], since=NOW, until=NOW + 100, now=NOW)
    assert stat.S_IMODE((tmp_path / "gate.json.sessions").stat().st_mode) == 0o600
    store.close()


def test_others_can_neither_shorten_a_session_nor_take_scripts_from_it(store: GateStore) -> None:
    store.register(KEY, [ANN], since=NOW, until=NOW + 100, now=NOW)
    store.register(KEY, [BEN], since=NOW, until=NOW + 10, now=NOW)
    store.register(KEY, [ANN], since=NOW, until=NOW + 5, now=NOW)
    assert set(store.scripts(KEY, NOW + 9)) == {ANN, BEN}
    assert store.scripts(KEY, NOW + 50) == (ANN,)
    store.register(KEY, [ANN], since=NOW, until=NOW + 200, now=NOW)
    assert store.scripts(KEY, NOW + 150) == (ANN,)
    store.close()


def test_what_was_logged_out_cannot_be_logged_in_by_the_same_request(store: GateStore) -> None:
    store.register(KEY, [ANN], since=NOW, until=NOW + 100, now=NOW)
    assert store.end(KEY, NOW + 1)
    assert not store.end(KEY, NOW + 1)
    assert store.scripts(KEY, NOW + 2) == ()
    with pytest.raises(StateError, match="logged out"):
        store.register(KEY, [ANN], since=NOW, until=NOW + 100, now=NOW + 2)
    store.register(key(1), [ANN], since=NOW, until=NOW + 100, now=NOW + 2)
    assert store.scripts(key(1), NOW + 2) == (ANN,)
    store.close()


def test_a_session_that_nobody_knows_leaves_no_trace_when_it_ends(store: GateStore) -> None:
    assert not store.end(KEY, NOW)
    store.register(KEY, [ANN], since=NOW, until=NOW + 100, now=NOW)
    assert store.scripts(KEY, NOW) == (ANN,)
    store.close()


def test_a_script_has_a_bounded_number_of_sessions_and_the_oldest_gives_way(store: GateStore) -> None:
    for number in range(SESSIONS_PER_SCRIPT + 3):
        store.register(key(number), [ANN], since=NOW, until=NOW + 1_000, now=NOW + number)
    store.register(KEY, [BEN], since=NOW, until=NOW + 1_000, now=NOW)
    later = NOW + SESSIONS_PER_SCRIPT + 3
    assert store.scripts(key(2), later) == ()
    assert store.scripts(key(3), later) == (ANN,)
    assert store.scripts(KEY, later) == (BEN,)
    assert store.count(later) == SESSIONS_PER_SCRIPT + 1
    store.close()


def test_what_is_over_is_forgotten(store: GateStore) -> None:
    store.register(KEY, [ANN], since=NOW, until=NOW + 10, now=NOW)
    store.register(key(1), [BEN], since=NOW + 20, until=NOW + 30, now=NOW + 20)
    assert store.scripts(KEY, NOW + 5) == ()
    store.close()
