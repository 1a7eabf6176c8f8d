"""What a wallet holds and did, where it is paid, and what a person keeps out of payments or calls by a name."""

from collections.abc import Mapping, Sequence

from bitcoin.core import COutPoint

from assets.services.read_models.trace_views import TraceView
from assets.services.read_models.transaction_views import TransactionView
from assets.services.read_models.wallet_views import BalanceView, CoinsView, HistoryView, ReceiveView
from assets.services.spending.tracing import trace as traced
from assets.services.spending.transactions import transaction_view
from assets.services.wallets import freezing, holdings_view
from assets.services.wallets.activity import activity
from assets.services.wallets.addresses import receive_bitcoin, receive_units
from assets.services.wallets.freezing import Unfreezing
from tui.verbs.wallet.requests import ReceiveBitcoin, ReceiveUnits
from tui.verbs.workplace import Workplace
from wallet.errors import ChainUnavailableError, StateError
from wallet.hashes import Txid


def balance(place: Workplace) -> BalanceView:
    """Sums of what the wallet holds."""
    with place.session() as session:
        return holdings_view.balance(session)


def coins(place: Workplace) -> CoinsView:
    """Every coin, what it carries, and what it may be used for."""
    with place.session() as session:
        return holdings_view.coins(session)


def history(place: Workplace) -> HistoryView:
    """The wallet's transactions, pending ones first, then the newest."""
    with place.session() as session:
        return activity(session)


def transaction(txid: Txid, place: Workplace) -> TransactionView:
    """One transaction."""
    with place.session() as session:
        return transaction_view(txid, session)


def trace(outpoint: str, place: Workplace) -> TraceView:
    """Where the units on a coin come from."""
    with place.session() as session:
        return traced(outpoint, session)


def receive(request: ReceiveBitcoin | ReceiveUnits, place: Workplace) -> ReceiveView:
    """A new address. Titles and units are received on unit addresses only."""
    with place.session() as session:
        match request:
            case ReceiveBitcoin():
                return receive_bitcoin(session, amount=request.amount, label=request.label)
            case ReceiveUnits():
                return receive_units(session, genesis=request.genesis, amount=request.amount)


def freeze(outpoints: Sequence[COutPoint], place: Workplace) -> None:
    """Keeps coins out of every payment until they are freed again. Raises StateError for what is no coin of ours."""
    with place.session() as session:
        freezing.freeze(tuple(dict.fromkeys(outpoints)), session)


def freeing(outpoints: Sequence[COutPoint], place: Workplace) -> tuple[Unfreezing, ...]:
    """What it would mean to let payments take these coins again: what each may lose for ever. Nothing is written.

    Where no node answers, what a coin that is not frozen holds cannot be told, and that is what it says.
    """
    house, store = place.house, place.house.wallet_store
    chosen = tuple(dict.fromkeys(outpoints))
    try:
        house.require_node()
    except ChainUnavailableError as error:
        place.note(f"no node answers here: {error}")
        return freezing.unfreezing(chosen, store, None)
    with place.session() as session:
        return freezing.unfreezing(chosen, store, session.color_of)


def unfreeze(accepted: Mapping[COutPoint, str], place: Workplace) -> None:
    """Lets coins be spent again, each at the risk that was shown and accepted; an empty one where nothing is at stake.

    Raises StateError where another risk is found by now than the one that was accepted; nothing is changed then.
    """
    chosen = freeing(tuple(accepted), place)
    if any(one.risk != accepted[one.outpoint] for one in chosen):
        raise StateError("more was found on this coin than was shown", hint="nothing was changed; look at it again")
    freezing.unfreeze(chosen, place.house.wallet_store)
