from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bitcoin.core import CMutableTransaction, COutPoint, CTransaction, CTxIn, CTxOut

from assets.errors import OfferTakenError
from assets.images.shop_sale import SaleState, ShopSale
from assets.store.shop_journal import ShopJournal
from tests.builders import script
from wallet.chain.source import BlockRef
from wallet.errors import BusyError
from wallet.hashes import BlockHash, sha256
from wallet.network import REGTEST

LOT = COutPoint(sha256(b"lot"), 1)
BLOCK = BlockRef(120, BlockHash(sha256(b"block")))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[ShopJournal]:
    made = ShopJournal(tmp_path / "journal", REGTEST.genesis)
    yield made
    made.close()


def sale(buyer: str, lot: COutPoint = LOT) -> ShopSale:
    tx = CTransaction.from_tx(CMutableTransaction([CTxIn(lot)], [CTxOut(330, script(buyer))], 0, 2))
    return ShopSale(bid=sha256(buyer.encode()), ask=sha256(b"ask"), lot=lot, tx=tx, created=1)


def test_a_sale_is_read_back_and_takes_its_lot(journal: ShopJournal) -> None:
    one = sale("ann")
    journal.record(one)
    assert journal.sale_of(LOT) == journal.sale_by(one.bid) == one
    assert journal.sold() == {LOT}


def test_a_lot_is_sold_once_whoever_asks_at_once(journal: ShopJournal) -> None:
    def attempt(number: int) -> bool:
        try:
            journal.record(sale(f"buyer {number}"))
        except OfferTakenError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == 1
    assert len(journal.sales()) == 1


def test_a_void_sale_gives_its_lot_free_and_takes_it_back_where_it_stands_again(journal: ShopJournal) -> None:
    one, two = sale("ann"), sale("ben")
    journal.record(one)
    journal.mark(one.txid, SaleState.VOID)
    assert journal.sale_of(LOT) is None
    journal.record(two)
    journal.mark(one.txid, SaleState.CONFIRMED, BLOCK)
    standing = journal.sale_of(LOT)
    assert standing is not None
    assert (standing.bid, standing.block) == (one.bid, BLOCK)


def test_a_better_bid_takes_the_place_of_the_one_that_it_names_and_of_no_other(journal: ShopJournal) -> None:
    one, two, three = sale("ann"), sale("ann again"), sale("thief")
    journal.record(one)
    journal.record(two, replaces=one.txid)
    with pytest.raises(OfferTakenError, match="is sold"):
        journal.record(three, replaces=one.txid)
    assert [each.state for each in journal.sales()] == [SaleState.REPLACED, SaleState.SIGNED]


def test_one_process_serves_from_a_journal_at_a_time(journal: ShopJournal, tmp_path: Path) -> None:
    other = ShopJournal(tmp_path / "journal", REGTEST.genesis)
    with journal.serving(), pytest.raises(BusyError), other.serving():
        pass
    other.close()
    with journal.serving():
        pass


def test_what_was_recorded_is_there_after_the_file_is_opened_again(tmp_path: Path) -> None:
    first = ShopJournal(tmp_path / "journal", REGTEST.genesis)
    first.record(sale("ann"))
    first.close()
    second = ShopJournal(tmp_path / "journal", REGTEST.genesis)
    assert second.sale_of(LOT) == sale("ann")
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600
    second.close()
