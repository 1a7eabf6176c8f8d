import threading
from pathlib import Path

import pytest
from bitcoin.core import COutPoint

from tests.wallet.signing_cases import ACCOUNT
from wallet.coins import AccountKind, KeyPath
from wallet.errors import BusyError, StateError, StoreError
from wallet.network import REGTEST
from wallet.store.database import Database
from wallet.store.reservations import Reservation, Reservations
from wallet.store.schema import wallet_database
from wallet.store.signing_lock import SigningLock
from wallet.store.wallet_store import Label, LabelType, WalletIdentity, WalletStore

IDENTITY = WalletIdentity(
    network=REGTEST, fingerprint=ACCOUNT.fingerprint, xpubs=ACCOUNT.xpubs, birth_height=5, created=1_700_000_000
)
COIN, OTHER = COutPoint(b"\x01" * 32, 0), COutPoint(b"\x02" * 32, 7)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return wallet_database(tmp_path / "wallet.db")


@pytest.fixture
def store(database: Database) -> WalletStore:
    return WalletStore(database)


@pytest.fixture
def reservations(database: Database) -> Reservations:
    return Reservations(database)


def test_an_identity_is_kept(store: WalletStore) -> None:
    assert store.identity() is None
    store.create(IDENTITY)
    store.create(IDENTITY)
    assert store.identity() == IDENTITY


def test_another_wallet_does_not_move_in(store: WalletStore) -> None:
    store.create(IDENTITY)
    stranger = WalletIdentity(network=REGTEST, fingerprint=b"\x00" * 4, xpubs=IDENTITY.xpubs, birth_height=5, created=1)
    with pytest.raises(StateError, match=ACCOUNT.fingerprint.hex()):
        store.create(stranger)
    assert store.identity() == IDENTITY


def test_an_unknown_network_is_named(store: WalletStore, database: Database) -> None:
    store.create(IDENTITY)
    with database.transaction() as connection:
        connection.execute("UPDATE identity SET genesis = ?", (bytes(32),))
    with pytest.raises(StoreError, match="network that is not known"):
        store.identity()


def test_a_key_is_handed_out_once(store: WalletStore) -> None:
    assert store.next_index(AccountKind.BTC, 0) == 0
    assert store.hand_out(AccountKind.BTC, 0) == KeyPath(AccountKind.BTC, 0, 0)
    assert store.hand_out(AccountKind.BTC, 0) == KeyPath(AccountKind.BTC, 0, 1)
    assert store.hand_out(AccountKind.BTC, 1) == KeyPath(AccountKind.BTC, 1, 0)
    assert store.hand_out(AccountKind.UNITS, 0) == KeyPath(AccountKind.UNITS, 0, 0)


def test_a_cursor_only_rises(store: WalletStore) -> None:
    store.mark_used(AccountKind.BTC, 0, 9)
    store.mark_used(AccountKind.BTC, 0, 3)
    assert store.next_index(AccountKind.BTC, 0) == 10


def test_labels_keep_what_an_import_leaves_out(store: WalletStore) -> None:
    store.put_label(Label(type=LabelType.OUTPUT, ref="ab:0", label="title", origin="wpkh(x)", spendable=False))
    store.put_label(Label(type=LabelType.OUTPUT, ref="ab:0", label="renamed"))
    store.put_label(Label(type=LabelType.TX, ref="ab", label=""))
    assert store.labels() == (
        Label(type=LabelType.OUTPUT, ref="ab:0", label="renamed", origin="wpkh(x)", spendable=False),
        Label(type=LabelType.TX, ref="ab", label=""),
    )
    store.remove_label(LabelType.TX, "ab")
    assert len(store.labels()) == 1


def test_coins_freeze_and_thaw(store: WalletStore) -> None:
    store.freeze(COIN)
    store.freeze(COIN)
    store.freeze(OTHER)
    assert store.frozen() == {COIN, OTHER}
    store.unfreeze(COIN)
    assert store.frozen() == {OTHER}


def test_a_reservation_keeps_others_out_by_name(reservations: Reservations) -> None:
    reservations.reserve([COIN], "draft 1", now=100, expiry=200)
    with pytest.raises(BusyError, match="reserved by draft 1"):
        reservations.reserve([OTHER, COIN], "draft 2", now=150, expiry=None)
    assert reservations.active(150) == (Reservation(outpoint=COIN, owner="draft 1", expiry=200),)


def test_a_reservation_expires(reservations: Reservations) -> None:
    reservations.reserve([COIN], "draft 1", now=100, expiry=200)
    assert reservations.reserved(199) == {COIN}
    assert reservations.reserved(200) == frozenset()
    reservations.reserve([COIN], "lot 7", now=200, expiry=None)
    assert reservations.reserved(10**12) == {COIN}


def test_the_owner_may_prolong_and_release(reservations: Reservations) -> None:
    reservations.reserve([COIN, OTHER], "draft 1", now=100, expiry=200)
    reservations.reserve([COIN], "draft 1", now=150, expiry=300)
    assert reservations.reserved(250) == {COIN}
    reservations.release("draft 1")
    assert reservations.active(0) == ()


def test_one_signs_at_a_time_and_the_other_learns_who(tmp_path: Path) -> None:
    import os

    path = tmp_path / "signing.lock"
    with SigningLock(path), pytest.raises(BusyError, match=f"pid {os.getpid()}"), SigningLock(path):
        raise AssertionError
    with SigningLock(path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_patient_signer_waits_for_another_one_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "signing.lock"
    first = SigningLock(path)
    first.__enter__()
    leaving = threading.Timer(0.2, lambda: first.__exit__(None, None, None))
    leaving.start()
    with SigningLock(path, patience=10.0):
        leaving.join()
        with pytest.raises(BusyError), SigningLock(path, patience=0.1):
            raise AssertionError
