"""The shop: offers its lots, judges bids, completes each sale at most once, and tells what became of it.

It holds no wallet. It is given listings, a signer for its lots, a journal and a node. A sale is in the journal, which
takes one for each lot, before anybody hears of it; whatever was signed and did not arrive is sent again. So a kill at
any point leaves either nothing or a sale that will be sent.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from bitcoin.core import COutPoint, CTransaction, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.asks import VerifyMessage
from assets.coloring.bids import AcceptableBid, BidCheck, Received, Seller, judge, receive, txid_in
from assets.coloring.coin_facts import coin_facts
from assets.coloring.rivals import Fate, rivalry
from assets.errors import OfferError, OfferTakenError
from assets.images.bid import BidPackage
from assets.images.board import Board
from assets.images.offer import Ask
from assets.images.shop_sale import STANDING, SaleState, ShopSale
from assets.model import CoinColor
from wallet.chain.source import BlockRef, Tip, TxSource, stands
from wallet.coins import AccountKind, KeyPath
from wallet.errors import ChainError, RpcError, StateError, StoreError, WalletError
from wallet.hashes import BlockHash, Txid, display, outpoint_text
from wallet.psbt import add_signatures, bare_psbt, finalize

PATIENCE = 30.0
"""Seconds that a bid waits for those before it."""

_FATES = {Fate.CONTESTED: SaleState.CONTESTED, Fate.VOID: SaleState.VOID}

_log = logging.getLogger(__name__)


class LotSigner(Protocol):
    """Signs the spending of lots, for the whole transaction (SIGHASH_ALL) and in no other way."""

    def sign(self, tx: CTransaction, number: int, spent: CTxOut, lot: COutPoint) -> tuple[bytes, bytes]:
        """(public key, signature with sighash byte) of input `number`, which spends `lot`. Raises SigningError."""


class Journal(Protocol):
    """Where sales are written down. Implemented by `assets.store.shop_journal`."""

    def record(self, sale: ShopSale, *, replaces: Txid | None = None) -> None:
        """Durably, at most one that stands for each lot. Raises OfferTakenError."""

    def mark(self, txid: Txid, state: SaleState, block: BlockRef | None = None) -> None:
        """What became of a sale."""

    def sale_of(self, lot: COutPoint) -> ShopSale | None:
        """The sale that stands for a lot."""

    def sale_by(self, bid: bytes) -> ShopSale | None:
        """The sale that a bid led to."""

    def sales(self) -> tuple[ShopSale, ...]:
        """All, oldest first."""

    def sold(self) -> frozenset[COutPoint]:
        """The lots for which a sale stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopLot:
    """A lot, the script that holds it, and the listing that offers it."""

    ask: Ask
    script: CScript

    @property
    def outpoint(self) -> COutPoint:
        """The coin."""
        return self.ask.coins[0].outpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopParts:
    """What a shop is made of. `refusal` is the error with which the node would refuse a transaction, or None;
    `clock` gives unix seconds."""

    lots: tuple[ShopLot, ...]
    source: TxSource
    colors: Callable[[COutPoint], CoinColor]
    verify: VerifyMessage
    signer: LotSigner
    journal: Journal
    refusal: Callable[[CTransaction], RpcError | None]
    clock: Callable[[], int]


