"""The pins file of one user and network, and lock files. Reading either needs no wallet.

The file decides what is trusted, so it is 0600 in a folder of 0700, replaced whole by a rename, and changed only
under a lock beside it, so that two programs that pin at once both keep their pin.
"""

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bitcoin.core.script import CScript

from assets.errors import TrustError
from assets.images.canonical import FILE_LIMIT
from assets.images.lock import parse_lock
from assets.images.pin import Pin, Pins
from assets.remedies import ImageRemedy
from wallet.errors import BusyError, EncodingError
from wallet.hashes import display
from wallet.network import Network
from wallet.store.files import sync_folder
from wallet.store.unfinished import unfinished_file

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class PinStore:
    """The pins of a network in a file."""

    def __init__(self, path: Path, network: Network, *, patience: float = 5.0) -> None:
        """`patience` is how many seconds a change waits for another program's change."""
        self._path = path
        self._network = network
        self._patience = patience

    @property
    def path(self) -> Path:
        """Where the pins are."""
        return self._path

    def load(self) -> Pins:
        """The pins; none where there is no file yet.

        Raises TrustError for a file that is damaged, of another network, or that others may write.
        """
        document = _read(self._path, what="the pins file", private=True)
        if document is None:
            return Pins()
        try:
            return Pins.parse(document).require(self._network)
        except EncodingError as error:
            raise TrustError(
                f"{self._path} cannot be used: {error}",
                hint=error.advice + "; or move the file away and pin again what you trust",
            ) from error

    def save(self, pins: Pins) -> None:
        """Replace all pins. Raises TrustError, and EncodingError for pins of another network."""
        self._change(lambda _: pins, read=False)

    def pin(self, pin: Pin) -> Pins:
        """Add a pin, or replace the one of its name. Returns all pins."""
        return self._change(lambda pins: pins.with_pin(pin))

    def renew(self, known: Pin | None, pin: Pin) -> Pins:
        """As `pin`, in place of what is `known` of the name. Raises TrustError where that has changed meanwhile."""

        def renewed(pins: Pins) -> Pins:
            if pins.named(pin.name) != known:
                raise TrustError(
                    f"{pin.name} was pinned by another program meanwhile", hint="nothing was changed; look at it again"
                )
            return pins.with_pin(pin)

        return self._change(renewed)

    def unpin(self, name: str, shown: Pin | None = None) -> Pins:
        """Remove the pin of a name. Raises TrustError where there is none, or another one than was shown."""

        def without(pins: Pins) -> Pins:
            present = pins.named(name)
            if shown is not None and present is not None and present != shown:
                raise TrustError(
                    f"{name} is pinned to genesis {display(present.genesis)} by now, and what was shown is genesis"
                    f" {display(shown.genesis)}",
                    hint="nothing was changed; look at it again",
                )
            return pins.without(name)

        return self._change(without)

    def accept_owner(self, name: str, owner: CScript) -> Pins:
        """Accept one more owner of a pinned repository. Raises TrustError where the name is not pinned."""

        def accepting(pins: Pins) -> Pins:
            pin = pins.named(name)
            if pin is None:
                raise TrustError(f"{name} is not pinned", hint="pin it first")
            return pins.with_pin(pin.accepting(owner))

        return self._change(accepting)

    def _change(self, change: Callable[[Pins], Pins], *, read: bool = True) -> Pins:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._locked():
                pins = change(self.load() if read else Pins()).require(self._network)
                document = pins.serialize()
                if len(document) > FILE_LIMIT:
                    raise TrustError(f"{self._path} would outgrow {FILE_LIMIT} bytes", hint="unpin what is not used")
                _replace(self._path, document)
                return pins
        except OSError as error:
            raise TrustError(
                f"{self._path} cannot be written: {error.strerror}", hint="check the folder's owner, mode and space"
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._path.with_name(self._path.name + ".lock")
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            self._wait_for(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _wait_for(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._patience
        delay = 0.01
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise BusyError(
                        f"another program is changing {self._path}", hint="try again when it is done"
                    ) from None
                time.sleep(delay)
                delay = min(delay * 2, 0.2)
            else:
                return


def read_lock(path: Path, network: Network | None = None) -> Pins:
    """The pins of a lock file that a person named; with a network, they must all be about it.

    Raises TrustError that names the file, also where there is none.
    """
    document = _read(path, what="the lock file", private=False)
    if document is None:
        raise TrustError(f"there is no lock file {path}", hint=ImageRemedy.CHECK_LOCK.of())
    try:
        pins = parse_lock(document)
        return pins if network is None else pins.require(network)
    except EncodingError as error:
        raise TrustError(f"{path} cannot be used: {error}", hint=error.advice) from error


def _read(path: Path, *, what: str, private: bool) -> bytes | None:
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise TrustError(f"{path} is no regular file", hint=f"name {what} itself")
            if private and (status.st_mode & _OTHERS_MAY_WRITE or status.st_uid not in (os.geteuid(), 0)):
                raise TrustError(f"others may write to {path}", hint=f"check it, then: chmod 600 {path}")
            document = file.read(FILE_LIMIT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TrustError(f"{path} cannot be read: {error.strerror}", hint="check the file's owner and mode") from error
    if len(document) > FILE_LIMIT:
        raise TrustError(f"{path} has more than {FILE_LIMIT} bytes", hint=f"this is hardly {what}")
    return document


def _open_without_waiting(path: str, flags: int) -> int:
    """A pipe in the file's place must not hold the program up."""
    return os.open(path, flags | os.O_NONBLOCK)


def _replace(path: Path, document: bytes) -> None:
    """The old file or the new one, whole, after a crash too."""
    with unfinished_file(path.parent, replacing=True) as new:
        new.file.write(document)
        new.take_place_of(path)
        sync_folder(path.parent)
