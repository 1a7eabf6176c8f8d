"""A wallet that pays with confirmed coins only."""

from dataclasses import dataclass, replace

from assets.services.wallets.session import CoinSource, Session
from wallet.coins import AccountKind, Coin
from wallet.history import WatchedTransaction


@dataclass(frozen=True, slots=True)
class _Confirmed:
    source: CoinSource

    def coins(self) -> tuple[Coin, ...]:
        """Every unspent output in a block."""
        return tuple(coin for coin in self.source.coins() if coin.height is not None)

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """As the node sees it."""
        return self.source.first_unused(account, chain)

    def transactions(self) -> tuple[WatchedTransaction, ...]:
        """As the node sees them."""
        return self.source.transactions()


def only_confirmed(session: Session) -> Session:
    """The session without its unconfirmed coins: what is built on it hangs on nothing that can be replaced."""
    return replace(session, coins=_Confirmed(session.coins))
