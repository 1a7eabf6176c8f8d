"""Text from outside the program, made harmless before a person sees it.

Names, tags, registry errors and node messages are hostile: escape sequences take over a terminal, bidirectional and
zero-width characters make one name look like another, and square brackets are markup to the libraries that draw.
"""

import unicodedata

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BRACKETS = str.maketrans("[]", "()")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    """`text` with every control, format, surrogate, private and unassigned character replaced, line feeds kept."""
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
    return unicodedata.category(char) in _HIDDEN
