"""What a wallet can sell access from: the owner's treasury, or the access units that anybody else holds."""

from dataclasses import dataclass

from assets.coloring.plan import UnitCoin
from assets.remedies import ImageRemedy
from assets.services.market.listing import coins_at_shop
from assets.services.market.lots import own_lots
from assets.services.wallets.ownership import OwnedTitle, unit_scripts
from assets.services.wallets.session import Session
from assets.services.wallets.unit_coins import treasury_of, units_on
from wallet.errors import StateError
from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Coins with access units of one repository, the fullest first; `owned` where the title is this wallet's."""

    genesis: Txid
    coins: tuple[UnitCoin, ...]
    owned: bool


def owners_stock(owned: OwnedTitle, session: Session) -> Stock:
    """The treasury: the access units on the title's script."""
    return Stock(genesis=owned.coin.units.genesis, coins=treasury_of(owned, session).coins, owned=True)


def holders_stock(genesis: Txid, session: Session) -> Stock:
    """The access units of somebody who does not hold the title."""
    return Stock(genesis=genesis, coins=units_on(unit_scripts(session).keys(), genesis, session).coins, owned=False)


def free_lots(genesis: Txid, session: Session) -> tuple[UnitCoin, ...]:
    """The lots that can be listed anew, which are those that no shop has. Raises StateError where there are none."""
    lots, at_shop = own_lots(session, genesis), coins_at_shop(session)
    free = tuple(lot for lot in lots if lot.prevout.outpoint not in at_shop)
    if not free:
        where = f"all of the {len(lots):,} lots that are left are at a shop" if lots else "there are no lots"
        raise StateError(where, hint=ImageRemedy.MAKE_LOTS_OR_BACK.of())
    return free


def exact_coins(stock: Stock, copies: int) -> tuple[UnitCoin, ...]:
    """Coins of exactly one unit that a holder can list as they are, without a transaction; empty where too few.

    Never the owner's, whose treasury lies on one script with the title.
    """
    exact = tuple(coin for coin in stock.coins if coin.units.quantity == 1)
    return exact[:copies] if not stock.owned and 0 < copies <= len(exact) else ()
