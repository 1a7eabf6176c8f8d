"""The wallet's coins and transactions as whoever watches its scripts sees them."""

from wallet.account import Account
from wallet.chain.scripts import Progress, ScriptSource
from wallet.coins import AccountKind, Coin
from wallet.history import State, WatchedTransaction


class Watcher:
    """Implements `CoinSource`: the scripts are watched from the first question on.

    `birth_height` is the block before which the wallet cannot hold coins; the chain is searched from there the first
    time. `progress` is told the share of a search that is done, 0 to 1.
    """

    def __init__(self, scripts: ScriptSource, *, birth_height: int, progress: Progress | None = None) -> None:
        self._scripts = scripts
        self._birth_height = birth_height
        self._progress = progress
        self._ready = False

    def coins(self) -> tuple[Coin, ...]:
        """Every unspent output on a script of the account, as of now."""
        return self._watched().unspent()

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """The number of the first key of a chain after the last one that was ever paid."""
        return self._watched().first_unused(account, chain)

    def transactions(self) -> tuple[WatchedTransaction, ...]:
        """Every transaction of the wallet."""
        return self._watched().history()

    def evicted(self) -> tuple[WatchedTransaction, ...]:
        """Transactions of the wallet that left the mempool, or a block that was undone, and did not come back."""
        scripts = self._watched()
        waiting = scripts.history(scripts.best_block())
        return tuple(one for one in waiting if one.state is State.EVICTED)

    def watch_new(self, account: Account) -> None:
        """Go on with an account that knows more lots, whose keys were made just now."""
        self._watched().watch_new(account)

    def _watched(self) -> ScriptSource:
        if not self._ready:
            self._scripts.watch(birth_height=self._birth_height, progress=self._progress)
            self._ready = True
        return self._scripts
