"""A wallet in one file: what is written is read, and what is damaged, newer or something else is said so."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bitcoin.core import COutPoint
from hypothesis import given
from hypothesis import strategies as st

from assets.services.wallets.backups import make_backup, renew_password, restore_backup
from assets.services.wallets.opening import NewWallet, create
from assets.services.wallets.public_side import identity_of
from assets.services.wallets.unlocking import unlock
from wallet.backup import MAX_BACKUP, Backup, read_backup, write_backup
from wallet.coins import AccountKind
from wallet.errors import (
    KeystoreError,
    NewerVersionError,
    StateError,
    StoreError,
    WalletError,
    WrongPasswordError,
)
from wallet.hashes import Txid, sha256
from wallet.keys.keystore import PASSWORD_ENTROPY, SEAL_ENTROPY, KdfCost
from wallet.network import REGTEST, SIGNET
from wallet.store.handovers import HandedSecret
from wallet.store.keystore_file import KeystoreFile, backup_path
from wallet.store.new_wallet import KEYSTORE
from wallet.store.schema import wallet_database
from wallet.store.wallet_store import Label, LabelType, WalletIdentity, WalletStore

WORDS = " ".join(["abandon"] * 11 + ["about"])
CHEAP = KdfCost(passes=1, memory=8 * 1024, lanes=1)
COIN = COutPoint(b"\x05" * 32, 3)
LABEL = Label(type=LabelType.TX, ref="ab" * 32, label="rent", origin="wpkh([00000000/84'/0'/0'])")


class Made:
    """A wallet on the disk, with a label, a frozen coin and keys that were handed out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        new = NewWallet(name="savings", network=REGTEST, words=WORDS, passphrase="extra", birth_height=7)
        create(new, folder, password="older one", now=1, entropy=bytes(range(SEAL_ENTROPY)), cost=CHEAP)
        self.database = wallet_database(folder / "wallet.db")
        self.store = WalletStore(self.database)
        self.store.take_in([LABEL], freeze=[COIN])
        self.store.mark_used(AccountKind.UNITS, 0, 4)

    @property
    def identity(self) -> WalletIdentity:
        return identity_of(self.store, self.folder / "wallet.db")

    def backup(self) -> bytes:
        return make_backup("savings", KeystoreFile(self.folder / KEYSTORE), self.identity, self.store, now=99)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    wallet = Made(tmp_path / "wallets" / "savings")
    yield wallet
    wallet.database.close()


