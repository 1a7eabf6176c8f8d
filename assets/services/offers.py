"""What listings and bids look like now: gathered, checked, ranked, and closed where the chain decided them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assets.coloring.asks import AskCheck, AskRules, check_ask
from assets.coloring.coin_facts import coin_facts
from assets.errors import OfferError
from assets.images.bid import Bid
from assets.images.offer import Ask
from assets.services.listing import offers_of
from assets.services.offer_views import AskView, BidView, ask_view, bid_view
from assets.services.reserve import ColorOf
from assets.services.session import Session
from wallet.chain.source import TxSource
from wallet.errors import WalletError
from wallet.hashes import Txid, display
from wallet.store.offers import OfferEntry, OfferKind, OfferState

MAX_CHECKED = 2_000
"""Asks that one question looks at, from all sources together."""


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
) -> tuple[AskView, ...]:
    """Every ask with the check that it fails, or none: good ones first, the cheapest per unit before the others.

    `mine` are the ids of this wallet's own asks.
    """
    views = [_checked(one, rules, source, colors, one.ask.id in mine) for one in found]
    return tuple(sorted(views, key=lambda view: (bool(view.refusal), view.price / max(view.units, 1), view.id)))


def _checked(one: Found, rules: AskRules, source: TxSource, colors: ColorOf, mine: bool) -> AskView:  # noqa: FBT001
    refusal, check = "", ""
    try:
        check_ask(one.ask, rules, coin_facts(source, one.ask.outpoints), colors)
    except OfferError as error:
        refusal, check = str(error), error.check
    return ask_view(one.ask, where=one.where, mine=mine, refusal=refusal, waiting=check == AskCheck.CONFIRMATIONS)


def bids_of(session: Session, genesis: Txid | None = None) -> tuple[BidView, ...]:
    """The bids of this wallet, the newest first, and what the chain made of them."""
    entries = offers_of(session).entries(OfferKind.BID)
    chosen = [entry for entry in reversed(entries) if genesis in (None, entry.subject)]
    return tuple(_bid(entry, session) for entry in chosen)


def _bid(entry: OfferEntry, session: Session) -> BidView:
    assert entry.txid is not None, "a bid comes with a transaction"
    found = session.source.transaction(entry.txid)
    tip = session.source.tip()
    depth = 0 if found is None or found.block is None else tip.height - found.block.height + 1
    if found is not None:
        state = "sold" if found.block is not None else "sold, waiting for a block"
    elif entry.state is OfferState.OPEN and tip.height >= entry.expires:
        state = OfferState.EXPIRED.value
    else:
        state = entry.state.value
    return bid_view(entry, Bid.parse(entry.document), state=state, confirmations=depth)


def expire(session: Session) -> tuple[str, ...]:
    """Frees the coins of bids that are settled or past their height; what was done, in words.

    A bid that expired can still be completed by a seller who ignores that, until one of its coins is spent. Never
    raises for what others did: a node that cannot answer leaves everything as it is.
    """
    if session.offers is None:
        return ()
    notes = []
    for entry in session.offers.entries(OfferKind.BID, state=OfferState.OPEN):
        try:
            state, note = _decided(entry, session)
        except WalletError:
            continue
        if state is not None:
            session.offers.close([entry.id], state)
            session.reservations.release(owner_of(entry.id))
            notes.append(note)
    return tuple(notes)


def _decided(entry: OfferEntry, session: Session) -> tuple[OfferState | None, str]:
    assert entry.txid is not None, "a bid comes with a transaction"
    found = session.source.transaction(entry.txid)
    name = entry.id.hex()[:16]
    if found is not None:
        if found.block is None:
            return None, ""
        return OfferState.SETTLED, f"bid {name} was accepted: {display(entry.txid)} is in block {found.block.height}"
    height = session.source.tip().height
    if height < entry.expires:
        return None, ""
    return OfferState.EXPIRED, (
        f"bid {name} expired at block {entry.expires:,} and its coins are free again; `dockchains market cancel {name}`"
        " makes sure that nobody completes it"
    )


def owner_of(id_: bytes) -> str:
    """The name under which a bid's coins are reserved."""
    return f"bid {id_.hex()[:16]}"
