"""What listings look like now: gathered from everywhere, checked against the chain, ranked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


def _checked(one: Found, rules: AskRules, source: TxSource, colors: ColorOf, mine: bool) -> AskView:  # noqa: FBT001
    refusal, check = "", ""
    try:
        check_ask(one.ask, rules, coin_facts(source, one.ask.outpoints), colors)
    except OfferError as error:
        refusal, check = str(error), error.check
    return ask_view(one.ask, where=one.where, mine=mine, refusal=refusal, waiting=check == AskCheck.CONFIRMATIONS)
