"""A list of asks: what a registry carries under the tag `dockchains-asks`, and what a shop shows (FORMATS)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

import msgspec

from assets.images.canonical import ASKS_LIMIT, Json, convert, decode, encode
from assets.images.offer import Ask
from assets.images.pin import require_version
from wallet.errors import EncodingError

BOARD_TAG = "dockchains-asks"
BOARD_TYPE = "application/vnd.dockchains.asks.v1+json"
MAX_ASKS = 500
"""Entries of one board."""

_WHAT = "the list of asks"


class _BoardShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: Literal[1]
    asks: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Asks that are well-formed, and for each entry that is not, its number and what is wrong with it."""

    asks: tuple[Ask, ...]
    flaws: tuple[tuple[int, str], ...] = ()

    @classmethod
    def of(cls, asks: Iterable[Ask]) -> Self:
        """The asks that go on a board: each once, the first MAX_ASKS that fit."""
        chosen: dict[bytes, Ask] = {}
        size = len(encode({"v": 1, "asks": []}))
        for ask in asks:
            length = len(ask.serialize()) + 1
            if ask.id in chosen or len(chosen) == MAX_ASKS or size + length > ASKS_LIMIT:
                continue
            chosen[ask.id] = ask
            size += length
        return cls(asks=tuple(chosen.values()))

    def serialize(self) -> bytes:
        """Canonical JSON: `{asks, v}`."""
        asks: list[Json] = [ask.document() for ask in self.asks]
        return encode({"v": 1, "asks": asks})

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """A board. Raises EncodingError where the list cannot be read at all, or holds more than MAX_ASKS entries.

        One bad entry does not hide the others.
        """
        value = decode(document, limit=ASKS_LIMIT, what=_WHAT)
        require_version(value, key="v", what=_WHAT)
        shape = convert(value, _BoardShape, what=_WHAT)
        if len(shape.asks) > MAX_ASKS:
            raise EncodingError(f"{_WHAT} has {len(shape.asks)} entries, more than {MAX_ASKS}")
        asks: dict[bytes, Ask] = {}
        flaws: list[tuple[int, str]] = []
        for number, entry in enumerate(shape.asks):
            try:
                ask = Ask.of(entry)
            except EncodingError as error:
                flaws.append((number, str(error)))
                continue
            if ask.id in asks:
                flaws.append((number, "it is listed twice"))
            else:
                asks[ask.id] = ask
        return cls(asks=tuple(asks.values()), flaws=tuple(flaws))


def parse_listing(document: bytes) -> Board:
    """Asks from a file or a paste: a single ask, or a whole list. Raises EncodingError."""
    stripped = document.strip()
    value = decode(stripped, limit=ASKS_LIMIT, what="the listing")
    if isinstance(value, dict) and "asks" in value:
        return Board.parse(stripped)
    return Board(asks=(Ask.parse(stripped),))
