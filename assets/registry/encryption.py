"""Encrypted manifests: what a sealed image looks like in a registry, and how it is read back.

The form is ocicrypt's, so that skopeo and buildah open it with the content key: each layer's media type ends in
`+encrypted`, and its annotations hold the public options and the wrapped key. The config stays in the clear, as it
does for those tools. The encrypted manifest is always OCI's, whatever the original was.

The outermost encrypted document states what its key must be (`dockchains.key.sha256`), so that a wrong key can be
told from a damaged image, and by which secret and generation the owner made it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assets.images.content_key import ContentKey, RepositorySecret
from assets.images.digest import Digest
from assets.registry.artifacts import descriptor_document, document_bytes
from assets.registry.media_types import LISTS, OCI_INDEX, OCI_MANIFEST
from assets.registry.oci import ContentDescriptor, ImageManifest, Manifest, ManifestList
from wallet.errors import EncodingError

SUFFIX = "+encrypted"
KEYS = "org.opencontainers.image.enc.keys.jwe"
OPTIONS = "org.opencontainers.image.enc.pubopts"

KEY_SHA256 = "dockchains.key.sha256"
SECRET_ID = "dockchains.secret"  # noqa: S105 - the name of an annotation
GENERATION = "dockchains.generation"

_OCI_TYPES = {
    "application/vnd.docker.image.rootfs.diff.tar.gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar": "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.docker.container.image.v1+json": "application/vnd.oci.image.config.v1+json",
}
_FOREIGN = ("foreign", "nondistributable")
_HEX32 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HEX8 = re.compile(r"[0-9a-f]{16}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What an encrypted document says of its key: the sha256 of the content key, the secret's id, the generation."""

    commitment: bytes
    secret: bytes
    generation: int

    @classmethod
    def of(cls, secret: RepositorySecret, key: ContentKey, generation: int) -> "Seal":
        """What a document that is sealed with `key` says."""
        return cls(commitment=key.commitment, secret=secret.id, generation=generation)

    def annotations(self) -> dict[str, str]:
        """As they stand in the document."""
        return {
            KEY_SHA256: self.commitment.hex(),
            SECRET_ID: self.secret.hex(),
            GENERATION: str(self.generation),
        }

    @classmethod
    def read(cls, document: Manifest) -> "Seal":
        """What a document says. Raises EncodingError where it does not say it, or not in this form."""
        notes = document.annotations
        commitment, secret, generation = (notes.get(key, "") for key in (KEY_SHA256, SECRET_ID, GENERATION))
        numbered = generation.isascii() and generation.isdecimal() and generation[:1] != "0" and len(generation) <= 3
        if not _HEX32.fullmatch(commitment) or not _HEX8.fullmatch(secret) or not numbered:
            raise EncodingError(
                "the encrypted image does not commit to its key", hint="only images sealed by their owner can be opened"
            )
        return cls(commitment=bytes.fromhex(commitment), secret=bytes.fromhex(secret), generation=int(generation))

    def fits(self, key: ContentKey) -> bool:
        """Whether a key is the one that the document commits to."""
        return key.commitment == self.commitment


def is_encrypted(document: Manifest) -> bool:
    """Whether a manifest has encrypted layers, or a list commits to a key."""
    if isinstance(document, ManifestList):
        return KEY_SHA256 in document.annotations
    return any(layer.media_type.endswith(SUFFIX) for layer in document.layers)


def require_sealable(document: Manifest) -> None:
    """Raises EncodingError for an image that cannot be sealed: encrypted already, or with layers that lie elsewhere."""
    if is_encrypted(document):
        raise EncodingError("the image is encrypted already", hint="seal the original")
    if isinstance(document, ManifestList):
        return
    if any(word in layer.media_type for layer in document.layers for word in _FOREIGN):
        raise EncodingError(
            "the image has layers that are fetched from elsewhere, which cannot be sealed",
            hint="build it on a base whose layers are all its own",
        )


def encrypted_layer(layer: ContentDescriptor, *, digest: Digest, keys: str, options: str) -> ContentDescriptor:
    """The descriptor of a layer's ciphertext, which has as many bytes as the plaintext."""
    media_type = _OCI_TYPES.get(layer.media_type, layer.media_type) + SUFFIX
    annotations = {**layer.annotations, KEYS: keys, OPTIONS: options}
    return ContentDescriptor(media_type=media_type, digest=digest, size=layer.size, annotations=annotations)


def encrypted_manifest(
    original: ImageManifest, layers: Sequence[ContentDescriptor], annotations: Mapping[str, str]
) -> bytes:
    """The manifest of an encrypted image, its layers in the order of the original's."""
    config = original.config
    document: dict[str, object] = {"schemaVersion": 2, "mediaType": OCI_MANIFEST}
    if original.artifact_type is not None:
        document["artifactType"] = original.artifact_type
    document["config"] = {
        "mediaType": _OCI_TYPES.get(config.media_type, config.media_type),
        "digest": str(config.digest),
        "size": config.size,
    }
    document["layers"] = [descriptor_document(layer) for layer in layers]
    return document_bytes(document, {**original.annotations, **annotations})


def encrypted_list(
    original: ManifestList, children: Sequence[tuple[Digest, int]], annotations: Mapping[str, str]
) -> bytes:
    """The list of encrypted manifests (digest and size of each), in the original's order and with its platforms."""
    entries = []
    for child, (digest, size) in zip(original.children, children, strict=True):
        media_type = OCI_INDEX if child.media_type in LISTS else OCI_MANIFEST
        entry = ContentDescriptor(
            media_type=media_type,
            digest=digest,
            size=size,
            platform=child.platform,
            artifact_type=child.artifact_type,
            annotations=child.annotations,
        )
        entries.append(descriptor_document(entry))
    document: dict[str, object] = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    return document_bytes(document, {**original.annotations, **annotations})
