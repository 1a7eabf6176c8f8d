"""The keystore as a file: 0600, written atomically, with one backup, never over another wallet's."""

from pathlib import Path

from wallet.errors import KeystoreError, StoreError
from wallet.keys.keystore import MAX_KEYSTORE, read_header
from wallet.store.files import read_private, write_private

BACKUP_SUFFIX = ".bak"
WATCH_ONLY = "watch-only"
"""The file in the keystore's place that says that the keys are elsewhere."""


def backup_path(path: Path) -> Path:
    """Where the version before the last write is kept."""
    return path.with_name(path.name + BACKUP_SUFFIX)


def create_keystore(path: Path, data: bytes) -> None:
    """Writes a new keystore. Raises StoreError where the name is taken, whatever lies there."""
    read_header(data)
    write_private(path, data, overwrite=False)


def mark_watch_only(path: Path) -> None:
    """Says, in the place of a keystore at `path`, that the wallet's keys are elsewhere. Raises StoreError."""
    write_private(watch_only_path(path), b"The keys of this wallet are elsewhere. It signs nothing.\n", overwrite=False)


def watch_only_path(path: Path) -> Path:
    """The file that says so, beside where the keystore at `path` would be."""
    return path.with_name(WATCH_ONLY)


def require_keys(path: Path) -> None:
    """Raises KeystoreError where the wallet with its keystore at `path` only watches."""
    if not path.exists() and watch_only_path(path).exists():
        raise KeystoreError(
            f"the wallet {path.parent.name!r} only watches: its keys are elsewhere",
            hint="a command that has --psbt FILE leaves its transaction for them, and `wallet sign` signs it there; "
            "any other runs where they are",
        )


def read_keystore(path: Path) -> bytes:
    """The keystore's bytes. Raises KeystoreError where there is none or others can read it."""
    require_keys(path)
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
