"""The public side of a wallet, as its database has it: no password, and none of what opens a keystore."""

from pathlib import Path

from wallet.account import Account
from wallet.errors import StoreError
from wallet.keys.own_scripts import KeptHashes
from wallet.store.wallet_store import WalletIdentity, WalletStore


def identity_of(store: WalletStore, database: Path) -> WalletIdentity:
    """Whose wallet a database is. Raises StoreError where it does not say."""
    identity = store.identity()
    if identity is None:
        raise StoreError(f"{database} holds no wallet", hint="restore the wallet from its words under a new name")
    return identity


def account_of(identity: WalletIdentity, kept: KeptHashes | None = None) -> Account:
    """The public side of a wallet, and where hashes of its keys are kept."""
    return Account(identity.network, identity.fingerprint, identity.xpubs, kept=kept)
