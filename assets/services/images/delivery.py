"""Use case: hand a pulled image over: to an OCI layout, an archive for `docker load`, the local engine, a registry.

Everything was verified before, and is hashed once more on the way out; a destination gets all of an image, or nothing.
"""

import contextlib
import platform as machine
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from assets.errors import ImageError
from assets.images.reference import ImageReference
from assets.images.tag import Tag
from assets.registry.encryption import is_encrypted
from assets.registry.oci import ContentDescriptor, ImageManifest, ManifestList
from assets.registry.port import RegistryWriter
from assets.remedies import ImageRemedy
from assets.services.images.image_content import ImageContent
from assets.services.trust.image_tree import Document, ImageTree
from assets.store.docker_archive import ArchiveWriter, diff_ids, new_file, unpack_layer
from assets.store.layout_writer import LayoutWriter
from assets.store.space import require_space
from wallet.errors import EncodingError, StateError
from wallet.store.files import explained

Progress = Callable[[int, int], None]
_CONFIG_LIMIT = 16 * 1024 * 1024
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "riscv64": "riscv64", "ppc64le": "ppc64le"}


class Kind(StrEnum):
    """Where an image can go."""

    LAYOUT = "oci"
    ARCHIVE = "docker-archive"
    ENGINE = "docker-daemon"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A kind of place, and which one: a path, or a name in a registry. The tag is that of the image there."""

    kind: Kind
    path: Path | None = None
    name: str | None = None
    tag: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Destination":
        """From `oci:DIR[:TAG]`, `docker-archive:FILE`, `docker-daemon:`, or a name in a registry."""
        kind, colon, rest = text.partition(":")
        if colon and kind == Kind.LAYOUT:
            folder, _, tag = rest.partition(":")
            return cls(kind=Kind.LAYOUT, path=_path(folder, text), tag=tag or None)
        if colon and kind == Kind.ARCHIVE:
            return cls(kind=Kind.ARCHIVE, path=_path(rest, text))
        if colon and kind == Kind.ENGINE:
            reference = ImageReference.parse(rest) if rest else None
            return cls(kind=Kind.ENGINE, name=reference.name if reference else None, tag=_tag(reference))
        found = ImageReference.parse(text.removeprefix("docker://"))
        if found.digest is not None:
            raise EncodingError("a destination has no digest of its own", hint="say NAME or NAME:TAG")
        return cls(kind=Kind.REGISTRY, name=found.name, tag=found.tag)

    @property
    def one_platform(self) -> bool:
        """Whether it can hold only one platform's image."""
        return self.kind in (Kind.ARCHIVE, Kind.ENGINE)


