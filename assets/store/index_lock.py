"""One process at a time follows the chain; the others wait a little and read what it wrote."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.remedies import ImageRemedy
from wallet.errors import BusyError
from wallet.store.files import FILE_MODE, ensure_folder, explained

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.25


@contextmanager
def exclusive(path: Path, *, wait: float) -> Iterator[None]:
    """Holds a lock file, across processes and threads, waiting at most `wait` seconds for it.

    The operating system drops the lock when the process ends, however it ends. Raises BusyError.
    """
    ensure_folder(path.parent)
    with explained(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        _acquire(descriptor, time.monotonic() + wait)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, deadline: float) -> None:
    pause = _FIRST_PAUSE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BusyError(
                    "another process is reading the chain into the index",
                    hint=ImageRemedy.WAIT_FOR_INDEX.of(),
                ) from None
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return
