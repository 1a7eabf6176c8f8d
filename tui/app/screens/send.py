"""Paying bitcoin."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import Checkbox

from tui.app.commands import bindings
from tui.app.kinds import Kind
from tui.app.screens.form import DraftForm, Entry
from tui.app.screens.page import LOAD
from tui.app.text import btc
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Words
from tui.verbs.wallet.requests import Send


class SendScreen(DraftForm):
    """A payment, or everything that can be spent."""

    place = "send"
    keys = "send"
    BINDINGS = bindings(keys)
    heading = "Send bitcoin"
    explanation = "Coins that have, or might have, colour are never used."

    def fields(self) -> ComposeResult:
        """To whom, how much."""
        yield Words("", id="spendable")
        yield Entry(self.services, "Address, or bitcoin: link", Kind.ADDRESS, "to", needed=True)
        yield Entry(self.services, "Amount in BTC; a link may name it", Kind.BTC, "amount", placeholder="0.0005")
        yield Tick("everything that can be spent; the fee is taken off", id="everything")

    def load(self) -> Any:
        """What there is to spend."""
        return self.services.money.balance

    def answered(self, job: str, answer: Any) -> None:
        """Shows the balance, or goes on to the review."""
        super().answered(job, answer)
        if job == LOAD:
            self.query_one("#spendable", Words).update(f"spendable: {btc(answer.spendable)} BTC")

    @on(Checkbox.Changed, "#everything")
    def all_or_some(self, event: Checkbox.Changed) -> None:
        """Everything has no amount."""
        field = self.query_one("#amount", Field)
        field.disabled = event.value
        if event.value:
            field.forget()

    def action_draft(self) -> None:
        """A plain address needs an amount beside it."""
        to, amount = self.query_one("#to", Field), self.query_one("#amount", Field)
        everything = self.query_one("#everything", Checkbox).value
        if not everything and not amount.value.strip() and not to.value.strip().lower().startswith("bitcoin:"):
            if all_good([to]):
                amount.complain("say how much, in BTC, such as 0.0005")
                amount.focus_input()
            return
        super().action_draft()

    def ask(self) -> Send:
        """What the fields say."""
        everything = self.query_one("#everything", Checkbox).value
        return Send(
            to=self.value("to"),
            amount=None if everything else self.value("amount") or None,
            everything=everything,
            rate=self.rate(),
        )

    def action_back(self) -> None:
        """This is a place: there is nothing behind it."""
        self.action_leave_field()

    def sent(self) -> None:
        """An empty form, for the next payment."""
        for field in self.query(Field):
            field.forget()
        self.query_one("#everything", Checkbox).value = False
        self.say("sent")
