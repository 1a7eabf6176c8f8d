"""Read models of the app alone: frozen, only texts, numbers, booleans and tuples of these.

What both front ends show is in `assets.services.read_models.wallet_views` and its neighbours.
"""

from dataclasses import dataclass, field

from assets.services.read_models.image_views import PinsView
from tui.verbs.settings import SettingLine


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletChoice:
    """A wallet on this machine. One that `watches` has its keys elsewhere, so that no password opens it."""

    network: str
    name: str
    watches: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkChoice:
    """A network on which a wallet may be made. `refusal` says why not, or is empty."""

    name: str
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityView:
    """What a person compares before a restore: the master fingerprint and the first address."""

    fingerprint: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsView:
    """Every setting, and the file that holds those that the user wrote down."""

    file: str
    settings: tuple[SettingLine, ...]
    pins: PinsView
