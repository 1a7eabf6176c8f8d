"""Platforms inside indexes, what has to be read to judge them, and what is kept between runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.errors import DigestMismatchError
from assets.images.digest import Digest
from assets.images.pin import Pins
from assets.images.verdict import Verdict
from assets.registry.media_types import OCI_INDEX, OCI_MANIFEST
from assets.registry.port import ManifestAnswer
from assets.services.trust.manifests import ManifestReader
from assets.services.trust.verifying import Answer
from assets.store.document_store import DocumentStore
from tests.assets.registry.images import compact, descriptor, image, image_list
from tests.assets.services.image_world import Repository, World
from tests.builders import NAME
from wallet.errors import EncodingError, StoreError

AMD, ARM, OTHER = image("one", "amd64"), image("one", "arm64"), image("other", "s390x")
BOTH = image_list(AMD, ARM)
LISTED = Digest.of(BOTH)
TAGGED = f"{NAME}:1.0"


def nested(*lists: bytes) -> bytes:
    """An index of indexes."""
    children = [descriptor(OCI_INDEX, one) for one in lists]
    return compact({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children})


def with_platforms(*platforms: dict[str, str]) -> bytes:
    """An index whose children differ by number only."""
    children = [
        descriptor(OCI_MANIFEST, image(f"child {number}").manifest, platform=platform)
        for number, platform in enumerate(platforms)
    ]
    return compact({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty chain, an empty registry."""
    made = World(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def app(world: World) -> Repository:
    """A repository whose 1.0 is an index of two platforms."""
    made = world.publish()
    put(world, "1.0", BOTH, AMD.manifest, ARM.manifest)
    made.release(LISTED, "1.0")
    world.chain.mine()
    return made


def put(world: World, tag: str | None, data: bytes, *children: bytes) -> Digest:
    """Places a manifest, and its children by digest only."""
    for child in children:
        world.registry.put(NAME, None, child)
    return world.registry.put(NAME, tag, data)


def verdict_of(world: World, reference: str, pins: Pins) -> Verdict:
    """The word alone."""
    return world.ask(reference, pins).judgement.verdict


def by_digest(world: World, app: Repository, digest: Digest) -> Answer:
    """What is said of a digest under the tag 1.0."""
    return world.ask(f"{TAGGED}@{digest}", app.pins())


# A platform has the best word of the indexes that hold it.


@pytest.mark.parametrize("child", [AMD, ARM], ids=["amd64", "arm64"])
def test_each_platform_of_a_released_index_verifies(world: World, app: Repository, child: object) -> None:
    digest = AMD.digest if child is AMD else ARM.digest
    assert by_digest(world, app, digest).judgement.verdict is Verdict.VERIFIED
    assert verdict_of(world, f"{NAME}@{digest}", app.pins()) is Verdict.VERIFIED


def test_the_platform_that_is_picked_is_the_image_that_is_named(world: World, app: Repository) -> None:
    answer = world.ask(TAGGED, app.pins(), platform="linux/arm64")
    assert (answer.judgement.verdict, answer.digest) == (Verdict.VERIFIED, ARM.digest)


def test_a_platform_of_an_index_under_another_tag_is_a_mismatch(world: World, app: Repository) -> None:
    second = image_list(OTHER)
    app.release(put(world, "2.0", second, OTHER.manifest), "2.0")
    world.chain.mine()
    assert by_digest(world, app, OTHER.digest).judgement.verdict is Verdict.MISMATCH
    assert verdict_of(world, f"{NAME}:2.0@{OTHER.digest}", app.pins()) is Verdict.VERIFIED


def test_a_platform_that_a_newer_index_holds_too_stays_current(world: World, app: Repository) -> None:
    other = image("two", "arm64")
    app.release(put(world, "1.0", image_list(AMD, other), other.manifest), "1.0")
    world.chain.mine()
    assert by_digest(world, app, AMD.digest).judgement.verdict is Verdict.VERIFIED
    assert by_digest(world, app, ARM.digest).judgement.verdict is Verdict.SUPERSEDED


def test_a_stranger_beside_the_index_is_a_mismatch(world: World, app: Repository) -> None:
    assert by_digest(world, app, OTHER.digest).judgement.verdict is Verdict.MISMATCH
    assert verdict_of(world, f"{NAME}@{OTHER.digest}", app.pins()) is Verdict.UNRELEASED


def test_a_platform_inside_an_index_of_indexes_verifies(world: World, app: Repository) -> None:
    inner = image_list(OTHER)
    app.release(put(world, "2.0", nested(inner), inner, OTHER.manifest), "2.0")
    world.chain.mine()
    assert verdict_of(world, f"{NAME}:2.0@{OTHER.digest}", app.pins()) is Verdict.VERIFIED
    assert verdict_of(world, f"{NAME}:2.0@{Digest.of(inner)}", app.pins()) is Verdict.VERIFIED


# Revocations go down, then up, and no further.


def test_a_revoked_index_covers_its_platforms(world: World, app: Repository) -> None:
    app.revoke(LISTED)
    assert by_digest(world, app, AMD.digest).judgement.verdict is Verdict.REVOKED
    assert by_digest(world, app, LISTED).judgement.verdict is Verdict.REVOKED


def test_a_revoked_platform_takes_its_list_along_and_no_other_platform(world: World, app: Repository) -> None:
    """A container engine picks the platform out of the index by itself."""
    app.revoke(AMD.digest)
    assert by_digest(world, app, AMD.digest).judgement.verdict is Verdict.REVOKED
    assert by_digest(world, app, ARM.digest).judgement.verdict is Verdict.VERIFIED
    whole = world.ask(TAGGED, app.pins())
    assert (whole.judgement.verdict, whole.digest) == (Verdict.REVOKED, LISTED)
    assert f"the owner revoked {AMD.digest}: broken; it is in this image" in whole.judgement.findings[0].reason
    picked = world.ask(TAGGED, app.pins(), platform="linux/arm64")
    assert (picked.judgement.verdict, picked.digest) == (Verdict.VERIFIED, ARM.digest)
    assert world.ask(TAGGED, app.pins(), platform="linux/amd64").judgement.verdict is Verdict.REVOKED


def test_a_revoked_platform_that_has_a_tag_of_its_own_takes_its_list_along(world: World, app: Repository) -> None:
    app.release(AMD.digest, "1.0-amd64").revoke(AMD.digest)
    world.chain.mine()
    assert world.ask(TAGGED, app.pins()).judgement.verdict is Verdict.REVOKED


def test_a_list_whose_every_platform_is_revoked_is_revoked(world: World, app: Repository) -> None:
    app.revoke(AMD.digest).revoke(ARM.digest)
    assert world.ask(TAGGED, app.pins()).judgement.verdict is Verdict.REVOKED


def test_a_platform_revoked_two_levels_below_takes_the_outer_list_along(world: World, app: Repository) -> None:
    inner = image_list(OTHER)
    app.release(put(world, "2.0", nested(inner), inner, OTHER.manifest), "2.0").revoke(OTHER.digest)
    world.chain.mine()
    assert world.ask(f"{NAME}:2.0", app.pins()).judgement.verdict is Verdict.REVOKED


def test_an_index_that_cannot_be_read_is_undecided_once_another_digest_is_revoked(
    world: World, app: Repository
) -> None:
    app.revoke(AMD.digest)
    world.registry.wire.down = True
    answer = world.ask(f"{TAGGED}@{LISTED}", app.pins())
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert "its manifest could not be read" in answer.judgement.findings[0].reason


def test_without_a_revocation_of_another_digest_no_manifest_is_read(world: World, app: Repository) -> None:
    pins = app.pins()
    world.ask(f"{TAGGED}@{LISTED}", pins)
    world.registry.asked.clear()
    assert world.ask(f"{TAGGED}@{LISTED}", pins).judgement.verdict is Verdict.VERIFIED
    assert world.registry.asked == ["dockchains"]


def test_a_revoked_outer_index_covers_what_lies_two_levels_below(world: World, app: Repository) -> None:
    inner = image_list(OTHER)
    outer = put(world, "2.0", nested(inner), inner, OTHER.manifest)
    app.release(outer, "2.0").revoke(outer)
    world.chain.mine()
    assert verdict_of(world, f"{NAME}:2.0@{OTHER.digest}", app.pins()) is Verdict.REVOKED


def test_a_platform_released_by_itself_is_revoked_with_its_index(world: World, app: Repository) -> None:
    app.release(AMD.digest, "1.0-amd64")
    world.chain.mine()
    app.revoke(LISTED)
    assert verdict_of(world, f"{NAME}:1.0-amd64@{AMD.digest}", app.pins()) is Verdict.REVOKED


# Manifests that cannot be had.


def test_an_index_that_the_registry_lost_leaves_its_platforms_undecided(world: World, app: Repository) -> None:
    gone = Digest.of(image_list(OTHER))
    app.release(gone, "1.0")
    world.chain.mine()
    answer = by_digest(world, app, AMD.digest)
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert f"{gone} could hold this image" in answer.judgement.findings[0].reason
    assert verdict_of(world, f"{NAME}@{AMD.digest}", app.pins()) is Verdict.UNDECIDED


def test_an_index_under_another_tag_could_not_better_the_word(world: World, app: Repository) -> None:
    """Else a thief's release of nothing would hide an image that a readable list vouches for."""
    app.release(Digest.of(b"nothing"), "2.0")
    world.chain.mine()
    assert by_digest(world, app, AMD.digest).judgement.verdict is Verdict.VERIFIED


def test_a_lost_and_revoked_index_leaves_even_what_is_current_undecided(world: World, app: Repository) -> None:
    gone = Digest.of(image_list(OTHER))
    app.release(gone, "2.0").revoke(gone)
    world.chain.mine()
    assert by_digest(world, app, LISTED).judgement.verdict is Verdict.UNDECIDED
    app.release(LISTED, "1.0")
    world.chain.mine()
    assert by_digest(world, app, LISTED).judgement.verdict is Verdict.VERIFIED, "whoever binds anew knows of it"


def test_an_inner_index_that_cannot_be_had_is_named(world: World, app: Repository) -> None:
    inner = image_list(OTHER)
    app.release(put(world, "1.0", nested(inner)), "1.0")
    world.chain.mine()
    answer = by_digest(world, app, AMD.digest)
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert str(Digest.of(inner)) in answer.judgement.findings[0].reason


def test_a_revoked_digest_that_exists_nowhere_might_be_a_list_unless_alone(world: World, app: Repository) -> None:
    app.revoke(Digest.of(b"made up"), alone=True)
    assert by_digest(world, app, AMD.digest).judgement.verdict is Verdict.VERIFIED
    app.revoke(Digest.of(b"made up, too"))
    assert by_digest(world, app, AMD.digest).judgement.verdict is Verdict.UNDECIDED


def test_other_bytes_under_a_released_digest_are_never_believed(world: World, app: Repository) -> None:
    liar = ManifestAnswer(data=image_list(OTHER), content_type=OCI_INDEX, claimed="")
    world.registry.wire.served[(NAME, str(LISTED))] = liar
    assert by_digest(world, app, AMD.digest).judgement.verdict is Verdict.UNDECIDED
    with pytest.raises(DigestMismatchError):
        world.ask(f"{TAGGED}@{LISTED}", app.pins(), platform="linux/amd64")


def test_a_registry_that_is_down_is_asked_once(world: World, app: Repository) -> None:
    digests = [put(world, None, image_list(image(f"release {number}"))) for number in range(8)]
    for number, digest in enumerate(digests):
        app.release(digest, f"2.{number}")
    world.chain.mine()
    pins = app.pins()
    world.registry.wire.down = True
    world.registry.asked.clear()
    answer = world.ask(f"{TAGGED}@{AMD.digest}", pins)
    assert answer.judgement.verdict is Verdict.UNDECIDED
    assert len(world.registry.asked) == 2, "the claim, and one manifest"


# Which platform is meant.


def test_a_platform_that_is_not_there_is_refused_with_what_is(world: World, app: Repository) -> None:
    with pytest.raises(EncodingError, match="no manifest for windows/amd64") as refused:
        world.ask(TAGGED, app.pins(), platform="windows/amd64")
    assert refused.value.hint == "it has: linux/amd64, linux/arm64"


@pytest.mark.parametrize(("wanted", "number"), [("linux/arm", 0), ("linux/arm/v7", 0), ("linux/arm64", 1)])
def test_a_variant_may_be_left_out_where_there_is_one(world: World, app: Repository, wanted: str, number: int) -> None:
    arm = {"os": "linux", "architecture": "arm", "variant": "v7"}
    arm64 = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    put(world, "3.0", with_platforms(arm, arm64))
    answer = world.ask(f"{NAME}:3.0", app.pins(), platform=wanted)
    assert answer.digest == image(f"child {number}").digest


@pytest.mark.parametrize("wanted", ["linux/arm", "windows/amd64"])
def test_a_platform_that_fits_several_manifests_is_refused(world: World, app: Repository, wanted: str) -> None:
    arms = [{"os": "linux", "architecture": "arm", "variant": variant} for variant in ("v6", "v7")]
    windows = [{"os": "windows", "architecture": "amd64", "os.version": version} for version in ("10.1", "10.2")]
    put(world, "3.0", with_platforms(*arms, *windows))
    with pytest.raises(EncodingError, match="several manifests") as refused:
        world.ask(f"{NAME}:3.0", app.pins(), platform=wanted)
    assert "by its digest" in refused.value.hint


# What is kept between runs.


def test_a_second_run_fetches_no_manifest_again(world: World, app: Repository) -> None:
    first = by_digest(world, app, AMD.digest)
    world.registry.asked.clear()
    again = by_digest(world, app, AMD.digest)
    assert (first.judgement.verdict, again.judgement.verdict) == (Verdict.VERIFIED, Verdict.VERIFIED)
    assert world.registry.asked == ["dockchains"]


def test_what_was_read_judges_platforms_while_the_registry_is_down(world: World, app: Repository) -> None:
    by_digest(world, app, AMD.digest)
    world.registry.wire.down = True
    assert by_digest(world, app, ARM.digest).judgement.verdict is Verdict.VERIFIED


@pytest.mark.parametrize("damage", [b"", b"{", image_list(OTHER)], ids=["empty", "cut short", "another's bytes"])
def test_a_damaged_file_is_fetched_anew_and_mended(world: World, app: Repository, damage: bytes) -> None:
    by_digest(world, app, AMD.digest)
    kept = world.manifests / LISTED.hex
    kept.write_bytes(damage)
    world.registry.asked.clear()
    assert by_digest(world, app, AMD.digest).judgement.verdict is Verdict.VERIFIED
    assert str(LISTED) in world.registry.asked
    assert kept.read_bytes() == BOTH


class FullDisk(DocumentStore):
    """A cache that cannot be written."""

    def save(self, data: bytes) -> Digest:
        raise StoreError("no space is left")


def test_a_cache_that_cannot_be_written_costs_no_answer(world: World, app: Repository) -> None:
    reader = ManifestReader(world.registry, FullDisk(world.manifests), NAME)
    assert reader.held(LISTED) == (AMD.digest, ARM.digest)


def test_a_manifest_without_a_media_type_is_not_kept(world: World) -> None:
    """What it is hangs on what the registry served it as, and the bytes do not prove that."""
    bare = compact({"schemaVersion": 2, "manifests": []})
    digest = world.registry.wire.store(NAME, None, bare, OCI_INDEX)
    cache = DocumentStore(world.manifests)
    assert ManifestReader(world.registry, cache, NAME).held(digest) == ()
    assert cache.load(digest) is None


def test_progress_tells_how_many_manifests_are_read(world: World, app: Repository) -> None:
    told: list[tuple[int, int]] = []
    world.ask(f"{TAGGED}@{AMD.digest}", app.pins(), progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 1)]
