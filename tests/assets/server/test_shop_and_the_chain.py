"""A shop beside a chain that changes its mind: what became of its sales, and which of them stand again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut
from coincurve import PrivateKey

from assets.errors import OfferTakenError
from assets.images.bid import Bid, BidPackage
from assets.images.offer import Ask, OfferedCoin, Sells
from assets.images.shop_sale import SaleState, ShopSale
from assets.model import CoinColor, Genuine
from assets.server.shop import Shop, ShopLot, ShopParts
from assets.store.shop_journal import ShopJournal
from tests.assets.images.listings import GENESIS, PAY_TO
from tests.builders import marker, pay
from wallet.amount import Sats
from wallet.chain.fake import FakeChain
from wallet.errors import RpcError
from wallet.hashes import sha256
from wallet.network import REGTEST
from wallet.psbt import add_signatures, bare_psbt
from wallet.signatures import p2wpkh_script, sign_input
from wallet.transactions import RBF_SEQUENCE, Prevout, UnsignedTransaction, assemble

PRICE = Sats(50_000)
FUNDS = Sats(100_000)


@dataclass(frozen=True)
class Key:
    """A P2WPKH key made from a name."""

    name: str

    @property
    def private(self) -> bytes:
        """32 bytes."""
        return sha256(self.name.encode())

    @property
    def public(self) -> bytes:
        """33 bytes."""
        return PrivateKey(self.private).public_key.format()

    @property
    def coin(self) -> CTxOut:
        """What a buyer pays with."""
        return CTxOut(FUNDS, p2wpkh_script(self.public))

    def signature(self, tx: CTransaction, number: int, spent: CTxOut) -> tuple[bytes, bytes]:
        """(public key, signature)."""
        return self.public, sign_input(self.private, tx, number, spent)


class LotKey(Key):
    """The key of the lot. Implements `LotSigner`."""

    def sign(self, tx: CTransaction, number: int, spent: CTxOut, lot: COutPoint) -> tuple[bytes, bytes]:
        """(public key, signature)."""
        return self.signature(tx, number, spent)


class Stall:
    """A chain, a shop with one lot on it, and buyers."""

    def __init__(self, folder: Path) -> None:
        self.chain = FakeChain()
        self.refusal: RpcError | None = None
        key = LotKey("lot")
        self.held = CTxOut(330, p2wpkh_script(key.public))
        self.lot = self.chain.fund(self.held.scriptPubKey, 330)
        self.ask = Ask(
            network=REGTEST.genesis,
            genesis=GENESIS,
            sells=Sells.ACCESS,
            coins=(OfferedCoin(outpoint=self.lot, quantity=1, value=Sats(330)),),
            price=PRICE,
            pay_to=PAY_TO,
            expires=100,
        )
        self.journal = ShopJournal(folder / "journal", REGTEST.genesis)
        self.shop = Shop(
            ShopParts(
                lots=(ShopLot(ask=self.ask, script=self.held.scriptPubKey),),
                source=self.chain,
                colors=self._color,
                verify=lambda text, script, signature: None,
                signer=key,
                journal=self.journal,
                refusal=lambda tx: self.refusal,
                clock=lambda: 1,
            )
        )

    def bid(self, name: str, *, expires: int = 50) -> tuple[BidPackage, COutPoint]:
        """A bid by a new buyer, and the coin that pays for it."""
        buyer = Key(name)
        coin = self.chain.fund(buyer.coin.scriptPubKey, FUNDS)
        spent = ((self.lot, self.held), (coin, buyer.coin))
        outputs = (marker([1]), CTxOut(330, buyer.coin.scriptPubKey), CTxOut(PRICE + 330, PAY_TO), pay(name, 49_000))
        tx = assemble(tuple((outpoint, RBF_SEQUENCE) for outpoint, _ in spent), outputs)
        prevouts = tuple(Prevout(outpoint=outpoint, txout=txout, path=None) for outpoint, txout in spent)
        psbt = add_signatures(
            bare_psbt(UnsignedTransaction(tx=tx, prevouts=prevouts)), {1: buyer.signature(tx, 1, buyer.coin)}
        )
        return BidPackage(bid=Bid(ask=self.ask.id, expires=expires, signature=name), psbt=psbt), coin

    def taken_back(self, name: str) -> BidPackage:
        """A bid that was completed, and then voided by a block in which its coin is spent otherwise."""
        package, coin = self.bid(name)
        sale = self.shop.bid(package)
        self.chain.evict(sale.txid)
        self.chain.mine(assemble(((coin, RBF_SEQUENCE),), (pay(name, 99_000),)))
        self.shop.settle()
        assert self.outcome(package).state is SaleState.VOID
        return package

    def outcome(self, package: BidPackage) -> ShopSale:
        """What the shop says of a bid."""
        found = self.shop.outcome(package.bid.id)
        assert found is not None
        return found

    def offered(self) -> bool:
        """Whether the lot is on the shop's board."""
        return bool(self.shop.board().asks)

    def _color(self, outpoint: COutPoint) -> CoinColor:
        return Genuine(genesis=GENESIS, quantity=1, title=False) if outpoint == self.lot else None


