"""Manifests that travel as an artifact beside another: the originals beside a sealed form, and what was revoked beside
the revoked digest, so that it can be read after its image was deleted.

Whoever may push can put an artifact there, so each is a candidate: its manifests are known by their digests, and only
one whose digest the chain names, or that such a one lists, is the original.
"""

from collections.abc import Iterator

from assets.errors import RegistryError
from assets.images.contents import MAX_MANIFESTS
from assets.images.digest import Digest
from assets.registry.media_types import MANIFESTS_ARTIFACT, OCI_INDEX, OCI_MANIFEST
from assets.registry.oci import ImageManifest, ManifestError, ManifestList, parse_manifest, stated_media_type
from assets.registry.port import ContentSource
from assets.registry.referrers import attached
from assets.registry.settings import MANIFEST_LIMIT
from assets.services.trust.image_tree import Document


def original_documents(registry: ContentSource, name: str, ciphertext: Digest) -> Iterator[dict[Digest, Document]]:
    """The manifests of each artifact beside a sealed form, the newest artifact first, as far as they can be read.

    Raises RegistryError where the list of artifacts cannot be read.
    """
    for artifact in attached(registry, name, ciphertext, MANIFESTS_ARTIFACT):
        try:
            yield _documents(registry, name, artifact)
        except RegistryError:
            continue


def _documents(registry: ContentSource, name: str, artifact: ImageManifest) -> dict[Digest, Document]:
    found: dict[Digest, Document] = {}
    for layer in artifact.layers[:MAX_MANIFESTS]:
        document = document_of(registry.blob(name, layer, MANIFEST_LIMIT))
        if document is not None:
            found[document.digest] = document
    return found


def document_of(data: bytes) -> Document | None:
    """Bytes as a manifest, or None where they are none.

    One that states no type is read as what its fields say; no other reading is possible (see `oci`).
    """
    for media_type in _possible_types(data):
        try:
            document: ManifestList | ImageManifest = parse_manifest(data, media_type)
        except ManifestError:
            continue
        return Document(digest=Digest.of(data), media_type=media_type, data=data, document=document)
    return None


def _possible_types(data: bytes) -> tuple[str, ...]:
    try:
        return (stated_media_type(data),)
    except ManifestError:
        return OCI_INDEX, OCI_MANIFEST
