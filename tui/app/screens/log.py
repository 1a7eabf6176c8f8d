"""The end of the log file."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult

from tui.app.commands import bindings
from tui.app.screens.page import LOAD, READING, Page
from tui.app.text import WHOLE, shown
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Words
from tui.verbs.settings import LogView


class LogScreen(Page):
    """What went wrong, newest last. It holds no secrets."""

    place = "log"
    keys = "log"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """The file's name and its lines."""
        yield Words("", id="file", classes="dim")
        yield Listing(Column(""), empty="the log is empty", until=READING, id="log")
        yield Words("", id="line", classes="detail")

    def on_mount(self) -> None:
        """The list has the keys."""
        self.query_one(Listing).focus()

    def load(self) -> Callable[[], Any]:
        """The log's end."""
        return self.services.machine.log

    def answered(self, job: str, answer: Any) -> None:
        """Shows it, the newest line in view."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, LogView):
            self.query_one("#file", Words).update(shown(answer.file))
            listing = self.query_one(Listing)
            listing.show(tuple(enumerate(answer.lines)), _line)
            listing.action_last()
            self.moved()

    @on(Listing.Moved)
    def moved(self) -> None:
        """The line under the cursor in full: its end says what went wrong."""
        item = self.query_one(Listing).item
        self.query_one("#line", Words).update(shown(item[1], limit=WHOLE) if item else "")


def _line(pair: tuple[int, str]) -> Line:
    number, text = pair
    return Line(str(number), (shown(text, limit=500),))
