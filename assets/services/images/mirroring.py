"""What a sealed image takes along to another registry: the manifests that were released, so that it opens there too."""

from assets.registry.oci import ContentDescriptor
from assets.registry.port import ImageRegistry
from assets.services.images.pulling import Pulled, Puller, sealed_form
from assets.services.images.sealing import attach_originals
from assets.services.trust.verifying import Answer
from assets.store.image_store import ImageStore
from wallet.network import Network


def mirror_originals(
    answer: Answer, pulled: Pulled, store: ImageStore, registry: ImageRegistry, name: str, network: Network
) -> None:
    """Pushes the original manifests beside ciphertext that was pushed under another name. Raises RegistryError."""
    form, root = sealed_form(answer), pulled.tree.root
    if form is None or answer.state is None or root.digest != form.ciphertext:
        return
    original = Puller(registry, store, answer.reference.name).original(form)
    attach_originals(
        registry,
        name,
        ContentDescriptor(media_type=root.media_type, digest=root.digest, size=len(root.data)),
        tuple({one.digest: one.data for one in original.walk()}.values()),
        genesis=answer.state.genesis.txid,
        network=network,
    )
