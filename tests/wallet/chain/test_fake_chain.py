"""The chain in memory keeps the rules that tests lean on."""

import pytest
from bitcoin.core import COutPoint

from tests.contracts.chains import ANYONES_SCRIPT, spend
from wallet.chain.fake import FakeChain, raw_blocks
from wallet.errors import ChainError, ChainUnavailableError, FeeError, RpcError
from wallet.hashes import txid_of


def test_a_chain_that_is_down_answers_nothing() -> None:
    chain = FakeChain()
    chain.down = True
    for ask in (
        chain.tip,
        lambda: chain.block_hash(0),
        lambda: list(chain.blocks(0, 0)),
        lambda: chain.fee_estimate(1),
    ):
        with pytest.raises(ChainUnavailableError):
            ask()


def test_a_block_cannot_spend_what_is_not_there_or_twice() -> None:
    chain = FakeChain()
    coin = chain.fund(ANYONES_SCRIPT, 1_000)
    with pytest.raises(AssertionError, match="cannot spend"):
        chain.mine(spend(coin, sats=900), spend(coin, sats=800))
    with pytest.raises(AssertionError, match="cannot spend"):
        chain.mine(spend(COutPoint(b"\x01" * 32, 0), sats=900))
    first = spend(coin, sats=900)
    chain.mine(first, spend(COutPoint(txid_of(first), 0), sats=800))


def test_the_mempool_takes_one_spender_unless_it_is_told_to_replace() -> None:
    chain = FakeChain()
    coin = chain.fund_unconfirmed(ANYONES_SCRIPT, 1_000)
    first, second = spend(coin, sats=900), spend(coin, sats=800)
    child = spend(COutPoint(txid_of(first), 0), sats=700)
    chain.broadcast(first)
    chain.broadcast(child)
    with pytest.raises(RpcError, match="conflict"):
        chain.broadcast(second)
    chain.replace(second)
    assert first not in chain.mempool
    assert child not in chain.mempool
    assert chain.spender(coin) == second


def test_a_block_with_a_rival_clears_the_mempool_of_the_loser_and_its_children() -> None:
    chain = FakeChain()
    coin = chain.fund(ANYONES_SCRIPT, 1_000)
    loser = spend(coin, sats=900)
    chain.broadcast(loser)
    chain.broadcast(spend(COutPoint(txid_of(loser), 0), sats=800))
    chain.mine(spend(coin, sats=700))
    assert chain.mempool == ()


def test_a_reorganisation_can_write_another_history() -> None:
    chain = FakeChain()
    coin = chain.fund(ANYONES_SCRIPT, 1_000)
    old, new = spend(coin, sats=900), spend(coin, sats=800)
    chain.mine(old)
    chain.reorg(1, [[new], []])
    assert chain.transaction(txid_of(old)) is None
    found = chain.transaction(txid_of(new))
    assert found is not None
    assert found.block is not None


def test_pruned_blocks_unknown_rates_and_lost_transactions_can_be_had() -> None:
    chain = FakeChain()
    coin = chain.fund(ANYONES_SCRIPT, 1_000)
    chain.mine_empty(5)
    chain.pruned_below, chain.rate = 3, None
    with pytest.raises(ChainError, match="does not have block 1"):
        list(chain.blocks(1, 4))
    assert len(raw_blocks(chain, (3, 4))) == 2
    with pytest.raises(FeeError):
        chain.fee_estimate(6)
    chain.lost.add(txid_of(spend(coin, sats=1)))
    assert chain.transaction(txid_of(spend(coin, sats=1))) is None
