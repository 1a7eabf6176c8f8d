"""Small forms of the market: taking back, bidding higher, speeding up, and the file for a shop."""

from textual.app import ComposeResult
from textual.widgets import Checkbox

from tui.app.kinds import Kind
from tui.app.screens.form import Entry
from tui.app.screens.market_form import FreeForm, MarketForm
from tui.app.services import Services
from tui.app.text import short, shown
from tui.app.widgets.tick import Tick
from tui.verbs.files import whole_path
from tui.verbs.market.fields import blocks_of, copies_of, service_of
from tui.verbs.market.requests import ExportShop, Rebid, Recall, SpeedUp, TakeBack
from wallet.hashes import parse_txid


class CancelBidForm(MarketForm):
    """A transaction that spends one of the bid's coins."""

    explanation = "A signature that is out can be used by whoever has it, until one of the bid's coins is spent."

    def __init__(self, services: Services, bid: str) -> None:
        super().__init__(services)
        self.bid = bid
        self.heading = f"Take back bid {bid[:16]}"

    def ask(self) -> TakeBack:
        """What the field says."""
        return TakeBack(offer=self.bid, rate=self.rate())


class RebidForm(MarketForm):
    """The same coins at a higher fee."""

    explanation = "The new bid spends the coins of the old one, so that only one of the two can ever be mined."

    def __init__(self, services: Services, bid: str) -> None:
        super().__init__(services)
        self.bid = bid
        self.heading = f"Bid again, in the place of {bid[:16]}"

    def fields(self) -> ComposeResult:
        """How long it stands."""
        yield Entry(self.services, "The bid stands for so many blocks", Kind.BLOCKS, "blocks", value="36", needed=True)

    def ask(self) -> Rebid:
        """What the fields say."""
        return Rebid(bid=self.bid, blocks=blocks_of(self.value("blocks")), rate=self.rate())


class SpeedUpForm(MarketForm):
    """A child of a sale that waits."""

    explanation = "The price is spent to yourself with a fee that pays for both. The sale itself stays as it is."

    def __init__(self, services: Services, txid: str) -> None:
        super().__init__(services)
        self.txid = txid
        self.heading = f"Speed up the sale {short(txid)}"

    def ask(self) -> SpeedUp:
        """What the field says."""
        return SpeedUp(txid=parse_txid(self.txid), rate=self.rate())


class RecallForm(MarketForm):
    """Lots back into one coin."""

    explanation = (
        "One transaction brings up to 100 lots back, those at a shop too. Until it is in a block a shop that has the "
        "keys can still sell them."
    )

    def __init__(self, services: Services, genesis: str, name: str) -> None:
        super().__init__(services)
        self.name_recalled = name
        self.genesis = genesis
        self.heading = f"Bring the lots of {shown(name)} back"

    def ask(self) -> Recall:
        """What the field says."""
        return Recall(name=self.name_recalled, genesis=parse_txid(self.genesis), rate=self.rate())


class ExportForm(FreeForm):
    """Lots with their keys, for a shop on another machine."""

    explanation = (
        "The file holds the keys of these lots and nothing above them. Take it to the shop's machine, and start there: "
        "dockchains market serve FILE"
    )

    def __init__(self, services: Services, genesis: str, name: str) -> None:
        super().__init__(services)
        self.name_exported = name
        self.genesis = genesis
        self.heading = f"Listed lots of {shown(name)} for a shop"

    def fields(self) -> ComposeResult:
        """Which file, which shop, how many."""
        yield Entry(self.services, "New file", Kind.FILE, "file", placeholder="/media/usb/shop.json", needed=True)
        yield Entry(
            self.services, "URL of the shop, for the listings", Kind.SERVICE, "url", placeholder="https://shop.example"
        )
        yield Entry(
            self.services, "At most so many lots", Kind.COPIES, "copies", placeholder="empty: all that are listed"
        )
        yield Tick("put all my listings on the registry's board", id="publish")

    def ask(self) -> ExportShop:
        """What the fields say."""
        url, copies = self.value("url"), self.value("copies")
        return ExportShop(
            name=self.name_exported,
            genesis=parse_txid(self.genesis),
            file=whole_path(self.value("file")),
            url=service_of(url) if url else None,
            copies=copies_of(copies) if copies else None,
            publish=self.query_one("#publish", Checkbox).value,
        )
