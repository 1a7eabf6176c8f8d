"""A wallet from a backup: the file, and the password that it was made with."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Footer

from assets.services.read_models.wallet_views import WalletCard
from tui.app.commands import bindings
from tui.app.kinds import Kind
from tui.app.messages import Refused
from tui.app.services import Lobby
from tui.app.text import shown
from tui.app.views import WalletChoice
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.words import Facts, Words
from tui.app.widgets.work import Working
from tui.verbs.files import whole_path
from tui.verbs.wallet.requests import FromBackup
from tui.verbs.wallet.views import MadeWallet

_RESTORE = "restore"


class RestoreBackup(Working[WalletCard | None]):
    """One step: labels, frozen coins and used addresses come with the encrypted words."""

    keys = "first-run"
    BINDINGS = bindings(keys)

    def __init__(self, lobby: Lobby, network: str, name: str) -> None:
        super().__init__()
        self.lobby = lobby
        self.network = network
        self.wallet_name = name
        self.card: WalletCard | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """File and password, then the card."""
        yield Words(f"{self.wallet_name} on {self.network}: from a backup", classes="heading banner-line")
        with VerticalScroll(classes="form", id="steps"):
            yield Field(
                "The backup", Kind.FILE, self.lobby.check, id="file", placeholder="/media/usb/wallet.backup",
                needed=True,
            )  # fmt: skip
            yield Field("Its password", Kind.TEXT, self.lobby.check, id="password", hidden=True, needed=True)
            yield Facts(id="card")
        with Horizontal(classes="buttons"):
            yield Button("Back", id="back")
            yield Button("Restore", variant="primary", id="next")
            yield Words("", id="said")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one("#file", Field).focus_input()

    def on_unmount(self) -> None:
        """However it is left, the password does not stay."""
        for field in self.query(Field):
            field.forget()

    @on(Field.Submitted)
    @on(Button.Pressed, "#next")
    def forward(self) -> None:
        """Enter, or the button."""
        self.action_next()

    @on(Button.Pressed, "#back")
    def backward(self) -> None:
        """The button."""
        self.action_back()

    def action_next(self) -> None:
        """Makes the wallet; once it is made, opens it."""
        if self.card is not None:
            self.dismiss(self.card)
        elif not self._busy and all_good(self.query(Field)):
            self._busy = True
            self._say("opening the backup…")
            password = self.query_one("#password", Field)
            secret, password.value = password.value, ""
            file = self.query_one("#file", Field).value.strip()
            choice = WalletChoice(network=self.network, name=self.wallet_name)
            self.work(_RESTORE, _restoring(self.lobby, choice, file, secret))

    def action_back(self) -> None:
        """Out; what was made stays made."""
        if not self._busy:
            self.dismiss(self.card)

    def answered(self, job: str, answer: Any) -> None:
        """The wallet is made: its card, to be compared."""
        self._busy = False
        if job == _RESTORE and isinstance(answer, MadeWallet):
            self.card = card = answer.card
            for field in self.query(Field):
                field.display = False
            self.query_one("#card", Facts).show(
                [
                    ("wallet", f"{card.name} on {card.network}"),
                    ("fingerprint", card.fingerprint),
                    ("first address", card.address),
                    ("first unit address", card.unit_address),
                ]
            )
            told = ["restored; compare fingerprint and first address with the ones that you know", *answer.notes]
            self._say(". ".join(shown(one, limit=400) for one in told))
            button = self.query_one("#next", Button)
            button.label = "Open"
            button.refresh(layout=True)
            button.focus()

    def refused(self, refusal: Refused) -> None:
        """Says why nothing was made."""
        self._busy = False
        self._say(f"✗ {refusal.text}")
        self.query_one("#password", Field).focus_input()

    def _say(self, text: str) -> None:
        self.query_one("#said", Words).update(text)


def _restoring(lobby: Lobby, choice: WalletChoice, file: str, password: str) -> Callable[[], MadeWallet]:
    """The one call that the password goes into."""
    return lambda: lobby.restore_backup(choice, FromBackup(file=whole_path(file)), password)
