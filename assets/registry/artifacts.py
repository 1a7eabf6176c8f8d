"""Our documents in a registry, as OCI image manifests (FORMATS, artifacts in the registry).

The config is OCI's empty one, `{}`. The document is the one layer, and its media type is the `artifactType`. Fields
stand in the order in which Go's tools write them, so that such a tool can copy the manifest and keep its digest.
"""

import json
from collections.abc import Mapping, Sequence

from assets.errors import RegistryError
from assets.images.digest import Digest
from assets.registry.media_types import EMPTY_CONFIG, OCI_MANIFEST
from assets.registry.oci import ContentDescriptor, ImageManifest, Manifest
from wallet.errors import EncodingError

GENESIS_ANNOTATION = "dockchains.genesis"
"""The genesis' txid, as people see it."""

NETWORK_ANNOTATION = "dockchains.network"
"""The hash of block 0, as people see it."""

DOCUMENT_ANNOTATION = "dockchains.document"
"""The digest of the manifest that a layer holds with a line feed behind it.

A registry that deletes a manifest may delete every blob of its digest, so what is to outlive one has another digest.
"""

EMPTY_CONFIG_BYTES = b"{}"

_GO_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def outliving(manifest: bytes) -> bytes:
    """The layer that holds a manifest, and is not deleted with it."""
    return manifest + b"\n"


def held_in(layer: ContentDescriptor) -> Digest:
    """The digest of the document that a layer says it holds: what it is annotated with, else its own."""
    try:
        return Digest.parse(layer.annotations[DOCUMENT_ANNOTATION])
    except (KeyError, EncodingError):
        return layer.digest


def artifact_manifest(
    artifact_type: str,
    documents: Sequence[bytes],
    annotations: Mapping[str, str],
    *,
    subject: ContentDescriptor | None,
    outlive: bool = False,
) -> bytes:
    """The manifest of an artifact with one layer per document; the same arguments always give the same bytes.

    With `outlive` each document is a manifest, and its layer is not deleted with it.
    """
    document: dict[str, object] = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": _descriptor(EMPTY_CONFIG, EMPTY_CONFIG_BYTES),
        "layers": [_outliving(artifact_type, one) if outlive else _descriptor(artifact_type, one) for one in documents],
    }
    if subject is not None:
        document["subject"] = descriptor_document(subject)
    return document_bytes(document, annotations)


def document_bytes(document: dict[str, object], annotations: Mapping[str, str]) -> bytes:
    """A manifest's bytes; its annotations, where there are some, stand at the end."""
    if annotations:
        document = {**document, "annotations": dict(sorted(annotations.items()))}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_GO_ESCAPES).encode("utf-8")


def descriptor_document(found: ContentDescriptor) -> dict[str, object]:
    """A descriptor as it stands in a manifest."""
    entry: dict[str, object] = {"mediaType": found.media_type, "digest": str(found.digest), "size": found.size}
    if found.annotations:
        entry["annotations"] = dict(sorted(found.annotations.items()))
    platform = found.platform
    if platform is not None:
        described = {"architecture": platform.architecture, "os": platform.os}
        if platform.os_version is not None:
            described["os.version"] = platform.os_version
        if platform.variant is not None:
            described["variant"] = platform.variant
        entry["platform"] = described
    if found.artifact_type is not None:
        entry["artifactType"] = found.artifact_type
    return entry


def artifact_type_of(document: Manifest) -> str | None:
    """What kind of artifact a manifest says that it is; None for an image."""
    return document.artifact_type if isinstance(document, ImageManifest) else None


def artifact_layer(document: Manifest, artifact_type: str) -> ContentDescriptor:
    """The one layer of an artifact of this type. Raises RegistryError where it is built otherwise."""
    if isinstance(document, ImageManifest) and len(document.layers) == 1:
        layer = document.layers[0]
        if layer.media_type == artifact_type:
            return layer
    raise RegistryError(
        f"the registry holds a malformed {artifact_type}",
        hint="whoever may push to the repository put it there; publish the document again",
    )


def _outliving(media_type: str, manifest: bytes) -> dict[str, object]:
    annotations = {DOCUMENT_ANNOTATION: str(Digest.of(manifest))}
    return {**_descriptor(media_type, outliving(manifest)), "annotations": annotations}


def _descriptor(media_type: str, data: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": str(Digest.of(data)), "size": len(data)}
