"""Use cases: a wallet in one file, and a wallet made from it again; another password for the keystore."""

from collections.abc import Callable
from pathlib import Path

from assets.remedies import ImageRemedy
from assets.services.read_models.wallet_views import WalletCard
from assets.services.wallets.opening import card_of
from wallet.account import Account
from wallet.backup import Backup, Cursor, read_backup, write_backup
from wallet.errors import StateError, StoreError
from wallet.hashes import outpoint_text, parse_outpoint
from wallet.keys.keychain import PUBLIC_ACCOUNTS, PrivateKeychain, account_chains
from wallet.keys.keystore import DEFAULT_COST, PASSWORD_ENTROPY, KdfCost, change_password, open_, read_header
from wallet.network import Network
from wallet.remedies import WalletRemedy
from wallet.store.keystore_file import KeystoreFile
from wallet.store.new_wallet import write_wallet
from wallet.store.wallet_store import Label, WalletIdentity, WalletStore

Password = Callable[[], str]


def make_backup(name: str, keystore: KeystoreFile, identity: WalletIdentity, store: WalletStore, *, now: int) -> bytes:
    """The bytes of a backup; no password is needed, since the words stay encrypted.

    Raises KeystoreError where the keystore cannot be read, StateError where it is another wallet's.
    """
    sealed = keystore.read()
    header = read_header(sealed)
    if (header.network, header.fingerprint) != (identity.network, identity.fingerprint):
        raise StateError(
            "the keystore and the database beside it belong to different wallets",
            hint="restore the wallet from its words under a new name",
        )
    labels = tuple(
        Label(type=label.type, ref=label.ref, label=label.label, origin=label.origin) for label in store.labels()
    )
    return write_backup(
        Backup(
            name=name,
            made=now,
            birth_height=identity.birth_height,
            xpubs=identity.xpubs,
            cursors=tuple(
                Cursor(account=account, chain=chain, next=store.next_index(account, chain))
                for account in PUBLIC_ACCOUNTS
                for chain in account_chains(account)
            ),
            labels=labels,
            frozen=tuple(sorted(outpoint_text(outpoint) for outpoint in store.frozen())),
            freed=tuple(sorted(outpoint_text(outpoint) for outpoint in store.freed())),
            keystore=sealed,
            secrets=store.handovers.secrets(),
        )
    )


def restore_backup(data: bytes, name: str, network: Network, folder: Path, password: Password) -> WalletCard:
    """Makes the wallet of a backup in `folder`, which appears whole or not at all; its password stays what it was.

    The password proves that the public keys in the file are those of its words. Raises StoreError, KeystoreError and
    WrongPasswordError, and StateError where the backup is another network's or the wallet exists.
    """
    if folder.exists():
        raise StateError(f"there is a wallet {name!r} on {network.name} already", hint=WalletRemedy.OTHER_NAME.of())
    backup = read_backup(data)
    header = read_header(backup.keystore)
    if header.network != network:
        raise StateError(
            f"the backup is of a wallet on {header.network.name}",
            hint=ImageRemedy.OTHER_NETWORK.of(network=header.network.name),
        )
    opened = open_(backup.keystore, password())
    account = Account.of(PrivateKeychain(opened.secret.seed(), opened.header.network))
    if account.fingerprint != opened.header.fingerprint or account.xpubs != backup.xpubs:
        raise StoreError(
            "the public keys in the backup are not those of its words: it was tampered with",
            hint="nothing was made; restore the wallet from its words",
        )
    identity = WalletIdentity(
        network=network,
        fingerprint=account.fingerprint,
        xpubs=account.xpubs,
        birth_height=min(backup.birth_height, opened.header.birth_height),
        created=opened.header.created,
    )
    write_wallet(folder, backup.keystore, identity, lambda store: _fill(store, backup))
    return card_of(name, identity)


def _fill(store: WalletStore, backup: Backup) -> None:
    store.take_in(
        backup.labels,
        freeze=[parse_outpoint(coin) for coin in backup.frozen],
        free=[parse_outpoint(coin) for coin in backup.freed],
    )
    for cursor in backup.cursors:
        if cursor.next:
            store.mark_used(cursor.account, cursor.chain, cursor.next - 1)
    for secret in backup.secrets:
        store.handovers.keep_secret(secret)


def renew_password(
    keystore: KeystoreFile, old: str, new: str, *, entropy: bytes, keep_old: bool, cost: KdfCost = DEFAULT_COST
) -> None:
    """Seals the keystore under another password. `entropy` are PASSWORD_ENTROPY random bytes.

    What was written is opened once before the older one is let go; with `keep_old` that stays beside it as `.bak`, and
    opens with the older password. Raises WrongPasswordError, KeystoreError, StoreError; nothing is changed then.
    """
    assert len(entropy) == PASSWORD_ENTROPY, "salt and nonce"
    before = keystore.read()
    after = change_password(before, old, new, entropy=entropy, cost=cost)

    def check(written: bytes) -> None:
        if open_(written, new).header != read_header(before):
            raise StoreError(
                f"{keystore.path.parent} does not hold what was written", hint="the older password still opens"
            )

    keystore.replace(after, keep_old=keep_old, check=check)