def test_a_backup_brings_back_keys_labels_frozen_coins_and_cursors(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "again"
    card = restore_backup(made.backup(), "again", REGTEST, folder, lambda: "older one")
    database = wallet_database(folder / "wallet.db")
    store = WalletStore(database)
    assert identity_of(store, folder) == made.identity
    assert card.birth_height == 7
    assert store.labels() == (LABEL,)
    assert store.frozen() == {COIN}
    assert store.next_index(AccountKind.UNITS, 0) == 5
    assert store.next_index(AccountKind.BTC, 0) == 0
    assert (folder / KEYSTORE).read_bytes() == (made.folder / KEYSTORE).read_bytes()
    assert unlock(KeystoreFile(folder / KEYSTORE), "older one", made.identity).fingerprint == made.identity.fingerprint
    database.close()


def test_a_backup_brings_back_freed_coins_and_older_programs_are_told(made: Made, tmp_path: Path) -> None:
    before = json.loads(made.backup())
    freed = COutPoint(b"\x07" * 32, 1)
    made.store.free(freed)
    after = json.loads(made.backup())
    assert (before["version"], after["version"]) == (1, 3)
    assert "freed" not in before
    folder = tmp_path / "elsewhere" / "again"
    restore_backup(made.backup(), "again", REGTEST, folder, lambda: "older one")
    database = wallet_database(folder / "wallet.db")
    assert WalletStore(database).freed() == {freed}
    database.close()
    for version in (1, 2):
        with pytest.raises(StoreError, match="checksum"):
            restore_backup(rewritten(made.backup(), version=version), "x", REGTEST, tmp_path / "x", lambda: "older one")


def test_a_backup_holds_no_secret_in_the_clear(made: Made) -> None:
    data = made.backup()
    for secret in (b"abandon", b"extra", b"prv"):
        assert secret not in data


def test_the_password_is_needed_and_nothing_is_made_without(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    with pytest.raises(WrongPasswordError):
        restore_backup(made.backup(), "again", REGTEST, folder, lambda: "wrong")
    with pytest.raises(StateError, match="the backup is of a wallet on regtest"):
        restore_backup(made.backup(), "again", SIGNET, folder, lambda: "older one")
    with pytest.raises(StateError, match="already"):
        restore_backup(made.backup(), "savings", REGTEST, made.folder, lambda: "older one")
    assert not folder.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["wallets"]


def rewritten(data: bytes, **changes: Any) -> bytes:
    """A backup with changed fields and a checksum that fits."""
    document = json.loads(data) | changes | {"checksum": ""}
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    document["checksum"] = sha256(body.encode()).hex()
    return (json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def test_public_keys_of_somebody_else_are_found_out(made: Made, tmp_path: Path) -> None:
    other = Made(tmp_path / "other")
    foreign = NewWallet(name="x", network=REGTEST, words=WORDS, passphrase="", birth_height=0)
    create(foreign, tmp_path / "foreign", password="older one", now=1, entropy=os.urandom(SEAL_ENTROPY), cost=CHEAP)
    database = wallet_database(tmp_path / "foreign" / "wallet.db")
    stolen = identity_of(WalletStore(database), tmp_path)
    database.close()
    other.database.close()
    data = rewritten(made.backup(), xpubs=[[account.value, xpub] for account, xpub in stolen.xpubs])
    read_backup(data)
    with pytest.raises(StoreError, match="tampered with"):
        restore_backup(data, "again", REGTEST, tmp_path / "again", lambda: "older one")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"version": 4}, NewerVersionError, "written by a newer version"),
        ({"version": 2}, StoreError, "damaged"),
        ({"secrets": [["ab" * 32, "00" * 8, "", "x"]]}, StoreError, "damaged"),
        ({"format": "dockchains keystore"}, StoreError, "is not a backup"),
        ({"birth_height": -1}, StoreError, "out of bounds"),
        ({"cursors": [[0, 0, 2**31]]}, StoreError, "out of bounds"),
        ({"cursors": [[1, 0, 0]]}, StoreError, "damaged"),
        ({"labels": [{"type": "tx", "ref": "zz"}]}, StoreError, "not a transaction id"),
        ({"labels": [{"type": "word", "ref": "zz"}]}, StoreError, "damaged"),
        ({"frozen": ["x:1"]}, StoreError, "not an outpoint"),
        ({"keystore": "{}"}, StoreError, "damaged"),
        ({"more": 1}, StoreError, "damaged"),
    ],
)
def test_what_is_wrong_with_a_backup_is_named(
    made: Made, changes: dict[str, Any], kind: type[WalletError], message: str
) -> None:
    with pytest.raises(kind, match=message) as refused:
        read_backup(rewritten(made.backup(), **changes))
    assert refused.value.hint


@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_no_byte_of_a_backup_can_change(place: int, byte: int) -> None:
    data = bytearray(SAMPLE)
    at = place % len(data)
    changed = data[at] != byte
    data[at] = byte
    if changed:
        with pytest.raises(StoreError):
            read_backup(bytes(data))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(StoreError):
        read_backup(data)


def test_files_that_are_too_large_or_too_deep_are_refused() -> None:
    for data in (b" " * (MAX_BACKUP + 1), b"[" * 100_000):
        with pytest.raises(StoreError):
            read_backup(data)


def sample() -> bytes:
    """A small backup around a real keystore."""
    from wallet.keys.keychain import PrivateKeychain
    from wallet.keys.keystore import KeystoreHeader, KeystoreSecret, seal

    secret = KeystoreSecret(words=WORDS)
    keychain = PrivateKeychain(secret.seed(), REGTEST)
    header = KeystoreHeader(network=REGTEST, fingerprint=keychain.fingerprint, birth_height=0, created=1)
    sealed = seal(secret, "older one", header=header, entropy=bytes(SEAL_ENTROPY), cost=CHEAP)
    return write_backup(
        Backup(
            name="x", made=1, birth_height=0, xpubs=(), cursors=(), labels=(LABEL,), frozen=(), keystore=sealed
        )
    )  # fmt: skip


