"""Artifacts that belong to a manifest: pushed with it as their `subject`, found by the fallback tag.

Not every registry answers the referrers API, so the list of referrers of `sha256:<hex>` is kept as an OCI index under
the tag `sha256-<hex>` (OCI distribution specification, referrers tag schema). Other tools keep theirs in the same list.
Whoever may push can put anything there: what is found is a candidate, and the caller knows what it must be.
"""

from collections.abc import Mapping, Sequence

from assets.errors import NotFoundError, RegistryError
from assets.images.digest import Digest
from assets.registry.artifacts import (
    EMPTY_CONFIG_BYTES,
    artifact_manifest,
    descriptor_document,
    document_bytes,
    outliving,
)
from assets.registry.media_types import EMPTY_CONFIG, OCI_INDEX, OCI_MANIFEST
from assets.registry.oci import ContentDescriptor, ImageManifest, ManifestError, ManifestList
from assets.registry.port import ImageRegistry, ManifestSource

MAX_REFERRERS = 16
"""Artifacts of one type that are looked at."""


def fallback_tag(subject: Digest) -> str:
    """The tag under which the referrers of a manifest are listed."""
    return f"sha256-{subject.hex}"


def attach(
    registry: ImageRegistry,
    name: str,
    subject: ContentDescriptor,
    artifact_type: str,
    documents: Sequence[bytes],
    annotations: Mapping[str, str],
    *,
    outlive: bool = False,
) -> Digest:
    """Pushes an artifact with one layer per document, and lists it. Raises RegistryError.

    With `outlive` the documents are manifests that the registry may delete, and their layers stay.
    """
    registry.push_blob(name, EMPTY_CONFIG_BYTES, EMPTY_CONFIG)
    for document in documents:
        registry.push_blob(name, outliving(document) if outlive else document, artifact_type)
    manifest = artifact_manifest(artifact_type, documents, annotations, subject=subject, outlive=outlive)
    digest = registry.push_manifest(name, manifest)
    entry = ContentDescriptor(
        media_type=OCI_MANIFEST,
        digest=digest,
        size=len(manifest),
        artifact_type=artifact_type,
        annotations=annotations,
    )
    listed = _listed(registry, name, subject.digest)
    if all(one.digest != digest for one in listed):
        entries = [descriptor_document(one) for one in (*listed, entry)]
        index = document_bytes({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}, {})
        registry.push_manifest(name, index, fallback_tag(subject.digest))
    return digest


def attached(registry: ManifestSource, name: str, subject: Digest, artifact_type: str) -> tuple[ImageManifest, ...]:
    """The artifacts of a type that claim a subject, as far as they can be read, the newest first."""
    found: list[ImageManifest] = []
    for entry in reversed(_listed(registry, name, subject)):
        if entry.artifact_type != artifact_type or len(found) >= MAX_REFERRERS:
            continue
        try:
            document = registry.manifest(name, entry.digest).document
        except (NotFoundError, ManifestError):
            continue
        claimed = document.subject.digest if document.subject is not None else None
        if isinstance(document, ImageManifest) and document.artifact_type == artifact_type and claimed == subject:
            found.append(document)
    return tuple(found)


def _listed(registry: ManifestSource, name: str, subject: Digest) -> tuple[ContentDescriptor, ...]:
    """What the list of referrers holds; nothing where there is none. Raises RegistryError for a tag of another kind."""
    try:
        held = registry.manifest(name, fallback_tag(subject)).document
    except NotFoundError:
        return ()
    if not isinstance(held, ManifestList):
        raise RegistryError(
            f"the tag {fallback_tag(subject)} of {name} holds no list of referrers",
            hint="delete that tag in the registry, then try again",
        )
    return held.children
