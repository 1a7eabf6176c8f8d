"""What forms that end in a draft have in common: fields, a button, and the way to the review."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button

from tui.app.commands import bindings
from tui.app.kinds import Kind
from tui.app.messages import Refused, ReviewWanted
from tui.app.screens.page import Page
from tui.app.services import Services
from tui.app.widgets.field import Check, Field, all_good
from tui.app.widgets.words import Words
from tui.verbs.deed_requests import DeedRequest
from tui.verbs.prepared import Prepared
from tui.verbs.review import KeysFirst, Outcome

DRAFT = "draft"


class DraftForm(Page):
    """A form. Subclasses give `fields`, and `ask` makes of them what the draft is made from."""

    keys = "form"
    BINDINGS = bindings(keys)
    heading = ""
    explanation = ""

    def body(self) -> ComposeResult:
        """Heading, fields, button."""
        with VerticalScroll(classes="form"):
            yield Words(self.heading, classes="heading")
            if self.explanation:
                yield Words(self.explanation, classes="dim")
            yield from self.fields()
            yield self.rate_field()
            with Horizontal(classes="buttons"):
                yield Button("Review", variant="primary", id="draft")
                yield Words("", id="said")

    def fields(self) -> ComposeResult:
        """The form's own fields."""
        yield from ()

    def ask(self) -> DeedRequest:
        """What the fields say."""
        raise NotImplementedError

    def rate_field(self) -> Field:
        """The fee rate, which every draft has."""
        return Field(
            "Fee rate in sat/vB", Kind.RATE, self.services.check, id="rate", placeholder="empty: the node's estimate"
        )

    def on_mount(self) -> None:
        """Ready to type."""
        self.begin()

    def begin(self) -> None:
        """Puts the cursor where the form begins."""
        first = next(iter(self.query(Field)), None)
        if first is not None:
            first.focus_input()

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self.query_one(f"#{name}", Field).value.strip()

    def rate(self) -> str | None:
        """The fee rate that was typed; None for the one that is set, or the node's estimate."""
        return self.value("rate") or None

    @on(Field.Submitted)
    @on(Button.Pressed, "#draft")
    def wanted(self) -> None:
        """Enter, or the button."""
        self.action_draft()

    def action_draft(self) -> None:
        """Makes the draft, where every field is good."""
        if not all_good(self.query(Field)):
            self.say("✗ a field is not right yet")
            return
        self.make(self.ask())

    def make(self, ask: DeedRequest) -> None:
        """Asks for the draft."""
        drafts = self.services.drafts
        self.say("making the transaction…")
        self.work(DRAFT, lambda: drafts.draft(ask))

    def action_back(self) -> None:
        """Leaves the form."""
        self.dismiss(None)

    def answered(self, job: str, answer: Any) -> None:
        """The draft is made: on to the review."""
        super().answered(job, answer)
        if isinstance(answer, Prepared | KeysFirst):
            self.say("")
            self.post_message(ReviewWanted(answer))

    def refused(self, refusal: Refused) -> None:
        """Says why beside the button, too."""
        super().refused(refusal)
        if refusal.job == DRAFT:
            self.say(f"✗ no transaction was made: {refusal.text}")

    def say(self, text: str) -> None:
        """A sentence beside the button."""
        self.query_one("#said", Words).update(text)

    def ended(self, outcome: Outcome[Any]) -> None:
        """The review ended with something sent or signed."""
        self.sent()

    def sent(self) -> None:
        """The form has done its work."""
        self.dismiss(None)


class Entry(Field):
    """A field that is made from a form's services."""

    def __init__(
        self, services: Services, label: str, kind: Kind, name: str, *, check: Check | None = None, **options: Any
    ) -> None:
        super().__init__(label, kind, check or services.check, id=name, **options)
