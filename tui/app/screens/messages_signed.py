"""Signed texts: signing one with an address of this wallet, and judging anybody's."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, TabbedContent, TabPane

from assets.services.read_models.wallet_views import MessageView
from tui.app.commands import bindings
from tui.app.dialogs.with_keys import WithKeys
from tui.app.kinds import Kind
from tui.app.messages import Refused
from tui.app.screens.form import Entry
from tui.app.screens.page import Page
from tui.app.screens.tool import Lines
from tui.app.text import shown
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.words import Words

_OWN = "own address"
_JUDGE = "judge"


class MessagesScreen(Page):
    """Two tabs: sign, and check."""

    place = "settings"
    keys = "messages"
    BINDINGS = bindings(keys)

    def body(self) -> ComposeResult:
        """What is signed on one tab, what is judged on the other."""
        check = self.services.check
        with TabbedContent(id="tabs"):
            with TabPane("Sign", id="tab-sign"), VerticalScroll(classes="form"):
                yield Words("It shows that you hold the address, and moves nothing.", classes="dim")
                yield Entry(self.services, "Address of this wallet", Kind.TEXT, "address", needed=True)
                yield Words("Text, signed exactly as it stands", classes="field-label")
                yield Lines(id="text")
                with Horizontal(classes="buttons"):
                    yield Button("Sign", variant="primary", id="sign")
                    yield Words("", id="said")
                yield Lines(id="signature", read_only=True)
            with TabPane("Check", id="tab-check"), VerticalScroll(classes="form"):
                yield Field("Address", Kind.TEXT, check, id="their-address", needed=True)
                yield Field("Signature", Kind.TEXT, check, id="their-signature", needed=True)
                yield Words("Text, exactly as it was signed", classes="field-label")
                yield Lines(id="their-text")
                with Horizontal(classes="buttons"):
                    yield Button("Check", variant="primary", id="check")
                yield Words("", id="verdict")

    def on_mount(self) -> None:
        """Ready to type."""
        self.signature = ""
        self.query_one("#signature").display = False
        self.query_one("#address", Field).focus_input()

    @on(Button.Pressed, "#sign")
    @on(Button.Pressed, "#check")
    def wanted(self) -> None:
        """The button of either tab."""
        self.action_go()

    def action_go(self) -> None:
        """Signs or checks, as the tab says."""
        if self.query_one("#tabs", TabbedContent).active == "tab-sign":
            self._sign()
        else:
            self._judge()

    def action_copy(self) -> None:
        """The signature, for terminals that let programs write to the clipboard."""
        if not self.signature:
            self.warn("sign a text first: there is no signature yet")
        else:
            self.app.copy_to_clipboard(self.signature)
            self.notify("copied")

    def action_back(self) -> None:
        """Back to the settings."""
        self.dismiss(None)

    def answered(self, job: str, answer: Any) -> None:
        """The address is ours: on to the password. Or somebody's signature was judged."""
        super().answered(job, answer)
        if job == _OWN:
            self._ask_for_password(*answer)
        elif isinstance(answer, MessageView):
            self.query_one("#verdict", Words).update(verdict(answer))

    def refused(self, refusal: Refused) -> None:
        """Says why, where it is looked for."""
        super().refused(refusal)
        target = "#said" if refusal.job == _OWN else "#verdict"
        self.query_one(target, Words).update(f"✗ {refusal.text}")

    def _sign(self) -> None:
        field, text = self.query_one("#address", Field), self.query_one("#text", Lines).text
        if not all_good([field]):
            return
        self.query_one("#said", Words).update("")
        keys, address = self.services.keys, field.value.strip()
        self.work(_OWN, lambda: (keys.own_address(address), address, text))

    def _ask_for_password(self, path: str, address: str, text: str) -> None:
        keys = self.services.keys
        lines = "\n".join(f"│ {shown(line, limit=2_000)}" for line in text.split("\n"))
        body = f"with {shown(address)} ({path}):\n{lines}\n\nNever sign a text that you do not understand."
        dialog = WithKeys(
            self.services,
            "Sign this text?",
            body,
            yes="Sign",
            call=lambda password: keys.sign_message(address, text, password),
        )
        self.app.push_screen(dialog, self._signed)

    def _signed(self, signature: Any) -> None:
        if signature:
            self.signature = str(signature)
            area = self.query_one("#signature", Lines)
            area.text, area.display = self.signature, True
            self.query_one("#said", Words).update("signed (BIP322); ctrl+y copies it")

    def _judge(self) -> None:
        address, signature = self.query_one("#their-address", Field), self.query_one("#their-signature", Field)
        if not all_good([address, signature]):
            return
        keys, text = self.services.keys, self.query_one("#their-text", Lines).text
        where, proof = address.value, signature.value
        self.work(_JUDGE, lambda: keys.judge_message(where, text, proof))


def verdict(view: MessageView) -> Content:
    """Whether it holds, and if not, why."""
    if view.valid:
        return Content.styled(f"✓ valid ({view.form}): the holder of the address signed exactly this", "$text-success")
    return Content.styled(f"✗ not valid ({view.form}): {shown(view.reason, limit=400)}", "$text-error")
