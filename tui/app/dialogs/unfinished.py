"""Leaving while something is being signed or sent: it is asked first, and what was sent is said."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Footer

from tui.app.commands import dialog_bindings
from tui.app.text import shown
from tui.app.underway import Underway
from tui.app.widgets.words import Words

_WHOLE = 4_000
"""Characters of what is said: a chain of transactions has room, and none is cut."""

LOOK = 0.1
"""Seconds between two looks at what is under way."""


class Unfinished(ModalScreen[bool]):
    """Stay, or leave once it has ended. Its result says whether to leave; a yes comes only after the end."""

    BINDINGS = dialog_bindings()

    def __init__(self, underway: Underway, is_busy: Callable[[], bool], deed: str) -> None:
        """`deed` is what was asked for: to leave, to lock."""
        super().__init__()
        self._underway = underway
        self._is_busy = is_busy
        self._deed = deed
        self._waits = False

    def compose(self) -> ComposeResult:
        """What was sent so far, and two answers; the harmless one has the focus."""
        with Vertical(classes="dialog"):
            yield Words("Something is being signed or sent", id="heading", classes="heading")
            yield Words("", id="sent")
            with Horizontal(classes="buttons"):
                yield Button("Stay", id="stay")
                yield Button(f"{self._deed} when it has ended", variant="primary", id="wait")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """A stray Enter does nothing."""
        self.query_one("#stay", Button).focus()
        self._look()
        self.set_interval(LOOK, self._look)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """The answer; what has ended meanwhile needs no waiting."""
        if event.button.id != "wait":
            self.dismiss(result=False)
        elif not self._is_busy():
            self.dismiss(result=True)
        else:
            self._waits = True
            event.button.disabled = True
            self._look()

    def action_leave(self) -> None:
        """Escape stays."""
        self.dismiss(result=False)

    def _look(self) -> None:
        words = shown(self._underway.words, limit=_WHOLE)
        if self._is_busy():
            waits = "\nwaiting for the answer…" if self._waits else ""
            self.query_one("#sent", Words).update(f"{words}{waits}")
            return
        if self._waits and self.app.screen is self:
            self.dismiss(result=True)
            return
        self.query_one("#heading", Words).update("It has ended")
        self.query_one("#sent", Words).update(words)
        button = self.query_one("#wait", Button)
        if button.disabled or str(button.label) != self._deed:
            button.label = self._deed
            button.disabled = False
            button.refresh(layout=True)
