"""What the holder of scripts is to a repository, looked up anew each time: on a chain in memory and its real index."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import CScript

from assets.errors import IndexStateError
from assets.images.access import Standing
from assets.index.pending import MAX_PENDING
from assets.services.chain.entitlement import Entitlements
from tests.assets.index.harness import RELEASE, Indexed, genesis, out, record, spend
from tests.builders import marker, pay, script
from wallet.chain.source import CoinAnswer
from wallet.errors import ChainUnavailableError
from wallet.hashes import Txid, txid_of

STRANGER, HOLDER, OWNER = Standing.STRANGER, Standing.HOLDER, Standing.OWNER


@dataclass
class World:
    """A repository in a block, on a chain that the index follows."""

    indexed: Indexed
    born: CTransaction

    @property
    def id(self) -> Txid:
        """What the repository is."""
        return txid_of(self.born)

    @property
    def title(self) -> COutPoint:
        """The title's first coin."""
        return out(self.born, 0)

    @property
    def treasury(self) -> COutPoint:
        """The treasury's first coin."""
        return out(self.born, 1)

    def entitlements(self, confirmations: int = 1) -> Entitlements:
        """The question that a gate asks."""
        indexed = self.indexed
        return Entitlements(indexed.chain, indexed.store.snapshot, indexed.sync, confirmations=confirmations)

    def __getitem__(self, name: str) -> Standing:
        """What somebody is, by the name of the key."""
        return self.entitlements().standing(self.id, [script(name)])

    def grant(self, receiver: str) -> CTransaction:
        """A unit of the treasury for somebody; the rest stays."""
        return spend([self.treasury], [marker([1, 999_999]), pay(receiver), pay("owner")])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    indexed = Indexed(tmp_path)
    born = genesis(indexed.chain)
    indexed.mine(born)
    yield World(indexed, born)
    indexed.store.close()


def test_the_title_makes_an_owner_and_nothing_makes_a_stranger(world: World) -> None:
    assert world["owner"] is OWNER
    assert world["issuer"] is STRANGER
    assert world["anybody"] is STRANGER
    assert world.entitlements().standing(world.id, []) is STRANGER
    assert world.entitlements().standing(world.id, [script("anybody"), script("owner")]) is OWNER


def test_an_unknown_genesis_makes_everybody_a_stranger(world: World) -> None:
    assert world.entitlements().standing(Txid(bytes(32)), [script("owner")]) is STRANGER


def test_a_unit_counts_once_a_block_has_it_and_until_the_mempool_spends_it(world: World) -> None:
    grant = world.grant("ann")
    world.indexed.chain.broadcast(grant)
    assert world["ann"] is STRANGER
    world.indexed.chain.mine()
    assert world["ann"] is HOLDER
    onward = spend([out(grant, 1)], [marker([1]), pay("ben")])
    world.indexed.chain.broadcast(onward)
    assert world["ann"] is STRANGER
    assert world["ben"] is STRANGER
    world.indexed.chain.evict(txid_of(onward))
    assert world["ann"] is HOLDER
    world.indexed.mine(onward)
    assert (world["ann"], world["ben"]) == (STRANGER, HOLDER)


def test_one_unit_that_is_left_is_enough(world: World) -> None:
    split = spend([world.treasury], [marker([1, 1, 999_998]), pay("ann"), pay("ann"), pay("owner")])
    world.indexed.mine(split)
    world.indexed.chain.broadcast(spend([out(split, 1)], [marker([1]), pay("ben")]))
    assert world["ann"] is HOLDER


def test_a_plain_payment_of_a_unit_ends_it_though_the_index_still_has_it(world: World) -> None:
    grant = world.grant("ann")
    world.indexed.mine(grant)
    assert world["ann"] is HOLDER
    world.indexed.mine(spend([out(grant, 1)], [pay("ann")]))
    assert world["ann"] is STRANGER
    with world.indexed.store.snapshot() as reader:
        assert reader.units_on([script("ann")]), "an index by markers alone would let her in"


def test_a_reorganisation_that_removes_a_unit_removes_access(world: World) -> None:
    grant = world.grant("ann")
    world.indexed.mine(grant)
    assert world["ann"] is HOLDER
    world.indexed.chain.reorg(1, resurrect=False)
    assert world["ann"] is STRANGER
    assert world["owner"] is OWNER


def test_a_foreign_unit_of_the_same_asset_lets_nobody_in(world: World) -> None:
    """Whoever holds the issuing key can mint more of the asset id; what descends from no genesis is foreign."""
    coin = world.indexed.chain.fund(script("issuer"), 100_000)
    mint = spend([coin], [pay("mallory", 600), marker([5]), pay("change")])
    world.indexed.mine(mint)
    mixed = spend([out(mint, 0), world.treasury], [marker([5]), pay("mallory")])
    world.indexed.mine(mixed)
    assert world["mallory"] is STRANGER


def test_the_owner_stays_owner_while_an_own_release_is_pending(world: World) -> None:
    release = record(world.title, RELEASE)
    world.indexed.chain.broadcast(release)
    world.indexed.chain.broadcast(record(out(release, 1), RELEASE))
    assert world["owner"] is OWNER
    world.indexed.chain.mine()
    assert world["owner"] is OWNER


