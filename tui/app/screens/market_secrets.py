"""The secret of a repository with sealed images: handed over by its seller, taken in by its buyer."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import TextArea

from tui.app.kinds import Kind
from tui.app.messages import Refused
from tui.app.screens.form import Entry
from tui.app.screens.market_form import FreeForm
from tui.app.services import Services
from tui.app.text import short, shown, told
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.words import Words
from tui.verbs.files import whole_path
from tui.verbs.image.fields import bare_name
from tui.verbs.market.requests import HandSecret, TakeSecret
from wallet.errors import WalletError
from wallet.hashes import parse_txid

_READ = "read"


class HandSecretForm(FreeForm):
    """The seller's side, once the sale has its confirmations."""

    explanation = "It is encrypted to the key that the buyer signed into the bid: pass it on by any way."

    def __init__(self, services: Services, txid: str) -> None:
        super().__init__(services)
        self.txid = txid
        self.heading = f"Hand the repository's secret to the buyer in {short(txid)}"

    def fields(self) -> ComposeResult:
        """Nothing is needed, but after a restore."""
        yield Entry(
            self.services, "The bid, where this wallet was restored since", Kind.FILE, "bid-file",
            placeholder="empty: as it was accepted here",
        )  # fmt: skip

    def ask(self) -> HandSecret:
        """What the field says."""
        file = self.value("bid-file")
        return HandSecret(txid=parse_txid(self.txid), bid=whole_path(file) if file else None)


class TakeSecretForm(FreeForm):
    """The buyer's side: what the seller sent, by file or by paste."""

    heading = "Take in the secret of a repository that you bought"
    explanation = "It is opened with your keys and checked against the sealed images before it is kept."

    def fields(self) -> ComposeResult:
        """The document, and where its images are."""
        yield Entry(self.services, "File that the seller sent", Kind.FILE, "file", placeholder="/home/you/secret")
        yield Words("Or paste it here", classes="field-label")
        yield TextArea("", soft_wrap=True, id="paste")
        yield Words("", id="paste-note", classes="field-note")
        yield Entry(
            self.services, "Repository, where its name is long and was never typed here", Kind.NAME, "repository"
        )

    @on(TextArea.Changed, "#paste")
    def pasted(self) -> None:
        """Says what the text is, or why it is no secret."""
        text, note = self.query_one("#paste", TextArea).text.strip(), self.query_one("#paste-note", Words)
        if not text:
            note.update("")
            return
        file = self.query_one("#file", Field)
        if not file.value.strip():
            file.forget()
        try:
            self.services.market.secret(None, text)
        except WalletError as error:
            note.update(f"✗ {told(error)}")
        else:
            note.update("a secret that a seller handed over")

    def action_draft(self) -> None:
        """Reads what was given, then shows what will be done with it."""
        fields = tuple(self.query_one(f"#{name}", Field) for name in ("file", "repository"))
        file, text = fields[0].value.strip(), self.query_one("#paste", TextArea).text.strip()
        if bool(file) == bool(text):
            fields[0].complain("name the file, or paste the secret" if not file else "a file, or a text: not both")
            fields[0].focus_input()
            return
        if all_good(fields):
            market, path = self.services.market, whole_path(file) if file else None
            self.work(_READ, lambda: market.secret(path, text))

    def answered(self, job: str, answer: Any) -> None:
        """Goes on with the document."""
        super().answered(job, answer)
        if job == _READ:
            name = self.value("repository")
            self.make(TakeSecret(document=answer, name=bare_name(name) if name else None))

    def refused(self, refusal: Refused) -> None:
        """Says why beside the button, too."""
        super().refused(refusal)
        if refusal.job == _READ:
            self.say(f"✗ {shown(refusal.text)}")
