"""Answering a listing with a bid: the whole transaction is made and signed here; the seller signs last."""

from textual.app import ComposeResult
from textual.widgets import Checkbox

from tui.app.asks import Kind
from tui.app.market_asks import Buy
from tui.app.market_views import OfferLine
from tui.app.screens.form import Entry
from tui.app.screens.market_form import MarketForm
from tui.app.screens.market_words import offer_facts, what_is_sold
from tui.app.services import Services
from tui.app.text import btc, shown
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Facts


class BuyForm(MarketForm):
    """One offer. `repository` is the one that was looked for, empty where nobody said."""

    explanation = (
        "Nothing is public before the seller signs, and nobody else can use your signature. Your coins are reserved "
        "until the bid expires."
    )

    def __init__(self, services: Services, offer: OfferLine, repository: str) -> None:
        super().__init__(services)
        self.offer = offer
        self.repository = repository
        self.heading = f"Buy {what_is_sold(offer.sells, offer.units)} of {shown(offer.name)} for {btc(offer.price)} BTC"

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
            value=shown(self.offer.bids_to or self.offer.shop),
            placeholder="empty: nobody by itself; it is shown as text and can be written to a file",
        )

        if self.offer.sells.startswith("title"):
            yield Tick("ask for the secret with which sealed images open, if there are any", value=True, id="secret")

    def ask(self) -> Buy:
        """What the fields say."""
        return Buy(
            listing=self.offer.document,
            repository=self.value("repository"),
            blocks=self.value("blocks"),
            shop=self.value("shop"),
            wants_secret=all(tick.value for tick in self.query("#secret").results(Checkbox)),
            rate=self.value("rate"),
        )
