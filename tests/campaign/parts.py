"""What a part of the campaign is, and the parts that there are. A new one adds a module and a line to `PARTS`."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

PARTS = ("lineages", "parsers", "signing", "faults", "deeds", "slow")
"""Modules of this package, in the order in which they run; each has a `PART`."""


@dataclass
class Report:
    """What some cases came to. `figures` are printed; one line in `failures` makes the whole run fail.

    A failure says by which seed it comes again, and what differs, in a few lines.
    """

    cases: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        """These cases as well."""
        self.cases += other.cases
        self.figures += other.figures
        self.failures += other.failures


@dataclass(frozen=True, kw_only=True)
class Part:
    """One comparison. `work(first, count)` does the cases of the seeds `first` to `first + count - 1`.

    It runs in processes of its own, and nothing but its seeds decides what it does. `cases` are done in a whole
    campaign, in pieces of `piece`; `minutes` is the most that they may take together, on two cores.
    """

    name: str
    says: str
    cases: int
    piece: int
    minutes: float
    work: Callable[[int, int], Report]


def part(name: str) -> Part:
    """A part by its name."""
    found: Part = import_module(f"tests.campaign.{name}").PART
    return found
