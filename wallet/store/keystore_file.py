"""The keystore as a file: 0600, written atomically, with one backup, never over another wallet's."""

from collections.abc import Callable
from pathlib import Path

from wallet.errors import KeystoreError, StoreError
from wallet.keys.keystore import MAX_KEYSTORE, read_header
from wallet.remedies import WalletRemedy
from wallet.store.files import explained, read_private, sync_folder, write_private
from wallet.store.unfinished import unfinished_file

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
            hint=WalletRemedy.SIGN_ELSEWHERE.of(),
        )


class KeystoreFile:
    """A wallet's keystore, at a path where it may or may not be."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> bytes:
        """Its bytes. Raises KeystoreError where there is none or others can read it."""
        require_keys(self.path)
        try:
            data = read_private(self.path, MAX_KEYSTORE)
        except StoreError as error:
            raise KeystoreError(str(error), hint=error.advice) from error
        if data is None:
            raise KeystoreError(
                f"there is no keystore at {self.path}",
                hint=WalletRemedy.CREATE_OR_RESTORE.of(),
            )
        return data

    def replace(self, data: bytes, *, keep_old: bool, check: Callable[[bytes], None]) -> None:
        """Writes a keystore over an older one of the same wallet, once `check` found what reached the disk good.

        With `keep_old` the older one stays beside it as the backup, which opens with the older password; without, no
        backup stays. A kill at any moment leaves the old keystore or the new one, whole. Raises KeystoreError where the
        file there is another wallet's, StoreError, and what `check` raises; then nothing is changed.
        """
        path, old = self.path, self.read()
        before, after = read_header(old), read_header(data)
        if (before.fingerprint, before.network) != (after.fingerprint, after.network):
            raise KeystoreError(
                f"{path} belongs to another wallet ({before.fingerprint.hex()})", hint="choose another wallet name"
            )
        with explained(path), unfinished_file(path.parent, replacing=True) as new:
            new.file.write(data)
            new.file.flush()
            new.file.seek(0)
            check(new.file.read())
            if keep_old:
                write_private(backup_path(path), old, overwrite=True)
            else:
                backup_path(path).unlink(missing_ok=True)
            new.take_place_of(path)
            sync_folder(path.parent)
