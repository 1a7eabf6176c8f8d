"""A new wallet: recovery words, shown once, and three of them asked back."""

import random
from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Checkbox

from tui.app.kinds import Kind
from tui.app.screens.wallet_steps import WalletSteps
from tui.app.services import Lobby
from tui.app.widgets.field import Field
from tui.app.widgets.tick import Tick
from tui.app.widgets.words import Words
from tui.verbs.wallet.requests import NewWords

ASKED = 3
"""How many words are asked back, to see that they were written down."""

_COLUMNS = 4
_WORDS = "words"
_SHOW, _BACK = "step-words", "step-back"


class CreateWallet(WalletSteps):
    """New words. Going back to them makes others, so that no sheet can hold a mixture."""

    steps: tuple[str, ...] = (_SHOW, _BACK)
    headings: tuple[str, ...] = ("write these words on paper", "three of them back")

    def __init__(self, lobby: Lobby, network: str, name: str) -> None:
        super().__init__(lobby, network, name)
        self._words: tuple[str, ...] = ()
        self._asked: tuple[int, ...] = ()

    def first_steps(self) -> ComposeResult:
        """The words, then the question."""
        with VerticalScroll(id=_SHOW, classes="form"):
            yield Words("Shown this once. Whoever has them has the wallet; nobody can give them back to you.")
            yield Words("", id="words")
            yield Tick("24 words instead of 12", id="many")
            yield Tick("a BIP39 passphrase as well", id="extra")
            yield Field("BIP39 passphrase", Kind.TEXT, self.lobby.check, id="passphrase", hidden=True)
            yield Field("The same again", Kind.TEXT, self.lobby.check, id="passphrase-again", hidden=True)
        with VerticalScroll(id=_BACK, classes="form"):
            yield Words("So that you know that they are written down.")
            for number in range(ASKED):
                yield Field(f"Word {number + 1}", Kind.TEXT, self.lobby.check, id=f"word-{number}", needed=True)

    def entered(self, step: str) -> None:
        """Words are made when their step is entered, questions when theirs is."""
        if step == _SHOW:
            self._show_passphrase(wanted=self.query_one("#extra", Checkbox).value)
            self._generate()
        elif step == _BACK:
            self._ask_back()

    def may_leave(self, step: str) -> bool:
        """The words are there; the asked ones are right."""
        if step == _SHOW:
            return bool(self._words) and self._passphrases_agree()
        wrong = [field for field, word in self._questions() if field.value.strip().lower() != word]
        for field in wrong:
            field.complain("that is not this word: look at your sheet, or go back for new words")
        if wrong:
            wrong[0].focus_input()
        return not wrong

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """Another number of words, or a passphrase."""
        if event.checkbox.id == "many":
            self._generate()
        elif event.checkbox.id == "extra":
            self._show_passphrase(wanted=event.value)

    def answered(self, job: str, answer: Any) -> None:
        """The words are there."""
        super().answered(job, answer)
        if job == _WORDS:
            self._words = tuple(str(answer).split())
            self.query_one("#words", Words).update(numbered(self._words))

    def wallet(self) -> NewWords:
        """New words."""
        return NewWords(words=" ".join(self._words), passphrase=self._passphrase)

    def forget(self) -> None:
        """The words as well."""
        super().forget()
        self._words = ()
        self._asked = ()
        for shown in self.query("#words").results(Words):
            shown.update("")

    def _generate(self) -> None:
        self._words = ()
        count = 24 if self.query_one("#many", Checkbox).value else 12
        self.work(_WORDS, lambda: self.lobby.new_words(count))

    def _ask_back(self) -> None:
        self.query_one("#words", Words).update("")
        self._asked = tuple(sorted(random.SystemRandom().sample(range(len(self._words)), ASKED)))
        for (field, _), at in zip(self._questions(), self._asked, strict=True):
            field.forget()
            field.relabel(f"Word {at + 1}")

    def _questions(self) -> list[tuple[Field, str]]:
        return [(self.query_one(f"#word-{number}", Field), self._words[at]) for number, at in enumerate(self._asked)]

    @property
    def _passphrase(self) -> str:
        return self.query_one("#passphrase", Field).value if self.query_one("#extra", Checkbox).value else ""

    def _show_passphrase(self, *, wanted: bool) -> None:
        for name in ("#passphrase", "#passphrase-again"):
            self.query_one(name).display = wanted

    def _passphrases_agree(self) -> bool:
        again = self.query_one("#passphrase-again", Field)
        if not self.query_one("#extra", Checkbox).value:
            return True
        if not self._passphrase:
            self.query_one("#passphrase", Field).complain("it is empty: type one, or take the mark away")
            return False
        if again.value != self._passphrase:
            again.complain("the two passphrases differ; a wrong one opens another, empty wallet")
            return False
        return True


def numbered(words: tuple[str, ...]) -> str:
    """Words with their numbers, four in a line."""
    cells = [f"{at:>2} {word:<9}" for at, word in enumerate(words, 1)]
    rows = [cells[at : at + _COLUMNS] for at in range(0, len(cells), _COLUMNS)]
    return "\n".join("   ".join(row).rstrip() for row in rows)
