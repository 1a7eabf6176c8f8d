"""First run, and any later wallet: network and name, whether the node is fit, then new words or old ones."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Footer

from assets.services.read_models.wallet_views import DoctorView, WalletCard
from tui.app.commands import bindings
from tui.app.kinds import Kind
from tui.app.messages import Refused, WalletMade
from tui.app.screens.create_wallet import CreateWallet
from tui.app.screens.restore_backup import RestoreBackup
from tui.app.screens.restore_wallet import RestoreWallet
from tui.app.screens.settings import doctor_content
from tui.app.services import Lobby
from tui.app.text import shown
from tui.app.views import NetworkChoice, WalletChoice
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Words
from tui.app.widgets.work import Working

_NETWORKS = "networks"
_NODE = "node"


class FirstRun(Working[None]):
    """Chooses where a wallet shall be, and what it is made of. `may_leave` where there are wallets to go back to."""

    keys = "first-run"
    BINDINGS = bindings(keys)

    def __init__(self, lobby: Lobby, *, may_leave: bool) -> None:
        super().__init__()
        self.lobby = lobby
        self._may_leave = may_leave

    def compose(self) -> ComposeResult:
        """Networks on the left, the node of the marked one on the right."""
        yield Words("Dockchains: a wallet for container images", classes="heading banner-line")
        with Horizontal(id="body"):
            with Vertical(id="first-left"):
                yield Words("Network", classes="field-label")
                yield Listing(Column("", 10), Column(""), id="networks")
                yield Field(
                    "Name of the wallet", Kind.WALLET, self.lobby.check, id="name", value="default", needed=True
                )
                with Horizontal(classes="buttons"):
                    yield Button("New words", variant="primary", id="create")
                    yield Button("I have words", id="restore")
                with Horizontal(classes="buttons"):
                    yield Button("I have a backup", id="backup")
            with VerticalScroll(id="first-right"):
                yield Words("Node", classes="field-label")
                yield Words("", id="node")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The networks come first."""
        self.work(_NETWORKS, self.lobby.networks)

    def answered(self, job: str, answer: Any) -> None:
        """Networks, or what a node can do."""
        if job == _NETWORKS:
            listing = self.query_one("#networks", Listing)
            listing.show(answer, _network)
            listing.focus()
            self._ask_node()
        elif isinstance(answer, DoctorView):
            self.query_one("#node", Words).update(doctor_content(answer))

    def refused(self, refusal: Refused) -> None:
        """Says why; a node without answer is no obstacle to making a wallet."""
        if refusal.job == _NODE:
            self.query_one("#node", Words).update(refusal.text)
        else:
            super().refused(refusal)

    @on(Listing.Moved, "#networks")
    def marked(self) -> None:
        """Another network has another node."""
        self._ask_node()

    @on(Listing.Chosen, "#networks")
    def chosen(self) -> None:
        """Enter goes on to the name."""
        self.query_one("#name", Field).focus_input()

    @on(Button.Pressed, "#create")
    def create(self) -> None:
        """New words."""
        self.action_next()

    @on(Button.Pressed, "#restore")
    def restore(self) -> None:
        """Old words."""
        network = self._ready()
        if network is not None:
            name = self.query_one("#name", Field).value.strip()
            self.app.push_screen(RestoreWallet(self.lobby, network, name), self._made)

    @on(Button.Pressed, "#backup")
    def from_backup(self) -> None:
        """A file that another wallet wrote."""
        network = self._ready()
        if network is not None:
            name = self.query_one("#name", Field).value.strip()
            self.app.push_screen(RestoreBackup(self.lobby, network, name), self._made)

    def action_next(self) -> None:
        """On to new words."""
        network = self._ready()
        if network is not None:
            name = self.query_one("#name", Field).value.strip()
            self.app.push_screen(CreateWallet(self.lobby, network, name), self._made)

    def action_back(self) -> None:
        """To the wallets that there are."""
        if self._may_leave:
            self.dismiss(None)

    def _ready(self) -> str | None:
        item = self.query_one("#networks", Listing).item
        if not isinstance(item, NetworkChoice) or not self.query_one("#name", Field).is_good():
            return None
        if item.refusal:
            self.notify(f"{item.name} is {item.refusal}", severity="warning", markup=False)
            return None
        return item.name

    def _ask_node(self) -> None:
        item = self.query_one("#networks", Listing).item
        if isinstance(item, NetworkChoice):
            self.query_one("#node", Words).update("asking the node…")
            network = item.name
            self.work(_NODE, lambda: self.lobby.node(network))

    def _made(self, card: WalletCard | None) -> None:
        if card is not None:
            self.post_message(WalletMade(WalletChoice(network=card.network, name=card.name)))


def _network(one: NetworkChoice) -> Line:
    return Line(one.name, (one.name, shown(one.refusal)), "dim" if one.refusal else "", 1)
