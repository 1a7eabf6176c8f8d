"""A wallet's folder on its way to its name: keystore and database appear together, or not at all."""

import errno
from collections.abc import Callable
from pathlib import Path

from wallet.errors import StateError
from wallet.remedies import WalletRemedy
from wallet.store.files import ensure_folder, explained, sync_folder
from wallet.store.keystore_file import create_keystore, mark_watch_only
from wallet.store.schema import wallet_database
from wallet.store.unfinished import unfinished_folder
from wallet.store.wallet_folders import Beside, is_made, take_back, write_beside
from wallet.store.wallet_store import WalletIdentity, WalletStore

KEYSTORE = "keystore.json"
DATABASE = "wallet.db"


def write_wallet(
    folder: Path,
    sealed: bytes | None,
    identity: WalletIdentity,
    fill: Callable[[WalletStore], None] | None = None,
    *,
    beside: Beside | None = None,
) -> None:
    """Fills a folder under another name and gives it its own at the end; `fill` puts more into the database.

    `sealed` is the keystore, None for a wallet whose keys are elsewhere. The file `beside` the wallet is written before
    the wallet has its name, and taken back where it never gets it, also by the next run after a kill.
    """
    ensure_folder(folder.parent)
    with explained(folder.parent), unfinished_folder(folder.parent, take_back) as unfinished:
        if sealed is None:
            mark_watch_only(unfinished / KEYSTORE)
        else:
            create_keystore(unfinished / KEYSTORE, sealed)
        database = wallet_database(unfinished / DATABASE)
        try:
            store = WalletStore(database)
            store.create(identity)
            if fill is not None:
                fill(store)
        finally:
            database.close()
        try:
            if beside is not None:
                write_beside(unfinished, beside)
            _rename_once(unfinished, folder)
        except BaseException:
            take_back(unfinished)
            raise
        sync_folder(folder.parent)
        is_made(folder)


def _rename_once(unfinished: Path, folder: Path) -> None:
    """Gives a wallet its name. Raises StateError where another process was faster: no wallet is ever replaced."""
    try:
        unfinished.rename(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise StateError(
            f"another process made a wallet {folder.name!r} at the same moment",
            hint="this one was not made, and its recovery words are of no use; " + WalletRemedy.OTHER_NAME.of(),
        ) from None
