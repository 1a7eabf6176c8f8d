"""A signed document to hand on: a bid for its seller, or listings for buyers. As text to copy, as a file, to a shop."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, TextArea

from tui.app.commands import bindings
from tui.app.dialogs.asking import OneLine
from tui.app.kinds import Kind
from tui.app.messages import Refused
from tui.app.screens.page import LOAD, Page
from tui.app.services import Services
from tui.app.text import shown
from tui.app.widgets.words import Facts, Words
from tui.verbs.files import whole_path
from tui.verbs.market.fields import service_of
from tui.verbs.market.requests import AskOutcome, Resend
from tui.verbs.market.views import Paper
from tui.verbs.review import SignedPaper

_WRITE = "write"
_SEND = "hand over"
_OUTCOME = "ask the shop"
PAPERS = {
    "bid": "Your bid: only its seller can complete it, and your coins are reserved until then",
    "listing": "Your listing: it commits nobody, and ends once its coin moves",
    "secret": "The repository's secret, for its buyer alone: pass it on by any way",
}
"""Kinds of documents that are shown, with what is said of them."""


class PaperScreen(Page):
    """A bid or listings of this wallet, by their ids."""

    place = "market"
    keys = "paper"
    BINDINGS = bindings(keys)

    def __init__(self, services: Services, paper: SignedPaper) -> None:
        super().__init__(services)
        self.signed = paper
        self.paper: Paper | None = None

    def body(self) -> ComposeResult:
        """What it is, and its text."""
        yield Words(PAPERS[self.signed.kind], classes="heading")
        yield Facts(id="paper-facts")
        yield TextArea("", read_only=True, soft_wrap=True, id="paper-text")
        with Horizontal(classes="buttons"):
            yield Button("Copy", variant="primary", id="copy")
            yield Button("Write a file", id="write")
            if self.signed.kind == "bid":
                yield Button("Send to a shop", id="send")
                yield Button("Ask the shop", id="outcome")
        yield Words("", id="said")

    def on_mount(self) -> None:
        """The first button has the keys."""
        self.query_one("#copy", Button).focus()

    def load(self) -> Callable[[], Any]:
        """The document."""
        market, signed = self.services.market, self.signed
        if signed.text:
            kept = Paper(kind=signed.kind, ids=signed.ids, facts=(), text=signed.text)
            return lambda: kept
        if signed.kind == "bid":
            return lambda: market.bid(signed.ids[0])
        return lambda: market.listing(signed.ids)

    def answered(self, job: str, answer: Any) -> None:
        """Shows it, or what became of handing it on."""
        super().answered(job, answer)
        if job == LOAD and isinstance(answer, Paper):
            self.paper = answer
            self.query_one("#paper-facts", Facts).show([(shown(label), shown(text)) for label, text in answer.facts])
            self.query_one("#paper-text", TextArea).text = answer.text
        elif job == _WRITE:
            self.query_one("#said", Words).update(f"written to {shown(answer)}")
        elif job in (_SEND, _OUTCOME):
            self.query_one("#said", Words).update(shown(answer))
            self.notify(shown(answer), markup=False)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """One of the ways to hand it on."""
        {
            "copy": self.action_copy,
            "write": self.action_write,
            "send": self.action_send,
            "outcome": self.action_outcome,
        }[event.button.id or "copy"]()

    def action_copy(self) -> None:
        """The text, for terminals that let programs write to the clipboard; it stays readable here."""
        if self.paper is not None:
            self.app.copy_to_clipboard(self.paper.text)
            self.query_one("#said", Words).update("copied, where the terminal lets programs do that")

    def action_write(self) -> None:
        """A new file."""
        paper, market = self.paper, self.services.market
        if paper is None:
            return

        def named(file: str | None) -> None:
            if file:
                self.work(_WRITE, lambda: market.write(whole_path(file), paper.text))

        dialog = OneLine(f"Write the {paper.kind} to a new file", "Full path", Kind.FILE, self.services.check)
        self.app.push_screen(dialog, named)

    def action_send(self) -> None:
        """To a shop that takes bids."""
        market = self.services.market
        self._with_shop(_SEND, "Send the bid to a shop", lambda bid, shop: market.send(Resend(bid=bid, shop=shop)))

    def action_outcome(self) -> None:
        """What became of it at a shop that gave no answer."""
        market = self.services.market
        heading = "Ask a shop what became of the bid"
        self._with_shop(_OUTCOME, heading, lambda bid, shop: market.outcome(AskOutcome(bid=bid, shop=shop)))

    def _with_shop(self, job: str, heading: str, call: Callable[[str, str | None], str]) -> None:
        """Asks for the shop's URL; the one that is known stands there already, and is then not named by the user."""
        paper = self.paper
        if paper is None or paper.kind != "bid":
            return

        def named(shop: str | None) -> None:
            if shop:
                named_by_user = None if shop == paper.shop else service_of(shop)
                self.work(job, lambda: call(paper.ids[0], named_by_user), signs=job == _SEND)

        dialog = OneLine(heading, "The shop's URL", Kind.SERVICE, self.services.check, value=shown(paper.shop))
        self.app.push_screen(dialog, named)

    def refused(self, refusal: Refused) -> None:
        """Why handing on failed stays readable: what to do about a bid that is perhaps taken stands there."""
        super().refused(refusal)
        if refusal.job in (_SEND, _OUTCOME):
            self.query_one("#said", Words).update(f"✗ {refusal.text}")

    def action_back(self) -> None:
        """It stays in the lists of Market."""
        self.dismiss(None)
