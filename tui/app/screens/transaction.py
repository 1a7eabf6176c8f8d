"""One transaction: what it spends and makes, whose it is, what each coin carries, and the way back of a coin."""

from collections.abc import Callable
from typing import Any

from textual import events, on
from textual.app import ComposeResult

from assets.services.read_models.transaction_views import TransactionInput, TransactionOutput, TransactionView
from tui.app.commands import bindings
from tui.app.messages import Opened, Refused
from tui.app.screens.bump import BumpForm
from tui.app.screens.page import LOAD, READING, Page
from tui.app.services import Services
from tui.app.text import WHOLE, color_text, count, place, short, shown, signed
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Facts, Words

_COLUMNS = (Column("", 2), Column("role", 12), Column("sat", 13, right=True), Column("whose", 5), Column("where", 16))


class TransactionScreen(Page):
    """A transaction by its txid."""

    place = "transactions"
    keys = "transaction"
    BINDINGS = bindings(keys)

    def __init__(self, services: Services, txid: str) -> None:
        super().__init__(services)
        self.txid = txid
        self.view: TransactionView | None = None

    def body(self) -> ComposeResult:
        """Facts, inputs, outputs."""
        yield Words(f"transaction {short(self.txid)}", id="name", classes="heading")
        yield Facts(id="facts")
        yield Words("Inputs: enter goes to the transaction that made one", classes="heading")
        yield Listing(*_COLUMNS, Column("carries"), until=READING, id="inputs", classes="half")
        yield Words("Outputs", classes="heading")
        yield Listing(*_COLUMNS, Column("carries"), until=READING, id="outputs", classes="half")
        yield Facts(id="whole", classes="detail")

    def on_mount(self) -> None:
        """The inputs have the keys."""
        self.query_one("#inputs", Listing).focus()

    def load(self) -> Callable[[], Any]:
        """The transaction."""
        money, txid = self.services.money, self.txid
        return lambda: money.transaction(txid)

    def answered(self, job: str, answer: Any) -> None:
        """Shows it."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, TransactionView):
            self.view = answer
            self._show(answer)

    def refused(self, refusal: Refused) -> None:
        """Says why there is nothing to show."""
        super().refused(refusal)
        if self.view is None:
            self.query_one("#name", Words).update(refusal.text)

    @on(Listing.Moved)
    @on(events.DescendantFocus)
    def moved(self) -> None:
        """The line under the cursor, nothing in it cut."""
        self._show_whole()

    @on(Listing.Chosen, "#inputs")
    def chosen(self, event: Listing.Chosen) -> None:
        """One step back on the way of a coin."""
        txid, colon, _ = event.key.partition(":")
        if colon:
            self.post_message(Opened(txid=txid))

    def action_bump(self) -> None:
        """A higher fee, where it waits and is ours."""
        if self.view is not None and self.view.can_bump:
            self.open(BumpForm(self.services, self.txid))
        else:
            self.notify("only a transaction of this wallet that waits can be bumped", severity="warning")

    def action_back(self) -> None:
        """To where it was opened from."""
        self.dismiss(None)

    def _show(self, view: TransactionView) -> None:
        self.query_one("#name", Words).update(f"{shown(view.kind) or 'transaction'} {view.txid}")
        fee = "not known" if view.fee is None else f"{view.fee:,} sat for {view.vsize:,} vB"
        pairs = [
            ("state", f"{signed(view.state)}, {place(view.height)}, {count(view.confirmations, 'confirmation')}"),
            ("fee", fee),
            *(("meant", shown(effect, limit=WHOLE)) for effect in view.effects),
            ("refused", shown(view.reason)),
        ]
        self.query_one("#facts", Facts).show(pairs)
        self.query_one("#inputs", Listing).show(tuple(enumerate(view.inputs)), _input)
        self.query_one("#outputs", Listing).show(view.outputs, _output)
        self._show_whole()

    def _show_whole(self) -> None:
        at = self.query_one("#outputs" if self.query_one("#outputs").has_focus else "#inputs", Listing).item
        match at:
            case (_, TransactionInput() as one):
                pairs = [("input", one.outpoint), ("address", shown(one.address)), ("carries", color_text(one.color))]
            case TransactionOutput() as made:
                where = shown(made.address) or "none"
                pairs = [("output", str(made.vout)), ("address", where), ("carries", color_text(made.color))]
            case _:
                pairs = []
        self.query_one("#whole", Facts).show(pairs)


def _input(pair: tuple[int, TransactionInput]) -> Line:
    number, one = pair
    sats = "?" if one.sats is None else f"{one.sats:,}"
    cells = (str(number), shown(one.role), sats, "ours" if one.own else "", short(one.outpoint), color_text(one.color))
    return Line(one.outpoint, cells)


def _output(one: TransactionOutput) -> Line:
    where = short(one.address) if one.address else "no address"
    cells = (
        str(one.vout),
        shown(one.role),
        f"{one.sats:,}",
        "ours" if one.own else "",
        where,
        color_text(one.color),
    )
    return Line(str(one.vout), cells)
