"""Use case: show anybody that a sealed image is not what its owner promised, and check what others show.

The owner's SEAL on the chain binds the encrypted manifest to the plain one, and the encrypted one commits to its key.
So whoever has that key can let everybody repeat what went wrong; nothing has to be believed of who shows it.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.errors import BrokenSealError, DigestMismatchError, ImageError
from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.images.repository import RepositoryState, Sealing
from assets.images.seal_proof import SealProof
from assets.registry.encryption import Seal
from assets.registry.layer_cipher import decrypt, digest_of_stream
from assets.registry.oci import ContentDescriptor
from assets.remedies import ImageRemedy
from assets.services.images.content_keys import KeyQuestion, KeySource, find_key
from assets.services.images.image_content import SealedLayer, sealed_layers
from assets.services.trust.image_tree import ImageTree, read_tree
from assets.services.trust.originals import document_of
from wallet.errors import EncodingError
from wallet.hashes import Txid
from wallet.network import Network


class RememberedKey:
    """Implements `KeySource` over others, and remembers the key that was found, for a proof."""

    def __init__(self, sources: Sequence[KeySource]) -> None:
        self._sources = sources
        self.found: ContentKey | None = None

    def content_key(self, question: KeyQuestion) -> ContentKey:
        """The key. Raises what `find_key` raises."""
        self.found = find_key(self._sources, question)
        return self.found

    def __repr__(self) -> str:
        return "RememberedKey()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """That a seal is broken: why, the SEAL of the chain, and whether the plain image was ever released."""

    reason: str
    sealing: Sealing
    released: bool


def proof_of(
    broken: BrokenSealError,
    *,
    network: Network,
    name: str,
    genesis: Txid,
    encrypted: ImageTree,
    original: ImageTree,
    key: ContentKey | None,
) -> SealProof:
    """The proof of what was found while opening an image: both whole images' manifests, and the key."""
    documents = {one.digest: one.data for tree in (encrypted, original) for one in tree.walk()}
    return SealProof(
        network=network.genesis,
        challenge=network.challenge,
        name=name,
        genesis=genesis,
        plaintext=original.root.digest,
        ciphertext=encrypted.root.digest,
        key=key,
        layer=None if broken.layer is None else Digest.parse(broken.layer),
        manifests=tuple(documents.values()),
    )


def check_proof(proof: SealProof, state: RepositoryState, blob: Callable[[ContentDescriptor], Path]) -> Proven:
    """What a proof proves of the repository that it names. `blob` gives the file of a ciphertext.

    Raises ImageError where nothing is proven: a seal that the chain does not have, a key that the image does not commit
    to, an image that opens as it should; and what `blob` raises.
    """
    wanted = (proof.plaintext, proof.ciphertext)
    sealing = next((one for one in state.sealings if (one.plaintext, one.ciphertext) == wanted), None)
    if sealing is None:
        raise _nothing(f"no owner of this repository sealed {proof.plaintext} as {proof.ciphertext}")
    reason = _broken(proof, blob)
    return Proven(reason=reason, sealing=sealing, released=proof.plaintext in state.released())


def _broken(proof: SealProof, blob: Callable[[ContentDescriptor], Path]) -> str:
    encrypted, original = _trees(proof)
    try:
        seal = Seal.read(encrypted.root.document)
    except EncodingError as error:
        return str(error)
    if proof.key is None or not seal.fits(proof.key):
        raise _nothing("its key is not the one that the encrypted image commits to, so anybody could have made it up")
    try:
        layers = sealed_layers(encrypted, original, proof.key)
    except BrokenSealError as error:
        return str(error)
    promised = next((one for one, layer in layers.items() if layer.ciphertext.digest == proof.layer), None)
    if promised is None:
        raise _nothing("manifests and key fit, and it names no layer of them")
    return _broken_layer(layers[promised], _size(original, promised), blob(layers[promised].ciphertext))


def _trees(proof: SealProof) -> tuple[ImageTree, ImageTree]:
    documents = {one.digest: one for data in proof.manifests if (one := document_of(data)) is not None}
    try:
        encrypted, original = (read_tree(documents.__getitem__, one) for one in (proof.ciphertext, proof.plaintext))
    except KeyError as error:
        raise _nothing(f"it lacks the manifest {error.args[0]}") from error
    return encrypted, original


def _size(original: ImageTree, promised: Digest) -> int:
    return next(blob.size for blob in original.blobs() if blob.digest == promised)


def _broken_layer(layer: SealedLayer, size: int, path: Path) -> str:
    with path.open("rb") as source, Path(os.devnull).open("wb") as nowhere:
        if digest_of_stream(source) != layer.ciphertext.digest:
            raise _nothing(f"the bytes at hand are not the layer {layer.ciphertext.digest}")
        source.seek(0)
        try:
            found = decrypt(source, nowhere, layer.key, layer.hmac)
        except DigestMismatchError as error:
            return f"the layer {layer.ciphertext.digest} opens to something else than what was released: {error}"
    if found != size:
        return f"the layer {layer.ciphertext.digest} has {found} bytes, and the released one {size}"
    raise _nothing(f"the layer {layer.ciphertext.digest} opens to exactly what was released")


def _nothing(why: str) -> ImageError:
    return ImageError(f"this proves nothing: {why}", hint=ImageRemedy.PROOF_IS.of())
