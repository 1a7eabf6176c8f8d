"""One signer at a time: what is read before a signature must still hold when the signature is journalled."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from wallet.errors import BusyError
from wallet.store.files import FILE_MODE, ensure_folder, explained

_PAUSE = 0.05
"""Seconds between two looks at a lock that somebody else holds."""


class SigningLock:
    """A context manager that holds a wallet for signing, across processes and threads.

    The operating system drops it when the process ends, however it ends. Raises BusyError with the other's pid, after
    `patience` seconds; `doing` and `advice` say what that one does, and what to do about it.
    """

    def __init__(
        self,
        path: Path,
        *,
        doing: str = "is signing with this wallet",
        advice: str = "wait for it to finish, or close the window that asks for your confirmation",
        patience: float = 0.0,
    ) -> None:
        self._path = path
        self._doing = doing
        self._advice = advice
        self._patience = patience
        self._descriptor: int | None = None

    def __enter__(self) -> "SigningLock":
        assert self._descriptor is None, "a lock is entered once"
        ensure_folder(self._path.parent)
        with explained(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
            try:
                self._wait_for(descriptor)
            except BlockingIOError:
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
                os.close(descriptor)
                raise BusyError(
                    f"another process {self._doing} (pid {holder or 'unknown'})", hint=self._advice
                ) from None
            except BaseException:
                os.close(descriptor)
                raise
            with suppress(OSError):  # who holds it is told to others, and decides nothing
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        self._descriptor = descriptor
        return self

    def _wait_for(self, descriptor: int) -> None:
        """Tries until the patience is over. Raises BlockingIOError then."""
        until = time.monotonic() + self._patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._descriptor is not None, "a lock is left once"
        with suppress(OSError):  # only the number of a process that is gone would stay in it
            os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
        self._descriptor = None
