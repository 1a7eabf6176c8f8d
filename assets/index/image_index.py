"""Following the chain: connect new blocks, disconnect what a reorganisation took away.

Blocks are read in runs, and each run is one atomic change of the store, so that a process can end at any moment and the
next one goes on from the last whole run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bitcoin.core import CTransaction

from assets.errors import IndexStateError, ReorgTooDeepError
from assets.index.blocks import previous_hash_of
from assets.index.reader import KEPT_BLOCKS, IndexTip, IndexWriter
from assets.index.run import BlockRun
from assets.model import Authorship, Movement
from assets.remedies import ImageRemedy
from wallet.chain.source import BlockRef, BlockSource, Tip, TxSource
from wallet.errors import BusyError, ChainError, WrongNetworkError
from wallet.hashes import Txid, display

MAX_RUN_BLOCKS = 1000
MAX_RUN_BYTES = 128 * 1024 * 1024
"""Blocks and bytes of a run, whichever is reached first."""

MAX_ROUNDS_WITHOUT_PROGRESS = 20
"""How often a chain may change under the reader before it gives up."""

_REINDEX = ImageRemedy.REINDEX.of()

ProgressCallback = Callable[[int, int, int], None]
"""Called with the height that was read, the height to reach, and the bytes read so far."""


class ChainSource(BlockSource, TxSource, Protocol):
    """A node that serves whole blocks and single transactions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What following the chain did.

    `connected` and `disconnected` count blocks. `dropped` are the movements of disconnected blocks whose transactions
    no new block holds. `unproven` counts new movements whose record could not be judged for want of a proven witness.
    `stopped` is true where it ended early because it was asked to.
    """

    connected: int
    disconnected: int
    tip: IndexTip | None
    dropped: tuple[Movement, ...]
    unproven: int
    bytes_read: int
    stopped: bool


class _ChainChangedError(Exception):
    """The block that is being read is no longer in the best chain."""


def sync(
    source: ChainSource,
    store: IndexWriter,
    *,
    start_height: int,
    progress: ProgressCallback | None = None,
    stop_requested: Callable[[], bool] | None = None,
) -> SyncReport:
    """Bring the index to the node's tip, from `start_height` on where it is new.

    Raises IndexStateError where the index begins later than asked for, ReorgTooDeepError where the node's chain left
    the index's longer ago than it remembers; BusyError where another process is writing and has not reached the tip in
    time; WrongNetworkError, ChainError.
    """
    follower = _Follower(source, store, progress, stop_requested)
    wanted = max(store.network.segwit_height, start_height)
    if follower.is_current(wanted):
        return follower.report()
    try:
        with store.writing():
            follower.choose_start(wanted)
            follower.follow()
    except BusyError:
        if not follower.is_current(wanted):
            raise
    return follower.report()


class _Follower:
    """One run of `sync`: the counters, and the steps that move them."""

    def __init__(
        self,
        source: ChainSource,
        store: IndexWriter,
        progress: ProgressCallback | None,
        stop_requested: Callable[[], bool] | None,
    ) -> None:
        self._source = source
        self._store = store
        self._progress = progress
        self._stop_requested = stop_requested
        self._connected = 0
        self._disconnected = 0
        self._unproven = 0
        self._bytes = 0
        self._stopped = False
        self._dropped: list[Movement] = []
        self._arrived: set[Txid] = set()

    def report(self) -> SyncReport:
        """What was done so far."""
        return SyncReport(
            connected=self._connected,
            disconnected=self._disconnected,
            tip=self._index_tip(),
            dropped=tuple(movement for movement in self._dropped if movement.txid not in self._arrived),
            unproven=self._unproven,
            bytes_read=self._bytes,
            stopped=self._stopped,
        )

    def is_current(self, wanted: int) -> bool:
        """Whether the index stands at the node's tip and begins early enough."""
        tip = self._index_tip()
        return tip is not None and tip.start_height <= wanted and tip.hash == self._source.tip().hash

    def choose_start(self, wanted: int) -> None:
        """Check the network; choose the first block of a new index."""
        network = self._store.network
        if self._source.block_hash(0) != network.genesis:
            raise WrongNetworkError(
                f"the node does not follow {network.name}, which this index is for",
                hint=ImageRemedy.CHECK_NETWORK.of(),
            )
        start = self._store.start_height()
        if start is None:
            self._store.begin(min(wanted, self._source.tip().height))
        elif start > wanted:
            raise IndexStateError(
                f"the index begins at block {start}, later than block {wanted} that is asked for",
                hint=ImageRemedy.REINDEX_OR_ACCEPT.of(wanted=wanted, start=start),
            )

    def follow(self) -> None:
        """Connect and disconnect until the index stands at the node's tip, or a stop is requested."""
        idle = 0
        while not self._stopped:
            target = self._source.tip()
            tip = self._index_tip()
            if tip is not None and tip.hash == target.hash:
                return
            if tip is not None and self._source.block_hash(tip.height) != tip.hash:
                self._roll_back(target)
                tip = self._index_tip()
            start = tip.height + 1 if tip is not None else self._store.start_height()
            assert start is not None, "choose_start came first"
            if start > target.height and self._source.tip().hash == target.hash:
                return
            idle = 0 if self._read_run(start, target, tip) else idle + 1
            if idle > MAX_ROUNDS_WITHOUT_PROGRESS:
                raise IndexStateError(
                    f"the chain changed {idle} times while block {start} was read", hint="try again in a moment"
                )

    def _index_tip(self) -> IndexTip | None:
        with self._store.snapshot() as reader:
            return reader.tip()

    def _roll_back(self, target: Tip) -> None:
        recent = self._store.recent_blocks()
        fork = next((ref for ref in recent if self._source.block_hash(ref.height) == ref.hash), None)
        if fork is None and recent[-1].height != self._store.start_height():
            if target.height < recent[-1].height:
                raise IndexStateError(
                    f"the node stands at block {target.height}, the index at {recent[0].height}",
                    hint="wait until the node has caught up, or " + _REINDEX,
                )
            raise ReorgTooDeepError(
                f"the chain was reorganised deeper than the {KEPT_BLOCKS} blocks that the index remembers",
                hint=_REINDEX,
            )
        dropped = self._store.disconnect(fork)
        self._disconnected += sum(1 for ref in recent if fork is None or ref.height > fork.height)
        self._dropped.extend(dropped)
        self._arrived.difference_update(movement.txid for movement in dropped)

    def _read_run(self, start: int, target: Tip, tip: IndexTip | None) -> int:
        """Read blocks from `start` on and store them as one change; how many there were."""
        stop = min(start + MAX_RUN_BLOCKS - 1, target.height)
        size = 0
        with self._store.snapshot() as reader:
            run = BlockRun(previous=tip.hash if tip else None, units=reader.held_units, fetch=self._fetch)
            try:
                for ref, raw in self._source.blocks(start, stop):
                    if run.last is not None and previous_hash_of(raw) != run.last:
                        break
                    self._add(run, ref, raw)
                    size += len(raw)
                    if self._progress is not None:
                        self._progress(ref.height, target.height, self._bytes + size)
                    self._stopped = self._stop_requested is not None and self._stop_requested()
                    if self._stopped or size >= MAX_RUN_BYTES:
                        break
            except _ChainChangedError:
                pass
        if len(run):
            self._store_run(run)
        self._bytes += size
        return len(run)

    def _store_run(self, run: BlockRun) -> None:
        changes = run.changes()
        self._store.connect(changes)
        self._connected += len(run)
        self._unproven += sum(1 for movement in changes.movements if movement.authorship is Authorship.UNPROVEN)
        self._arrived.update(movement.txid for movement in changes.movements)

    def _add(self, run: BlockRun, ref: BlockRef, raw: bytes) -> None:
        try:
            run.add(ref, raw)
        except ChainError:
            if self._source.block_hash(ref.height) != ref.hash:
                raise _ChainChangedError from None
            raise

    def _fetch(self, txid: Txid) -> CTransaction:
        found = self._source.transaction(txid)
        if found is None:
            raise ChainError(
                f"the node does not have transaction {display(txid)}, which a block spends",
                hint=ImageRemedy.NEEDS_TXINDEX.of(),
            )
        return found.tx


def reindex(
    source: ChainSource,
    store: IndexWriter,
    *,
    start_height: int,
    progress: ProgressCallback | None = None,
    stop_requested: Callable[[], bool] | None = None,
) -> SyncReport:
    """Forget what was read and read the chain again from `start_height` on. Raises as `sync` does."""
    with store.writing():
        store.begin(min(max(store.network.segwit_height, start_height), source.tip().height))
    return sync(source, store, start_height=start_height, progress=progress, stop_requested=stop_requested)
