"""The wallet's secrets for one piece of work on sealed images. They sign nothing."""

from dataclasses import dataclass, field

from assets.images.secret_ring import SecretRing
from assets.services.repository_secrets.secret_keeping import secret_ring
from assets.services.wallets.unlocking import unlock_whole
from tui.app.access_views import Opened
from tui.bootstrap import House
from wallet.secret_store import SecretStore


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a password opened: the words' own secrets, and all that open sealed images."""

    own: SecretStore = field(repr=False)
    ring: SecretRing = field(repr=False)


def open_secrets(house: House, password: str) -> Opened:
    """The secrets behind a value that screens can hold and not read. Raises WrongPasswordError."""
    own = unlock_whole(house.keystore, password, house.identity).secrets
    return Opened(Secrets(own, secret_ring(own, house.wallet_store.handovers)))


def secrets_of(opened: Opened) -> Secrets:
    """The inverse."""
    secrets = opened.handle
    assert isinstance(secrets, Secrets), "secrets come from `open_secrets`"
    return secrets
