"""What this wallet can sell of a repository."""

from assets.coloring.plan import Recipient
from assets.errors import NotOwnerError
from assets.images.offer import Sells
from assets.services.market.listing import coins_at_shop, last_terms
from assets.services.market.lots import own_lots
from assets.services.market.stock import Stock, holders_stock, owners_stock
from assets.services.wallets.ownership import OwnedTitle, title_of
from assets.services.wallets.session import Session
from tui.verbs.market.views import StockView
from tui.verbs.reading import Reading
from tui.verbs.workplace import Workplace
from wallet.errors import StateError
from wallet.hashes import Txid, display


def stock(genesis: Txid, name: str, place: Workplace) -> StockView:
    """Units that can be moved now, lots that are there, and what was asked before."""
    place.know_lots()
    with place.session() as session:
        found = stock_of(genesis, name, session, place)
        lots, away = own_lots(session, genesis), coins_at_shop(session)
        prices = tuple((sells.value, price) for sells in Sells if (price := _last_price(session, genesis, sells)))
    return StockView(
        name=name,
        genesis=display(genesis),
        owned=found.owned,
        units=sum(coin.units.quantity for coin in found.coins),
        lots=len(lots),
        at_shop=sum(lot.prevout.outpoint in away for lot in lots),
        last_prices=prices,
    )


def stock_of(genesis: Txid, name: str, session: Session, place: Reading) -> Stock:
    """What a wallet can sell access from: as the owner, or as somebody who holds access units."""
    owned = title_here(genesis, name, session, place)
    return holders_stock(genesis, session) if owned is None else owners_stock(owned, session)


def treasury_script(genesis: Txid, name: str, session: Session, place: Reading) -> Recipient | None:
    """The title's script where this wallet still owns the repository: there lots come back to."""
    owned = title_here(genesis, name, session, place)
    if owned is None:
        return None
    prevout = owned.coin.prevout
    return Recipient(script=prevout.txout.scriptPubKey, path=prevout.path)


def title_here(genesis: Txid, name: str, session: Session, place: Reading) -> OwnedTitle | None:
    """The title of a repository, which goes by a canonical name, where it is this wallet's."""
    try:
        return title_of(genesis, name, session, place.chain(), confirmations=place.reading_confirmations)
    except NotOwnerError:
        return None


def _last_price(session: Session, genesis: Txid, sells: Sells) -> int:
    try:
        return last_terms(session, genesis, (sells,))[0].price
    except StateError:
        return 0
