"""What listings look like now: gathered from everywhere, checked against the chain, ranked, and the best one chosen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assets.coloring.asks import AskCheck, AskRules, check_ask
from assets.coloring.coin_facts import coin_facts
from assets.errors import OfferError
from assets.images.offer import Ask
from assets.services.read_models.offer_views import AskView, ask_view
from assets.services.wallets.reserve import ColorOf
from wallet.chain.source import TxSource

MAX_CHECKED = 2_000
"""Asks that one question looks at, from all sources together."""


_OVER = (
    "refused (ask): this wallet replaced or withdrew it, and others still see it here; `dockchains market sell --relist"
    " --publish` or `market cancel --publish` renews the board"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An ask and where it was found."""

    ask: Ask
    where: str


def gather(sources: Iterable[tuple[str, Sequence[Ask]]]) -> tuple[Found, ...]:
    """Asks of several places, each once, under the first place that has it, at most MAX_CHECKED."""
    found: dict[bytes, Found] = {}
    for where, asks in sources:
        for ask in asks:
            if len(found) < MAX_CHECKED:
                found.setdefault(ask.id, Found(ask=ask, where=where))
    return tuple(found.values())


def rank(
    found: Iterable[Found],
    rules: AskRules,
    source: TxSource,
    colors: ColorOf,
    *,
    mine: frozenset[bytes] = frozenset(),
    over: frozenset[bytes] = frozenset(),
) -> tuple[AskView, ...]:
    """Every ask with the check that it fails, or none: good ones first, the cheapest per unit before the others.

    `mine` are the ids of this wallet's own asks, `over` those that it replaced or withdrew.
    """
    views = [
        ask_view(one.ask, where=one.where, mine=True, refusal=_OVER, waiting=False)
        if one.ask.id in over
        else _checked(one, rules, source, colors, one.ask.id in mine)
        for one in found
    ]
    return tuple(sorted(views, key=lambda view: (bool(view.refusal), view.price / max(view.units, 1), view.id)))


def cheapest(
    asks: Iterable[Ask],
    rules: AskRules,
    source: TxSource,
    colors: ColorOf,
    pick: Callable[[Sequence[Ask]], Ask],
) -> Ask | None:
    """The ask with the lowest price per unit that passes every check, or None where none does.

    A board still names lots that were sold since. Of equally cheap asks `pick` takes one: buyers who come at the same
    time should not all want the same lot.
    """
    groups: dict[Fraction, list[Ask]] = {}
    for ask in asks:
        groups.setdefault(Fraction(ask.price, max(ask.units, 1)), []).append(ask)
    for price in sorted(groups):
        alike = groups[price]
        while alike:
            ask = pick(alike)
            if _refusal(ask, rules, source, colors) is None:
                return ask
            alike.remove(ask)
    return None


def _checked(one: Found, rules: AskRules, source: TxSource, colors: ColorOf, mine: bool) -> AskView:  # noqa: FBT001
    error = _refusal(one.ask, rules, source, colors)
    refusal, check = ("", "") if error is None else (str(error), error.check)
    return ask_view(one.ask, where=one.where, mine=mine, refusal=refusal, waiting=check == AskCheck.CONFIRMATIONS)


def _refusal(ask: Ask, rules: AskRules, source: TxSource, colors: ColorOf) -> OfferError | None:
    """The first check that an ask fails."""
    try:
        check_ask(ask, rules, coin_facts(source, ask.outpoints), colors)
    except OfferError as error:
        return error
    return None
