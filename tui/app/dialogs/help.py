"""All keys, from the one list of commands."""

from collections.abc import Iterator, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer

from tui.app.commands import COMMANDS, EVERYWHERE, LISTS, Command, dialog_bindings
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Words

_SHOWN = {"question_mark": "?", "slash": "/", "escape": "esc", "pageup": "pgup", "pagedown": "pgdn"}


class HelpDialog(ModalScreen[None]):
    """The keys of this screen first, then those of everywhere and of lists. `places` are the screen's, in the order in
    which their keys count."""

    BINDINGS = dialog_bindings()

    def __init__(self, places: Sequence[str]) -> None:
        super().__init__()
        self._places = tuple(places)

    def compose(self) -> ComposeResult:
        """One list, and the marked line in full."""
        with Vertical(classes="dialog wide"):
            yield Words("Keys - ctrl+p finds a command by its name", classes="heading")
            yield Listing(Column("where", 10), Column("key", 9), Column("command", 13), Column(""), id="keys")
            yield Words("", id="about")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Shows the commands."""
        listing = self.query_one(Listing)
        listing.show((*self._here(), *_of(EVERYWHERE), *_of(LISTS)), self._line)
        listing.focus()
        self.moved()

    @on(Listing.Moved)
    def moved(self) -> None:
        """What the marked command does, and all of its keys."""
        one = self.query_one(Listing).item
        if isinstance(one, Command):
            self.query_one("#about", Words).update(f"{_keys(one)}: {one.help}")

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)

    def _here(self) -> Iterator[Command]:
        """Those of the screen; a key means what the first of its places says."""
        taken: set[str] = set()
        for place in self._places:
            for one in _of(place):
                if one.keys not in taken:
                    taken.add(one.keys)
                    yield one

    def _line(self, one: Command) -> Line:
        where = one.place if one.place in (EVERYWHERE, LISTS) else "here"
        return Line(one.name, (where, _keys(one), one.label, one.help))


def _of(place: str) -> Iterator[Command]:
    return (one for one in COMMANDS if one.place == place)


def _keys(one: Command) -> str:
    return ", ".join(_shown(key) for key in one.keys.split(","))


def _shown(key: str) -> str:
    for name, sign in _SHOWN.items():
        key = key.replace(name, sign)
    return key
