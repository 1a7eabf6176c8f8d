"""What a verb reads with where it needs no wallet: chain, registry, documents, names, pins, confirmations, clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tui.bootstrap import House
from tui.settings import Origin, Settings
from tui.verbs.progress import Report, counted, silent
from wallet.advice import Prose
from wallet.network import Network

if TYPE_CHECKING:
    from assets.index.image_index import SyncReport
    from assets.registry.client import RegistryClient
    from assets.services.chain.chain_access import ChainAccess
    from assets.services.read_models.wallet_views import FallenView
    from assets.store.document_store import DocumentStore
    from assets.store.image_store import ImageStore
    from assets.store.name_store import NameStore
    from assets.store.trust_store import PinStore

READING_CONFIRMATIONS = 1
"""Blocks that settle a record for whoever only reads, unless it is set."""


def unheard(_: object) -> None:
    """For whoever does not listen."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The world as one user's verbs see it, on one network.

    `report` is told how far long work is, `note` what a person should know beside the answer, `fell_out` what a
    reorganisation took away from the index.
    """

    house: House
    report: Report = silent
    note: Callable[[Prose], None] = unheard
    fell_out: "Callable[[tuple[FallenView, ...]], None]" = unheard

    def reporting(self, report: Report) -> Self:
        """The same, with somebody else who watches."""
        return replace(self, report=report)

    def on(self, network: str) -> Self:
        """The same user on a network that something else than the settings decided."""
        house = self.house
        others = [pair for pair in house.settings.origins if pair[0] != "network"]
        settings = replace(house.settings, network=network, origins=(*others, ("network", Origin.FLAG)))
        return replace(self, house=type(house)(settings, house.paths))

    @property
    def is_on_named_network(self) -> bool:
        """Whether this user said which network is meant, here and now: by a flag, a variable, an open wallet."""
        return self.settings.origin("network") in (Origin.FLAG, Origin.ENVIRONMENT)

    @property
    def network(self) -> Network:
        """The network that all of it is about."""
        return self.house.network

    @property
    def settings(self) -> Settings:
        """What this user set."""
        return self.house.settings

    @property
    def registry(self) -> "RegistryClient":
        """Image registries, with this user's credentials."""
        return self.house.registry

    @property
    def pins(self) -> "PinStore":
        """Whom this user trusts."""
        return self.house.pins

    @property
    def definitions(self) -> "DocumentStore":
        """Definitions that this user published or took along."""
        return self.house.definitions

    @property
    def manifests(self) -> "DocumentStore":
        """Manifests that were read before."""
        return self.house.manifests

    @property
    def names(self) -> "NameStore":
        """Names of repositories that this user typed, for those of which the chain holds only a hash."""
        return self.house.names

    @property
    def known_names(self) -> tuple[str, ...]:
        """Names that this user typed or pinned, for repositories of which the chain holds only a hash."""
        return (*self.names.names(), *(pin.name for pin in self.pins.load().pins))

    @property
    def images(self) -> "ImageStore":
        """Images that this user pulled and kept."""
        return self.house.images

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder (0700) on the disk that holds this user's data; gone at the end, whatever happens."""
        from assets.store.staging import staging_folder

        with staging_folder(self.house.paths.network(self.network.name) / "staging") as folder:
            yield folder

    @property
    def reading_confirmations(self) -> int:
        """How many blocks settle a record for whoever only reads."""
        return self.settings.confirmations or READING_CONFIRMATIONS

    @property
    def settling_confirmations(self) -> int:
        """How many blocks settle what a pin or a sale rests on: 6 on mainnet, 1 on test networks, unless set."""
        return self.settings.confirmations or self.network.confirmations

    def now(self) -> int:
        """Unix seconds."""
        return self.house.now()

    def chain(self) -> "ChainAccess":
        """Node and index; questions bring the index up to the tip first."""
        from assets.services.chain.chain_access import ChainAccess

        house = self.house
        return ChainAccess(
            network=house.network, source=house.node, store=house.index, catch_up=self.catch_up, clock=house.now
        )

    def catch_up(self) -> "SyncReport":
        """Brings the index to the node's tip, with progress."""
        from assets.index.image_index import sync
        from assets.services.chain.fallen import fallen_views

        house, told = self.house, counted(self.report, "reading blocks")
        report = sync(
            house.node,
            house.index,
            start_height=house.index_start,
            progress=lambda height, target, _: told(height, target),
        )
        if report.dropped:
            with house.index.snapshot() as reader:
                self.fell_out(fallen_views(report, reader))
        return report
