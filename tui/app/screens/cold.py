"""PSBTs: what waits for a cold key, signing what others bring, and sending what came back."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, TabbedContent, TabPane

from tui.app.commands import bindings
from tui.app.dialogs.asking import OneLine, YesNo
from tui.app.dialogs.with_keys import WithKeys
from tui.app.kinds import Kind
from tui.app.messages import Refused, ReviewWanted
from tui.app.screens.form import Entry
from tui.app.screens.page import LOAD, READING, Page
from tui.app.screens.tool import Lines
from tui.app.text import count, moment, short, shown
from tui.app.widgets.draft import draft_content
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.listing import Column, Line, Listing
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Words
from tui.verbs.files import whole_path
from tui.verbs.prepared import Prepared
from tui.verbs.review import KeysFirst
from tui.verbs.wallet.requests import GivenPsbt, SendSigned
from tui.verbs.wallet.views import LookedAt, SignedPsbt, WaitingDraft
from wallet.hashes import parse_txid

_LOOK = "look"
_WRITE = "write"
_SEND = "draft"
_DISCARD = "discard"


class ColdScreen(Page):
    """A PSBT in, by file or paste; the transaction as this wallet sees it; signed, or sent."""

    place = "settings"
    keys = "cold"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """The PSBT on one tab, what waits on the other."""
        with TabbedContent(id="tabs"):
            with TabPane("A PSBT", id="tab-psbt"), VerticalScroll(classes="form"):
                yield Entry(self.services, "Its file", Kind.FILE, "file", placeholder="/media/usb/release.psbt")
                yield Words("or its text, as it was copied", classes="field-label")
                yield Lines(id="text")
                yield Tick("a title, or most of the units that move, may leave this wallet", id="hand-over")
                yield Tick("what only a node could tell is accepted, where none answers", id="unjudged")
                yield Entry(
                    self.services, "Waiting transaction of yours whose place it takes", Kind.TXID, "replaces",
                    placeholder="empty: none",
                )  # fmt: skip
                with Horizontal(classes="buttons"):
                    yield Button("Look at it", variant="primary", id="look")
                    yield Button("Sign", id="sign", disabled=True)
                    yield Button("Send", id="send", disabled=True)
                    yield Button("Save", id="save", disabled=True)
                    yield Button("Copy", id="copy", disabled=True)
                yield Words("", id="said")
                yield Words("", id="draft")
            with TabPane("Waiting", id="tab-waiting"):
                yield Words(
                    "Drafts that wait for a cold key. x gives one up, and frees its coins.",
                    classes="dim",
                )
                yield Listing(
                    Column("what", 12), Column("transaction", 16), Column("held until (UTC)", 16), Column(""),
                    empty="none waits: the review of a draft leaves one by ctrl+l",
                    until=READING, id="waiting",
                )  # fmt: skip

    def on_mount(self) -> None:
        """Ready to type."""
        self.seen: LookedAt | None = None
        self.given = GivenPsbt()
        self.signed: SignedPsbt | None = None
        self.query_one("#file", Field).focus_input()

    def load(self) -> Callable[[], Any]:
        """What waits."""
        return self.services.keys.waiting

    @on(Field.Submitted)
    @on(Button.Pressed, "#look")
    def wanted(self) -> None:
        """Enter, or the button."""
        self.action_look()

    @on(Field.Changed)
    @on(Lines.Changed)
    @on(Checkbox.Changed)
    def changed(self) -> None:
        """What was looked at is not what stands there now."""
        if self.seen is not None:
            self._forget()

    def action_look(self) -> None:
        """Shows what the PSBT would do."""
        field, instead = self.query_one("#file", Field), self.query_one("#replaces", Field)
        if not all_good((field, instead)):
            return
        self._forget()
        keys = self.services.keys
        named = instead.value.strip().lower()
        given = self.given = GivenPsbt(
            file=whole_path(field.value) if field.value.strip() else None,
            text=self.query_one("#text", Lines).text.strip(),
            hand_over=self.query_one("#hand-over", Checkbox).value,
            replaces=parse_txid(named) if named else None,
            unjudged=self.query_one("#unjudged", Checkbox).value,
        )
        self._say("looking…")
        self.work(_LOOK, lambda: keys.look(given))

    @on(Button.Pressed, "#sign")
    def sign(self) -> None:
        """Asks for the password, about the transaction that is shown."""
        seen, given, keys = self.seen, self.given, self.services.keys
        if seen is None:
            return
        body = draft_content((seen.draft,))
        dialog = WithKeys(
            self.services,
            "Sign this transaction?" if seen.checked else "Sign it without that check?",
            body,
            yes="Sign",
            call=lambda password: keys.sign_psbt(given, seen, password),
        )
        self.app.push_screen(dialog, self._signed)

    @on(Button.Pressed, "#send")
    def send(self) -> None:
        """Makes a draft of what came back: its review sends it."""
        drafts, psbt = self.services.drafts, self._psbt
        if psbt:
            request = SendSigned(given=GivenPsbt(text=psbt))
            if self.seen is not None and self.seen.finished:
                named = GivenPsbt(text=psbt, hand_over=self.given.hand_over, replaces=self.given.replaces)
                request = SendSigned(given=named)
            self.work(_SEND, lambda: drafts.draft(request))

    @on(Button.Pressed, "#save")
    def save(self) -> None:
        """Into a new file."""
        keys, psbt = self.services.keys, self._psbt

        def named(file: str | None) -> None:
            if file:
                self.work(_WRITE, lambda: keys.write_psbt(psbt, file))

        check = self.services.check
        self.app.push_screen(OneLine("Where to", "New file for the signed PSBT", Kind.FILE, check), named)

    @on(Button.Pressed, "#copy")
    def copy(self) -> None:
        """The button."""
        self.action_copy()

    def action_copy(self) -> None:
        """The PSBT, for terminals that let programs write to the clipboard."""
        if not self._psbt:
            self.warn("look at a PSBT first: there is none yet")
        else:
            self.app.copy_to_clipboard(self._psbt)
            self.notify("copied")

    def action_discard(self) -> None:
        """Gives the marked draft up, after a yes."""
        one, keys = self.query_one("#waiting", Listing).item, self.services.keys
        if not isinstance(one, WaitingDraft) or self.query_one("#tabs", TabbedContent).active != "tab-waiting":
            self.notify("mark a draft under Waiting first", severity="warning")
            return

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if yes:
                self.work(_DISCARD, lambda: keys.discard(one.txid))

        body = (
            f"{shown(one.kind)} {short(one.txid)}\n{shown(one.summary, limit=400)}\n"
            "Its coins are free again. Whoever has it signed can still send it until one of them is spent."
        )
        self.app.push_screen(YesNo("Give this draft up?", body, yes="Give it up", no="Leave"), answered)

    def action_back(self) -> None:
        """Back to the settings."""
        self.dismiss(None)

    def answered(self, job: str, answer: Any) -> None:
        """Shows what came."""
        super().answered(job, answer)
        if job == LOAD:
            self.query_one("#waiting", Listing).show(answer, _waiting)
        elif isinstance(answer, LookedAt):
            self._show(answer)
        elif isinstance(answer, Prepared | KeysFirst):
            self.post_message(ReviewWanted(answer))
        elif job == _WRITE:
            self._say(f"written to {shown(answer, limit=400)}")
        elif job == _DISCARD:
            self.notify("given up; its coins are free again")
            self.action_refresh()

    def refused(self, refusal: Refused) -> None:
        """Says why, where it is looked for."""
        super().refused(refusal)
        self._say(f"✗ {refusal.text}")

    @property
    def _psbt(self) -> str:
        """The signed one, or the one that was looked at."""
        if self.signed is not None:
            return self.signed.psbt
        return "" if self.seen is None else self.seen.psbt

    def _show(self, view: LookedAt) -> None:
        self.seen, self.signed = view, None
        whose = "a draft of this wallet, which came back" if view.ours else "somebody's transaction"
        signs = f"this wallet signs {count(len(view.signs), 'input')} of {len(view.draft.inputs)}"
        self._say(
            "a finished transaction: nothing is left to sign; Send shows it once more"
            if view.finished
            else f"{whose}; {signs}"
        )
        self.query_one("#draft", Words).update(draft_content((view.draft,)))
        self._enable()

    def _signed(self, answer: Any) -> None:
        if isinstance(answer, SignedPsbt):
            self.signed = answer
            rest = "" if answer.complete else "; others still have to sign"
            self._say(f"signed{rest}: save it, or copy it by ctrl+y, and carry it back")
            self._enable()

    def _enable(self) -> None:
        seen = self.seen
        self.query_one("#sign", Button).disabled = seen is None or seen.finished or self.signed is not None
        self.query_one("#send", Button).disabled = seen is None or not (seen.ours or seen.finished)
        for name in ("#save", "#copy"):
            self.query_one(name, Button).disabled = self.signed is None

    def _forget(self) -> None:
        self.seen = self.signed = None
        if self.is_mounted:
            self.query_one("#draft", Words).update(Content(""))
            self._say("")
            self._enable()

    def _say(self, text: str) -> None:
        self.query_one("#said", Words).update(text)


def _waiting(one: WaitingDraft) -> Line:
    return Line(one.txid, (shown(one.kind), short(one.txid), moment(one.expiry), shown(one.summary, limit=400)))
