"""The machine before a wallet is open: which wallets there are, making one, and the node of a network."""

import os
from dataclasses import replace

from assets.services.read_models.wallet_views import DoctorView
from tui.app.house.checks import check
from tui.app.house.services import HouseServices
from tui.app.kinds import Kind
from tui.app.services import Services
from tui.app.views import IdentityView, NetworkChoice, WalletChoice
from tui.bootstrap import House
from tui.paths import Paths
from tui.settings import Origin, Settings
from tui.verbs.chain.status import doctor
from tui.verbs.reading import Reading
from tui.verbs.wallet import make
from tui.verbs.wallet.requests import FromBackup, NewWords, OldWords
from tui.verbs.wallet.views import MadeWallet
from wallet.account import Account
from wallet.coins import AccountKind, KeyPath
from wallet.errors import StateError
from wallet.keys import mnemonic
from wallet.keys.address import address_of
from wallet.keys.keychain import PrivateKeychain
from wallet.network import NETWORKS, network_named

_COMPLETIONS = 6
_OFF = "switched off: real money would move; set allow_mainnet = true in the settings file"


class HouseLobby:
    """Implements `Lobby` over the settings and the folders of this user."""

    def __init__(self, settings: Settings, paths: Paths) -> None:
        self._settings = settings
        self._paths = paths

    def check(self, kind: Kind, text: str) -> str:
        """Whether a text may stand in a field."""
        return check(kind, text, None)

    def wallets(self) -> tuple[WalletChoice, ...]:
        """Those of the networks that may be used; a network or a wallet that the settings name narrows them."""
        allowed = [one.name for one in self.networks() if not one.refusal]
        wanted = self._settings.network
        found = [
            WalletChoice(network=network, name=name, watches=self._paths.wallet(network, name).watches_only)
            for network in allowed
            if wanted in (None, network)
            for name in self._paths.wallet_names(network)
        ]
        named = [one for one in found if one.name == self._settings.wallet]
        return tuple(named or found)

    def networks(self) -> tuple[NetworkChoice, ...]:
        """All of them, the one that the settings name first; mainnet only by an explicit choice."""
        off = not self._settings.allow_mainnet and self._settings.origin("network") is not Origin.FLAG
        names = sorted(NETWORKS, key=lambda name: name != self._settings.network)
        return tuple(
            NetworkChoice(name=name, refusal=_OFF if off and NETWORKS[name].is_mainnet else "") for name in names
        )

    def node(self, network: str) -> DoctorView:
        """What the node of a network can do, and what to fix."""
        return doctor(Reading(house=self._house(network, None)))

    def new_words(self, count: int) -> str:
        """12 or 24 new recovery words, from the system's randomness."""
        return mnemonic.generate(os.urandom(16 if count == 12 else 32))

    def check_words(self, words: str) -> None:
        """Raises EncodingError."""
        mnemonic.check(words)

    def completions(self, beginning: str) -> tuple[str, ...]:
        """The words of the list that begin so."""
        return mnemonic.beginning_with(beginning)[:_COMPLETIONS]

    def identity(self, network: str, words: str, passphrase: str) -> IdentityView:
        """The master fingerprint and the first address of words that are valid."""
        known = network_named(network)
        account = Account.of(PrivateKeychain(mnemonic.seed(words, passphrase), known))
        script = account.script(KeyPath(AccountKind.BTC, 0, 0))
        return IdentityView(fingerprint=account.fingerprint.hex(), address=address_of(script, known))

    def create(self, choice: WalletChoice, request: NewWords | OldWords, password: str) -> MadeWallet:
        """Makes keystore and database."""
        check(Kind.PASSWORD, password, None)
        place = Reading(house=self._house(choice.network, choice.name))
        if isinstance(request, NewWords):
            return make.of_new_words(request, password, place)
        return make.of_old_words(request, password, place)

    def restore_backup(self, choice: WalletChoice, request: FromBackup, password: str) -> MadeWallet:
        """Makes the wallet of a backup; its password stays what it was."""
        return make.of_backup(request, lambda: password, Reading(house=self._house(choice.network, choice.name)))

    def open(self, choice: WalletChoice) -> Services:
        """A house of its own for each wallet."""
        return HouseServices(choice, self._house(choice.network, choice.name))

    def _house(self, network: str, wallet: str | None) -> House:
        refusal = next((one.refusal for one in self.networks() if one.name == network), "")
        if refusal:
            raise StateError(f"{network} is {refusal}")
        others = [pair for pair in self._settings.origins if pair[0] not in ("network", "wallet")]
        origins = (*others, ("network", Origin.FLAG), ("wallet", Origin.FLAG))
        return House(replace(self._settings, network=network, wallet=wallet, origins=origins), self._paths)
