"""How far long work is, and whom a verb tells of it."""

from collections.abc import Callable
from dataclasses import dataclass

from wallet.errors import WalletError


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one step of long work is. `total` 0 means that nobody knows; with `bytes` what is counted are bytes."""

    what: str
    done: int
    total: int
    bytes: bool = False


Report = Callable[[Progress], None]
"""Is told how far long work is. It may raise StoppedError, which ends the work where it can end."""


class StoppedError(WalletError):
    """A person ended long work early. What was done so far stays."""


def silent(_: Progress) -> None:
    """For whoever does not watch."""


def stoppable(report: Report, stop: Callable[[], bool], why: str) -> Report:
    """A report that ends the work, with `why`, where a person wants that."""

    def told(step: Progress) -> None:
        report(step)
        if stop():
            raise StoppedError(why)

    return told


def counted(report: Report, what: str, *, sizes: bool = False) -> Callable[[int, int], None]:
    """What services call with (done, total), as reports of one step; with `sizes` these are bytes."""

    def told(done: int, total: int) -> None:
        report(Progress(what=what, done=done, total=total, bytes=sizes))

    return told
