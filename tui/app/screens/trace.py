"""The way of a coin's colour: each coin that carried it, back to the genesis."""

import re
from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult

from assets.services.read_models.trace_views import TraceStep, TraceView
from tui.app.commands import bindings
from tui.app.messages import Opened, Refused
from tui.app.screens.page import LOAD, READING, Page
from tui.app.services import Services
from tui.app.text import color_text, count, short, shown
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Words

_TXID = re.compile(r"[0-9a-f]{64}")


class TraceScreen(Page):
    """One coin, and where what it carries comes from."""

    place = "coins"
    keys = "trace"
    BINDINGS = bindings(keys)

    def __init__(self, services: Services, outpoint: str) -> None:
        super().__init__(services)
        self.outpoint = outpoint
        self.view: TraceView | None = None

    def body(self) -> ComposeResult:
        """What it is about, and the way."""
        yield Words("asking the node for the way back…", id="heading", classes="heading")
        yield Words("The newest coin first; enter shows the transaction that made it.", classes="dim")
        yield Listing(
            Column("block", 9, right=True),
            Column("coin", 15),
            Column("whose", 5),
            Column("by"),
            Column("carried"),
            empty="nothing to trace",
            until=READING,
            id="steps",
        )

    def on_mount(self) -> None:
        """The list has the keys."""
        self.query_one(Listing).focus()

    def load(self) -> Callable[[], Any]:
        """The way back."""
        money, outpoint = self.services.money, self.outpoint
        return lambda: money.trace(outpoint)

    def answered(self, job: str, answer: Any) -> None:
        """Shows it."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, TraceView):
            self.view = answer
            steps = count(len(answer.steps), "coin")
            more = "" if answer.complete else ", and more before them"
            self.query_one("#heading", Words).update(f"{_carried(answer.holds)}: {steps} on the way{more}")
            self.query_one(Listing).show(answer.steps, _step)

    def refused(self, refusal: Refused) -> None:
        """Says why there is no way to be shown."""
        super().refused(refusal)
        if self.view is None:
            self.query_one("#heading", Words).update(refusal.text)

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """Opens the transaction that made a coin."""
        self.post_message(Opened(txid=event.key.partition(":")[0]))

    def action_back(self) -> None:
        """To the coins."""
        self.dismiss(None)


def _step(one: TraceStep) -> Line:
    cells = (
        "mempool" if one.height is None else f"{one.height:,}",
        short(one.outpoint, head=7, tail=6),
        "ours" if one.own else "",
        shown(one.what),
        _carried(one.holds),
    )
    return Line(one.outpoint, cells)


def _carried(holds: str) -> str:
    """What a coin carried, its genesis by its two ends, so that a line is long enough for it."""
    return _TXID.sub(lambda found: short(found[0]), color_text(holds))
