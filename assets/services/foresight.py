"""Drafting a transaction on top of others that are drafted and not sent yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bitcoin.core import COutPoint

from assets.model import CoinColor
from assets.services.drafts import Draft
from assets.services.session import CoinSource, Session
from wallet.coins import AccountKind, Coin
from wallet.history import WatchedTransaction


@dataclass(frozen=True, slots=True)
class _Remaining:
    """The coins that the drafts before leave."""

    source: CoinSource
    spent: frozenset[COutPoint]

    def coins(self) -> tuple[Coin, ...]:
        """Every unspent output that no draft spends."""
        return tuple(coin for coin in self.source.coins() if coin.outpoint not in self.spent)

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """As the node sees it."""
        return self.source.first_unused(account, chain)

    def transactions(self) -> tuple[WatchedTransaction, ...]:
        """As the node sees them."""
        return self.source.transactions()


def foreseeing(session: Session, drafts: Sequence[Draft], colors: Mapping[COutPoint, CoinColor]) -> Session:
    """The session as it will be once the drafts are sent: their inputs gone, and `colors` for the outputs that count.

    Only outputs of the drafts may be named in `colors`; the colour of every other coin is asked for as ever.
    """
    made = {bytes(draft.txid) for draft in drafts}
    assert all(bytes(outpoint.hash) in made for outpoint in colors), "a colour for a coin that is in the chain"
    spent = frozenset(prevout.outpoint for draft in drafts for prevout in draft.unsigned.prevouts)

    def color_of(outpoint: COutPoint) -> CoinColor:
        return colors[outpoint] if outpoint in colors else session.color_of(outpoint)

    return replace(session, coins=_Remaining(session.coins, spent), color_of=color_of)
