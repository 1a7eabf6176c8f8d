"""What every main screen has: the frame, the status, and loading its view again when something changed."""

from collections.abc import Callable
from typing import Any

from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive
from textual.widgets import Footer

from tui.app.commands import bindings
from tui.app.messages import Banner, Refused, Trouble
from tui.app.services import Services
from tui.app.status import Status
from tui.app.widgets.frame import Banners, NavBar, StatusLine
from tui.app.widgets.listing import Listing
from tui.app.widgets.work import Working
from tui.verbs.review import Outcome

LOAD = "load"
"""The job that asks for a screen's view."""

READING = "reading…"
"""What stands in a list until its lines are there."""

NOT_READ = "not read yet"
"""What stands there instead where they could not be had."""


class Page(Working[None]):
    """A screen of an open wallet. Subclasses give `place`, `body` and, where they show a view, `load`."""

    place = ""
    keys = "page"
    BINDINGS = bindings(keys)
    status: reactive[Status] = reactive(Status())

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self._stale = True

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield NavBar(self.place)
        yield StatusLine().data_bind(Page.status)
        yield Banners(classes="banners").data_bind(Page.status)
        with Container(id="body"):
            yield from self.body()
        yield Footer(show_command_palette=False)

    def body(self) -> ComposeResult:
        """What the screen is about."""
        yield from ()

    def load(self) -> Callable[[], Any] | None:
        """The call that gets the screen's view, for a worker; None for screens that show nothing of the chain."""
        return None

    def open(self, page: "Page") -> None:
        """Puts another screen of this wallet over this one."""
        page.set_reactive(Page.status, self.status)
        self.app.push_screen(page)

    def on_screen_resume(self) -> None:
        """Asks again where something changed while the screen was hidden."""
        if self._stale:
            self.action_refresh()

    def outdated(self) -> None:
        """Something changed: a block, a payment, a setting."""
        self._stale = True
        if self.is_current:
            self.action_refresh()

    def action_refresh(self) -> None:
        """Asks for the view."""
        self._stale = False
        call = self.load()
        if call is not None:
            self.work(LOAD, call)

    def warn(self, text: str) -> None:
        """Says why a key does nothing here."""
        self.notify(text, severity="warning", markup=False)

    def ended(self, outcome: Outcome[Any]) -> None:
        """A review that was asked for here ended with something sent or signed."""

    def cancel(self) -> None:
        """Ends long work of this screen early."""

    def action_leave_field(self) -> None:
        """Out of an input, so that single keys are commands again: to the list, where there is one to be seen."""
        lists = (one for one in self.query(Listing) if one.display and one.region)
        self.set_focus(next(lists, None))

    def refused(self, refusal: Refused) -> None:
        """Troubles of node and registry go to the banner of all screens, others are told once."""
        if refusal.trouble in (Trouble.NODE, Trouble.REGISTRY):
            self.post_message(Banner(refusal.trouble, refusal.text))
            self._stale = True
        if refusal.job == LOAD:
            for listing in self.query(Listing):
                listing.cannot(NOT_READ)
        if refusal.trouble is not Trouble.NODE:
            super().refused(refusal)

    def answered(self, job: str, answer: Any) -> None:
        """An answer ends what the banner said of the registry."""
        self.post_message(Banner(Trouble.REGISTRY, ""))
