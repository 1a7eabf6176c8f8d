"""Following the chain while the app is open: the tip is polled, and a new one brings the index up to date.

Workers post messages; the handlers in the app change its status.
"""

import threading

from textual.message_pump import MessagePump

from tui.app.messages import ChainSeen, NodeLost, Progressed, Refused, Synced
from tui.app.services import Services
from tui.app.text import told
from tui.verbs.progress import Progress
from wallet.errors import WalletError

SYNC = "sync"
POLL_JOB = "poll"


class Following:
    """One wallet's view of its node. `target` gets the messages."""

    def __init__(self, services: Services, target: MessagePump) -> None:
        self.services = services
        self.tip = ""
        self._target = target
        self._stop = threading.Event()
        self._polling = threading.Lock()
        self._syncing = threading.Lock()

    def poll(self) -> None:
        """Asks for the tip; for a worker. A poll that is still waiting for its answer is enough."""
        if not self._polling.acquire(blocking=False):
            return
        try:
            self._post(ChainSeen(self.services.chain.status(), self.services))
        except WalletError as error:
            self._post(NodeLost(told(error), self.services))
        except Exception as error:  # noqa: BLE001 - the edge of the program: everything becomes a message
            self._post(Refused.by(POLL_JOB, error))
        finally:
            self._polling.release()

    def sync(self) -> None:
        """Brings the index to the tip; for a worker. One at a time."""
        if not self._syncing.acquire(blocking=False):
            return
        self._stop.clear()
        try:
            report = self.services.chain.sync(self._progress, self._stop.is_set)
            self._post(Synced(report, self.services))
        except Exception as error:  # noqa: BLE001 - as above
            self._post(Refused.by(SYNC, error))
        finally:
            self._syncing.release()

    def stop(self) -> None:
        """Ends a sync early."""
        self._stop.set()

    def forget(self) -> None:
        """Lets the next poll sync, whatever its tip."""
        self.tip = ""

    def is_new(self, tip: str) -> bool:
        """Whether this tip was not seen before; it is from now on."""
        new, self.tip = tip != self.tip, tip
        return new

    def _progress(self, view: Progress) -> None:
        self._post(Progressed(SYNC, view))

    def _post(self, message: "ChainSeen | NodeLost | Refused | Synced | Progressed") -> None:
        self._target.post_message(message)
