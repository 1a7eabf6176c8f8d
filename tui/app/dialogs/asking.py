"""Small questions: yes or no, one line of text, a list to choose from."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Footer

from tui.app.commands import dialog_bindings
from tui.app.kinds import Kind
from tui.app.widgets.field import Check, Field
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.words import Words


class YesNo(ModalScreen[bool]):
    """A question with what there is to know before answering it."""

    BINDINGS = dialog_bindings()

    def __init__(self, heading: str, body: str | Content, *, yes: str = "Yes", no: str = "No") -> None:
        super().__init__()
        self._heading = heading
        self._body = body
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """Heading, body, two buttons; the harmless one has the focus."""
        with Vertical(classes="dialog"):
            yield Words(self._heading, classes="heading")
            with VerticalScroll(classes="dialog-body"):
                yield Words(self._body)
            with Horizontal(classes="buttons"):
                yield Button(self._no, id="no")
                yield Button(self._yes, variant="primary", id="yes")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """A stray Enter does nothing."""
        self.query_one("#no", Button).focus()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """The answer."""
        self.dismiss(event.button.id == "yes")

    def action_leave(self) -> None:
        """No."""
        self.dismiss(result=False)


class OneLine(ModalScreen[str | None]):
    """One line of text; None where a person thought better of it."""

    BINDINGS = dialog_bindings()

    def __init__(
        self, heading: str, label: str, kind: Kind, check: Check, *, value: str = "", needed: bool = True
    ) -> None:
        super().__init__()
        self._heading = heading
        self._field = Field(label, kind, check, id="line", value=value, needed=needed)

    def compose(self) -> ComposeResult:
        """Heading, field, buttons."""
        with Vertical(classes="dialog"):
            yield Words(self._heading, classes="heading")
            yield self._field
            with Horizontal(classes="buttons"):
                yield Button("Leave", id="leave")
                yield Button("Go on", variant="primary", id="go")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Ready to type."""
        self._field.focus_input()

    @on(Field.Submitted)
    def submitted(self) -> None:
        """Enter is Go on."""
        self._done()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Leave, or go on with a text that is good."""
        if event.button.id == "go":
            self._done()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss(None)

    def _done(self) -> None:
        if self._field.is_good():
            self.dismiss(self._field.value.strip())


class Choice(ModalScreen[str | None]):
    """One of several lines, by its key."""

    BINDINGS = dialog_bindings()

    def __init__(self, heading: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._heading = heading
        self._choices = tuple(choices)

    def compose(self) -> ComposeResult:
        """Heading and list."""
        with Vertical(classes="dialog"):
            yield Words(self._heading, classes="heading")
            yield Listing(Column(""), id="choices")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Shows the choices."""
        listing = self.query_one(Listing)
        listing.show(self._choices, lambda pair: Line(pair[0], (pair[1],)))
        listing.focus()

    @on(Listing.Chosen)
    def chosen(self, event: Listing.Chosen) -> None:
        """The answer."""
        self.dismiss(event.key)

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss(None)
