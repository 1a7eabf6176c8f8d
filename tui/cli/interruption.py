"""Ending on a signal as on Ctrl-C: what was begun is cleaned up, and the exit code says that it was interrupted."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class WaitingStopped(KeyboardInterrupt):
    """An interrupt that ended nothing but the waiting for confirmations, and said so."""


_ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def cleaned_up() -> Iterator[None]:
    """Lets a request to end, and a terminal that was closed, unwind the work in the block. Only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _ENDING}
    for number, handler in before.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
