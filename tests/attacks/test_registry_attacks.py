"""Attacks by registries: documents that are two things at once, digests of parts, and tags that hold something else.

What a real Distribution registry takes is tried on a real one; what it refuses to store comes from a hostile server.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

import pytest

from assets.errors import RegistryError
from assets.images.digest import Digest
from assets.images.record import Release, Revoke, RevokeReason
from assets.images.tag import Tags
from assets.images.verdict import Verdict
from assets.registry.media_types import DEFINITION, OCI_INDEX, OCI_MANIFEST
from assets.services.chain.claims import DEFINITION_TAG
from tests.assets.index.signing_party import Signer
from tests.assets.registry.images import CONFIG_TYPE, LAYER_TYPE, compact, descriptor, image, image_list, push_list
from tests.assets.registry.scripted import Reply, ScriptedServer, Seen
from tests.attacks.ground import Ground, Publication, title_move
from tests.attacks.publisher import Publisher
from wallet.hashes import display

pytestmark = [pytest.mark.node, pytest.mark.registry]

AMD64, ARM64 = image("two", "amd64"), image("two", "arm64")
STRANGE = image("strange", "amd64")
LIST = image_list(AMD64, ARM64)


def mixture(media_type: str) -> bytes:
    """One JSON that is a list of images to some programs and a single image to others (CVE-2021-41190)."""
    single = {"config": descriptor(CONFIG_TYPE, AMD64.config), "layers": [descriptor(LAYER_TYPE, AMD64.layer)]}
    listed = {"manifests": [descriptor(OCI_MANIFEST, STRANGE.manifest)]}
    return compact({"schemaVersion": 2, "mediaType": media_type, **single, **listed})


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a hostile registry answers for every manifest, and the words in which it must be refused."""

    body: bytes
    content_type: str
    refusal: str
    more: Mapping[str, str] | None = None


SERVED = {
    "both, as a list": Served(body=mixture(OCI_INDEX), content_type=OCI_INDEX, refusal="ambiguous"),
    "both, as an image": Served(body=mixture(OCI_MANIFEST), content_type=OCI_MANIFEST, refusal="ambiguous"),
    "a list as an image": Served(body=LIST, content_type=OCI_MANIFEST, refusal="was served as"),
    "an image as a list": Served(body=AMD64.manifest, content_type=OCI_INDEX, refusal="was served as"),
    "a list as plain JSON": Served(body=LIST, content_type="application/json", refusal="not a manifest"),
    "a digest of another algorithm": Served(
        body=AMD64.manifest,
        content_type=OCI_MANIFEST,
        refusal="sha512",
        more={"Docker-Content-Digest": "sha512:" + "ab" * 64},
    ),
    "children of another algorithm": Served(
        body=LIST.replace(b"sha256:", b"sha512:"), content_type=OCI_INDEX, refusal="sha512"
    ),
    "a key in another letter case": Served(
        body=AMD64.manifest.replace(b'"layers"', b'"Layers":[],"layers"'), content_type=OCI_MANIFEST, refusal="case"
    ),
}


@contextmanager
def hostile(ground: Ground, served: Served, parts: Mapping[str, Reply] = MappingProxyType({})) -> Iterator[Publication]:
    """A repository on a hostile registry, whose owner has released the very document that it serves.

    `parts` are other manifests by their digest.
    """

    def answer(seen: Seen) -> Reply:
        part = parts.get(seen.target.rpartition("/")[2])
        if part is not None:
            return part
        if "/manifests/dockchains" in seen.target or "/manifests/" not in seen.target:
            return Reply(status=404)
        return Reply(headers={"Content-Type": served.content_type, **(served.more or {})}, body=served.body)

    with ScriptedServer(answer) as server:
        name = f"{server.host}/acme/t8"
        made = ground.genesis(name, ground.coin(Signer(f"issuer of {name}")), Signer(f"owner of {name}"))
        record = Release(digest=Digest.of(served.body), tags=Tags.of("1.0")).serialize()
        ground.mine(made.genesis, made.moved(title_move(made.title, record)))
        yield made


@pytest.mark.parametrize("case", SERVED)
def test_a_document_that_two_programs_read_as_two_things_is_refused(ground: Ground, case: str) -> None:
    """T8: even a digest that the owner released says nothing about what will run."""
    fresh = ground.person(f"fresh at T8, {case}")
    with hostile(ground, SERVED[case]) as made:
        fresh.pin(made.name, "--genesis", display(made.txid))
        by_digest = f"{made['1.0']}@{Digest.of(SERVED[case].body)}"
        for reference in (made["1.0"], by_digest):
            assert SERVED[case].refusal in fresh.refused("image", "verify", reference)


