"""Recovery words on a terminal or in a file. They are never part of an answer."""

import os
import random
from pathlib import Path

from tui.cli.exits import NoTerminalError
from tui.cli.terminal import Terminal
from tui.text import lines
from wallet.errors import EncodingError, StoreError

_COLUMNS = 4


def require_place(terminal: Terminal, *, asked: bool) -> None:
    """Raises NoTerminalError where the words would be printed into whatever standard error is, and nobody asked."""
    if not asked and not terminal.shows:
        raise NoTerminalError(
            "there is no terminal to show the recovery words on",
            hint="--words-out FILE writes them to a new file; --show-words prints them all the same",
        )


def print_words(words: str, terminal: Terminal) -> None:
    """Numbered, four in a line, on standard error."""
    numbered = [f"{at:>2} {word:<9}" for at, word in enumerate(words.split(), 1)]
    rows = ["  ".join(numbered[at : at + _COLUMNS]).rstrip() for at in range(0, len(numbered), _COLUMNS)]
    told = "The recovery words, shown this once. Whoever has them has the wallet: write them on paper."
    terminal.note(lines(told, "", rows, ""))


def require_new(file: Path) -> None:
    """Raises StoreError where the file for the words exists already: before anything is made."""
    if os.path.lexists(file):
        raise StoreError(f"{file} exists already", hint="name a new file for the recovery words")


def ask_back(words: str, terminal: Terminal, *, count: int) -> None:
    """Asks for a few of the words. Raises EncodingError where one is wrong; no wallet is made then."""
    split = words.split()
    for at in sorted(random.SystemRandom().sample(range(len(split)), count)):
        if terminal.ask(f"Word {at + 1}:", instead="--yes").lower() != split[at]:
            raise EncodingError(f"that is not word {at + 1}", hint="nothing was made; start again, with new words")
