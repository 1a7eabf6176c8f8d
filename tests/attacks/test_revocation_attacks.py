"""Attacks on revocations: by another form of the image, by a deleted document, by asking for a part of it.

A publisher with a real wallet releases and revokes by commands; whoever attacks may push to the registry and delete.
"""

import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assets.images.digest import Digest
from assets.images.record import Release, Revoke, RevokeReason
from assets.images.tag import Tags
from assets.images.verdict import Verdict
from assets.registry.artifacts import held_in
from assets.registry.media_types import MANIFESTS_ARTIFACT, OCI_INDEX
from assets.registry.oci import ManifestList
from assets.registry.referrers import attached, fallback_tag
from tests.assets.registry.images import TestImage, compact, descriptor, image, image_list, push_image, push_list
from tests.attacks.ground import Ground, title_move
from tests.attacks.publisher import Publisher
from tests.serving import running_service

pytestmark = [pytest.mark.node, pytest.mark.registry]

AMD, ARM = "linux/amd64", "linux/arm64"


@dataclass(frozen=True, slots=True)
class Shop:
    """A publisher's repository, which the consumer has pinned."""

    ground: Ground
    publisher: Publisher
    name: str

    def verify(self, selector: str, *options: str, expect: Verdict) -> dict[str, Any]:
        return self.ground.consumer.verify(f"{self.name}{selector}", *options, expect=expect)

    def push(self, tag: str, seed: str) -> tuple[Digest, TestImage, TestImage]:
        """A list of two platforms."""
        amd, arm = image(seed, "amd64"), image(seed, "arm64")
        return push_list(self.ground.client, self.name, tag, amd, arm), amd, arm

    def release(self, tag: str, digest: Digest) -> None:
        self.publisher.signs("image", "release", f"{self.name}:{tag}", "--digest", str(digest))
        self.ground.node.mine()

    def released(self, tag: str, seed: str) -> tuple[Digest, TestImage, TestImage]:
        made = self.push(tag, seed)
        self.release(tag, made[0])
        return made

    def revoke(self, selector: str, *options: str) -> dict[str, Any]:
        said = self.publisher.signs("image", "revoke", f"{self.name}{selector}", *options)
        self.ground.node.mine()
        return said


@pytest.fixture(scope="module")
def house(ground: Ground, publisher: Publisher) -> Shop:
    """The repository that most tests share: each revokes images of its own."""
    name = publisher.issue("acme/revoked")
    ground.consumer.pin(name)
    return Shop(ground, publisher, name)


def fresh(ground: Ground, publisher: Publisher, path: str) -> Shop:
    """A repository of a test's own."""
    name = publisher.issue(path)
    ground.consumer.pin(name)
    return Shop(ground, publisher, name)


def test_t16_a_list_whose_platforms_are_revoked_does_not_verify(house: Shop) -> None:
    """T16: a container engine takes the platform out of the list by itself, so the list is as good as its worst one."""
    whole, amd, arm = house.released("t16", "t16")
    house.verify(":t16", expect=Verdict.VERIFIED)
    said = house.revoke(":t16", "--platform", AMD, "--reason", "compromised")
    assert (said["digest"], said["alone"]) == (str(amd.digest), True)
    assert said["taken_along"] == [f"t16 ({whole})"]
    answer = house.verify(":t16", expect=Verdict.REVOKED)
    assert f"the owner revoked {amd.digest}: compromised; it is in this image" in answer["reason"]
    assert "1 of its 2 images are not revoked: --platform OS/ARCH takes one of them" in answer["notes"]
    house.verify(":t16", "--platform", AMD, expect=Verdict.REVOKED)
    assert house.verify(":t16", "--platform", ARM, expect=Verdict.VERIFIED)["digest"] == str(arm.digest)
    house.verify(f"@{arm.digest}", expect=Verdict.VERIFIED)
    house.revoke(f"@{arm.digest}")
    assert not any("--platform" in note for note in house.verify(":t16", expect=Verdict.REVOKED)["notes"])
    house.verify(":t16", "--platform", ARM, expect=Verdict.REVOKED)


def test_t16_a_tag_of_its_own_hides_no_revoked_platform(house: Shop) -> None:
    """T16: the revoked platform was released as an image, too."""
    whole, amd, _ = house.released("t16own", "t16 own")
    push_image(house.ground.client, house.name, amd, "t16own-amd64")
    house.release("t16own-amd64", amd.digest)
    said = house.revoke(":t16own-amd64")
    assert (said["tags"], said["taken_along"]) == (["t16own-amd64"], [f"t16own ({whole})"])
    for selector in (":t16own", ":t16own-amd64", f"@{whole}", f":t16own@{amd.digest}"):
        house.verify(selector, expect=Verdict.REVOKED)


