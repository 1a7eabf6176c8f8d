"""What was told while a person looked elsewhere: notes of the verbs, and what reorganisations took away."""

from assets.services.read_models.wallet_views import FallenView
from tui.verbs.glance import still_fallen
from tui.verbs.reading import Reading
from wallet.advice import Prose

REMEMBERED = 20
"""How many notes, and how many transactions that a reorganisation took away, are remembered."""


class News:
    """One wallet's news, heard from any thread."""

    def __init__(self) -> None:
        self._fallen: tuple[FallenView, ...] = ()
        self._untold: tuple[Prose, ...] = ()
        self._told: tuple[Prose, ...] = ()

    def heard(self, note: Prose) -> None:
        """A note, once: what is found out with every block is told the first time."""
        if note not in self._told:
            self._told = (*self._told, note)[-REMEMBERED:]
            self._untold = (*self._untold, note)[-REMEMBERED:]

    def taken(self) -> tuple[Prose, ...]:
        """What was heard since somebody asked last."""
        found, self._untold = self._untold, ()
        return found

    def fell_out(self, fallen: tuple[FallenView, ...]) -> None:
        """Keeps what a reorganisation took away, for a person to see."""
        fresh = {one.txid for one in fallen}
        self._fallen = (*fallen, *(one for one in self._fallen if one.txid not in fresh))[:REMEMBERED]

    def fallen(self, place: Reading) -> tuple[FallenView, ...]:
        """What reorganisations took away since the app was started and did not give back, newest first."""
        if self._fallen:
            self._fallen = still_fallen(self._fallen, place)
        return self._fallen