@pytest.fixture
def stall(tmp_path: Path) -> Iterator[Stall]:
    made = Stall(tmp_path)
    yield made
    made.journal.close()


def test_a_void_sale_stands_again_when_its_buyer_asks_once_a_reorganisation_freed_its_coins(stall: Stall) -> None:
    package = stall.taken_back("ann")
    assert stall.offered()
    assert stall.shop.bid(package).state is SaleState.VOID, "its coin is spent"
    stall.chain.reorg(1, resurrect=False)
    sale = stall.shop.bid(package)
    assert sale.state is SaleState.SENT
    assert sale.tx in stall.chain.mempool
    assert not stall.offered()
    stall.chain.mine()
    assert stall.outcome(package).state is SaleState.CONFIRMED


def test_a_void_sale_is_not_completed_after_all_unless_its_buyer_asks(stall: Stall) -> None:
    """The buyer may have taken it back on purpose."""
    package = stall.taken_back("ann")
    stall.chain.reorg(1, resurrect=False)
    stall.shop.settle()
    assert stall.outcome(package).state is SaleState.VOID
    assert stall.chain.mempool == ()
    assert stall.offered()


def test_a_void_sale_does_not_stand_again_where_the_lot_was_sold_since(stall: Stall) -> None:
    package = stall.taken_back("ann")
    stall.chain.reorg(1, resurrect=False)
    other, _ = stall.bid("ben")
    sold = stall.shop.bid(other)
    assert stall.shop.bid(package).state is SaleState.VOID
    assert stall.chain.mempool == (sold.tx,)


def test_a_sale_that_was_deep_is_looked_up_again_once_its_block_is_in_the_chain_no_more(stall: Stall) -> None:
    package, _ = stall.bid("ann")
    sale = stall.shop.bid(package)
    block = stall.chain.mine()
    stall.shop.settle()
    assert stall.outcome(package).block == block
    stall.chain.mine_empty(150)
    stall.shop.settle()
    stall.chain.reorg(151, resurrect=False)
    stall.shop.settle()
    assert [one.state for one in stall.journal.sales()] == [SaleState.SENT]
    assert stall.chain.mempool == (sale.tx,), "sent again"


def test_a_lot_that_only_an_orphaned_block_spent_is_offered_by_the_next_board(stall: Stall) -> None:
    """The board does not wait for the next look after the lots: what is gone hangs on the best block."""
    stall.chain.mine(assemble(((stall.lot, RBF_SEQUENCE),), (pay("elsewhere", 330),)))
    stall.shop.settle()
    assert not stall.offered()
    stall.chain.reorg(1, resurrect=False)
    assert stall.offered()
    stall.chain.mine(assemble(((stall.lot, RBF_SEQUENCE),), (pay("elsewhere", 330),)))
    assert not stall.offered()


def test_a_void_sale_does_not_stand_again_past_its_bids_height(stall: Stall) -> None:
    package = stall.taken_back("ann")
    stall.chain.reorg(1, resurrect=False)
    stall.chain.mine_empty(50)
    assert stall.shop.bid(package).state is SaleState.VOID
    assert stall.chain.mempool == ()


def test_a_void_sale_that_the_node_would_not_take_does_not_take_the_lot(stall: Stall) -> None:
    package = stall.taken_back("ann")
    stall.chain.reorg(1, resurrect=False)
    stall.refusal = RpcError("the node would refuse it: min relay fee not met", code=-26)
    assert stall.shop.bid(package).state is SaleState.VOID
    assert stall.offered()


def test_a_transaction_that_came_before_is_refused_under_another_bid(stall: Stall) -> None:
    package = stall.taken_back("ann")
    stall.chain.reorg(1, resurrect=False)
    again = replace(package, bid=replace(package.bid, expires=60))
    with pytest.raises(OfferTakenError, match=f"came with bid {package.bid.id.hex()} before"):
        stall.shop.bid(again)
    assert stall.chain.mempool == ()
    assert stall.offered()


def test_a_lot_whose_listing_expired_is_not_for_sale_and_not_counted(stall: Stall) -> None:
    assert stall.shop.counts()[1:] == (1, 0)
    stall.chain.mine_empty(stall.ask.expires)
    assert stall.shop.counts()[1:] == (0, 0)
    assert not stall.offered()
