"""Which wallet, and its password. Also what stands over everything while the app is locked."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Vertical
from textual.widgets import Button, Footer, Input

from assets.services.read_models.wallet_views import WalletCard
from tui.app.commands import bindings
from tui.app.messages import NewWalletWanted, Refused, Unlocked
from tui.app.services import Lobby, Services
from tui.app.text import shown
from tui.app.views import WalletChoice
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Words
from tui.app.widgets.work import Working

_UNLOCK = "unlock"


class UnlockScreen(Working[None]):
    """A list of wallets and a password. The keys are not kept: it only proves who sits here."""

    keys = "unlock"
    BINDINGS = bindings(keys)

    def __init__(self, lobby: Lobby, wallets: tuple[WalletChoice, ...], why: str = "") -> None:
        super().__init__()
        self.lobby = lobby
        self.wallets = wallets
        self._why = why
        self._opening: WalletChoice | None = None

    def compose(self) -> ComposeResult:
        """The wallets, the password."""
        with Center(id="unlock"), Vertical(classes="dialog"):
            yield Words("Dockchains", classes="heading")
            yield Words(self._why, id="why", classes="dim")
            yield Listing(Column("wallet"), Column("network", 10), id="wallets")
            yield Input(password=True, placeholder="password", id="password")
            yield Words("", id="said")
            yield Button("Unlock", variant="primary", id="unlock-button")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Where there is one wallet, the password is all that is missing."""
        listing = self.query_one(Listing)
        listing.show(self.wallets, _line)
        listing.styles.height = min(8, len(self.wallets) + 1)
        if len(self.wallets) == 1:
            self.query_one("#password", Input).focus()
        else:
            listing.focus()

    @on(Listing.Chosen)
    def chosen(self) -> None:
        """On to the password; what only watches needs none."""
        choice = self.query_one(Listing).item
        if isinstance(choice, WalletChoice) and choice.watches:
            self.wanted()
        else:
            self.query_one("#password", Input).focus()

    @on(Input.Submitted, "#password")
    @on(Button.Pressed, "#unlock-button")
    def wanted(self) -> None:
        """Enter, or the button."""
        field = self.query_one("#password", Input)
        choice = self.query_one(Listing).item
        if not isinstance(choice, WalletChoice) or self._opening is not None:
            return
        password, field.value = field.value, ""
        if not password and not choice.watches:
            self._say("the password is needed")
            return
        self._say("opening…")
        self._opening = choice
        self.work(_UNLOCK, _opened(self.lobby, choice, password))

    def answered(self, job: str, answer: Any) -> None:
        """The password was right."""
        services, card = answer
        self._opening = None
        self._say("")
        self.post_message(Unlocked(services, card))

    def refused(self, refusal: Refused) -> None:
        """A wrong password, or a wallet that cannot be read."""
        self._opening = None
        self._say(f"✗ {refusal.text}")
        self.query_one("#password", Input).focus()

    def action_make(self) -> None:
        """A further wallet."""
        self.post_message(NewWalletWanted())

    def _say(self, text: str) -> None:
        self.query_one("#said", Words).update(shown(text, limit=400))


def _opened(lobby: Lobby, choice: WalletChoice, password: str) -> Callable[[], tuple[Services, WalletCard]]:
    """The one call that the password goes into."""

    def opened() -> tuple[Services, WalletCard]:
        services = lobby.open(choice)
        return services, services.unlock(password)

    return opened


def _line(one: WalletChoice) -> Line:
    name = f"{one.name} (watches, no password)" if one.watches else one.name
    return Line(f"{one.network}/{one.name}", (name, one.network))
