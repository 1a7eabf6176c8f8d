"""Giving a repository to a new owner."""

from textual.app import ComposeResult
from textual.widgets import Checkbox

from tui.app.kinds import Kind
from tui.app.screens.form import DraftForm, Entry
from tui.app.services import Services
from tui.app.text import shown
from tui.app.widgets.tick import Tick
from tui.verbs.image.requests import HandOver
from wallet.hashes import parse_txid


class HandOverForm(DraftForm):
    """The title, and with it the right to release, to revoke and to hand over."""

    place = "repositories"
    explanation = "Afterwards this wallet can neither release nor revoke, and nobody can undo it."

    def __init__(self, services: Services, genesis: str, name: str) -> None:
        super().__init__(services)
        self.genesis = genesis
        self.name_given = name
        self.heading = f"Hand over {shown(name)}"

    def fields(self) -> ComposeResult:
        """To whom, and what goes along."""
        yield Entry(self.services, "Unit address of the new owner, or their link", Kind.UNIT_ADDRESS, "to", needed=True)
        yield Tick("the treasury goes along: all access units not given away yet", value=True, id="treasury")

    def ask(self) -> HandOver:
        """What the fields say."""
        return HandOver(
            genesis=parse_txid(self.genesis),
            name=self.name_given,
            to=self.value("to"),
            with_treasury=self.query_one("#treasury", Checkbox).value,
            rate=self.rate(),
        )
