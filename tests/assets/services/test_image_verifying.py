"""Every verdict, and what decides between two, over a chain, an index and a registry in memory."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assets.errors import NotFoundError, RegistryError, UnauthorizedError
from assets.images.digest import Digest
from assets.images.pin import Pins
from assets.images.verdict import ALLOWABLE, PRECEDENCE, Verdict
from assets.remedies import ImageRemedy
from assets.services.trust.verifying import Answer
from tests.assets.registry.images import image, image_list, push_image
from tests.assets.services.image_world import Repository, World
from tests.builders import NAME, script, with_witnesses
from wallet.errors import BusyError, ChainError, EncodingError, WrongNetworkError
from wallet.hashes import Txid, display
from wallet.network import REGTEST

ONE, TWO = image("one").manifest, image("two").manifest
FIRST, SECOND = Digest.of(ONE), Digest.of(TWO)
TAGGED = f"{NAME}:1.0"


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


def verdicts(answer: Answer) -> list[Verdict]:
    """All that apply, the first by rank first."""
    return [finding.verdict for finding in answer.judgement.findings]


def reasons(answer: Answer) -> str:
    """All findings and notes, to be searched."""
    return "\n".join([*(finding.reason for finding in answer.judgement.findings), *map(str, answer.notes)])


# Verified, and what vouches.


def test_a_pinned_release_verifies_and_names_the_image(world: World, app: Repository) -> None:
    answer = world.ask(TAGGED, app.pins())
    assert (answer.judgement.verdict, answer.digest, verdicts(answer)) == (Verdict.VERIFIED, FIRST, [])
    assert answer.judgement.binding is not None
    assert answer.claimed == app.txid
    assert answer.notes == ()


def test_a_lock_file_and_a_genesis_on_the_command_line_vouch_as_well(world: World, app: Repository) -> None:
    assert world.ask(TAGGED, lock=app.pins()).judgement.verdict is Verdict.VERIFIED
    assert world.ask(TAGGED, genesis=app.txid).judgement.verdict is Verdict.VERIFIED


def test_a_reference_without_a_tag_means_latest(world: World, app: Repository) -> None:
    world.registry.put(NAME, "latest", ONE)
    answer = world.ask(NAME, app.pins())
    assert (answer.reference.tag, answer.judgement.verdict) == ("latest", Verdict.UNRELEASED)


def test_a_digest_alone_is_judged_for_any_tag(world: World, app: Repository) -> None:
    assert world.ask(f"{NAME}@{FIRST}", app.pins()).judgement.verdict is Verdict.VERIFIED


def test_a_digest_that_is_pinned_needs_no_registry(world: World, app: Repository) -> None:
    world.registry.wire.down = True
    answer = world.ask(f"{TAGGED}@{FIRST}", app.pins())
    assert answer.judgement.verdict is Verdict.VERIFIED
    assert "the registry's own claim could not be read" in reasons(answer)


def test_a_deleted_claim_changes_nothing_for_whoever_pinned(world: World, app: Repository) -> None:
    world.registry.wire.untag(NAME, "dockchains")
    assert world.ask(TAGGED, app.pins()).judgement.verdict is Verdict.VERIFIED


# Each other verdict.


def superseded(world: World, app: Repository) -> Answer:
    world.registry.put(NAME, None, TWO)
    app.release(SECOND, "1.0")
    world.chain.mine()
    return world.ask(TAGGED, app.pins())


def revoked(world: World, app: Repository) -> Answer:
    pins = app.pins()
    app.revoke(FIRST)
    return world.ask(TAGGED, pins)


def mismatch(world: World, app: Repository) -> Answer:
    world.registry.put(NAME, "1.0", TWO)
    return world.ask(TAGGED, app.pins())


def unreleased(world: World, app: Repository) -> Answer:
    world.registry.put(NAME, "2.0", TWO)
    return world.ask(f"{NAME}:2.0", app.pins())


def pending(world: World, app: Repository) -> Answer:
    app.release(SECOND, "1.1")
    world.registry.put(NAME, "1.1", TWO)
    return world.ask(f"{NAME}:1.1", app.pins())


def frozen_by_a_plain_payment(world: World, app: Repository) -> Answer:
    app.lose()
    world.chain.mine()
    return world.ask(TAGGED, app.pins())


def frozen_by_a_marker(world: World, app: Repository) -> Answer:
    app.burn()
    world.chain.mine()
    return world.ask(TAGGED, app.pins())


def two_vouchers_disagree(world: World, app: Repository) -> Answer:
    other = world.publish(issuer="other", push=False)
    return world.ask(TAGGED, app.pins(), lock=other.pins())


def pin_and_flag_disagree(world: World, app: Repository) -> Answer:
    other = world.publish(issuer="other", push=False)
    return world.ask(TAGGED, app.pins(), genesis=other.txid)


def the_registry_claims_another(world: World, app: Repository) -> Answer:
    world.push_definition(world.publish(issuer="thief", owner="thief", push=False), NAME)
    return world.ask(TAGGED, app.pins())


def new_owner(world: World, app: Repository) -> Answer:
    pins = app.pins()
    app.hand_over("buyer")
    world.chain.mine()
    return world.ask(TAGGED, pins)


def earlier_author(world: World, app: Repository) -> Answer:
    app.hand_over("buyer")
    world.chain.mine()
    return world.ask(TAGGED, app.pins("buyer"))


def later_owner_of_a_genesis_on_the_command_line(world: World, app: Repository) -> Answer:
    app.hand_over("buyer")
    world.chain.mine()
    return world.ask(TAGGED, genesis=app.txid)


def unavailable(world: World, app: Repository) -> Answer:
    pins = app.pins()
    world.chain.down = True
    return world.ask(TAGGED, pins)


def registry_down(world: World, app: Repository) -> Answer:
    world.registry.wire.down = True
    return world.ask(TAGGED, app.pins())


def nobody_to_ask_for_a_claim(world: World, app: Repository) -> Answer:
    world.registry.wire.down = True
    return world.ask(f"{NAME}@{FIRST}")


def refused_the_claim(world: World, app: Repository) -> Answer:
    world.registry.refusal = UnauthorizedError("the registry refuses access")
    return world.ask(f"{NAME}@{FIRST}")


def broken_claim(world: World, app: Repository) -> Answer:
    world.registry.refusal = RegistryError("the manifest names no layer")
    return world.ask(f"{NAME}@{FIRST}")


def no_asset(world: World, app: Repository) -> Answer:
    world.registry.wire.untag(NAME, "dockchains")
    return world.ask(TAGGED)


def unpinned(world: World, app: Repository) -> Answer:
    return world.ask(TAGGED)


CASES = {
    superseded: Verdict.SUPERSEDED,
    revoked: Verdict.REVOKED,
    mismatch: Verdict.MISMATCH,
    unreleased: Verdict.UNRELEASED,
    pending: Verdict.PENDING,
    frozen_by_a_plain_payment: Verdict.FROZEN,
    frozen_by_a_marker: Verdict.FROZEN,
    two_vouchers_disagree: Verdict.PIN_CHANGED,
    pin_and_flag_disagree: Verdict.PIN_CHANGED,
    the_registry_claims_another: Verdict.PIN_CHANGED,
    new_owner: Verdict.NEW_OWNER,
    earlier_author: Verdict.NEW_OWNER,
    later_owner_of_a_genesis_on_the_command_line: Verdict.NEW_OWNER,
    unavailable: Verdict.UNAVAILABLE,
    registry_down: Verdict.UNAVAILABLE,
    nobody_to_ask_for_a_claim: Verdict.UNAVAILABLE,
    refused_the_claim: Verdict.UNAVAILABLE,
    broken_claim: Verdict.UNDECIDED,
    no_asset: Verdict.NO_ASSET,
    unpinned: Verdict.UNPINNED,
}


@pytest.mark.parametrize(("case", "verdict"), CASES.items(), ids=[case.__name__ for case in CASES])
def test_the_answer_is(
    world: World, app: Repository, case: Callable[[World, Repository], Answer], verdict: Verdict
) -> None:
    answer = case(world, app)
    assert answer.judgement.verdict is verdict, reasons(answer)
    assert answer.judgement.exit_code == int(verdict) != 0
    assert verdicts(answer) == sorted(verdicts(answer), key=PRECEDENCE.index)


def test_every_verdict_was_reached() -> None:
    reached = {*CASES.values(), Verdict.VERIFIED}
    assert reached == set(Verdict)


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        (superseded, Verdict.SUPERSEDED),
        (pending, Verdict.PENDING),
        (frozen_by_a_marker, Verdict.FROZEN),
        (new_owner, Verdict.NEW_OWNER),
        (unpinned, Verdict.UNPINNED),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_may_be_allowed_is_skipped_and_named(
    world: World, app: Repository, case: Callable[[World, Repository], Answer], verdict: Verdict
) -> None:
    asked: list[frozenset[Verdict]] = []
    plain = world.ask

    def allowing(*arguments: object, **fields: object) -> Answer:
        asked.append(frozenset({verdict}))
        return plain(*arguments, **fields, allow=frozenset({verdict}))  # type: ignore[arg-type]

    world.ask = allowing  # type: ignore[method-assign]
    answer = case(world, app)
    assert asked
    assert answer.judgement.verdict is Verdict.VERIFIED
    assert [finding.verdict for finding in answer.judgement.allowed] == [verdict]


def test_nothing_else_can_be_allowed(world: World, app: Repository) -> None:
    everything = frozenset(Verdict)
    app.revoke(FIRST)
    assert world.ask(TAGGED, app.pins(), allow=everything).judgement.verdict is Verdict.REVOKED
    world.chain.syncing = True
    answer = world.ask(f"{NAME}@{SECOND}", app.pins(), allow=everything)
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert Verdict.UNRELEASED not in ALLOWABLE


# Between two that apply.


def test_a_revocation_decides_even_where_the_registry_is_down(world: World, app: Repository) -> None:
    app.revoke(FIRST)
    pins = app.pins()
    world.registry.wire.down = True
    assert world.ask(f"{TAGGED}@{FIRST}", pins).judgement.verdict is Verdict.REVOKED


def test_a_revocation_decides_on_a_stale_tip_as_well(world: World, app: Repository) -> None:
    app.revoke(FIRST)
    world.chain.syncing = True
    assert verdicts(world.ask(TAGGED, app.pins()))[:2] == [Verdict.REVOKED, Verdict.UNDECIDED]


def test_a_changed_pin_comes_before_the_word(world: World, app: Repository) -> None:
    world.registry.put(NAME, "1.0", TWO)
    answer = the_registry_claims_another(world, app)
    assert verdicts(answer) == [Verdict.PIN_CHANGED, Verdict.MISMATCH]


def test_a_new_owner_comes_before_frozen(world: World, app: Repository) -> None:
    pins = app.pins()
    app.hand_over("buyer")
    world.chain.mine()
    app.lose()
    world.chain.mine()
    assert verdicts(world.ask(TAGGED, pins)) == [Verdict.NEW_OWNER, Verdict.FROZEN]


def test_confirmations_decide_what_is_settled(world: World, app: Repository) -> None:
    assert world.ask(TAGGED, app.pins(), confirmations=2).judgement.verdict is Verdict.PENDING
    world.chain.mine_empty()
    assert world.ask(TAGGED, app.pins(), confirmations=2).judgement.verdict is Verdict.VERIFIED


def test_a_release_over_a_pending_one_leaves_the_settled_word(world: World, app: Repository) -> None:
    app.release(SECOND, "1.0")
    assert world.ask(TAGGED, app.pins()).judgement.verdict is Verdict.VERIFIED
    world.registry.put(NAME, "1.0", TWO)
    assert world.ask(TAGGED, app.pins()).judgement.verdict is Verdict.PENDING


# What makes an answer undecided.


def test_a_node_that_still_downloads_decides_nothing(world: World, app: Repository) -> None:
    world.chain.syncing = True
    answer = world.ask(TAGGED, app.pins())
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert "still downloads" in reasons(answer)


@pytest.mark.parametrize(("late", "verdict"), [(10_800, Verdict.VERIFIED), (10_801, Verdict.UNDECIDED)])
def test_on_mainnet_the_last_block_may_be_three_hours_old(
    world: World, app: Repository, late: int, verdict: Verdict
) -> None:
    world.network, world.late = replace(REGTEST, name="mainnet"), late
    assert world.ask(TAGGED, app.pins()).judgement.verdict is verdict


def test_on_a_test_network_blocks_may_be_old(world: World, app: Repository) -> None:
    world.late = 10_000_000
    assert world.ask(TAGGED, app.pins()).judgement.verdict is Verdict.VERIFIED


def test_a_pin_whose_genesis_no_chain_has_decides_nothing(world: World, app: Repository) -> None:
    pins = Pins(pins=(replace(app.pin(), genesis=Txid(b"\x77" * 32)),))
    answer = world.ask(TAGGED, pins)
    assert verdicts(answer)[0] is Verdict.UNDECIDED
    assert f"genesis {'77' * 32} is not in the node's chain" in reasons(answer)


def test_a_pin_of_something_that_is_no_genesis_decides_nothing(world: World, app: Repository) -> None:
    pins = Pins(pins=(replace(app.pin(), genesis=Txid(app.title.hash)),))
    answer = world.ask(TAGGED, pins)
    assert verdicts(answer)[0] is Verdict.UNDECIDED
    assert f"{display(Txid(app.title.hash))} is no genesis" in reasons(answer)


def test_an_index_that_begins_after_the_genesis_says_how_to_begin_earlier(tmp_path: Path, world: World) -> None:
    app = world.publish()
    height = app.fact.position.height
    world.chain.mine_empty(3)
    late = World(tmp_path / "late", chain=world.chain, registry=world.registry, index_start=5)
    world.registry.put(NAME, "1.0", ONE)
    answer = late.ask(TAGGED, app.pins())
    late.store.close()
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert "the index begins at block 5" in reasons(answer)
    assert ImageRemedy.REINDEX_FROM.of(height=height) in answer.notes


@pytest.mark.parametrize("claimed", [True, False])
def test_an_index_that_begins_late_does_not_say_that_nothing_speaks_for_a_name(
    tmp_path: Path, world: World, claimed: bool
) -> None:
    """What it could not have found may be there: with a claim whose genesis lies before it, and without any."""
    world.registry.put(NAME, "1.0", ONE)
    world.publish(push=claimed)
    world.chain.mine_empty(8)
    late = World(tmp_path / "late", chain=world.chain, registry=world.registry, index_start=5)
    answer = late.ask(TAGGED, allow=ALLOWABLE)
    late.store.close()
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert "the index begins at block 5, and the genesis may lie before it" in reasons(answer)
    assert str(ImageRemedy.REINDEX_FROM.of(height=0)) in reasons(answer)
    whole = world.ask(TAGGED)
    assert whole.judgement.verdict is (Verdict.UNRELEASED if claimed else Verdict.NO_ASSET)


def test_an_index_that_begins_late_cannot_say_that_the_registry_claims_nothing_else(
    tmp_path: Path, world: World
) -> None:
    """The registry names an older genesis than the pin: with every block that is PIN_CHANGED, and never VERIFIED."""
    world.registry.put(NAME, "1.0", ONE)
    older = world.publish()
    world.chain.mine_empty(8)
    pinned = world.publish(push=False)
    pinned.release(FIRST, "1.0")
    world.chain.mine()
    world.push_definition(older, NAME)
    late = World(tmp_path / "late", chain=world.chain, registry=world.registry, index_start=8)
    answer = late.ask(TAGGED, pinned.pins())
    late.store.close()
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert "the genesis may lie before it" in reasons(answer)
    assert world.ask(TAGGED, pinned.pins()).judgement.verdict is Verdict.PIN_CHANGED


def test_a_pinned_genesis_that_a_reorganisation_undid_decides_nothing(world: World, app: Repository) -> None:
    pins = app.pins()
    world.chain.reorg(2)
    answer = world.ask(TAGGED, pins, allow=ALLOWABLE)
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert "the genesis that the pin names is in no block any more" in reasons(answer)


def test_a_pinned_genesis_in_another_block_is_told(world: World, app: Repository) -> None:
    pins = app.pins()
    world.chain.reorg(2)
    world.chain.mine()
    answer = world.ask(TAGGED, pins)
    assert answer.judgement.verdict is Verdict.VERIFIED
    assert "the pin saw its genesis in another block" in reasons(answer)


def test_a_release_that_a_reorganisation_took_away_is_pending_again(world: World, app: Repository) -> None:
    world.chain.reorg(1)
    assert world.ask(TAGGED, app.pins()).judgement.verdict is Verdict.PENDING


def test_a_record_without_its_witness_decides_nothing(world: World, app: Repository) -> None:
    pins = app.pins()
    app.release(SECOND, "1.0")
    (tx,) = world.chain.mempool
    world.chain.evict(Txid(tx.GetTxid()))
    world.chain.broadcast(with_witnesses(tx, [()]))
    assert world.ask(TAGGED, pins).judgement.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    "error",
    [
        WrongNetworkError("the node follows another network", hint="check --network"),
        ChainError("the node does not have block 3", hint="it is pruned"),
        BusyError("another process brings the index up to date", hint="wait"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_index_that_cannot_follow_decides_nothing(world: World, app: Repository, error: Exception) -> None:
    pins = app.pins()

    def catch_up() -> None:
        raise error

    world.catch_up = catch_up  # type: ignore[method-assign]
    answer = world.ask(TAGGED, pins)
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert str(error) in reasons(answer)


# What the registry claims.


def test_a_definition_for_another_name_is_told_and_not_believed(world: World) -> None:
    world.registry.put(NAME, "1.0", ONE)
    other = world.publish("registry.example/acme/other", push=False)
    world.push_definition(other, NAME)
    answer = world.ask(TAGGED)
    assert answer.judgement.verdict is Verdict.NO_ASSET
    assert "is for another name: registry.example/acme/other" in reasons(answer)


def test_a_definition_whose_name_is_not_the_records_is_void(world: World) -> None:
    world.registry.put(NAME, "1.0", ONE)
    world.publish("registry.example/acme/other", claims=NAME)
    answer = world.ask(TAGGED)
    assert answer.judgement.verdict is Verdict.NO_ASSET
    assert "the registry's definition does not count" in reasons(answer)


def test_a_definition_of_a_genesis_that_is_not_there_is_no_claim(world: World) -> None:
    world.registry.put(NAME, "1.0", ONE)
    app = world.publish(mine=False)
    world.chain.evict(app.txid)
    answer = world.ask(TAGGED)
    assert answer.judgement.verdict is Verdict.NO_ASSET
    assert "speaks of a genesis that is not there" in reasons(answer)


def test_a_genesis_in_the_mempool_can_be_asked_about(world: World) -> None:
    world.registry.put(NAME, "1.0", ONE)
    world.publish(mine=False).release(FIRST, "1.0")
    assert verdicts(world.ask(TAGGED)) == [Verdict.PENDING, Verdict.UNPINNED]


def test_something_else_under_the_tag_is_no_claim(world: World) -> None:
    world.registry.put(NAME, "1.0", ONE)
    world.registry.put(NAME, "dockchains", ONE)
    answer = world.ask(TAGGED)
    assert answer.judgement.verdict is Verdict.NO_ASSET
    assert "not believed" in reasons(answer)


def test_an_older_definition_is_a_note_with_a_pin_and_void_without(world: World, app: Repository) -> None:
    app.rename(NAME)
    world.chain.mine()
    pinned = world.ask(TAGGED, app.pins())
    assert pinned.judgement.verdict is Verdict.VERIFIED
    assert "is not the present one" in reasons(pinned)
    assert world.ask(TAGGED).judgement.verdict is Verdict.NO_ASSET


def test_a_rename_is_a_note(world: World, app: Repository) -> None:
    app.rename("registry.example/acme/new")
    world.chain.mine()
    answer = world.ask(TAGGED, app.pins())
    assert answer.judgement.verdict is Verdict.VERIFIED
    assert "now goes by the name registry.example/acme/new" in reasons(answer)


def test_a_claim_that_names_a_stranger_without_fitting_it_is_a_note(world: World, app: Repository) -> None:
    thief = world.publish("registry.example/acme/other", issuer="thief", claims=NAME, push=False)
    world.push_definition(thief, NAME)
    answer = world.ask(TAGGED, app.pins())
    assert answer.judgement.verdict is Verdict.VERIFIED
    assert "names a genesis that it does not fit" in reasons(answer)


def test_rivals_are_a_line_and_decide_nothing(world: World, app: Repository) -> None:
    rival = world.publish(issuer="rival", owner="rival", push=False)
    answer = world.ask(TAGGED, app.pins())
    assert answer.judgement.verdict is Verdict.VERIFIED
    assert [fact.txid for fact in answer.rivals] == [rival.txid]


def test_two_geneses_on_one_script_are_told(world: World, app: Repository) -> None:
    world.publish(push=False)
    answer = world.ask(TAGGED, app.pins())
    assert answer.judgement.verdict is Verdict.VERIFIED
    assert "2 geneses were issued from one script" in reasons(answer)


def test_a_rebound_final_tag_is_told_and_stays(world: World, app: Repository) -> None:
    app.release(FIRST, "1.0", final=True)
    app.release(SECOND, "1.0")
    world.chain.mine()
    answer = world.ask(TAGGED, app.pins())
    assert answer.judgement.verdict is Verdict.VERIFIED
    assert f"tried to bind the final tag 1.0 to {SECOND}" in reasons(answer)


def test_a_lock_file_that_does_not_know_the_name_is_told(world: World, app: Repository) -> None:
    other = replace(app.pin(), name="registry.example/acme/other")
    answer = world.ask(TAGGED, app.pins(), lock=Pins(pins=(other,)))
    assert answer.judgement.verdict is Verdict.VERIFIED
    assert f"the lock file does not name {NAME}" in reasons(answer)


def test_a_lock_file_beside_a_pin_can_only_narrow_what_is_trusted(world: World, app: Repository) -> None:
    strict = Pins(pins=(replace(app.pin(), owners=(script("somebody"),)),))
    assert world.ask(TAGGED, app.pins(), lock=strict).judgement.verdict is Verdict.NEW_OWNER


# What the registry itself says.


def test_an_unknown_tag_is_an_error_that_says_so(world: World, app: Repository) -> None:
    with pytest.raises(NotFoundError, match=r"has no tag 9\.9"):
        world.ask(f"{NAME}:9.9", app.pins())


def test_a_refused_login_is_an_error_that_says_so(world: World, app: Repository) -> None:
    pins = app.pins()
    world.registry.refusal = UnauthorizedError("the registry refuses access", hint="log in")
    with pytest.raises(UnauthorizedError):
        world.ask(TAGGED, pins)


def test_a_digest_of_another_algorithm_is_refused() -> None:
    with pytest.raises(EncodingError, match="sha512"):
        World.ask(None, f"{NAME}@sha512:{'0' * 128}")  # type: ignore[arg-type]


def test_an_image_of_one_platform_is_taken_where_its_config_says_that_it_fits(world: World, app: Repository) -> None:
    push_image(world.registry, NAME, image("single"), "3.0")
    app.release(image("single").digest, "3.0")
    world.chain.mine()
    answer = world.ask(f"{NAME}:3.0", app.pins(), platform="linux/amd64")
    assert (answer.judgement.verdict, answer.digest) == (Verdict.VERIFIED, image("single").digest)
    with pytest.raises(EncodingError, match="no manifest for linux/arm64") as refused:
        world.ask(f"{NAME}:3.0", app.pins(), platform="linux/arm64")
    assert refused.value.hint == "it has: linux/amd64"


def test_an_artifact_is_of_no_platform(world: World, app: Repository) -> None:
    made = image("artifact")
    world.registry.push_blob(NAME, b"{}", "application/vnd.oci.empty.v1+json")
    manifest = made.manifest.replace(str(Digest.of(made.config)).encode(), str(Digest.of(b"{}")).encode())
    world.registry.put(NAME, "3.0", manifest.replace(b'"size":%d' % len(made.config), b'"size":2', 1))
    with pytest.raises(EncodingError, match="does not say which"):
        world.ask(f"{NAME}:3.0", app.pins(), platform="linux/amd64")


def test_the_image_list_bytes_are_what_is_bound(world: World, app: Repository) -> None:
    both = image_list(image("m", "amd64"), image("m", "arm64"))
    world.registry.put(NAME, "2.0", both)
    app.release(Digest.of(both), "2.0")
    world.chain.mine()
    answer = world.ask(f"{NAME}:2.0", app.pins())
    assert (answer.judgement.verdict, answer.digest) == (Verdict.VERIFIED, Digest.of(both))
