"""What an ordinary wallet's transactions did to its balance, newest last and unconfirmed first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bitcoin.core import COutPoint, CTransaction

from wallet.amount import Sats
from wallet.hashes import BlockHash, Txid, txid_of


class State(StrEnum):
    """Whether a transaction still counts."""

    STANDING = "in a block or in the mempool"
    EVICTED = "neither in a block nor in the mempool, and can be sent again"
    DEAD = "replaced or abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedTransaction:
    """A transaction that touches this wallet, as the watching node knows it.

    `height` and `block` are None while unconfirmed; `index` is its number in the block. `time` is the block's, or,
    unconfirmed, when the node first saw it (unix seconds). `own_outputs` are the numbers of the outputs that pay this
    wallet.
    """

    tx: CTransaction
    height: int | None
    block: BlockHash | None
    index: int
    time: int
    own_outputs: tuple[int, ...]
    state: State = State.STANDING

    @property
    def txid(self) -> Txid:
        """Its id, 32 bytes in internal order."""
        return txid_of(self.tx)


class Category(StrEnum):
    """What a transaction did, as far as sats tell."""

    RECEIVED = "received"
    SENT = "sent"
    INTERNAL = "internal"
    """Every input and every output with value is this wallet's."""
    MINED = "mined"
    EVICTED = "left the mempool"
    DEAD = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One line of a wallet's history.

    `confirmations` is 0 while unconfirmed. `delta` is what the balance gained, in sats, negative where it paid, fee
    included; where it does not stand, as the category says, what it would have gained. `fee` is known only where all
    inputs are this wallet's.
    """

    txid: Txid
    height: int | None
    confirmations: int
    time: int
    delta: Sats
    fee: Sats | None
    category: Category
    label: str


def history(
    transactions: Iterable[WatchedTransaction], *, tip_height: int, labels: Mapping[Txid, str] | None = None
) -> tuple[HistoryEntry, ...]:
    """The entries for all transactions of a wallet: unconfirmed ones first, then from the newest block down.

    All transactions must be given at once, because an input is this wallet's where an earlier one paid it.
    """
    known = {transaction.txid: transaction for transaction in transactions}
    own = {
        COutPoint(txid, vout): Sats(transaction.tx.vout[vout].nValue)
        for txid, transaction in known.items()
        for vout in transaction.own_outputs
    }
    names = labels or {}
    entries = [_entry(transaction, own, tip_height, names) for transaction in known.values()]
    order = {txid: transaction.index for txid, transaction in known.items()}
    return tuple(sorted(entries, key=lambda entry: _newest_first(entry, order[entry.txid])))


def _newest_first(entry: HistoryEntry, index: int) -> tuple[int, int, int, int, bytes]:
    if entry.height is None:
        return 0, 0, 0, -entry.time, entry.txid
    return 1, -entry.height, -index, 0, entry.txid


def _entry(
    transaction: WatchedTransaction, own: Mapping[COutPoint, Sats], tip_height: int, labels: Mapping[Txid, str]
) -> HistoryEntry:
    tx = transaction.tx
    spent = [own[txin.prevout] for txin in tx.vin if txin.prevout in own]
    received = sum(tx.vout[vout].nValue for vout in transaction.own_outputs)
    fee = sum(spent) - sum(txout.nValue for txout in tx.vout) if len(spent) == len(tx.vin) else None
    height = transaction.height
    return HistoryEntry(
        txid=transaction.txid,
        height=height,
        confirmations=0 if height is None else max(0, tip_height - height + 1),
        time=transaction.time,
        delta=Sats(received - sum(spent)),
        fee=None if fee is None else Sats(fee),
        category=_category(transaction, spent),
        label=labels.get(transaction.txid, ""),
    )


def _category(transaction: WatchedTransaction, spent: list[Sats]) -> Category:
    tx = transaction.tx
    if transaction.state is not State.STANDING:
        return Category.DEAD if transaction.state is State.DEAD else Category.EVICTED
    if tx.is_coinbase():
        return Category.MINED
    if not spent:
        return Category.RECEIVED
    foreign = [vout for vout, txout in enumerate(tx.vout) if txout.nValue and vout not in transaction.own_outputs]
    return Category.SENT if foreign or len(spent) < len(tx.vin) else Category.INTERNAL
