"""What forms have in common that end in something else than a draft: fields, a button, a sentence beside it."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, TextArea

from tui.app.commands import bindings
from tui.app.messages import Refused
from tui.app.screens.page import Page
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.words import Words


class ToolForm(Page):
    """A form. Subclasses give `fields`, and `done` does what the form is for."""

    keys = "tool"
    BINDINGS = bindings(keys)
    heading = ""
    explanation = ""
    button = "Go on"

    def body(self) -> ComposeResult:
        """Heading, fields, button."""
        with VerticalScroll(classes="form"):
            yield Words(self.heading, classes="heading")
            if self.explanation:
                yield Words(self.explanation, classes="dim")
            yield from self.fields()
            with Horizontal(classes="buttons"):
                yield Button(self.button, variant="primary", id="go")
                yield Words("", id="said")
            yield from self.below()

    def fields(self) -> ComposeResult:
        """The form's own fields."""
        yield from ()

    def below(self) -> ComposeResult:
        """What comes of it."""
        yield from ()

    def done(self) -> None:
        """Every field is good: does what the form is for."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Ready to type."""
        first = next(iter(self.query(Field)), None)
        if first is not None:
            first.focus_input()

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self.query_one(f"#{name}", Field).value.strip()

    @on(Field.Submitted)
    @on(Button.Pressed, "#go")
    def wanted(self) -> None:
        """Enter, or the button."""
        self.action_go()

    def action_go(self) -> None:
        """Goes on, where every field is good."""
        if all_good(field for field in self.query(Field) if field.display):
            self.done()

    def action_back(self) -> None:
        """Leaves the form."""
        self.dismiss(None)

    def refused(self, refusal: Refused) -> None:
        """Says why, beside the button too."""
        super().refused(refusal)
        self.say(f"✗ {refusal.text}")

    def say(self, text: str) -> None:
        """A sentence beside the button."""
        self.query_one("#said", Words).update(text)


class Lines(TextArea):
    """Several lines of text. Tab leaves it, as it leaves every field."""

    def __init__(self, text: str = "", *, id: str, read_only: bool = False) -> None:  # noqa: A002 - Textual's word
        super().__init__(text, id=id, read_only=read_only, soft_wrap=True, tab_behavior="focus", compact=True)
