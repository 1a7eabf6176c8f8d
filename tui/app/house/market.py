"""The market's port over the verbs."""

from dataclasses import replace
from pathlib import Path

from tui.app.house.news import News
from tui.verbs.keys import Opening
from tui.verbs.market import accept, boards, cancel, delivering, papers
from tui.verbs.market import desk as desks
from tui.verbs.market import offers as lookout
from tui.verbs.market import stock as stocks
from tui.verbs.market.fields import bid_in, bid_words, pasted_bid, pasted_secret, secret_in
from tui.verbs.market.requests import AskOutcome, Look, Publish, Resend, Withdraw
from tui.verbs.market.views import Desk, Judgement, Offers, Paper, StockView
from tui.verbs.workplace import Workplace
from wallet.hashes import parse_txid


class HouseMarket:
    """Implements `MarketServices`."""

    def __init__(self, place: Workplace, news: News) -> None:
        self._place = place
        self._news = news

    def desk(self) -> Desk:
        """This wallet's listings, bids and sales."""
        self._place.expire_bids()
        notes = self._news.taken()
        return replace(desks.desk(self._place), notes=notes)

    def offers(self, look: Look) -> Offers:
        """What is for sale."""
        return lookout.offers(look, self._place)

    def stock(self, genesis: str, name: str) -> StockView:
        """What this wallet can sell of a repository."""
        return stocks.stock(parse_txid(genesis), name, self._place)

    def look(self, text: str) -> str:
        """What a pasted text is."""
        return bid_words(pasted_bid(text))

    def read(self, file: Path) -> bytes:
        """The bid in a file."""
        package = bid_in(file)
        bid_words(package)
        return package

    def judge(self, package: bytes) -> Judgement:
        """The seller's checks of a bid."""
        return accept.judge(package, self._place)

    def bid(self, bid: str) -> Paper:
        """A bid of this wallet."""
        return papers.bid_paper(bid, self._place)

    def listing(self, asks: tuple[str, ...]) -> Paper:
        """Listings of this wallet."""
        return papers.listing_paper(asks, self._place)

    def write(self, file: Path, text: str) -> str:
        """Writes a document to a new file."""
        return papers.write(file, text)

    def send(self, request: Resend) -> str:
        """Hands a bid to a shop."""
        return _said(delivering.resend(request, self._place).reply)

    def outcome(self, request: AskOutcome) -> str:
        """Asks a shop what became of a bid."""
        return _said(delivering.ask_outcome(request, self._place).reply)

    def secret(self, file: Path | None, text: str) -> str:
        """What a seller handed over."""
        return pasted_secret(text) if file is None else secret_in(file)

    def withdraw(self, asks: tuple[str, ...]) -> None:
        """Forgets listings; no key is needed for it."""
        withdrawal = cancel.prepare(Withdraw(asks=asks), self._place)
        withdrawal.finish(self._place, Opening(self._place.house, str), lambda _: None)

    def publish(self, genesis: str) -> str:
        """Puts all open listings of a repository on its registry's board."""
        return boards.publish(Publish(genesis=parse_txid(genesis)), self._place).words


def _said(reply: str) -> str:
    return f"the shop says: {reply}" if reply else "no shop is known for it: say its URL"
