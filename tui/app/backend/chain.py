"""Node and index of an open wallet."""

from assets.services.chain.doctor import examine
from assets.services.chain.following import chain_status, rebuild_index, sync_index
from assets.services.read_models.wallet_views import ChainView, DoctorView, SyncView
from tui.app.backend.access import Access
from tui.app.services import Stop
from tui.verbs.progress import Progress, Report, StoppedError

_READING = "reading blocks"
STOPPED = "stopped; what was read so far stays"


class HouseChain:
    """Implements `ChainServices`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def status(self) -> ChainView:
        """How far node and index are."""
        house = self._access.house
        index = house.index if house.index.path.exists() else None
        return chain_status(
            house.node,
            index,
            network=house.network,
            node=house.endpoint.origin,
            now=house.now(),
            start=house.index_start,
        )

    def sync(self, progress: Report, stop: Stop) -> SyncView:
        """Brings the index to the tip, in runs of blocks that are whole each, and sends again what had not arrived."""
        house = self._access.house

        def told(height: int, target: int) -> None:
            progress(Progress(what=_READING, done=height, total=target))
            if stop():
                raise StoppedError(STOPPED)

        view = sync_index(house.node, house.index, start=house.index_start, progress=told, told=lambda _: None)
        self._access.remember(view.fell_out)
        self._access.settle()
        return view

    def reindex(self, progress: Report, stop: Stop) -> SyncView:
        """Forgets the index and reads the chain again; where it is ended early, the next sync goes on there."""
        house = self._access.house

        def told(height: int, target: int) -> None:
            progress(Progress(what=_READING, done=height, total=target))
            if stop():
                raise StoppedError(STOPPED)

        return rebuild_index(house.node, house.index, start=house.index_start, progress=told)

    def doctor(self) -> DoctorView:
        """What the node can do, and what to fix."""
        house = self._access.house
        return examine(house.node.status, network=house.network, node=house.endpoint.origin, now=house.now())
