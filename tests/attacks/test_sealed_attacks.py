"""Attacks on sealed images and on pulling: A6 (swapped, flipped, wrong key), A9 (half pulled), T9 (lying registry).

Everything stands on a registry in memory that can lie; the chain's answer is given, since these attacks come after it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from assets.errors import DigestMismatchError, ImageError, NotFoundError, RegistryError
from assets.images.content_key import ContentKey, RepositorySecret
from assets.images.coverage import Coverage
from assets.images.digest import Digest
from assets.images.record import Release, Revoke, RevokeReason
from assets.images.record import Seal as SealRecord
from assets.images.reference import ImageReference
from assets.images.tag import Tags, parse_tag, tag_key
from assets.images.verdict import Circumstances, Judgement, Verdict
from assets.images.voucher import voucher_of_genesis
from assets.images.word import Words
from assets.registry.encryption import KEY_SHA256, KEYS, Seal
from assets.registry.fake import FakeRegistry
from assets.registry.layer_keys import Recipient
from assets.registry.media_types import MANIFESTS_ARTIFACT, OCI_MANIFEST
from assets.registry.oci import ContentDescriptor, ImageManifest, ManifestList, parse_manifest
from assets.registry.referrers import attach, fallback_tag
from assets.services.images.content_keys import FileKeys, KeyQuestion, find_key
from assets.services.images.delivery import Delivery, Destination, Kind
from assets.services.images.image_content import Advance, StoredContent, opened
from assets.services.images.image_source import RegistrySource
from assets.services.images.pulling import NotToBeHandedOverError, Puller, SealedForm, pull
from assets.services.images.sealing import SealedImage, Sealer, push_sealed
from assets.services.trust.image_tree import ImageTree, read_tree
from assets.services.trust.manifests import Keepers, ManifestReader
from assets.services.trust.verifying import Answer
from assets.store.document_store import DocumentStore
from assets.store.image_store import ImageStore
from tests.assets.images.lineage import Lineage
from tests.assets.registry.images import TestImage, compact, image, image_list, push_list
from wallet.errors import BusyError, EncodingError, StoreError
from wallet.hashes import Txid, display
from wallet.network import REGTEST

NAME = "registry.example/acme/app"
GENESIS = Txid(bytes(range(32)))
SECRET = RepositorySecret(genesis=GENESIS, value=b"s" * 32)


@dataclass(frozen=True)
class Scene:
    """A sealed two-platform image in a registry, and an empty store."""

    registry: FakeRegistry
    store: ImageStore
    originals: tuple[TestImage, TestImage]
    sealed: SealedImage
    key: ContentKey
    folder: Path

    @property
    def form(self) -> SealedForm:
        return SealedForm(plaintext=self.sealed.plaintext, ciphertext=self.sealed.ciphertext.digest)

    @property
    def parts(self) -> tuple[Digest, ...]:
        """The sealed form's platforms, in the order of the list."""
        document = self.registry.manifest(NAME, self.form.ciphertext).document
        assert isinstance(document, ManifestList)
        return tuple(one.digest for one in document.children)

    @property
    def puller(self) -> Puller:
        return Puller(self.registry, self.store, NAME)

    def seal(self) -> Seal:
        return Seal.of(SECRET, self.key, 1)

    def open(self, original: ImageTree | None = None, key: ContentKey | None = None) -> None:
        """Fetches and opens the whole image into a layout."""
        self.hand_over(self.puller.fetch(self.form.ciphertext), original, key)

    def hand_over(self, fetched: ImageTree, original: ImageTree | None = None, key: ContentKey | None = None) -> None:
        """Opens what was fetched into a layout."""
        plain = original or self.puller.original(self.form)
        content = opened(self.store, fetched, plain, key or self.key)
        delivery = Delivery(content, ImageReference.parse(f"{NAME}:1"), self.folder)
        delivery.deliver(plain, Destination(kind=Kind.LAYOUT, path=self.folder / "out"), self.registry)

    def opens_nothing(self, error: type[Exception], match: str, attempt: Callable[[], None] | None = None) -> None:
        """The attempt is refused, and nothing is at the destination, not even half of it."""
        with pytest.raises(error, match=match):
            (attempt or self.open)()
        assert not (self.folder / "out").exists()
        assert not list(self.folder.glob(".out.*"))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    registry = FakeRegistry()
    originals = image("one", "amd64"), image("one", "arm64")
    digest = push_list(registry, NAME, "1", *originals)
    key = SECRET.content_key(digest)
    staging = tmp_path / "staging"
    staging.mkdir()
    sealed = Sealer(RegistrySource(registry, NAME), key, staging).seal(digest, Seal.of(SECRET, key, 1))
    push_sealed(sealed, NAME, registry, genesis=GENESIS, network=REGTEST)
    mirror = FakeRegistry()
    _mirror(registry, mirror, sealed)
    folder = tmp_path / "work"
    folder.mkdir()
    return Scene(mirror, ImageStore(tmp_path / "store"), originals, sealed, key, folder)


