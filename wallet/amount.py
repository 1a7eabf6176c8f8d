"""Amounts: satoshi are integers, bitcoin are decimal text, floats never."""

import re
from typing import NewType

from wallet.errors import EncodingError

Sats = NewType("Sats", int)
"""Satoshi, 10^-8 BTC."""

COIN = 100_000_000
MAX_MONEY = Sats(21_000_000 * COIN)

_BTC = re.compile(r"([0-9]{1,8})(?:\.([0-9]+))?")


def parse_btc(text: str) -> Sats:
    """An amount in BTC as a person types it, such as `0.0005`.

    Raises EncodingError for signs, exponents, more than eight decimals or more than 21 million.
    """
    match = _BTC.fullmatch(text.strip())
    if match is None:
        raise EncodingError(f"not an amount in BTC: {text[:40]!r}", hint="write it like 0.0005")
    whole, decimals = match[1], match[2] or ""
    if len(decimals) > 8:
        raise EncodingError(
            f"too many decimals: {text[:40]!r}", hint="one satoshi is 0.00000001 BTC; use at most 8 decimals"
        )
    sats = int(whole) * COIN + int(decimals.ljust(8, "0") or "0")
    if sats > MAX_MONEY:
        raise EncodingError(f"more bitcoin than there can be: {text[:40]!r}", hint="at most 21000000")
    return Sats(sats)


def format_btc(sats: int) -> str:
    """An amount in BTC with all eight decimals, such as `0.00050000`; negative amounts carry a minus."""
    sign = "-" if sats < 0 else ""
    whole, rest = divmod(abs(sats), COIN)
    return f"{sign}{whole}.{rest:08d}"


def format_sats(sats: int) -> str:
    """An amount in satoshi with thousands separated, such as `50,000 sat`."""
    return f"{sats:,} sat"
