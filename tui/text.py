"""Text from outside the program, made harmless before a person sees it.

Names, tags, registry errors and node messages are hostile: escape sequences take over a terminal, bidirectional and
zero-width characters make one name look like another, line feeds forge a line of the program's own, and square brackets
are markup to the libraries that draw.

Every stream goes through `written`, where a plain text is one line, whatever it holds. What has several lines says so
by its type: `lines` makes it from the lines, each of which is one. So no place that puts a text together can forget it.
"""

import unicodedata
from collections.abc import Iterable
from itertools import chain

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BRACKETS = str.maketrans("[]", "()")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_INVISIBLE = frozenset(
    chain(
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        range(0x180B, 0x1810),
        range(0xFE00, 0xFE10),
        range(0xE0100, 0xE01F0),
    )
)
"""Letters and marks that are drawn as nothing (Unicode's Default_Ignorable_Code_Point, and the empty Braille cell)."""


class Lines(str):
    """Text that the program itself broke into lines, each of them harmless. Made by `lines` alone."""

    __slots__ = ()


def lines(*parts: str | Iterable[str]) -> Lines:
    """Several lines. A plain text is one of them, whatever it holds; `Lines` stay what they are."""
    flat = (one for part in parts for one in ((part,) if isinstance(part, str) else part))
    return Lines("\n".join(written(one) for one in flat))


def paragraphs(parts: Iterable[str]) -> Lines:
    """Texts with an empty line between each two."""
    return Lines("\n\n".join(written(one) for one in parts))


def labelled(label: str, text: str) -> Lines:
    """A text behind a label, in the label's line."""
    return Lines(written(label) + written(text))


def indented(text: str) -> Lines:
    """Outside text of many lines, such as a traceback, none of which can be taken for a line of the program."""
    return lines("  | " + one for one in text.splitlines())


def written(text: str) -> str:
    """What of a text may be written to a stream: its lines where it is `Lines`, else one line."""
    if isinstance(text, Lines):
        return text
    return printable(text).replace("\n", _REPLACEMENT)


def printable(text: str) -> str:
    """`text` with every control, format, surrogate, private, unassigned and invisible character replaced.

    Line feeds are kept: `written` decides about them.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(char if char == "\n" or not _is_hidden(char) else _REPLACEMENT for char in text)


def plain(text: str, *, limit: int = 200) -> str:
    """Outside text as one line of at most `limit` characters that no renderer can read as markup.

    Square brackets become round ones. What is cut off is marked by an ellipsis.
    """
    line = printable(" ".join(text[: limit * 4].split())).replace("\n", " ").translate(_BRACKETS)
    return line if len(line) <= limit else line[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN or ord(char) in _INVISIBLE
