"""Writing lock files: pins that a project keeps beside its code, so that its pipelines have a voucher of their own.

The file belongs to the project, not to this program: its mode stays as it was, what it says of other names stays too,
and an entry never changes to another genesis in passing.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from assets.errors import TrustError
from assets.images.canonical import FILE_LIMIT
from assets.images.lock import serialize_lock
from assets.images.pin import Pin, Pins
from assets.store.trust_store import read_lock
from wallet.errors import BusyError, StoreError
from wallet.hashes import display
from wallet.network import Network
from wallet.store.files import FILE_MODE, write_private


def locked_pin(path: Path, network: Network, name: str) -> Pin | None:
    """What the file says of a name; None also where there is no file yet. Raises TrustError for an unusable one."""
    return _load(path, network).named(name)


def require_agreeing(path: Path, network: Network, pin: Pin) -> None:
    """Raises TrustError where the file cannot be used, or would have to change its mind about the pin's name."""
    _with(_load(path, network), pin, path)


def put_in_lock(path: Path, network: Network, pins: Iterable[Pin]) -> Pins:
    """Add entries, or renew the ones of the same names; everything that the file holds then.

    Owners that an entry accepts stay accepted: others go on verifying what those released.

    The file is replaced whole, or not at all. Raises TrustError where it cannot be used, is about another network, or
    names another genesis for one of the names; BusyError where another program is changing it; StoreError.
    """
    target = path.resolve()
    if not target.parent.is_dir():
        raise TrustError(f"there is no folder {target.parent}", hint="check the path of the lock file")
    with _alone(target.parent):
        merged = _load(target, network)
        for pin in pins:
            merged = _with(merged, pin, path)
        document = serialize_lock(merged.require(network))
        if len(document) > FILE_LIMIT:
            raise TrustError(f"{path} would outgrow {FILE_LIMIT} bytes", hint="lock only what the project uses")
        try:
            mode = target.stat().st_mode & 0o777 if target.exists() else FILE_MODE
            write_private(target, document, overwrite=True, mode=mode)
        except (StoreError, OSError) as error:
            raise TrustError(f"{path} cannot be written: {error}", hint="check the folder's owner and space") from error
    return merged


def _load(path: Path, network: Network) -> Pins:
    return read_lock(path, network) if path.exists() else Pins()


def _with(pins: Pins, pin: Pin, path: Path) -> Pins:
    known = pins.named(pin.name)
    if known is not None and known.genesis != pin.genesis:
        raise TrustError(
            f"{path} names genesis {display(known.genesis)} for {pin.name}, and your pin {display(pin.genesis)}",
            hint="if you are sure that it changed for good, remove that table from the file, then lock it again",
        )
    owners = pin.owners if known is None else tuple(dict.fromkeys((*known.owners, *pin.owners)))
    return pins.with_pin(replace(pin, owners=owners))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One program at a time; the lock is on the folder, so that no file is left beside the project's own."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BusyError(
            f"another program is changing a lock file in {folder}", hint="try again when it is done"
        ) from None
    finally:
        os.close(descriptor)
