"""Answering a listing with a bid: the whole transaction is made and signed here; the seller signs last."""

from textual.app import ComposeResult
from textual.widgets import Checkbox

from tui.app.kinds import Kind
from tui.app.screens.form import Entry
from tui.app.screens.market_form import MarketForm
from tui.app.screens.market_words import offer_facts
from tui.app.services import Services
from tui.app.text import btc, shown
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Facts
from tui.verbs.image.references import name_or_genesis
from tui.verbs.market.fields import blocks_of, service_of
from tui.verbs.market.requests import AtShop, Buy
from tui.verbs.market.views import Offer
from tui.verbs.market.words import what_is_sold


class BuyForm(MarketForm):
    """One offer. `repository` is the genesis that was looked for, `called` its name where a person said that; both are
    empty where nobody said anything."""

    explanation = (
        "Nothing is public before the seller signs, and nobody else can use your signature. Your coins are reserved "
        "until the bid expires."
    )

    def __init__(self, services: Services, offer: Offer, repository: str, called: str = "") -> None:
        super().__init__(services)
        self.offer = offer
        self.repository = repository
        self.called = called
        self.shop = offer.view.bids_to or offer.shop
        what = what_is_sold(offer.view.sells, offer.view.units)
        self.heading = f"Buy {what} of {shown(offer.name)} for {btc(offer.view.price)} BTC"

    def fields(self) -> ComposeResult:
        """What is meant, how long the bid stands, and where it goes."""
        facts = Facts(classes="detail")
        facts.show(offer_facts(self.offer))
        yield facts
        yield Entry(
            self.services,
            "Repository that is meant (name or genesis)",
            Kind.LOOKUP,
            "repository",
            value=shown(self.repository),
        )
        yield Entry(self.services, "The bid stands for so many blocks", Kind.BLOCKS, "blocks", value="36", needed=True)
        yield Entry(
            self.services,
            "Shop that gets it once it is signed",
            Kind.SERVICE,
            "shop",
            value=shown(self.shop),
            placeholder="empty: nobody by itself; it is shown as text and can be written to a file",
        )

        if self.offer.view.sells.startswith("title"):
            yield Tick("ask for the secret with which sealed images open, if there are any", value=True, id="secret")

    def ask(self) -> Buy:
        """What the fields say. A shop that was left as it stood there is named by the listing, not by the user."""
        repository, shop = self.value("repository"), self.value("shop")
        name, genesis = name_or_genesis(repository) if repository else (None, None)
        return Buy(
            listing=self.offer.document,
            place=AtShop(self.offer.shop) if self.offer.shop else None,
            name=name or (self.called or None if repository == self.repository else None),
            genesis=genesis,
            blocks=blocks_of(self.value("blocks")),
            shop=None if shop == self.shop else service_of(shop) if shop else "",
            wants_secret=all(tick.value for tick in self.query("#secret").results(Checkbox)),
            rate=self.rate(),
        )
