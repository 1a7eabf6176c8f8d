"""Giving access units of the treasury away."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from tui.app.kinds import Kind
from tui.app.screens.form import DraftForm, Entry
from tui.app.services import Services
from tui.app.text import count, shown
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Column, Line, Listing
from tui.verbs.access.requests import Grant
from wallet.hashes import parse_txid


class GrantForm(DraftForm):
    """One holder, or a list of them that grows line by line."""

    place = "repositories"
    explanation = "Access is access: whoever has decrypted an image can keep it. All holders are public."

    def __init__(self, services: Services, genesis: str, name: str) -> None:
        super().__init__(services)
        self.genesis = genesis
        self.name_granted = name
        self.heading = f"Give access to {shown(name)}"
        self.shares: tuple[str, ...] = ()

    def fields(self) -> ComposeResult:
        """The next holder, and those that are listed already."""
        yield Entry(self.services, "Unit address, and how many units", Kind.SHARE, "share", placeholder="dcrt1q… 1")
        with Horizontal(classes="buttons"):
            yield Button("Add to the list", id="add")
            yield Button("Take off the marked one", id="remove")
        yield Listing(Column("address"), Column("units", 16, right=True), empty="one holder needs no list", id="shares")

    def ask(self) -> Grant:
        """The list, and what stands in the field."""
        share = self.value("share")
        lines = (*self.shares, share) if share else self.shares
        return Grant(
            genesis=parse_txid(self.genesis), name=self.name_granted, listed="\n".join(lines), rate=self.rate()
        )

    def action_draft(self) -> None:
        """Somebody has to get something."""
        field = self.query_one("#share", Field)
        if not self.shares and not field.value.strip():
            field.complain("name somebody: ADDRESS QUANTITY")
            field.focus_input()
            return
        super().action_draft()

    @on(Button.Pressed, "#add")
    def add(self) -> None:
        """Takes the field's share into the list."""
        field = self.query_one("#share", Field)
        if field.is_good() and field.value.strip():
            self.shares = (*self.shares, " ".join(field.value.split()))
            field.forget()
            field.focus_input()
            self._show()

    @on(Button.Pressed, "#remove")
    def take_off(self) -> None:
        """Takes a share out again."""
        at = self.query_one(Listing).cursor
        self.shares = (*self.shares[:at], *self.shares[at + 1 :])
        self._show()

    def _show(self) -> None:
        self.query_one(Listing).show(tuple(enumerate(self.shares)), _line)
        self.say(count(len(self.shares), "holder"))


def _line(pair: tuple[int, str]) -> Line:
    number, share = pair
    address, _, quantity = share.partition(" ")
    return Line(str(number), (shown(address), shown(quantity) or "1"))
