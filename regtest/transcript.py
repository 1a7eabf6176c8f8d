"""The story as a table in README, written by a run and not by hand: `python -m regtest demo --readme README.md`."""

import re
from pathlib import Path

from regtest.errors import HarnessError
from regtest.story import Step

BEGIN, END = "<!-- story:begin -->", "<!-- story:end -->"
_LOOPBACK = re.compile(r"127\.0\.0\.1:[0-9]+")
"""Every run has a port of its own; a reader needs none."""


def transcript(steps: list[Step]) -> str:
    """The steps that asked the chain or wrote to it: who did what, the verdict, the cost, in Markdown."""
    lines = ["| # | who | what happens | verdict | vB | fee (sat) | txid |", "|--:|---|---|---|--:|--:|---|"]
    for number, step in enumerate(steps, 1):
        if not step.verdict and not step.txids:
            continue
        cost = (str(step.vsize), str(step.fee)) if step.txids else ("", "")
        txids = " ".join(f"`{txid[:12]}…`" for txid in step.txids)
        cells = (str(number), step.who, step.heading, step.verdict, *cost, txids)
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines)


def write_into(readme: Path, steps: list[Step]) -> None:
    """Replaces what stands between the two marks. Raises HarnessError where they are not there."""
    text = readme.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise HarnessError(f"{readme} has no place for the story: {BEGIN} and {END}")
    readme.write_text(f"{head}{BEGIN}\n{transcript(steps)}\n{END}{tail}", encoding="utf-8")


def _cell(text: str) -> str:
    return _LOOPBACK.sub("localhost:5000", text).replace("|", "\\|")