SAMPLE = sample()


def test_another_password_opens_the_keystore_and_the_old_one_nothing(made: Made) -> None:
    keystore = made.folder / KEYSTORE
    renew_password(
        KeystoreFile(keystore),
        "older one",
        "newer one",
        entropy=bytes(range(PASSWORD_ENTROPY)),
        keep_old=False,
        cost=CHEAP,
    )
    assert unlock(KeystoreFile(keystore), "newer one", made.identity).fingerprint == made.identity.fingerprint
    with pytest.raises(WrongPasswordError):
        unlock(KeystoreFile(keystore), "older one", made.identity)
    assert not backup_path(keystore).exists()
    assert {path.name for path in made.folder.iterdir()} <= {
        KEYSTORE,
        "wallet.db",
        "wallet.db.lock",
        "wallet.db-wal",
        "wallet.db-shm",
    }


def test_the_older_keystore_is_kept_where_it_is_asked_for(made: Made) -> None:
    keystore = made.folder / KEYSTORE
    before = keystore.read_bytes()
    renew_password(
        KeystoreFile(keystore),
        "older one",
        "newer one",
        entropy=bytes(range(PASSWORD_ENTROPY)),
        keep_old=True,
        cost=CHEAP,
    )
    assert backup_path(keystore).read_bytes() == before
    assert (
        unlock(KeystoreFile(backup_path(keystore)), "older one", made.identity).fingerprint == made.identity.fingerprint
    )


@pytest.mark.parametrize(
    ("old", "new", "kind"), [("wrong", "newer one", WrongPasswordError), ("older one", "", KeystoreError)]
)
def test_a_change_that_fails_changes_nothing(made: Made, old: str, new: str, kind: type[WalletError]) -> None:
    keystore = made.folder / KEYSTORE
    before = keystore.read_bytes()
    with pytest.raises(kind):
        renew_password(KeystoreFile(keystore), old, new, entropy=bytes(PASSWORD_ENTROPY), keep_old=False, cost=CHEAP)
    assert keystore.read_bytes() == before
    assert not backup_path(keystore).exists()


def test_a_backup_brings_back_the_secrets_that_sellers_handed_over(made: Made, tmp_path: Path) -> None:
    assert json.loads(made.backup())["version"] == 1
    handed = HandedSecret(
        subject=Txid(bytes(range(32))), id=b"8 bytes!", script=b"\x00\x14" + bytes(20), document="a.b"
    )
    made.store.handovers.keep_secret(handed)
    assert json.loads(made.backup())["version"] == 2
    folder = tmp_path / "again"
    restore_backup(made.backup(), "again", REGTEST, folder, lambda: "older one")
    database = wallet_database(folder / "wallet.db")
    assert WalletStore(database).handovers.secrets() == (handed,)
    database.close()


@pytest.mark.parametrize(
    "secret",
    [
        ["ab" * 31, "00" * 8, "", "x"],
        ["ab" * 32, "00" * 7, "", "x"],
        ["ab" * 32, "zz" * 8, "", "x"],
        ["ab" * 32, "00" * 8, "00" * 10_001, "x"],
        ["ab" * 32, "00" * 8, "", "x" * 4_097],
    ],
    ids=["short txid", "short id", "no hex", "long script", "long document"],
)
def test_a_secret_that_is_out_of_form_is_damage(made: Made, secret: list[str]) -> None:
    document = json.loads(made.backup())
    ordered = {key: document[key] for key in ("birth_height", "checksum", "cursors", "format", "frozen", "keystore")}
    ordered |= {key: document[key] for key in ("labels", "made", "name")} | {"secrets": [secret], "version": 2}
    with pytest.raises(StoreError, match="damaged") as refused:
        read_backup(rewritten(json.dumps(ordered | {"xpubs": document["xpubs"]}).encode()))
    assert "checksum" not in str(refused.value)
