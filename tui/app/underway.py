"""What is being signed or sent, from the password to the answer, and what came of it.

Threads write it and the app reads it, so that nobody leaves between a signature and its answer without hearing what
was sent. A worker can be taken off the screen while its thread still runs; this stays.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from assets.services.read_models.wallet_views import SentView

NOTHING = "no transaction was sent"


class Underway:
    """One app's work with keys. All of it may be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self._sent: list[str] = []
        self._said: list[str] = []
        self._trouble: list[str] = []
        self._ended = False

    @contextmanager
    def work(self) -> Iterator[None]:
        """Something is signed or sent within; what it raises is remembered in words."""
        with self._changed:
            if not self._running and self._ended:
                self._forget()
            self._running += 1
        trouble = ""
        try:
            yield
        except Exception as error:
            trouble = str(error)
            raise
        finally:
            with self._changed:
                self._running -= 1
                self._ended = True
                if trouble:
                    self._trouble.append(trouble)
                self._changed.notify_all()

    def sent(self, view: SentView) -> None:
        """A transaction went out."""
        with self._changed:
            self._sent.append(f"{view.kind} {view.txid}")

    def said(self, *words: str) -> None:
        """What else came of it: what was signed, what a shop answered."""
        with self._changed:
            self._said.extend(words)

    @property
    def is_busy(self) -> bool:
        """Whether something is being signed or sent."""
        with self._changed:
            return self._running > 0

    @property
    def words(self) -> str:
        """What was sent so far by what runs, or by what ended and nobody has seen; empty where there is none."""
        with self._changed:
            if not self._running and not self._ended:
                return ""
            parts = [f"sent: {', '.join(self._sent)}" if self._sent else NOTHING, *self._said]
            if self._running:
                parts[0] += " yet" if not self._sent else ""
            elif self._trouble:
                parts += [*self._trouble, "what was signed, if anything, stands in the history"]
            return "; ".join(parts)

    def seen(self) -> None:
        """Somebody was there when it ended."""
        with self._changed:
            if not self._running:
                self._forget()

    def _forget(self) -> None:
        self._sent, self._said, self._trouble, self._ended = [], [], [], False
