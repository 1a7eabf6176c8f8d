"""Opening a wallet with both of what its words give: keys that sign, and secrets that sign nothing."""

from dataclasses import dataclass
from pathlib import Path

from wallet.errors import StateError
from wallet.keys.keychain import PrivateKeychain
from wallet.keys.keystore import open_
from wallet.keys.own_scripts import Used
from wallet.secret_store import SeedSecrets
from wallet.signer import SoftwareSigner
from wallet.store.keystore_file import read_keystore
from wallet.store.wallet_store import WalletIdentity


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What a wallet's password opens."""

    signer: SoftwareSigner
    secrets: SeedSecrets


def unlock_whole(keystore: Path, password: str, identity: WalletIdentity, used: Used | None = None) -> Unlocked:
    """Everything that the password opens, by one run of the password's slow hash; `used` as `unlock` has it.

    Raises WrongPasswordError, KeystoreError, and StateError where keystore and database are not the same wallet's.
    """
    opened = open_(read_keystore(keystore), password)
    seed = opened.secret.seed()
    keychain = PrivateKeychain(seed, opened.header.network)
    if (keychain.network, keychain.fingerprint) != (identity.network, identity.fingerprint):
        raise StateError(
            "the keystore and the database beside it belong to different wallets",
            hint="restore the wallet from its words under a new name",
        )
    return Unlocked(SoftwareSigner(keychain, identity.network, used), SeedSecrets(seed))
