"""Drafting a transaction on top of others that are drafted and not sent yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bitcoin.core import COutPoint

from assets.model import CoinColor
from assets.services.spending.drafts import Draft
from assets.services.wallets.addresses import CHANGE
from assets.services.wallets.session import CoinSource, Session
from wallet.amount import Sats
from wallet.coins import AccountKind, Coin
from wallet.history import WatchedTransaction


@dataclass(frozen=True, slots=True)
class _Remaining:
    """The coins that the drafts before leave, and the change that they make."""

    source: CoinSource
    spent: frozenset[COutPoint]
    change: tuple[Coin, ...]

    def coins(self) -> tuple[Coin, ...]:
        """Every unspent output that no draft spends, theirs included."""
        return tuple(coin for coin in (*self.source.coins(), *self.change) if coin.outpoint not in self.spent)

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """As the node sees it."""
        return self.source.first_unused(account, chain)

    def transactions(self) -> tuple[WatchedTransaction, ...]:
        """As the node sees them."""
        return self.source.transactions()


def foreseeing(session: Session, drafts: Sequence[Draft], colors: Mapping[COutPoint, CoinColor]) -> Session:
    """The session as it will be once the drafts are sent: their inputs gone, and `colors` for the outputs that count.

    Only outputs of the drafts may be named in `colors`; the colour of every other coin is asked for as ever. Their
    change, which the guard found to be plain bitcoin, can pay for what comes next.
    """
    made = {bytes(draft.txid) for draft in drafts}
    assert all(bytes(outpoint.hash) in made for outpoint in colors), "a colour for a coin that is in the chain"
    spent = frozenset(prevout.outpoint for draft in drafts for prevout in draft.unsigned.prevouts)

    change = tuple(coin for draft in drafts for coin in _change(draft))
    colors = {**{coin.outpoint: None for coin in change}, **colors}

    def color_of(outpoint: COutPoint) -> CoinColor:
        return colors[outpoint] if outpoint in colors else session.color_of(outpoint)

    return replace(session, coins=_Remaining(session.coins, spent, change), color_of=color_of)


def _change(draft: Draft) -> Iterator[Coin]:
    """The BTC change of a draft, as the wallet will see it in the mempool."""
    for vout, path in draft.unsigned.own_outputs:
        if path.account is AccountKind.BTC and path.chain == CHANGE and vout >= len(draft.plan.outputs):
            txout = draft.unsigned.tx.vout[vout]
            yield Coin(
                outpoint=COutPoint(draft.txid, vout),
                value=Sats(txout.nValue),
                script_pubkey=txout.scriptPubKey,
                path=path,
                height=None,
                trusted=True,
            )
