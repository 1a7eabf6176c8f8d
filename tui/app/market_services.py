"""The port of the market: what screens may ask of it. See `services` for what all ports have in common."""

from typing import Protocol

from tui.app.market_asks import Look
from tui.app.market_views import Desk, Judgement, OffersList, Paper, StockView


class MarketServices(Protocol):
    """Listings, bids and sales. What is signed goes through `DraftServices`."""

    def desk(self) -> Desk:
        """This wallet's listings, bids and sales."""

    def offers(self, look: Look) -> OffersList:
        """What is for sale, each checked against the chain. Raises WalletError where the source cannot be read."""

    def stock(self, genesis: str, name: str) -> StockView:
        """What this wallet can sell of a repository."""

    def look(self, text: str) -> str:
        """What a pasted text is, in words. Pure. Raises EncodingError where it is no bid."""

    def read(self, file: str) -> str:
        """The bid in a file."""

    def judge(self, package: str) -> Judgement:
        """The seller's checks of a bid. Nothing is written or signed."""

    def bid(self, bid: str) -> Paper:
        """A bid of this wallet as it is handed to its seller."""

    def listing(self, asks: tuple[str, ...]) -> Paper:
        """Listings of this wallet as they are handed to buyers."""

    def write(self, file: str, text: str) -> str:
        """Writes a document to a new file; says where. Raises StoreError where the name is taken."""

    def send(self, bid: str, shop: str) -> str:
        """Hands a bid to a shop; the shop's answer. Raises OfferError with the shop's reason, PerhapsTakenError."""

    def outcome(self, bid: str, shop: str) -> str:
        """Asks a shop what became of a bid, without handing it over. Raises as `send` does."""

    def secret(self, file: str, text: str) -> str:
        """What a seller handed over, from a file or as it was pasted. Raises EncodingError for what is none."""

    def withdraw(self, asks: tuple[str, ...]) -> None:
        """Forgets listings. Raises StateError where a shop has the key of a coin."""

    def publish(self, genesis: str) -> str:
        """Puts all open listings of a repository on its registry's board again; says what was done."""
