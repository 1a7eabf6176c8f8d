"""Every coin: what it carries by word and sign, what it may be used for, what it is called."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from assets.services.read_models.wallet_views import CoinsView, CoinView
from tui.app.commands import bindings
from tui.app.dialogs.asking import OneLine, YesNo
from tui.app.finding import Searchable
from tui.app.kinds import Kind
from tui.app.messages import Opened
from tui.app.screens.page import LOAD, READING, Page
from tui.app.screens.trace import TraceScreen
from tui.app.text import color_kind, color_text, count, short, shown, signed, tone_of
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Facts, Words

_CHANGE = "change"
_NONE = "no coin is marked"


class CoinsScreen(Page):
    """The wallet's coins."""

    place = "coins"
    keys = "coins"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """Search, list, and what there is to know of the marked coin."""
        with Horizontal(classes="search-bar"):
            yield Input(placeholder="search (/)", id="search", compact=True)
            yield Words("", id="sum")
        yield Listing(
            Column("coin", 15),
            Column("sat", 13, right=True),
            Column("conf", 6, right=True, room=70),
            Column("state", 11),
            Column("carries"),
            Column("label", 16, room=100),
            empty="no coins: 6 makes an address to be paid at",
            until=READING,
            id="coins",
        )
        yield Facts(id="coin", classes="detail")

    def on_mount(self) -> None:
        """The list has the keys."""
        self._found: Searchable[CoinView] = Searchable((), ())
        self.query_one(Listing).focus()

    def load(self) -> Callable[[], Any]:
        """The coins, prepared for searching."""
        money = self.services.money

        def read() -> Searchable[CoinView]:
            view: CoinsView = money.coins()
            return Searchable.of(view.coins, _text)

        return read

    def answered(self, job: str, answer: Any) -> None:
        """Shows the coins; after a change, asks for them again."""
        super().answered(job, answer)
        if job == LOAD:
            self._found = answer
            self._show()
        elif job == _CHANGE:
            self.action_refresh()

    @on(Input.Changed, "#search")
    def searched(self, event: Input.Changed) -> None:
        """Each key narrows the list."""
        event.stop()
        self._show()

    @on(Input.Submitted, "#search")
    def to_list(self, event: Input.Submitted) -> None:
        """Enter goes to the list."""
        event.stop()
        self.query_one(Listing).focus()

    @on(Listing.Moved)
    def moved(self) -> None:
        """What there is to know of the coin under the cursor."""
        self._show_coin()

    @on(Listing.Chosen)
    def chosen(self) -> None:
        """Opens the transaction that made it; from there on to its parents."""
        coin = self._coin
        if coin is not None:
            self.post_message(Opened(txid=coin.outpoint.partition(":")[0]))

    def action_search(self) -> None:
        """Into the search field."""
        self.query_one("#search", Input).focus()

    def action_trace(self) -> None:
        """The way of a title or of access units; of other coins, the transaction that made them."""
        coin = self._coin
        if coin is None:
            self.warn(_NONE)
        elif color_kind(coin.holds) in ("title", "access"):
            self.open(TraceScreen(self.services, coin.outpoint))
        else:
            self.post_message(Opened(txid=coin.outpoint.partition(":")[0]))

    def action_freeze(self) -> None:
        """Keeps the coin out of payments, or lets it in again: after a question where something may be lost."""
        coin, money = self._coin, self.services.money
        if coin is None:
            self.warn(_NONE)
            return
        outpoint, risk = coin.outpoint, coin.risk
        if not risk or coin.state not in ("frozen", "reserved"):
            frozen = coin.state != "frozen"
            self.work(_CHANGE, lambda: money.freeze_coin(outpoint, frozen=frozen))
            return

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the dialog's answer
            if yes:
                self.work(_CHANGE, lambda: money.freeze_coin(outpoint, frozen=False, risk=risk))

        body = f"{outpoint}\n\nA payment with it may lose for ever {shown(risk)}.\n\n{shown(coin.holds)}"
        self.app.push_screen(YesNo("Let payments take this coin?", body, yes="Free it", no="Leave"), answered)

    def action_label(self) -> None:
        """Asks for the coin's label."""
        coin, money = self._coin, self.services.money
        if coin is None:
            self.warn(_NONE)
            return
        outpoint = coin.outpoint

        def labelled(text: str | None) -> None:
            if text is not None:
                self.work(_CHANGE, lambda: money.label_coin(outpoint, text))

        dialog = OneLine(
            f"Label of {short(outpoint)}", "Empty takes it off", Kind.TEXT, self.services.check, value=coin.label,
            needed=False,
        )  # fmt: skip
        self.app.push_screen(dialog, labelled)

    @property
    def _coin(self) -> CoinView | None:
        item = self.query_one(Listing).item
        return item if isinstance(item, CoinView) else None

    def _show(self) -> None:
        matching = self._found.matching(self.query_one("#search", Input).value)
        self.query_one(Listing).show(matching, _line)
        self.query_one("#sum", Words).update(
            f"{count(len(matching), 'coin')}, {sum(coin.sats for coin in matching):,} sat"
        )
        self._show_coin()

    def _show_coin(self) -> None:
        coin = self._coin
        pairs = (
            []
            if coin is None
            else [
                ("coin", coin.outpoint),
                ("address", f"{shown(coin.address)}  ({coin.account}, {coin.path})"),
                ("carries", color_text(coin.holds)),
                ("label", shown(coin.label)),
                ("because", shown(coin.because)),
                ("at stake", f"{shown(coin.risk)} (f frees it, after a question)" if coin.risk else ""),
            ]
        )
        self.query_one("#coin", Facts).show(pairs)


def _text(coin: CoinView) -> str:
    return " ".join((coin.outpoint, coin.address, coin.account, coin.state, coin.holds or "bitcoin", coin.label))


def _line(coin: CoinView) -> Line:
    cells = (
        short(coin.outpoint, head=7, tail=6),
        f"{coin.sats:,}",
        f"{coin.confirmations:,}",
        signed(coin.state),
        color_text(coin.holds),
        shown(coin.label),
    )
    return Line(coin.outpoint, cells, tone_of(coin.state), 3)
