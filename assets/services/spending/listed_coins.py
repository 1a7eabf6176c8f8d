"""Which of this wallet's listings end with a transaction: a listing names coins, and ends when one is spent."""

from collections.abc import Iterable

from bitcoin.core import COutPoint

from assets.remedies import ImageRemedy
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.hashes import Txid
from wallet.store.offers import OfferEntry, OfferKind, OfferState

_NAMED = 3
"""Listings that a warning calls by their ids; more are counted."""


def ending_with(session: Session, coins: Iterable[COutPoint]) -> tuple[Prose, ...]:
    """Warnings for whoever is about to spend coins that are listed."""
    if session.offers is None:
        return ()
    found = {entry.id: entry for coin in coins for entry in session.offers.on(coin)}
    return _warnings(entry for entry in found.values() if entry.kind is OfferKind.ASK)


def ending_without(session: Session, txid: Txid) -> tuple[Prose, ...]:
    """Warnings for whoever is about to replace a transaction that made coins which are listed already."""
    if session.offers is None:
        return ()
    entries = session.offers.entries(OfferKind.ASK, state=OfferState.OPEN)
    return _warnings(entry for entry in entries if any(coin.hash == txid for coin in entry.coins))


def _warnings(entries: Iterable[OfferEntry]) -> tuple[Prose, ...]:
    names = [entry.id.hex()[:16] for entry in entries]
    if not names:
        return ()
    if len(names) <= _NAMED:
        which = f"the listing {names[0]}" if len(names) == 1 else f"the listings {', '.join(names)}"
    else:
        which = f"{len(names):,} listings"
    coins = "which names a coin that is gone then" if len(names) == 1 else "which name coins that are gone then"
    return (f"this ends {which}, {coins}; " + ImageRemedy.RELIST.of(),)
