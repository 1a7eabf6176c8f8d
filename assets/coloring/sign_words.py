"""Other colours in words: what was found, what may be lost, and what is said where a coin with one is to be spent."""

from bitcoin.core import COutPoint

from assets.coloring.guard_case import Check, require
from assets.model import OtherColor, Sign
from assets.remedies import ImageRemedy
from wallet.hashes import outpoint_text

_WORDS = {
    Sign.SMALL: "at most 1,000 sat, from others",
    Sign.COUNTERPARTY: "its transaction attaches Counterparty units",
    Sign.COLORED_COINS: "its transaction moves Colored Coins",
    Sign.RUNES: "its transaction moves runes",
    Sign.INSCRIPTION: "its transaction carries an inscription",
    Sign.EPOBC: "its transaction is tagged for EPOBC",
}

_AT_STAKE = {
    Sign.SMALL: "whatever a sender put on so small a coin: Counterparty units, Colored Coins, runes, an inscription",
    Sign.COUNTERPARTY: "Counterparty units that are attached to it",
    Sign.COLORED_COINS: "Colored Coins on it",
    Sign.RUNES: "runes on it",
    Sign.INSCRIPTION: "an inscription on it (ordinals)",
    Sign.EPOBC: "EPOBC units on it",
}


def sign_words(color: OtherColor) -> str:
    """What was found, for people."""
    return "; ".join(_WORDS[sign] for sign in color.signs)


def at_stake(color: OtherColor) -> str:
    """What a payment with the coin may lose for ever, for people."""
    return "; ".join(_AT_STAKE[sign] for sign in color.signs)


def refuse_other_color(where: str, outpoint: COutPoint, color: OtherColor) -> None:
    """Raises GuardError: nothing is signed that spends such a coin before its owner freed it."""
    require(
        Check.OTHER_COLOR,
        False,  # noqa: FBT003 - never holds
        f"{where} might hold {at_stake(color)}: {sign_words(color)}",
        hint="nothing was signed; what it holds would be lost for ever; "
        + ImageRemedy.UNFREEZE_OTHER_COLOR.of(coin=outpoint_text(outpoint)),
    )
