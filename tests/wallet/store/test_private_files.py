import errno
import os
import stat
from pathlib import Path

import pytest

from tests.wallet.keys.test_keystore import CHEAP, ENTROPY, FILE, HEADER, SECRET
from wallet.errors import KeystoreError, StoreError
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.keystore import KeystoreHeader, KeystoreSecret, change_password, open_, seal
from wallet.keys.mnemonic import generate
from wallet.network import REGTEST
from wallet.remedies import WalletRemedy
from wallet.store.files import read_private, write_private
from wallet.store.keystore_file import (
    KeystoreFile,
    backup_path,
    create_keystore,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wallets" / "main" / "keystore.json"


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def other_wallet() -> bytes:
    secret = KeystoreSecret(words=generate(bytes(16)))
    fingerprint = PrivateKeychain(secret.seed(), REGTEST).fingerprint
    header = KeystoreHeader(network=REGTEST, fingerprint=fingerprint, birth_height=0, created=0)
    return seal(secret, "another one", header=header, entropy=ENTROPY, cost=CHEAP)


def test_a_keystore_is_written_for_this_user_only(path: Path) -> None:
    create_keystore(path, FILE)
    assert KeystoreFile(path).read() == FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(path.parent) == ["keystore.json"]


def test_a_new_keystore_never_overwrites(path: Path) -> None:
    create_keystore(path, FILE)
    with pytest.raises(StoreError, match="exists already"):
        create_keystore(path, other_wallet())
    assert KeystoreFile(path).read() == FILE
    assert names(path.parent) == ["keystore.json"]


@pytest.mark.parametrize("reason", [errno.EPERM, errno.EOPNOTSUPP], ids=["FAT", "others"])
def test_a_file_system_without_hard_links_overwrites_as_little(
    path: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, "link", refuse)
    write_private(path, b"first", overwrite=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(StoreError, match="exists already"):
        write_private(path, b"second", overwrite=False)
    assert path.read_bytes() == b"first"
    assert names(path.parent) == ["keystore.json"]


def good(_: bytes) -> None:
    """Nothing is wrong with what was written."""


def test_a_replaced_keystore_leaves_one_backup_where_that_is_asked_for_and_none_else(path: Path) -> None:
    create_keystore(path, FILE)
    changed = change_password(FILE, "correct horse", "a new horse", entropy=bytes(28), cost=CHEAP)
    KeystoreFile(path).replace(changed, keep_old=True, check=good)
    assert KeystoreFile(path).read() == changed
    assert open_(KeystoreFile(backup_path(path)).read(), "correct horse").secret == SECRET
    KeystoreFile(path).replace(FILE, keep_old=True, check=good)
    assert KeystoreFile(backup_path(path)).read() == changed
    assert names(path.parent) == ["keystore.json", "keystore.json.bak"]
    KeystoreFile(path).replace(changed, keep_old=False, check=good)
    assert names(path.parent) == ["keystore.json"]
    assert KeystoreFile(path).read() == changed


def test_a_keystore_that_was_not_written_as_it_should_changes_nothing(path: Path) -> None:
    create_keystore(path, FILE)
    changed = change_password(FILE, "correct horse", "a new horse", entropy=bytes(28), cost=CHEAP)

    def bad(written: bytes) -> None:
        assert written == changed
        raise StoreError("it does not hold what was written")

    with pytest.raises(StoreError, match="does not hold"):
        KeystoreFile(path).replace(changed, keep_old=True, check=bad)
    assert KeystoreFile(path).read() == FILE
    assert names(path.parent) == ["keystore.json"]


def test_another_wallets_keystore_is_never_replaced(path: Path) -> None:
    create_keystore(path, FILE)
    with pytest.raises(KeystoreError, match=HEADER.fingerprint.hex()):
        KeystoreFile(path).replace(other_wallet(), keep_old=True, check=good)
    assert KeystoreFile(path).read() == FILE


def test_only_a_keystore_is_written_as_one(path: Path) -> None:
    with pytest.raises(KeystoreError):
        create_keystore(path, b"{}")
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_keystore_that_others_can_reach_is_refused(path: Path, mode: int) -> None:
    create_keystore(path, FILE)
    path.chmod(mode)
    with pytest.raises(KeystoreError, match=f"mode {mode:04o}") as caught:
        KeystoreFile(path).read()
    assert f"chmod 600 {path}" in caught.value.hint


def test_a_missing_keystore_says_what_to_run(path: Path) -> None:
    with pytest.raises(KeystoreError, match="there is no keystore") as caught:
        KeystoreFile(path).read()
    assert caught.value.advice == WalletRemedy.CREATE_OR_RESTORE.of()


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(StoreError, match="not a plain file"):
        read_private(tmp_path / "pipe", 10)
    (tmp_path / "folder").mkdir(mode=0o700)
    with pytest.raises(StoreError):
        read_private(tmp_path / "folder", 10)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    write_private(tmp_path / "file", b"12345", overwrite=False)
    assert read_private(tmp_path / "file", 5) == b"12345"
    with pytest.raises(StoreError, match="too large"):
        read_private(tmp_path / "file", 4)
    assert read_private(tmp_path / "none", 4) is None


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    with pytest.raises(StoreError, match="taken"):
        write_private(target, b"new", overwrite=True)
    assert names(tmp_path) == ["taken"]
