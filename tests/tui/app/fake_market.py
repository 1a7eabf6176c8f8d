"""The market without a chain: it answers what a test put there, and remembers what it was asked."""

from pathlib import Path

from tests.tui.app import market_samples
from tests.tui.app.failing import Failing
from tui.verbs.market.requests import AskOutcome, Look, Resend
from tui.verbs.market.views import Desk, Judgement, Offers, Paper, StockView
from wallet.errors import EncodingError


class FakeMarket(Failing):
    """Implements `MarketServices`."""

    def __init__(self) -> None:
        super().__init__()
        self.table: Desk = market_samples.DESK
        self.found: Offers = market_samples.OFFERS
        self.goods: StockView = market_samples.STOCK
        self.judgement: Judgement = market_samples.GOOD
        self.bid_paper: Paper = market_samples.BID_PAPER
        self.listing_paper: Paper = market_samples.LISTING_PAPER

    def desk(self) -> Desk:
        self.heard("desk")
        return self.table

    def offers(self, look: Look) -> Offers:
        self.heard("offers", look)
        return self.found

    def stock(self, genesis: str, name: str) -> StockView:
        self.heard("stock", (genesis, name))
        return self.goods

    def look(self, text: str) -> str:
        if not text.strip().startswith("{"):
            raise EncodingError("the bid is not JSON", hint="paste exactly what the buyer sent")
        return "a bid for your listing 3f9a60c13f9a60c1, until block 1,240"

    def read(self, file: Path) -> bytes:
        self.heard("read", str(file))
        return market_samples.BID_PAPER.text.encode()

    def judge(self, package: bytes) -> Judgement:
        self.heard("judge", package)
        return self.judgement

    def bid(self, bid: str) -> Paper:
        self.heard("bid", bid)
        return self.bid_paper

    def listing(self, asks: tuple[str, ...]) -> Paper:
        self.heard("listing", asks)
        return self.listing_paper

    def write(self, file: Path, text: str) -> str:
        self.heard("write", (str(file), text))
        return str(file)

    def send(self, request: Resend) -> str:
        self.heard("send", request)
        return "the shop says: sold, waiting for a block"

    def outcome(self, request: AskOutcome) -> str:
        self.heard("outcome", request)
        return "the shop says: sold"

    def secret(self, file: Path | None, text: str) -> str:
        self.heard("secret", (file, text))
        if text and not text.startswith("eyJ"):
            raise EncodingError("this is no document that hands a secret over", hint="ask the seller again")
        return text or "eyJmaWxl"

    def withdraw(self, asks: tuple[str, ...]) -> None:
        self.heard("withdraw", asks)

    def publish(self, genesis: str) -> str:
        self.heard("publish", genesis)
        return "the board of registry.example/acme/app shows 2 of your listings"
