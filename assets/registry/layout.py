"""The digest of what a builder wrote: an OCI image layout, or the metadata file of `docker buildx build`.

A publisher binds this digest rather than one that a registry says. Bytes are hashed again, whatever the files claim.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from assets.errors import ImageError
from assets.images.digest import Digest
from assets.registry.media_types import OCI_INDEX
from assets.registry.oci import ContentDescriptor, Manifest, ManifestError, ManifestList, parse_manifest
from assets.registry.printable import printable
from assets.registry.settings import MANIFEST_LIMIT
from assets.remedies import ImageRemedy
from wallet.documents import decode_json, read_json
from wallet.errors import EncodingError

_REF_NAME = "org.opencontainers.image.ref.name"
_LAYOUT_VERSION = "1.0.0"
_PREFIX = "oci:"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltImage:
    """A manifest as its builder wrote it; `data` has the sha256 `digest`."""

    digest: Digest
    media_type: str
    data: bytes
    document: Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutReference:
    """Where an image lies: a folder, and its name there (None where the folder holds one image only)."""

    folder: Path
    tag: str | None

    @classmethod
    def parse(cls, text: str) -> "LayoutReference":
        """A reference as skopeo writes it, `oci:DIR[:TAG]`; a folder with a colon cannot be written."""
        if not text.startswith(_PREFIX):
            raise EncodingError(f"not an OCI layout: {text[:200]!a}", hint="expected oci:DIR:TAG")
        folder, colon, tag = text[len(_PREFIX) :].partition(":")
        if not folder or (colon and not tag) or "\0" in text:
            raise EncodingError(f"not an OCI layout: {text[:200]!a}", hint="expected oci:DIR:TAG")
        return cls(folder=Path(folder), tag=tag or None)


class _LayoutFile(msgspec.Struct):
    version: str = msgspec.field(name="imageLayoutVersion")


def read_layout(reference: LayoutReference) -> BuiltImage:
    """The image in a layout. Of a multi-platform image that is its list, whose digest is the one to bind.

    Raises ImageError for a folder that is no layout, a tag that it does not hold once, or bytes that are not theirs.
    """
    folder = reference.folder
    _require_version(folder)
    index = _parsed(_read(folder / "index.json"), OCI_INDEX, folder / "index.json")
    assert isinstance(index, ManifestList), "an index is a list"
    entry = _chosen(index.children, reference)
    path = folder / "blobs" / "sha256" / entry.digest.hex
    data = _read(path)
    if Digest.of(data) != entry.digest or len(data) != entry.size:
        raise ImageError(
            f"the manifest in {path} is not the one that index.json names", hint="write the layout again; it is damaged"
        )
    return BuiltImage(
        digest=entry.digest, media_type=entry.media_type, data=data, document=_parsed(data, entry.media_type, path)
    )


def read_build_metadata(path: Path) -> Digest:
    """The digest in a file that `docker buildx build --metadata-file` wrote.

    Raises ImageError where there is none, where the file contradicts itself, or where the digest is only the image's
    id in the local engine, which no registry knows.
    """
    try:
        found = read_json(_read(path), what=str(path))
    except EncodingError as error:
        raise ImageError(f"{path} is not JSON", hint="give the file of docker buildx build --metadata-file") from error
    if not isinstance(found, dict) or not isinstance(found.get("containerimage.digest"), str):
        targets = [key for key, value in found.items() if isinstance(value, dict)] if isinstance(found, dict) else []
        nested = [key for key in targets if "containerimage.digest" in found[key]]
        builds = printable(", ".join(nested))
        hint = ImageRemedy.GIVE_DIGEST.of(builds=builds) if nested else ""
        raise ImageError(
            f"{path} names no image digest", hint=hint or "build with --push or --output type=oci, and --metadata-file"
        )
    digest = _digest(found["containerimage.digest"], path)
    descriptor = found.get("containerimage.descriptor")
    if descriptor is not None:
        stated = descriptor.get("digest") if isinstance(descriptor, dict) else None
        if not isinstance(stated, str) or _digest(stated, path) != digest:
            raise ImageError(f"{path} names two different digests", hint="build again")
    elif found.get("containerimage.config.digest") == found["containerimage.digest"]:
        raise ImageError(
            f"the digest in {path} is the image's id in the local engine, not that of its manifest",
            hint="build with --push, or push the image and give the digest that the push prints",
        )
    return digest


def _require_version(folder: Path) -> None:
    if folder.is_file():
        raise ImageError(
            f"{folder} is a file, and a layout is a folder",
            hint="unpack the builder's archive into a new folder (tar -xf FILE -C DIR), or give its --metadata-file",
        )
    try:
        version = decode_json(_read(folder / "oci-layout"), _LayoutFile, what="oci-layout").version
    except EncodingError as error:
        raise ImageError(f"{folder} is no OCI layout: oci-layout is malformed", hint="write it again") from error
    if version != _LAYOUT_VERSION:
        raise ImageError(
            f"{folder} is an OCI layout of version {printable(version)}", hint=f"only {_LAYOUT_VERSION} is known"
        )


def _chosen(entries: tuple[ContentDescriptor, ...], reference: LayoutReference) -> ContentDescriptor:
    """The one entry that a reference means."""
    names = sorted({name for entry in entries if (name := _name(entry)) is not None})
    have = printable(f"it holds {', '.join(names) or 'images without a name'}")
    matching = [entry for entry in entries if reference.tag is None or _name(entry) == reference.tag]
    if not matching:
        wanted = "no image" if reference.tag is None else f"no image named {reference.tag[:128]!a}"
        raise ImageError(f"{reference.folder} holds {wanted}", hint=have if entries else "build the image into it")
    if len({entry.digest for entry in matching}) == 1:
        return matching[0]
    if reference.tag is None:
        raise ImageError(f"{reference.folder} holds several images", hint=f"name one, oci:DIR:TAG; {have}")
    platforms = ", ".join(str(entry.platform) for entry in matching if entry.platform is not None)
    raise ImageError(
        f"{reference.folder} holds several images named {reference.tag[:128]!a}",
        hint=f"they must stand in one image index of their own ({printable(platforms) or 'no platforms named'})",
    )


def _name(entry: ContentDescriptor) -> str | None:
    annotations: Mapping[str, str] = entry.annotations
    return annotations.get(_REF_NAME)


def _parsed(data: bytes, media_type: str, path: Path) -> Manifest:
    try:
        return parse_manifest(data, media_type)
    except ManifestError as error:
        raise ImageError(f"{path}: {error}", hint=error.advice) from error


def _digest(text: str, path: Path) -> Digest:
    try:
        return Digest.parse(text)
    except EncodingError as error:
        raise ImageError(f"{path}: {error}", hint=error.advice) from error


def _read(path: Path) -> bytes:
    """A small regular file, whole."""
    try:
        if not path.is_file():
            raise ImageError(f"there is no file {path}", hint="check the path that the builder wrote to")
        with path.open("rb") as file:
            data = file.read(MANIFEST_LIMIT + 1)
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror}", hint="check its permissions") from error
    if len(data) > MANIFEST_LIMIT:
        raise ImageError(f"{path} has more than {MANIFEST_LIMIT} bytes", hint="it is no manifest")
    return data
