"""Listing a repository, or access to it."""

from collections.abc import Callable
from typing import Any, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Checkbox, Collapsible, RadioSet

from tui.app.kinds import Kind
from tui.app.messages import Refused
from tui.app.screens.form import Entry
from tui.app.screens.market_form import MarketForm
from tui.app.screens.page import LOAD
from tui.app.services import Services
from tui.app.text import btc, count, shown
from tui.app.widgets.field import Field
from tui.app.widgets.tick import Pick, Tick
from tui.app.widgets.words import Words
from tui.verbs.market.fields import blocks_of, copies_of, digest_of, origin_of, service_of
from tui.verbs.market.requests import Sell, What
from tui.verbs.market.views import StockView
from wallet.amount import Sats, parse_btc
from wallet.hashes import parse_txid

_CHOICES = (
    (What.TITLE_AND_TREASURY, "the repository: its title, and the treasury of access units"),
    (What.TITLE, "the title alone"),
    (What.ACCESS, "access: new lots of one unit each"),
    (What.ACCESS, "access: the lots that are there, listed again"),
)
_NEW_LOTS, _LOTS_AGAIN = 2, 3

T = TypeVar("T")


class SellForm(MarketForm):
    """What is sold, and for how much. An empty price asks what was asked the last time."""

    explanation = "A listing is signed and moves nothing. It ends with its coin: a release ends a title's listing."

    def __init__(self, services: Services, genesis: str, name: str) -> None:
        super().__init__(services)
        self.name_sold = name
        self.genesis = genesis
        self.heading = f"Sell {shown(name)}, or access to it"
        self.stock: StockView | None = None

    def fields(self) -> ComposeResult:
        """What, how much, how many; the rest is folded away."""
        yield Words("looking at what there is to sell…", id="stock", classes="dim")
        with RadioSet(id="what"):
            for number, (_, words) in enumerate(_CHOICES):
                yield Pick(words, value=not number)
        yield Entry(self.services, "Price in BTC, for each listing", Kind.BTC, "price", placeholder="0.0005")
        yield Entry(self.services, "How many lots", Kind.COPIES, "copies", placeholder="10")
        yield Tick("sell although lots of mine stay for sale", id="keep-lots")
        yield Tick("put all my listings on the registry's board", id="publish")
        with Collapsible(title="More: how long, paid to, terms, gate, shop", id="more"):
            yield Entry(self.services, "Void after so many blocks", Kind.BLOCKS, "blocks", placeholder="4320")
            yield Entry(self.services, "Address that is paid", Kind.ADDRESS, "pay-to", placeholder="empty: this wallet")
            yield Entry(self.services, "Terms of the sale (sha256 digest)", Kind.DIGEST, "terms")
            yield Entry(self.services, "Gate where access is honoured (origin)", Kind.ORIGIN, "gate")
            yield Entry(self.services, "Shop that takes bids (URL)", Kind.SERVICE, "bids-to")

    def begin(self) -> None:
        """The choice comes first."""
        self._follow_choice()
        self.query_one("#what", RadioSet).focus()

    def load(self) -> Any:
        """What there is to sell."""
        market, name, genesis = self.services.market, self.name_sold, self.genesis
        return lambda: market.stock(genesis, name)

    def answered(self, job: str, answer: Any) -> None:
        """Shows the stock, or goes on to the review."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, StockView):
            self.stock = answer
            self.query_one("#stock", Words).update(_stock(answer))
            self._follow_choice()

    def refused(self, refusal: Refused) -> None:
        """Says why the stock is not known."""
        super().refused(refusal)
        if refusal.job == LOAD:
            self.query_one("#stock", Words).update(f"✗ {refusal.text}")

    @on(RadioSet.Changed, "#what")
    def chosen(self) -> None:
        """Only what belongs to the choice is shown."""
        self._follow_choice()

    def action_draft(self) -> None:
        """A price is needed, but where the last one is asked again; new lots need their number."""
        price, copies = self.query_one("#price", Field), self.query_one("#copies", Field)
        if not price.value.strip() and not self._last_price():
            price.complain("say the price in BTC, such as 0.0005")
            price.focus_input()
        elif self._at == _NEW_LOTS and not copies.value.strip():
            copies.complain("say how many lots")
            copies.focus_input()
        else:
            super().action_draft()

    def ask(self) -> Sell:
        """What the fields say."""
        what, typed, last = _CHOICES[self._at][0], self.value("price"), self._last_price()
        return Sell(
            name=self.name_sold,
            genesis=parse_txid(self.genesis),
            what=what,
            price=parse_btc(typed) if typed else Sats(last) if last else None,
            copies=self._said("copies", copies_of) if self._at == _NEW_LOTS else None,
            again=self._at == _LOTS_AGAIN or (what is not What.ACCESS and not typed),
            keep_lots=what is not What.ACCESS and self.query_one("#keep-lots", Checkbox).value,
            publish=self.query_one("#publish", Checkbox).value,
            blocks=self._said("blocks", blocks_of),
            pay_to=self.value("pay-to") or None,
            terms=self._said("terms", digest_of),
            gate=self._said("gate", origin_of),
            bids_to=self._said("bids-to", service_of),
            rate=self.rate(),
        )

    def _said(self, name: str, parse: Callable[[str], T]) -> T | None:
        """What a field holds, None where it is empty."""
        text = self.value(name)
        return parse(text) if text else None

    @property
    def _at(self) -> int:
        return max(0, self.query_one("#what", RadioSet).pressed_index)

    def _last_price(self) -> int:
        """What was asked before for the like, in sats; 0 where nothing was, or where lots are made anew."""
        if self.stock is None or self._at == _NEW_LOTS:
            return 0
        title = _CHOICES[self._at][0] is not What.ACCESS
        return next((price for what, price in self.stock.last_prices if what.startswith("title") is title), 0)

    def _follow_choice(self) -> None:
        title = _CHOICES[self._at][0] is not What.ACCESS
        self.query_one("#copies", Field).display = self._at == _NEW_LOTS
        self.query_one("#keep-lots").display = title
        self.query_one("#rate", Field).display = self._at == _NEW_LOTS
        last = self._last_price()
        label = f"Price in BTC; empty: {btc(last)}, as the last time" if last else "Price in BTC, for each listing"
        self.query_one("#price", Field).relabel(label)


def _stock(view: StockView) -> str:
    whose = "The title is yours" if view.owned else "The title is not yours: access can be sold, the title cannot"
    shop = f", {view.at_shop:,} of them at a shop" if view.at_shop else ""
    return f"{whose}; {view.units:,} access units can be split into lots, {count(view.lots, 'lot')} are made{shop}."
