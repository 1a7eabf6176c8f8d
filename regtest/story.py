"""A story told in steps: each one is printed as it happens, judged, and listed in a table at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


class StoryError(Exception):
    """A step did not turn out as it should."""


@dataclass(slots=True)
class Step:
    """One step: what happened, in which transaction, at what cost, with what verdict.

    `vsize` is in vB and `fee` in sats; both are summed over the step's transactions.
    """

    heading: str
    who: str
    txids: list[str] = field(default_factory=list)
    vsize: int = 0
    fee: int = 0
    verdict: str = ""
    outcome: str = ""

    def spent(self, transaction: dict[str, object]) -> None:
        """Count a transaction: `txid`, `vsize` in vB and `fee` in sats, as the command's JSON names them."""
        self.txids.append(str(transaction["txid"]))
        self.vsize += int(str(transaction["vsize"]))
        self.fee += int(str(transaction["fee"]))


class Story:
    """Collects steps, prints them, and remembers whether all went well."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.steps: list[Step] = []

    @contextmanager
    def step(self, heading: str, *, who: str) -> Iterator[Step]:
        """Run one step; what it raises ends the story."""
        step = Step(heading=heading, who=who)
        self.steps.append(step)
        self.console.print(f"[bold]{len(self.steps):>2}[/] {heading}", highlight=False)
        try:
            yield step
        except Exception:
            step.outcome = "failed"
            raise
        step.outcome = step.outcome or "ok"
        for txid in step.txids:
            self.console.print(f"     txid    {txid}", highlight=False)
        if step.txids:
            self.console.print(f"     cost    {step.vsize} vB, {step.fee} sat", highlight=False)
        if step.verdict:
            self.console.print(f"     verdict {step.verdict}", highlight=False)
        if step.outcome != "ok":
            self.console.print(f"     {step.outcome}", highlight=False)

    def expect(self, what: str, actual: object, wanted: object) -> None:
        """Raise StoryError, with both figures, unless a step turned out as it should."""
        if actual != wanted:
            raise StoryError(f"{what}: expected {wanted!r}, found {actual!r}")

    def table(self) -> Table:
        """All steps, for the end."""
        table = Table(title="The story", title_justify="left", pad_edge=False)
        table.add_column("#", justify="right")
        table.add_column("who")
        table.add_column("step", overflow="fold")
        table.add_column("verdict")
        table.add_column("vB", justify="right")
        table.add_column("fee (sat)", justify="right")
        table.add_column("txid")
        for number, step in enumerate(self.steps, 1):
            cost = (str(step.vsize), str(step.fee)) if step.txids else ("", "")
            txids = "\n".join(txid[:16] + "…" for txid in step.txids)
            table.add_row(str(number), step.who, step.heading, step.verdict, *cost, txids)
        return table
