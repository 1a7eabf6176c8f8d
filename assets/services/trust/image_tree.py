"""An image with everything in it: a manifest, or a list of manifests, however deep."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from assets.errors import ImageError
from assets.images.contents import MAX_DEPTH, MAX_MANIFESTS, Contents
from assets.images.digest import Digest
from assets.registry.oci import ContentDescriptor, Manifest, ManifestList


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A manifest's bytes, read as `media_type`."""

    digest: Digest
    media_type: str
    data: bytes
    document: Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageTree:
    """A manifest with the manifests that it lists."""

    root: Document
    children: tuple["ImageTree", ...] = ()

    def walk(self) -> Iterator[Document]:
        """Every manifest, lists before what they hold, each as often as it is listed."""
        yield self.root
        for child in self.children:
            yield from child.walk()

    def blobs(self) -> tuple[ContentDescriptor, ...]:
        """Configs and layers, each digest once."""
        return blobs_of(self.walk())

    def contents(self) -> Contents:
        """What each of its manifests holds."""
        return {self.root.digest: tuple(child.root.digest for child in self.children)} | {
            digest: held for child in self.children for digest, held in child.contents().items()
        }

    @property
    def size(self) -> int:
        """Bytes of all blobs."""
        return sum(blob.size for blob in self.blobs())

    def child(self, digest: Digest) -> "ImageTree | None":
        """The part whose root has a digest."""
        if self.root.digest == digest:
            return self
        return next((found for one in self.children if (found := one.child(digest)) is not None), None)


def blobs_of(documents: Iterable[Document]) -> tuple[ContentDescriptor, ...]:
    """The configs and layers that manifests name, each digest once."""
    found: dict[Digest, ContentDescriptor] = {}
    for one in documents:
        if not isinstance(one.document, ManifestList):
            for part in (one.document.config, *one.document.layers):
                found.setdefault(part.digest, part)
    return tuple(found.values())


def read_tree(read: Callable[[Digest], Document], digest: Digest) -> ImageTree:
    """The image behind a digest. Raises ImageError for one out of bounds, and what `read` raises."""
    return _Reader(read).tree(digest, depth=0)


class _Reader:
    def __init__(self, read: Callable[[Digest], Document]) -> None:
        self._read = read
        self._count = 0

    def tree(self, digest: Digest, depth: int) -> ImageTree:
        self._count += depth > 0
        if depth > MAX_DEPTH or self._count > MAX_MANIFESTS:
            raise ImageError(
                f"the image holds lists more than {MAX_DEPTH} deep, or more than {MAX_MANIFESTS} manifests",
                hint="no tool builds such images; do not use it",
            )
        found = self._read(digest)
        if not isinstance(found.document, ManifestList):
            return ImageTree(root=found)
        children = tuple(self.tree(child.digest, depth + 1) for child in found.document.children)
        return ImageTree(root=found, children=children)
