"""Manifests and manifest lists: strict values from hostile JSON.

Fields that the specification does not know are tolerated; a field of the wrong type is refused. So is every document
that two readers could take for two different things: one with the fields of a list and of a single image, one whose
`mediaType` is not the type it was served as, one with a key twice or in another letter case (Go reads those as one).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from assets.errors import RegistryError
from assets.images.digest import Digest
from assets.registry import media_types
from assets.registry.printable import printable
from wallet.documents import decode_json, read_json
from wallet.errors import EncodingError

_KNOWN_KEYS = frozenset(
    {"schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations"}
)
_LOWERED_KEYS = frozenset(key.lower() for key in _KNOWN_KEYS)
_LIST_CONFLICTS = ("layers", "config", "fsLayers")
_IMAGE_CONFLICTS = ("manifests", "fsLayers")
_MAX_SIZE = 2**53 - 1


class ManifestError(RegistryError):
    """Bytes that are no manifest, or none that can be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What a child of a list runs on, e.g. linux/arm64/v8."""

    os: str
    architecture: str
    variant: str | None = None
    os_version: str | None = None

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentDescriptor:
    """Where content is and what it must be (OCI image specification, descriptor). `size` is in bytes."""

    media_type: str
    digest: Digest
    size: int
    platform: Platform | None = None
    artifact_type: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestList:
    """A multi-platform image: an OCI image index, or Docker's manifest list. `children` are manifests, or lists."""

    media_type: str
    children: tuple[ContentDescriptor, ...]
    artifact_type: str | None = None
    subject: ContentDescriptor | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageManifest:
    """One image of one platform, or an artifact (then usually with `artifact_type`)."""

    media_type: str
    config: ContentDescriptor
    layers: tuple[ContentDescriptor, ...]
    artifact_type: str | None = None
    subject: ContentDescriptor | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)


Manifest = ManifestList | ImageManifest


class _Platform(msgspec.Struct):
    os: str = ""
    architecture: str = ""
    variant: str | None = None
    os_version: str | None = msgspec.field(name="os.version", default=None)


class _Descriptor(msgspec.Struct, rename="camel"):
    media_type: str
    digest: str
    size: int
    platform: _Platform | None = None
    artifact_type: str | None = None
    annotations: dict[str, str] | None = None


class _List(msgspec.Struct, rename="camel"):
    schema_version: int
    manifests: list[_Descriptor]
    media_type: str | None = None
    artifact_type: str | None = None
    subject: _Descriptor | None = None
    annotations: dict[str, str] | None = None


class _Image(msgspec.Struct, rename="camel"):
    schema_version: int
    config: _Descriptor
    layers: list[_Descriptor] | None
    media_type: str | None = None
    artifact_type: str | None = None
    subject: _Descriptor | None = None
    annotations: dict[str, str] | None = None


def parse_manifest(data: bytes, content_type: str) -> Manifest:
    """The document that these bytes are, served as `content_type`.

    Raises ManifestError for bytes of any other kind, with what is wrong.
    """
    kind = media_types.essence(content_type)
    keys = _top_level(data)
    _check_kind(kind, keys)
    if kind in media_types.LISTS:
        _refuse_mixture(keys, _LIST_CONFLICTS)
        return _list(_decode(data, _List), kind)
    _refuse_mixture(keys, _IMAGE_CONFLICTS)
    return _image(_decode(data, _Image), kind)


def stated_media_type(data: bytes) -> str:
    """What a document says that it is. Raises ManifestError where it does not say."""
    stated = _top_level(data).get("mediaType")
    if not isinstance(stated, str):
        raise ManifestError("the manifest states no mediaType", hint="write one with a present tool")
    return stated


