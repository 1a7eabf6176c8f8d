"""Something unexpected: a bug of this program, told without ending it."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button

from tui.app.widgets.words import Words


class TroubleDialog(ModalScreen[None]):
    """What broke, and where the details are."""

    BINDINGS = [("escape", "app.pop_screen", "Close")]  # noqa: RUF012 - Textual's way

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """The sentence and a button."""
        with Vertical(classes="dialog"):
            yield Words("This is a bug in the program", classes="heading bad")
            yield Words(self._text or "no reason given")
            yield Words("Nothing was signed by it. The log has the details (F8).", classes="dim")
            yield Button("Close", variant="primary", id="close")

    def on_button_pressed(self) -> None:
        """Back to the screen below."""
        self.dismiss(None)
