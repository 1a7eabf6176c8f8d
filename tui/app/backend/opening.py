"""A wallet's keys and secrets, opened with its password when they are first needed."""

from functools import cached_property

from assets.services.wallets.unlocking import Unlocked
from tui.bootstrap import House
from wallet.secret_store import SecretStore
from wallet.signer import SoftwareSigner


class Opening:
    """Implements `OpenKeys`: keys are opened once, secrets apart from them, where they are asked for."""

    def __init__(self, house: House, password: str) -> None:
        self._house = house
        self._password = password

    def __call__(self) -> SoftwareSigner:
        """The keys that sign. Raises WrongPasswordError."""
        return self._signer

    def secrets(self) -> SecretStore:
        """What signs nothing. Raises WrongPasswordError."""
        return self._whole.secrets

    def __repr__(self) -> str:
        return "Opening()"

    @cached_property
    def _signer(self) -> SoftwareSigner:
        return self._house.signer(self._password)

    @cached_property
    def _whole(self) -> Unlocked:
        return self._house.unlocked(self._password)
