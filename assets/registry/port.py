"""Ports to registries of images.

`ImageRegistry` is all that services use, and each takes the narrowest part that it needs: what reads manifests, blobs
or artifacts, or what pushes. Every digest and size has been checked before an answer leaves it. `RegistryWire` is what
an implementation provides: it moves bytes and believes nothing about them. `CheckedRegistry` makes the first from the
second.

A repository is named by its canonical name, host included (`registry.example/acme/app`). Every call of every part
raises RegistryUnavailableError, UnauthorizedError, NotFoundError, DigestMismatchError, and RegistryError for answers
that cannot be used; EncodingError for a name or a tag out of grammar.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.registry.oci import ContentDescriptor, Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedManifest:
    """A manifest or a manifest list: `data` has the sha256 `digest`, and is `document` when read as `media_type`."""

    name: str
    digest: Digest
    media_type: str
    data: bytes
    document: Manifest


class Artifact(NamedTuple):
    """A document out of a registry, and the annotations of its manifest."""

    data: bytes
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestAnswer:
    """A manifest as it came. `content_type` and `claimed` (`Docker-Content-Digest`) are what it says, or empty."""

    data: bytes
    content_type: str
    claimed: str


class Landing(Protocol):
    """Where a blob arrives, perhaps in several attempts; what came is hashed on the way."""

    @property
    def size(self) -> int:
        """Bytes that are there, from the blob's first one on."""

    def write(self, chunk: bytes) -> None:
        """The next bytes."""

    def restart(self) -> None:
        """Throws away what is there."""

    def digest(self) -> Digest:
        """The sha256 of what is there."""


class ManifestSource(Protocol):
    """What reads manifests."""

    def resolve(self, reference: ImageReference) -> ResolvedManifest:
        """What a reference stands for: its digest, else its tag, else `latest`.

        For an image of several platforms that is the list, whose digest is the one to bind.
        """

    def manifest(self, name: str, selector: Digest | str) -> ResolvedManifest:
        """A manifest by digest or tag."""

    def tags(self, name: str) -> tuple[str, ...]:
        """All tags of a repository, in the registry's order."""


class BlobSource(Protocol):
    """What reads blobs."""

    def blob(self, name: str, descriptor: ContentDescriptor, limit: int) -> bytes:
        """Content of at most `limit` bytes, with the size and the digest that the descriptor states."""

    def download(self, name: str, descriptor: ContentDescriptor, landing: Landing) -> None:
        """Content of any size, into a landing; what an earlier attempt left there is not fetched again.

        Raises DigestMismatchError where the bytes are others than the descriptor states; the landing is empty then.
        """


class ArtifactSource(Protocol):
    """What reads the documents that lie under tags of their own."""

    def fetch_artifact(
        self, name: str, tag: str, artifact_type: str, limit: int, note: Callable[[str], None] | None = None
    ) -> Artifact | None:
        """The document of this type under a tag, at most `limit` bytes; None where there is none.

        A tag that holds anything else is not believed: None too, and `note` is told so.
        """


class ContentSource(ManifestSource, BlobSource, Protocol):
    """What reads whole images: manifests, and the blobs that they name."""


class RegistryReader(ContentSource, ArtifactSource, Protocol):
    """All that can be read."""


class RegistryWriter(Protocol):
    """What pushes."""

    def upload(
        self, name: str, descriptor: ContentDescriptor, path: Path, advance: Callable[[int], None] | None = None
    ) -> bool:
        """Store a file's content, unless the registry has it already; whether it was sent.

        `advance` is told how many more bytes went out.
        """

    def push_blob(self, name: str, data: bytes, media_type: str) -> ContentDescriptor:
        """Store content; the descriptor names it with `media_type`."""

    def push_manifest(self, name: str, data: bytes, tag: str | None = None) -> Digest:
        """Store a manifest, under a tag where one is given. Its `mediaType` says what it is."""

    def push_artifact(
        self,
        name: str,
        tag: str,
        artifact_type: str,
        data: bytes,
        annotations: Mapping[str, str],
        *,
        replaces: Collection[str] = (),
    ) -> Digest:
        """Store a document under a tag, in place of an older one of the same type, or of one that it replaces.

        Raises RegistryError where the tag holds anything else; that is never overwritten.
        """


class ImageRegistry(RegistryReader, RegistryWriter, Protocol):
    """A registry, or all of them, to read and to push."""


class RegistryWire(Protocol):
    """What moves bytes to and from registries. Selectors are tags, or digests as text."""

    def read_manifest(self, name: str, selector: str, limit: int) -> ManifestAnswer:
        """A manifest of at most `limit` bytes. Raises NotFoundError."""

    def read_blob(self, name: str, digest: str, limit: int) -> bytes:
        """A blob of at most `limit` bytes. Raises NotFoundError."""

    def read_blob_into(self, name: str, digest: str, size: int, landing: Landing) -> None:
        """A blob of at most `size` bytes, from the landing's size on. Raises NotFoundError."""

    def has_blob(self, name: str, digest: str) -> bool:
        """Whether the registry says that it has a blob."""

    def write_blob(self, name: str, digest: str, data: bytes) -> None:
        """Store a blob."""

    def write_blob_file(
        self, name: str, digest: str, path: Path, size: int, advance: Callable[[int], None] | None
    ) -> None:
        """Store a blob of `size` bytes from a file."""

    def write_manifest(self, name: str, selector: str, media_type: str, data: bytes) -> str:
        """Store a manifest; the registry's word on its digest, or the empty string."""

    def list_tags(self, name: str) -> tuple[str, ...]:
        """All tags. Raises NotFoundError where the repository is unknown."""
