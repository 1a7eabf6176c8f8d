"""What every screen has around it: the places, one line about wallet and chain, and banners."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.app.commands import COMMANDS, Command
from tui.app.status import Status
from tui.app.text import count, shown
from tui.app.widgets.words import Words

_SHORT = {
    "overview": "Home",
    "repositories": "Repos",
    "transactions": "History",
    "settings": "Setup",
}
"""Names of places where there is little room."""

_KEYS = {"f8": "F8"}


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
        """All of them, with short names where the long ones do not fit."""
        wide = sum(len(self._text(one, short=False)) + 1 for one in self._places) <= self.size.width
        parts: list[tuple[str, str]] = []
        self._spans = []
        at = 0
        for one in self._places:
            text = self._text(one, short=not wide)
            here = _place_of(one) == self.place
            self._spans.append((at, at + len(text), _place_of(one)))
            parts += [(text, "$accent bold" if here else "$text-muted"), (" ", "")]
            at += len(text) + 1
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Goes to the place under the mouse."""
        for start, stop, place in self._spans:
            if start <= event.x < stop:
                self.post_message(self.Wanted(place))

    def _text(self, one: Command, *, short: bool) -> str:
        place = _place_of(one)
        label = _SHORT.get(place, one.label) if short else one.label
        text = f"{_KEYS.get(one.keys, one.keys)} {label}"
        return f"[{text}]" if place == self.place else text


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


def _place_of(one: Command) -> str:
    return one.name.removeprefix("go-")
