"""Where the plain content of an image is read from: a registry, or the OCI layout that a builder wrote."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from assets.errors import ImageError
from assets.images.digest import Digest
from assets.registry.layout import LayoutReference, read_layout
from assets.registry.oci import ContentDescriptor, parse_manifest, stated_media_type
from assets.registry.port import ContentSource
from assets.registry.settings import MANIFEST_LIMIT
from assets.services.trust.image_tree import Document
from assets.store.landing import FileLanding
from wallet.errors import StoreError

Advance = Callable[[int], None]


class ImageSource(Protocol):
    """Documents and blobs by digest. Manifests are checked; whoever reads a blob's file hashes it."""

    def manifest(self, digest: Digest) -> Document:
        """A manifest. Raises ImageError or RegistryError where it cannot be had."""

    def blob(self, descriptor: ContentDescriptor, staging: Path) -> Path:
        """A file with a blob's content, perhaps in `staging`. Raises ImageError or RegistryError."""


class RegistrySource:
    """Reads an image from a registry."""

    def __init__(self, registry: ContentSource, name: str) -> None:
        self._registry = registry
        self._name = name

    def manifest(self, digest: Digest) -> Document:
        """A manifest by its digest."""
        found = self._registry.manifest(self._name, digest)
        return Document(digest=found.digest, media_type=found.media_type, data=found.data, document=found.document)

    def blob(self, descriptor: ContentDescriptor, staging: Path) -> Path:
        """A blob, downloaded into the staging folder."""
        path = staging / f"plain-{descriptor.digest.hex}"
        with FileLanding(path) as landing:
            self._registry.download(self._name, descriptor, landing)
        return path


class LayoutSource:
    """Reads an image from an OCI image layout."""

    def __init__(self, reference: LayoutReference) -> None:
        self._folder = reference.folder
        self.digest = read_layout(reference).digest

    def manifest(self, digest: Digest) -> Document:
        """A manifest by its digest, hashed again."""
        path = self._path(digest)
        try:
            with path.open("rb") as file:
                data = file.read(MANIFEST_LIMIT + 1)
        except OSError as error:
            raise _missing(path, error) from error
        if Digest.of(data) != digest:
            raise ImageError(f"{path} is damaged", hint="write the layout again")
        media_type = stated_media_type(data)
        return Document(digest=digest, media_type=media_type, data=data, document=parse_manifest(data, media_type))

    def blob(self, descriptor: ContentDescriptor, staging: Path) -> Path:
        """The layout's own file."""
        path = self._path(descriptor.digest)
        try:
            size = path.stat().st_size
        except OSError as error:
            raise _missing(path, error) from error
        if size != descriptor.size:
            raise ImageError(f"{path} has {size} bytes, not {descriptor.size}", hint="write the layout again")
        return path

    def _path(self, digest: Digest) -> Path:
        return self._folder / "blobs" / "sha256" / digest.hex


def _missing(path: Path, error: OSError) -> ImageError | StoreError:
    if isinstance(error, FileNotFoundError):
        return ImageError(f"the layout lacks {path.name}", hint="write the whole image into it, with all platforms")
    return StoreError(f"{path} cannot be read: {error.strerror}", hint="check its permissions")