def _mirror(registry: FakeRegistry, mirror: FakeRegistry, sealed: SealedImage) -> None:
    """Only what a mirror carries: ciphertext, and the artifact with the original manifests."""
    for blob in sealed.blobs:
        mirror.upload(NAME, blob.descriptor, blob.path)
    for manifest in sealed.manifests:
        mirror.push_manifest(NAME, manifest)
    attach(mirror, NAME, sealed.ciphertext, MANIFESTS_ARTIFACT, sealed.originals, {"dockchains.genesis": "x"})


def layer_of(scene: Scene, number: int = 0) -> ContentDescriptor:
    document = parse_manifest(scene.sealed.manifests[number], OCI_MANIFEST)
    assert isinstance(document, ImageManifest)
    return document.layers[0]


def test_the_untouched_image_opens_to_exactly_the_released_bytes(scene: Scene) -> None:
    scene.open()
    blobs = {path.name: path.read_bytes() for path in (scene.folder / "out" / "blobs" / "sha256").iterdir()}
    assert blobs[scene.sealed.plaintext.hex] == image_list(*scene.originals)
    for one in scene.originals:
        for data in (one.manifest, one.config, one.layer):
            assert blobs[Digest.of(data).hex] == data
    assert len(blobs) == 7


def test_a_flipped_bit_of_ciphertext_is_refused_on_arrival(scene: Scene) -> None:
    layer = layer_of(scene)
    data = bytearray(scene.registry.blob(NAME, layer, 10_000))
    data[3] ^= 1
    scene.registry.wire.replace_blob(NAME, layer.digest, bytes(data))
    scene.opens_nothing(DigestMismatchError, "was asked for")


def test_a_flipped_bit_in_the_store_is_refused_on_the_way_out_and_fetched_anew(scene: Scene) -> None:
    fetched = scene.puller.fetch(scene.form.ciphertext)
    path = scene.store.path(layer_of(scene).digest)
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    scene.opens_nothing(DigestMismatchError, "damaged", lambda: scene.hand_over(fetched))
    assert not scene.store.has(layer_of(scene).digest)
    scene.open()


def test_a_damaged_config_in_the_store_is_refused_on_the_way_out_and_fetched_anew(scene: Scene) -> None:
    fetched = scene.puller.fetch(scene.form.ciphertext)
    path = scene.store.path(Digest.of(scene.originals[0].config))
    path.write_bytes(b"x" * path.stat().st_size)
    scene.opens_nothing(DigestMismatchError, "damaged", lambda: scene.hand_over(fetched))
    scene.open()


def test_what_was_damaged_in_the_store_since_the_last_pull_is_fetched_anew(scene: Scene) -> None:
    for blob in scene.puller.fetch(scene.form.ciphertext).blobs():
        scene.store.path(blob.digest).write_bytes(b"x" * blob.size)
    scene.open()


def test_the_ciphertext_of_another_layer_is_refused(scene: Scene) -> None:
    one, other = layer_of(scene, 0), layer_of(scene, 1)
    scene.registry.wire.replace_blob(NAME, one.digest, scene.registry.blob(NAME, other, 10_000))
    scene.opens_nothing(RegistryError, "more than|was asked for|bytes")


