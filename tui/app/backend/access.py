"""What the services of one wallet share in the app: a workplace, what was told, and what waits for the chain."""

from contextlib import AbstractContextManager

from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.fallen import still_fallen
from assets.services.market.own_bids import expire
from assets.services.read_models.wallet_views import FallenView
from assets.services.wallets.session import Session
from assets.store.document_store import DocumentStore
from tui.bootstrap import House
from tui.verbs.workplace import Workplace
from wallet.advice import Prose

REMEMBERED = 20
"""How many transactions that a reorganisation took away, and how many notes, are remembered for the first screen."""


class Access:
    """One wallet and one node, used by many threads."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.place = Workplace(house=house, exact=True, note=self._heard, fell_out=self.remember)
        self._fallen: tuple[FallenView, ...] = ()
        self._news: tuple[Prose, ...] = ()
        self._told: tuple[Prose, ...] = ()

    def session(self) -> AbstractContextManager[Session]:
        """The session, for one thread at a time. What was signed and never arrived is sent again at the start."""
        return self.place.session()

    def know_lots(self) -> None:
        """Begins anew with lots that the wallet has come to know since: made here, found again, or made elsewhere."""
        self.place.know_lots()

    def settle(self) -> None:
        """Sends again what was signed and never arrived, notes what was confirmed, frees coins of bids that ended."""
        self.place.settle()

    def news(self) -> tuple[Prose, ...]:
        """What became of bids and of what was signed before since somebody asked last, in words."""
        with self.session() as session:
            for note in expire(session):
                self._heard(note)
        found, self._news = self._news, ()
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
        return self.place.chain()

    @property
    def definitions(self) -> DocumentStore:
        """Definitions that this user published."""
        return self.place.definitions

    @property
    def manifests(self) -> DocumentStore:
        """Manifests that were read before."""
        return self.place.manifests

    @property
    def reading_confirmations(self) -> int:
        """How many blocks settle a record for whoever only reads."""
        return self.place.reading_confirmations

    @property
    def settling_confirmations(self) -> int:
        """How many blocks settle what a pin rests on."""
        return self.place.settling_confirmations

    def rate(self, typed: str) -> str | None:
        """The fee rate that was typed, or set; None for the node's estimate."""
        return self.place.rate(typed.strip())

    def _heard(self, note: Prose) -> None:
        """A note, once: what is found out with every block is told the first time."""
        if note not in self._told:
            self._told = (*self._told, note)[-REMEMBERED:]
            self._news = (*self._news, note)[-REMEMBERED:]
