"""What an open wallet holds and did."""

from assets.model import MAX_ACCESS_UNITS
from assets.services.market.market_concerns import market_concerns
from assets.services.market.own_bids import bids_of
from assets.services.market.own_listings import own_listings
from assets.services.market.secret_due import secrets_due
from assets.services.read_models.trace_views import TraceView
from assets.services.read_models.transaction_views import OverviewView, TransactionView
from assets.services.read_models.wallet_views import BalanceView, CoinsView, HistoryView, ReceiveView
from assets.services.spending.tracing import trace
from assets.services.spending.transactions import transaction_view
from assets.services.wallets.activity import activity
from assets.services.wallets.addresses import receive_bitcoin, receive_units
from assets.services.wallets.freezing import freeze, unfreeze, unfreezing
from assets.services.wallets.holdings_view import balance, coins
from assets.services.wallets.labels import remove_label, set_label
from assets.services.wallets.overview import last_blocks, overview
from tui.app.asks import Receive
from tui.app.backend.access import Access
from tui.app.backend.images import HouseImages
from tui.app.backend.whole_numbers import whole
from wallet.amount import parse_btc
from wallet.errors import StateError
from wallet.hashes import parse_outpoint, parse_txid


class HouseMoney:
    """Implements `MoneyServices`."""

    def __init__(self, access: Access, images: HouseImages) -> None:
        self._access = access
        self._images = images

    def overview(self) -> OverviewView:
        """The wallet at a glance."""
        repositories = self._images.repositories().repositories
        with self._access.session() as session:
            held, history = balance(session), activity(session)
            market = tuple(market_concerns(own_listings(session), bids_of(session), secrets_due(session)))
        blocks = last_blocks(self._access.house.node, history)
        return overview(held, history, repositories, blocks, self._access.fallen, market)

    def balance(self) -> BalanceView:
        """Sums of what the wallet holds."""
        with self._access.session() as session:
            return balance(session)

    def coins(self) -> CoinsView:
        """Every coin."""
        with self._access.session() as session:
            return coins(session)

    def label_coin(self, outpoint: str, label: str) -> None:
        """Writes on a coin what it is; an empty label is taken off."""
        text = " ".join(label.split())
        with self._access.session() as session:
            if text:
                set_label(session.store, session.network, outpoint, text)
            elif any(known.ref == outpoint for known in session.store.labels()):
                remove_label(session.store, session.network, outpoint)

    def freeze_coin(self, outpoint: str, *, frozen: bool, risk: str = "") -> None:
        """Keeps a coin out of every payment, or lets it in again at the risk that was accepted."""
        with self._access.session() as session:
            if frozen:
                freeze((parse_outpoint(outpoint),), session)
                return
            chosen = unfreezing((parse_outpoint(outpoint),), session.store, session.color_of)
            if any(one.risk != risk for one in chosen):
                raise StateError(
                    "more was found on this coin than was shown", hint="nothing was changed; look at it again"
                )
            unfreeze(chosen, session.store)

    def history(self) -> HistoryView:
        """The wallet's transactions."""
        with self._access.session() as session:
            return activity(session)

    def transaction(self, txid: str) -> TransactionView:
        """One transaction."""
        with self._access.session() as session:
            return transaction_view(parse_txid(txid), session)

    def trace(self, outpoint: str) -> TraceView:
        """Where the units on a coin come from."""
        with self._access.session() as session:
            return trace(outpoint, session)

    def receive(self, ask: Receive) -> ReceiveView:
        """A new address."""
        with self._access.session() as session:
            if not ask.units:
                sats = parse_btc(ask.amount) if ask.amount else None
                return receive_bitcoin(session, amount=sats, label=ask.label.strip())
            count = whole(ask.amount, least=1, most=MAX_ACCESS_UNITS, what="a number of units") if ask.amount else None
            genesis = parse_txid(ask.genesis.strip().lower()) if ask.genesis else None
            return receive_units(session, genesis=genesis, amount=count)
