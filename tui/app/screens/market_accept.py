"""A bid that came, by file or by paste: its checks one by one, then the sale to look at and to sign."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import TextArea

from tui.app.kinds import Kind
from tui.app.market_services import MarketServices
from tui.app.messages import Refused
from tui.app.screens.form import Entry
from tui.app.screens.market_form import FreeForm
from tui.app.screens.market_words import check
from tui.app.text import shown, told
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.listing import Column, Listing
from tui.app.widgets.words import Words
from tui.verbs.files import whole_path
from tui.verbs.market.fields import pasted_bid
from tui.verbs.market.requests import Accept
from tui.verbs.market.views import Judgement
from wallet.errors import WalletError

_JUDGE = "judge"


class AcceptForm(FreeForm):
    """Take a bid in."""

    heading = "A bid that came to you"
    explanation = "It is checked against your newest listing and the chain. The buyer has set the fee."

    def fields(self) -> ComposeResult:
        """The bid, and its checks."""
        yield Entry(self.services, "File with the bid", Kind.FILE, "file", placeholder="/home/you/bid.json")
        yield Words("Or paste it here", classes="field-label")
        yield TextArea("", soft_wrap=True, id="paste")
        yield Words("", id="paste-note", classes="field-note")
        yield Words("", id="why", classes="bad")
        yield Listing(Column("", 14), Column("check"), empty="nothing was checked yet", id="checks")

    def on_mount(self) -> None:
        """Ready to type; there are no checks to be seen yet."""
        self.query_one("#checks").display = False

    @on(TextArea.Changed, "#paste")
    def pasted(self) -> None:
        """Says what the text is, or why it is no bid."""
        text, note = self.query_one("#paste", TextArea).text.strip(), self.query_one("#paste-note", Words)
        if not text:
            note.update("")
            return
        file = self.query_one("#file", Field)
        if not file.value.strip():
            file.forget()
        try:
            note.update(shown(self.services.market.look(text)))
        except WalletError as error:
            note.update(f"✗ {told(error)}")

    def action_draft(self) -> None:
        """The checks first; the sale is drafted where all of them passed."""
        field = self.query_one("#file", Field)
        file, text = field.value.strip(), self.query_one("#paste", TextArea).text.strip()
        if bool(file) == bool(text):
            field.complain("name the file, or paste the bid" if not file else "a file, or a text: not both")
            field.focus_input()
            return
        if not all_good([field]):
            return
        self.say("checking…")
        market = self.services.market
        self.work(_JUDGE, lambda: _judged(market, file, text))

    def answered(self, job: str, answer: Any) -> None:
        """Shows the checks; goes on where nothing stands against it."""
        super().answered(job, answer)
        if job != _JUDGE:
            return
        package, judgement = answer
        checks = self.query_one("#checks", Listing)
        checks.display = True
        checks.show(judgement.checks, check)
        self.query_one("#why", Words).update(shown(judgement.refusal, limit=600))
        if judgement.refusal:
            self.say("✗ refused: nothing was signed")
            self.query_one("#why").scroll_visible(animate=False, top=True)
        else:
            self.make(Accept(package=package))

    def refused(self, refusal: Refused) -> None:
        """Says why beside the button, too."""
        super().refused(refusal)
        if refusal.job == _JUDGE:
            self.say("✗ not checked")


def _judged(market: MarketServices, file: str, text: str) -> tuple[bytes, Judgement]:
    package = market.read(whole_path(file)) if file else pasted_bid(text)
    return package, market.judge(package)
