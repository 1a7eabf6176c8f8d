"""Ports to what a chain holds on the scripts of a wallet.

A node that keeps blocks can be told to watch descriptors, and cannot be asked for the history of any script; a server
that keeps histories is asked script by script, and knows no descriptor. `ScriptSet` gives the scripts in both ways, and
`ScriptSource` has the answers that both can give.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bitcoin.core.script import CScript

from wallet.amount import Sats
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.hashes import BlockHash
from wallet.history import WatchedTransaction
from wallet.keys.descriptor import OutputDescriptor
from wallet.network import Network

Progress = Callable[[float], None]
"""Is told the share of a search that is done, 0 to 1."""


class ScriptSet(Protocol):
    """The scripts of one wallet: chains of keys, and single ones."""

    @property
    def network(self) -> Network:
        """The network whose addresses they are."""

    @property
    def fingerprint(self) -> bytes:
        """Four bytes that tell this wallet from others."""

    def descriptors(self) -> tuple[OutputDescriptor, ...]:
        """Each chain and each single key, for those who watch by descriptor."""

    def script(self, path: KeyPath) -> CScript:
        """The script of a key, for those who are asked by script. Raises MissingKeyError for an unknown single key."""


class ScriptSource(Protocol):
    """History and unspent outputs of a wallet's scripts. Call `watch` before anything else.

    Answers are as of one tip, and whole: where a server refuses a script's history or cuts it, where an answer is too
    long to be read, or where blocks arrive faster than it can be asked, there is a ChainError and never a part. A
    source that is told of changes may answer from what it was told; any other asks anew each time. Every call raises
    ChainError, ChainUnavailableError and WrongNetworkError.
    """

    def watch(self, *, birth_height: int | None, progress: Progress | None = None) -> None:
        """From now on the scripts are watched, and what they had from `birth_height` on, if not more, is found.

        `birth_height` None says that the keys are new, so that there is nothing to search for. An interrupted search
        begins again at the next call. It may be called again at any time, and is cheap where all is watched already.
        """

    def watch_new(self, scripts: ScriptSet) -> None:
        """Goes on with a set that has more single keys, made just now, so that nobody can have paid them before."""

    def unspent(self) -> tuple[Coin, ...]:
        """Every unspent output on the scripts, immature and unconfirmed ones too.

        What a transaction of this wallet spends may be left out even after that left the mempool.
        """

    def history(self, since: BlockHash | None = None) -> tuple[WatchedTransaction, ...]:
        """The transactions that pay or spend the scripts: those in blocks after `since` (None: all), those that wait
        for a block, and, as far as the source remembers them, those that left the mempool or were replaced.
        """

    def best_block(self) -> BlockHash:
        """The last block: `history` after it is what waits for one."""

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """The number of the first key of a chain after the last one that was ever paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinSearch:
    """What lies unspent on a wallet's keys as of block `height`, mempool ignored.

    `oldest` is the height of the oldest coin, None where there is none; `sats` their sum.
    """

    height: int
    coins: int
    sats: Sats
    oldest: int | None


class CoinFinder(Protocol):
    """Looks for coins without watching anything."""

    def search(self, scripts: ScriptSet, *, keys: int, progress: Progress | None = None) -> CoinSearch:
        """What lies on the first `keys` keys of each chain, and on the single keys. Raises ChainError."""