class Delivery:
    """Hands one image over. `staging` is a private folder on a disk with room for the image."""

    def __init__(
        self, content: ImageContent, reference: ImageReference, staging: Path, progress: Progress | None = None
    ) -> None:
        self._content = content
        self._reference = reference
        self._staging = staging
        self._progress = progress
        self._done = 0
        self._total = 0

    def deliver(self, tree: ImageTree, destination: Destination, registry: RegistryWriter) -> str:
        """Where the image is now, in words. Raises ImageError, RegistryError, StateError, StoreError."""
        if destination.one_platform:
            tree = native(tree)
        self._done, self._total = 0, tree.size
        require_space(destination.path or self._staging, self._needed(tree, destination))
        if destination.kind is Kind.REGISTRY:
            self._total *= 2  # opened here, then sent
        match destination.kind:
            case Kind.LAYOUT:
                assert destination.path is not None
                return self._to_layout(tree, destination.path, destination.tag or self._reference.tag)
            case Kind.ARCHIVE:
                assert destination.path is not None
                self._to_archive(tree, destination.path, self._loaded_name(destination))
                return f"docker-archive:{destination.path}"
            case Kind.ENGINE:
                return self._to_engine(tree, self._loaded_name(destination))
            case Kind.REGISTRY:
                assert destination.name is not None
                return self._to_registry(tree, destination.name, destination.tag or self._reference.tag, registry)

    def _needed(self, tree: ImageTree, destination: Destination) -> int:
        """Bytes on the disk, at the least; what layers unpack to is known only then."""
        one_by_one = destination.kind is Kind.REGISTRY
        return max((blob.size for blob in tree.blobs()), default=0) if one_by_one else tree.size

    def _to_layout(self, tree: ImageTree, folder: Path, tag: str | None) -> str:
        with LayoutWriter(folder) as layout:
            for blob in tree.blobs():
                with layout.new(blob.digest) as file:
                    self._content.write(blob, file, self._advance)
            for one in _inside_out(tree):
                with layout.new(one.digest) as file:
                    file.write(one.data)
            layout.finish(tree.root.media_type, tree.root.digest, len(tree.root.data), tag)
        return f"oci:{folder}" + (f":{tag}" if tag is not None else "")

    def _to_registry(self, tree: ImageTree, name: str, tag: str | None, registry: RegistryWriter) -> str:
        for blob in tree.blobs():
            with self._staged(blob) as path:
                if not registry.upload(name, blob, path, self._advance):
                    self._advance(blob.size)
        for one in _inside_out(tree):
            registry.push_manifest(name, one.data)
        if tag is not None:
            registry.push_manifest(name, tree.root.data, tag)
        return f"{name}@{tree.root.digest}"

    def _to_archive(self, tree: ImageTree, path: Path, tag: str | None) -> None:
        manifest = tree.root.document
        assert isinstance(manifest, ImageManifest), "an archive is of one platform"
        if is_encrypted(manifest):
            raise ImageError(
                "docker cannot load an image that is still encrypted",
                hint=ImageRemedy.OPEN_ON_THE_WAY.of(),
            )
        with self._staged(manifest.config) as file:
            if manifest.config.size > _CONFIG_LIMIT:
                raise ImageError("the image's config is too large", hint=ImageRemedy.TO_LAYOUT.of())
            config = file.read_bytes()
        plain = diff_ids(config)
        if len(plain) != len(manifest.layers):
            raise ImageError("the config names other layers than the manifest", hint=ImageRemedy.TO_LAYOUT.of())
        with new_file(path) as target:
            archive = ArchiveWriter(target)
            for layer, digest in zip(manifest.layers, plain, strict=True):
                with self._staged(layer) as packed, packed.open("rb") as source, self._temporary() as tar:
                    size = unpack_layer(source, tar, digest)
                    tar.seek(0)
                    archive.layer(digest, size, tar)
            archive.finish(config, tag)

    def _to_engine(self, tree: ImageTree, tag: str | None) -> str:
        docker = shutil.which("docker")
        if docker is None or not Path(docker).is_absolute():
            raise StateError("there is no docker on PATH", hint=ImageRemedy.TO_ARCHIVE_OR_LAYOUT.of())
        archive = self._staging / "image.tar"
        try:
            self._to_archive(tree, archive, tag)
            with explained(Path(docker)):
                done = subprocess.run(  # noqa: S603 - no shell, an absolute program
                    [docker, "load", "--input", str(archive)], capture_output=True, text=True, check=False
                )
        finally:
            archive.unlink(missing_ok=True)
        if done.returncode != 0:
            raise StateError(
                f"docker would not load the image: {done.stderr.strip()[:300]}", hint="see that its daemon runs"
            )
        return f"docker-daemon:{tag or ''}"

    def _loaded_name(self, destination: Destination) -> str | None:
        """The name and tag under which an engine knows the image afterwards."""
        name, tag = destination.name or self._reference.name, destination.tag or self._reference.tag
        return None if tag is None else f"{name}:{tag}"

    @contextlib.contextmanager
    def _staged(self, blob: ContentDescriptor) -> Iterator[Path]:
        """A blob in a private file, gone afterwards."""
        path = self._staging / f"out-{blob.digest.hex}"
        try:
            with explained(path), path.open("wb") as file:
                self._content.write(blob, file, self._advance)
            yield path
        finally:
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _temporary(self) -> Iterator[BinaryIO]:
        with explained(self._staging), tempfile.TemporaryFile(dir=self._staging) as file:
            yield file

    def _advance(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(self._done, self._total)


def native(tree: ImageTree) -> ImageTree:
    """The part of an image for this machine. Raises ImageError where there is none."""
    if not isinstance(tree.root.document, ManifestList):
        return tree
    wanted = f"linux/{_ARCHITECTURES.get(machine.machine(), machine.machine())}"
    entries = zip(tree.root.document.children, tree.children, strict=True)
    found = {str(entry.platform): child for entry, child in entries if entry.platform is not None}
    fitting = next((child for name, child in found.items() if name == wanted or name.startswith(f"{wanted}/")), None)
    if fitting is None:
        raise ImageError(
            f"the image has no manifest for {wanted}",
            hint=ImageRemedy.CHOOSE_PLATFORM.of(platforms=", ".join(sorted(found)) or "none is named"),
        )
    return native(fitting)


def _inside_out(tree: ImageTree) -> tuple[Document, ...]:
    """Every manifest once, what is listed before what lists it, as registries want them."""

    def walk(one: ImageTree) -> Iterator[Document]:
        for child in one.children:
            yield from walk(child)
        yield one.root

    return tuple({one.digest: one for one in walk(tree)}.values())


def _path(text: str, whole: str) -> Path:
    if not text or "\0" in text:
        raise EncodingError(f"no path in {whole[:200]!a}", hint="say oci:DIR, or docker-archive:FILE")
    return Path(text)


def _tag(reference: ImageReference | None) -> Tag | None:
    return None if reference is None else reference.tag
