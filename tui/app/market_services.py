"""The port of the market: what screens may ask of it. See `services` for what all ports have in common."""

from pathlib import Path
from typing import Protocol

from tui.verbs.market.requests import AskOutcome, Look, Resend
from tui.verbs.market.views import Desk, Judgement, Offers, Paper, StockView


class MarketServices(Protocol):
    """Listings, bids and sales. What is signed goes through `DraftServices`."""

    def desk(self) -> Desk:
        """This wallet's listings, bids and sales."""

    def offers(self, look: Look) -> Offers:
        """What is for sale, each checked against the chain. Raises WalletError where a place cannot be read."""

    def stock(self, genesis: str, name: str) -> StockView:
        """What this wallet can sell of a repository."""

    def look(self, text: str) -> str:
        """What a pasted text is, in words. Pure. Raises EncodingError where it is no bid."""

    def read(self, file: Path) -> bytes:
        """The bid in a file."""

    def judge(self, package: bytes) -> Judgement:
        """The seller's checks of a bid. Nothing is written or signed."""

    def bid(self, bid: str) -> Paper:
        """A bid of this wallet as it is handed to its seller."""

    def listing(self, asks: tuple[str, ...]) -> Paper:
        """Listings of this wallet as they are handed to buyers."""

    def write(self, file: Path, text: str) -> str:
        """Writes a document to a new file; says where. Raises StoreError where the name is taken."""

    def send(self, request: Resend) -> str:
        """Hands a bid to a shop; the shop's answer. Raises OfferError with the shop's reason, PerhapsTakenError."""

    def outcome(self, request: AskOutcome) -> str:
        """Asks a shop what became of a bid, without handing it over. Raises as `send` does."""

    def secret(self, file: Path | None, text: str) -> str:
        """What a seller handed over, from a file or as it was pasted. Raises EncodingError for what is none."""

    def withdraw(self, asks: tuple[str, ...]) -> None:
        """Forgets listings. Raises StateError where a shop has the key of a coin."""

    def publish(self, genesis: str) -> str:
        """Puts all open listings of a repository on its registry's board again; says what was done."""
