"""What every screen has around it: the places, one line about wallet and chain, and banners."""

from collections.abc import Mapping

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.app.commands import COMMANDS, Command
from tui.app.status import Status
from tui.app.text import count, shown
from tui.app.widgets.words import Words

_LONG: Mapping[str, str] = {}
_SHORT = {"overview": "Home", "repositories": "Repos", "transactions": "History", "settings": "Setup"}
_SHORTEST = {**_SHORT, "transactions": "Txs", "receive": "Recv", "settings": "Set", "log": ""}
"""Names of places where there is less and less room; all of them fit into 80 cells. Below, keys alone stand there,
but for the place where a person is."""

_KEYS = {"f8": "F8"}
_HERE = "$accent bold"


class NavBar(Widget):
    """The places, by key and name; the present one is between brackets. A click goes there."""

    place: reactive[str] = reactive("")

    class Wanted(Message):
        """A place was clicked."""

        def __init__(self, place: str) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: str) -> None:
        super().__init__()
        self.set_reactive(NavBar.place, place)
        self._places = tuple(one for one in COMMANDS if one.name.startswith("go-"))
        self._spans: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        """All of them, with short names where the long ones do not fit. The brackets stand where blanks would."""
        fitting = (one for one in (_LONG, _SHORT, _SHORTEST) if self._width(one) <= self.size.width)
        names = next(fitting, {_place_of(one): "" for one in self._places if _place_of(one) != self.place})
        parts: list[tuple[str, str]] = []
        self._spans = []
        at, before = 0, False
        for one in self._places:
            here = _place_of(one) == self.place
            gap, text = "[" if here else "]" if before else " ", _named(one, names)
            self._spans.append((at, at + len(text) + 1, _place_of(one)))
            parts += [(gap, _HERE if here or before else ""), (text, _HERE if here else "$text-muted")]
            at, before = at + len(text) + 1, here
        return Content.assemble(*parts, ("]" if before else "", _HERE))

    def on_click(self, event: events.Click) -> None:
        """Goes to the place under the mouse."""
        for start, stop, place in self._spans:
            if start <= event.x < stop:
                self.post_message(self.Wanted(place))

    def _width(self, names: Mapping[str, str]) -> int:
        return sum(len(_named(one, names)) + 1 for one in self._places) + 1


class StatusLine(Widget):
    """Wallet, network, block, index and what can be spent."""

    status: reactive[Status] = reactive(Status())

    def render(self) -> Content:
        """One line."""
        status = self.status
        parts = [shown(status.wallet), status.network]
        if status.chain is not None:
            parts.append(f"block {status.chain.height:,}")
            behind = status.chain.index_behind
            if status.progress is None and behind:
                parts.append(f"index {count(behind, 'block')} behind")
        if status.progress is not None:
            done, total = status.progress.done, status.progress.total
            share = f" {done * 100 // total} %" if total else ""
            parts.append(f"{status.progress.what}{share}")
        return Content(" · ".join(part for part in parts if part))


class Banners(Words):
    """What is wrong with node or registry, as long as it is."""

    status: reactive[Status] = reactive(Status())

    def watch_status(self, status: Status) -> None:
        """Shows the troubles, or nothing at all."""
        texts = [f"! {about}: {text}" for about, text in status.banners]
        self.update(Content("\n".join(texts)))
        self.display = bool(texts)


def _named(one: Command, names: Mapping[str, str]) -> str:
    """Key and name of a place."""
    return f"{_KEYS.get(one.keys, one.keys)} {names.get(_place_of(one), one.label)}".rstrip()


def _place_of(one: Command) -> str:
    return one.name.removeprefix("go-")
