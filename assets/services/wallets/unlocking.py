"""Opening a wallet with both of what its words give: keys that sign, and secrets that sign nothing."""

from dataclasses import dataclass

from wallet.errors import StateError
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.keystore import open_
from wallet.keys.own_scripts import Used
from wallet.secret_store import SeedSecrets
from wallet.signer import SoftwareSigner, WalletSigner
from wallet.store.keystore_file import KeystoreFile
from wallet.store.wallet_store import WalletIdentity


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What a wallet's password opens."""

    signer: WalletSigner
    secrets: SeedSecrets


def unlock(keystore: KeystoreFile, password: str, identity: WalletIdentity, used: Used | None = None) -> WalletSigner:
    """A signer with the wallet's keys; `used` says how many of each path and chain were used.

    Raises WrongPasswordError, KeystoreError, and StateError where keystore and database are not the same wallet's.
    """
    _, keychain = _opened(keystore, password, identity)
    return SoftwareSigner(keychain, identity.network, used)


def unlock_whole(keystore: KeystoreFile, password: str, identity: WalletIdentity, used: Used | None = None) -> Unlocked:
    """Everything that the password opens, by one run of the password's slow hash. Raises what `unlock` raises."""
    seed, keychain = _opened(keystore, password, identity)
    return Unlocked(SoftwareSigner(keychain, identity.network, used), SeedSecrets(seed))


def _opened(keystore: KeystoreFile, password: str, identity: WalletIdentity) -> tuple[bytes, PrivateKeychain]:
    opened = open_(keystore.read(), password)
    seed = opened.secret.seed()
    keychain = PrivateKeychain(seed, opened.header.network)
    if (keychain.network, keychain.fingerprint) != (identity.network, identity.fingerprint):
        raise StateError(
            "the keystore and the database beside it belong to different wallets",
            hint="restore the wallet from its words under a new name",
        )
    return seed, keychain