def test_a_platform_whose_manifest_is_two_things_is_refused(ground: Ground) -> None:
    """T8: the list itself is in order; what it calls an image for one platform is a list to other programs."""
    odd = mixture(OCI_MANIFEST)
    child = descriptor(OCI_MANIFEST, odd, platform={"architecture": "amd64", "os": "linux"})
    listed = compact({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [child]})
    served = Served(body=listed, content_type=OCI_INDEX, refusal="ambiguous")
    parts = {str(Digest.of(odd)): Reply(headers={"Content-Type": OCI_MANIFEST}, body=odd)}
    with hostile(ground, served, parts) as made:
        ground.consumer.pin(made.name, "--genesis", display(made.txid))
        told = ground.consumer.refused("image", "verify", made["1.0"], "--platform", "linux/amd64")
        assert "ambiguous" in told
        assert "ambiguous" in ground.consumer.refused("image", "verify", f"{made['1.0']}@{Digest.of(odd)}")


@pytest.mark.parametrize(
    "digest", ["sha512:" + "ab" * 64, "sha256:" + "ab" * 31, "sha256:" + "AB" * 32, "md5:" + "ab" * 16]
)
def test_a_reference_by_any_other_digest_is_refused(ground: Ground, digest: str) -> None:
    """T8: the chain binds sha256 digests in lower case, and nothing else can be compared with them."""
    assert "sha256" in ground.consumer.refused("image", "verify", f"{ground.name('acme/app')}@{digest}")


def multi_arch(ground: Ground, path: str) -> tuple[Publication, Digest]:
    """An image for two platforms, released as `2.0` by the digest of its list."""
    victim = ground.victim(path)
    digest = push_list(ground.client, victim.name, "2.0", AMD64, ARM64)
    record = Release(digest=digest, tags=Tags.of("2.0")).serialize()
    ground.mine(victim.moved(title_move(victim.title, record)))
    return victim, digest


def test_a_platforms_digest_has_the_word_of_the_list_that_holds_it(ground: Ground) -> None:
    """T8: a list that the owner never released lends its children nothing, even where it holds a released one."""
    victim, digest = multi_arch(ground, "acme/t8-platforms")
    children = [f"{victim['2.0']}@{one.digest}" for one in (AMD64, ARM64)]
    for reference in (victim["2.0"], *children):
        ground.consumer.verify(reference, expect=Verdict.VERIFIED)
    by_platform = ground.consumer.verify(victim["2.0"], "--platform", "linux/arm64", expect=Verdict.VERIFIED)
    assert by_platform["digest"] == str(ARM64.digest)
    mixed = push_list(ground.client, victim.name, "2.0", AMD64, STRANGE)
    assert mixed != digest
    ground.consumer.verify(victim["2.0"], expect=Verdict.MISMATCH)
    ground.consumer.verify(f"{victim['2.0']}@{STRANGE.digest}", expect=Verdict.MISMATCH)
    for reference in children:
        ground.consumer.verify(reference, expect=Verdict.VERIFIED)
    ground.push(victim.name, "2.0", "two")
    assert ground.consumer.verify(victim["2.0"], expect=Verdict.VERIFIED)["digest"] == str(AMD64.digest)


def test_a_revoked_list_covers_its_platforms_and_a_platform_its_list_alone(ground: Ground) -> None:
    """T8: whoever asks by a platform's digest must not get around a REVOKE of the list, nor the other way round."""
    victim, digest = multi_arch(ground, "acme/t8-revoked")
    record = Revoke(digest=ARM64.digest, reason=RevokeReason.BROKEN).serialize()
    ground.mine(victim.moved(title_move(victim.title, record)))
    ground.consumer.verify(f"{victim['2.0']}@{ARM64.digest}", expect=Verdict.REVOKED)
    ground.consumer.verify(victim["2.0"], "--platform", "linux/arm64", expect=Verdict.REVOKED)
    ground.consumer.verify(victim["2.0"], expect=Verdict.REVOKED)
    ground.consumer.verify(victim["2.0"], "--platform", "linux/amd64", expect=Verdict.VERIFIED)
    ground.consumer.verify(f"{victim['2.0']}@{AMD64.digest}", expect=Verdict.VERIFIED)
    ground.mine(victim.moved(title_move(victim.title, replace_digest(record, digest))))
    for reference in (victim["2.0"], f"{victim['2.0']}@{AMD64.digest}"):
        ground.consumer.verify(reference, expect=Verdict.REVOKED)