def test_t16_a_nested_list_is_looked_through(house: Shop) -> None:
    """T16: two lists deep, for the verdict and for --platform."""
    inner, amd, arm = house.push("t16inner", "t16 nested")
    entry = descriptor(OCI_INDEX, image_list(amd, arm))
    outer = compact({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]})
    digest = house.ground.client.push_manifest(house.name, outer, "t16outer")
    house.release("t16outer", digest)
    assert house.verify(":t16outer", "--platform", ARM, expect=Verdict.VERIFIED)["digest"] == str(arm.digest)
    house.revoke(":t16outer", "--platform", AMD)
    house.verify(":t16outer", expect=Verdict.REVOKED)
    house.verify(f":t16outer@{inner}", expect=Verdict.REVOKED)
    house.verify(":t16outer", "--platform", ARM, expect=Verdict.VERIFIED)


def test_t16_a_list_with_a_revoked_platform_is_not_released_again(house: Shop) -> None:
    """T16: it would be REVOKED at once; the owner is told before anything is signed."""
    _, amd, _ = house.released("t16again", "t16 again")
    house.revoke(f"@{amd.digest}")
    whole = push_list(house.ground.client, house.name, "t16new", amd, image("t16 new", "arm64"))
    told = house.publisher.refuses("image", "release", f"{house.name}:t16new", "--digest", str(whole)).stderr
    assert f"{whole} would be REVOKED: the owner revoked {amd.digest}" in told


def sealed(house: Shop, tag: str, folder: Path) -> tuple[dict[str, Any], Digest, TestImage, TestImage]:
    """A list that was released, and sealed with its two platforms."""
    whole, amd, arm = house.released(tag, f"sealed {tag}")
    said = house.publisher.signs("image", "seal", f"{house.name}:{tag}", "--key-out", str(folder / f"{tag}.key"))
    house.ground.node.mine()
    return said, whole, amd, arm


def parts(house: Shop, digest: str) -> tuple[Digest, ...]:
    """The entries of a list in the registry."""
    document = house.ground.client.manifest(house.name, Digest.parse(digest)).document
    assert isinstance(document, ManifestList)
    return tuple(one.digest for one in document.children)


def test_t17_a_revoked_plaintext_platform_takes_its_sealed_form_along(house: Shop, tmp_path: Path) -> None:
    """T17: the sealed platform is the revoked one, and is not opened."""
    said, whole, amd, _ = sealed(house, "t17", tmp_path)
    ciphertext = str(said["ciphertext"])
    first, second = parts(house, ciphertext)
    for digest in (ciphertext, first, second):
        house.verify(f":t17@{digest}", expect=Verdict.VERIFIED)
    house.revoke(f"@{amd.digest}", "--reason", "compromised")
    house.verify(f":t17@{first}", expect=Verdict.REVOKED)
    house.verify(f":t17@{ciphertext}", expect=Verdict.REVOKED)
    house.verify(f"@{whole}", expect=Verdict.REVOKED)
    house.verify(f":t17@{second}", expect=Verdict.VERIFIED)
    key = ("--key-file", str(tmp_path / "t17.key"))
    for digest in (str(first), ciphertext):
        place = tmp_path / f"out-{digest[-8:]}"
        pulled = house.ground.consumer.run(
            "image", "pull", f"{house.name}:t17@{digest}", "--to", f"oci:{place}", *key, expect=int(Verdict.REVOKED)
        )
        assert pulled.stdout == ""
        assert not place.exists()


def test_t17_a_revoked_sealed_platform_takes_its_original_along(house: Shop, tmp_path: Path) -> None:
    """T17: the other way round, by the digest of the ciphertext."""
    said, whole, amd, arm = sealed(house, "t17back", tmp_path)
    first, second = parts(house, str(said["ciphertext"]))
    revoked = house.revoke(f"@{second}")
    assert f"t17back ({whole})" in revoked["taken_along"]
    for digest in (arm.digest, second, whole, said["ciphertext"]):
        house.verify(f":t17back@{digest}", expect=Verdict.REVOKED)
    for digest in (amd.digest, first):
        house.verify(f":t17back@{digest}", expect=Verdict.VERIFIED)


