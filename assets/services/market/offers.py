"""What listings look like now: gathered from everywhere, checked against the chain, ranked, and the best one chosen.

Of the listings that name one coin at most one is good, since its seller accepts bids on the newest alone. Which one
that is no listing says of itself. A seller knows it of the own ones; a stranger sees it by where they were found
(`Place`), and where that decides nothing, none of them is good.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from fractions import Fraction

from bitcoin.core import COutPoint

from assets.coloring.asks import AskCheck, AskRules, check_ask
from assets.coloring.coin_facts import coin_facts
from assets.errors import OfferError
from assets.images.offer import Ask
from assets.services.market.listing import OwnWord
from assets.services.read_models.offer_views import AskView, ask_view
from assets.services.wallets.reserve import ColorOf
from wallet.chain.source import TxSource
from wallet.hashes import outpoint_text

MAX_CHECKED = 2_000
"""Asks that one question looks at, from all sources together."""


class Place(IntEnum):
    """Where a listing was found, by how much that says of whether it is in force; of two, the higher one counts."""

    PAPER = 0
    """A file or a text, of whatever age."""
    BOARD = 1
    """The registry's board, which its owner replaces whole."""
    SHOP = 2
    """The shop that the listing itself names: what a shop shows is what it sells. No other server is one for it."""
    OWN = 3
    """The wallet that made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The listings of one place, which people know as `where`. `shop` is its URL where it is one.

    `notes` say what was left out.
    """

    where: str
    asks: tuple[Ask, ...]
    place: Place
    shop: str = ""
    notes: tuple[str, ...] = ()

    def place_of(self, ask: Ask) -> Place:
        """How much this place says of a listing."""
        is_shop = self.place is Place.SHOP and ask.bids_to is not None
        elsewhere = is_shop and (ask.bids_to or "").rstrip("/") != self.shop.rstrip("/")
        return Place.PAPER if self.place is Place.SHOP and (not is_shop or elsewhere) else self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An ask, where it was found first, and the place that says most of it."""

    ask: Ask
    where: str
    place: Place

    @property
    def weight(self) -> tuple[int, bool]:
        """Of two that name one coin, the one that weighs more counts.

        At one place that is the one that names a shop: lots at a shop are never listed anew without it.
        """
        return self.place, self.ask.bids_to is not None


def gather(sources: Iterable[Source]) -> tuple[Found, ...]:
    """Asks of several places, each once, under the first place that has it, at most MAX_CHECKED."""
    found: dict[bytes, Found] = {}
    for source in sources:
        for ask in source.asks:
            place, known = source.place_of(ask), found.get(ask.id)
            if known is not None:
                found[ask.id] = replace(known, place=max(known.place, place))
            elif len(found) < MAX_CHECKED:
                found[ask.id] = Found(ask=ask, where=source.where, place=place)
    return tuple(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Tells which listings are good: under a buyer's rules, by the chain, and by what this wallet knows of its own."""

    rules: AskRules
    source: TxSource
    colors: ColorOf
    own: OwnWord = field(default_factory=OwnWord)

    def refusal(self, ask: Ask) -> OfferError | None:
        """The first check that an ask fails by itself, whatever else is listed; None where it passes."""
        if ask.id in self.own.over:
            return OfferError(AskCheck.IN_FORCE, _OVER)
        for outpoint in ask.outpoints:
            other = self.own.in_force.get(outpoint)
            if other is not None and other != ask.id:
                return _passed_over(ask, outpoint, other, "this wallet has the coin listed")
        try:
            check_ask(ask, self.rules, coin_facts(self.source, ask.outpoints), self.colors)
        except OfferError as error:
            return error
        return None

    def refusals(self, found: Sequence[Found]) -> dict[bytes, OfferError]:
        """Those that are not good, by their ids."""
        refused = {one.ask.id: error for one in found if (error := self.refusal(one.ask)) is not None}
        passed = [one for one in found if one.ask.id not in refused]
        return refused | {ask.id: error for ask, error in _outweighed(passed)}


_OVER = "this wallet replaced or withdrew it, and others still see it here; publish your listings to renew the board"


def _outweighed(found: Sequence[Found]) -> Iterator[tuple[Ask, OfferError]]:
    """Of good asks that name one coin, all but the one that counts; all of them where none outweighs the others."""
    naming: dict[COutPoint, list[Found]] = {}
    for one in found:
        for outpoint in one.ask.outpoints:
            naming.setdefault(outpoint, []).append(one)
    for outpoint, rivals in naming.items():
        best = max(one.weight for one in rivals)
        counting = [one for one in rivals if one.weight == best]
        for one in rivals:
            others = [other for other in counting if other.ask.id != one.ask.id]
            if others:
                yield (
                    one.ask,
                    _passed_over(one.ask, outpoint, others[0].ask.id, f"{others[0].where} has the coin listed"),
                )


def _passed_over(ask: Ask, outpoint: COutPoint, other: bytes, who: str) -> OfferError:
    return OfferError(
        AskCheck.IN_FORCE,
        f"{who} {outpoint_text(outpoint)} under {other.hex()[:16]} too, and a seller accepts bids on one of them alone",
        hint="nothing was signed; ask the seller which one is in force, or bid at the shop that has the coin",
    )


def rank(found: Sequence[Found], judge: Judge, *, mine: frozenset[bytes] = frozenset()) -> tuple[AskView, ...]:
    """Every ask with the check that it fails, or none: good ones first, the cheapest per unit before the others.

    `mine` are the ids of this wallet's own asks.
    """
    refused = judge.refusals(found)
    views = [_view(one, refused.get(one.ask.id), mine=judge.own.knows(one.ask) or one.ask.id in mine) for one in found]
    return tuple(sorted(views, key=lambda view: (bool(view.refusal), view.price / max(view.units, 1), view.id)))


def cheapest(found: Sequence[Found], judge: Judge, pick: Callable[[Sequence[Ask]], Ask]) -> Ask | None:
    """The ask with the lowest price per unit that is good, or None where none is.

    A board still names lots that were sold since. Of equally cheap asks `pick` takes one: buyers who come at the same
    time should not all want the same lot.
    """
    groups: dict[Fraction, list[Found]] = {}
    for one in found:
        groups.setdefault(Fraction(one.ask.price, max(one.ask.units, 1)), []).append(one)
    for price in sorted(groups):
        alike = {one.ask.id: one for one in groups[price]}
        while alike:
            ask = pick([one.ask for one in alike.values()])
            if refusal_among(alike.pop(ask.id), found, judge) is None:
                return ask
    return None


def refusal_among(one: Found, found: Sequence[Found], judge: Judge) -> OfferError | None:
    """Why a listing is not good among those that were found with it, or None."""
    coins = set(one.ask.outpoints)
    return judge.refusals([other for other in found if not coins.isdisjoint(other.ask.outpoints)]).get(one.ask.id)


def _view(one: Found, error: OfferError | None, *, mine: bool) -> AskView:
    waiting = error is not None and error.check == AskCheck.CONFIRMATIONS
    return ask_view(one.ask, where=one.where, mine=mine, refusal="" if error is None else str(error), waiting=waiting)
