"""Text from a registry is hostile: what of it may stand in a message."""

_LIMIT = 200


def printable(text: str, limit: int = _LIMIT) -> str:
    """At most `limit` printable ASCII characters of `text`; the rest become `?`, so no terminal obeys them."""
    shown = "".join(character if " " <= character <= "~" else "?" for character in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."
