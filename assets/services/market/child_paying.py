"""Use case: speed up a sale from the seller's side. A child that spends the price pays for its parent (CPFP).

The sale itself stays as both parties signed it.
"""

from bitcoin.core import CTxOut

from assets.coloring.expect import Funding
from assets.coloring.plan import Expectation, PlannedInput, Role, TxPlan
from assets.remedies import ImageRemedy
from assets.services.chain.package import unconfirmed_ancestors
from assets.services.market.accepting import SALE
from assets.services.spending.change import change_slot
from assets.services.spending.drafts import About, Draft, fee_rate, prepare
from assets.services.spending.payment import prevout_of
from assets.services.wallets.session import Session
from wallet.amount import Sats, format_sats
from wallet.coins import AccountKind, Coin
from wallet.errors import FeeError, StateError
from wallet.fees import MIN_RATE, FeeEstimate, FeeRate
from wallet.hashes import Txid, display
from wallet.history import State
from wallet.transactions import RBF_SEQUENCE, assemble, signed_vsize


def draft_child(txid: Txid, session: Session, *, rate: str | None) -> Draft:
    """A transaction that spends what a waiting sale pays this wallet, so that both together reach a rate.

    Raises StateError where the sale is confirmed, unknown, or pays another wallet; FeeError where the two already pay
    as much, or where the price cannot pay for it.
    """
    found = session.source.transaction(txid)
    if found is None:
        raise StateError(f"{display(txid)} is not in the mempool", hint="check the txid")
    if found.block is not None:
        raise StateError(f"{display(txid)} is in block {found.block.height} already", hint="there is nothing to do")
    coin = _price(txid, session)
    wanted = fee_rate(session, rate)
    tx = assemble(((coin.outpoint, RBF_SEQUENCE),), (CTxOut(coin.value, change_slot(session)[0]),))
    ahead, vsize = unconfirmed_ancestors(tx, session.source), signed_vsize(tx)
    fee = wanted.rate.fee(ahead.vsize + vsize) - ahead.fee
    if fee < MIN_RATE.fee(vsize):
        raise FeeError(
            f"the sale pays {format_sats(ahead.fee)} for {ahead.vsize} vB, which is {wanted.rate} or more",
            hint=ImageRemedy.HIGHER_FEE_RATE.of(),
        )
    own = FeeRate(-(-fee * 1000 // vsize))
    plan = TxPlan(
        inputs=(PlannedInput(prevout=prevout_of(coin), role=Role.FUNDING, color=None),),
        outputs=(),
        may_append_inputs=False,
        change=change_slot(session),
    )

    def expect(funding: Funding) -> Expectation:
        return Expectation(
            own_inputs=frozenset((coin.outpoint,)),
            own_outputs=() if funding.change is None else (funding.change,),
            btc_delta=Sats(-funding.fee),
            record=None,
        )

    about = About(
        kind="speed up",
        notes=(f"together with {display(txid)} it pays {wanted.rate}",),
        warnings=("a buyer who bids again at a higher fee makes both void",),
    )
    estimate = FeeEstimate(rate=own, source=f"so that both pay {wanted.rate}", age=0)
    return prepare(plan, expect, session, rate=estimate, about=about)


def _require_no_child(txid: Txid, session: Session) -> None:
    """Raises StateError where the price is spent already, by a child that can be bumped itself."""
    spends = {
        (txin.prevout.hash, transaction.txid)
        for transaction in session.coins.transactions()
        if transaction.state is State.STANDING and transaction.height is None
        for txin in transaction.tx.vin
    }
    child = next((one for parent, one in spends if parent == txid), None)
    if child is not None:
        raise StateError(
            f"{display(child)} spends what {display(txid)} pays already",
            hint=ImageRemedy.BUMP.of(txid=display(child)),
        )


def _price(txid: Txid, session: Session) -> Coin:
    """What the sale pays to the bitcoin account of this wallet."""
    entry = session.journal.entry(txid)
    _require_no_child(txid, session)
    coins = [
        coin for coin in session.coins.coins() if coin.outpoint.hash == txid and coin.path.account is AccountKind.BTC
    ]
    if (entry is not None and entry.kind != SALE) or not coins:
        raise StateError(
            f"{display(txid)} is no sale that pays this wallet",
            hint=ImageRemedy.BUMP_OWN.of(),
        )
    return coins[0]
