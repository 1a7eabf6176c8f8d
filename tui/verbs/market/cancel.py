"""Taking back what was offered: a bid by a transaction, a listing by forgetting it, lots by moving them."""

from assets.services.market.listing import offers_of
from assets.services.market.withdrawing import (
    Withdrawal,
    carry_out,
    draft_bid_cancel,
    draft_recall,
    find_offer,
    withdraw_asks,
)
from assets.services.wallets.session import Session
from tui.verbs.keys import Keys
from tui.verbs.market.boards import renewed
from tui.verbs.market.requests import Recall, TakeBack, Withdraw
from tui.verbs.market.stock import treasury_script
from tui.verbs.market.views import Closed, Closing
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.workplace import Workplace
from wallet.errors import StateError
from wallet.hashes import Txid
from wallet.store.offers import OfferEntry, OfferKind, OfferState

Entries = tuple[OfferEntry, ...]


def prepare(request: TakeBack | Withdraw | Recall, place: Workplace) -> Prepared[Closed]:
    """What would end. Raises StateError where there is nothing to take back, OfferTakenError, NotOwnerError."""
    rate = None if isinstance(request, Withdraw) else request.rate

    def make(session: Session) -> Ready[Closed]:
        match request:
            case TakeBack():
                entry = find_offer(request.offer, session)
                if entry.kind is OfferKind.ASK:
                    return _forgetting((entry,), "", place, publish=False)
                return _moving(draft_bid_cancel(entry, session, rate=place.rate(rate)), "", place, publish=False)
            case Withdraw():
                return _forgetting(_meant(request, session), request.name, place, publish=request.publish)
            case Recall():
                to = treasury_script(request.genesis, request.name, session, place)
                withdrawal = draft_recall(request.genesis, to, session, rate=place.rate(rate))
                return _moving(withdrawal, request.name, place, publish=request.publish)

    return prepared(request, place, make, rate=rate)


def _meant(request: Withdraw, session: Session) -> Entries:
    if request.genesis is None:
        found = tuple(find_offer(one, session) for one in request.asks)
        if any(entry.kind is not OfferKind.ASK for entry in found) or not found:
            raise StateError("only listings can be forgotten", hint="a bid is taken back by spending one of its coins")
        return found
    return _open_listings(request.genesis, request.name, session)


def _open_listings(genesis: Txid, name: str, session: Session) -> Entries:
    """The open listings of a repository whose coins are there: what was sold has nothing to take back."""
    entries = offers_of(session).entries(OfferKind.ASK, state=OfferState.OPEN)
    present = {coin.outpoint for coin in session.coins.coins()}
    found = tuple(entry for entry in entries if entry.subject == genesis and present.issuperset(entry.coins))
    if not found:
        raise StateError(f"this wallet has no open listing of {name}", hint="`dockchains market offers` shows all")
    return found


def _forgetting(entries: Entries, name: str, place: Workplace, *, publish: bool) -> Ready[Closed]:
    """What takes no transaction, and no keys."""

    def ending(keys: Keys, now: Session, done: Done) -> Ended[Closed]:
        withdraw_asks(entries, now)
        return _closed(entries, entries[0].subject, name, now, place, publish=publish)

    ids = tuple(entry.id.hex() for entry in entries)
    return Ready(
        ending=ending,
        heading="Listings to be forgotten: nothing moves",
        facts=tuple(("listing", one) for one in ids),
        deed=f"Withdraw {len(ids):,} listing{'s' if len(ids) != 1 else ''}",
        fee_is_set=True,
        signed=True,
        details=Closing(withdraws=ids),
    )


def _moving(withdrawal: Withdrawal, name: str, place: Workplace, *, publish: bool) -> Ready[Closed]:
    """What takes a transaction."""
    genesis = withdrawal.draft.about.genesis
    assert genesis is not None, "a withdrawal is about a repository"

    def ending(keys: Keys, now: Session, done: Done) -> Ended[Closed]:
        carry_out(withdrawal, keys, now, done)
        return _closed(withdrawal.entries, genesis, name, now, place, publish=publish)

    return Ready(drafts=(withdrawal.draft,), ending=ending)


def _closed(
    entries: Entries, genesis: Txid, name: str, session: Session, place: Workplace, *, publish: bool
) -> Ended[Closed]:
    board = renewed(name, genesis, session, place, wanted=publish)
    withdrawn = tuple(entry.id.hex() for entry in entries)
    return Ended(result=Closed(withdrawn=withdrawn, board=board.digest), notes=board.notes, to_do=board.to_do)
