"""Use case: encrypt an image, so that it can travel over any mirror and opens only for who has its key.

The encrypted image is pushed first, by digest; then the owner says on the chain that it is the sealed form of the
original (SEAL). The original manifests go along as an artifact, so that whoever opens the image has the very bytes
that were released.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.registry.artifacts import GENESIS_ANNOTATION, NETWORK_ANNOTATION
from assets.registry.encryption import (
    Seal,
    encrypted_layer,
    encrypted_list,
    encrypted_manifest,
    require_sealable,
)
from assets.registry.layer_cipher import encrypt, public_options
from assets.registry.layer_keys import NONCE_BYTES, SYMMETRIC_KEY_BYTES, LayerKey, Recipient
from assets.registry.media_types import MANIFESTS_ARTIFACT
from assets.registry.oci import ContentDescriptor, ImageManifest, ManifestList, parse_manifest, stated_media_type
from assets.registry.port import ImageRegistry, RegistryWriter
from assets.registry.referrers import attach
from assets.services.images.image_source import ImageSource
from assets.services.trust.image_tree import ImageTree, read_tree
from assets.store.space import require_space
from wallet.errors import EncodingError, StoreError
from wallet.hashes import Txid, display
from wallet.network import Network

Progress = Callable[[int, int], None]
"""Told how many bytes are done, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedBlob:
    """A blob that waits in a file to be pushed."""

    descriptor: ContentDescriptor
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedImage:
    """An encrypted image that is not pushed yet.

    `manifests` are the encrypted documents, those that are listed before the list; `originals` the plain ones, the
    outermost first. `seal` is what the image says of its key.
    """

    plaintext: Digest
    ciphertext: ContentDescriptor
    manifests: tuple[bytes, ...]
    originals: tuple[bytes, ...]
    blobs: tuple[StagedBlob, ...]
    seal: Seal
    key: ContentKey = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of all blobs."""
        return sum(blob.descriptor.size for blob in self.blobs)


class Sealer:
    """Encrypts the layers of one image into files of a staging folder.

    The same image and key give the same ciphertext, so that what a registry has already need not be sent again.
    """

    def __init__(self, source: ImageSource, key: ContentKey, staging: Path) -> None:
        self._source = source
        self._key = key
        self._recipient = Recipient(key)
        self._staging = staging
        self._layers: dict[Digest, ContentDescriptor] = {}
        self._blobs: dict[Digest, StagedBlob] = {}
        self._manifests: dict[Digest, bytes] = {}
        self._done = 0

    def seal(self, digest: Digest, seal: Seal, progress: Progress | None = None) -> SealedImage:
        """The sealed form of an image.

        Raises EncodingError for one that cannot be sealed, ImageError, RegistryError or DigestMismatchError where the
        source does not have what it names, StoreError where the staging folder is full.
        """
        tree = read_tree(self._source.manifest, digest)
        for one in tree.walk():
            require_sealable(one.document)
        require_space(self._staging, tree.size)
        self._done = 0
        advance = self._advance(progress, tree)
        try:
            root = self._encrypted(tree, seal.annotations(), advance)
        except OSError as error:
            raise StoreError(
                f"{self._staging} cannot be written: {error.strerror}", hint="sealing needs the image's size on disk"
            ) from error
        return SealedImage(
            plaintext=digest,
            ciphertext=root,
            manifests=tuple(self._manifests.values()),
            originals=tuple({one.digest: one.data for one in tree.walk()}.values()),
            blobs=tuple(self._blobs.values()),
            seal=seal,
            key=self._key,
        )

    def _encrypted(
        self, tree: ImageTree, annotations: dict[str, str], advance: Callable[[int], None]
    ) -> ContentDescriptor:
        document = tree.root.document
        if isinstance(document, ManifestList):
            children = [self._encrypted(child, {}, advance) for child in tree.children]
            data = encrypted_list(document, [(child.digest, child.size) for child in children], annotations)
        else:
            self._keep_config(document)
            layers = [self._layer(layer, advance) for layer in document.layers]
            data = encrypted_manifest(document, layers, annotations)
        media_type = stated_media_type(data)
        parse_manifest(data, media_type)
        digest = Digest.of(data)
        self._manifests[digest] = data
        return ContentDescriptor(media_type=media_type, digest=digest, size=len(data))

    def _keep_config(self, document: ImageManifest) -> None:
        config = document.config
        if config.digest not in self._blobs:
            path = self._source.blob(config, self._staging)
            self._blobs[config.digest] = StagedBlob(descriptor=config, path=path)

    def _layer(self, layer: ContentDescriptor, advance: Callable[[int], None]) -> ContentDescriptor:
        """A layer that stands in several manifests is encrypted once."""
        if layer.digest not in self._layers:
            self._layers[layer.digest] = self._encrypted_layer(layer, advance)
        return self._layers[layer.digest]

    def _encrypted_layer(self, layer: ContentDescriptor, advance: Callable[[int], None]) -> ContentDescriptor:
        secret = self._key.derive(layer.digest, SYMMETRIC_KEY_BYTES + NONCE_BYTES)
        key = LayerKey(key=secret[:SYMMETRIC_KEY_BYTES], nonce=secret[SYMMETRIC_KEY_BYTES:], plaintext=layer.digest)
        plain = self._source.blob(layer, self._staging)
        path = self._staging / f"sealed-{layer.digest.hex}"
        with plain.open("rb") as source, path.open("xb") as target:
            digest, tag = encrypt(source, target, key, advance)
        if plain.parent == self._staging:
            plain.unlink()
        sealed = encrypted_layer(layer, digest=digest, keys=self._recipient.wrap(key), options=public_options(tag))
        self._blobs[digest] = StagedBlob(descriptor=sealed, path=path)
        return sealed

    def _advance(self, progress: Progress | None, tree: ImageTree) -> Callable[[int], None]:
        total = tree.size

        def advance(count: int) -> None:
            self._done += count
            if progress is not None:
                progress(self._done, total)

        return advance


def push_sealed(
    sealed: SealedImage,
    name: str,
    registry: ImageRegistry,
    *,
    genesis: Txid,
    network: Network,
    progress: Progress | None = None,
) -> None:
    """Pushes an encrypted image by digest, with the artifact that holds the original manifests.

    Nothing of the plaintext is pushed but configs and manifests. Raises RegistryError.
    """
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, sealed.size)

    for blob in sealed.blobs:
        if not registry.upload(name, blob.descriptor, blob.path, advance):
            advance(blob.descriptor.size)
    for manifest in sealed.manifests:
        registry.push_manifest(name, manifest)
    attach_originals(registry, name, sealed.ciphertext, sealed.originals, genesis=genesis, network=network)


def attach_originals(
    registry: ImageRegistry,
    name: str,
    ciphertext: ContentDescriptor,
    originals: Sequence[bytes],
    *,
    genesis: Txid,
    network: Network,
) -> None:
    """Pushes the original manifests, the outermost first, beside a sealed form. Raises RegistryError."""
    annotations = {GENESIS_ANNOTATION: display(genesis), NETWORK_ANNOTATION: display(network.genesis)}
    attach(registry, name, ciphertext, MANIFESTS_ARTIFACT, originals, annotations)


def tag_sealed(sealed: SealedImage, name: str, tags: Sequence[str], registry: RegistryWriter) -> None:
    """Lets tags of the registry stand for the encrypted image. Raises RegistryError."""
    root = sealed.manifests[-1]
    if Digest.of(root) != sealed.ciphertext.digest:
        raise EncodingError("the outermost document is not the last one")
    for tag in tags:
        registry.push_manifest(name, root, tag)