def test_t18_deleting_a_revoked_list_undoes_nothing(ground: Ground, publisher: Publisher) -> None:
    """T18: a list that was pushed and never released; its platform was released by itself. Then the list is deleted."""
    house = fresh(ground, publisher, "acme/t18")
    whole, amd, _ = house.push("never", "t18")
    push_image(ground.client, house.name, amd, "1.0")
    house.release("1.0", amd.digest)
    said = house.revoke(f"@{whole}")
    assert (said["alone"], said["released"], said["taken_along"]) == (False, False, [f"1.0 ({amd.digest})"])
    house.verify(":1.0", expect=Verdict.REVOKED)
    kept = attached(ground.client, house.name, whole, MANIFESTS_ARTIFACT)
    assert held_in(kept[0].layers[0]) == whole
    ground.delete(house.name, whole)
    for name in ("consumer of T18", "another of T18"):
        stranger = ground.person(name)
        stranger.pin(house.name)
        stranger.verify(f"{house.name}:1.0", expect=Verdict.REVOKED)
    forgotten = ground.client.manifest(house.name, fallback_tag(whole)).digest
    ground.delete(house.name, forgotten)
    house.verify(":1.0", expect=Verdict.REVOKED)
    late = ground.person("late consumer of T18")
    late.pin(house.name)
    answer = late.verify(f"{house.name}:1.0", expect=Verdict.UNDECIDED)
    assert f"the owner revoked {whole}, which could be a list that holds this image" in answer["reason"]


def test_t18_one_new_binding_repairs_what_a_deleted_document_broke(ground: Ground) -> None:
    """T18: where nobody has the document, older bindings are UNDECIDED and younger ones are not."""
    victim = ground.victim("acme/t18-repair")
    nowhere = Digest.of(b"a list that somebody deleted")
    record = Revoke(digest=nowhere, reason=RevokeReason.BROKEN).serialize()
    ground.mine(victim.moved(title_move(victim.title, record)))
    ground.consumer.verify(victim["1.0"], expect=Verdict.UNDECIDED)
    again = Release(digest=victim.released["1.0"], tags=Tags.of("1.0")).serialize()
    ground.mine(victim.moved(title_move(victim.title, again)))
    ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)
    record = Revoke(digest=Digest.of(b"one image"), reason=RevokeReason.BROKEN, alone=True).serialize()
    ground.mine(victim.moved(title_move(victim.title, record)))
    ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)


def test_t18_evidence_carries_what_was_revoked(ground: Ground, publisher: Publisher, tmp_path: Path) -> None:
    """T18: whoever verifies by evidence has the documents of revoked lists with it."""
    house = fresh(ground, publisher, "acme/t18-evidence")
    whole, amd, _ = house.push("never", "t18 evidence")
    push_image(ground.client, house.name, amd, "1.0")
    house.release("1.0", amd.digest)
    house.revoke(f"@{whole}")
    path = tmp_path / "evidence"
    publisher.person.run("image", "history", house.name, "--evidence", str(path))
    assert b'{"document":"' in path.read_bytes()
    ground.delete(house.name, ground.client.manifest(house.name, fallback_tag(whole)).digest)
    ground.delete(house.name, whole)
    stranger = ground.person("by evidence of T18")
    stranger.pin(house.name)
    stranger.verify(f"{house.name}:1.0", expect=Verdict.UNDECIDED)
    stranger.verify(f"{house.name}:1.0", "--evidence", str(path), expect=Verdict.REVOKED)


def test_t19_what_is_served_is_what_verifies_by_its_own_digest(
    ground: Ground, publisher: Publisher, tmp_path: Path
) -> None:
    """T19: a kept list, of which a platform is revoked: by tag or digest, its manifests and blobs are not given out."""
    house = fresh(ground, publisher, "acme/t19")
    whole, amd, arm = house.released("1.0", "t19")
    consumer = ground.consumer
    consumer.run("image", "pull", f"{house.name}:1.0")
    consumer.run("image", "pull", f"{house.name}:1.0", "--platform", ARM)
    house.revoke(f"@{amd.digest}")
    with running_service(
        ("image", "serve", "--listen", "127.0.0.1:0"), "serving at", ground.node, consumer.home, bare=True
    ) as service:
        url = f"{service.url}/v2/acme/t19"
        assert status(f"{url}/manifests/{arm.digest}") == 200
        assert status(f"{url}/blobs/{Digest.of(arm.layer)}") == 200
        assert status(f"{url}/manifests/{amd.digest}") == 404
        assert status(f"{url}/manifests/{whole}") == 404
        assert status(f"{url}/blobs/{Digest.of(amd.layer)}") == 404


