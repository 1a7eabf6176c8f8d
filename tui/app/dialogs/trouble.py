"""Something unexpected, told without ending the app: a bug of this program, or folders that cannot be read."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Footer

from tui.app.commands import dialog_bindings
from tui.app.text import shown
from tui.app.widgets.words import Words

BUG = "This is a bug in the program"


class TroubleDialog(ModalScreen[None]):
    """What broke, and where the details are."""

    BINDINGS = dialog_bindings()

    def __init__(self, text: str, *, heading: str = BUG) -> None:
        super().__init__()
        self._text = text
        self._heading = heading

    def compose(self) -> ComposeResult:
        """The sentence and a button."""
        with Vertical(classes="dialog"):
            yield Words(self._heading, classes="heading bad")
            yield Words(shown(self._text, limit=1_000) or "no reason given")
            if self._heading == BUG:
                yield Words(
                    "What was sent, if anything, stands under Transactions. The log has the details.", classes="dim"
                )
            yield Button("Close", variant="primary", id="close")
        yield Footer(show_command_palette=False)

    def on_button_pressed(self) -> None:
        """Back to the screen below."""
        self.dismiss(None)

    def action_leave(self) -> None:
        """The key does what the button does."""
        self.dismiss(None)
