"""Copies of a wallet, and the password that opens it."""

import os
from pathlib import Path

from assets.services.wallets.backups import make_backup, renew_password
from tui.verbs.files import require_new, write_new
from tui.verbs.reading import Reading
from tui.verbs.wallet.views import Backup
from wallet.keys.keystore import PASSWORD_ENTROPY, require_good_password


def back_up(file: Path, place: Reading) -> Backup:
    """Writes the wallet into a new file: encrypted words, labels, public facts. Raises StoreError."""
    house = place.house
    require_new(file)
    store = house.wallet_store
    data = make_backup(house.wallet_paths.name, house.keystore, house.identity, store, now=house.now())
    write_new(file, data)
    return Backup(file=str(file), bytes=len(data), secrets=len(store.handovers.secrets()))


def change_password(old: str, new: str, place: Reading, *, keep_old: bool) -> str:
    """Seals the keystore under another password; the older keystore's file where it is kept, else an empty text.

    Raises KeystoreError for a short new one and where the wallet only watches, WrongPasswordError, BusyError.
    """
    house = place.house
    house.require_keys()
    require_good_password(new)
    paths = house.wallet_paths
    with house.signing_lock():
        renew_password(house.keystore, old, new, entropy=os.urandom(PASSWORD_ENTROPY), keep_old=keep_old)
    return f"{paths.keystore}.bak" if keep_old else ""
