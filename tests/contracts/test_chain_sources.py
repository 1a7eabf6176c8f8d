"""What every source of transactions and blocks must do, in memory as on a real node."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from bitcoin.core import CBlock, COutPoint, CTxOut, Hash

from regtest.node import Node
from tests.contracts.chains import ANYONES_SCRIPT, Chain, FakeWorld, NodeWorld, spend
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import CookieFile, Endpoint
from wallet.chain.source import BlockRef, ChainHeader
from wallet.errors import RpcError
from wallet.fees import MAX_RATE, MIN_RATE
from wallet.hashes import BlockHash, Txid, txid_of
from wallet.network import REGTEST


@pytest.fixture(params=["memory", pytest.param("bitcoind", marks=pytest.mark.node)])
def chain(request: pytest.FixtureRequest) -> Iterator[Chain]:
    if request.param == "memory":
        yield FakeWorld()
        return
    node: Node = request.getfixturevalue("bitcoin_node")
    endpoint = Endpoint(host="127.0.0.1", port=node.rpc_port, credentials=CookieFile(node.cookie))
    source = Bitcoind.at(endpoint, REGTEST)
    yield NodeWorld(node, source)
    source.close()


def test_the_tip_grows_with_every_block(chain: Chain) -> None:
    before = chain.source.tip()
    chain.mine_empty(2)
    after = chain.source.tip()
    assert after.height == after.headers == before.height + 2
    assert chain.source.block_hash(after.height) == after.hash != before.hash
    assert chain.source.block_hash(after.height + 1) is None
    assert chain.source.block_hash(-1) is None
    assert chain.source.block_hash(0) == REGTEST.genesis


def test_a_transaction_is_found_in_the_mempool_and_then_in_its_block(chain: Chain) -> None:
    coin = chain.fund(50_000)
    tx = spend(coin, sats=49_000)
    assert chain.source.transaction(txid_of(tx)) is None
    assert chain.source.broadcast(tx) == txid_of(tx)
    found = chain.source.transaction(txid_of(tx))
    assert found is not None
    assert (found.tx.serialize(), found.block) == (tx.serialize(), None)
    chain.mine()
    tip = chain.source.tip()
    found = chain.source.transaction(txid_of(tx))
    assert found is not None
    assert (found.tx.serialize(), found.block) == (tx.serialize(), BlockRef(tip.height, tip.hash))


def test_an_unknown_transaction_is_none(chain: Chain) -> None:
    assert chain.source.transaction(Txid(b"\x42" * 32)) is None


def test_a_coin_stays_unspent_until_a_block_spends_it_whatever_the_mempool_says(chain: Chain) -> None:
    coin = chain.fund(50_000)
    tip = chain.source.tip()
    answer = chain.source.unspent(coin)
    assert (answer.txout, answer.tip, answer.height) == (CTxOut(50_000, ANYONES_SCRIPT), tip.hash, tip.height)
    assert not answer.coinbase
    tx = spend(coin, sats=49_000)
    chain.source.broadcast(tx)
    assert chain.source.unspent(coin).txout is not None
    assert chain.source.unspent(COutPoint(txid_of(tx), 0)).txout is None
    chain.mine()
    answer = chain.source.unspent(coin)
    assert (answer.txout, answer.tip) == (None, chain.source.tip().hash)
    assert chain.source.unspent(COutPoint(txid_of(tx), 0)).txout == tx.vout[0]
    assert chain.source.unspent(COutPoint(txid_of(tx), 1)).txout is None


def test_a_coinbase_coin_is_called_one(chain: Chain) -> None:
    chain.mine_empty(1)
    tip = chain.source.tip()
    ((_, raw),) = chain.source.blocks(tip.height, tip.height)
    coinbase = CBlock.deserialize(raw).vtx[0]
    assert chain.source.unspent(COutPoint(txid_of(coinbase), 0)).coinbase


def test_the_mempools_spender_of_a_coin_is_found_until_it_is_mined(chain: Chain) -> None:
    coin = chain.fund(50_000)
    assert chain.source.spender(coin) is None
    tx = spend(coin, sats=49_000)
    chain.source.broadcast(tx)
    spender = chain.source.spender(coin)
    assert spender is not None
    assert spender.serialize() == tx.serialize()
    chain.mine()
    assert chain.source.spender(coin) is None


def test_sending_twice_is_no_error_before_and_after_a_block(chain: Chain) -> None:
    tx = spend(chain.fund(50_000), sats=49_000)
    child = spend(COutPoint(txid_of(tx), 0), sats=48_000)
    for _ in range(2):
        assert chain.source.broadcast(tx) == txid_of(tx)
    chain.mine()
    assert chain.source.broadcast(tx) == txid_of(tx)
    chain.source.broadcast(child)
    chain.mine()
    # Now all of its outputs are spent, and only the transaction index still knows it.
    assert chain.source.broadcast(tx) == txid_of(tx)


def test_a_spend_of_a_coin_that_is_gone_is_refused(chain: Chain) -> None:
    coin = chain.fund(50_000)
    chain.source.broadcast(spend(coin, sats=49_000))
    chain.mine()
    with pytest.raises(RpcError, match="missingorspent"):
        chain.source.broadcast(spend(coin, sats=48_000))
    assert chain.source.transaction(txid_of(spend(coin, sats=48_000))) is None


def test_blocks_come_in_order_linked_and_whole(chain: Chain) -> None:
    chain.fund(50_000)
    chain.mine_empty(3)
    tip = chain.source.tip()
    blocks = list(chain.source.blocks(0, tip.height + 10))
    assert [ref.height for ref, _ in blocks] == list(range(tip.height + 1))
    assert (blocks[0][0].hash, blocks[-1][0].hash) == (REGTEST.genesis, tip.hash)
    for (before, _), (ref, raw) in pairwise(blocks):
        assert Hash(raw[:80]) == ref.hash
        assert raw[4:36] == before.hash
        assert CBlock.deserialize(raw).GetHash() == ref.hash
    assert list(chain.source.blocks(tip.height + 1, tip.height + 5)) == []
    assert [ref.height for ref, _ in chain.source.blocks(2, 3)] == [2, 3]


def test_blocks_end_where_the_chain_changed_meanwhile(chain: Chain) -> None:
    chain.mine_empty(8)
    tip = chain.source.tip()
    reading = chain.source.blocks(tip.height - 2, tip.height + 5)
    first, _ = next(reading)
    chain.reorg(4, resurrect=True)
    rest = [ref for ref, _ in reading]
    assert first.height == tip.height - 2
    # What was read on is the old chain, linked, or nothing; never a block of the new chain on top of an old one.
    assert [ref.height for ref in rest] in ([], [tip.height - 1, tip.height])
    assert chain.source.tip().height == tip.height + 1


def test_a_reorganisation_takes_a_transaction_back_to_the_mempool(chain: Chain) -> None:
    coin = chain.fund(50_000)
    tx = spend(coin, sats=49_000)
    chain.source.broadcast(tx)
    chain.mine()
    chain.reorg(1, resurrect=True)
    found = chain.source.transaction(txid_of(tx))
    assert found is not None
    assert found.block is None
    assert chain.source.unspent(coin).txout is not None
    assert chain.source.unspent(COutPoint(txid_of(tx), 0)).txout is None
    chain.mine()
    assert chain.source.unspent(coin).txout is None


def test_a_transaction_that_a_reorganisation_lost_is_gone(chain: Chain) -> None:
    coin = chain.fund(50_000)
    tx = spend(coin, sats=49_000)
    chain.source.broadcast(tx)
    chain.mine()
    chain.reorg(1, resurrect=False)
    assert chain.source.transaction(txid_of(tx)) is None
    assert chain.source.spender(coin) is None
    assert chain.source.unspent(coin).txout is not None


def test_a_header_is_there_as_long_as_its_block_is_in_the_best_chain(chain: Chain) -> None:
    chain.mine_empty(1)
    tip = chain.source.tip()
    ((_, raw),) = chain.source.blocks(tip.height, tip.height)
    header = chain.source.header(tip.hash)
    assert header == ChainHeader(height=tip.height, merkle_root=CBlock.deserialize(raw).hashMerkleRoot)
    assert chain.source.header(REGTEST.genesis) is not None
    assert chain.source.header(BlockHash(b"\x11" * 32)) is None
    chain.reorg(1, resurrect=True)
    assert chain.source.header(tip.hash) is None


def test_a_fee_rate_is_within_its_bounds_and_says_where_it_is_from(chain: Chain) -> None:
    estimate = chain.source.fee_estimate(6)
    assert MIN_RATE <= estimate.rate <= MAX_RATE
    assert estimate.source
    assert estimate.age >= 0
