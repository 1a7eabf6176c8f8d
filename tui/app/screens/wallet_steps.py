"""What making and restoring have in common: steps, a password typed twice, and the card at the end."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, ContentSwitcher, Footer

from assets.services.read_models.wallet_views import WalletCard
from tui.app.commands import bindings
from tui.app.kinds import Kind
from tui.app.messages import Refused
from tui.app.services import Lobby
from tui.app.text import shown
from tui.app.views import WalletChoice
from tui.app.widgets.field import Field
from tui.app.widgets.words import Facts, Words
from tui.app.widgets.work import Working
from tui.verbs.wallet.requests import NewWords, OldWords
from tui.verbs.wallet.views import MadeWallet

CREATE = "create"
PASSWORD, CARD = "step-password", "step-card"


class WalletSteps(Working[WalletCard | None]):
    """Steps to a wallet. Subclasses give the first ones: `steps` names them, `first_steps` draws them.

    Secrets live in this screen alone, and only until it is left.
    """

    keys = "first-run"
    BINDINGS = bindings(keys)
    steps: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()

    def __init__(self, lobby: Lobby, network: str, name: str) -> None:
        super().__init__()
        self.lobby = lobby
        self.network = network
        self.wallet_name = name
        self.card: WalletCard | None = None
        self._at = 0

    def compose(self) -> ComposeResult:
        """One step at a time."""
        yield Words("", id="heading", classes="heading banner-line")
        with ContentSwitcher(initial=self.steps[0], id="steps"):
            yield from self.first_steps()
            with VerticalScroll(id=PASSWORD, classes="form"):
                yield Words("It encrypts the recovery words on this machine, and is asked for before signing.")
                yield Field("Password", Kind.PASSWORD, self.lobby.check, id="password", hidden=True, needed=True)
                yield Field("The same again", Kind.TEXT, self.lobby.check, id="again", hidden=True, needed=True)
            with VerticalScroll(id=CARD, classes="form"):
                yield Words("The wallet is made.", classes="heading")
                yield Facts(id="card")
                yield Words("", id="notes")
        with Horizontal(classes="buttons"):
            yield Button("Back", id="back")
            yield Button("Next", variant="primary", id="next")
            yield Words("", id="said")
        yield Footer(show_command_palette=False)

    def first_steps(self) -> ComposeResult:
        """The steps before the password."""
        yield from ()

    def wallet(self) -> NewWords | OldWords:
        """What is made, once every step is done."""
        raise NotImplementedError

    def entered(self, step: str) -> None:
        """A step is shown."""

    def may_leave(self, step: str) -> bool:
        """Whether a step is done; says what is missing where it is not."""
        return True

    def forget(self) -> None:
        """Takes every secret out of this screen."""
        for field in self.query(Field):
            field.forget()

    def on_mount(self) -> None:
        """The first step."""
        self.show_step(0)

    def on_unmount(self) -> None:
        """However it is left, nothing stays."""
        self.forget()

    @property
    def all_steps(self) -> tuple[str, ...]:
        """The steps in order."""
        return (*self.steps, PASSWORD, CARD)

    def action_next(self) -> None:
        """The next step where this one is done."""
        step = self.all_steps[self._at]
        if step == CARD:
            self.dismiss(self.card)
        elif step == PASSWORD:
            if self._passwords_agree():
                self._create()
        elif self.may_leave(step):
            self.show_step(self._at + 1)

    def action_back(self) -> None:
        """The step before; from the first one, and from the end, out."""
        if self.card is not None:
            self.dismiss(self.card)
        elif self._at:
            self.show_step(self._at - 1)
        else:
            self.dismiss(None)

    @on(Button.Pressed, "#next")
    @on(Field.Submitted)
    def forward(self) -> None:
        """Enter, or the button."""
        self.action_next()

    @on(Button.Pressed, "#back")
    def backward(self) -> None:
        """The button."""
        self.action_back()

    def answered(self, job: str, answer: Any) -> None:
        """The wallet is made: its card is the last thing to see, and to write down beside the words."""
        if job == CREATE and isinstance(answer, MadeWallet):
            self.card = card = answer.card
            self.forget()
            self.query_one("#card", Facts).show(
                [
                    ("wallet", f"{card.name} on {card.network}"),
                    ("fingerprint", card.fingerprint),
                    ("first address", card.address),
                    ("first unit address", card.unit_address),
                ]
            )
            self.query_one("#notes", Words).update(" ".join(f"{shown(note, limit=400)}." for note in answer.notes))
            self.show_step(len(self.all_steps) - 1)

    def refused(self, refusal: Refused) -> None:
        """Says why, below the step."""
        self.say(f"✗ {refusal.text}")
        self.query_one("#next", Button).disabled = False

    def say(self, text: str) -> None:
        """A sentence beside the buttons."""
        self.query_one("#said", Words).update(text)

    def show_step(self, at: int) -> None:
        """Shows a step, its heading, and what the button does there."""
        self._at = at
        step = self.all_steps[at]
        self.query_one("#steps", ContentSwitcher).current = step
        headings = (*self.headings, "a password for this machine", "done")
        heading = f"{self.wallet_name} on {self.network}, step {at + 1} of {len(self.all_steps)}: {headings[at]}"
        self.query_one("#heading", Words).update(heading)
        self.say("")
        button = self.query_one("#next", Button)
        button.disabled = False
        button.label = {PASSWORD: "Make the wallet", CARD: "Open"}.get(step, "Next")
        button.refresh(layout=True)
        first = next((field for field in self.query_one(f"#{step}").query(Field) if field.display), None)
        if first is not None:
            first.focus_input()
        else:
            button.focus()
        self.entered(step)

    def _passwords_agree(self) -> bool:
        password, again = self.query_one("#password", Field), self.query_one("#again", Field)
        if not password.is_good():
            password.focus_input()
            return False
        if password.value != again.value:
            again.complain("the two passwords differ")
            again.focus_input()
            return False
        return True

    def _create(self) -> None:
        self.query_one("#next", Button).disabled = True
        self.say("making the wallet…")
        choice = WalletChoice(network=self.network, name=self.wallet_name)
        self.work(CREATE, _creating(self.lobby, choice, self.wallet(), self.query_one("#password", Field).value))


def _creating(
    lobby: Lobby, choice: WalletChoice, request: NewWords | OldWords, password: str
) -> Callable[[], MadeWallet]:
    """The one call that words and password go into."""
    return lambda: lobby.create(choice, request, password)
