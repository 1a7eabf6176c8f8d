"""Notes and questions. Both go to standard error, so that standard output stays data."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TextIO

from tui.cli.exits import DeclinedError, NoTerminalError
from tui.settings import require_text
from tui.text import written
from wallet.advice import Prose
from wallet.errors import EncodingError

_RED, _BOLD, _RESET = "\x1b[31m", "\x1b[1m", "\x1b[0m"
_YES = frozenset({"y", "yes"})


class Terminal:
    """The person in front of the program, or the lack of one.

    Questions are asked only where both standard input and standard error are terminals; else they are refused with
    the flag that answers them.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    @property
    def interactive(self) -> bool:
        """Whether a question can be asked."""
        return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)

    @property
    def shows(self) -> bool:
        """Whether a person sees what is noted: it is not written into a file or a pipe."""
        return _is_terminal(sys.stderr)

    @property
    def draws(self) -> bool:
        """Whether moving progress bars can be shown."""
        return _is_terminal(sys.stderr) and self._environment.get("TERM") != "dumb"

    @property
    def colors(self) -> bool:
        """Whether colour is welcome (NO_COLOR)."""
        return self.draws and not self._environment.get("NO_COLOR")

    def note(self, text: Prose) -> None:
        """Tells something that is not the answer."""
        _write(written(said(text)) + "\n")

    def error(self, message: str, hint: Prose = "") -> None:
        """Tells what went wrong and what to do next."""
        label = f"{_BOLD}{_RED}error:{_RESET}" if self.colors else "error:"
        _write(f"{label} {written(message)}\n")
        if hint:
            _write(f"  {written(said(hint))}\n")

    def ask(self, question: str, *, instead: str) -> str:
        """Asks for a line. `instead` names the flag that gives the answer where nobody can be asked.

        Raises NoTerminalError, and DeclinedError where the input ends.
        """
        self._require(question, instead)
        _write(written(question) + " ")
        with _typed():
            line = sys.stdin.readline()
            if not line:
                raise DeclinedError
            return require_text(line.strip(), "what was typed")

    def ask_hidden(self, question: str, *, instead: str) -> str:
        """As `ask`, without showing what is typed."""
        self._require(question, instead)
        import getpass

        try:
            with _typed():
                return getpass.getpass(written(question) + " ", stream=sys.stderr)
        except EOFError:
            raise DeclinedError from None

    def confirm(self, question: str, *, yes: bool) -> None:
        """Asks for a yes, unless it was given already. Raises DeclinedError for everything else."""
        if yes:
            return
        if self.ask(f"{question} (y/N)", instead="--yes").lower() not in _YES:
            raise DeclinedError

    def _require(self, question: str, instead: str) -> None:
        if not self.interactive:
            raise NoTerminalError(f"cannot ask without a terminal: {question}", hint=f"answer with {instead}")


@contextlib.contextmanager
def _typed() -> Iterator[None]:
    """Raises EncodingError for keys that are no text; what they were is not said."""
    try:
        yield
    except (UnicodeError, EncodingError):
        raise EncodingError("what was typed is not UTF-8", hint="set the terminal to UTF-8") from None


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _write(text: str) -> None:
    """Notes never stop a command: where standard error is closed or cannot take them, nobody wanted them."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def said(text: Prose) -> str:
    """A text as the command line says it. The table of its words is read only where a text has a remedy in it."""
    if isinstance(text, str):
        return text
    from tui.cli.remedies import words

    return words(text)
