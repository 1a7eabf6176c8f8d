"""The composition root: makes each part from the settings when it is first asked for.

Every import of something heavy happens where it is used, since each command pays for what it imports.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tui.paths import Paths, WalletPaths
from tui.settings import Origin, Settings
from wallet.errors import ChainError, EncodingError, KeystoreError, StateError
from wallet.network import NETWORKS, Network, network_named

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from assets.registry.client import RegistryClient
    from assets.registry.settings import RegistrySettings
    from assets.services.access.gate_logins import GateLogins
    from assets.services.spending.wallet_facts import WalletFacts
    from assets.services.wallets.session import Session
    from assets.services.wallets.unlocking import Unlocked
    from assets.store.color_store import ColorStore
    from assets.store.document_store import DocumentStore
    from assets.store.image_store import ImageStore
    from assets.store.index_store import IndexStore
    from assets.store.name_store import NameStore
    from assets.store.session_store import SessionStore
    from assets.store.trust_store import PinStore
    from wallet.account import Account
    from wallet.chain.bitcoind import Bitcoind
    from wallet.chain.endpoint import Endpoint
    from wallet.keys.own_scripts import Used
    from wallet.signer import WalletSigner
    from wallet.store.cold_drafts import ColdDrafts
    from wallet.store.database import Database
    from wallet.store.keystore_file import KeystoreFile
    from wallet.store.signing_lock import SigningLock
    from wallet.store.wallet_store import WalletIdentity, WalletStore

DEFAULT_WALLET = "default"

SIGNING_PATIENCE = 10.0
"""Seconds that one signer waits for another one of the same wallet, which takes a moment for each signature."""

Share = Callable[[float], None]


class House:
    """The parts of the program, for one network and one wallet."""

    def __init__(self, settings: Settings, paths: Paths) -> None:
        self.settings = settings
        self.paths = paths

    @cached_property
    def network(self) -> Network:
        """The network: as set, or the one that this user has wallets on. mainnet only by an explicit choice."""
        chosen = self.settings.network
        network = network_named(chosen or self._network_of_wallets())
        explicit = chosen is None or self.settings.origin("network") is Origin.FLAG or self.settings.allow_mainnet
        if network.is_mainnet and not explicit:
            raise StateError(
                "mainnet is switched off: real money would move",
                hint="say --network mainnet on the command line, or set allow_mainnet = true in the settings file",
            )
        return network

    @cached_property
    def wallet_paths(self) -> WalletPaths:
        """The files of the chosen wallet: as set, or the only one there is."""
        names = self.paths.wallet_names(self.network.name)
        if self.settings.wallet is not None:
            return self.paths.wallet(self.network.name, self.settings.wallet)
        if len(names) > 1:
            raise StateError(
                f"there are {len(names)} wallets on {self.network.name}: {', '.join(names)}",
                hint="choose one with --wallet NAME",
            )
        return self.paths.wallet(self.network.name, names[0] if names else DEFAULT_WALLET)

    def new_wallet_paths(self) -> WalletPaths:
        """Where a new wallet goes. Raises StateError where one of this name exists."""
        name = self.settings.wallet or DEFAULT_WALLET
        paths = self.paths.wallet(self.network.name, name)
        if paths.folder.exists():
            raise StateError(
                f"there is a wallet {name!r} on {self.network.name} already",
                hint="choose another name with --wallet NAME",
            )
        return paths

    def keystores(self) -> "tuple[tuple[str, KeystoreFile], ...]":
        """The wallets of the network by name, with their keystores."""
        from wallet.store.keystore_file import KeystoreFile

        names = self.paths.wallet_names(self.network.name)
        return tuple((name, KeystoreFile(self.paths.wallet(self.network.name, name).keystore)) for name in names)

    @property
    def keystore(self) -> "KeystoreFile":
        """The chosen wallet's keystore."""
        from wallet.store.keystore_file import KeystoreFile

        return KeystoreFile(self.wallet_paths.keystore)

    def signing_lock(self, patience: float = 0.0) -> "SigningLock":
        """Held by whoever signs, and by whoever writes the keystore."""
        from wallet.store.signing_lock import SigningLock

        return SigningLock(self.wallet_paths.lock, patience=patience)

    def require_wallet(self) -> None:
        """Raises KeystoreError where the chosen wallet does not exist."""
        paths = self.wallet_paths
        if not paths.exists:
            raise KeystoreError(
                f"there is no wallet {paths.name!r} on {self.network.name}",
                hint=f"make one with: dockchains wallet create --network {self.network.name}",
            )

    def require_keys(self) -> None:
        """Raises KeystoreError where the chosen wallet only watches."""
        from wallet.store.keystore_file import require_keys

        require_keys(self.wallet_paths.keystore)

    def require_node(self) -> None:
        """Raises ChainUnavailableError or WrongNetworkError where the node cannot be used."""
        self.node.tip()

    @staticmethod
    def sleep(seconds: float) -> None:
        """Lets time pass."""
        time.sleep(seconds)

    @staticmethod
    def now() -> int:
        """Unix seconds."""
        return int(time.time())

    @cached_property
    def endpoint(self) -> "Endpoint":
        """Where the node listens and how we prove that we may ask."""
        from wallet.chain.endpoint import Endpoint, Login

        settings, network = self.settings, self.network
        url = settings.node_url or f"http://127.0.0.1:{network.rpc_port}"
        endpoint = Endpoint.parse(url, cookie=settings.node_cookie or default_cookie(network), port=network.rpc_port)
        if settings.node_user is not None and settings.node_password_file is not None:
            login = Login(settings.node_user, _password_in(settings.node_password_file))
            endpoint = replace(endpoint, credentials=login)
        return endpoint

    @cached_property
    def node(self) -> "Bitcoind":
        """The node. Nothing is sent before it is first asked."""
        from wallet.chain.bitcoind import Bitcoind

        return Bitcoind.at(self.endpoint, self.network)

    def birth_height(self) -> int | None:
        """The tip's height, before which a new wallet cannot hold anything; None where the node cannot be asked."""
        try:
            return self.node.tip().height
        except ChainError:
            return None

    @cached_property
    def database(self) -> "Database":
        """The wallet's database."""
        from wallet.store.schema import wallet_database

        return wallet_database(self.wallet_paths.database)

    @property
    def wallet_store(self) -> "WalletStore":
        """Identity, labels and cursors of the wallet, and the secrets that sellers handed over."""
        from wallet.store.wallet_store import WalletStore

        return WalletStore(self.database)

    @property
    def cold_drafts(self) -> "ColdDrafts":
        """What waits for signatures from elsewhere."""
        from wallet.store.cold_drafts import ColdDrafts

        return ColdDrafts(self.database)

    @cached_property
    def identity(self) -> "WalletIdentity":
        """Whose wallet it is."""
        from assets.services.wallets.public_side import identity_of

        identity = identity_of(self.wallet_store, self.wallet_paths.database)
        if identity.network != self.network:
            raise StateError(
                f"the wallet in {self.wallet_paths.folder} is for {identity.network.name}, not {self.network.name}",
                hint="move it to the folder of its network",
            )
        return identity

    @cached_property
    def account(self) -> "Account":
        """The public side of the wallet."""
        from assets.services.wallets.public_side import account_of
        from wallet.store.kept_hashes import KeptHashStore

        account = account_of(self.identity, KeptHashStore(self.database))
        return account.with_lots(self.wallet_store.shop_keys())

    def facts_without_node(self) -> "WalletFacts":
        """What the wallet's own database says, for judging transactions where no node answers."""
        from assets.services.spending.wallet_facts import WalletFacts
        from wallet.store.journal import Journal
        from wallet.store.offers import OfferStore
        from wallet.store.reservations import Reservations

        return WalletFacts(
            account=self.account,
            used=self._handed_out(),
            store=self.wallet_store,
            journal=Journal(self.database),
            reservations=Reservations(self.database),
            offers=OfferStore(self.database),
            cold_drafts=self.cold_drafts,
            clock=self.now,
            signing=self.signing_lock,
        )

    def signer(self, password: str) -> "WalletSigner":
        """The wallet's keys. Raises WrongPasswordError."""
        from assets.services.wallets.unlocking import unlock

        return unlock(self.keystore, password, self.identity, self._handed_out())

    def unlocked(self, password: str) -> "Unlocked":
        """The wallet's keys, and its secrets that sign nothing. Raises WrongPasswordError."""
        from assets.services.wallets.unlocking import unlock_whole

        return unlock_whole(self.keystore, password, self.identity, self._handed_out())

    def session(self, progress: Share | None = None) -> "Session":
        """Wallet and node together; `progress` is told how far the first search of the chain is."""
        from assets.coloring.walk import ColorWalker
        from assets.protocols.table import RULE
        from assets.services.chain.watching import Watcher
        from assets.services.wallets.other_colors import WalletColors
        from assets.services.wallets.own_keys import scripts_of
        from assets.services.wallets.session import Session
        from wallet.store.journal import Journal
        from wallet.store.offers import OfferStore
        from wallet.store.reservations import Reservations

        node, store = self.node, self.wallet_store
        birth = min(self.identity.birth_height, node.tip().height)
        watcher = Watcher(node.scripts(self.account), birth_height=birth, progress=progress)
        journal = Journal(self.database)
        colors = WalletColors(
            ColorWalker(RULE, node, self.colors),
            node,
            store=store,
            journal=journal,
            own=lambda: scripts_of(self.account, watcher, store),
            cache=self.colors,
        )
        return Session(
            name=self.wallet_paths.name,
            network=self.network,
            account=self.account,
            source=node,
            coins=watcher,
            color_of=colors.color,
            store=store,
            journal=journal,
            reservations=Reservations(self.database),
            signing=lambda: self.signing_lock(SIGNING_PATIENCE),
            refusal=node.refusal,
            clock=self.now,
            index=self.index if self.index.path.exists() else None,
            offers=OfferStore(self.database),
            cold_drafts=self.cold_drafts,
            handovers=store.handovers,
            watch_new=watcher.watch_new,
            evicted=watcher.evicted,
        )

    @cached_property
    def colors(self) -> "ColorStore":
        """What is known of coins' colours, kept between runs."""
        from assets.store.color_store import ColorStore

        return ColorStore(self.paths.colors(self.network.name))

    @cached_property
    def index(self) -> "IndexStore":
        """The index of public facts of this network."""
        return index_of(self.paths, self.network)

    @property
    def index_start(self) -> int:
        """The block from which an index is built."""
        return first_block(self.network, self.settings)

    @cached_property
    def pins(self) -> "PinStore":
        """Whom this user trusts on this network."""
        return self.pins_on(self.network)

    def pins_on(self, network: Network) -> "PinStore":
        """Whom this user trusts on any network."""
        from assets.store.trust_store import PinStore

        return PinStore(self.paths.pins(network.name), network)

    @property
    def names(self) -> "NameStore":
        """Names of repositories that this user typed."""
        from assets.store.name_store import NameStore

        return NameStore(self.paths.names(self.network.name))

    @property
    def manifests(self) -> "DocumentStore":
        """Manifests that were read before."""
        return self._documents("manifests")

    @property
    def definitions(self) -> "DocumentStore":
        """Definitions that this user published."""
        return self._documents("definitions")

    @property
    def images(self) -> "ImageStore":
        """The images that this user pulled on this network."""
        return self.images_on(self.network.name)

    def images_on(self, network: str) -> "ImageStore":
        """The same on any network."""
        from assets.store.image_store import ImageStore

        return ImageStore(self.paths.network(network) / "images")

    def passing_index(self) -> "AbstractContextManager[IndexStore]":
        """An empty index for as long as a `with` block lasts, for judging evidence."""
        from assets.store.passing_index import passing_index

        return passing_index(self.network)

    @cached_property
    def registry(self) -> "RegistryClient":
        """Image registries, with the credentials that container tools left for them."""
        import os

        from assets.registry.client import RegistryClient
        from assets.registry.credentials import CredentialFinder

        finder = CredentialFinder(environ=dict(os.environ), home=Path.home(), own=self.gate_logins)
        return RegistryClient(finder, self.registry_settings)

    @cached_property
    def registry_settings(self) -> "RegistrySettings":
        """How registries are spoken to: whose certificates count, and through which proxy."""
        import os

        from assets.registry.proxy import ProxyRules
        from assets.registry.settings import RegistrySettings

        return RegistrySettings(ca_file=self.settings.registry_ca_file, proxies=ProxyRules.of(os.environ))

    @cached_property
    def sessions(self) -> "SessionStore":
        """Logins at gates."""
        from assets.store.session_store import SessionStore

        return SessionStore(self.paths.logins)

    @cached_property
    def gate_logins(self) -> "GateLogins":
        """What is shown to gates, by the registry's host."""
        from assets.services.access.gate_logins import GateLogins

        return GateLogins(self.sessions, self.now)

    def _handed_out(self) -> "Used":
        """How many keys of each path and chain this wallet has handed out."""
        from assets.services.wallets.own_keys import handed_out

        return handed_out(self.wallet_store)

    def _documents(self, folder: str) -> "DocumentStore":
        from assets.store.document_store import DocumentStore

        return DocumentStore(self.paths.network(self.network.name) / folder)

    def _network_of_wallets(self) -> str:
        found = [name for name in NETWORKS if self.paths.wallet_names(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise EncodingError(f"there are wallets on {', '.join(found)}", hint="choose with --network NAME")
        raise EncodingError("no network is chosen", hint=f"say --network NAME: one of {', '.join(NETWORKS)}")


def index_of(paths: Paths, network: Network) -> "IndexStore":
    """The index of public facts of a network, which all wallets of this user share."""
    from assets.store.index_store import IndexStore

    return IndexStore(paths.index(network.name), network)


def first_block(network: Network, settings: Settings) -> int:
    """The block from which an index is built: as set, or the first that can hold anything of ours."""
    return max(network.segwit_height, settings.index_start or 0)


def default_cookie(network: Network) -> Path:
    """Where bitcoind leaves its cookie, unless it was told otherwise."""
    folder = Path.home() / ".bitcoin"
    return (folder if network.is_mainnet else folder / network.chain) / ".cookie"


def _password_in(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EncodingError(
            f"cannot read the node's password from {file}: {error}", hint="check node_password_file"
        ) from error
    return text.removesuffix("\n")
