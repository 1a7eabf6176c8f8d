"""Leaving a draft for a key that lies elsewhere: as a file, or as text to carry over."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Footer, TextArea

from tui.app.commands import bindings
from tui.app.kinds import Kind
from tui.app.messages import Refused
from tui.app.services import Services
from tui.app.text import moment, short, shown
from tui.app.widgets.field import Field
from tui.app.widgets.words import Words
from tui.app.widgets.work import Working
from tui.verbs.prepared import Prepared
from tui.verbs.review import LeftPsbt

_LEAVE = "leave"


class LeaveForCold(Working[LeftPsbt | None]):
    """Where the PSBT goes. Its result is what was left, or None where nothing was."""

    keys = "leaving"
    BINDINGS = bindings(keys)

    def __init__(self, services: Services, prepared: Prepared[Any]) -> None:
        super().__init__()
        self.services = services
        self.prepared = prepared
        self.left: LeftPsbt | None = None
        self.busy = False

    def compose(self) -> ComposeResult:
        """What it means, the file, the text."""
        with Vertical(classes="dialog"):
            yield Words("Leave it for a cold key", classes="heading")
            yield Words(
                "Nothing is signed here. The transaction is written down as a PSBT, and its coins are kept for it for a"
                " week. Sign it where the keys are, and bring it back: Settings, then g.",
                classes="dim",
                id="about",
            )
            yield Field(
                "New file; empty shows it as text", Kind.FILE, self.services.check, id="file",
                placeholder="/media/usb/release.psbt",
            )  # fmt: skip
            yield TextArea(read_only=True, id="text", soft_wrap=True)
            yield Words("", id="said")
            with Horizontal(classes="buttons"):
                yield Button("Back", id="back")
                yield Button("Copy", id="copy")
                yield Button("Leave it", variant="primary", id="go")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The text comes later."""
        self.query_one("#text").display = False
        self.query_one("#copy").display = False
        self.query_one("#file", Field).focus_input()

    @on(Field.Submitted)
    @on(Button.Pressed, "#go")
    def wanted(self) -> None:
        """Enter, or the button: leaves it, and then closes."""
        field = self.query_one("#file", Field)
        if self.left is not None:
            self.dismiss(self.left)
        elif not self.busy and field.is_good():
            self.busy = True
            drafts, prepared, file = self.services.drafts, self.prepared, field.value.strip()
            self.work(_LEAVE, lambda: drafts.leave(prepared, file))

    @on(Button.Pressed, "#back")
    def back(self) -> None:
        """The button."""
        self.action_leave()

    @on(Button.Pressed, "#copy")
    def copy(self) -> None:
        """The button."""
        self.action_copy()

    def action_leave(self) -> None:
        """Closes; what was left stays left."""
        if not self.busy:
            self.dismiss(self.left)

    def action_copy(self) -> None:
        """The text, for terminals that let programs write to the clipboard."""
        if self.left is not None:
            self.app.copy_to_clipboard(self.left.psbt)
            self.notify("copied")

    def answered(self, job: str, answer: Any) -> None:
        """It is left: where, and until when."""
        self.busy = False
        if not isinstance(answer, LeftPsbt):
            return
        self.left = answer
        until = f"{short(answer.txid)}: its coins are kept for it until {moment(answer.expiry)} UTC"
        where = f"written to {shown(answer.file, limit=400)}\n" if answer.file else ""
        self.query_one("#about", Words).update(f"{where}{until}")
        self.query_one("#file").display = False
        self.query_one("#back").display = False
        for note in answer.notes:
            self.notify(shown(note, limit=400), severity="warning", markup=False, timeout=15)
        area = self.query_one("#text", TextArea)
        area.text = answer.psbt
        area.display = not answer.file
        self.query_one("#copy").display = not answer.file
        button = self.query_one("#go", Button)
        button.label = "Done"
        button.refresh(layout=True)
        button.focus()

    def refused(self, refusal: Refused) -> None:
        """Says why nothing was left."""
        self.busy = False
        self.query_one("#said", Words).update(f"✗ {refusal.text}")
