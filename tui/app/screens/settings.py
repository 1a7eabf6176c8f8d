"""Settings and where they come from, the wallet's card, pins, and the node."""

import threading
from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import TabbedContent, TabPane

from assets.services.read_models.image_views import PinView
from assets.services.read_models.wallet_views import DoctorView, SyncView, WalletCard
from tui.app.commands import bindings
from tui.app.dialogs.asking import OneLine, YesNo
from tui.app.kinds import Kind
from tui.app.messages import Opened, Progressed, Spent
from tui.app.screens.backup import BackupForm
from tui.app.screens.cold import ColdScreen
from tui.app.screens.messages_signed import MessagesScreen
from tui.app.screens.new_password import NewPasswordForm
from tui.app.screens.page import LOAD, READING, Page
from tui.app.services import Services
from tui.app.text import shown, tone_of
from tui.app.views import SettingsView
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Facts, Words, word
from tui.verbs.settings import SettingLine

_DOCTOR = "doctor"
_REINDEX = "reindex"
_UNPIN = "unpin"
_SET = "set"


class SettingsScreen(Page):
    """What is set, and what is pinned."""

    place = "settings"
    keys = "settings"
    BINDINGS = bindings(keys)

    def __init__(self, services: Services, card: WalletCard) -> None:
        super().__init__(services)
        self.card = card
        self._stop = threading.Event()

    def body(self) -> ComposeResult:
        """Tabs."""
        with TabbedContent(id="tabs"):
            with TabPane("Settings", id="tab-settings"):
                yield Words("", id="file", classes="dim")
                yield Listing(Column("setting", 20), Column("value"), Column("from", 12), until=READING, id="settings")
            with TabPane("Pins", id="tab-pins"):
                yield Listing(
                    Column("name"),
                    Column("genesis", 16),
                    Column("owners", 16),
                    empty="nothing is pinned",
                    until=READING,
                    id="pins",
                )
            with TabPane("Wallet", id="tab-wallet"):
                yield Facts(id="card")
            with TabPane("Node", id="tab-node"), VerticalScroll():
                yield Words("d asks the node what it can do", id="node")

    def on_mount(self) -> None:
        """The wallet's card is known already."""
        card = self.card
        self.query_one("#card", Facts).show(
            [
                ("wallet", f"{card.name} on {card.network}"),
                ("fingerprint", card.fingerprint),
                ("first address", card.address),
                ("first unit address", card.unit_address),
                ("born in", f"block {card.birth_height:,}"),
            ]
        )
        self.query_one("#settings", Listing).focus()

    def load(self) -> Callable[[], Any]:
        """The settings."""
        return self.services.machine.settings

    def answered(self, job: str, answer: Any) -> None:
        """Shows what came."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, SettingsView):
            self.query_one("#file", Words).update(f"{shown(answer.file)} (read once, at the start)")
            self.query_one("#settings", Listing).show(answer.settings, _setting)
            self.query_one("#pins", Listing).show(answer.pins.pins, _pin)
        elif isinstance(answer, DoctorView):
            self.query_one("#node", Words).update(doctor_content(answer))
        elif isinstance(answer, SyncView):
            self.notify(f"the index was read anew, up to block {answer.height}")
            self.post_message(Spent())
        elif job == _SET:
            self.notify("written; it counts from the next start on")
            for remark in answer:
                self.notify(shown(remark, limit=400), severity="warning", markup=False, timeout=30)
        elif job == _UNPIN:
            self.action_refresh()

    def on_progressed(self, message: Progressed) -> None:
        """How far the new index is."""
        progress = message.progress
        self.query_one("#node", Words).update(f"{progress.what}: {progress.done:,} of {progress.total:,}")

    @on(Listing.Chosen, "#settings")
    def setting_chosen(self) -> None:
        """Enter changes the setting, as its key does."""
        self.action_set()

    @on(Listing.Chosen, "#pins")
    def pin_chosen(self, event: Listing.Chosen) -> None:
        """Enter shows the repository that is pinned."""
        self.post_message(Opened(genesis=event.listing.item.genesis))

    def action_set(self) -> None:
        """Asks for the marked setting's value."""
        item = self.query_one("#settings", Listing).item
        if not isinstance(item, SettingLine) or self.query_one("#tabs", TabbedContent).active != "tab-settings":
            self.notify("mark a setting first", severity="warning")
            return
        machine, key = self.services.machine, item.key

        def typed(text: str | None) -> None:
            if text is not None:
                self.work(_SET, lambda: machine.set_setting(key, text))

        label = "Empty takes it out of the file"
        check = self.services.check
        dialog = OneLine(
            f"Setting {key}", label, Kind.SETTING, lambda kind, text: check(kind, f"{key}={text}"), value=item.value,
            needed=False,
        )  # fmt: skip
        self.app.push_screen(dialog, typed)

    def action_doctor(self) -> None:
        """Asks the node about itself."""
        self.query_one("#tabs", TabbedContent).active = "tab-node"
        self.query_one("#node", Words).update("asking…")
        self.work(_DOCTOR, self.services.chain.doctor)

    def action_backup(self) -> None:
        """The form for a backup."""
        self.open(BackupForm(self.services))

    def action_password(self) -> None:
        """The form for another password."""
        self.open(NewPasswordForm(self.services))

    def action_messages(self) -> None:
        """Signed texts."""
        self.open(MessagesScreen(self.services))

    def action_psbt(self) -> None:
        """PSBTs of cold keys, and of others."""
        self.open(ColdScreen(self.services))

    def action_reindex(self) -> None:
        """Reads the chain again, after a yes."""
        chain, told, stop = self.services.chain, self.told(_REINDEX), self._stop

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if yes:
                self.query_one("#tabs", TabbedContent).active = "tab-node"
                stop.clear()
                self.query_one("#node", Words).update("reading the chain again; f4 ends it early")
                self.work(_REINDEX, lambda: chain.reindex(told, stop.is_set))

        self.app.push_screen(
            YesNo("Read the chain again?", "The index is forgotten first. Coins and keys are not touched."), answered
        )

    def cancel(self) -> None:
        """Ends reading the chain anew; the next sync goes on there."""
        self._stop.set()

    def on_unmount(self) -> None:
        """Nothing goes on behind a lock."""
        self._stop.set()

    def action_unpin(self) -> None:
        """Forgets the marked pin, after a yes."""
        pin = self.query_one("#pins", Listing).item
        if not isinstance(pin, PinView) or self.query_one("#tabs", TabbedContent).active != "tab-pins":
            self.notify("mark a pin under Pins first", severity="warning")
            return
        images, name = self.services.images, pin.name

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if yes:
                self.work(_UNPIN, lambda: images.unpin(pin))

        body = f"{shown(name)}\ngenesis {pin.genesis}\nNothing vouches for this name afterwards."
        self.app.push_screen(YesNo("Forget this pin?", body), answered)


def doctor_content(view: DoctorView) -> Content:
    """Every check with its word, and what to do."""
    parts: list[Content] = [Content.styled(f"{shown(view.node)} on {view.network}", "bold")]
    for check in view.checks:
        parts.append(Content.assemble(word(check.level), f" {check.name}: {shown(check.found, limit=400)}"))
        if check.advice:
            parts.append(Content.styled(f"    {shown(check.advice, limit=400)}", "$text-muted"))
    return Content("\n").join(parts)


def _setting(one: SettingLine) -> Line:
    return Line(one.key, (one.key, shown(one.value) or "-", one.origin))


def _pin(one: PinView) -> Line:
    owners = ", ".join(shown(address) for address in one.owner_addresses)
    return Line(one.name, (shown(one.name), one.genesis, owners), tone_of(""), 0)
