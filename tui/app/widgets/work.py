"""Slow work of screens: done in threads, answered by messages.

A worker calls one service and posts what came of it. It never touches a widget; the handler on the screen does.
"""

import logging
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, runtime_checkable

from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.worker import Worker, WorkerCancelled, get_current_worker

from tui.app.commands import EVERYWHERE
from tui.app.messages import Answered, Broke, Progressed, Refused, Trouble
from tui.app.text import told
from tui.app.underway import Underway
from tui.verbs.progress import Progress, Report
from wallet.errors import WalletError

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


@runtime_checkable
class Watchful(Protocol):
    """An app that knows what is being signed or sent."""

    underway: Underway


class Working(Screen[Result]):
    """A screen that works in the background. `answered` gets each job's answer, `refused` each failure.

    `keys` is the place under which the screen's commands stand in the list.
    """

    keys = EVERYWHERE

    @property
    def underway(self) -> Underway:
        """What the app is signing or sending."""
        app = self.app
        return app.underway if isinstance(app, Watchful) else Underway()

    def work(self, job: str, call: Callable[[], object], *, signs: bool = False) -> Worker[None]:
        """Runs `call` in a thread; a job of the same name that is still running no longer counts.

        `signs` where it signs or sends: nobody leaves silently before it has ended.
        """
        if signs:
            call = _watched(self.underway, call)
        return self.run_worker(
            lambda: _run(self, job, call), thread=True, exclusive=True, group=job, exit_on_error=False, name=job
        )

    def told(self, job: str) -> Report:
        """Where a service tells how far it is: a message to this screen."""

        def progress(view: Progress) -> None:
            self.post_message(Progressed(job, view))

        return progress

    def answered(self, job: str, answer: Any) -> None:
        """Takes the answer of a job in."""

    def refused(self, refusal: Refused) -> None:
        """Tells why a job failed, or that it was ended."""
        stopped = refusal.trouble is Trouble.STOPPED
        self.notify(refusal.text, severity="information" if stopped else "error", markup=False, timeout=12)

    def on_answered(self, message: Answered) -> None:
        """A job is done."""
        message.stop()
        self.answered(message.job, message.answer)

    def on_progressed(self, message: Progressed) -> None:
        """How far work of this screen is concerns nobody else: the app tells of its own."""
        message.stop()

    def on_refused(self, message: Refused) -> None:
        """A job failed; a bug is told at large, and ends nothing."""
        message.stop()
        if message.trouble is Trouble.BUG:
            self.post_message(Broke(message.text))
        self.refused(message)


def _watched(underway: Underway, call: Callable[[], object]) -> Callable[[], object]:
    def watched() -> object:
        with underway.work():
            answer = call()
            if isinstance(answer, str):
                underway.said(answer)
            return answer

    return watched


def _run(target: MessagePump, job: str, call: Callable[[], object]) -> None:
    worker = get_current_worker()
    try:
        answer = call()
    except WorkerCancelled:
        return
    except WalletError as error:
        _log.info("%s: %s", job, told(error))
        message: Answered | Refused = Refused.by(job, error)
    except Exception as error:  # noqa: BLE001 - the edge of the program: everything becomes a message
        _log.exception("%s failed", job)
        message = Refused.by(job, error)
    else:
        message = Answered(job, answer)
    if not worker.is_cancelled:
        target.post_message(message)
