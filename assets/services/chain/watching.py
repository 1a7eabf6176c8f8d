"""The wallet's coins and transactions as a node sees them that watches the wallet's scripts."""

from collections.abc import Callable

from wallet.account import Account
from wallet.chain.rpc import Rpc
from wallet.chain.watch import WatchWallet, watch_name
from wallet.coins import AccountKind, Coin
from wallet.history import State, WatchedTransaction


class Watcher:
    """Implements `CoinSource` with a watching wallet inside the node, which is made again where it is missing.

    `birth_height` is the block before which the wallet cannot hold coins; the chain is searched from there the first
    time. `progress` is told the share of a search that is done, 0 to 1.
    """

    def __init__(
        self, rpc: Rpc, account: Account, *, birth_height: int, progress: Callable[[float], None] | None = None
    ) -> None:
        self._watch = WatchWallet(rpc, watch_name(account.fingerprint, account.network))
        self._account = account
        self._birth_height = birth_height
        self._progress = progress
        self._ready = False

    def coins(self) -> tuple[Coin, ...]:
        """Every unspent output on a script of the account, as of now."""
        return self._ensured().coins(self._account.script)

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """The number of the first key of a chain after the last one that was ever paid."""
        return self._ensured().next_indexes(self._account.descriptors()).get((account, chain), 0)

    def transactions(self) -> tuple[WatchedTransaction, ...]:
        """Every transaction of the wallet."""
        return self._ensured().changes().transactions

    def evicted(self) -> tuple[WatchedTransaction, ...]:
        """Transactions of the wallet that left the mempool, or a block that was undone, and did not come back."""
        watch = self._ensured()
        until = watch.best_block()
        waiting = watch.changes(until).transactions
        return tuple(one for one in waiting if one.state is State.EVICTED)

    def watch_new(self, account: Account) -> None:
        """Go on with an account that knows more lots, whose keys were made just now."""
        self._ensured().watch_new(account.descriptors())
        self._account = account

    def _ensured(self) -> WatchWallet:
        if not self._ready:
            self._watch.ensure(self._account.descriptors(), birth_height=self._birth_height, progress=self._progress)
            self._ready = True
        return self._watch