def test_a_wrong_key_is_told_by_the_commitment_before_anything_is_opened(scene: Scene) -> None:
    path = scene.folder / "key"
    path.touch(mode=0o600)
    path.write_text("00" * 32)
    question = KeyQuestion(
        name=NAME,
        genesis=GENESIS,
        plaintext=scene.form.plaintext,
        ciphertext=scene.form.ciphertext,
        seal=scene.seal(),
    )
    with pytest.raises(ImageError, match="commits to a key with another sha256"):
        find_key((FileKeys(path),), question)
    path.write_text(scene.key.value.hex() + "\n")
    assert find_key((FileKeys(path),), question) == scene.key
    handed = {"genesis": display(GENESIS), "secret": SECRET.value.hex()}
    path.write_text(json.dumps(handed, separators=(",", ":"), sort_keys=True))
    assert find_key((FileKeys(path),), question) == scene.key
    path.chmod(0o644)
    with pytest.raises(StoreError, match="can be read by others"):
        find_key((FileKeys(path),), question)
    with pytest.raises(ImageError, match="there is no key for it here"):
        find_key((), question)


def test_a_key_file_of_another_repository_is_named(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"genesis": "ab" * 32, "secret": "cd" * 32}, separators=(",", ":")))
    question = KeyQuestion(
        name=NAME, genesis=GENESIS, plaintext=scene.form.plaintext, ciphertext=scene.form.ciphertext, seal=scene.seal()
    )
    with pytest.raises(EncodingError, match="another repository's"):
        FileKeys(path).content_key(question)


def test_an_owner_who_commits_to_another_key_than_the_layers_have_is_found_out(scene: Scene) -> None:
    """The layers open with one key, the manifest commits to another: the second is provably not the layers' key."""
    scene.opens_nothing(
        ImageError, "does not open the layer", lambda: scene.open(key=SECRET.content_key(scene.sealed.plaintext, 2))
    )


def test_a_sealed_form_of_another_image_is_refused(scene: Scene) -> None:
    """The owner (or whoever holds the title) seals one image as the form of another."""
    other = image("two", "amd64"), image("two", "arm64")
    registry = FakeRegistry()
    digest = push_list(registry, NAME, "1", *other)
    promised = read_tree(RegistrySource(registry, NAME).manifest, digest)
    scene.opens_nothing(ImageError, "and the released image has", lambda: scene.open(original=promised))


def test_original_manifests_that_are_others_are_not_taken_for_the_released_ones(scene: Scene) -> None:
    """Whoever may push can attach an artifact of their own; the newest is looked at first, and the digest decides."""
    evil = (image_list(image("evil", "amd64")), image("evil", "amd64").manifest)
    attach(scene.registry, NAME, scene.sealed.ciphertext, MANIFESTS_ARTIFACT, evil, {"dockchains.genesis": "evil"})
    incomplete = scene.sealed.originals[:1]
    attach(scene.registry, NAME, scene.sealed.ciphertext, MANIFESTS_ARTIFACT, incomplete, {})
    scene.open()


def test_without_the_original_manifests_nothing_is_handed_over(scene: Scene) -> None:
    scene.registry.wire.untag(NAME, fallback_tag(scene.form.ciphertext))
    scene.opens_nothing(ImageError, "original manifests")


def test_a_manifest_that_was_exchanged_in_the_registry_is_refused(scene: Scene) -> None:
    swapped = compact(json.loads(scene.sealed.manifests[0]) | {"annotations": {KEY_SHA256: "00" * 32}})
    child = Digest.of(scene.sealed.manifests[0])
    answer = scene.registry.wire.read_manifest(NAME, str(child), 10_000)
    scene.registry.wire.served[(NAME, str(child))] = type(answer)(
        data=swapped, content_type=answer.content_type, claimed=str(child)
    )
    scene.opens_nothing(DigestMismatchError, "was asked for")


def test_a_half_pulled_image_is_never_at_the_destination_and_the_next_pull_goes_on(scene: Scene) -> None:
    layer = layer_of(scene, 1)
    data = scene.registry.blob(NAME, layer, 10_000)
    with scene.store.landing(layer.digest) as landing:
        landing.write(data[:5])
    scene.registry.wire.replace_blob(NAME, layer.digest, data[:7])
    scene.opens_nothing(DigestMismatchError, "was asked for")
    assert not scene.store.has(layer.digest)
    scene.registry.wire.replace_blob(NAME, layer.digest, data)
    scene.open()
    assert (scene.folder / "out" / "index.json").is_file()


def test_two_pulls_of_one_blob_do_not_mix(scene: Scene) -> None:
    layer = layer_of(scene)
    with scene.store.landing(layer.digest), pytest.raises(BusyError, match="another process"):
        scene.puller.fetch(scene.form.ciphertext)
    scene.open()


