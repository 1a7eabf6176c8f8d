"""Use case: take back what was offered.

A bid is taken back by spending one of its coins: a signature that is out can be used by whoever has it. A listing is
taken back by forgetting it, since it commits nobody. A lot whose key is at a shop is taken back by moving it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bitcoin.core import COutPoint

from assets.coloring.expect import Funding, expect_grant
from assets.coloring.intents import GrantIntent
from assets.coloring.plan import Expectation, Grant, PlannedInput, Recipient, Role, TxPlan, UnitCoin
from assets.coloring.rivals import Fate, rivalry
from assets.errors import OfferTakenError
from assets.protocols.table import RULE
from assets.remedies import ImageRemedy
from assets.services.market.listing import coins_at_shop, offers_of
from assets.services.market.lots import own_lots
from assets.services.market.own_bids import bid_transaction, owner_of
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft, fee_rate, prepare
from assets.services.spending.payment import prevout_of
from assets.services.spending.signing import Unlock, sign_and_broadcast
from assets.services.wallets.addresses import next_receiver
from assets.services.wallets.holds import AtShop, hold_of
from assets.services.wallets.session import Session
from wallet.amount import Sats
from wallet.coins import AccountKind
from wallet.errors import RpcError, StateError
from wallet.hashes import Txid, display, outpoint_text
from wallet.store.offers import OfferEntry, OfferKind, OfferState
from wallet.store.reservations import Reservation

MAX_RECALLED = 100
"""Lots that one transaction brings back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What ends offers: a draft that must be mined, and the entries that are closed with it."""

    draft: Draft
    entries: tuple[OfferEntry, ...]


def find_offer(text: str, session: Session) -> OfferEntry:
    """The ask or bid whose id begins so, or the bid whose transaction's does: both are shown.

    Raises StateError where there is none, or where there are several.
    """
    found = offers_of(session).starting(text)
    if not found:
        bids = offers_of(session).entries(OfferKind.BID)
        found = tuple(bid for bid in bids if bid.txid is not None and display(bid.txid).startswith(text))
    if len(found) != 1:
        raise StateError(
            f"{len(found)} offers of this wallet begin with {text}",
            hint=ImageRemedy.SEE_OFFER_IDS.of(),
        )
    return found[0]


def draft_bid_cancel(entry: OfferEntry, session: Session, *, rate: str | None) -> Withdrawal:
    """Spends the smallest coin of a bid to this wallet itself.

    Raises OfferTakenError where the seller was faster, StateError where nobody can complete it any more.
    """
    assert entry.txid is not None, "a bid comes with a transaction"
    if session.source.transaction(entry.txid) is not None:
        raise OfferTakenError(
            "unspent", f"the seller completed the sale: {display(entry.txid)}", hint="what you bought is on its way"
        )
    rivals = rivalry(session.source, bid_transaction(entry))
    if rivals.fate is Fate.VOID:
        raise StateError(f"nobody can complete this bid: {rivals.words}", hint="there is nothing to cancel")
    if rivals.fate is Fate.CONTESTED and rivals.coin in entry.coins:
        raise StateError(f"this bid is being taken back: {rivals.words}", hint=ImageRemedy.BUMP_TO_HURRY.of())
    coins = [coin for coin in session.coins.coins() if coin.outpoint in entry.coins]
    if not coins:
        raise StateError("none of the bid's coins is free", hint=ImageRemedy.SEE_WHAT_BECAME.of())
    coin = prevout_of(min(coins, key=lambda coin: (coin.value, bytes(coin.outpoint.hash), coin.outpoint.n)))
    plan = TxPlan(
        inputs=(PlannedInput(prevout=coin, role=Role.FUNDING, color=None),),
        outputs=(),
        may_append_inputs=True,
        change=change_slot(session),
    )

    def expect(funding: Funding) -> Expectation:
        return Expectation(
            own_inputs=frozenset((coin.outpoint, *(prevout.outpoint for prevout in funding.coins))),
            own_outputs=() if funding.change is None else (funding.change,),
            btc_delta=Sats(-funding.fee),
            record=None,
        )

    about = About(
        kind="cancel",
        genesis=entry.subject,
        effects=(f"bid {entry.id.hex()[:16]} can no longer be completed once this is in a block",),
        warnings=("until then the seller can still complete the sale, with a higher fee",),
    )
    draft = prepare(plan, expect, session, rate=fee_rate(session, rate), about=about)
    return Withdrawal(draft=draft, entries=(entry,))


def withdraw_asks(entries: Sequence[OfferEntry], session: Session) -> None:
    """Forgets listings. Raises StateError where a shop has the key of a coin: that is no matter of forgetting."""
    at_shop = coins_at_shop(session)
    for entry in entries:
        for outpoint in entry.coins:
            if outpoint in at_shop:
                raise StateError(
                    f"the lot {outpoint_text(outpoint)} is at a shop, which can sell it as long as it has the key",
                    hint=ImageRemedy.LOTS_BACK.of(),
                )
    offers_of(session).close([entry.id for entry in entries], OfferState.WITHDRAWN)


def draft_recall(genesis: Txid, to: Recipient | None, session: Session, *, rate: str | None) -> Withdrawal:
    """Moves lots that nobody bought back to one coin: to the treasury's script, or to a fresh one of this wallet.

    At most MAX_RECALLED at once. Raises StateError where there are none, and what drafting raises.
    """
    there = own_lots(session, genesis)
    lots, left = there[:MAX_RECALLED], there[MAX_RECALLED:]
    if not lots:
        raise StateError("there are no lots to bring back", hint=ImageRemedy.SEE_WHAT_IS_LISTED.of())
    target = to if to is not None else next_receiver(session, AccountKind.UNITS)
    grants = [Grant(to=target, quantity=sum(lot.units.quantity for lot in lots))]
    plan = RULE.compose(GrantIntent(coins=lots, grants=grants, rest=target), change_slot(session))

    def expect(funding: Funding) -> Expectation:
        return expect_grant(coins=lots, grants=grants, rest=target, funding=funding)

    about = About(
        kind="recall",
        genesis=genesis,
        effects=(f"{grants[0].quantity:,} access units come back from {len(lots):,} lots into one coin",),
        notes=(f"lots that stay where they are for now: {len(left):,}; do the same again for them",) if left else (),
        warnings=("until this is in a block a shop that has the keys can still sell the lots",)
        if coins_at_shop(session) & _outpoints(lots)
        else (),
        ends_listings=True,
    )
    draft = prepare(plan, expect, session, rate=fee_rate(session, rate), about=about)
    return Withdrawal(draft=draft, entries=_asks_on(lots, session))


def carry_out(
    withdrawal: Withdrawal, unlock: Unlock, session: Session, done: Callable[[Draft], None] = lambda _: None
) -> Txid:
    """Signs and sends a withdrawal; the coins that it needs are taken from whoever they are reserved by.

    That they are free, and that the offers are closed, is written with the journal or not at all. Raises what signing
    raises.
    """
    bids = tuple(owner_of(entry.id) for entry in withdrawal.entries if entry.kind is OfferKind.BID)
    active = session.reservations.active(session.clock())
    shops = {one.owner for one in active if isinstance(hold_of(one.owner), AtShop)}
    spent = {prevout.outpoint for prevout in withdrawal.draft.unsigned.prevouts}
    taken = [one for one in active if one.outpoint in spent and (one.owner in bids or one.owner in shops)]

    def close() -> None:
        session.reservations.free(one.outpoint for one in taken)
        for owner in bids:
            session.reservations.release(owner)
        offers_of(session).close([entry.id for entry in withdrawal.entries], OfferState.WITHDRAWN)

    draft = replace(withdrawal.draft, holders=(*bids, *shops))
    try:
        return sign_and_broadcast(draft, unlock, session, done, along=close)
    except RpcError:
        _undo(withdrawal, [one for one in active if one.owner in bids or one in taken], session)
        raise


def _undo(withdrawal: Withdrawal, held: Sequence[Reservation], session: Session) -> None:
    """Nothing was sent: offers and reservations stand as they stood."""
    with session.journal.together():
        for one in held:
            session.reservations.reserve([one.outpoint], one.owner, now=session.clock(), expiry=one.expiry)
        offers_of(session).put(withdrawal.entries)


def _outpoints(lots: Sequence[UnitCoin]) -> frozenset[COutPoint]:
    return frozenset(lot.prevout.outpoint for lot in lots)


def _asks_on(lots: Sequence[UnitCoin], session: Session) -> tuple[OfferEntry, ...]:
    found = {entry.id: entry for lot in lots for entry in offers_of(session).on(lot.prevout.outpoint)}
    return tuple(entry for entry in found.values() if entry.kind is OfferKind.ASK)
