"""The market: what can be done with the line that is marked in one of its lists."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual import on

from assets.services.read_models.offer_views import BidView, LotView
from tui.app.commands import bindings
from tui.app.dialogs.asking import Choice, OneLine
from tui.app.kinds import Kind
from tui.app.messages import Opened
from tui.app.screens.market_accept import AcceptForm
from tui.app.screens.market_buy import BuyForm
from tui.app.screens.market_page import MarketPage
from tui.app.screens.market_paper import PaperScreen
from tui.app.screens.market_secrets import HandSecretForm, TakeSecretForm
from tui.app.screens.market_sell import SellForm
from tui.app.screens.market_steps import CancelBidForm, ExportForm, RebidForm, RecallForm, SpeedUpForm
from tui.app.screens.page import Page
from tui.app.text import shown
from tui.app.widgets.listing import Listing
from tui.verbs.image.fields import bare_name
from tui.verbs.market.views import Offer, OwnBid, OwnListing
from tui.verbs.review import SignedPaper

_CHANGE = "market change"
_PUBLISH = "publish"
_LOOK_UP = "look up a repository"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """The repository that was typed, and the form that is about it."""

    make: Callable[[str, str], Page]
    genesis: str
    name: str


class MarketScreen(MarketPage):
    """Buying, selling, bidding, and taking back."""

    keys = "market"
    BINDINGS = bindings(keys)

    def answered(self, job: str, answer: Any) -> None:
        """After a change, asks again."""
        super().answered(job, answer)
        if job == _CHANGE:
            self.action_refresh()
        elif job == _PUBLISH:
            self.notify(shown(answer, limit=400), markup=False)
        elif isinstance(answer, _Meant) and self.is_current:
            self.open(answer.make(answer.genesis, answer.name))

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """An offer is bought, an open bid or listing shown, and anything else opens its transaction."""
        match event.listing.item:
            case Offer():
                self.action_buy()
            case OwnListing(view=LotView(state="open" | "at a shop")) as line:
                self.open(PaperScreen(self.services, SignedPaper(kind="listing", ids=(line.view.id,))))
            case OwnBid(is_out=True) as line:
                self.open(PaperScreen(self.services, SignedPaper(kind="bid", ids=(line.view.id,))))
            case OwnListing() | OwnBid() as line if line.view.txid:
                self.post_message(Opened(txid=line.view.txid))

    def action_buy(self) -> None:
        """The form for a bid on the offer under the cursor."""
        offer = self.marked
        if not isinstance(offer, Offer):
            self.warn("choose an offer first: / says where to look")
        elif offer.view.refusal:
            self.warn(f"this is not for sale: {offer.view.refusal}")
        elif offer.view.mine:
            self.warn("this is your own listing")
        else:
            genesis = self.offers.found.genesis if self.offers.found is not None else ""
            self.open(BuyForm(self.services, offer, genesis, self.called))

    def action_sell(self) -> None:
        """The form for a listing."""
        self._about_repository("Sell", lambda genesis, name: SellForm(self.services, genesis, name))

    def action_accept(self) -> None:
        """The form for a bid that came."""
        self.open(AcceptForm(self.services))

    def action_export(self) -> None:
        """The form for a shop's file."""
        self._about_repository("Write lots for a shop", lambda genesis, name: ExportForm(self.services, genesis, name))

    def action_publish(self) -> None:
        """Puts the listings of the repository under the cursor on its registry's board again."""
        line = self.marked
        if not isinstance(line, OwnListing):
            self.warn("choose one of your listings first: its repository's board is published")
            return
        market, genesis = self.services.market, line.view.genesis
        self.work(_PUBLISH, lambda: market.publish(genesis))

    def action_bump(self) -> None:
        """A higher fee: for a bid, or for a sale that waits."""
        match self.marked:
            case OwnBid(view=BidView(state="open" | "perhaps taken" | "sold, waiting for a block") as view):
                self.open(RebidForm(self.services, view.id))
            case OwnListing(view=LotView(state="sold, waiting for a block") as view):
                self.open(SpeedUpForm(self.services, view.txid))
            case _:
                self.warn("nothing waits here: an open bid is bid again, a sale that waits is sped up")

    def action_take_back(self) -> None:
        """A bid by a transaction; a listing by forgetting it; lots by moving them."""
        match self.marked:
            case OwnBid(is_out=True) as line:
                self.open(CancelBidForm(self.services, line.view.id))
            case OwnListing() as line if not line.is_sold:
                self._ask_what_to_take_back(line)
            case _:
                self.warn("nothing here can be taken back: choose a listing or an open bid")

    def action_hand_secret(self) -> None:
        """The form for the secret of a repository that was sold."""
        line = self.marked
        owed = self.desk.owed if self.desk is not None else ()
        sold = line.view.txid if isinstance(line, OwnListing) else ""
        txid = sold if sold in owed else next(iter(owed), "")
        if txid:
            self.open(HandSecretForm(self.services, txid))
        else:
            self.warn("no buyer waits for a secret: it is due once a sale of sealed images is in the chain")

    def action_take_secret(self) -> None:
        """The form for a secret that a seller handed over."""
        self.open(TakeSecretForm(self.services))

    def _ask_what_to_take_back(self, line: OwnListing) -> None:
        view, name = line.view, shown(line.name)
        standing = [one.view for one in self.desk.standing] if self.desk is not None else []
        same = [one for one in standing if one.genesis == view.genesis]
        open_ones = tuple(one.id for one in same if one.state in ("open", "expired"))
        choices = [("one", "forget this listing: nothing moves")] if view.state in ("open", "expired") else []
        if len(open_ones) > 1:
            choices.append(("all", f"forget all {len(open_ones):,} listings of {name} that are here"))
        if view.sells == "access":
            choices.append(("lots", "move the lots back into one coin, those at a shop too"))
        if not choices:
            self.warn("this listing has ended already")
            return

        def answered(choice: str | None) -> None:
            if choice == "lots":
                self.open(RecallForm(self.services, view.genesis, line.name))
            elif choice is not None:
                market, ids = self.services.market, (view.id,) if choice == "one" else open_ones
                self.work(_CHANGE, lambda: market.withdraw(ids))

        self.app.push_screen(Choice(f"Take back what is for sale of {name}", choices), answered)

    def _about_repository(self, heading: str, make: Callable[[str, str], Page]) -> None:
        """Asks for the repository; the one that is at hand stands there already, and is then meant by its genesis.

        What was typed is looked up: a name that fits several repositories is refused there.
        """
        line, found = self.marked, self.offers.found
        genesis, name = "", ""
        if isinstance(line, OwnListing):
            genesis, name = line.view.genesis, line.name
        elif line is not None:
            name = line.name
        elif found is not None:
            genesis, name = found.genesis, found.repository
        images = self.services.images

        def look_up(text: str) -> _Meant:
            found = images.find(text)
            return _Meant(
                make=make,
                genesis=found,
                name=bare_name(text) if "/" in text else images.repository(found).repository.name,
            )

        def named(text: str | None) -> None:
            if text and text == name and genesis:
                self.open(make(genesis, name))
            elif text:
                self.work(_LOOK_UP, lambda: look_up(text))

        dialog = OneLine(
            heading,
            "Repository (name or genesis)",
            Kind.LOOKUP,
            self.services.check,
            value=shown(name) if "/" in name else "",
        )
        self.app.push_screen(dialog, named)
