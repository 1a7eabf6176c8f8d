"""The market: what others offer, and this wallet's own listings, bids and sales."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import TabbedContent, TabPane

from tui.app.asks import Kind
from tui.app.commands import bindings
from tui.app.dialogs.asking import Choice, OneLine
from tui.app.market_asks import Look
from tui.app.market_views import BidLine, Desk, ListingLine, OfferLine, OffersList, SignedPaper
from tui.app.messages import Opened, Refused
from tui.app.screens import market_words as words
from tui.app.screens.form import Entry
from tui.app.screens.market_accept import AcceptForm
from tui.app.screens.market_buy import BuyForm
from tui.app.screens.market_paper import PaperScreen
from tui.app.screens.market_sell import SellForm
from tui.app.screens.market_steps import CancelBidForm, ExportForm, RebidForm, RecallForm, SpeedUpForm
from tui.app.screens.page import LOAD, Page
from tui.app.text import btc, count, shown
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.listing import Column, Listing
from tui.app.widgets.words import Facts, Words

_OFFERS = "offers"
_CHANGE = "market change"
_PUBLISH = "publish"
_TABS = ("tab-offers", "tab-mine", "tab-bids", "tab-sales")
_LISTS = {"tab-offers": "offers", "tab-mine": "mine", "tab-bids": "bids", "tab-sales": "sales"}
_ENDED = ("withdrawn", "replaced", "ended", "expired", "not in the chain")


class MarketScreen(Page):
    """Four lists: offers, own listings, own bids, own sales."""

    place = "market"
    keys = "market"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """A tab for each list."""
        with TabbedContent(id="tabs"):
            with TabPane("Offers", id="tab-offers"):
                with Horizontal(id="look"):
                    yield Entry(self.services, "Repository (name or genesis)", Kind.LOOKUP, "repository")
                    yield Entry(self.services, "and at a shop (URL), or in a file", Kind.SOURCE, "source")
                yield Words("", id="found", classes="dim")
                yield _listing("offers", "found at", "nothing was asked for yet: / says where to look")
                yield Facts(id="offer", classes="detail")
            with TabPane("Listings", id="tab-mine"):
                yield Words("", id="mine-sum", classes="dim")
                yield _listing("mine", "repository", "nothing of yours is listed: s sells")
            with TabPane("Bids", id="tab-bids"):
                yield Words("", id="bids-sum", classes="dim")
                yield _listing("bids", "repository", "you bid for nothing: look at offers, and b buys")
            with TabPane("Sales", id="tab-sales"):
                yield Words("", id="sales-sum", classes="dim")
                yield _listing("sales", "repository", "nothing was sold yet", first=15, fifth="conf")

    def on_mount(self) -> None:
        """The list has the keys."""
        self.desk: Desk | None = None
        self.found: OffersList | None = None
        self._look: Look | None = None
        self._everything = False
        self.query_one("#offers", Listing).focus()

    def load(self) -> Callable[[], Any]:
        """What this wallet offers and bids for."""
        return self.services.market.desk

    def outdated(self) -> None:
        """What was found is checked against the new block."""
        super().outdated()
        if self._look is not None and self.is_current:
            self._ask_for(self._look)

    def look_at(self, repository: str) -> None:
        """Offers of a repository."""
        self._to("tab-offers")
        self.query_one("#repository", Field).value = repository
        self.query_one("#source", Field).value = ""
        self.query_one("#offers", Listing).focus()
        self._ask_for(Look(repository=repository))

    def answered(self, job: str, answer: Any) -> None:
        """Shows what came; after a change, asks again."""
        super().answered(job, answer)
        match answer:
            case Desk() if job == LOAD:
                self.desk = answer
                self._show_desk(answer)
            case OffersList():
                self.found = answer
                self._show_offers()
                for note in answer.notes:
                    self.notify(shown(note, limit=400), severity="warning", markup=False)
            case str() if job == _PUBLISH:
                self.notify(shown(answer, limit=400), markup=False)
        if job == _CHANGE:
            self.action_refresh()

    def refused(self, refusal: Refused) -> None:
        """Says why nothing can be shown."""
        super().refused(refusal)
        if refusal.job == _OFFERS:
            self.found = None
            self.query_one("#offers", Listing).show((), words.offer)
            self.query_one("#offer", Facts).show(())
            self.query_one("#found", Words).update(f"✗ {refusal.text}")

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
        self._ask_for(Look(repository=repository, source=source))

    @on(Listing.Moved, "#offers")
    def moved(self) -> None:
        """What there is to know of the offer under the cursor."""
        self._show_offer()

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """An offer is bought, an open bid or listing shown, and anything else opens its transaction."""
        match event.listing.item:
            case OfferLine():
                self.action_buy()
            case ListingLine(state="open" | "at a shop") as line:
                self.open(PaperScreen(self.services, SignedPaper(kind="listing", ids=(line.id,))))
            case BidLine(state="open" | "expired") as line:
                self.open(PaperScreen(self.services, SignedPaper(kind="bid", ids=(line.id,))))
            case ListingLine(txid=txid) | BidLine(txid=txid) if txid:
                self.post_message(Opened(txid=txid))

    def action_look(self) -> None:
        """Into the field that says which repository."""
        self._to("tab-offers")
        self.query_one("#repository", Field).focus_input()

    def action_everything(self) -> None:
        """Shows what is left out, too, and why; or hides it again."""
        self._everything = not self._everything
        self._show_offers()

    def action_next_list(self) -> None:
        """The next of the four lists."""
        at = _TABS.index(self._tab)
        self._to(_TABS[(at + 1) % len(_TABS)])
        self.query_one(f"#{_LISTS[self._tab]}", Listing).focus()

    def action_buy(self) -> None:
        """The form for a bid on the offer under the cursor."""
        offer = self.query_one("#offers", Listing).item
        if self._tab != "tab-offers" or not isinstance(offer, OfferLine):
            self._warn("choose an offer first: / says where to look")
        elif offer.refusal:
            self._warn(f"this is not for sale: {offer.refusal}")
        elif offer.mine:
            self._warn("this is your own listing")
        else:
            genesis = self.found.genesis if self.found is not None else ""
            self.open(BuyForm(self.services, offer, genesis))

    def action_sell(self) -> None:
        """The form for a listing."""
        self._about_repository("Sell", lambda name: SellForm(self.services, name))

    def action_accept(self) -> None:
        """The form for a bid that came."""
        self.open(AcceptForm(self.services))

    def action_export(self) -> None:
        """The form for a shop's file."""
        self._about_repository("Write lots for a shop", lambda name: ExportForm(self.services, name))

    def action_publish(self) -> None:
        """Puts the listings of the repository under the cursor on its registry's board again."""
        line = self._marked
        if not isinstance(line, ListingLine):
            self._warn("choose one of your listings first: its repository's board is published")
            return
        market, genesis = self.services.market, line.genesis
        self.work(_PUBLISH, lambda: market.publish(genesis))

    def action_bump(self) -> None:
        """A higher fee: for a bid, or for a sale that waits."""
        match self._marked:
            case BidLine(state="open" | "sold, waiting for a block") as line:
                self.open(RebidForm(self.services, line.id))
            case ListingLine(state="sold, waiting for a block") as line:
                self.open(SpeedUpForm(self.services, line.txid))
            case _:
                self._warn("nothing waits here: an open bid is bid again, a sale that waits is sped up")

    def action_take_back(self) -> None:
        """A bid by a transaction; a listing by forgetting it; lots by moving them."""
        match self._marked:
            case BidLine(state="open" | "expired") as line:
                self.open(CancelBidForm(self.services, line.id))
            case ListingLine() as line if not line.is_sold:
                self._ask_what_to_take_back(line)
            case _:
                self._warn("nothing here can be taken back: choose a listing or an open bid")

    def _ask_what_to_take_back(self, line: ListingLine) -> None:
        open_ones = tuple(
            one.id for one in self.desk.standing if one.genesis == line.genesis and one.state in ("open", "expired")
        ) if self.desk is not None else ()  # fmt: skip
        name = shown(line.name)
        choices = [("one", "forget this listing: nothing moves")] if line.state in ("open", "expired") else []
        if len(open_ones) > 1:
            choices.append(("all", f"forget all {len(open_ones):,} listings of {name} that are here"))
        if line.sells == "access":
            choices.append(("lots", "bring the lots back into one coin, also those at a shop: a transaction"))
        if not choices:
            self._warn("this listing has ended already")
            return

        def answered(choice: str | None) -> None:
            if choice == "lots":
                self.open(RecallForm(self.services, line.name))
            elif choice is not None:
                market, ids = self.services.market, (line.id,) if choice == "one" else open_ones
                self.work(_CHANGE, lambda: market.withdraw(ids))

        self.app.push_screen(Choice(f"Take back what is for sale of {name}", choices), answered)

    def _about_repository(self, heading: str, make: Callable[[str], Page]) -> None:
        """Asks for the repository's name; the one that is at hand stands there already."""
        line = self._marked
        found = self.found.repository if self.found is not None else ""
        name = line.name if isinstance(line, OfferLine | ListingLine | BidLine) else found

        def named(text: str | None) -> None:
            if text:
                self.open(make(text))

        dialog = OneLine(heading, "Repository", Kind.NAME, self.services.check, value=name if "/" in name else "")
        self.app.push_screen(dialog, named)

    def _ask_for(self, look: Look) -> None:
        self._look = look
        market = self.services.market
        self.query_one("#found", Words).update("looking, and checking each against the chain…")
        self.work(_OFFERS, lambda: market.offers(look))

    def _show_offers(self) -> None:
        if self.found is None:
            return
        good = tuple(one for one in self.found.offers if not one.refusal)
        left = len(self.found.offers) - len(good)
        self.query_one("#offers", Listing).show(self.found.offers if self._everything else good, words.offer)
        why = "" if not left else f", {left:,} left out" + ("" if self._everything else ": a says why")
        self.query_one("#found", Words).update(f"{count(len(good), 'good offer')}{why}")
        self._show_offer()

    def _show_offer(self) -> None:
        item = self.query_one("#offers", Listing).item
        self.query_one("#offer", Facts).show(words.offer_facts(item) if isinstance(item, OfferLine) else ())

    def _show_desk(self, desk: Desk) -> None:
        standing = sorted(desk.standing, key=lambda one: one.state.startswith(_ENDED))
        self.query_one("#mine", Listing).show(tuple(standing), words.listing)
        self.query_one("#bids", Listing).show(desk.bids, words.bid)
        self.query_one("#sales", Listing).show(desk.sales, words.sale)
        live = sum(not one.state.startswith(_ENDED) for one in standing)
        self.query_one("#mine-sum", Words).update(f"{live:,} in force, as of block {desk.height:,}")
        waiting = sum(one.state == "open" for one in desk.bids)
        self.query_one("#bids-sum", Words).update(f"{count(waiting, 'bid')} waiting, block {desk.height:,}")
        done = sum(one.price for one in desk.sales)
        self.query_one("#sales-sum", Words).update(
            f"{count(len(desk.sales), 'sale')} for {btc(done)} BTC; {count(desk.lots_left, 'lot')} left"
        )
        for note in desk.notes:
            self.notify(shown(note, limit=400), markup=False)

    def _to(self, tab: str) -> None:
        self.query_one("#tabs", TabbedContent).active = tab

    @property
    def _tab(self) -> str:
        return self.query_one("#tabs", TabbedContent).active

    @property
    def _marked(self) -> Any:
        """The line under the cursor of the list that is shown."""
        return self.query_one(f"#{_LISTS[self._tab]}", Listing).item

    def _warn(self, text: str) -> None:
        self.notify(shown(text, limit=400), severity="warning", markup=False)


def _listing(name: str, last: str, empty: str, *, first: int = 8, fifth: str = "until") -> Listing:
    """The columns that all four lists share."""
    return Listing(
        Column("sale" if first > 8 else "id", first),
        Column("sells", 14),
        Column("units", 7, right=True, room=90),
        Column("price BTC", 12, right=True),
        Column(fifth, 7, right=True),
        Column("state", 12),
        Column(last),
        empty=empty,
        id=name,
    )
