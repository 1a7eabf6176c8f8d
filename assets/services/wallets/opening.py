"""Use case: make a wallet, and say what a person compares after a restore."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from assets.services.read_models.wallet_views import WalletCard
from assets.services.wallets.public_side import account_of
from wallet.account import Account
from wallet.coins import AccountKind, KeyPath
from wallet.errors import StateError
from wallet.keys.address import address_of, unit_address_of
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.keystore import (
    DEFAULT_COST,
    SEAL_ENTROPY,
    KdfCost,
    KeystoreHeader,
    KeystoreSecret,
    seal,
)
from wallet.network import Network
from wallet.remedies import WalletRemedy
from wallet.store.new_wallet import write_wallet
from wallet.store.wallet_folders import Beside
from wallet.store.wallet_store import WalletIdentity


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
            hint=WalletRemedy.OTHER_NAME.of(),
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
