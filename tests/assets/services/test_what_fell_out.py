"""What a reorganisation took away is said in words, and one that went too deep makes the index read anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.remedies import ImageRemedy
from assets.services.chain.fallen import still_fallen
from assets.services.chain.following import start_remark, sync_index
from assets.services.read_models.wallet_views import SyncView
from tests.assets.index.harness import RELEASE, REVOKE, Indexed, define, genesis, out, record, spend
from tests.builders import NAME, marker, pay
from tui.cli.fallen_text import fallen_text
from wallet.advice import Advice, Prose
from wallet.hashes import display, txid_of


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[Indexed]:
    """A chain in memory and its index."""
    world = Indexed(tmp_path)
    yield world
    world.store.close()


def synced(indexed: Indexed, told: list[Prose]) -> SyncView:
    """Brings the index to the tip as the command does."""
    return sync_index(indexed.chain, indexed.store, start=0, progress=lambda *_: None, told=told.append)


def test_each_lost_record_move_and_genesis_is_told_once_in_the_order_of_the_chain(indexed: Indexed) -> None:
    told: list[Prose] = []
    born = genesis(indexed.chain)
    released = record(out(born, 0), RELEASE)
    renamed = record(out(released, 1), define("registry.example/acme/renamed"))
    revoked = record(out(renamed, 1), REVOKE)
    sold = spend([out(revoked, 1)], [marker([1]), pay("buyer"), pay("change")])
    granted = spend([out(born, 1)], [marker([10, 999_990]), pay("friend"), pay("owner")])
    lost = spend([out(sold, 1)], [pay("buyer")])
    for tx in (born, released, renamed, revoked, sold, granted, lost):
        indexed.mine(tx)
    assert synced(indexed, told).fell_out == ()
    indexed.chain.reorg(7, resurrect=False)
    view = synced(indexed, told)
    words = [one.what for one in view.fell_out]
    assert words[0] == "the genesis"
    assert words[1].startswith("the record release 1.0, latest sha256:1111")
    assert words[2] == "the record define registry.example/acme/renamed"
    assert words[3].startswith("the record revoke compromised sha256:1111")
    assert words[4] == "a hand-over"
    assert words[5].startswith("a transfer of ")
    assert [one.txid for one in view.fell_out][:5] == [
        display(txid_of(tx)) for tx in (born, released, renamed, revoked, sold)
    ]
    assert {one.name for one in view.fell_out} == {NAME}
    assert f"the genesis of {NAME} is in no block now ({display(txid_of(born))})" in "\n".join(
        fallen_text(view.fell_out)
    )
    assert told == []


def test_what_new_blocks_hold_again_did_not_fall_out(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.mine(record(out(born, 0), RELEASE))
    synced(indexed, [])
    indexed.chain.reorg(2)
    indexed.chain.mine()
    view = synced(indexed, [])
    assert view.disconnected == 2
    assert view.fell_out == ()
    assert fallen_text(view.fell_out) == ()


def test_a_notice_goes_when_its_record_is_back_in_a_block_and_no_other_goes_with_it(indexed: Indexed) -> None:
    born = genesis(indexed.chain)
    released = record(out(born, 0), RELEASE)
    revoked = record(out(released, 1), REVOKE)
    for tx in (born, released, revoked):
        indexed.mine(tx)
    synced(indexed, [])
    indexed.chain.reorg(3, resurrect=False)
    fallen = synced(indexed, []).fell_out
    assert len(fallen) == 3
    with indexed.store.snapshot() as reader:
        assert still_fallen(fallen, reader) == fallen
    indexed.mine(born)
    indexed.mine(released)
    synced(indexed, [])
    with indexed.store.snapshot() as reader:
        assert [one.txid for one in still_fallen(fallen, reader)] == [display(txid_of(revoked))]
    indexed.mine(revoked)
    synced(indexed, [])
    with indexed.store.snapshot() as reader:
        assert still_fallen(fallen, reader) == ()


@pytest.mark.parametrize(
    ("begins", "asked", "tip", "said"),
    [
        (None, 5, 9, ""),
        (5, 5, 9, ""),
        (9, 500, 9, ""),
        (5, 7, 9, "begins at block 5, and index_start asks for block 7: it goes on with all that it has read"),
        (5, 0, 9, "begins at block 5, and index_start asks for block 0: it knows nothing of what lies before"),
    ],
)
def test_an_index_that_begins_elsewhere_than_asked_says_which_command_makes_that_count(
    begins: int | None, asked: int, tip: int, said: str
) -> None:
    found = start_remark(begins, asked, tip)
    assert said in found
    assert bool(found) is bool(said)
    assert not found or (isinstance(found, Advice) and found.remedies == (ImageRemedy.REINDEX_FROM_THERE,))


def test_bringing_the_index_up_to_date_says_that_the_setting_does_not_count_yet(indexed: Indexed) -> None:
    told: list[Prose] = []
    indexed.chain.mine_empty(6)
    synced(indexed, told)
    sync_index(indexed.chain, indexed.store, start=3, progress=lambda *_: None, told=told.append)
    assert len(told) == 1
    assert "index_start asks for block 3" in told[0]


def test_a_reorganisation_deeper_than_the_memory_is_said_and_read_anew(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.store.index_store.KEPT_BLOCKS", 4)
    born = genesis(indexed.chain)
    indexed.mine(born)
    indexed.chain.mine_empty(10)
    synced(indexed, [])
    indexed.chain.reorg(8)
    indexed.chain.mine()
    told: list[Prose] = []
    view = synced(indexed, told)
    assert view.rebuilt
    assert (view.start, view.height) == (0, indexed.chain.tip().height)
    assert len(told) == 1
    assert "deeper than" in told[0]
    with indexed.store.snapshot() as reader:
        assert reader.genesis(txid_of(born)) is not None
