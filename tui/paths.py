"""Where files lie: one folder per network, one folder per wallet, all of them private to the user.

`DOCKCHAINS_HOME` puts settings, data and logs under one folder; without it the XDG folders are used.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wallet.errors import EncodingError
from wallet.store.wallet_folders import SIGNING_LOCK

APPLICATION = "dockchains"
_WALLET_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletPaths:
    """The files of one wallet."""

    name: str
    folder: Path

    @property
    def keystore(self) -> Path:
        """The encrypted recovery words."""
        return self.folder / "keystore.json"

    @property
    def watches_only(self) -> bool:
        """Whether its keys are elsewhere."""
        return not self.keystore.is_file() and (self.folder / "watch-only").is_file()

    @property
    def exists(self) -> bool:
        """Whether there is such a wallet, with its keys or without."""
        return self.keystore.is_file() or self.watches_only

    @property
    def database(self) -> Path:
        """Public keys, labels and the journal of signed transactions."""
        return self.folder / "wallet.db"

    @property
    def lock(self) -> Path:
        """Held by the one process that signs."""
        return self.folder / SIGNING_LOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The folders of this user."""

    settings_file: Path
    data: Path
    logs: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Paths":
        """From `DOCKCHAINS_HOME`, or the platform's folders."""
        home = environment.get("DOCKCHAINS_HOME")
        if home:
            root = Path(home).expanduser().absolute()
            return cls(settings_file=root / "settings.toml", data=root, logs=root / "log")
        import platformdirs

        return cls(
            settings_file=platformdirs.user_config_path(APPLICATION) / "settings.toml",
            data=platformdirs.user_data_path(APPLICATION),
            logs=platformdirs.user_log_path(APPLICATION),
        )

    @property
    def log_file(self) -> Path:
        """What went wrong, for whoever looks for the reason."""
        return self.logs / "dockchains.log"

    @property
    def logins(self) -> Path:
        """Logins at gates, one file for each registry host; container tools know hosts and no networks."""
        return self.data / "logins"

    def network(self, network: str) -> Path:
        """The folder of one network."""
        return self.data / network

    def index(self, network: str) -> Path:
        """The database of public facts, shared by all wallets of a network."""
        return self.network(network) / "index.db"

    def colors(self, network: str) -> Path:
        """What was found out about coins' colours; made anew from the chain where it is missing."""
        return self.network(network) / "colors.db"

    def pins(self, network: str) -> Path:
        """Whom this user trusts, on one network."""
        return self.network(network) / "pins.json"

    def names(self, network: str) -> Path:
        """Names of repositories that were typed, for those of which the chain holds only a hash."""
        return self.network(network) / "names"

    def wallet(self, network: str, name: str) -> WalletPaths:
        """The files of a wallet, which need not exist. Raises EncodingError for a name that is no plain word."""
        if not _WALLET_NAME.fullmatch(name):
            raise EncodingError(
                f"not a wallet name: {name[:40]!r}",
                hint="up to 32 lower-case letters, digits, dots, dashes and underscores, a letter or digit first",
            )
        return WalletPaths(name=name, folder=self.network(network) / "wallets" / name)

    def wallet_names(self, network: str) -> tuple[str, ...]:
        """The wallets of a network, by name."""
        folder = self.network(network) / "wallets"
        if not folder.is_dir():
            return ()
        found = (WalletPaths(name=path.name, folder=path) for path in folder.iterdir())
        return tuple(sorted(one.name for one in found if _WALLET_NAME.fullmatch(one.name) and one.exists))
