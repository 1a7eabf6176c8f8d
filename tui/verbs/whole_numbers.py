"""Whole numbers as people type them."""

from wallet.errors import EncodingError


def whole(text: str, *, least: int, most: int, what: str) -> int:
    """A whole number within bounds. Raises EncodingError."""
    text = text.strip().replace(",", "").replace("_", "")
    if not text.isascii() or not text.isdigit() or len(text) > 17 or not least <= int(text) <= most:
        raise EncodingError(f"not {what}", hint=f"a whole number from {least:,} to {most:,}")
    return int(text)
