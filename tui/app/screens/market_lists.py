"""The market's four lists, each with what there is to know of the line under the cursor."""

from collections.abc import Callable, Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import TabPane

from tui.app.kinds import Kind
from tui.app.screens import market_words as words
from tui.app.screens.form import Entry
from tui.app.screens.page import READING
from tui.app.services import Services
from tui.app.text import count
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Facts, Words
from tui.verbs.market.views import Offer, Offers


class MarketList(TabPane):
    """A list with a sentence above and details below. `facts` are those of a line."""

    def __init__(
        self,
        title: str,
        name: str,
        facts: Callable[[Any], list[tuple[str, str]]],
        *,
        empty: str,
        last: str = "repository",
        number: str = "until",
        until: str = READING,
    ) -> None:
        super().__init__(title, id=f"tab-{name}")
        self._facts = facts
        self.sum = Words("", id=f"{name}-sum", classes="dim")
        self.list = Listing(
            Column("id", 8),
            Column("sells", 14),
            Column("units", 7, right=True, room=90),
            Column("price BTC", 12, right=True),
            Column(number, 7, right=True),
            Column("state", 13),
            Column(last),
            empty=empty,
            until=until,
            id=name,
        )
        self.detail = Facts(id=f"{name}-detail", classes="detail")

    def compose(self) -> ComposeResult:
        """Sentence, list, details."""
        yield self.sum
        yield self.list
        yield self.detail

    def show(self, items: Sequence[Any], line_of: Callable[[Any], Line], said: str) -> None:
        """Shows other lines."""
        self.list.show(items, line_of)
        self.say(said)
        self.tell()

    def say(self, text: str) -> None:
        """A sentence above the list."""
        self.sum.update(text)

    @on(Listing.Moved)
    def tell(self) -> None:
        """What there is to know of the line under the cursor."""
        item = self.list.item
        self.detail.show(self._facts(item) if item is not None else ())


class OffersPane(MarketList):
    """Offers, and where they are looked for. What is not good is left out, unless somebody wants to know why."""

    def __init__(self, services: Services) -> None:
        super().__init__(
            "Offers",
            "offers",
            words.offer_facts,
            empty="nothing to show",
            until="nothing was asked for yet: / says where to look",
            last="found at",
        )
        self._services = services
        self.found: Offers | None = None
        self.everything = False

    def compose(self) -> ComposeResult:
        """Where to look, and what was found."""
        with Horizontal(id="look"):
            yield Entry(self._services, "Repository (name or genesis)", Kind.LOOKUP, "repository")
            yield Entry(self._services, "and at a shop (URL), or in a file", Kind.SOURCE, "source")
        yield from super().compose()

    def take(self, found: Offers | None, said: str = "") -> None:
        """Shows what was found, or nothing and why."""
        self.found = found
        if found is None:
            self.show((), words.offer, said)
        else:
            self.show_found()

    def show_found(self) -> None:
        """The good ones, or all."""
        if self.found is None:
            return
        good = tuple(one for one in self.found.offers if not one.view.refusal)
        left = len(self.found.offers) - len(good)
        why = f", {left:,} left out{'' if self.everything else ': a says why'}" if left else ""
        shown: tuple[Offer, ...] = self.found.offers if self.everything else good
        self.show(shown, words.offer, f"{count(len(good), 'good offer')}{why}")
