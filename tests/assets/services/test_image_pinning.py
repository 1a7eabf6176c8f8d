"""Which pin would be taken, what speaks against it, and what is never replaced in passing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assets.errors import TrustError, UnauthorizedError
from assets.images.digest import Digest
from assets.images.pin import Pins
from assets.images.verdict import Verdict
from assets.remedies import ImageRemedy
from assets.services.trust.pinning import PinProposal, propose_pin
from tests.assets.registry.images import image
from tests.assets.services.image_world import Repository, World
from tests.builders import NAME, script
from wallet.advice import Advice
from wallet.errors import ChainError
from wallet.keys.address import address_of
from wallet.network import REGTEST

ONE = image("one").manifest
FIRST = Digest.of(ONE)
OWNER = address_of(script("owner"), REGTEST)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty chain, an empty registry."""
    made = World(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def app(world: World) -> Repository:
    """A repository with 1.0 released in a block, served under that tag."""
    made = world.publish()
    world.registry.put(NAME, "1.0", ONE)
    made.release(FIRST, "1.0")
    world.chain.mine()
    return made


def propose(world: World, pins: Pins | None = None, name: str = NAME, **fields: Any) -> PinProposal:
    """What pinning would mean."""
    given = {"genesis": None, "confirmations": 1, "accept_owner": False, **fields}
    return propose_pin(name, world.access, world.registry, pins or Pins(), **given)


def sold(world: World, app: Repository) -> Repository:
    """The same repository after a hand-over."""
    app.hand_over("buyer")
    world.chain.mine()
    return app


def test_the_registrys_claim_is_proposed_with_the_present_owner(world: World, app: Repository) -> None:
    proposal = propose(world)
    assert (proposal.pin, proposal.is_known, proposal.warnings) == (app.pin(), False, ())
    assert proposal.definition == app.definition
    assert proposal.confirmations == 2


def test_a_genesis_that_is_named_needs_no_registry(world: World, app: Repository) -> None:
    world.registry.refusal = UnauthorizedError("the registry refuses access")
    assert propose(world, genesis=app.txid).pin == app.pin()
    with pytest.raises(UnauthorizedError):
        propose(world)


def test_what_is_pinned_already_is_known(world: World, app: Repository) -> None:
    assert propose(world, app.pins()).is_known


def test_a_pin_needs_its_confirmations(world: World, app: Repository) -> None:
    with pytest.raises(TrustError, match="has 2 of 6 confirmations"):
        propose(world, confirmations=6)
    world.chain.mine_empty(4)
    assert propose(world, confirmations=6).confirmations == 6


def test_a_node_that_still_downloads_takes_no_pin(world: World, app: Repository) -> None:
    world.chain.syncing = True
    with pytest.raises(ChainError, match="still downloads"):
        propose(world)


def test_a_new_owner_is_accepted_by_a_flag_alone(world: World, app: Repository) -> None:
    pins = app.pins()
    sold(world, app)
    with pytest.raises(TrustError, match="its title has a new owner since") as refused:
        propose(world, pins)
    assert refused.value.advice == ImageRemedy.ACCEPT_OWNER.of()
    grown = propose(world, pins, accept_owner=True)
    assert not grown.is_known
    assert grown.pin.owners == (script("owner"), script("buyer"))
    assert world.ask(f"{NAME}:1.0", Pins(pins=(grown.pin,))).judgement.verdict is Verdict.VERIFIED


def test_the_flag_means_nothing_for_a_name_that_is_not_pinned(world: World, app: Repository) -> None:
    with pytest.raises(TrustError, match="is not pinned"):
        propose(world, accept_owner=True)


def test_who_has_a_lock_file_alone_accepts_a_new_owner_by_the_flag_too(world: World, app: Repository) -> None:
    locked = app.pin()
    sold(world, app)
    with pytest.raises(TrustError, match="has a new owner since it was locked") as refused:
        propose(world, locked=locked)
    assert refused.value.advice == ImageRemedy.ACCEPT_OWNER_TOO.of()
    proposal = propose(world, locked=locked, accept_owner=True)
    assert not proposal.is_known
    assert proposal.pin.owners == (script("buyer"),), "the file's owners are not the user's"


def test_a_lock_file_needs_no_claim_and_is_not_overruled_by_one(world: World, app: Repository) -> None:
    assert propose(world, locked=app.pin(), genesis=app.txid).pin == app.pin()
    other = world.publish(issuer="other", owner="other")
    for fields in ({"genesis": other.txid}, {"genesis": other.txid, "accept_owner": True}, {}):
        with pytest.raises(TrustError, match="the lock file names genesis"):
            propose(world, locked=app.pin(), **fields)
    world.registry.refusal = UnauthorizedError("the registry refuses access")
    assert propose(world, locked=app.pin()).pin == app.pin()


def test_another_genesis_never_takes_the_place_of_a_pinned_one(world: World, app: Repository) -> None:
    other = world.publish(issuer="other", owner="other")
    for fields in ({}, {"genesis": other.txid}, {"accept_owner": True}):
        with pytest.raises(TrustError, match="is pinned to another genesis") as refused:
            propose(world, app.pins(), **fields)
        assert isinstance(refused.value.advice, Advice)
        assert refused.value.advice.remedies == (ImageRemedy.UNPIN,)


def test_an_earlier_owners_tags_are_named_and_accepted_one_by_one(world: World, app: Repository) -> None:
    sold(world, app)
    fresh = propose(world)
    assert fresh.pin.owners == (script("buyer"),)
    assert fresh.warnings == ("an earlier owner bound 1.0: " + ImageRemedy.ACCEPT_AUTHOR.of(author=OWNER),)
    assert world.ask(f"{NAME}:1.0", Pins(pins=(fresh.pin,))).judgement.verdict is Verdict.NEW_OWNER
    trusting = propose(world, Pins(pins=(fresh.pin,)), accept_authors=(script("owner"),))
    assert (trusting.is_known, trusting.warnings) == (False, ())
    assert trusting.pin.owners == (script("buyer"), script("owner"))
    assert world.ask(f"{NAME}:1.0", Pins(pins=(trusting.pin,))).judgement.verdict is Verdict.VERIFIED


def test_somebody_who_wrote_nothing_is_never_accepted(world: World, app: Repository) -> None:
    sold(world, app)
    for stranger in ("stranger", "buyer"):
        with pytest.raises(TrustError, match="wrote no record of this repository that counts"):
            propose(world, accept_authors=(script(stranger),))


def test_an_owner_whose_tags_were_all_bound_anew_is_not_mentioned(world: World, app: Repository) -> None:
    sold(world, app).release(FIRST, "1.0")
    world.chain.mine()
    assert propose(world).warnings == ()


def test_the_name_must_be_the_definitions_and_the_records(world: World, app: Repository) -> None:
    app.rename("registry.example/acme/new")
    world.chain.mine()
    with pytest.raises(TrustError, match=r"speaks for registry\.example/acme/new, not for"):
        propose(world, genesis=app.txid)
    assert propose(world, app.pins()).is_known, "a later rename is a note for whoever pinned"


def test_a_definition_that_no_record_carries_is_not_pinned(world: World, app: Repository) -> None:
    app.rename(NAME)
    world.chain.mine()
    with pytest.raises(TrustError, match="the registry's definition does not count"):
        propose(world)


def test_everything_that_speaks_against_a_pin_is_a_warning(world: World, app: Repository) -> None:
    world.publish(issuer="rival", owner="rival", push=False)
    assert "1 other geneses on the chain claim this name" in propose(world).warnings[0]
    app.hand_over("buyer")
    assert any("about to change hands" in one for one in propose(world).warnings)
    world.chain.mine()
    app.lose()
    world.chain.mine()
    assert any("the title is lost" in one for one in propose(world).warnings)


def test_a_genesis_that_moved_to_another_block_is_told_and_pinned_there(world: World, app: Repository) -> None:
    pins = app.pins()
    world.chain.reorg(2)
    world.chain.mine()
    proposal = propose(world, pins)
    assert any("its genesis is in another block now" in one for one in proposal.warnings)
    assert (proposal.is_known, proposal.pin) == (True, app.pin())
