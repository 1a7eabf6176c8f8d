"""The last look before keys do anything else than sign a transaction: what would happen, and the password."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Input

from tui.app.commands import bindings
from tui.app.dialogs.review import SEND
from tui.app.messages import Refused
from tui.app.services import Services
from tui.app.widgets.words import Words
from tui.app.widgets.work import Working


class WithKeys(Working[Any]):
    """Shows what the keys are needed for, and asks for the password. Its result is what `call` answers, or None."""

    keys = "keys"
    BINDINGS = bindings(keys)

    def __init__(
        self, services: Services, heading: str, body: str | Content, *, yes: str, call: Callable[[str], object]
    ) -> None:
        super().__init__()
        self.services = services
        self.busy = False
        self._heading = heading
        self._body = body
        self._yes = yes
        self._call = call
        self._answer: Any = None
        self._done = False

    def compose(self) -> ComposeResult:
        """What it is about, the password, the answer."""
        with Vertical(classes="dialog"):
            yield Words(self._heading, classes="heading")
            with VerticalScroll(classes="dialog-body"):
                yield Words(self._body, id="about")
            yield Words("", id="said")
            with Horizontal(classes="buttons"):
                yield Input(password=True, placeholder=f"password of {self.services.choice.name}", id="password")
                yield Button("Leave", id="leave")
                yield Button(self._yes, variant="primary", id="yes")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Nothing is done by a stray key: the password is typed first."""
        self.query_one("#password", Input).focus()

    @on(Input.Submitted, "#password")
    @on(Button.Pressed, "#yes")
    def wanted(self) -> None:
        """Enter after the password, or the button."""
        field = self.query_one("#password", Input)
        if self.busy:
            return
        password, field.value = field.value, ""
        if not password:
            self._say("the password is needed")
            field.focus()
            return
        self.busy = True
        self._say("working…")
        self.work(SEND, _calling(self._call, password), signs=True)

    @on(Button.Pressed, "#leave")
    def leave(self) -> None:
        """The button."""
        self.action_leave()

    def action_leave(self) -> None:
        """Nothing is done. While the keys work there is no leaving."""
        if self.busy:
            return
        self.query_one("#password", Input).value = ""
        self.dismiss(None)

    def action_read(self, direction: int) -> None:
        """Reads on in what is longer than the window."""
        self.query_one(".dialog-body").scroll_relative(y=direction * 5, animate=False)

    def answered(self, job: str, answer: Any) -> None:
        """Done; where something lies over this dialog, it ends once that is gone."""
        self.busy = False
        self._done = True
        self._answer = answer
        self.on_screen_resume()

    def on_screen_resume(self) -> None:
        """Whatever lay over this dialog is gone."""
        if self._done and self.app.screen is self:
            self._done = False
            self.dismiss(self._answer)

    def refused(self, refusal: Refused) -> None:
        """Says why."""
        self.busy = False
        self._say(f"✗ {refusal.text}")
        self.query_one("#password", Input).focus()

    def _say(self, text: str) -> None:
        self.query_one("#said", Words).update(text)


def _calling(call: Callable[[str], object], password: str) -> Callable[[], object]:
    """The one call that the password goes into."""
    return lambda: call(password)
