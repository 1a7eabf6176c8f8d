"""Node and index of an open wallet."""

from assets.services.read_models.wallet_views import ChainView, DoctorView, SyncView
from tui.app.access_services import Stop
from tui.verbs.chain import status, sync
from tui.verbs.progress import Report, stoppable
from tui.verbs.workplace import Workplace

_STOPPED = "stopped; what was read so far stays"


class HouseChain:
    """Implements `ChainServices`."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def status(self) -> ChainView:
        """How far node and index are."""
        return status.status(self._place)

    def sync(self, progress: Report, stop: Stop) -> SyncView:
        """Brings the index to the tip, and sends again what had not arrived."""
        return sync.follow(self._place.reporting(stoppable(progress, stop, _STOPPED)))

    def reindex(self, progress: Report, stop: Stop) -> SyncView:
        """Forgets the index and reads the chain again."""
        return sync.reindex(self._place.reporting(stoppable(progress, stop, _STOPPED)))

    def doctor(self) -> DoctorView:
        """What the node can do, and what to fix."""
        return status.doctor(self._place)
