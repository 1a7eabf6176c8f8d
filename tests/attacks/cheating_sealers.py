"""Owners who seal something else than they promise, each in a way of their own."""

import os
from collections.abc import Callable
from dataclasses import replace

from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.registry.encryption import OPTIONS, encrypted_layer
from assets.registry.layer_cipher import encrypt, public_options
from assets.registry.layer_keys import LayerKey, Recipient
from assets.registry.oci import ContentDescriptor
from assets.services.images.sealing import Sealer, StagedBlob


class OtherKey(Sealer):
    """Commits to one key and wraps the layers to another."""

    def _encrypted_layer(self, layer: ContentDescriptor, advance: Callable[[int], None]) -> ContentDescriptor:
        self._recipient = Recipient(ContentKey(b"o" * 32))
        return super()._encrypted_layer(layer, advance)


class OtherContent(Sealer):
    """Seals a layer of its own in the place of the released one."""

    def _encrypted_layer(self, layer: ContentDescriptor, advance: Callable[[int], None]) -> ContentDescriptor:
        content = os.urandom(layer.size)
        plain, path = self._staging / f"evil-{layer.digest.hex}", self._staging / f"sealed-{layer.digest.hex}"
        plain.write_bytes(content)
        honest = LayerKey(key=b"k" * 32, nonce=b"n" * 16, plaintext=Digest.of(content))
        with plain.open("rb") as source, path.open("wb") as target:
            digest, tag = encrypt(source, target, honest)
        lie = replace(honest, plaintext=self.promised(layer, honest))
        sealed = encrypted_layer(layer, digest=digest, keys=self._recipient.wrap(lie), options=public_options(tag))
        self._blobs[digest] = StagedBlob(descriptor=sealed, path=path)
        return sealed

    def promised(self, layer: ContentDescriptor, honest: LayerKey) -> Digest:
        return layer.digest


class OtherContentOpenly(OtherContent):
    """The same, without hiding it in the layer's key."""

    def promised(self, layer: ContentDescriptor, honest: LayerKey) -> Digest:
        return honest.plaintext


class UnknownCipher(Sealer):
    """Options that no program reads."""

    def _encrypted_layer(self, layer: ContentDescriptor, advance: Callable[[int], None]) -> ContentDescriptor:
        sealed = super()._encrypted_layer(layer, advance)
        return replace(sealed, annotations={**sealed.annotations, OPTIONS: "e30="})
