"""What the mempool is about to do, and whether a coin is still there."""

import pytest
from bitcoin.core import COutPoint

from assets.errors import IndexStateError
from assets.index.liveness import Liveness, held, settled
from assets.index.pending import MAX_PENDING, pending, pending_genesis, pending_spend
from assets.index.reader import IndexReader
from assets.model import Authorship, Genuine, Holding, MovementKind, Position
from tests.assets.index.harness import RELEASE, REVOKE, Indexed, genesis, out, record, spend
from tests.builders import marker, pay, script, segwit
from wallet.errors import ChainError
from wallet.hashes import Txid, txid_of


def test_pending_records_come_in_order_with_their_place_in_the_lineage(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    first = record(out(born, 0), RELEASE)
    second = record(out(first, 1), REVOKE)
    indexed.chain.broadcast(first)
    indexed.chain.broadcast(second)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        found = pending(indexed.chain, reader, txid_of(born))
        assert [item.attachment for item in found] == [RELEASE, REVOKE]
        assert [item.position for item in found] == [Position(height=None, index=0), Position(height=None, index=1)]
        assert all(item.authorship is Authorship.AUTHORISED and item.block is None for item in found)
        assert len(reader.title_movements(txid_of(born))) == 1


def test_a_pending_revoke_stands_until_it_is_replaced_or_evicted(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.sync()
    revoke = record(out(born, 0), REVOKE)
    instead = record(out(born, 0), RELEASE, witness=segwit("other"))
    with indexed.store.snapshot() as reader:
        indexed.chain.broadcast(revoke)
        assert [item.attachment for item in pending(indexed.chain, reader, txid_of(born))] == [REVOKE]
        indexed.chain.replace(instead)
        assert [item.attachment for item in pending(indexed.chain, reader, txid_of(born))] == [RELEASE]
        indexed.chain.evict(txid_of(instead))
        assert pending(indexed.chain, reader, txid_of(born)) == ()


def test_nothing_is_pending_where_nothing_moves_or_the_genesis_is_unknown(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert pending(indexed.chain, reader, txid_of(born)) == ()
        assert pending(indexed.chain, reader, txid_of(record(out(born, 0), RELEASE))) == ()
        assert pending_spend(indexed.chain, reader, out(born, 1)) == ()
        assert pending_spend(indexed.chain, reader, out(born, 3)) == ()


def test_a_plain_spend_in_the_mempool_is_a_pending_loss(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.sync()
    indexed.chain.broadcast(spend([out(born, 0)], [pay("thief")]))
    with indexed.store.snapshot() as reader:
        (loss,) = pending(indexed.chain, reader, txid_of(born))
        assert (loss.kind, loss.title, loss.target) == (MovementKind.LOSS, True, None)


def test_a_loss_ends_the_pending_lineage(indexed: Indexed) -> None:
    born = genesis(indexed.chain, units=5)
    indexed.mine(born)
    indexed.sync()
    merged = spend([out(born, 0), out(born, 1)], [marker([6]), pay("owner")])
    onward = spend([out(merged, 1)], [marker([6]), pay("owner")])
    indexed.chain.broadcast(merged)
    indexed.chain.broadcast(onward)
    with indexed.store.snapshot() as reader:
        assert [item.kind for item in pending(indexed.chain, reader, txid_of(born))] == [MovementKind.LOSS]


def test_a_pending_genesis_is_found_with_what_follows_it(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    release = record(out(born, 0), RELEASE)
    indexed.chain.broadcast(born)
    indexed.chain.broadcast(release)
    indexed.sync()
    with indexed.store.snapshot() as reader:
        found = pending_genesis(indexed.chain, reader, txid_of(born))
        assert found is not None
        fact, movements = found
        assert (fact.txid, fact.position, fact.block) == (txid_of(born), Position(height=None, index=0), None)
        assert [item.kind for item in movements] == [MovementKind.GENESIS, MovementKind.TRANSFER]
        assert [item.position.index for item in movements] == [0, 1]
        assert pending_genesis(indexed.chain, reader, txid_of(release)) is None
    indexed.mine()
    with indexed.store.snapshot() as reader:
        assert pending_genesis(indexed.chain, reader, txid_of(born)) is None


def test_units_that_only_the_mempool_knows_count_for_a_handover(indexed: Indexed) -> None:
    born = genesis(indexed.chain, units=100)
    indexed.mine(born)
    indexed.sync()
    grant = spend([out(born, 1)], [marker([30, 70]), pay("friend", 330), pay("owner", 330)])
    again = spend([out(grant, 2)], [marker([70]), pay("owner", 330)])
    handover = spend([out(born, 0), out(again, 1)], [marker([1, 70]), pay("buyer"), pay("buyer", 330)])
    for tx in (grant, again, handover):
        indexed.chain.broadcast(tx)
    with indexed.store.snapshot() as reader:
        (moved,) = pending(indexed.chain, reader, txid_of(born))
        assert moved.kind is MovementKind.TRANSFER
        assert moved.target is not None
        assert moved.target.script == script("buyer")
        assert [item.quantity for item in pending_spend(indexed.chain, reader, out(born, 1))] == [30, 70]


def test_unconfirmed_funding_behind_the_title_is_not_walked(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.sync()
    funding = indexed.chain.fund_unconfirmed(script("change"), 5_000)
    for _ in range(3):
        funding = _paid_on(indexed, funding)
    release = spend([out(born, 0), funding], [marker([1], RELEASE), pay("owner", 9_000), pay("change")])
    indexed.chain.broadcast(release)
    with indexed.store.snapshot() as reader:
        (found,) = pending(indexed.chain, reader, txid_of(born))
        assert found.authorship is Authorship.AUTHORISED


def _paid_on(indexed: Indexed, coin: COutPoint) -> COutPoint:
    """A further unconfirmed payment."""
    tx = spend([coin], [pay("change", 4_000)])
    indexed.chain.broadcast(tx)
    return out(tx, 0)


def test_an_endless_pending_lineage_is_refused(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.sync()
    last = record(out(born, 0), RELEASE)
    indexed.chain.broadcast(last)
    for _ in range(MAX_PENDING - 1):
        last = record(out(last, 1), RELEASE)
        indexed.chain.broadcast(last)
    with indexed.store.snapshot() as reader, pytest.raises(IndexStateError, match="more than 64 unconfirmed"):
        pending(indexed.chain, reader, txid_of(born))


def test_a_parent_that_left_the_mempool_meanwhile_is_no_loss_but_an_error(indexed: Indexed) -> None:
    born = genesis(indexed.chain, units=9)
    indexed.mine(born)
    indexed.sync()
    grant = spend([out(born, 1)], [marker([9]), pay("owner", 330)])
    both = spend([out(born, 0), out(grant, 1)], [marker([1, 9]), pay("buyer"), pay("buyer", 330)])
    indexed.chain.broadcast(grant)
    indexed.chain.broadcast(both)
    indexed.chain.lost.add(txid_of(grant))
    with indexed.store.snapshot() as reader, pytest.raises(ChainError, match="no longer has"):
        pending(indexed.chain, reader, txid_of(born))


def test_a_parent_in_a_block_that_was_not_read_is_an_error(indexed: Indexed) -> None:
    born = genesis(indexed.chain, units=9)
    indexed.mine(born)
    indexed.sync()
    grant = spend([out(born, 1)], [marker([9]), pay("owner", 330)])
    indexed.mine(grant)
    indexed.chain.broadcast(spend([out(born, 0), out(grant, 1)], [marker([1, 9]), pay("buyer"), pay("buyer", 330)]))
    with indexed.store.snapshot() as reader, pytest.raises(IndexStateError, match="not in the index yet"):
        pending(indexed.chain, reader, txid_of(born))
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert [item.kind for item in pending(indexed.chain, reader, txid_of(born))] == [MovementKind.TRANSFER]


def _ask_title(indexed: Indexed, txid: Txid) -> tuple[Holding | None, Liveness | None]:
    def question(reader: IndexReader) -> tuple[Holding | None, COutPoint | None]:
        title = reader.title(txid)
        return title, title.outpoint if title is not None else None

    return settled(indexed.chain, indexed.store.snapshot, question, indexed.sync)


def test_a_title_with_a_pending_release_is_held_and_not_frozen(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.sync()
    indexed.chain.broadcast(record(out(born, 0), RELEASE))
    with indexed.store.snapshot() as reader:
        assert held(indexed.chain, reader, out(born, 0)) is Liveness.HELD


def test_a_title_spent_by_a_plain_payment_is_frozen_although_the_index_has_it(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.mine(spend([out(born, 0)], [pay("anyone")]))
    indexed.sync()
    with indexed.store.snapshot() as reader:
        assert reader.unit(out(born, 0)) == Genuine(genesis=txid_of(born), quantity=1, title=True)
        assert held(indexed.chain, reader, out(born, 0)) is Liveness.FROZEN
        assert held(indexed.chain, reader, out(born, 1)) is Liveness.HELD


def test_an_index_behind_the_node_says_so_and_catches_up_when_asked(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.sync()
    release = record(out(born, 0), RELEASE)
    indexed.mine(release)
    with indexed.store.snapshot() as reader:
        assert held(indexed.chain, reader, out(born, 0)) is Liveness.BEHIND
    title, liveness = _ask_title(indexed, txid_of(born))
    assert title is not None
    assert (title.outpoint, liveness) == (out(release, 1), Liveness.HELD)


def test_an_answer_without_a_coin_is_as_of_the_tip_too(indexed: Indexed) -> None:
    born = genesis(indexed.chain, units=5)
    indexed.mine(born)
    indexed.sync()
    indexed.mine(spend([out(born, 0), out(born, 1)], [marker([6]), pay("owner")]))
    assert _ask_title(indexed, txid_of(born)) == (None, None)


def test_an_index_that_never_catches_up_ends_with_a_clear_error(indexed: Indexed) -> None:
    indexed.mine(genesis(indexed.chain))
    with pytest.raises(IndexStateError, match="faster than the index can follow"):
        settled(indexed.chain, indexed.store.snapshot, lambda _reader: (None, None), lambda: None)
