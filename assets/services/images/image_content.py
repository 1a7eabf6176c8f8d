"""The plain content of an image that lies in the store: as it is, or opened on the way out.

Every byte that leaves is hashed on its way, whatever the store's files hold meanwhile. Decrypted layers are written
to where they are wanted and nowhere else.

What does not fit is told apart: bytes that were damaged on this side are thrown away and fetched anew, and a sealed
form that is not what its owner committed to is a `BrokenSealError`, which anybody can recompute.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from assets.errors import BrokenSealError, DigestMismatchError
from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.registry.encryption import KEYS, OPTIONS, SUFFIX
from assets.registry.layer_cipher import decrypt, digest_of_stream, stated_hmac
from assets.registry.layer_keys import LayerKey, Recipient
from assets.registry.oci import ContentDescriptor, ImageManifest, ManifestList
from assets.registry.settings import CHUNK
from assets.services.trust.image_tree import ImageTree
from assets.store.image_store import ImageStore
from wallet.errors import EncodingError

Advance = Callable[[int], None]


class ImageContent(Protocol):
    """Gives out the blobs of one image."""

    def write(self, blob: ContentDescriptor, target: BinaryIO, advance: Advance | None = None) -> None:
        """Writes a blob with the digest and size of its descriptor.

        Raises DigestMismatchError; what was written must then be thrown away.
        """


class StoredContent:
    """Blobs as they lie in the store."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store

    def write(self, blob: ContentDescriptor, target: BinaryIO, advance: Advance | None = None) -> None:
        """Copies a blob. One that is damaged is thrown out of the store, so that the next pull fetches it again."""
        found, size = hashlib.sha256(), 0
        with self._store.open(blob.digest) as source:
            while chunk := source.read(CHUNK):
                found.update(chunk)
                size += len(chunk)
                target.write(chunk)
                if advance is not None:
                    advance(len(chunk))
        if Digest(found.digest()) != blob.digest or size != blob.size:
            self._store.discard(blob.digest)
            raise DigestMismatchError(f"the kept blob {blob.digest} is damaged", hint="pull the image again")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLayer:
    """The ciphertext of a layer, and what opens it."""

    ciphertext: ContentDescriptor
    key: LayerKey = field(repr=False)
    hmac: bytes


class OpenedContent:
    """Blobs of a sealed image: layers are decrypted as they are written, configs are copied."""

    def __init__(self, store: ImageStore, layers: Mapping[Digest, SealedLayer]) -> None:
        self._store = store
        self._plain = StoredContent(store)
        self._layers = layers

    def write(self, blob: ContentDescriptor, target: BinaryIO, advance: Advance | None = None) -> None:
        """Writes a blob of the original image."""
        sealed = self._layers.get(blob.digest)
        if sealed is None:
            return self._plain.write(blob, target, advance)
        try:
            with self._store.open(sealed.ciphertext.digest) as source:
                size = decrypt(source, target, sealed.key, sealed.hmac, advance)
        except DigestMismatchError as error:
            self._require_whole(sealed.ciphertext)
            raise BrokenSealError(
                f"the layer {sealed.ciphertext.digest} opens to something else than what was released: {error}",
                layer=str(sealed.ciphertext.digest),
            ) from error
        if size != blob.size:
            raise BrokenSealError(
                f"the layer {sealed.ciphertext.digest} has {size} bytes, and the released one {blob.size}",
                layer=str(sealed.ciphertext.digest),
            )
        return None

    def _require_whole(self, ciphertext: ContentDescriptor) -> None:
        """Throws a kept ciphertext out that is not what the encrypted manifest names: nobody has cheated then."""
        with self._store.open(ciphertext.digest) as source:
            found = digest_of_stream(source)
        if found != ciphertext.digest:
            self._store.discard(ciphertext.digest)
            raise DigestMismatchError(f"the kept blob {ciphertext.digest} is damaged", hint="pull the image again")


def opened(store: ImageStore, encrypted: ImageTree, original: ImageTree, key: ContentKey) -> OpenedContent:
    """The content of a sealed image. Raises what `sealed_layers` raises."""
    return OpenedContent(store, sealed_layers(encrypted, original, key))


def sealed_layers(encrypted: ImageTree, original: ImageTree, key: ContentKey) -> Mapping[Digest, SealedLayer]:
    """What opens each layer, by the digest of the layer that was released.

    Raises BrokenSealError where the encrypted image is not built as the original is, or was encrypted to another key.
    """
    layers: dict[Digest, SealedLayer] = {}
    _collect(encrypted, original, Recipient(key), layers)
    return layers


def _collect(
    encrypted: ImageTree, original: ImageTree, recipient: Recipient, layers: dict[Digest, SealedLayer]
) -> None:
    sealed, plain = encrypted.root.document, original.root.document
    if isinstance(sealed, ManifestList) and isinstance(plain, ManifestList):
        if len(encrypted.children) != len(original.children):
            raise _other_shape()
        for one, other in zip(encrypted.children, original.children, strict=True):
            _collect(one, other, recipient, layers)
    elif isinstance(sealed, ImageManifest) and isinstance(plain, ImageManifest):
        if sealed.config.digest != plain.config.digest or len(sealed.layers) != len(plain.layers):
            raise _other_shape()
        for layer, promised in zip(sealed.layers, plain.layers, strict=True):
            if layer.digest != promised.digest or layer.media_type.endswith(SUFFIX):
                layers[promised.digest] = _sealed_layer(layer, promised, recipient)
    else:
        raise _other_shape()


def _sealed_layer(layer: ContentDescriptor, promised: ContentDescriptor, recipient: Recipient) -> SealedLayer:
    try:
        key = recipient.unwrap(layer.annotations.get(KEYS, ""))
        hmac = stated_hmac(layer.annotations.get(OPTIONS, ""))
    except EncodingError as error:
        raise BrokenSealError(f"the layer {layer.digest} cannot be opened: {error}") from error
    if key is None:
        raise BrokenSealError(
            f"the key does not open the layer {layer.digest}: it was sealed to another key than the image says"
        )
    if key.plaintext != promised.digest:
        raise BrokenSealError(
            f"the layer {layer.digest} holds {key.plaintext}, and the released image has {promised.digest}"
        )
    return SealedLayer(ciphertext=layer, key=key, hmac=hmac)


def _other_shape() -> BrokenSealError:
    return BrokenSealError("the encrypted image is not built as the released one is")