def test_t19_every_view_asks_the_same_rule(ground: Ground, publisher: Publisher) -> None:
    """T19: `image show`, `image list` and `image history` call revoked what verify does, and nothing else."""
    house = fresh(ground, publisher, "acme/t19-views")
    whole, amd, arm = house.released("1.0", "t19 views")
    push_image(ground.client, house.name, arm, "1.0-arm64")
    house.release("1.0-arm64", arm.digest)
    house.revoke(f"@{amd.digest}")
    house.verify(":1.0", expect=Verdict.REVOKED)
    house.verify(":1.0-arm64", expect=Verdict.VERIFIED)
    person = publisher.person
    shown = person.run("image", "show", house.name, "--json").document
    assert {one["tag"]: one["revoked"] for one in shown["tags"]} == {"1.0": True, "1.0-arm64": False}
    listed = person.run("image", "list", "--json").document["repositories"]
    (mine,) = [one for one in listed if one["name"] == house.name]
    assert {one["tag"]: one["revoked"] for one in mine["tags"]} == {"1.0": True, "1.0-arm64": False}
    history = person.run("image", "history", house.name, "--json").document["records"]
    assert {one["digest"]: one["revoked"] for one in history if one["kind"] == "release"} == {
        str(whole): True,
        str(arm.digest): False,
    }


def status(url: str) -> int:
    """What a server answers."""
    try:
        with urllib.request.urlopen(url) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_t20_a_revocation_says_what_goes_with_it_before_it_is_signed(ground: Ground, publisher: Publisher) -> None:
    """T20: every release, the one platform in place of the whole list, and once what older readers make of *alone*."""
    house = fresh(ground, publisher, "acme/t20")
    whole, amd, arm = house.released("1.0", "t20")
    push_image(ground.client, house.name, amd, "1.0-amd64")
    house.release("1.0-amd64", amd.digest)
    text = publisher.person.run("image", "revoke", f"{house.name}:1.0", "--dry-run").stdout
    assert f"1.0-amd64 ({amd.digest}) goes REVOKED with it" in text
    assert f"{AMD} ({amd.digest})" in text
    assert f"{ARM} ({arm.digest})" in text
    assert "name its platform" in text
    assert "readers of version 3" not in text
    text = publisher.person.run("image", "revoke", f"{house.name}:1.0", "--platform", ARM, "--dry-run").stdout
    assert f"1.0 ({whole}) goes REVOKED with it" in text
    assert "readers of version 3 ignore" in text
    house.revoke(":1.0", "--platform", ARM)
    text = publisher.person.run("image", "revoke", f"{house.name}@{amd.digest}", "--dry-run").stdout
    assert "readers of version 3" not in text, "it is said once"


def test_t20_what_cannot_be_read_is_revoked_alone_or_not_at_all(ground: Ground, publisher: Publisher) -> None:
    """T20: else a REVOKE of random bytes would make every older answer UNDECIDED for ever."""
    house = fresh(ground, publisher, "acme/t20-unread")
    _, amd, _ = house.released("1.0", "t20 unread")
    nowhere = Digest.of(b"nobody has this")
    refused = publisher.refuses("image", "revoke", f"{house.name}@{nowhere}", "--whole")
    assert "cannot be read, so what it holds is not known" in refused.stderr
    said = house.revoke(f"@{nowhere}")
    assert said["alone"] is True
    house.verify(":1.0", expect=Verdict.VERIFIED)
    assert house.revoke(f"@{amd.digest}", "--whole")["alone"] is True, "one image is always revoked alone"


def test_t20_a_list_can_be_revoked_alone_and_later_with_what_it_holds(ground: Ground, publisher: Publisher) -> None:
    """T20: the second record says more than the first, the third says nothing."""
    house = fresh(ground, publisher, "acme/t20-twice")
    whole, amd, _ = house.released("1.0", "t20 twice")
    assert house.revoke(":1.0", "--alone")["alone"] is True
    house.verify(":1.0", expect=Verdict.REVOKED)
    house.verify(":1.0", "--platform", AMD, expect=Verdict.VERIFIED)
    assert house.revoke(f"@{whole}")["alone"] is False
    house.verify(":1.0", "--platform", AMD, expect=Verdict.REVOKED)
    assert "revoked already" in publisher.refuses("image", "revoke", f"{house.name}@{whole}").stderr
    push_image(ground.client, house.name, amd, "2.0")
    house.release("2.0", amd.digest)
    house.verify(":2.0", expect=Verdict.VERIFIED)
