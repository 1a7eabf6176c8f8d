"""Repository secrets that belong to sales in the chain and have not changed hands yet, as far as this wallet knows."""

from dataclasses import dataclass

from assets.images.bid import Bid, BidPackage
from assets.remedies import ImageRemedy
from assets.services.market.listing import offers_of
from assets.services.wallets.session import Session
from wallet.advice import Prose
from wallet.hashes import Txid, display
from wallet.psbt import Psbt
from wallet.store.handovers import HandoverStore
from wallet.store.offers import OfferEntry, OfferKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretDue:
    """A sale (`txid`) after which a secret is due. `mine` says that this wallet is the seller, and hands it over.

    `confirmations` are those of the sale.
    """

    txid: str
    mine: bool
    confirmations: int

    @property
    def words(self) -> Prose:
        """What is to be done about it."""
        if self.mine:
            return (
                f"you sold a repository with sealed images in {self.txid}, and its buyer waits for the secret: "
                + ImageRemedy.HAND_OVER_TO_BUYER.of(txid=self.txid)
            )
        return (
            f"the repository that you bought in {self.txid} has sealed images; the seller sends you their secret, which"
            " you take in by: " + ImageRemedy.TAKE_IN_FROM_SELLER.of()
        )


def secrets_due(session: Session) -> tuple[SecretDue, ...]:
    """What this wallet has to hand over, then what it waits for. Raises ChainError."""
    if session.handovers is None or session.offers is None:
        return ()
    sold = [(txid, True) for txid, _ in session.handovers.unhanded()]
    awaited = {entry.txid for entry in offers_of(session).entries(OfferKind.BID) if _waits(entry, session.handovers)}
    bought = [(txid, False) for txid in sorted(txid for txid in awaited if txid is not None)]
    depths = ((txid, mine, _depth(txid, session)) for txid, mine in (*sold, *bought))
    return tuple(
        SecretDue(txid=display(txid), mine=mine, confirmations=depth) for txid, mine, depth in depths if depth > 0
    )


def _waits(entry: OfferEntry, kept: HandoverStore) -> bool:
    """Whether a bid of ours asked for a secret that never came: none is kept for the script that got the title."""
    if Bid.parse(entry.document).secret_to is None:
        return False
    receiver = bytes(Psbt.parse(BidPackage.parse(entry.companion).psbt).tx.vout[1].scriptPubKey)
    return not any((one.subject, one.script) == (entry.subject, receiver) for one in kept.secrets())


def _depth(txid: Txid, session: Session) -> int:
    found = session.source.transaction(txid)
    return 0 if found is None or found.block is None else session.source.tip().height - found.block.height + 1
