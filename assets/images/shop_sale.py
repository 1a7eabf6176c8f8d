"""A sale of a shop, as its journal has it."""

from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import COutPoint, CTransaction

from wallet.chain.source import BlockRef
from wallet.hashes import Txid, txid_of


class SaleState(StrEnum):
    """How far a sale has come. SIGNED becomes SENT becomes CONFIRMED, and SENT again after a reorganisation.

    CONTESTED is one that left the mempool for another transaction which spends one of its coins and waits for a block.
    VOID is one whose coins were spent otherwise, in a block: the lot is for sale again, unless it was the lot that was
    spent. After a reorganisation it stands again once a block holds it, or once its buyer sends the bid again.
    REPLACED gave way to a bid of the same buyer that pays a higher fee.
    """

    SIGNED = "signed"
    SENT = "sent"
    CONFIRMED = "confirmed"
    CONTESTED = "contested"
    VOID = "void"
    REPLACED = "replaced"


STANDING = (SaleState.SIGNED, SaleState.SENT, SaleState.CONFIRMED, SaleState.CONTESTED)
"""States in which the lot is sold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSale:
    """A completed transaction for one lot. `bid` and `ask` are ids of 32 bytes, `created` unix seconds.

    `block` is there while it is confirmed, and says nothing where it is in the best chain no more.
    """

    bid: bytes
    ask: bytes
    lot: COutPoint
    tx: CTransaction
    created: int
    state: SaleState = SaleState.SIGNED
    block: BlockRef | None = None

    @property
    def txid(self) -> Txid:
        """The sale's transaction id."""
        return txid_of(self.tx)
