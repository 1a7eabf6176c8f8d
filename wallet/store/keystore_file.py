"""The keystore as a file: 0600, written atomically, with one backup, never over another wallet's."""

from pathlib import Path

from wallet.errors import KeystoreError, StoreError
from wallet.keys.keystore import MAX_KEYSTORE, read_header
from wallet.store.files import read_private, write_private

BACKUP_SUFFIX = ".bak"


def backup_path(path: Path) -> Path:
    """Where the version before the last write is kept."""
    return path.with_name(path.name + BACKUP_SUFFIX)


def create_keystore(path: Path, data: bytes) -> None:
    """Writes a new keystore. Raises StoreError where the name is taken, whatever lies there."""
    read_header(data)
    write_private(path, data, overwrite=False)


def read_keystore(path: Path) -> bytes:
    """The keystore's bytes. Raises KeystoreError where there is none or others can read it."""
    try:
        data = read_private(path, MAX_KEYSTORE)
    except StoreError as error:
        raise KeystoreError(str(error), hint=error.hint) from error
    if data is None:
        raise KeystoreError(
            f"there is no keystore at {path}", hint="run `dockchains wallet create` or `dockchains wallet restore`"
        )
    return data


def replace_keystore(path: Path, data: bytes) -> None:
    """Writes a keystore over an older one of the same wallet, which becomes the backup.

    The backup opens with the older password. Raises KeystoreError where the file there is another wallet's.
    """
    old = read_keystore(path)
    before, after = read_header(old), read_header(data)
    if (before.fingerprint, before.network) != (after.fingerprint, after.network):
        raise KeystoreError(
            f"{path} belongs to another wallet ({before.fingerprint.hex()})", hint="choose another wallet name"
        )
    write_private(backup_path(path), old, overwrite=True)
    write_private(path, data, overwrite=True)


def remove_backup(path: Path) -> None:
    """Removes the backup, so that an older password opens nothing any more."""
    backup_path(path).unlink(missing_ok=True)
