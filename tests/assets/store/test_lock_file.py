"""Writing lock files: entries are added and renewed, and nothing changes its mind in passing."""

import fcntl
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from bitcoin.core.script import CScript

from assets.errors import TrustError
from assets.images.pin import Pin
from assets.store.lock_file import locked_pin, put_in_lock, require_agreeing
from assets.store.trust_store import read_lock
from tests.builders import script
from wallet.errors import BusyError
from wallet.hashes import BlockHash, Txid
from wallet.network import REGTEST, TESTNET4

NAME, OTHER = "registry.example/acme/app", "registry.example/acme/web"


def pin(name: str = NAME, genesis: int = 1, *owners: CScript) -> Pin:
    """A pin on regtest."""
    return Pin(
        name=name,
        network=REGTEST.genesis,
        genesis=Txid(bytes([genesis]) * 32),
        owners=owners or (script("owner"),),
        height=7,
        block=BlockHash(bytes(32)),
    )


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Where the lock file of a project will be."""
    return tmp_path / "dockchains.lock"


def test_a_new_lock_file_holds_the_pin_and_nothing_lies_beside_it(lock: Path) -> None:
    assert put_in_lock(lock, REGTEST, [pin()]).pins == (pin(),)
    assert read_lock(lock, REGTEST).pins == (pin(),)
    assert [path.name for path in lock.parent.iterdir()] == [lock.name]


def test_entries_are_added_in_order_and_renewed_in_place(lock: Path) -> None:
    put_in_lock(lock, REGTEST, [pin(OTHER, 2)])
    put_in_lock(lock, REGTEST, [pin()])
    renewed = replace(pin(), owners=(script("owner"), script("buyer")), height=9)
    put_in_lock(lock, REGTEST, [renewed])
    assert read_lock(lock, REGTEST).pins == (renewed, pin(OTHER, 2))


def test_owners_that_an_entry_accepts_stay_accepted(lock: Path) -> None:
    assert locked_pin(lock, REGTEST, NAME) is None
    put_in_lock(lock, REGTEST, [pin()])
    put_in_lock(lock, REGTEST, [pin(NAME, 1, script("buyer"))])
    kept = locked_pin(lock, REGTEST, NAME)
    assert kept is not None
    assert kept.owners == (script("owner"), script("buyer"))
    assert locked_pin(lock, REGTEST, OTHER) is None


def test_an_entry_for_another_genesis_is_never_replaced(lock: Path) -> None:
    put_in_lock(lock, REGTEST, [pin()])
    before = lock.read_bytes()
    with pytest.raises(TrustError, match="names genesis 0101"):
        put_in_lock(lock, REGTEST, [pin(genesis=3)])
    with pytest.raises(TrustError, match="your pin 0303"):
        require_agreeing(lock, REGTEST, pin(genesis=3))
    require_agreeing(lock, REGTEST, pin())
    assert lock.read_bytes() == before


def test_a_lock_file_of_another_network_is_left_alone(lock: Path) -> None:
    put_in_lock(lock, TESTNET4, [replace(pin(), network=TESTNET4.genesis)])
    before = lock.read_bytes()
    with pytest.raises(TrustError, match="pinned for testnet4, not regtest"):
        put_in_lock(lock, REGTEST, [pin()])
    assert lock.read_bytes() == before


@pytest.mark.parametrize("text", ["", "version = 2\n", "version = 1\nextra = 1\n", "not toml at all ["])
def test_a_file_that_is_no_lock_file_is_never_written_over(lock: Path, text: str) -> None:
    lock.write_text(text)
    with pytest.raises(TrustError, match=r"dockchains\.lock cannot be used"):
        put_in_lock(lock, REGTEST, [pin()])
    assert lock.read_text() == text


def test_the_mode_of_the_projects_file_stays(lock: Path) -> None:
    put_in_lock(lock, REGTEST, [pin()])
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    lock.chmod(0o644)
    put_in_lock(lock, REGTEST, [pin(OTHER, 2)])
    assert stat.S_IMODE(lock.stat().st_mode) == 0o644


def test_a_link_to_the_lock_file_stays_a_link(lock: Path) -> None:
    real = lock.with_name("real.lock")
    put_in_lock(real, REGTEST, [pin()])
    lock.symlink_to(real.name)
    put_in_lock(lock, REGTEST, [pin(OTHER, 2)])
    assert lock.is_symlink()
    assert len(read_lock(real, REGTEST).pins) == 2


def test_two_programs_do_not_write_at_once(lock: Path) -> None:
    folder = os.open(lock.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="another program is changing a lock file"):
            put_in_lock(lock, REGTEST, [pin()])
    finally:
        os.close(folder)
    assert not lock.exists()


def test_a_folder_that_is_not_there_is_said_to_be_missing(lock: Path) -> None:
    with pytest.raises(TrustError, match="there is no folder"):
        put_in_lock(lock.parent / "nowhere" / "lock", REGTEST, [pin()])
