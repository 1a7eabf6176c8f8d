"""Following the chain in the background, and letting requests wait for it for a moment.

One thread reads new blocks into the index. A request that finds the index behind asks for a round of its own and waits
for that; an index that is far behind is not waited for.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from assets.errors import IndexStateError
from assets.index.image_index import SyncReport
from wallet.chain.source import Tip
from wallet.errors import StoreError, WalletError

PATIENCE = 5.0
"""Seconds that a request waits for the index."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the index was when it was last looked at: its last block, the node's, and the trouble, or empty."""

    height: int | None = None
    node: int | None = None
    trouble: str = ""

    @property
    def current(self) -> bool:
        """Whether the index stood at the node's tip."""
        return not self.trouble and self.height is not None and self.height == self.node


class IndexFollower:
    """Brings the index to the node's tip every `pause` seconds, and whenever somebody asks.

    `read` follows the chain until it is done or a stop is requested; `tip` asks the node.
    """

    def __init__(
        self, read: Callable[[Callable[[], bool]], SyncReport], tip: Callable[[], Tip], *, pause: float
    ) -> None:
        self._read = read
        self._tip = tip
        self._pause = pause
        self._changed = threading.Condition()
        self._wanted = 0
        self._done = 0
        self._stopped = False
        self._failure: WalletError | None = None
        self._progress = Progress()

    @property
    def progress(self) -> Progress:
        """As of the last round."""
        return self._progress

    def run(self) -> None:
        """Rounds until `stop`: the body of the thread."""
        while True:
            with self._changed:
                if self._stopped:
                    return
                number = self._wanted
            failure = self._round()
            with self._changed:
                self._failure, self._done = failure, number
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._stopped or self._wanted > self._done, self._pause)

    def catch_up(self) -> None:
        """Wait for a whole round that begins now. Raises what the round met, IndexStateError where it takes long."""
        with self._changed:
            self._wanted += 1
            mine = self._wanted
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: self._stopped or self._done >= mine, PATIENCE)
            failure = self._failure
        if not done or self._stopped:
            raise IndexStateError("the index is behind the node", hint="try again in a moment")
        if failure is not None:
            raise failure

    def stop(self) -> None:
        """Ends the thread after the run of blocks that it reads."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _round(self) -> WalletError | None:
        try:
            report = self._read(lambda: self._stopped)
            node = self._tip()
        except WalletError as error:
            if isinstance(error, StoreError) or self._progress.trouble != str(error):
                _log.warning("the chain cannot be followed now: %s", error)
            self._progress = Progress(height=self._progress.height, node=self._progress.node, trouble=str(error))
            return error
        except Exception:  # noqa: BLE001 - the next round may go well, and what needs no chain is still answered
            _log.exception("following the chain failed")
            self._progress = Progress(height=self._progress.height, node=self._progress.node, trouble="a bug")
            return IndexStateError("the index cannot be brought up to date", hint="tell the gate's operator")
        tip = report.tip
        self._progress = Progress(height=None if tip is None else tip.height, node=node.height)
        return None
