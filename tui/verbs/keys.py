"""A wallet's keys and secrets, opened with its password when they are first needed, and then once."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from tui.bootstrap import House

if TYPE_CHECKING:
    from assets.services.wallets.unlocking import Unlocked
    from wallet.secret_store import SecretStore
    from wallet.signer import WalletSigner


Secrets = Callable[[], "SecretStore"]
"""Opens what signs nothing: the secrets that follow from the words."""


class Keys(Protocol):
    """Opens the wallet's keys, once for all that belongs together."""

    def __call__(self) -> "WalletSigner":
        """The keys that sign. Raises WrongPasswordError, KeystoreError where the wallet only watches."""

    def secrets(self) -> "SecretStore":
        """What signs nothing: the secrets that follow from the words."""


class Opening:
    """Implements `Keys` over a wallet's keystore. `password` is asked once, when it is first needed."""

    def __init__(self, house: House, password: Callable[[], str]) -> None:
        self._house = house
        self._ask = password

    def __call__(self) -> "WalletSigner":
        """The keys that sign."""
        return self._signer

    def secrets(self) -> "SecretStore":
        """What signs nothing."""
        return self._whole.secrets

    def __repr__(self) -> str:
        return "Opening()"

    @cached_property
    def _password(self) -> str:
        self._house.require_keys()
        return self._ask()

    @cached_property
    def _signer(self) -> "WalletSigner":
        return self._whole.signer if "_whole" in vars(self) else self._house.signer(self._password)

    @cached_property
    def _whole(self) -> "Unlocked":
        return self._house.unlocked(self._password)
