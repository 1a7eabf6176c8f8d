"""What became of this wallet's own listings: open, at a shop, sold, or ended otherwise. Sales follow the chain."""

from collections.abc import Mapping

from bitcoin.core import COutPoint

from assets.images.offer import Ask
from assets.services.market.listing import coins_at_shop, offers_of
from assets.services.read_models.offer_views import LotView
from assets.services.wallets.session import Session
from wallet.hashes import Txid, display, outpoint_text
from wallet.history import State, WatchedTransaction
from wallet.store.offers import OfferEntry, OfferKind, OfferState


def own_listings(session: Session, genesis: Txid | None = None) -> tuple[LotView, ...]:
    """The wallet's asks, oldest first; those that were replaced by newer ones are left out."""
    entries = [
        entry
        for entry in offers_of(session).entries(OfferKind.ASK)
        if entry.state is not OfferState.REPLACED and genesis in (None, entry.subject)
    ]
    spends = _spends(session)
    present = {coin.outpoint for coin in session.coins.coins()}
    shop = coins_at_shop(session)
    height = session.source.tip().height
    return tuple(_view(entry, spends, present, shop, height) for entry in entries)


def _spends(session: Session) -> dict[COutPoint, WatchedTransaction]:
    """What spends each coin: what stands, else what left the mempool and can be sent again."""
    transactions = session.coins.transactions()
    return {
        txin.prevout: transaction
        for state in (State.EVICTED, State.STANDING)
        for transaction in transactions
        if transaction.state is state
        for txin in transaction.tx.vin
    }


def _view(
    entry: OfferEntry,
    spends: Mapping[COutPoint, WatchedTransaction],
    present: set[COutPoint],
    shop: frozenset[COutPoint],
    height: int,
) -> LotView:
    ask = Ask.parse(entry.document)
    first = ask.coins[0].outpoint
    spend = next((spends[outpoint] for outpoint in ask.outpoints if outpoint in spends), None)
    depth = 0 if spend is None or spend.height is None else height - spend.height + 1
    return LotView(
        id=entry.id.hex(),
        genesis=display(ask.genesis),
        sells=ask.sells.value,
        units=ask.units,
        price=ask.price,
        expires=ask.expires,
        outpoint=outpoint_text(first),
        state=_state(entry, ask, spend, first in present, first in shop, height),
        txid="" if spend is None else display(spend.txid),
        confirmations=depth,
    )


def _state(
    entry: OfferEntry,
    ask: Ask,
    spend: WatchedTransaction | None,
    present: bool,  # noqa: FBT001
    exported: bool,  # noqa: FBT001
    height: int,
) -> str:
    if spend is not None:
        if not is_sale(ask, spend):
            return "ended: the coin moved"
        return "sold" if spend.height is not None else "sold, waiting for a block"
    if entry.state is not OfferState.OPEN:
        return entry.state.value
    if not present:
        return "not in the chain"
    if height >= ask.expires:
        return OfferState.EXPIRED.value
    return "at a shop" if exported else OfferState.OPEN.value


def is_sale(ask: Ask, spend: WatchedTransaction) -> bool:
    """Whether a transaction that spends the coins pays what the ask wants."""
    spent = {txin.prevout for txin in spend.tx.vin}
    paid = any((out.scriptPubKey, out.nValue) == (ask.pay_to, ask.payment) for out in spend.tx.vout)
    return paid and spent.issuperset(ask.outpoints)
