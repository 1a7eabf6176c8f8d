"""Use cases around a wallet as such: make it, open it, unlock it."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from assets.remedies import ImageRemedy
from assets.services.read_models.wallet_views import WalletCard
from wallet.account import Account
from wallet.coins import AccountKind, KeyPath
from wallet.errors import StateError, StoreError
from wallet.keys.address import address_of, unit_address_of
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.keystore import (
    DEFAULT_COST,
    SEAL_ENTROPY,
    KdfCost,
    KeystoreHeader,
    KeystoreSecret,
    open_,
    seal,
)
from wallet.keys.own_scripts import Used
from wallet.network import Network
from wallet.signer import SoftwareSigner
from wallet.store.files import ensure_folder, explained, sync_folder
from wallet.store.keystore_file import create_keystore, mark_watch_only, read_keystore
from wallet.store.schema import wallet_database
from wallet.store.unfinished import unfinished_folder
from wallet.store.wallet_folders import Beside, is_made, take_back, write_beside
from wallet.store.wallet_store import WalletIdentity, WalletStore

KEYSTORE = "keystore.json"
DATABASE = "wallet.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWallet:
    """What a wallet is made of. `birth_height` is the block before which it cannot hold coins."""

    name: str
    network: Network
    words: str = field(repr=False)
    passphrase: str = field(repr=False)
    birth_height: int


def create(
    new: NewWallet,
    folder: Path,
    *,
    password: str,
    now: int,
    entropy: bytes | None = None,
    cost: KdfCost = DEFAULT_COST,
    words_file: Path | None = None,
) -> WalletCard:
    """Makes keystore and database in `folder`, which appears whole or not at all, and with it the new `words_file`.

    `entropy` are SEAL_ENTROPY random bytes. Raises StateError where the wallet exists, EncodingError for words that
    are not valid, StoreError.
    """
    if folder.exists():
        raise StateError(
            f"there is a wallet {new.name!r} on {new.network.name} already",
            hint=ImageRemedy.OTHER_NAME.of(),
        )
    secret = KeystoreSecret(words=new.words, passphrase=new.passphrase)
    keychain = PrivateKeychain(secret.seed(), new.network)
    account = Account.of(keychain)
    header = KeystoreHeader(
        network=new.network, fingerprint=keychain.fingerprint, birth_height=new.birth_height, created=now
    )
    sealed = seal(secret, password, header=header, entropy=entropy or os.urandom(SEAL_ENTROPY), cost=cost)
    identity = WalletIdentity(
        network=new.network,
        fingerprint=keychain.fingerprint,
        xpubs=account.xpubs,
        birth_height=new.birth_height,
        created=now,
    )
    beside = None if words_file is None else Beside(path=words_file, data=f"{new.words}\n".encode())
    write_wallet(folder, sealed, identity, beside=beside)
    return card_of(new.name, identity)


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
            hint="this one was not made, and its recovery words are of no use; " + ImageRemedy.OTHER_NAME.of(),
        ) from None


def identity_of(store: WalletStore, database: Path) -> WalletIdentity:
    """Whose wallet a database is. Raises StoreError where it does not say."""
    identity = store.identity()
    if identity is None:
        raise StoreError(f"{database} holds no wallet", hint="restore the wallet from its words under a new name")
    return identity


def account_of(identity: WalletIdentity) -> Account:
    """The public side of a wallet."""
    return Account(identity.network, identity.fingerprint, identity.xpubs)


def card_of(name: str, identity: WalletIdentity) -> WalletCard:
    """What a person compares after a restore."""
    account, network = account_of(identity), identity.network
    return WalletCard(
        name=name,
        network=network.name,
        fingerprint=identity.fingerprint.hex(),
        address=address_of(account.script(KeyPath(AccountKind.BTC, 0, 0)), network),
        unit_address=unit_address_of(account.script(KeyPath(AccountKind.UNITS, 0, 0)), network),
        birth_height=identity.birth_height,
        created=identity.created,
    )


def unlock(keystore: Path, password: str, identity: WalletIdentity, used: Used | None = None) -> SoftwareSigner:
    """A signer with the wallet's keys; `used` says how many of each path and chain were used.

    Raises WrongPasswordError, KeystoreError, and StateError where keystore and database are not the same wallet's.
    """
    opened = open_(read_keystore(keystore), password)
    keychain = PrivateKeychain(opened.secret.seed(), opened.header.network)
    if (keychain.network, keychain.fingerprint) != (identity.network, identity.fingerprint):
        raise StateError(
            "the keystore and the database beside it belong to different wallets",
            hint="restore the wallet from its words under a new name",
        )
    return SoftwareSigner(keychain, identity.network, used)
