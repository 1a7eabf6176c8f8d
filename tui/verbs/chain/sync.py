"""Bringing the index up to date with the node. It may be ended early: what was read stays."""

from assets.services.chain.following import rebuild_index, sync_index
from assets.services.read_models.wallet_views import SyncView
from tui.verbs.progress import counted
from tui.verbs.reading import Reading
from tui.verbs.workplace import Workplace

_READING = "reading blocks"


def sync(reading: Reading) -> SyncView:
    """Brings the index to the node's tip, and tells what fell out of the chain.

    Raises IndexStateError, BusyError, ChainError, StoppedError.
    """
    house, told = reading.house, counted(reading.report, _READING)
    view = sync_index(house.node, house.index, start=house.index_start, progress=told, told=reading.note)
    if view.fell_out:
        reading.fell_out(view.fell_out)
    return view


def follow(place: Workplace) -> SyncView:
    """As `sync`, and what this wallet signed and had not arrived is sent again."""
    view = sync(place)
    place.settle()
    return view


def reindex(reading: Reading, *, start: int | None = None) -> SyncView:
    """Forgets the index and reads the chain again, from block `start` or the one that is set.

    Raises as `sync` does; where it is ended early, the next sync goes on there.
    """
    house = reading.house
    begin = house.index_start if start is None else start
    if begin > house.index_start:
        reading.note(
            f"an index from block {house.index_start} on is asked for elsewhere; to do with this one: "
            f"dockchains settings set index_start {begin}"
        )
    return rebuild_index(house.node, house.index, start=begin, progress=counted(reading.report, _READING))
