"""One signer at a time: what is read before a signature must still hold when the signature is journalled."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from wallet.errors import BusyError
from wallet.store.files import FILE_MODE, ensure_folder, explained


class SigningLock:
    """A context manager that holds a wallet for signing, across processes and threads.

    The operating system drops it when the process ends, however it ends. Raises BusyError with the other's pid;
    `doing` and `advice` say what that one does, and what to do about it.
    """

    def __init__(
        self,
        path: Path,
        *,
        doing: str = "is signing with this wallet",
        advice: str = "wait for it to finish, or close the window that asks for your confirmation",
    ) -> None:
        self._path = path
        self._doing = doing
        self._advice = advice
        self._descriptor: int | None = None

    def __enter__(self) -> "SigningLock":
        assert self._descriptor is None, "a lock is entered once"
        ensure_folder(self._path.parent)
        with explained(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
                os.close(descriptor)
                raise BusyError(
                    f"another process {self._doing} (pid {holder or 'unknown'})", hint=self._advice
                ) from None
            except BaseException:
                os.close(descriptor)
                raise
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._descriptor is not None, "a lock is left once"
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
        self._descriptor = None