def test_a_title_on_its_way_to_somebody_else_is_nobodys_until_a_block_has_it(world: World) -> None:
    release = record(world.title, RELEASE)
    handover = spend([out(release, 1)], [marker([1]), pay("next"), pay("change")])
    world.indexed.chain.broadcast(release)
    world.indexed.chain.broadcast(handover)
    assert (world["owner"], world["next"]) == (HOLDER, STRANGER), "the treasury lets the old owner pull until it moves"
    world.indexed.chain.mine()
    assert (world["owner"], world["next"]) == (HOLDER, OWNER)


def test_a_handed_over_title_with_its_treasury_leaves_nothing(world: World) -> None:
    sold = spend([world.title, world.treasury], [marker([1, 1_000_000]), pay("next"), pay("next"), pay("change")])
    world.indexed.chain.broadcast(sold)
    assert (world["owner"], world["next"]) == (STRANGER, STRANGER)
    world.indexed.chain.mine()
    assert (world["owner"], world["next"]) == (STRANGER, OWNER)


@pytest.mark.parametrize("with_marker", [True, False])
def test_whoever_held_a_lost_title_last_may_pull_and_no_longer_push(world: World, with_marker: bool) -> None:
    world.indexed.mine(spend([world.treasury], [marker([1_000_000]), pay("next")]))
    outputs = [pay("owner"), marker([0, 1])] if with_marker else [pay("owner")]
    world.indexed.mine(spend([world.title], outputs))
    assert world["owner"] is HOLDER
    assert world["anybody"] is STRANGER


def test_more_confirmations_can_be_asked_for(world: World) -> None:
    world.indexed.mine(world.grant("ann"))
    deep = world.entitlements(3)
    assert deep.standing(world.id, [script("ann")]) is STRANGER
    world.indexed.chain.mine_empty(2)
    assert deep.standing(world.id, [script("ann")]) is HOLDER


def test_a_node_that_does_not_answer_is_an_error_and_never_an_answer(world: World) -> None:
    world.indexed.sync()
    world.indexed.chain.down = True
    for name in ("owner", "anybody"):
        with pytest.raises(ChainUnavailableError):
            _ = world[name]


def test_more_pending_moves_than_can_be_followed_are_an_error_and_never_an_answer(world: World) -> None:
    coin = world.title
    for _ in range(MAX_PENDING + 1):
        step = record(coin, RELEASE)
        world.indexed.chain.broadcast(step)
        coin = out(step, 1)
    with pytest.raises(IndexStateError, match="unconfirmed"):
        _ = world["owner"]
    assert world["anybody"] is STRANGER


def test_an_index_that_cannot_follow_is_an_error_and_never_an_answer(world: World) -> None:
    world.indexed.mine(world.grant("ann"))
    stuck = Entitlements(world.indexed.chain, world.indexed.store.snapshot, lambda: None)
    for name in ("owner", "ann", "anybody"):
        with pytest.raises(IndexStateError):
            stuck.standing(world.id, [script(name)])


class Racing:
    """A node to which a block comes between two questions about one coin."""

    def __init__(self, world: World, block: CTransaction) -> None:
        self._chain = world.indexed.chain
        self._block = block
        self.raced = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._chain, name)

    def spender(self, outpoint: COutPoint) -> CTransaction | None:
        """The mempool has nothing yet; then the block comes."""
        found = self._chain.spender(outpoint)
        if not self.raced:
            self.raced = True
            self._chain.mine(self._block)
        return found

    def unspent(self, outpoint: COutPoint) -> CoinAnswer:
        """As the node answers."""
        return self._chain.unspent(outpoint)


def test_a_block_between_two_questions_makes_no_wrong_answer(world: World) -> None:
    grant = world.grant("ann")
    world.indexed.mine(grant)
    world.indexed.sync()
    racing = Racing(world, spend([out(grant, 1)], [marker([1]), pay("ben")]))
    asked = Entitlements(racing, world.indexed.store.snapshot, world.indexed.sync)  # type: ignore[arg-type]
    assert asked.standing(world.id, [script("ann")]) is STRANGER
    assert racing.raced


def holding(world: World, *names: str, geneses: tuple[Txid, ...] = ()) -> list[str]:
    """Which of the keys hold anything."""
    scripts = {bytes(script(name)): name for name in names}
    found = world.entitlements().holding(geneses or (world.id,), [CScript(one) for one in scripts])
    return [scripts[bytes(one)] for one in found]


def test_who_holds_anything_may_log_in_and_nobody_else(world: World) -> None:
    world.indexed.mine(world.grant("ann"))
    assert holding(world, "ann") == ["ann"]
    assert holding(world, "nobody", "owner", "ann") == ["owner", "ann"]
    assert holding(world, "nobody") == []
    assert holding(world, "ann", geneses=(Txid(bytes(32)),)) == []
    assert holding(world) == []


def test_who_held_a_lost_title_last_may_log_in(world: World) -> None:
    world.indexed.mine(spend([world.treasury], [marker([1_000_000]), pay("next")]))
    world.indexed.mine(spend([world.title], [pay("owner"), marker([0, 1])]))
    assert holding(world, "owner", "nobody") == ["owner"]