def test_a_delivery_that_breaks_leaves_nothing_behind(scene: Scene) -> None:
    class Breaking(StoredContent):
        def write(self, blob: ContentDescriptor, target: BinaryIO, advance: Advance | None = None) -> None:
            target.write(b"half of it")
            raise DigestMismatchError("broken on the way")

    tree = scene.puller.fetch(scene.form.ciphertext)
    delivery = Delivery(Breaking(scene.store), ImageReference.parse(f"{NAME}:1"), scene.folder)
    for kind in (Kind.LAYOUT, Kind.ARCHIVE):
        destination = Destination(kind=kind, path=scene.folder / "out")
        with pytest.raises((DigestMismatchError, ImageError)):
            delivery.deliver(tree, destination, scene.registry)
        assert not list(scene.folder.iterdir())


def test_an_image_that_lists_itself_deeper_and_deeper_is_refused(scene: Scene) -> None:
    data = image_list(image("leaf"))
    scene.registry.put(NAME, None, image("leaf").manifest)
    for _ in range(8):
        inner = scene.registry.put(NAME, None, data)
        data = compact(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": [
                    {
                        "mediaType": "application/vnd.oci.image.index.v1+json",
                        "digest": str(inner),
                        "size": len(data),
                    }
                ],
            }
        )
    outer = scene.registry.put(NAME, None, data)
    with pytest.raises(ImageError, match="deep"):
        scene.puller.fetch(outer)


def test_a_blob_that_is_gone_is_named(scene: Scene) -> None:
    with pytest.raises(NotFoundError):
        scene.puller.fetch(Digest.of(b"nothing"))


def test_a_layers_key_that_names_another_plaintext_is_refused(scene: Scene) -> None:
    """Whoever seals can wrap a key for other content than the manifest promises."""
    original = scene.puller.original(scene.form)
    fetched = scene.puller.fetch(scene.form.ciphertext)
    swapped = ImageTree(root=fetched.root, children=fetched.children[::-1])
    plain = ImageTree(root=original.root, children=original.children)
    with pytest.raises(ImageError):
        opened(scene.store, swapped, plain, scene.key)
    assert KEYS in layer_of(scene).annotations


def test_an_original_that_lies_only_beside_its_sealed_form_can_be_judged(scene: Scene, tmp_path: Path) -> None:
    """Else a registry without the plain manifest would make every verdict on a sealed image UNDECIDED."""
    cache = DocumentStore(tmp_path / "manifests")
    plain, forms = scene.form.plaintext, Keepers(others=(scene.form.ciphertext,))
    assert ManifestReader(scene.registry, cache, NAME).held(plain) is None
    held = tuple(one.digest for one in scene.originals)
    assert ManifestReader(scene.registry, cache, NAME, forms).held(plain) == held
    scene.registry.wire.down = True
    assert ManifestReader(scene.registry, cache, NAME, forms).held(plain) == held


def test_a_strangers_artifact_is_not_taken_for_an_original_in_a_verdict(scene: Scene, tmp_path: Path) -> None:
    evil = (image_list(image("evil")), image("evil").manifest)
    attach(scene.registry, NAME, scene.sealed.ciphertext, MANIFESTS_ARTIFACT, evil, {})
    cache = DocumentStore(tmp_path / "manifests")
    reader = ManifestReader(scene.registry, cache, NAME, Keepers(others=(scene.form.ciphertext,)))
    assert reader.held(scene.form.plaintext) == tuple(one.digest for one in scene.originals)
    assert all(cache.load(Digest.of(one)) is None for one in evil), "what nobody asks for is not kept"


