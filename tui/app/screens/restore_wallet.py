"""A wallet from its recovery words: typed with completion, compared by fingerprint and first address."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.suggester import Suggester

from tui.app.kinds import Kind
from tui.app.messages import Refused
from tui.app.screens.wallet_steps import WalletSteps
from tui.app.services import Lobby
from tui.app.text import grouped
from tui.app.views import IdentityView
from tui.app.widgets.field import Field, all_good
from tui.app.widgets.words import Facts, Words
from tui.verbs.wallet.requests import OldWords
from wallet.errors import EncodingError, WalletError

_IDENTITY = "identity"
_WORDS, _COMPARE = "step-words", "step-compare"


class RestoreWallet(WalletSteps):
    """Old words."""

    steps: tuple[str, ...] = (_WORDS, _COMPARE)
    headings: tuple[str, ...] = ("the recovery words", "is this your wallet?")

    def first_steps(self) -> ComposeResult:
        """The words, then what they make."""
        with VerticalScroll(id=_WORDS, classes="form"):
            yield Field(
                "Recovery words, blanks between them (right arrow completes)",
                Kind.TEXT,
                self._check_words,
                id="words",
                needed=True,
                suggester=WordSuggester(self.lobby),
            )
            yield Words("", id="completions", classes="dim")
            yield Field("BIP39 passphrase, if there is one", Kind.TEXT, self.lobby.check, id="passphrase", hidden=True)
            yield Field(
                "Block before which it held nothing", Kind.HEIGHT, self.lobby.check, id="birth",
                placeholder="empty: the whole chain is searched",
            )  # fmt: skip
        with VerticalScroll(id=_COMPARE, classes="form"):
            yield Words("A wrong word is found out; a wrong passphrase is not: it opens another, empty wallet.")
            yield Facts(id="identity")
            yield Words("Next: these are the ones that I know. Back: they are not.", classes="dim")

    def entered(self, step: str) -> None:
        """Words make a wallet as soon as they are whole."""
        if step == _COMPARE:
            network, lobby = self.network, self.lobby
            words, passphrase = self._text("words"), self.query_one("#passphrase", Field).value
            self.query_one("#identity", Facts).update("deriving…")
            self.work(_IDENTITY, lambda: lobby.identity(network, words, passphrase))

    def may_leave(self, step: str) -> bool:
        """Words whole and right; compared."""
        return step != _WORDS or all_good(self.query_one(f"#{_WORDS}").query(Field))

    def answered(self, job: str, answer: Any) -> None:
        """Something to compare."""
        super().answered(job, answer)
        if isinstance(answer, IdentityView):
            pairs = [("fingerprint", answer.fingerprint), ("first address", grouped(answer.address))]
            self.query_one("#identity", Facts).show(pairs)

    def refused(self, refusal: Refused) -> None:
        """Words that make no wallet cannot be gone on with."""
        super().refused(refusal)
        if refusal.job == _IDENTITY:
            self.show_step(0)
            self.say(f"✗ {refusal.text}")

    def wallet(self) -> OldWords:
        """The old words."""
        birth = self._text("birth")
        return OldWords(
            words=self._text("words"),
            passphrase=self.query_one("#passphrase", Field).value,
            birth_height=int(birth.replace(",", "").replace("_", "")) if birth else None,
        )

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value.strip()

    def _check_words(self, kind: Kind, text: str) -> str:
        """Says what is wrong as soon as a word cannot be one; a last word may still be unfinished."""
        words = text.split()
        self._complete(words[-1] if words and not text.endswith(" ") else "")
        for number, one in enumerate(words[:-1], 1):
            if one.lower() not in self.lobby.completions(one):
                raise EncodingError(f"word {number} is not in the English list", hint="look at it again")
        if len(words) < 12:
            return f"{len(words)} of 12 or 24 words"
        try:
            self.lobby.check_words(text)
        except WalletError:
            if 12 < len(words) < 24:
                return f"{len(words)} of 24 words"
            raise
        return "the words fit together"

    def _complete(self, beginning: str) -> None:
        found = self.lobby.completions(beginning.lower()) if beginning else ()
        for shown in self.query("#completions").results(Words):
            shown.update("  ".join(found))


class WordSuggester(Suggester):
    """Completes the last word that is being typed. Nothing is cached: these words are secret."""

    def __init__(self, lobby: Lobby) -> None:
        super().__init__(use_cache=False, case_sensitive=False)
        self._lobby = lobby

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last word completed."""
        head, _, last = value.rpartition(" ")
        found = self._lobby.completions(last) if len(last) > 1 else ()
        return f"{head} {found[0]}".lstrip() if found else None
