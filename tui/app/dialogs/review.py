"""The last look before anything is signed: what would happen, and the password.

Only here, in `with_keys`, at first run and at unlocking is the password asked for. A draft that no longer holds is
refused; a new one takes its place and has to be looked at and agreed to anew.
"""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, Footer, Input

from assets.services.read_models.wallet_views import SentView
from tui.app.commands import bindings
from tui.app.dialogs.leaving import LeaveForCold
from tui.app.messages import Answered, Refused, Spent, Trouble
from tui.app.remedies import words
from tui.app.services import Services
from tui.app.text import count, short, shown, told
from tui.app.widgets.draft import review_content
from tui.app.widgets.words import Words
from tui.app.widgets.work import Working
from tui.verbs.deeds import Offered
from tui.verbs.prepared import Prepared
from tui.verbs.review import KeysFirst, LeftPsbt, Outcome

SEND = "send"
REDRAFT = "redraft"
OPEN = "open"


class ReviewDialog(Working[Outcome[Any] | None]):
    """A draft and a yes. Its result is what was sent, or None."""

    keys = "review"
    BINDINGS = bindings(keys)

    def __init__(self, services: Services, offered: Prepared[Any] | KeysFirst) -> None:
        super().__init__()
        self.services = services
        self.offered = offered
        self.busy = False
        self.sent: list[SentView] = []
        self._outcome: Outcome[Any] | None = None

    def compose(self) -> ComposeResult:
        """The draft, the password, the answer."""
        with Vertical(classes="dialog wide"):
            yield Words(self._heading(), id="heading", classes="heading")
            with VerticalScroll(classes="dialog-body", id="draft-scroll"):
                yield Words(review_content(self.offered), id="draft")
            yield Checkbox("Do it a second time", id="twice")
            yield Words("", id="said")
            with Horizontal(classes="buttons"):
                yield Input(password=True, placeholder=f"password of {self.services.choice.name}", id="password")
                yield Button("Leave", id="leave")
                yield Button("Cold key", id="cold")
                yield Button(Content(shown(self.offered.review.deed)), variant="primary", id="sign")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Nothing is signed by a stray key: the password is typed first."""
        self._enable()

    @on(Input.Submitted, "#password")
    def submitted(self, event: Input.Submitted) -> None:
        """Enter after the password signs."""
        event.stop()
        self._sign()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """One of the two answers."""
        if event.button.id == "sign":
            self._sign()
        elif event.button.id == "cold":
            self.action_leave_for_cold()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Nothing more is signed. While signing is under way there is no leaving."""
        if self.busy:
            self._say("signing: wait for it to end")
            return
        self.forget()
        self.dismiss(Outcome(result=None, sent=tuple(self.sent)) if self.sent else None)

    def action_leave_for_cold(self) -> None:
        """Leaves the draft for a key that lies elsewhere, where it may be left."""
        if self.busy:
            return
        if isinstance(self.offered, KeysFirst) or not self.offered.review.may_wait:
            self._say("this one cannot be left for a cold key", bad=True)
            return
        self.forget()

        def ended(left: LeftPsbt | None) -> None:
            if left is not None:
                self.dismiss(Outcome(result=None, sent=tuple(self.sent)))

        self.app.push_screen(LeaveForCold(self.services, self.offered), ended)

    def action_rebuild(self) -> None:
        """Makes the draft anew, from what was asked."""
        if not self.busy:
            self._rebuild()

    def action_read(self, direction: int) -> None:
        """Reads on in a draft that is longer than the window."""
        self.query_one("#draft-scroll").scroll_relative(y=direction * 5, animate=False)

    def forget(self) -> None:
        """Takes the password out of the field."""
        self.query_one("#password", Input).value = ""

    def answered(self, job: str, answer: Any) -> None:
        """Sent, or made anew."""
        if isinstance(answer, SentView):
            self.sent.append(answer)
            self._say(f"sent {shown(answer.kind)} {short(answer.txid)}")
        elif isinstance(answer, Outcome):
            self._tell(answer)
            self._outcome = answer
            self.on_screen_resume()
        elif isinstance(answer, Prepared | KeysFirst):
            self.busy = False
            self.offered = answer
            self.query_one("#twice", Checkbox).value = False
            self.query_one("#heading", Words).update(self._heading())
            self.query_one("#draft", Words).update(review_content(answer))
            button = self.query_one("#sign", Button)
            button.label = Content(shown(answer.review.deed))
            button.refresh(layout=True)
            if job == OPEN:
                self._say("this is what would be signed: look at it, and give the password once more")
            self._enable()
        elif job == REDRAFT:
            self.busy = False
            self._enable()
            self._say("it cannot be made anew as it was asked: leave it, and ask again", bad=True)
            self.query_one("#sign", Button).disabled = True

    def on_screen_resume(self) -> None:
        """What was sent ends this dialog, once nothing lies over it any more; nothing is signed twice meanwhile."""
        if self._outcome is not None and self.app.screen is self:
            outcome, self._outcome = self._outcome, None
            self.dismiss(outcome)

    def refused(self, refusal: Refused) -> None:
        """Says why. What rests on an older state of the world is made anew and shown again."""
        self.busy = False
        self.forget()
        self._enable()
        if refusal.job == REDRAFT:
            self._say(f"it cannot be made anew: {refusal.text}", bad=True)
            self.query_one("#sign", Button).disabled = True
        elif refusal.trouble is Trouble.SIGNED:
            self.post_message(Spent())
            self._say(refusal.text, bad=True)
            self.query_one("#sign", Button).disabled = True
        elif refusal.trouble is Trouble.STALE:
            self._rebuild(f"not signed: {refusal.text}. This is a new draft: look at it again.")
        elif refusal.job == SEND and refusal.trouble in (Trouble.BUG, Trouble.NODE):
            self.post_message(Spent())
            self._say(f"{refusal.text}. Transactions says what was signed, and what was sent.", bad=True)
        else:
            self._say(refusal.text, bad=True)

    def _sign(self) -> None:
        field = self.query_one("#password", Input)
        password = field.value
        if self.busy or self.query_one("#sign", Button).disabled:
            return
        if not password and not self.offered.review.signed:
            self._say("the password is needed to sign", bad=True)
            field.focus()
            return
        if self.offered.review.twice and not self.query_one("#twice", Checkbox).value:
            self._say("the same is signed already: say first that it is to be done a second time", bad=True)
            self.query_one("#twice", Checkbox).focus()
            return
        self.busy = True
        self.forget()
        self._enable()
        if isinstance(self.offered, KeysFirst):
            self._say("asking the keys…")
            self.work(OPEN, _opening(self.services, self.offered, password))
            return
        self._say("signing…")
        self.work(SEND, _sending(self, self.services, self.offered, password), signs=True)

    def _rebuild(self, why: str = "made anew: look at it again") -> None:
        self.busy = True
        self._enable()
        self._say(why, bad=True)
        drafts = self.services.drafts
        request: Any = self.offered.request
        self.work(REDRAFT, lambda: drafts.draft(request))

    def _enable(self) -> None:
        for name in ("#sign", "#password", "#cold"):
            self.query_one(name).disabled = self.busy
        self.query_one("#twice").display = bool(self.offered.review.twice)
        self.query_one("#password").display = not self.offered.review.signed
        self.query_one("#cold").display = self.offered.review.may_wait
        if not self.busy:
            self.query_one("#leave" if self.offered.review.signed else "#password").focus()

    def _tell(self, outcome: Outcome[Any]) -> None:
        sent = ", ".join(f"{shown(one.kind)} {short(one.txid)}" for one in outcome.sent)
        said = [f"sent: {sent}"] if sent else []
        self.notify("; ".join([*said, *_signed(outcome)]) or "nothing was sent", markup=False)
        for note in (*outcome.notes, *outcome.to_do):
            self.notify(shown(note, limit=400), markup=False, timeout=15)
        if outcome.failure is not None:
            self.notify(told(outcome.failure), severity="error", markup=False, timeout=30)

    def _say(self, text: str, *, bad: bool = False) -> None:
        self.query_one("#said", Words).update(Content.styled(f"! {text}", "$text-warning") if bad else Content(text))

    def _heading(self) -> str:
        review = self.offered.review
        if review.heading and not review.drafts:
            return shown(review.heading)
        what = count(len(review.drafts), "transaction")
        fee = sum(draft.fee for draft in review.drafts)
        return f"Review: {what}, {fee:,} sat of fees in all"


def _opening(services: Services, asked: KeysFirst, password: str) -> Callable[[], Offered]:
    """The call that a password goes into before anything can be shown. Nothing is signed by it."""
    return lambda: services.drafts.opened(asked, password)


def _signed(outcome: Outcome[Any]) -> tuple[str, ...]:
    """The documents that were signed, in words; empty where there are none."""
    papers = ", ".join(count(len(one.ids), shown(one.kind)) for one in outcome.papers)
    return (f"signed: {papers}",) if papers else ()


def _sending(
    dialog: ReviewDialog, services: Services, prepared: Prepared[Any], password: str
) -> Callable[[], Outcome[Any]]:
    """The one call that a password goes into."""

    underway = dialog.underway

    def went_out(view: SentView) -> None:
        underway.sent(view)
        dialog.post_message(Answered(SEND, view))

    def send() -> Outcome[Any]:
        outcome = services.drafts.send(prepared, password, went_out)
        failed = () if outcome.failure is None else (told(outcome.failure),)
        underway.said(*_signed(outcome), *map(words, (*outcome.notes, *outcome.to_do)), *failed)
        return outcome

    return send
