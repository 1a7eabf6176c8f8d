"""The market: what others offer, and this wallet's own listings, bids and sales."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.notifications import SeverityLevel
from textual.widgets import TabbedContent

from tui.app.asks import Kind
from tui.app.commands import bindings
from tui.app.dialogs.asking import Choice, OneLine
from tui.app.market_asks import Look
from tui.app.market_views import BidLine, Desk, ListingLine, OfferLine, OffersList, SignedPaper
from tui.app.messages import Opened, Refused
from tui.app.screens import market_words as words
from tui.app.screens.market_accept import AcceptForm
from tui.app.screens.market_buy import BuyForm
from tui.app.screens.market_lists import MarketList, OffersPane
from tui.app.screens.market_paper import PaperScreen
from tui.app.screens.market_secrets import HandSecretForm, TakeSecretForm
from tui.app.screens.market_sell import SellForm
from tui.app.screens.market_steps import CancelBidForm, ExportForm, RebidForm, RecallForm, SpeedUpForm
from tui.app.screens.page import LOAD, Page
from tui.app.text import btc, count, shown
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.listing import Listing

_OFFERS = "offers"
_CHANGE = "market change"
_PUBLISH = "publish"
_TABS = ("tab-offers", "tab-mine", "tab-bids", "tab-sales")
_ENDED = ("withdrawn", "replaced", "ended", "expired", "not in the chain")


class MarketScreen(Page):
    """Four lists: offers, own listings, own bids, own sales."""

    place = "market"
    keys = "market"
    BINDINGS = bindings(keys)

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
                self._offers.take(answer)
                self._tell(answer.notes, severity="warning")
            case str() if job == _PUBLISH:
                self.notify(shown(answer, limit=400), markup=False)
        if job == _CHANGE:
            self.action_refresh()

    def refused(self, refusal: Refused) -> None:
        """Says why nothing can be shown."""
        super().refused(refusal)
        if refusal.job == _OFFERS:
            self._offers.take(None, f"✗ {refusal.text}")

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

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """An offer is bought, an open bid or listing shown, and anything else opens its transaction."""
        match event.listing.item:
            case OfferLine():
                self.action_buy()
            case ListingLine(state="open" | "at a shop") as line:
                self.open(PaperScreen(self.services, SignedPaper(kind="listing", ids=(line.id,))))
            case BidLine(is_out=True) as line:
                self.open(PaperScreen(self.services, SignedPaper(kind="bid", ids=(line.id,))))
            case ListingLine(txid=txid) | BidLine(txid=txid) if txid:
                self.post_message(Opened(txid=txid))

    def action_look(self) -> None:
        """Into the field that says which repository."""
        self._to("tab-offers")
        self.query_one("#repository", Field).focus_input()

    def action_everything(self) -> None:
        """Shows what is left out, too, and why; or hides it again."""
        self._offers.everything = not self._offers.everything
        self._offers.show_found()

    def action_next_list(self) -> None:
        """The next of the four lists."""
        at = _TABS.index(self._shown.id or "")
        self._to(_TABS[(at + 1) % len(_TABS)])
        self._shown.list.focus()

    def action_buy(self) -> None:
        """The form for a bid on the offer under the cursor."""
        offer = self._marked
        if not isinstance(offer, OfferLine):
            self._warn("choose an offer first: / says where to look")
        elif offer.refusal:
            self._warn(f"this is not for sale: {offer.refusal}")
        elif offer.mine:
            self._warn("this is your own listing")
        else:
            genesis = self._offers.found.genesis if self._offers.found is not None else ""
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
            case BidLine(is_out=True) as line:
                self.open(CancelBidForm(self.services, line.id))
            case ListingLine() as line if not line.is_sold:
                self._ask_what_to_take_back(line)
            case _:
                self._warn("nothing here can be taken back: choose a listing or an open bid")

    def action_hand_secret(self) -> None:
        """The form for the secret of a repository that was sold."""
        line = self._marked
        owed = self.desk.owed if self.desk is not None else ()
        txid = line.txid if isinstance(line, ListingLine) and line.txid in owed else next(iter(owed), "")
        if txid:
            self.open(HandSecretForm(self.services, txid))
        else:
            self._warn("no buyer waits for a secret: it is due once a sale of sealed images is in the chain")

    def action_take_secret(self) -> None:
        """The form for a secret that a seller handed over."""
        self.open(TakeSecretForm(self.services))

    def _ask_what_to_take_back(self, line: ListingLine) -> None:
        open_ones = tuple(
            one.id for one in self.desk.standing if one.genesis == line.genesis and one.state in ("open", "expired")
        ) if self.desk is not None else ()  # fmt: skip
        name = shown(line.name)
        choices = [("one", "forget this listing: nothing moves")] if line.state in ("open", "expired") else []
        if len(open_ones) > 1:
            choices.append(("all", f"forget all {len(open_ones):,} listings of {name} that are here"))
        if line.sells == "access":
            choices.append(("lots", "move the lots back into one coin, those at a shop too"))
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
        found = self._offers.found
        name = line.name if line is not None else found.repository if found is not None else ""

        def named(text: str | None) -> None:
            if text:
                self.open(make(text))

        dialog = OneLine(
            heading, "Repository", Kind.NAME, self.services.check, value=shown(name) if "/" in name else ""
        )
        self.app.push_screen(dialog, named)

    def _ask_for(self, look: Look) -> None:
        self._look = look
        market = self.services.market
        self._offers.say("looking, and checking each against the chain…")
        self.work(_OFFERS, lambda: market.offers(look))

    def _show_desk(self, desk: Desk) -> None:
        at = f"as of block {desk.height:,}"
        standing = tuple(sorted(desk.standing, key=lambda one: one.state.startswith(_ENDED)))
        live = sum(not one.state.startswith(_ENDED) for one in standing)
        waiting = sum(one.state == "open" for one in desk.bids)
        earned = btc(sum(one.price for one in desk.sales))
        sold = f"{count(len(desk.sales), 'sale')} for {earned} BTC; {count(desk.lots_left, 'lot')} left"
        self._list("mine").show(standing, words.listing, f"{live:,} in force, {at}")
        comes = f"; {count(len(desk.awaited), 'secret')} to come: n takes it in" if desk.awaited else ""
        owed = f"; {count(len(desk.owed), 'secret')} to hand over: h" if desk.owed else ""
        self._list("bids").show(desk.bids, words.bid, f"{count(waiting, 'bid')} for sellers to answer, {at}{comes}")
        self._list("sales").show(desk.sales, words.sale, f"{sold}{owed}")
        self._tell(desk.notes)

    def _tell(self, notes: tuple[str, ...], *, severity: SeverityLevel = "information") -> None:
        for note in notes:
            self.notify(shown(note, limit=400), severity=severity, markup=False)

    def _to(self, tab: str) -> None:
        self.query_one("#tabs", TabbedContent).active = tab

    def _list(self, name: str) -> MarketList:
        return self.query_one(f"#tab-{name}", MarketList)

    @property
    def _offers(self) -> OffersPane:
        return self.query_one(OffersPane)

    @property
    def _shown(self) -> MarketList:
        """The list that is in view."""
        return self.query_one(f"#{self.query_one('#tabs', TabbedContent).active}", MarketList)

    @property
    def _marked(self) -> OfferLine | ListingLine | BidLine | None:
        """The line under its cursor."""
        item: OfferLine | ListingLine | BidLine | None = self._shown.list.item
        return item

    def _warn(self, text: str) -> None:
        self._tell((text,), severity="warning")
