"""What every implementation of the registry ports must do: the one in memory, the client of a real Distribution, and
the one that reads what this machine keeps before it asks either."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assets.errors import DigestMismatchError, NotFoundError, RegistryError
from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.fake import FakeRegistry
from assets.registry.media_types import DEFINITION, EVIDENCE, OCI_INDEX, OCI_MANIFEST
from assets.registry.oci import ContentDescriptor, ImageManifest, ManifestList
from assets.registry.port import RegistryReader, RegistryWriter
from assets.services.images.local_registry import LocalFirst
from assets.store.image_store import ImageStore
from assets.store.landing import FileLanding
from tests.assets.registry.images import LAYER_TYPE, image, image_list, push_image, push_list
from wallet.errors import EncodingError

ANNOTATIONS = {"dockchains.genesis": "ab" * 32, "dockchains.network": "0f" * 32}


@dataclass(frozen=True)
class Subject:
    """What reads a registry, what pushes to it, and a repository of its own for each test."""

    reader: RegistryReader
    writer: RegistryWriter
    name: str

    def reference(self, suffix: str) -> ImageReference:
        return ImageReference.parse(self.name + suffix)


@pytest.fixture(params=["memory", pytest.param("distribution", marks=pytest.mark.registry), "kept or memory"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    path = "acme/" + request.node.originalname.removeprefix("test_").replace("_", "-")[:60].strip("-")
    if request.param == "distribution":
        host = request.getfixturevalue("image_registry").host
        with RegistryClient(CredentialFinder.nowhere()) as client:
            yield Subject(client, client, f"{host}/{path}")
        return
    registry = FakeRegistry()
    reader = registry if request.param == "memory" else LocalFirst(ImageStore(tmp_path / "kept"), registry)
    yield Subject(reader, registry, f"registry.example/{path}")


def test_a_list_resolves_to_its_own_digest_and_names_its_platforms(subject: Subject) -> None:
    one, two = image("x", "amd64"), image("x", "arm64")
    digest = push_list(subject.writer, subject.name, "1.0", one, two)
    found = subject.reader.resolve(subject.reference(":1.0"))
    assert found.digest == digest == Digest.of(image_list(one, two))
    assert (found.name, found.media_type, found.data) == (subject.name, OCI_INDEX, image_list(one, two))
    assert isinstance(found.document, ManifestList)
    assert [(str(child.platform), child.digest) for child in found.document.children] == [
        ("linux/amd64", one.digest),
        ("linux/arm64", two.digest),
    ]


def test_a_child_is_found_by_its_digest_with_its_blobs(subject: Subject) -> None:
    one = image("child", "arm64")
    push_list(subject.writer, subject.name, "1.0", one)
    found = subject.reader.manifest(subject.name, one.digest)
    assert found.media_type == OCI_MANIFEST
    assert isinstance(found.document, ImageManifest)
    assert subject.reader.blob(subject.name, found.document.layers[0], 1000) == one.layer
    assert subject.reader.blob(subject.name, found.document.config, 1000) == one.config


def test_a_digest_beside_a_tag_says_which_image_is_meant(subject: Subject) -> None:
    old, new = image("old"), image("new")
    push_image(subject.writer, subject.name, old, "1")
    push_image(subject.writer, subject.name, new, "1")
    assert subject.reader.resolve(subject.reference(":1")).digest == new.digest
    assert subject.reader.resolve(subject.reference(f":1@{old.digest}")).digest == old.digest


def test_no_tag_means_latest(subject: Subject) -> None:
    one = image("latest")
    push_image(subject.writer, subject.name, one, "latest")
    assert subject.reader.resolve(subject.reference("")).digest == one.digest


def test_tags_are_listed(subject: Subject) -> None:
    for tag in ("1.0", "1.1", "latest"):
        push_image(subject.writer, subject.name, image(tag), tag)
    assert sorted(subject.reader.tags(subject.name)) == ["1.0", "1.1", "latest"]


def test_an_unknown_tag_and_an_unknown_repository_are_told_apart(subject: Subject) -> None:
    push_image(subject.writer, subject.name, image(), "1.0")
    with pytest.raises(NotFoundError, match=r"has no tag 2\.0"):
        subject.reader.resolve(subject.reference(":2.0"))
    with pytest.raises(NotFoundError, match="there is no repository"):
        subject.reader.resolve(ImageReference.parse(subject.name + "-elsewhere:2.0"))
    with pytest.raises(NotFoundError, match="there is no repository"):
        subject.reader.tags(subject.name + "-elsewhere")


def test_an_unknown_digest_and_an_unknown_blob_are_not_found(subject: Subject) -> None:
    push_image(subject.writer, subject.name, image(), "1.0")
    nothing = Digest.of(b"nothing")
    with pytest.raises(NotFoundError, match=str(nothing)):
        subject.reader.resolve(subject.reference(f"@{nothing}"))
    with pytest.raises(NotFoundError, match="has no blob"):
        subject.reader.blob(subject.name, ContentDescriptor(media_type=LAYER_TYPE, digest=nothing, size=7), 100)


def test_a_blob_that_is_longer_than_its_descriptor_is_refused(subject: Subject) -> None:
    stored = subject.writer.push_blob(subject.name, b"twelve bytes", LAYER_TYPE)
    shorter = ContentDescriptor(media_type=LAYER_TYPE, digest=stored.digest, size=11)
    with pytest.raises(RegistryError, match="more than the 11"):
        subject.reader.blob(subject.name, shorter, 100)


def test_a_blob_that_is_shorter_than_its_descriptor_is_refused(subject: Subject) -> None:
    stored = subject.writer.push_blob(subject.name, b"twelve bytes", LAYER_TYPE)
    longer = ContentDescriptor(media_type=LAYER_TYPE, digest=stored.digest, size=13)
    with pytest.raises(DigestMismatchError, match="12 bytes"):
        subject.reader.blob(subject.name, longer, 100)


def test_a_blob_above_the_limit_is_not_fetched(subject: Subject) -> None:
    stored = subject.writer.push_blob(subject.name, b"twelve bytes", LAYER_TYPE)
    with pytest.raises(RegistryError, match="more than the 5"):
        subject.reader.blob(subject.name, stored, 5)


LARGE = bytes(range(256)) * 5000


@pytest.mark.parametrize("content", [LARGE, b"", b"x"], ids=["large", "empty", "one byte"])
def test_a_file_goes_up_and_comes_down_unchanged(subject: Subject, tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "source"
    told: list[int] = []
    source.write_bytes(content)
    descriptor = ContentDescriptor(media_type=LAYER_TYPE, digest=Digest.of(content), size=len(content))
    assert subject.writer.upload(subject.name, descriptor, source, told.append)
    assert sum(told) == len(content)
    with FileLanding(tmp_path / "target", told.append) as landing:
        subject.reader.download(subject.name, descriptor, landing)
    assert (tmp_path / "target").read_bytes() == content
    assert sum(told) == 2 * len(content)
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o600


def test_what_the_registry_has_is_not_sent_again(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(LARGE)
    stored = subject.writer.push_blob(subject.name, LARGE, LAYER_TYPE)
    assert not subject.writer.upload(subject.name, stored, tmp_path / "source")


@pytest.mark.parametrize("there", [1, 700_000, len(LARGE) - 1, len(LARGE)])
def test_a_download_goes_on_where_an_earlier_one_ended(subject: Subject, tmp_path: Path, there: int) -> None:
    stored = subject.writer.push_blob(subject.name, LARGE, LAYER_TYPE)
    (tmp_path / "target").write_bytes(LARGE[:there])
    with FileLanding(tmp_path / "target") as landing:
        assert landing.size == there
        subject.reader.download(subject.name, stored, landing)
    assert (tmp_path / "target").read_bytes() == LARGE


@pytest.mark.parametrize("junk", [b"junk", bytes(len(LARGE)), bytes(len(LARGE) + 5)])
def test_what_an_earlier_attempt_left_is_not_believed(subject: Subject, tmp_path: Path, junk: bytes) -> None:
    stored = subject.writer.push_blob(subject.name, LARGE, LAYER_TYPE)
    (tmp_path / "target").write_bytes(junk)
    with FileLanding(tmp_path / "target") as landing:
        subject.reader.download(subject.name, stored, landing)
    assert (tmp_path / "target").read_bytes() == LARGE


def test_nothing_is_left_of_a_download_with_another_size(subject: Subject, tmp_path: Path) -> None:
    stored = subject.writer.push_blob(subject.name, LARGE, LAYER_TYPE)
    for size in (len(LARGE) - 1, len(LARGE) + 1):
        wrong = ContentDescriptor(media_type=LAYER_TYPE, digest=stored.digest, size=size)
        with FileLanding(tmp_path / "target") as landing, pytest.raises(RegistryError):
            subject.reader.download(subject.name, wrong, landing)
        (tmp_path / "target").unlink()


def test_an_unknown_blob_is_not_downloaded(subject: Subject, tmp_path: Path) -> None:
    push_image(subject.writer, subject.name, image(), "1.0")
    missing = ContentDescriptor(media_type=LAYER_TYPE, digest=Digest.of(b"nothing"), size=7)
    with FileLanding(tmp_path / "target") as landing, pytest.raises(NotFoundError, match="has no blob"):
        subject.reader.download(subject.name, missing, landing)


def test_an_artifact_comes_back_with_its_annotations(subject: Subject) -> None:
    digest = subject.writer.push_artifact(subject.name, "dockchains", DEFINITION, b'{"v":1}', ANNOTATIONS)
    found = subject.reader.fetch_artifact(subject.name, "dockchains", DEFINITION, 65536)
    assert found is not None
    assert (found.data, dict(found.annotations)) == (b'{"v":1}', ANNOTATIONS)
    assert subject.reader.manifest(subject.name, "dockchains").digest == digest


def test_an_artifact_replaces_an_older_one_of_its_type(subject: Subject) -> None:
    subject.writer.push_artifact(subject.name, "dockchains", DEFINITION, b"old", ANNOTATIONS)
    subject.writer.push_artifact(subject.name, "dockchains", DEFINITION, b"new", ANNOTATIONS)
    found = subject.reader.fetch_artifact(subject.name, "dockchains", DEFINITION, 65536)
    assert found is not None
    assert found.data == b"new"


def test_there_is_no_artifact_where_there_is_no_tag(subject: Subject) -> None:
    assert subject.reader.fetch_artifact(subject.name, "dockchains", DEFINITION, 65536) is None
    push_image(subject.writer, subject.name, image(), "1.0")
    assert subject.reader.fetch_artifact(subject.name, "dockchains", DEFINITION, 65536) is None


def test_a_tag_of_another_artifact_type_is_neither_overwritten_nor_believed(subject: Subject) -> None:
    subject.writer.push_artifact(subject.name, "dockchains", EVIDENCE, b"{}", ANNOTATIONS)
    notes: list[str] = []
    assert subject.reader.fetch_artifact(subject.name, "dockchains", DEFINITION, 65536, notes.append) is None
    assert len(notes) == 1
    assert EVIDENCE in notes[0]
    with pytest.raises(RegistryError, match="not overwritten"):
        subject.writer.push_artifact(subject.name, "dockchains", DEFINITION, b"{}", ANNOTATIONS)
    kept = subject.reader.fetch_artifact(subject.name, "dockchains", EVIDENCE, 65536)
    assert kept is not None
    assert kept.data == b"{}"


def test_an_image_under_our_tag_is_neither_overwritten_nor_believed(subject: Subject) -> None:
    push_list(subject.writer, subject.name, "dockchains", image())
    notes: list[str] = []
    assert subject.reader.fetch_artifact(subject.name, "dockchains", DEFINITION, 65536, notes.append) is None
    assert OCI_INDEX in notes[0]
    with pytest.raises(RegistryError, match="not overwritten"):
        subject.writer.push_artifact(subject.name, "dockchains", DEFINITION, b"{}", ANNOTATIONS)


def test_an_artifact_above_the_limit_is_refused(subject: Subject) -> None:
    subject.writer.push_artifact(subject.name, "dockchains", DEFINITION, bytes(100), ANNOTATIONS)
    with pytest.raises(RegistryError, match="more than the 99"):
        subject.reader.fetch_artifact(subject.name, "dockchains", DEFINITION, 99)


def test_names_and_tags_out_of_grammar_are_refused(subject: Subject) -> None:
    with pytest.raises(EncodingError):
        subject.reader.manifest(subject.name, "../../x")
    with pytest.raises(EncodingError):
        subject.reader.manifest(subject.name + "/../x", "1.0")
    with pytest.raises(EncodingError, match="not a canonical name"):
        subject.reader.tags("nginx")


def test_a_manifest_that_names_missing_parts_is_refused(subject: Subject) -> None:
    with pytest.raises(RegistryError):
        subject.writer.push_manifest(subject.name, image("absent").manifest, "1.0")
