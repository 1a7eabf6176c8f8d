"""What this wallet knows when it judges a transaction that somebody else brings: its scripts, and what it set aside.

The wallet's database is enough; where a node answers, it is asked about the coins, the chain and the mempool as well.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bitcoin.core import COutPoint

from assets.model import CoinColor
from assets.services.wallets.holds import Hold, Listed, set_aside
from assets.services.wallets.other_colors import is_cleared
from assets.services.wallets.own_keys import used_keys
from assets.services.wallets.session import Session
from wallet.account import Account
from wallet.chain.source import TxSource
from wallet.hashes import Txid
from wallet.keys.own_scripts import Used
from wallet.store.cold_drafts import ColdDraft, ColdDrafts, owner_of
from wallet.store.journal import Journal
from wallet.store.offers import OfferKind, OfferStore
from wallet.store.reservations import Reservations
from wallet.store.wallet_store import WalletStore


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """What a node adds: the chain and the mempool, and how colours are found out."""

    source: TxSource
    color_of: Callable[[COutPoint], CoinColor]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletFacts:
    """One wallet, and the node where one answers. `used` says how many keys of each path and chain were used;
    `signing` is the lock under which one process at a time signs.
    """

    account: Account
    used: Used
    store: WalletStore
    journal: Journal
    reservations: Reservations
    offers: OfferStore | None
    cold_drafts: ColdDrafts | None
    clock: Callable[[], int]
    signing: Callable[[], AbstractContextManager[object]]
    node: NodeFacts | None = None

    @classmethod
    def of(cls, session: Session) -> "WalletFacts":
        """With the node of a session."""
        return cls(
            account=session.account,
            used=used_keys(session),
            store=session.store,
            journal=session.journal,
            reservations=session.reservations,
            offers=session.offers,
            cold_drafts=session.cold_drafts,
            clock=session.clock,
            signing=session.signing,
            node=NodeFacts(source=session.source, color_of=session.color_of),
        )

    def draft(self, txid: Txid) -> ColdDraft | None:
        """The transaction as it was drafted here and left for a cold key, if it was."""
        return None if self.cold_drafts is None else self.cold_drafts.entry(txid)

    def set_aside(self, *, but: Txid) -> dict[COutPoint, Hold]:
        """Coins that are frozen or reserved, and why. What is reserved for the draft `but` is left out."""
        reservations = (one for one in self.reservations.active(self.clock()) if one.owner != owner_of(but))
        return set_aside(reservations, self.store.frozen())

    def is_cleared(self, outpoint: COutPoint) -> bool:
        """Whether a coin holds nothing of another protocol, whatever its transaction shows."""
        return is_cleared(outpoint, self.store, self.journal)

    def listing_of(self, outpoint: COutPoint) -> Listed | None:
        """The open listing that names a coin, if there is one."""
        found = () if self.offers is None else self.offers.on(outpoint)
        return next((Listed(one.id.hex()[:16]) for one in found if one.kind is OfferKind.ASK), None)
