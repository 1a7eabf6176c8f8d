"""The issue wizard: name, then what is issued, then what is said about it."""

from dataclasses import replace
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Checkbox, ContentSwitcher

from tui.app.dialogs.asking import YesNo
from tui.app.kinds import Kind
from tui.app.screens.form import DraftForm, Entry
from tui.app.text import shown
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Words
from tui.verbs.image.fields import bare_name, title_value_of, units_of
from tui.verbs.image.issue import RivalHeld
from tui.verbs.image.requests import Issue

_STEPS = ("step-name", "step-units", "step-words")
_LINKS = ("source", "terms", "gate", "magnet")


class IssueForm(DraftForm):
    """Issues the asset of a repository."""

    place = "repositories"

    def body(self) -> ComposeResult:
        """Three steps, one at a time."""
        yield Words("", id="heading", classes="heading")
        with ContentSwitcher(initial=_STEPS[0], id="steps"):
            with VerticalScroll(id=_STEPS[0], classes="form"):
                yield Entry(
                    self.services,
                    "Repository, as images are pulled",
                    Kind.NAME,
                    "name",
                    placeholder="registry.example/acme/app",
                    needed=True,
                )
                yield Words(
                    "Two transactions: the first sets a coin apart, the second is the genesis. Its title is yours: "
                    "whoever holds it owns the repository.",
                    classes="dim",
                )
                yield Tick("publish the definition in the registry (tag dockchains)", value=True, id="publish")
            with VerticalScroll(id=_STEPS[1], classes="form"):
                yield Entry(self.services, "Access units", Kind.UNITS, "units", value="1000000", needed=True)
                yield Entry(
                    self.services, "Sats in the title's coin; releases are paid from it", Kind.SATS, "title-sats",
                    value="10000", needed=True,
                )  # fmt: skip
                yield self.rate_field()
            with VerticalScroll(id=_STEPS[2], classes="form"):
                yield Entry(self.services, "Issuer, for people", Kind.TEXT, "issuer")
                yield Entry(self.services, "What the image is", Kind.TEXT, "description")
                yield Entry(self.services, "Source code (URL)", Kind.TEXT, "source")
                yield Entry(self.services, "Terms of use (sha256 digest)", Kind.DIGEST, "terms")
                yield Entry(self.services, "Gate of a closed image (origin)", Kind.ORIGIN, "gate")
                yield Entry(self.services, "Magnet link", Kind.MAGNET, "magnet")
        with Horizontal(classes="buttons"):
            yield Button("Back", id="step-back")
            yield Button("Next", variant="primary", id="step-next")
            yield Words("", id="said")

    def on_mount(self) -> None:
        """The first step."""
        self._at = 0
        self._show()

    def ask(self) -> Issue:
        """What the fields say."""
        return Issue(
            name=bare_name(self.value("name")),
            units=units_of(self.value("units")),
            title_value=title_value_of(self.value("title-sats")),
            issuer=self.value("issuer"),
            description=self.value("description"),
            links={name: self.value(name) for name in _LINKS if self.value(name)},
            publish=self.query_one("#publish", Checkbox).value,
            rate=self.rate(),
        )

    def answered(self, job: str, answer: Any) -> None:
        """The draft, or the question whether this one is issued beside one that somebody gave to this wallet."""
        super().answered(job, answer)
        if not isinstance(answer, RivalHeld):
            return
        self.say("")
        body = (
            f"{shown(answer.why, limit=400)}\n\nSomebody else issued that one: anybody can issue a repository of any"
            " name and give it to you. If you issue yours, the name alone means neither of them to this wallet: you"
            " open yours from the list, and commands need its --genesis."
        )

        def agreed(answered: object) -> None:
            if answered is True:
                self.make(replace(answer.request, rival=True))

        self.app.push_screen(YesNo("You hold another one of this name", body, yes="Issue mine"), agreed)

    @on(Button.Pressed, "#step-next")
    def forward(self) -> None:
        """The next step, or the draft after the last one."""
        self.action_draft()

    @on(Button.Pressed, "#step-back")
    def back(self) -> None:
        """The step before."""
        self.action_back()

    def action_draft(self) -> None:
        """The next step where this one is good; after the last, the draft."""
        step = self.query_one(f"#{_STEPS[self._at]}")
        if not all_good(step.query(Field)):
            return
        if self._at + 1 < len(_STEPS):
            self._at += 1
            self._show()
        else:
            super().action_draft()

    def action_back(self) -> None:
        """The step before, or out of the wizard."""
        if self._at:
            self._at -= 1
            self._show()
        else:
            super().action_back()

    def _show(self) -> None:
        self.query_one("#steps", ContentSwitcher).current = _STEPS[self._at]
        last = self._at + 1 == len(_STEPS)
        button = self.query_one("#step-next", Button)
        button.label = "Review" if last else "Next"
        button.refresh(layout=True)
        names = ("which repository", "what is issued", "what is said about it")
        heading = f"Issue, step {self._at + 1} of {len(_STEPS)}: {names[self._at]}"
        self.query_one("#heading", Words).update(heading)
        next(iter(self.query_one(f"#{_STEPS[self._at]}").query(Field))).focus_input()
