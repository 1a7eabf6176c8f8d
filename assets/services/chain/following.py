"""Use cases around the chain: how far node and index are, and bringing the index up to date."""

from collections.abc import Callable
from dataclasses import replace

from assets.errors import ReorgTooDeepError
from assets.index.image_index import ChainSource, SyncReport, reindex, sync
from assets.index.reader import IndexTip, IndexWriter
from assets.remedies import ImageRemedy
from assets.services.chain.fallen import fallen_views
from assets.services.read_models.wallet_views import ChainView, SyncView
from wallet.advice import Prose
from wallet.hashes import display
from wallet.network import Network

Heights = Callable[[int, int], None]
"""Told the height that was read and the height to reach."""


def chain_status(
    source: ChainSource, index: IndexWriter | None, *, network: Network, node: str, now: int, start: int
) -> ChainView:
    """The node's tip and age, and how far the index is behind it. `index` is None where there is none yet, and `start`
    the block from which one is asked for."""
    tip = source.tip()
    read = None if index is None else _tip_of(index)
    return ChainView(
        network=network.name,
        node=node,
        height=tip.height,
        tip=display(tip.hash),
        tip_age=max(0, now - tip.time),
        headers=tip.headers,
        syncing=tip.syncing,
        index_height=None if read is None else read.height,
        index_start=None if read is None else read.start_height,
        index_behind=None if read is None else max(0, tip.height - read.height),
        index_remark=start_remark(None if read is None else read.start_height, start, tip.height),
    )


def start_remark(begins: int | None, asked: int, tip: int) -> Prose:
    """What to say where an index begins elsewhere than the setting `index_start` asks for; empty where it does not.

    `begins` is the first block of the index, None where there is none yet; `asked` the block that is asked for, by
    file, environment or network; `tip` the node's height, behind which no index can begin.
    """
    wanted = min(asked, tip)
    if begins is None or begins == wanted:
        return ""
    missed = "it knows nothing of what lies before" if begins > wanted else "it goes on with all that it has read"
    return (
        f"the index begins at block {begins}, and index_start asks for block {wanted}: {missed}; "
        + ImageRemedy.REINDEX_FROM_THERE.of()
    )


def sync_index(
    source: ChainSource,
    index: IndexWriter,
    *,
    start: int,
    progress: Heights,
    told: Callable[[Prose], None],
    stop: Callable[[], bool] | None = None,
) -> SyncView:
    """Brings the index to the node's tip, or as far as it came when `stop` answered true.

    Where the chain was reorganised deeper than the index remembers, `told` is told so and everything is read anew.
    Raises IndexStateError, BusyError, ChainError.
    """
    existing = index.start_height()
    begin = start if existing is None else max(existing, start)
    if remark := start_remark(existing, start, source.tip().height):
        told(remark)
    try:
        report = sync(
            source,
            index,
            start_height=begin,
            progress=lambda height, target, _: progress(height, target),
            stop_requested=stop,
        )
    except ReorgTooDeepError as error:
        told(f"{error}: the index is read anew from block {begin} on")
        return replace(rebuild_index(source, index, start=begin, progress=progress), rebuilt=True)
    return _view(report, index)


def rebuild_index(source: ChainSource, index: IndexWriter, *, start: int, progress: Heights) -> SyncView:
    """Forgets the index and reads the chain again from block `start` on. Raises as `sync_index` does."""
    report = reindex(source, index, start_height=start, progress=lambda height, target, _: progress(height, target))
    return _view(report, index)


def _tip_of(index: IndexWriter) -> IndexTip | None:
    with index.snapshot() as reader:
        return reader.tip()


def _view(report: SyncReport, index: IndexWriter) -> SyncView:
    assert report.tip is not None, "a node has at least block 0"
    with index.snapshot() as reader:
        fallen = fallen_views(report, reader)
    return SyncView(
        network=index.network.name,
        height=report.tip.height,
        start=report.tip.start_height,
        connected=report.connected,
        disconnected=report.disconnected,
        fell_out=fallen,
    )