class Shop:
    """A shop that serves many buyers at once. One bid at a time is decided."""

    def __init__(self, parts: ShopParts) -> None:
        self._parts = parts
        self._by_ask: Mapping[bytes, ShopLot] = {lot.ask.id: lot for lot in parts.lots}
        self._paths = {lot.outpoint: KeyPath(AccountKind.SHOP, 0, at) for at, lot in enumerate(parts.lots)}
        self._own = {bytes(lot.script): self._paths[lot.outpoint] for lot in parts.lots}
        self._gone: frozenset[COutPoint] = frozenset()
        self._gone_as_of: BlockHash | None = None
        self._deciding = threading.Lock()

    def board(self) -> Board:
        """The listings of lots that are still here; each is checked again when somebody bids."""
        tip = self._parts.source.tip()
        return Board.of(lot.ask for lot in self._here(tip))

    def counts(self) -> tuple[int, int, int]:
        """The tip's height, lots for sale, lots sold."""
        tip = self._parts.source.tip()
        return tip.height, len(self._here(tip)), len(self._parts.journal.sold())

    def _here(self, tip: Tip) -> tuple[ShopLot, ...]:
        """The lots that are for sale. Which coins are gone hangs on the best block: another one has it asked anew."""
        if self._gone_as_of != tip.hash:
            self._look_for_lots()
        away = self._parts.journal.sold() | self._gone
        return tuple(lot for lot in self._parts.lots if lot.outpoint not in away and tip.height < lot.ask.expires)

    def best(self) -> BlockRef:
        """The best block, as what an answer rests on."""
        tip = self._parts.source.tip()
        return BlockRef(tip.height, tip.hash)

    def is_still(self, block: BlockRef) -> bool:
        """Whether a block that an answer rested on is still in the chain."""
        return stands(block, self._parts.source)

    def bid(self, package: BidPackage) -> ShopSale:
        """Completes the sale that a bid offers; the same bid again gets the same answer.

        Raises OfferError (taken, expired, or the check that failed), GuardError, EncodingError, ChainError; nothing is
        signed then.
        """
        parts = self._parts
        known = parts.journal.sale_by(package.bid.id)
        if known is not None:
            return self._revived(self._refreshed(known), package)
        lot = self._by_ask.get(package.bid.ask)
        if lot is None:
            raise OfferError(
                BidCheck.ASK, f"this shop has no listing {package.bid.ask.hex()}", hint="fetch its list of asks again"
            )
        received = receive(lot.ask, package, parts.source.tip().height)
        self._replaced(lot, received)
        with self._alone():
            replaces = self._replaced(lot, received)
            if replaces == txid_in(received):
                return self._refreshed(self._standing(lot))
            sale = self._completed(lot, received, replaces)
            parts.journal.record(sale, replaces=replaces)
        _log.info("sold %s in %s", outpoint_text(lot.outpoint), display(sale.txid))
        return self._sent(sale)

    def outcome(self, bid: bytes) -> ShopSale | None:
        """What became of a bid, as of now; None where it led to no sale."""
        sale = self._parts.journal.sale_by(bid)
        return None if sale is None else self._refreshed(sale)

    def settle(self) -> None:
        """Sends again what did not arrive, follows blocks and reorganisations, and sees which lots are gone.

        Called at the start and from time to time. Raises ChainError where the node cannot be asked.
        """
        for sale in self._parts.journal.sales():
            if not stands(sale.block, self._parts.source):
                self._refreshed(sale)
        for sale in self._parts.journal.sales():
            if sale.state in STANDING and self._standing_for(sale.lot) != sale.txid:
                self._parts.journal.mark(sale.txid, SaleState.VOID)
        self._look_for_lots()

    def _look_for_lots(self) -> None:
        sold = self._parts.journal.sold()
        open_lots = [lot for lot in self._parts.lots if lot.outpoint not in sold]
        facts = coin_facts(self._parts.source, (lot.outpoint for lot in open_lots))
        self._gone = frozenset(fact.outpoint for fact in facts.facts if fact.txout is None or fact.spender is not None)
        self._gone_as_of = facts.tip.hash

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One bid at a time is decided. Raises StateError for one that would wait too long."""
        if not self._deciding.acquire(timeout=PATIENCE):
            raise StateError("the shop is busy with other bids", hint="send the same bid again in a moment")
        try:
            yield
        finally:
            self._deciding.release()

    def _revived(self, sale: ShopSale, package: BidPackage) -> ShopSale:
        """A void sale stands again where a reorganisation freed its coins, and its buyer sends the bid once more.

        Never without being asked: whoever took a bid back, by spending a coin of it, does not want it completed after
        all because the block that held that spend is gone.
        """
        parts = self._parts
        lot = self._by_ask.get(sale.ask)
        if sale.state is not SaleState.VOID or lot is None:
            return sale
        if parts.source.tip().height >= min(lot.ask.expires, package.bid.expires):
            return sale
        with self._alone():
            taken = parts.journal.sale_of(sale.lot) is not None
            possible = rivalry(parts.source, sale.tx).fate is Fate.POSSIBLE
            if taken or not possible or parts.refusal(sale.tx) is not None:
                return sale
            parts.journal.mark(sale.txid, SaleState.SIGNED)
        _log.info("sold %s in %s, which was void", outpoint_text(sale.lot), display(sale.txid))
        return self._sent(self._known(sale.bid))

    def _replaced(self, lot: ShopLot, received: Received) -> Txid | None:
        """The sale that this bid may replace: by the same receiver, and not in a block. Raises OfferTakenError."""
        sale = self._parts.journal.sale_of(lot.outpoint)
        if sale is None:
            return None
        if sale.state is SaleState.CONFIRMED or sale.tx.vout[1].scriptPubKey != received.receiver:
            raise OfferTakenError(
                BidCheck.SPENT,
                f"the lot {outpoint_text(lot.outpoint)} is sold, in {display(sale.txid)}",
                hint="choose another lot of the shop",
            )
        left_out = {txin.prevout for txin in sale.tx.vin} - set(received.outpoints)
        if left_out:
            raise OfferError(
                "replacement",
                f"it leaves out {', '.join(map(outpoint_text, left_out))}, which your sale {display(sale.txid)} spends",
                hint="a new bid spends the same coins, so that only one of the two can ever be mined",
            )
        return sale.txid

    def _completed(self, lot: ShopLot, received: Received, replaces: Txid | None) -> ShopSale:
        parts = self._parts
        facts = coin_facts(parts.source, received.outpoints)
        seller = Seller(
            keys={lot.outpoint: self._paths[lot.outpoint]},
            own=frozenset(self._paths) - {lot.outpoint},
            pay_to=None,
            whose=self._own.get,
            colors=parts.colors,
            verify=parts.verify,
        )
        judged = judge(received, facts, seller, replacing=replaces)
        tx = self._signed(lot, judged)
        refusal = parts.refusal(tx)
        if refusal is not None:
            raise OfferError("node", str(refusal), hint="nothing was sent; make a new bid")
        return ShopSale(bid=received.bid.id, ask=lot.ask.id, lot=lot.outpoint, tx=tx, created=parts.clock())

    def _signed(self, lot: ShopLot, judged: AcceptableBid) -> CTransaction:
        """The whole transaction; every signature is verified once more when it is put together."""
        unsigned = judged.unsigned
        own = self._parts.signer.sign(unsigned.tx, 0, unsigned.prevouts[0].txout, lot.outpoint)
        return finalize(add_signatures(bare_psbt(unsigned), {**judged.signatures, 0: own}))

    def _sent(self, sale: ShopSale) -> ShopSale:
        """Hands a journalled sale to the node. Where that fails it is sent again later: it stands."""
        try:
            self._parts.source.broadcast(sale.tx)
        except ChainError as error:
            _log.warning("could not send %s yet: %s", display(sale.txid), error)
            return sale
        self._noted(sale, SaleState.SENT)
        return self._known(sale.bid)

    def _noted(self, sale: ShopSale, state: SaleState, block: BlockRef | None = None) -> None:
        """Writes down how far a sale is. A disk that is full changes nothing about it: the next look finds it again."""
        try:
            self._parts.journal.mark(sale.txid, state, block)
        except StoreError as error:
            _log.warning("what became of %s is not written down: %s", display(sale.txid), error)

    def _standing(self, lot: ShopLot) -> ShopSale:
        sale = self._parts.journal.sale_of(lot.outpoint)
        assert sale is not None, "it was found just now"
        return sale

    def _standing_for(self, lot: COutPoint) -> Txid | None:
        sale = self._parts.journal.sale_of(lot)
        return None if sale is None else sale.txid

    def _known(self, bid: bytes) -> ShopSale:
        sale = self._parts.journal.sale_by(bid)
        assert sale is not None, "sales are never removed"
        return sale

    def _refreshed(self, sale: ShopSale) -> ShopSale:
        """The sale as the chain has it now. One that was replaced counts again only once a block holds it."""
        found = self._parts.source.transaction(sale.txid)
        if sale.state is SaleState.REPLACED and (found is None or found.block is None):
            return sale
        if found is not None:
            state = SaleState.SENT if found.block is None else SaleState.CONFIRMED
            if (sale.state, sale.block) != (state, found.block):
                self._noted(sale, state, found.block)
            return self._known(sale.bid)
        if sale.state in STANDING:
            self._send_again(sale)
        return self._known(sale.bid)

    def _send_again(self, sale: ShopSale) -> None:
        try:
            self._parts.source.broadcast(sale.tx)
            self._noted(sale, SaleState.SENT)
        except RpcError as error:
            self._refused(sale, error)
        except WalletError as error:
            _log.warning("could not send %s: %s", display(sale.txid), error)

    def _refused(self, sale: ShopSale, error: RpcError) -> None:
        """Why the node will not have a sale again: whoever spends its coins otherwise, or a reason that may pass."""
        found = rivalry(self._parts.source, sale.tx)
        if found.fate not in _FATES:
            _log.warning("the node refuses %s: %s", display(sale.txid), error)
            return
        state = _FATES[found.fate]
        if sale.state is not state:
            self._parts.journal.mark(sale.txid, state)
            _log.warning("%s is %s: %s", display(sale.txid), state, found.words)