def replace_digest(record: bytes, digest: Digest) -> bytes:
    """The same REVOKE of another digest."""
    return record[:4] + digest.raw + record[36:]


def test_a_platforms_digest_whose_list_cannot_be_had_is_undecided(ground: Ground) -> None:
    """T8: by deleting the list a registry must not turn "revoked" or "released" into "never released"."""
    victim, digest = multi_arch(ground, "acme/t8-deleted")
    ground.delete(victim.name, digest)
    fresh = ground.person("fresh at T8")
    child = f"{victim['2.0']}@{AMD64.digest}"
    answer = fresh.verify(child, "--genesis", display(victim.txid), expect=Verdict.UNDECIDED)
    assert str(digest) in answer["reason"]
    fresh.verify(child, "--genesis", display(victim.txid), "--allow", "unpinned,pending", expect=Verdict.UNDECIDED)


OTHER_TYPE = "application/vnd.example.notes+json"


def image_there(ground: Ground, name: str, document: bytes) -> None:
    """An ordinary image under the tag."""
    assert document
    ground.push(name, DEFINITION_TAG, "an image")


def other_artifact_there(ground: Ground, name: str, document: bytes) -> None:
    """The right bytes, as an artifact of somebody else's type."""
    ground.client.push_artifact(name, DEFINITION_TAG, OTHER_TYPE, document, {})


def list_there(ground: Ground, name: str, document: bytes) -> None:
    """A list of images."""
    assert document
    push_list(ground.client, name, DEFINITION_TAG, AMD64, ARM64)


def our_type_around_an_image(ground: Ground, name: str, document: bytes) -> None:
    """An image that claims our artifactType, with the document as an ordinary layer."""
    config = ground.client.push_blob(name, b"{}", CONFIG_TYPE)
    layer = ground.client.push_blob(name, document, LAYER_TYPE)
    parts = [{"mediaType": one.media_type, "digest": str(one.digest), "size": one.size} for one in (config, layer)]
    manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": DEFINITION}
    ground.client.push_manifest(name, compact({**manifest, "config": parts[0], "layers": parts[1:]}), DEFINITION_TAG)


IN_USE = (image_there, other_artifact_there, list_there, our_type_around_an_image)


@pytest.mark.parametrize("occupy", IN_USE, ids=lambda one: one.__name__)
def test_a_tag_dockchains_that_holds_something_else_is_not_believed(
    ground: Ground, occupy: Callable[[Ground, str, bytes], None]
) -> None:
    """T10: only our artifactType with its own document is a claim; a voucher of one's own needs none."""
    victim = ground.issue(f"acme/t10-{occupy.__name__}", publish=False)
    ground.release(victim, "1.0")
    occupy(ground, victim.name, victim.document)
    fresh = ground.person(f"fresh at T10, {occupy.__name__}")
    malformed = occupy is our_type_around_an_image
    answer = fresh.verify(victim["1.0"], expect=Verdict.UNDECIDED if malformed else Verdict.NO_ASSET)
    assert any(("malformed" if malformed else "holds something else") in note for note in answer["notes"])
    fresh.refused("image", "pin", victim.name, "--yes")
    assert fresh.pin(victim.name, "--genesis", display(victim.txid)) == display(victim.txid)
    fresh.verify(victim["1.0"], expect=Verdict.VERIFIED)


@pytest.mark.parametrize("occupy", IN_USE, ids=lambda one: one.__name__)
def test_a_tag_dockchains_that_is_in_use_is_not_overwritten_and_no_money_moves(
    ground: Ground, publisher: Publisher, occupy: Callable[[Ground, str, bytes], None]
) -> None:
    """T10: `issue` looks first; nothing is signed, and what is there stays."""
    name = ground.name(f"acme/t10-issue-{occupy.__name__}")
    occupy(ground, name, b"{}")
    held = ground.client.manifest(name, DEFINITION_TAG).digest
    before = publisher.what_is_there()
    told = publisher.refuses("image", "issue", name).stderr
    assert "in use for something else" in told or "malformed" in told
    assert publisher.what_is_there() == before
    assert ground.client.manifest(name, DEFINITION_TAG).digest == held
    with pytest.raises(RegistryError):
        ground.client.push_artifact(name, DEFINITION_TAG, "application/vnd.example.third+json", b"{}", {})
