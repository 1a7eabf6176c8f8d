"""A file in which a blob arrives, in as many attempts as it takes."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from assets.images.digest import Digest
from wallet.errors import BusyError, StoreError

_CHUNK = 1024 * 1024


class FileLanding:
    """Implements `Landing` by a file (0600) that outlives the process, so that a pull goes on where it was cut off.

    Use it in a `with` statement. `advance` is told how many more bytes are there, those of earlier attempts included;
    a restart takes them back. Raises StoreError where the file cannot be written, BusyError where another process
    fetches the same.
    """

    def __init__(self, path: Path, advance: Callable[[int], None] | None = None) -> None:
        self._path = path
        self._advance = advance
        self._hash = hashlib.sha256()
        self._size = 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        with _explained(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                self._lock(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            self._file = os.fdopen(descriptor, "r+b")
            while chunk := self._file.read(_CHUNK):
                self._count(chunk)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with _explained(self._path):
                self._file.close()
            self._file = None

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self._size

    def write(self, chunk: bytes) -> None:
        """The next bytes."""
        with _explained(self._path):
            self._opened.write(chunk)
        self._count(chunk)

    def restart(self) -> None:
        """Throws away what is there."""
        with _explained(self._path):
            self._opened.seek(0)
            self._opened.truncate()
        if self._advance is not None:
            self._advance(-self._size)
        self._hash, self._size = hashlib.sha256(), 0

    def digest(self) -> Digest:
        """The sha256 of what is there."""
        return Digest(self._hash.digest())

    def sync(self) -> None:
        """Makes what is there durable."""
        with _explained(self._path):
            self._opened.flush()
            os.fsync(self._opened.fileno())

    def _lock(self, descriptor: int) -> None:
        """One process at a time, and none on a file that another one finished and renamed in the meantime."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = os.path.samestat(os.fstat(descriptor), self._path.stat())
        except (BlockingIOError, FileNotFoundError):
            free = False
        if not free:
            raise BusyError(f"another process fetches {self._path.name}", hint="wait until it is done, then try again")

    def _count(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self._size += len(chunk)
        if self._advance is not None:
            self._advance(len(chunk))

    @property
    def _opened(self) -> BinaryIO:
        assert self._file is not None, "a landing is used in a with statement"
        return self._file


def is_idle(path: Path) -> bool:
    """Whether no process is at work on a landing's file."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror}", hint="check the folder's owner and the space on the disk"
        ) from error