def _check_kind(kind: str, keys: Mapping[str, object]) -> None:
    if kind in media_types.SCHEMA_1 or keys.get("schemaVersion") == 1:
        raise ManifestError(
            "the image has a Docker schema 1 manifest, whose digest does not cover its bytes",
            hint="push the image again with a present docker, buildah or skopeo",
        )
    if "manifests" in keys and "layers" in keys:
        _refuse_mixture(keys, _LIST_CONFLICTS)
    if kind not in media_types.LISTS | media_types.MANIFESTS:
        raise ManifestError(
            f"not a manifest: the registry serves it as {printable(kind) or 'nothing in particular'}",
            hint="the name must be an image's; behind a proxy, see whether the proxy answers in the registry's place",
        )
    stated = keys.get("mediaType")
    if stated is not None and stated != kind:
        raise ManifestError(
            f"the manifest says that it is {printable(str(stated))}, and was served as {printable(kind)}",
            hint="two programs would read it as two things; push the image again with a present tool",
        )
    if keys.get("schemaVersion") != 2:
        raise ManifestError("the manifest's schemaVersion is not 2", hint="push the image again with a present tool")


def _refuse_mixture(keys: Mapping[str, object], conflicts: tuple[str, ...]) -> None:
    found = [key for key in conflicts if key in keys]
    if found:
        raise ManifestError(
            f"the manifest is ambiguous: it mixes a list of images with a single one ({', '.join(found)})",
            hint="two programs would run two things under one digest (CVE-2021-41190); do not use this image",
        )


def _top_level(data: bytes) -> Mapping[str, object]:
    """The document's own keys. Raises ManifestError where a key stands twice, anywhere, or in another letter case."""
    try:
        document = read_json(data, what="the document")
    except EncodingError as error:
        raise ManifestError(
            f"the manifest is not valid JSON: {printable(str(error))}",
            hint="the registry, or something between, damages what it serves",
        ) from error
    if not isinstance(document, dict):
        raise ManifestError("the manifest is not a JSON object", hint="the name must be an image's")
    for key in document:
        if key not in _KNOWN_KEYS and key.lower() in _LOWERED_KEYS:
            raise ManifestError(
                f"the manifest has the key {printable(key)!r} in another letter case than the specification",
                hint="some programs would read it as the specified one; do not use this image",
            )
    return document


_Shape = TypeVar("_Shape", _List, _Image)


def _decode(data: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return decode_json(data, shape, what="the document")
    except EncodingError as error:
        raise ManifestError(
            f"the manifest is malformed: {printable(str(error))}", hint="push the image again with a present tool"
        ) from error


def _list(found: _List, kind: str) -> ManifestList:
    return ManifestList(
        media_type=kind,
        children=tuple(_descriptor(child) for child in found.manifests),
        artifact_type=found.artifact_type,
        subject=None if found.subject is None else _descriptor(found.subject),
        annotations=found.annotations or {},
    )


def _image(found: _Image, kind: str) -> ImageManifest:
    return ImageManifest(
        media_type=kind,
        config=_descriptor(found.config),
        layers=tuple(_descriptor(layer) for layer in found.layers or ()),
        artifact_type=found.artifact_type,
        subject=None if found.subject is None else _descriptor(found.subject),
        annotations=found.annotations or {},
    )


def _descriptor(found: _Descriptor) -> ContentDescriptor:
    if not 0 <= found.size <= _MAX_SIZE:
        raise ManifestError(f"the manifest names content of {found.size} bytes", hint="do not use this image")
    platform = found.platform
    return ContentDescriptor(
        media_type=found.media_type,
        digest=registry_digest(found.digest),
        size=found.size,
        platform=None
        if platform is None
        else Platform(
            os=platform.os,
            architecture=platform.architecture,
            variant=platform.variant,
            os_version=platform.os_version,
        ),
        artifact_type=found.artifact_type,
        annotations=found.annotations or {},
    )


def registry_digest(text: str) -> Digest:
    """A digest that a registry or a manifest names. Raises ManifestError where it is none, or not sha256."""
    try:
        return Digest.parse(text)
    except EncodingError as error:
        raise ManifestError(f"an unusable digest in the answer: {printable(str(error))}", hint=error.advice) from error