def verified_before(scene: Scene, digest: Digest, revoked: Digest | None) -> Answer:
    """An answer that verified by what was known before anything was fetched: that the owner sealed what is current."""
    lineage = Lineage().step(Release(digest=scene.form.plaintext, tags=Tags.of("1")).serialize())
    lineage.step(SealRecord(plaintext=scene.form.plaintext, ciphertext=scene.form.ciphertext).serialize())
    if revoked is not None:
        lineage.step(Revoke(digest=revoked, reason=RevokeReason.BROKEN, alone=True).serialize())
    state, vouchers = lineage.state(), (voucher_of_genesis(lineage.genesis),)
    words = Words(Coverage(state, {scene.form.ciphertext: scene.parts}), tag_key(parse_tag("1")))
    return Answer(
        reference=ImageReference.parse(f"{NAME}:1@{digest}"),
        digest=digest,
        judgement=Judgement(verdict=Verdict.VERIFIED, findings=(), allowed=(), ruling=words.rule(digest)[0]),
        vouchers=vouchers,
        claimed=None,
        state=state,
        rivals=(),
        tip=None,
        notes=(),
        circumstances=Circumstances(vouchers=vouchers),
    )


@pytest.mark.parametrize("part", [False, True], ids=["the list", "its first platform"])
def test_t17_what_opened_to_something_revoked_is_not_handed_over(scene: Scene, part: bool) -> None:
    """T17: whatever was known before, it is judged by what came out, with the documents that were read on the way."""
    first = scene.originals[0].digest
    digest = scene.parts[0] if part else scene.form.ciphertext
    keys = (_Key(scene.key),)
    with pytest.raises(NotToBeHandedOverError, match="REVOKED") as caught:
        pull(verified_before(scene, digest, first), scene.registry, scene.store, keys)
    assert caught.value.answer.judgement.verdict is Verdict.REVOKED
    pulled = pull(verified_before(scene, digest, None), scene.registry, scene.store, keys)
    assert pulled.tree.root.digest == (first if part else scene.form.plaintext)
    if part:
        other = verified_before(scene, scene.parts[1], first)
        assert pull(other, scene.registry, scene.store, keys).tree.root.digest == scene.originals[1].digest


class _Key:
    """Somebody who has the key."""

    def __init__(self, key: ContentKey) -> None:
        self._key = key

    def content_key(self, _: KeyQuestion) -> ContentKey:
        return self._key


def test_sealing_again_after_an_interruption_sends_no_layer_twice(scene: Scene, tmp_path: Path) -> None:
    registry, again = FakeRegistry(), tmp_path / "again"
    push_list(registry, NAME, "1", *scene.originals)
    again.mkdir()
    anew = Sealer(RegistrySource(registry, NAME), scene.key, again).seal(scene.form.plaintext, scene.seal())
    layers = [one for one in scene.sealed.blobs if one.descriptor.media_type.endswith("+encrypted")]
    assert len(layers) == 2
    assert {one.descriptor.digest for one in anew.blobs} == {one.descriptor.digest for one in scene.sealed.blobs}
    sent = [scene.registry.upload(NAME, one.descriptor, one.path) for one in anew.blobs]
    assert not any(sent)
    told: list[tuple[int, int]] = []
    push_sealed(anew, NAME, scene.registry, genesis=GENESIS, network=REGTEST, progress=lambda *pair: told.append(pair))
    assert told[-1] == (anew.size, anew.size)
    scene.open()


def test_another_generation_has_other_layer_keys(scene: Scene, tmp_path: Path) -> None:
    """Whoever has the key that leaked gets nothing out of the new form."""
    registry, folder, key = FakeRegistry(), tmp_path / "second", SECRET.content_key(scene.form.plaintext, 2)
    push_list(registry, NAME, "1", *scene.originals)
    folder.mkdir()
    second = Sealer(RegistrySource(registry, NAME), key, folder).seal(scene.form.plaintext, Seal.of(SECRET, key, 2))
    old, new = ({one.descriptor.digest for one in sealed.blobs} for sealed in (scene.sealed, second))
    assert old & new == {Digest.of(one.config) for one in scene.originals}
    document = parse_manifest(second.manifests[0], OCI_MANIFEST)
    assert isinstance(document, ImageManifest)
    assert Recipient(scene.key).unwrap(document.layers[0].annotations[KEYS]) is None
    assert Recipient(key).unwrap(document.layers[0].annotations[KEYS]) is not None


def test_a_list_of_artifacts_that_was_overwritten_does_not_hide_originals_that_are_in_the_registry(
    scene: Scene,
) -> None:
    """Whoever may push can put anything under the tag."""
    scene.registry.put(NAME, fallback_tag(scene.form.ciphertext), image("evil").manifest)
    scene.opens_nothing(ImageError, "original manifests")
    push_list(scene.registry, NAME, "plain", *scene.originals)
    scene.open()
