"""What the use cases of one wallet work with. Made by the composition root; fakes implement the same ports."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from bitcoin.core import COutPoint, CTransaction

from assets.index.reader import IndexWriter
from assets.model import CoinColor
from assets.services.wallets.holds import Hold, Signed, set_aside
from wallet.account import Account
from wallet.chain.source import TxSource
from wallet.coins import AccountKind, Coin
from wallet.errors import RpcError
from wallet.hashes import Txid
from wallet.history import WatchedTransaction
from wallet.network import Network
from wallet.store.cold_drafts import ColdDrafts
from wallet.store.handovers import HandoverStore
from wallet.store.journal import Journal
from wallet.store.offers import OfferStore
from wallet.store.reservations import Reservations
from wallet.store.wallet_store import WalletStore


class CoinSource(Protocol):
    """The wallet's outputs as a node that watches its scripts sees them, chain and mempool."""

    def coins(self) -> tuple[Coin, ...]:
        """Every unspent output on a script of the account."""

    def first_unused(self, account: AccountKind, chain: int) -> int:
        """The number of the first key of a chain after the last one that was ever paid."""

    def transactions(self) -> tuple[WatchedTransaction, ...]:
        """Every transaction that touches the wallet."""


def _not_watched(_: Account) -> None:
    """For sessions without a watching node."""


def _nothing_evicted() -> tuple[WatchedTransaction, ...]:
    """For sessions without a watching node."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One wallet and one node.

    `color_of` tells a coin's colour from its ancestors; `signing` is the lock under which one process at a time signs;
    `refusal` is the error with which the node's mempool would refuse a transaction, or None; `clock` gives unix
    seconds; `index` is the index of this network, where there is one. `offers` are the asks and bids of this wallet,
    `cold_drafts` what waits for signatures from elsewhere, `handovers` what is kept for the time after a sale;
    `watch_new` makes the node watch the keys of lots that an account has come to know; `evicted` are transactions of
    the wallet that the node knows of and that are in neither chain nor mempool.

    `again` says that what was signed before, and was never told to be sent, may be done a second time; `exact` that a
    draft is signed on the very coins that were shown, or not at all. `signed` is the one thing here that changes: what
    was signed in this session, in order, and whether a node took it.
    """

    name: str
    network: Network
    account: Account
    source: TxSource
    coins: CoinSource
    color_of: Callable[[COutPoint], CoinColor]
    store: WalletStore
    journal: Journal
    reservations: Reservations
    signing: Callable[[], AbstractContextManager[object]]
    refusal: Callable[[CTransaction], RpcError | None]
    clock: Callable[[], int]
    index: IndexWriter | None = None
    offers: OfferStore | None = None
    cold_drafts: ColdDrafts | None = None
    handovers: HandoverStore | None = None
    watch_new: Callable[[Account], None] = _not_watched
    evicted: Callable[[], tuple[WatchedTransaction, ...]] = _nothing_evicted
    again: bool = False
    exact: bool = False
    signed: dict[Txid, bool] = field(default_factory=dict)

    def held(self, *, but: Collection[str] = ()) -> dict[COutPoint, Hold]:
        """Coins that are set aside, and why: by a transaction that is not sent yet, by others, by the user.

        What is reserved for one of the owners in `but` does not count.
        """
        signed: dict[COutPoint, Hold] = {
            txin.prevout: Signed(entry.txid) for entry in self.journal.unconfirmed() for txin in entry.tx.vin
        }
        reservations = (one for one in self.reservations.active(self.clock()) if one.owner not in but)
        return signed | set_aside(reservations, self.store.frozen())
