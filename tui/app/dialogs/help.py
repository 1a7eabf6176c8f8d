"""All keys, from the one list of commands."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.app.commands import COMMANDS, EVERYWHERE, LISTS, Command
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Words

_SHOWN = {"question_mark": "?", "slash": "/", "escape": "esc", "pageup": "pgup", "pagedown": "pgdn"}


class HelpDialog(ModalScreen[None]):
    """The keys of this place first, then those of everywhere and of lists."""

    BINDINGS = [Binding("escape,question_mark,f1", "close", "Close")]  # noqa: RUF012 - Textual's way

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    def compose(self) -> ComposeResult:
        """One list."""
        with Vertical(classes="dialog"):
            yield Words("Keys - ctrl+p finds a command by its name", classes="heading")
            yield Listing(Column("where", 12), Column("key", 14), Column("command", 13), Column(""), id="keys")

    def on_mount(self) -> None:
        """Shows the commands."""
        order = (self._place, EVERYWHERE, LISTS)
        listed = [one for place in order for one in COMMANDS if one.place == place]
        listing = self.query_one(Listing)
        listing.show(listed, _line)
        listing.focus()

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)


def _line(one: Command) -> Line:
    keys = ", ".join(_shown(key) for key in one.keys.split(","))
    return Line(one.name, (one.place, keys, one.label, one.help))


def _shown(key: str) -> str:
    for name, sign in _SHOWN.items():
        key = key.replace(name, sign)
    return key
