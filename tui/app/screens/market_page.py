"""The market's lists: what others offer, and this wallet's own listings, bids and sales, looked for and shown."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.notifications import SeverityLevel
from textual.widgets import TabbedContent

from tui.app.messages import Refused
from tui.app.screens import market_words as words
from tui.app.screens.market_lists import MarketList, OffersPane
from tui.app.screens.page import LOAD, Page
from tui.app.text import btc, count, shown
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.listing import Listing
from tui.verbs.files import whole_path
from tui.verbs.image.references import name_or_genesis
from tui.verbs.market.fields import is_url
from tui.verbs.market.requests import AtShop, InFile, Look, OnBoard, Where
from tui.verbs.market.views import Desk, Offer, Offers, OwnBid, OwnListing
from wallet.advice import Prose
from wallet.hashes import parse_txid

_OFFERS = "offers"
_TOLD = 3
"""Notices that are shown at once; a shop can have any number of bad entries."""

_TABS = ("tab-offers", "tab-mine", "tab-bids", "tab-sales")
_ENDED = ("withdrawn", "replaced", "ended", "expired", "not in the chain")


class MarketPage(Page):
    """Four lists, and what is looked for in the first."""

    place = "market"

    def body(self) -> ComposeResult:
        """A tab for each list."""
        with TabbedContent(id="tabs"):
            yield OffersPane(self.services)
            yield MarketList("Listings", "mine", words.listing_facts, empty="nothing of yours is listed: s sells")
            yield MarketList("Bids", "bids", words.bid_facts, empty="you bid for nothing: look at offers, and b buys")
            yield MarketList("Sales", "sales", words.listing_facts, empty="nothing was sold yet", number="conf")

    def on_mount(self) -> None:
        """The list has the keys."""
        self.desk: Desk | None = None
        self._look: Look | None = None
        self.query_one("#offers", Listing).focus()

    def load(self) -> Callable[[], Any]:
        """What this wallet offers and bids for."""
        return self.services.market.desk

    def outdated(self) -> None:
        """What was found is checked against the new block."""
        super().outdated()
        if self._look is not None and self.is_current:
            self._ask_for(self._look)

    def look_at(self, genesis: str, repository: str) -> None:
        """Offers of a repository, by its genesis; `repository` is what it was called where it was asked for."""
        self._to("tab-offers")
        self.query_one("#repository", Field).value = repository
        self.query_one("#source", Field).value = ""
        self.query_one("#offers", Listing).focus()
        board = (OnBoard(repository),) if "/" in repository else ()
        self._ask_for(Look(genesis=parse_txid(genesis), places=board))

    def answered(self, job: str, answer: Any) -> None:
        """Shows what came."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, Desk):
            self.desk = answer
            self._show_desk(answer)
        elif isinstance(answer, Offers):
            self.offers.take(answer)
            self._tell(answer.notes, severity="warning")

    def refused(self, refusal: Refused) -> None:
        """Says why nothing can be shown."""
        super().refused(refusal)
        if refusal.job == _OFFERS:
            self.offers.take(None, f"✗ {refusal.text}")

    @on(Field.Submitted)
    def submitted(self) -> None:
        """Enter looks."""
        fields = tuple(self.query_one(f"#{name}", Field) for name in ("repository", "source"))
        if not all_good(fields):
            return
        repository, source = (field.value.strip() for field in fields)
        if not repository and not source:
            fields[0].complain("name a repository, a shop or a file")
            return
        self.query_one("#offers", Listing).focus()
        name, genesis = name_or_genesis(repository) if repository else (None, None)
        board: tuple[Where, ...] = () if name is None else (OnBoard(name),)
        self._ask_for(Look(name=name, genesis=genesis, places=(*board, *_places(source))))

    def action_look(self) -> None:
        """Into the field that says which repository."""
        self._to("tab-offers")
        self.query_one("#repository", Field).focus_input()

    def action_everything(self) -> None:
        """Shows what is left out, too, and why; or hides it again."""
        self.offers.everything = not self.offers.everything
        self.offers.show_found()

    def action_next_list(self) -> None:
        """The next of the four lists."""
        at = _TABS.index(self._shown.id or "")
        self._to(_TABS[(at + 1) % len(_TABS)])
        self._shown.list.focus()

    @property
    def marked(self) -> Offer | OwnListing | OwnBid | None:
        """The line under its cursor."""
        item: Offer | OwnListing | OwnBid | None = self._shown.list.item
        return item

    def warn(self, text: str) -> None:
        """Says why a key does nothing here."""
        self._tell((text,), severity="warning")

    @property
    def called(self) -> str:
        """The name by which a person looked for a repository, if it was one."""
        return (self._look.name or "") if self._look is not None else ""

    def _ask_for(self, look: Look) -> None:
        self._look = look
        market = self.services.market
        self.offers.say("looking, and checking each against the chain…")
        self.work(_OFFERS, lambda: market.offers(look))

    def _show_desk(self, desk: Desk) -> None:
        at = f"as of block {desk.height:,}"
        standing = tuple(sorted(desk.standing, key=lambda one: one.view.state.startswith(_ENDED)))
        live = sum(not one.view.state.startswith(_ENDED) for one in standing)
        waiting = sum(one.view.state == "open" for one in desk.bids)
        earned = btc(sum(one.view.price for one in desk.sales))
        sold = f"{count(len(desk.sales), 'sale')} for {earned} BTC; {count(desk.lots_left, 'lot')} left"
        self._list("mine").show(standing, words.listing, f"{live:,} in force, {at}")
        comes = f"; {count(len(desk.awaited), 'secret')} to come: n takes it in" if desk.awaited else ""
        owed = f"; {count(len(desk.owed), 'secret')} to hand over: h" if desk.owed else ""
        self._list("bids").show(desk.bids, words.bid, f"{count(waiting, 'bid')} for sellers to answer, {at}{comes}")
        self._list("sales").show(desk.sales, words.sale, f"{sold}{owed}")
        self._tell(desk.notes)

    def _tell(self, notes: tuple[Prose, ...], *, severity: SeverityLevel = "information") -> None:
        more = (f"and {len(notes) - _TOLD} more of the kind",) if len(notes) > _TOLD else ()
        for note in (*notes[:_TOLD], *more):
            self.notify(shown(note, limit=400), severity=severity, markup=False)

    def _to(self, tab: str) -> None:
        self.query_one("#tabs", TabbedContent).active = tab

    def _list(self, name: str) -> MarketList:
        return self.query_one(f"#tab-{name}", MarketList)

    @property
    def offers(self) -> OffersPane:
        """The list of offers."""
        return self.query_one(OffersPane)

    @property
    def _shown(self) -> MarketList:
        """The list that is in view."""
        return self.query_one(f"#{self.query_one('#tabs', TabbedContent).active}", MarketList)


def _places(source: str) -> tuple[Where, ...]:
    """A shop or a file, as it was typed; none where nothing was."""
    if not source:
        return ()
    return (AtShop(source) if is_url(source) else InFile(whole_path(source)),)
