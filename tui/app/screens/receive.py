"""Addresses to be paid at. One is handed out only when it is asked for, and only once."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Checkbox

from assets.services.read_models.wallet_views import ReceiveView
from tui.app.commands import bindings
from tui.app.kinds import Kind
from tui.app.screens.form import Entry
from tui.app.screens.page import Page
from tui.app.text import grouped, shown
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.qr import QrCode
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Words
from tui.verbs.wallet.fields import units_of
from tui.verbs.wallet.requests import ReceiveBitcoin, ReceiveUnits
from wallet.amount import parse_btc
from wallet.hashes import parse_txid

_ADDRESS = "address"
_FORM = 36
"""Cells that the form takes at least, as the style sheet has it."""


class ReceiveScreen(Page):
    """An address for bitcoin, or for titles and access units."""

    place = "receive"
    keys = "receive"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """The form on the left, the code on the right."""
        with Horizontal(id="receive"):
            with Vertical(id="receive-form"):
                yield Tick("for units: a title, access", id="units")
                yield Entry(self.services, "Amount in BTC", Kind.BTC, "amount", placeholder="may be empty")
                yield Entry(self.services, "Label", Kind.TEXT, "label", placeholder="part of the link")
                yield Entry(self.services, "Genesis of the units", Kind.TXID, "genesis", placeholder="may be empty")
                yield Button("New address", variant="primary", id="make")
                yield Words("", id="address")
                yield Words("", id="uri", classes="dim")
            yield QrCode(beside=_FORM, id="qr")

    def on_mount(self) -> None:
        """Bitcoin first."""
        self.view: ReceiveView | None = None
        self.query_one("#genesis", Field).display = False
        self.query_one("#make", Button).focus()

    @on(Checkbox.Changed, "#units")
    def kind_chosen(self, event: Checkbox.Changed) -> None:
        """Units are counted, belong to a genesis, and have no label."""
        amount = self.query_one("#amount", Field)
        amount.kind = Kind.UNITS if event.value else Kind.BTC
        amount.relabel("Number of units" if event.value else "Amount in BTC")
        self.query_one("#label", Field).display = not event.value
        self.query_one("#genesis", Field).display = event.value

    @on(Field.Submitted)
    @on(Button.Pressed, "#make")
    def wanted(self) -> None:
        """Enter, or the button."""
        self.action_hand_out()

    def action_hand_out(self) -> None:
        """The next address, which nobody else was given."""
        fields = [field for field in self.query(Field) if field.display]
        if not all_good(fields):
            return
        values = {field.id: field.value.strip() for field in fields}
        amount, genesis = values["amount"], values.get("genesis", "").lower()
        request: ReceiveBitcoin | ReceiveUnits
        if self.query_one("#units", Checkbox).value:
            request = ReceiveUnits(
                amount=units_of(amount) if amount else None, genesis=parse_txid(genesis) if genesis else None
            )
        else:
            request = ReceiveBitcoin(amount=parse_btc(amount) if amount else None, label=values.get("label", ""))
        money = self.services.money
        self.work(_ADDRESS, lambda: money.receive(request))

    def action_copy(self) -> None:
        """The link, for terminals that let programs write to the clipboard; it stays readable here."""
        if self.view is None:
            self.warn("make an address first: there is no link yet")
        else:
            self.app.copy_to_clipboard(self.view.uri)
            self.notify("copied; compare what you paste with the address here")

    def answered(self, job: str, answer: Any) -> None:
        """Shows the address."""
        super().answered(job, answer)
        if job == _ADDRESS and isinstance(answer, ReceiveView):
            self.view = answer
            self.query_one("#address", Words).update(grouped(answer.address))
            self.query_one("#uri", Words).update(shown(answer.uri, limit=1000))
            self.query_one("#qr", QrCode).show(answer.uri)
            if answer.unpaid > answer.gap:
                self.notify(
                    f"{answer.unpaid} addresses were given out and never paid; another wallet that restores these "
                    f"words looks only {answer.gap} ahead",
                    severity="warning",
                )
