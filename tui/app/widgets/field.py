"""A field of a form: a label, an input, and what is wrong with it while it is typed."""

from collections.abc import Callable, Iterable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from tui.app.kinds import Kind
from tui.app.text import shown, told
from tui.app.widgets.words import Words
from wallet.errors import WalletError

Check = Callable[[Kind, str], str]
"""A note on a good text; raises WalletError on another."""


class Field(Vertical):
    """One text of a form. It is checked at each key; an empty one only matters where it is `needed`."""

    class Changed(Message):
        """Another text stands in the field."""

        def __init__(self, field: "Field") -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> "Field":
            """The field."""
            return self.field

    class Submitted(Changed):
        """Enter was pressed in the field."""

    def __init__(
        self,
        label: str,
        kind: Kind,
        check: Check,
        *,
        id: str,  # noqa: A002 - Textual's word
        value: str = "",
        placeholder: str = "",
        needed: bool = False,
        hidden: bool = False,
        suggester: Suggester | None = None,
    ) -> None:
        super().__init__(id=id, classes="field")
        self.label = label
        self.kind = kind
        self.needed = needed
        self._check = check
        self._input = Input(value, placeholder=placeholder, password=hidden, suggester=suggester, select_on_focus=False)
        self._note = Words("", classes="field-note")
        self.error = ""

    def compose(self) -> ComposeResult:
        """Label, input and note."""
        yield Words(self._labelled(), classes="field-label")
        yield self._input
        yield self._note

    def on_mount(self) -> None:
        """A text that is there from the start is checked, too."""
        self._note.display = False
        if self._input.value:
            self._judge()

    @property
    def value(self) -> str:
        """What stands in the field."""
        return self._input.value

    @value.setter
    def value(self, text: str) -> None:
        self._input.value = text

    @property
    def note(self) -> str:
        """What is said below the input."""
        return self._note.plain

    def focus_input(self) -> None:
        """Puts the cursor into the input."""
        self._input.focus()

    def relabel(self, label: str) -> None:
        """Names the field anew, and judges its text by its present kind."""
        self.label = label
        self.query_one(".field-label", Words).update(self._labelled())
        self._judge()

    def is_good(self) -> bool:
        """Whether the form may be sent on; says what is missing where it may not."""
        if self.needed and not self._input.value.strip():
            self._say("this is needed", bad=True)
            return False
        return not self.error

    def complain(self, text: str) -> None:
        """Says what is wrong, found out elsewhere."""
        self._say(text, bad=True)

    def forget(self) -> None:
        """Takes the text out, for secrets."""
        self._input.value = ""
        self._say("", bad=False)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._judge()
        self.post_message(self.Changed(self))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(self))

    def _labelled(self) -> str:
        return f"{self.label} *" if self.needed else self.label

    def _judge(self) -> None:
        text = self._input.value
        if not text.strip():
            self._say("", bad=False)
            return
        try:
            self._say(shown(self._check(self.kind, text)), bad=False)
        except WalletError as error:
            self._say(told(error), bad=True)

    def _say(self, text: str, *, bad: bool) -> None:
        self.error = text if bad else ""
        self.set_class(bad, "-wrong")
        self._note.update(f"✗ {text}" if bad else text)
        self._note.display = bool(text)


def all_good(fields: Iterable[Field]) -> bool:
    """Whether every field may be sent on; the first that may not gets the cursor."""
    wrong = [field for field in fields if not field.is_good()]
    if wrong:
        wrong[0].focus_input()
    return not wrong
