"""How the app writes things. Every text from outside goes through `shown` before a widget sees it.

Widgets are made with `markup=False` all the same: two locks on the door through which a hostile name would run actions.
"""

from datetime import UTC, datetime

from tui.app.remedies import words
from tui.text import plain
from wallet.advice import Prose
from wallet.amount import format_btc
from wallet.errors import WalletError

_WIDE = 500
"""Characters of the longest honest text that stands alone: a name of 255, a tag of 128 and a digest."""

WHOLE = 1_000
"""Characters of the longest honest sentence, such as what a release does: it is signed as it is read."""

GLYPHS = {
    "title": "◆",
    "access": "●",
    "foreign": "◇",
    "other": "◈",
    "unknown": "?",
    "bitcoin": "·",
}
"""What a coin carries, by a sign that needs no colour."""

TONES = {
    "current": "good",
    "final": "good",
    "verified": "good",
    "held": "good",
    "spendable": "good",
    "confirmed": "good",
    "ok": "good",
    "pending": "warn",
    "superseded": "dim",
    "ignored": "dim",
    "immature": "warn",
    "reserved": "warn",
    "frozen": "bad",
    "revoked": "bad",
    "undecided": "bad",
    "dead": "bad",
    "dropped": "warn",
    "refused by the node": "bad",
    "signed, not sent": "warn",
    "problem": "bad",
    "warning": "warn",
    "note": "dim",
}
"""How a word is tinted; the word itself says the same."""

SIGNS = {"good": "✓", "warn": "…", "bad": "✗", "dim": "-", "": " "}
"""A sign for each tone, for those who see no colours."""


def shown(text: Prose, *, limit: int = _WIDE) -> str:
    """Outside text as one harmless line; remedies in it are said with keys and places."""
    return plain(words(text), limit=limit)


def tone_of(word: str) -> str:
    """The tone of a word, or none."""
    return TONES.get(word.lower(), "")


def signed(word: str) -> str:
    """A word with its sign in front."""
    return f"{SIGNS[tone_of(word)]} {word}"


def color_kind(holds: str) -> str:
    """Which kind of colour the words of a coin speak of."""
    if not holds:
        return "bitcoin"
    if holds.startswith("the title of "):
        return "title"
    if holds.startswith("perhaps "):
        return "other"
    if " foreign units of " in holds:
        return "foreign"
    return "unknown" if holds.startswith("unknown") else "access"


def color_text(holds: str) -> str:
    """What a coin carries, its sign in front: `◆ the title of 1234…`."""
    kind = color_kind(holds)
    return f"{GLYPHS[kind]} {shown(holds) if holds else 'bitcoin'}"


def btc(sats: int, *, sign: bool = False) -> str:
    """An amount in BTC; with `sign`, a plus for what is gained."""
    return f"{'+' if sign and sats > 0 else ''}{format_btc(sats)}"


def short(name: str, *, head: int = 8, tail: int = 6) -> str:
    """A hash or an address by its two ends."""
    text = shown(name)
    return text if len(text) <= head + tail + 1 else f"{text[:head]}…{text[-tail:]}"


def short_digest(digest: str) -> str:
    """A digest without its algorithm, by its beginning."""
    return shown(digest.removeprefix("sha256:"))[:12]


def grouped(address: str) -> str:
    """An address in groups of four, to be compared by eye."""
    text = shown(address)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def place(height: int | None) -> str:
    """Where a transaction is."""
    return "mempool" if height is None else f"block {height}"


def age(seconds: int) -> str:
    """A span of time in the largest unit that fits."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def moment(time: int) -> str:
    """A time of day, in UTC."""
    return datetime.fromtimestamp(time, tz=UTC).strftime("%Y-%m-%d %H:%M")


def count(number: int, one: str, many: str = "") -> str:
    """A number with its word: `1 tag`, `2 tags`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def told(error: Exception) -> str:
    """An error as one line: what is wrong, and what to do."""
    message = shown(str(error), limit=WHOLE)
    return (
        f"{message} - {shown(error.advice, limit=400)}" if isinstance(error, WalletError) and error.advice else message
    )
