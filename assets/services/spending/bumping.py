"""Use case: pay more for a transaction of ours that waits for a block.

The replacement keeps the inputs, the marker and every output in its place. The fee comes out of the change; where that
is not enough, out of the title that wrote a record (down to 546 sat) or of a payment of everything; else a coin is
appended and the change comes last. What it must do is stated anew from the journalled transaction, and guarded as ever.
"""

from bitcoin.core import COutPoint

from assets.remedies import ImageRemedy
from assets.services.chain.package import Package, unconfirmed_ancestors
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft, check, fee_rate
from assets.services.spending.listed_coins import ending_without
from assets.services.spending.replaced_intent import Sent, expect_again, plan_again, read_sent
from assets.services.spending.replacing import replaceable
from assets.services.wallets.holds import Hold
from assets.services.wallets.reserve import reserved_coins, telling_other_colors
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.amount import format_sats
from wallet.builder import bump
from wallet.coins import AccountKind, Coin
from wallet.fees import MIN_RATE, FeeEstimate, FeeRate
from wallet.hashes import Txid, display
from wallet.template import Template
from wallet.transactions import UnsignedTransaction


def draft_bump(txid: Txid, session: Session, *, rate: str | None, usual: str | None = None) -> Draft:
    """The replacement of a transaction, guarded and not signed.

    `rate` is what the user wants in sat/vB; without one it is `usual` or the node's estimate, and at least what
    replaces. Transactions that wait before it are counted in, so that all of them together reach the rate. Raises
    StateError where it cannot be replaced, FeeError for a rate that is no higher, and what drafting raises.
    """
    entry = replaceable(txid, session)
    sent = read_sent(entry, session)
    package = unconfirmed_ancestors(entry.tx, session.source)
    estimate = _rate(sent, session, package, rate, usual)
    unsigned = _paid(sent, session, package, estimate.rate)
    plan = plan_again(sent, unsigned, session.color_of)
    draft = Draft(
        about=_about(sent, unsigned, package, ending_without(session, txid)),
        plan=plan,
        unsigned=unsigned,
        expectation=expect_again(sent, unsigned, session.color_of),
        rate=estimate,
        replaces=txid,
    )
    check(draft, session)
    return draft


def _rate(sent: Sent, session: Session, package: Package, wanted: str | None, usual: str | None) -> FeeEstimate:
    if wanted is not None:
        return fee_rate(session, wanted)
    old = sent.previous
    paid = (old.fee + package.fee) * 1000 // (old.vsize + package.vsize)
    least = FeeRate(paid + MIN_RATE.sats_per_kvb)
    estimate = fee_rate(session, usual)
    return estimate if estimate.rate >= least else FeeEstimate(rate=least, source="1 sat/vB more than it pays", age=0)


def _paid(sent: Sent, session: Session, package: Package, rate: FeeRate) -> UnsignedTransaction:
    coins = [coin for coin in session.coins.coins() if _may_pay(coin, sent)]
    with telling_other_colors(coins, session.color_of):
        return bump(
            sent.previous,
            coins=coins,
            reserved=frozenset(reserved_coins(coins, color_of=session.color_of, held=_held(sent, session))),
            rate=rate,
            tip_height=session.source.tip().height,
            change=sent.change,
            append_to=Template(inputs=(), outputs=(), change=change_slot(session)),
            fee_from=sent.fee_from,
            ahead=(package.vsize, package.fee),
        )


def _may_pay(coin: Coin, sent: Sent) -> bool:
    return coin.path.account is AccountKind.BTC and coin.outpoint.hash != sent.previous.txid


def _held(sent: Sent, session: Session) -> dict[COutPoint, Hold]:
    return {
        outpoint: hold
        for outpoint, hold in session.held().items()
        if outpoint not in {prevout.outpoint for prevout in sent.previous.prevouts}
    }


def _about(sent: Sent, unsigned: UnsignedTransaction, package: Package, ended: tuple[Prose, ...]) -> About:
    old, new = sent.previous, unsigned
    rises = f"the fee rises from {format_sats(old.fee)} to {format_sats(new.fee)}"
    notes = [f"in place of {display(old.txid)}: {rises}"]
    if package.count:
        together = FeeRate((package.fee + new.fee) * 1000 // (package.vsize + new.vsize))
        notes.append(f"with the {package.count} that must be mined before it, {together} is paid for all of them")
    warnings: list[Prose] = list(ended)
    if sent.mints:
        warnings.append(
            "the genesis gets another txid, and with it the repository another identity: whoever pinned the old one "
            "must pin again; " + ImageRemedy.PUBLISH_ANEW.of()
        )
    if sent.payment_shrinks and len(new.prevouts) == len(old.prevouts):
        warnings.append(f"the recipient gets {format_sats(new.fee - old.fee)} less: everything was sent")
    return About(
        kind=sent.kind, genesis=sent.genesis, effects=sent.effects, notes=tuple(notes), warnings=tuple(warnings)
    )
