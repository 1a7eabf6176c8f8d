import fcntl
import multiprocessing
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from assets.errors import TrustError
from assets.images.lock import serialize_lock
from assets.images.pin import Pins
from assets.store.trust_store import PinStore, read_lock
from tests.assets.images.lineage import BOB
from tests.assets.images.test_pin import OTHER, PIN
from wallet.errors import BusyError, EncodingError, WalletError
from wallet.network import MAINNET, REGTEST


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "regtest" / "pins.json"


def test_no_file_means_no_pins_and_reading_makes_none(path: Path) -> None:
    assert PinStore(path, REGTEST).load() == Pins()
    assert not path.parent.exists()


def test_what_was_pinned_is_there_for_another_program(path: Path) -> None:
    PinStore(path, REGTEST).pin(PIN)
    PinStore(path, REGTEST).pin(OTHER)
    assert PinStore(path, REGTEST).load().pins == (PIN, OTHER)
    assert PinStore(path, REGTEST).unpin(PIN.name).pins == (OTHER,)
    assert PinStore(path, REGTEST).accept_owner(OTHER.name, BOB).pins == (OTHER,)
    assert PinStore(path, REGTEST).load().pins == (OTHER,)


def test_an_owner_is_accepted_only_for_what_is_pinned(path: Path) -> None:
    store = PinStore(path, REGTEST)
    store.pin(PIN)
    store.accept_owner(PIN.name, BOB)
    assert store.load().pins == (PIN.accepting(BOB),)
    with pytest.raises(TrustError, match="not pinned"):
        store.accept_owner(OTHER.name, BOB)
    with pytest.raises(TrustError, match="not pinned"):
        store.unpin(OTHER.name)


def test_a_pin_is_renewed_only_in_place_of_the_one_that_was_shown(path: Path) -> None:
    store = PinStore(path, REGTEST)
    store.renew(None, PIN)
    with pytest.raises(TrustError, match="pinned by another program"):
        store.renew(None, PIN.accepting(BOB))
    assert store.renew(PIN, PIN.accepting(BOB)).pins == (PIN.accepting(BOB),)
    with pytest.raises(TrustError, match="pinned by another program"):
        store.renew(PIN, PIN)


def test_file_and_folder_are_the_users_alone(path: Path) -> None:
    PinStore(path, REGTEST).pin(PIN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(one.name for one in path.parent.iterdir()) == ["pins.json", "pins.json.lock"]


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_not_trusted(path: Path, mode: int) -> None:
    store = PinStore(path, REGTEST)
    store.pin(PIN)
    path.chmod(mode)
    for use in (store.load, lambda: store.pin(OTHER)):
        with pytest.raises(TrustError, match="others may write") as caught:
            use()
        assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize("document", [b"", b"{}", b'{"pins":[],"v":1}\n', b'{"pins":[],"v":2}', b"\x00" * 100])
def test_a_damaged_file_is_named_and_left_as_it_is(path: Path, document: bytes) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(document)
    path.chmod(0o600)
    store = PinStore(path, REGTEST)
    for use in (store.load, lambda: store.pin(PIN), lambda: store.unpin(PIN.name)):
        with pytest.raises(TrustError, match=r"pins\.json") as caught:
            use()
        assert caught.value.hint
    assert path.read_bytes() == document


def test_a_file_of_another_network_is_refused(path: Path) -> None:
    PinStore(path, REGTEST).pin(PIN)
    with pytest.raises(TrustError, match="pinned for regtest, not mainnet"):
        PinStore(path, MAINNET).load()
    with pytest.raises(EncodingError, match="pinned for regtest, not mainnet"):
        PinStore(path.with_name("other.json"), MAINNET).pin(PIN)
    assert not path.with_name("other.json").exists()


def test_a_file_that_is_too_large_is_not_read(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    with path.open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    path.chmod(0o600)
    with pytest.raises(TrustError, match="more than 16777216 bytes"):
        PinStore(path, REGTEST).load()


def test_what_is_no_regular_file_is_refused(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    os.mkfifo(path, 0o600)
    with pytest.raises(TrustError):
        PinStore(path, REGTEST).load()
    path.unlink()
    path.mkdir()
    with pytest.raises(TrustError):
        PinStore(path, REGTEST).load()


def test_a_change_that_cannot_be_written_loses_nothing(path: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(TrustError, match="cannot be"):
        PinStore(blocked / "pins.json", REGTEST).pin(PIN)


def test_saving_replaces_everything_even_a_damaged_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"damaged")
    PinStore(path, REGTEST).save(Pins(pins=(OTHER,)))
    assert PinStore(path, REGTEST).load().pins == (OTHER,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_change_waits_for_another_and_then_gives_up(path: Path) -> None:
    PinStore(path, REGTEST).pin(PIN)
    with path.with_name("pins.json.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="another program"):
            PinStore(path, REGTEST, patience=0.0).pin(OTHER)
        assert PinStore(path, REGTEST).load().pins == (PIN,)
    PinStore(path, REGTEST, patience=0.0).pin(OTHER)


def pin_several(path: Path, label: str) -> None:
    store = PinStore(path, REGTEST, patience=60.0)
    for number in range(15):
        store.pin(replace(PIN, name=f"registry.example/{label}/{number}"))


def test_two_processes_that_pin_at_once_both_keep_their_pins(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=pin_several, args=(path, label)) for label in ("one", "two")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(PinStore(path, REGTEST).load().pins) == 30


def test_a_lock_file_is_read_where_it_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "dockchains.lock"
    lock.write_bytes(serialize_lock(Pins(pins=(OTHER, PIN))))
    assert read_lock(lock).pins == (PIN, OTHER)
    assert read_lock(lock, REGTEST).network == REGTEST
    with pytest.raises(TrustError, match="not mainnet"):
        read_lock(lock, MAINNET)


@pytest.mark.parametrize("document", [None, b"", b"version = 3\n", b"\xff\xff"])
def test_a_lock_file_that_cannot_be_used_is_named(tmp_path: Path, document: bytes | None) -> None:
    lock = tmp_path / "named.lock"
    if document is not None:
        lock.write_bytes(document)
    with pytest.raises(WalletError, match=r"named\.lock") as caught:
        read_lock(lock)
    assert caught.value.hint
