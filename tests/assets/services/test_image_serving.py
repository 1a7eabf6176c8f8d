"""What may be given out: what verifies now, and nothing plain of what is for holders only."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assets.errors import IndexStateError
from assets.images.digest import Digest
from assets.images.record import Release, Revoke, RevokeReason
from assets.images.record import Seal as SealRecord
from assets.images.reference import ImageReference
from assets.images.tag import Tags, parse_tag
from assets.images.verdict import Circumstances, Finding, Judgement, Verdict, judge
from assets.images.voucher import voucher_of_genesis
from assets.registry.fake import FakeRegistry
from assets.registry.media_types import OCI_INDEX
from assets.services.images.checked_blobs import CheckedBlobs
from assets.services.images.pulling import Puller
from assets.services.images.serving import RECHECK, Inventory, VerifiedShelf, take_stock
from assets.services.images.withholding import is_open
from assets.services.trust.verifying import Answer
from assets.store.image_store import ImageStore, KeptImage
from tests.assets.images.lineage import Lineage
from tests.assets.registry.images import compact, descriptor, image, image_list, push_image, push_list
from wallet.errors import StoreError
from wallet.hashes import BlockHash, Txid

NAME = "registry.example/acme/app"
GENESIS = Txid(bytes(32))
ONE, TWO = image("x", "amd64"), image("x", "arm64")
LISTED = Digest.of(image_list(ONE, TWO))


def answer(verdict: Verdict) -> Answer:
    findings = (Finding(verdict=verdict, reason="as the test has it"),) if verdict else ()
    judgement = Judgement(verdict=verdict, findings=findings, allowed=(), ruling=None)
    return Answer(
        reference=ImageReference.parse(NAME),
        digest=None,
        judgement=judgement,
        vouchers=(),
        claimed=None,
        state=None,
        rivals=(),
        tip=None,
        notes=(),
    )


def verified(image: KeptImage, lineage: Lineage | None = None) -> Answer:
    """What verifying says of a kept image where its owner released all of it, or what `lineage` has of it."""
    whole = LISTED if image.digest in (ONE.digest, TWO.digest) else image.digest
    lineage = lineage or Lineage().step(Release(digest=whole, tags=Tags.of("1.0")).serialize())
    contents = {LISTED: (ONE.digest, TWO.digest), ONE.digest: (), TWO.digest: ()}
    circumstances = Circumstances(vouchers=(voucher_of_genesis(lineage.genesis),), contents=contents)
    state = lineage.state()
    judgement = judge(state=state, tag=image.tag, digest=image.digest, circumstances=circumstances)
    found = replace(answer(judgement.verdict), reference=image.reference, digest=image.digest, judgement=judgement)
    return replace(found, state=state, circumstances=circumstances)


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    """A two-platform image and one of its platforms by itself, both pulled as 1.0."""
    registry, store = FakeRegistry(), ImageStore(tmp_path / "store")
    root = push_list(registry, NAME, "1.0", ONE, TWO)
    Puller(registry, store, NAME).fetch(root)
    for digest in (root, ONE.digest):
        store.keep(kept(digest))
    return store


def kept(digest: Digest, tag: str = "1.0", name: str = NAME) -> KeptImage:
    return KeptImage(name=name, tag=parse_tag(tag), digest=digest, genesis=GENESIS, sealed=False, gated=False)


def best_block() -> BlockHash:
    return BlockHash(b"\x01" * 32)


def shelf_of(store: ImageStore, ask: Callable[[KeptImage], Answer] = verified) -> VerifiedShelf:
    return VerifiedShelf(lambda: take_stock(store, ask), store.path, lambda: 0.0, best_block)


def root_of(store: ImageStore) -> Digest:
    return next(one.digest for one in store.kept() if one.digest != ONE.digest)


def test_a_tag_stands_for_the_whole_image_though_a_platform_was_pulled_by_itself(store: ImageStore) -> None:
    shelf = shelf_of(store)
    served = shelf.manifest("acme/app", "1.0", "")
    shelf.close()
    assert served is not None
    assert served.digest == str(root_of(store))


def test_every_part_is_found_by_digest_and_by_either_name(store: ImageStore) -> None:
    shelf = shelf_of(store)
    for name in ("acme/app", NAME):
        assert shelf.manifest(name, str(TWO.digest), "") is not None
        path = shelf.blob(name, str(Digest.of(TWO.layer)), "registry.example")
        assert path is not None
        assert path.read_bytes() == TWO.layer
        assert shelf.tags(name, "") == ("1.0",)
    assert shelf.manifest("acme/app", "1.0", "elsewhere.example") is None
    assert shelf.manifest("acme/app", "not a digest:", "") is None
    assert shelf.blob("acme/other", str(Digest.of(TWO.layer)), "") is None
    assert shelf.blob("acme/app", str(Digest.of(b"?")), "") is None
    shelf.close()


@pytest.mark.parametrize("verdict", [Verdict.REVOKED, Verdict.SUPERSEDED, Verdict.UNPINNED, Verdict.UNAVAILABLE])
def test_what_does_not_verify_any_more_is_not_given_out_and_the_reason_is_told(
    store: ImageStore, verdict: Verdict
) -> None:
    shelf = shelf_of(store, lambda _: answer(verdict))
    assert shelf.manifest("acme/app", "1.0", "") is None
    assert shelf.manifest("acme/app", str(ONE.digest), "") is None
    assert shelf.blob("acme/app", str(Digest.of(ONE.layer)), "") is None
    assert shelf.tags("acme/app", "") is None
    said = shelf.refusal("acme/app", "1.0", "")
    assert said.startswith(f"not served: {verdict.name}: as the test has it")
    assert ("only what is pinned is served" in said) is (verdict is Verdict.UNPINNED)
    assert shelf.refusal("acme/app", "2.0", "") == ""
    shelf.close()


def test_a_node_that_cannot_answer_means_that_nothing_is_given_out(store: ImageStore) -> None:
    def fails(_: KeptImage) -> Answer:
        raise IndexStateError("the index is behind")

    assert {why for _, why in take_stock(store, fails).refused} == {"the index is behind"}


@pytest.mark.parametrize(
    ("sealed", "gated", "servable"), [(True, True, True), (True, False, True), (False, True, False)]
)
def test_a_gated_image_is_given_out_only_as_ciphertext(
    store: ImageStore, *, sealed: bool, gated: bool, servable: bool
) -> None:
    for one in store.kept():
        store.keep(replace(one, sealed=sealed, gated=gated))
    found = take_stock(store, verified)
    assert bool(found.shelved) is servable
    assert all("holders only" in why for _, why in found.refused)


def test_an_image_that_is_not_whole_is_not_given_out(store: ImageStore) -> None:
    store.discard(Digest.of(ONE.layer))
    assert len(take_stock(store, verified).refused) == 2


def test_a_damaged_manifest_is_not_given_out(store: ImageStore) -> None:
    store.path(ONE.digest).write_bytes(b"{}")
    assert all("not whole" in why for _, why in take_stock(store, verified).refused)


def test_one_tag_of_two_registries_needs_the_host(store: ImageStore) -> None:
    other, registry = "other.example/acme/app", FakeRegistry()
    digest = push_image(registry, other, image("other"), "1.0")
    Puller(registry, store, other).fetch(digest)
    store.keep(kept(digest, name=other))
    shelf = shelf_of(store)
    assert shelf.manifest("acme/app", "1.0", "") is None
    found = shelf.manifest("acme/app", "1.0", "other.example")
    shelf.close()
    assert found is not None
    assert found.digest == str(digest)


def test_the_chain_is_asked_again_after_a_while_and_not_for_each_request(store: ImageStore) -> None:
    asked: list[int] = []
    now = [0.0]

    def stock() -> Inventory:
        asked.append(len(asked))
        return take_stock(store, verified)

    shelf = VerifiedShelf(stock, store.path, lambda: now[0], best_block)
    for moment in (0.0, 1.0, RECHECK - 1, RECHECK, RECHECK + 1, 3 * RECHECK):
        now[0] = moment
        shelf.manifest("acme/app", "1.0", "")
    shelf.close()
    assert len(asked) == 3


def test_the_chain_is_asked_again_at_once_for_another_best_block(store: ImageStore) -> None:
    """What was served by a record that a reorganisation took is not served until the next look at the clock."""
    blocks = [best_block()]
    verdicts = [Verdict.VERIFIED]

    def ask(image: KeptImage) -> Answer:
        return replace(verified(image), judgement=answer(verdicts[0]).judgement)

    shelf = VerifiedShelf(lambda: take_stock(store, ask), store.path, lambda: 0.0, lambda: blocks[0])
    assert shelf.manifest("acme/app", "1.0", "") is not None
    verdicts[0] = Verdict.PENDING
    assert shelf.manifest("acme/app", "1.0", "") is not None
    blocks[0] = BlockHash(b"\x02" * 32)
    assert shelf.manifest("acme/app", "1.0", "") is None
    shelf.close()


def test_a_record_that_is_damaged_is_named(store: ImageStore, tmp_path: Path) -> None:
    path = next((tmp_path / "store" / "kept").iterdir())
    path.write_bytes(path.read_bytes().replace(b'"v":1', b'"v":2'))
    with pytest.raises(StoreError, match="cannot be read"):
        store.kept()


def test_a_blob_that_is_damaged_is_not_given_out_and_is_fetched_anew(store: ImageStore) -> None:
    digest = Digest.of(ONE.layer)
    shelf = VerifiedShelf(lambda: take_stock(store, verified), CheckedBlobs(store), lambda: 0.0, best_block)
    assert shelf.blob("acme/app", str(digest), "") == store.path(digest)
    store.path(digest).write_bytes(b"x" * len(ONE.layer))
    assert shelf.blob("acme/app", str(digest), "") is None
    shelf.close()
    assert not store.has(digest)
    registry = FakeRegistry()
    root = push_list(registry, NAME, "1.0", ONE, TWO)
    store.path(Digest.of(TWO.layer)).write_bytes(b"y" * len(TWO.layer))
    told: list[tuple[int, int]] = []
    tree = Puller(registry, store, NAME).fetch(root, lambda done, total: told.append((done, total)))
    assert told[-1] == (tree.size, tree.size)
    assert all(store.whole(blob.digest, blob.size) for blob in tree.blobs())


def test_a_blob_is_hashed_once_for_as_long_as_its_file_is_the_same(store: ImageStore) -> None:
    digest, blobs = Digest.of(ONE.layer), CheckedBlobs(store)
    assert blobs(digest) == store.path(digest)
    before = store.path(digest).stat()
    store.path(digest).write_bytes(b"x" * len(ONE.layer))
    os.utime(store.path(digest), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert blobs(digest) == store.path(digest), "whoever can write the store's files and their times is the user"
    assert CheckedBlobs(store)(digest) is None
    assert blobs(Digest.of(b"not here")) is None


@pytest.mark.parametrize("sealed", ["the list", "a platform"])
def test_the_platform_of_a_sealed_image_is_not_given_out_in_the_clear(store: ImageStore, sealed: str) -> None:
    """It was open when it was pulled: what the chain says now counts, for the list and for each part of it."""
    root = root_of(store)
    plaintext = root if sealed == "the list" else ONE.digest
    state = Lineage().step(SealRecord(plaintext=plaintext, ciphertext=Digest.of(b"sealed")).serialize()).state()

    def ask(image: KeptImage) -> Answer:
        found = answer(Verdict.VERIFIED)
        circumstances = Circumstances(contents={root: (ONE.digest, TWO.digest)})
        return replace(found, digest=image.digest, state=state, circumstances=circumstances)

    found = take_stock(store, ask)
    assert not found.shelved
    assert {why for _, why in found.refused} == {"its owner sealed it meanwhile"}


def test_by_digest_too_nothing_is_given_out_that_is_revoked(store: ImageStore) -> None:
    """Each manifest is judged by its own digest, whatever image it was pulled with, and so are its blobs."""
    lineage = Lineage().step(Release(digest=LISTED, tags=Tags.of("1.0")).serialize())
    lineage.step(Revoke(digest=ONE.digest, reason=RevokeReason.BROKEN, alone=True).serialize())
    shelf = shelf_of(store, lambda image: verified(image, lineage))
    assert shelf.manifest("acme/app", "1.0", "") is None, "a list is as good as its worst image"
    assert shelf.manifest("acme/app", str(ONE.digest), "") is None
    assert shelf.blob("acme/app", str(Digest.of(ONE.layer)), "") is None
    assert f"REVOKED: the owner revoked {ONE.digest}" in shelf.refusal("acme/app", str(LISTED), "")
    store.keep(kept(TWO.digest))
    shelf.close()
    shelf = shelf_of(store, lambda image: verified(image, lineage))
    assert shelf.manifest("acme/app", str(TWO.digest), "") is not None, "the other platform by itself"
    assert shelf.blob("acme/app", str(Digest.of(ONE.layer)), "") is None
    shelf.close()


def test_a_list_inside_that_is_revoked_alone_is_not_given_out_with_the_outer_one(tmp_path: Path) -> None:
    registry, store = FakeRegistry(), ImageStore(tmp_path / "nested")
    inner = push_list(registry, NAME, "inner", ONE)
    entry = descriptor(OCI_INDEX, image_list(ONE))
    outer = registry.push_manifest(
        NAME, compact({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}), "1.0"
    )
    Puller(registry, store, NAME).fetch(outer)
    store.keep(kept(outer))
    lineage = Lineage().step(Release(digest=outer, tags=Tags.of("1.0")).serialize())
    lineage.step(Revoke(digest=inner, reason=RevokeReason.BROKEN, alone=True).serialize())

    def ask(image: KeptImage) -> Answer:
        found = verified(image, lineage)
        return found.judged_as(outer, {outer: (inner,), inner: (ONE.digest,), ONE.digest: ()})

    shelf = shelf_of(store, ask)
    assert shelf.manifest("acme/app", str(outer), "") is not None
    assert shelf.manifest("acme/app", str(ONE.digest), "") is not None
    assert shelf.manifest("acme/app", str(inner), "") is None
    shelf.close()


def test_where_nothing_can_be_said_any_more_nothing_is_given_out(store: ImageStore, tmp_path: Path) -> None:
    now = [0.0]
    shelf = VerifiedShelf(lambda: take_stock(store, verified), store.path, lambda: now[0], best_block)
    assert shelf.tags("acme/app", "") == ("1.0",)
    path = next((tmp_path / "store" / "kept").iterdir())
    path.write_bytes(b"damaged")
    now[0] = RECHECK
    assert shelf.tags("acme/app", "") is None
    shelf.close()


def test_what_a_registry_does_not_give_to_everybody_is_not_open() -> None:
    registry, stranger = FakeRegistry(), FakeRegistry()
    digest = push_image(registry, NAME, ONE, "1.0")
    assert is_open(registry, NAME, digest)
    assert not is_open(stranger, NAME, digest)
    registry.wire.down = True
    assert not is_open(registry, NAME, digest)
