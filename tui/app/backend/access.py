"""What the services of one wallet share: its house, one session for all threads, and access to chain and documents."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from assets.index.image_index import SyncReport, sync
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.fallen import fallen_views, still_fallen
from assets.services.images.sealing import SealedImage
from assets.services.market.own_bids import expire
from assets.services.read_models.wallet_views import FallenView
from assets.services.spending.settling import settle
from assets.services.wallets.session import Session
from assets.store.document_store import DocumentStore
from tui.app.access_asks import Seal
from tui.bootstrap import House

REMEMBERED = 20
"""How many transactions that a reorganisation took away are remembered for the first screen."""


class Access:
    """One wallet and one node, used by many threads.

    The session is made when it is first needed, since the node may search the chain then. Whoever uses it holds a lock:
    the services below were written for one caller at a time. `sealed` are images that were encrypted and pushed, and
    are not named on the chain yet.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self._lock = threading.RLock()
        self._session: Session | None = None
        self._fallen: tuple[FallenView, ...] = ()
        self._news: tuple[str, ...] = ()
        self.sealed: dict[Seal, SealedImage] = {}

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The session, for one thread at a time. What was signed and never arrived is sent again at the start."""
        with self._lock:
            if self._session is None:
                self.house.require_wallet()
                session = self.house.session()
                settle(session)
                self._session = session
            yield self._session

    def know_lots(self) -> None:
        """Begins anew with lots that the wallet has come to know since: made here, found again, or made elsewhere."""
        with self._lock:
            if self._session is not None and dict(self._session.store.shop_keys()) != dict(self._session.account.lots):
                vars(self.house).pop("account", None)
                self._session = None

    def settle(self) -> None:
        """Sends again what was signed and never arrived, notes what was confirmed, frees coins of bids that ended."""
        with self.session() as session:
            settle(session)
            self._news = (*self._news, *expire(session))[-REMEMBERED:]

    def news(self) -> tuple[str, ...]:
        """What became of bids since somebody asked last, in words."""
        with self.session() as session:
            found, self._news = (*self._news, *expire(session)), ()
        return found

    @property
    def fallen(self) -> tuple[FallenView, ...]:
        """What reorganisations took away since the app was started and did not give back, newest first."""
        if self._fallen:
            with self.house.index.snapshot() as reader:
                self._fallen = still_fallen(self._fallen, reader)
        return self._fallen

    def remember(self, fallen: tuple[FallenView, ...]) -> None:
        """Keeps what a reorganisation took away, for a person to see."""
        fresh = {one.txid for one in fallen}
        self._fallen = (*fallen, *(one for one in self._fallen if one.txid not in fresh))[:REMEMBERED]

    def chain(self) -> ChainAccess:
        """Node and index; questions bring the index up to the tip first."""
        house = self.house
        return ChainAccess(
            network=house.network, source=house.node, store=house.index, catch_up=self._catch_up, clock=house.now
        )

    @property
    def definitions(self) -> DocumentStore:
        """Definitions that this user published."""
        return self._documents("definitions")

    @property
    def manifests(self) -> DocumentStore:
        """Manifests that were read before."""
        return self._documents("manifests")

    @property
    def reading_confirmations(self) -> int:
        """How many blocks settle a record for whoever only reads."""
        return self.house.settings.confirmations or 1

    @property
    def settling_confirmations(self) -> int:
        """How many blocks settle what a pin rests on."""
        return self.house.settings.confirmations or self.house.network.confirmations

    def rate(self, typed: str) -> str | None:
        """The fee rate that was typed, or set; None for the node's estimate."""
        return typed.strip() or self.house.settings.fee_rate

    def _catch_up(self) -> SyncReport:
        report = sync(self.house.node, self.house.index, start_height=self.house.index_start)
        if report.dropped:
            with self.house.index.snapshot() as reader:
                self.remember(fallen_views(report, reader))
        return report

    def _documents(self, folder: str) -> DocumentStore:
        return DocumentStore(self.house.paths.network(self.house.network.name) / folder)
