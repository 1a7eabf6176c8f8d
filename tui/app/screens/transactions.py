"""What happened in this wallet: pending first, then the newest."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from assets.services.read_models.wallet_views import ActivityView
from tui.app.commands import bindings
from tui.app.finding import Searchable
from tui.app.messages import Opened
from tui.app.screens.bump import BumpForm
from tui.app.screens.page import LOAD, READING, Page
from tui.app.text import btc, count, moment, short, shown, signed, tone_of
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Facts, Words


class TransactionsScreen(Page):
    """The wallet's transactions."""

    place = "transactions"
    keys = "transactions"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """Search and list."""
        with Horizontal(classes="search-bar"):
            yield Input(placeholder="search (/)", id="search", compact=True)
            yield Words("", id="sum")
        yield Listing(
            Column("time (UTC)", 16),
            Column("what", 13),
            Column("BTC", 13, right=True),
            Column("conf", 5, right=True, room=90),
            Column("state", 12),
            Column("note", room=70),
            empty="nothing happened yet",
            until=READING,
            id="transactions",
        )
        yield Facts(id="transaction", classes="detail")

    def on_mount(self) -> None:
        """The list has the keys."""
        self._found: Searchable[ActivityView] = Searchable((), ())
        self.query_one(Listing).focus()

    def load(self) -> Callable[[], Any]:
        """The transactions, prepared for searching."""
        money = self.services.money
        return lambda: Searchable.of(money.history().transactions, _text)

    def answered(self, job: str, answer: Any) -> None:
        """Shows them."""
        super().answered(job, answer)
        if job == LOAD:
            self._found = answer
            self._show()

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
        """What there is to know of the transaction under the cursor."""
        self._show_one()

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """Opens a transaction."""
        self.post_message(Opened(txid=event.key))

    def action_search(self) -> None:
        """Into the search field."""
        self.query_one("#search", Input).focus()

    def action_bump(self) -> None:
        """A higher fee for one that waits."""
        item = self.query_one(Listing).item
        if not isinstance(item, ActivityView):
            self.warn("no transaction is marked")
            return
        if item.confirmations or item.state == "dead":
            self.warn("it waits for nothing: only a pending transaction can be bumped")
            return
        self.open(BumpForm(self.services, item.txid))

    def _show(self) -> None:
        matching = self._found.matching(self.query_one("#search", Input).value)
        self.query_one(Listing).show(matching, _line)
        self.query_one("#sum", Words).update(count(len(matching), "transaction"))
        self._show_one()

    def _show_one(self) -> None:
        item = self.query_one(Listing).item
        pairs = [("txid", item.txid), ("label", shown(item.label))] if isinstance(item, ActivityView) else []
        self.query_one("#transaction", Facts).show(pairs)


def _text(one: ActivityView) -> str:
    return f"{one.txid} {one.kind} {one.state} {one.label} {moment(one.time)}"


def _line(one: ActivityView) -> Line:
    cells = (
        moment(one.time),
        shown(one.kind),
        btc(one.sats, sign=True),
        f"{one.confirmations:,}",
        signed(one.state),
        shown(one.label) or short(one.txid),
    )
    return Line(one.txid, cells, tone_of(one.state), 4)
