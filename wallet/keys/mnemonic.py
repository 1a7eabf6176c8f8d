"""BIP39 recovery words in English.

The library's `to_seed` stretches any text, so words are always checked before a seed is made of them. Error messages
name positions, never words: they may end up in a log.
"""

from functools import cache
from unicodedata import normalize

from mnemonic import Mnemonic

from wallet.errors import EncodingError

ENTROPY_SIZES = (16, 32)
"""Bytes of entropy of 12 and of 24 words."""

_COUNTS = (12, 15, 18, 21, 24)
_SUGGESTIONS = 4


@cache
def _english() -> Mnemonic:
    return Mnemonic("english")


@cache
def _words() -> frozenset[str]:
    return frozenset(_english().wordlist)


def generate(entropy: bytes) -> str:
    """The 12 or 24 words of 16 or 32 random bytes."""
    if len(entropy) not in ENTROPY_SIZES:
        raise EncodingError("recovery words are made of 16 or 32 bytes", hint="16 bytes make 12 words, 32 make 24")
    return _english().to_mnemonic(entropy)


def check(words: str) -> str:
    """The words in their normal form: NFKD, lower case, single spaces.

    Raises EncodingError that says how many words there are, which position is not in the list, or that the checksum
    does not fit. Any count that BIP39 has is accepted, since other wallets make them.
    """
    split = normalize("NFKD", words).lower().split()
    if len(split) not in _COUNTS:
        raise EncodingError(
            f"there are {len(split)} recovery words", hint="there must be 12 or 24 (15, 18 and 21 exist as well)"
        )
    for position, word in enumerate(split, start=1):
        if word not in _words():
            raise EncodingError(f"word {position} is not in the English BIP39 list", hint=_suggest(word))
    text = " ".join(split)
    if not _english().check(text):
        raise EncodingError(
            "the checksum of the recovery words does not fit",
            hint="each word is in the list, but one is not the right one, or two are swapped; compare with your sheet",
        )
    return text


def seed(words: str, passphrase: str = "") -> bytes:
    """The 64 bytes from which BIP32 derives the master key; `words` are checked first.

    Every passphrase that is text is valid: another one opens another, empty, wallet.
    """
    if any("\ud800" <= character <= "\udfff" for character in passphrase):
        raise EncodingError("the BIP39 passphrase is not UTF-8 text", hint="set the terminal to UTF-8")
    return Mnemonic.to_seed(check(words), passphrase)


def beginning_with(text: str) -> tuple[str, ...]:
    """The words of the list that begin so, in its order; none for an empty text."""
    wanted = normalize("NFKD", text).lower()
    return tuple(word for word in _english().wordlist if word.startswith(wanted)) if wanted else ()


def _suggest(word: str) -> str:
    """The words of the list that share the longest beginning with `word`."""
    for length in range(min(len(word), 8), 0, -1):
        near = sorted(candidate for candidate in _words() if candidate.startswith(word[:length]))
        if near:
            return f"perhaps {', '.join(near[:_SUGGESTIONS])}"
    return "the words are lower-case English, without digits or signs"
