"""The access units that a wallet can move: of the treasury, or of any repository.

They are read from the wallet's own coins as the node has them, mempool included, and each coin's colour from its
ancestors, so that what a transaction of ours left over can be given away again before its block.
"""

from collections.abc import Collection
from dataclasses import dataclass

from assets.coloring.plan import UnitCoin
from assets.model import Genuine
from assets.services.wallets.ownership import OwnedTitle
from assets.services.wallets.session import Session
from wallet.coins import AccountKind
from wallet.hashes import Txid
from wallet.transactions import Prevout


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPurse:
    """Coins with access units of one repository, the fullest first.

    `waiting` counts units in coins that are not used: set aside, or in a transaction that no block holds yet, unless
    only this wallet could take that back.
    """

    coins: tuple[UnitCoin, ...]
    waiting: int

    @property
    def units(self) -> int:
        """What can be moved now."""
        return sum(coin.units.quantity for coin in self.coins)


def treasury_of(owned: OwnedTitle, session: Session, *, settled: bool = False) -> UnitPurse:
    """The access units on the title's own script; with `settled` only what a block holds can be moved."""
    scripts = {bytes(owned.coin.prevout.txout.scriptPubKey)}
    return units_on(scripts, owned.coin.units.genesis, session, settled=settled)


def units_on(scripts: Collection[bytes], genesis: Txid, session: Session, *, settled: bool = False) -> UnitPurse:
    """The access units of a genesis on scripts of this wallet."""
    held = session.held()
    coins: list[UnitCoin] = []
    waiting = 0
    for coin in session.coins.coins():
        if coin.path.account is not AccountKind.UNITS or bytes(coin.script_pubkey) not in scripts:
            continue
        units = session.color_of(coin.outpoint)
        if not isinstance(units, Genuine) or units.title or units.genesis != genesis:
            continue
        usable = coin.height is not None or (coin.trusted and not settled)
        if coin.outpoint in held or not usable:
            waiting += units.quantity
        else:
            prevout = Prevout(outpoint=coin.outpoint, txout=coin.txout, path=coin.path)
            coins.append(UnitCoin(prevout=prevout, units=units))
    coins.sort(key=lambda one: (-one.units.quantity, bytes(one.prevout.outpoint.hash), one.prevout.outpoint.n))
    return UnitPurse(coins=tuple(coins), waiting=waiting)
