"""Use case: put the definition of a repository where consumers find it, again if need be."""

from assets.errors import ImageError, RegistryError
from assets.images.canonical import DOCUMENT_LIMIT
from assets.images.digest import Digest
from assets.registry.artifacts import GENESIS_ANNOTATION, NETWORK_ANNOTATION
from assets.registry.port import ArtifactSource, ImageRegistry
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.chain.claims import (
    DEFINITION_TAG,
    DEFINITION_TYPE,
    definition_place,
    served_document,
    sibling_of,
)
from assets.services.wallets.ownership import title_of
from assets.services.wallets.session import Session
from wallet.hashes import Txid, display
from wallet.network import Network


def publish_definition(name: str, genesis: Txid, document: bytes, registry: ImageRegistry, network: Network) -> Digest:
    """Puts a definition under the tag `dockchains`; the digest of its manifest.

    The definition of a gated repository goes to the public sibling, where everybody can read it. A copy that an earlier
    definition left at the other place is replaced too, so that no two stand there. Raises RegistryError.
    """
    annotations = {GENESIS_ANNOTATION: display(genesis), NETWORK_ANNOTATION: display(network.genesis)}
    place = definition_place(name, document)
    digest = registry.push_artifact(place, DEFINITION_TAG, DEFINITION_TYPE, document, annotations)
    other = sibling_of(name) if place == name else name
    if _has_older(other, document, registry):
        registry.push_artifact(other, DEFINITION_TAG, DEFINITION_TYPE, document, annotations)
    return digest


def _has_older(place: str, document: bytes, registry: ArtifactSource) -> bool:
    """Whether another definition stands at a place; a place that cannot be read holds none for anybody else either."""
    try:
        found = registry.fetch_artifact(place, DEFINITION_TAG, DEFINITION_TYPE, DOCUMENT_LIMIT, lambda _: None)
    except RegistryError:
        return False
    return found is not None and found.data != document


def publish_again(
    genesis: Txid, name: str, session: Session, chain: ChainAccess, registry: ImageRegistry, documents: Documents
) -> bytes:
    """Publishes the newest definition of a repository that this wallet holds, and that goes by a name; the document.

    Whoever took a repository over, or came back from recovery words, takes the document from the registry, where it is
    proven by its sha256, and keeps it from then on. Raises ImageError where it is nowhere: only its sha256 is on the
    chain.
    """
    state = title_of(genesis, name, session, chain, confirmations=1).state
    digest = Digest.from_raw(state.statements[-1].definition)
    document = present_document(name, digest, registry, documents)
    if document is None:
        raise ImageError(
            f"the definition {digest} of {name} is neither on this machine nor in the registry",
            hint="it was made where the asset was issued: publish it from there",
        )
    documents.save(document)
    publish_definition(name, genesis, document, registry, session.network)
    return document


def present_document(name: str, digest: Digest, registry: ArtifactSource, documents: Documents) -> bytes | None:
    """The document with this digest, kept on this machine or served by the registry; None where it is nowhere."""
    return documents.load(digest) or served_document(name, digest, registry)
