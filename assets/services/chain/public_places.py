"""Where a repository's documents are for everybody: at its own name, or, where a gate asks for access, beside it.

A gated repository has a public sibling, `<name>/dockchains`: whoever has no access reads its definition and its board
there. Documents are judged by signatures and by hashes on the chain, so that reading both places believes neither.
"""

from collections.abc import Callable, Iterable

from assets.errors import NotFoundError, RegistryError, UnauthorizedError
from assets.images.canonical import DOCUMENT_LIMIT
from assets.images.definition import Definition
from assets.images.digest import Digest
from assets.images.name import is_canonical_name
from assets.registry.port import Artifact, ArtifactSource
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.chain.claims import DEFINITION_TAG, DEFINITION_TYPE, sibling_of
from assets.services.chain.lineage import read_lineage
from wallet.errors import EncodingError
from wallet.hashes import Txid


def artifacts(
    name: str, tag: str, artifact_type: str, limit: int, registry: ArtifactSource, note: Callable[[str], None]
) -> tuple[tuple[str, Artifact], ...]:
    """What both places have under a tag, each with its place.

    Raises RegistryError where neither can be read. A place that asks for access is passed over if the other answers.
    """
    found: list[tuple[str, Artifact]] = []
    refused: list[UnauthorizedError] = []
    places = (name, sibling_of(name))
    for place in places:
        try:
            artifact = registry.fetch_artifact(place, tag, artifact_type, limit, note)
        except NotFoundError:
            continue
        except UnauthorizedError as error:
            refused.append(error)
            continue
        if artifact is not None:
            found.append((place, artifact))
    if len(refused) == len(places):
        raise refused[0]
    return tuple(found)


def newest_definition(
    genesis: Txid, name: str, chain: ChainAccess, registry: ArtifactSource, documents: Documents
) -> Definition | None:
    """The document that the repository's newest statement commits to, kept here or published; None where it is not.

    What was found in a registry is kept from then on: whoever may push there can replace it. Without a canonical name,
    as where the chain has but its hash, no registry is asked.
    """
    found = find_definition(genesis, name, chain, registry, documents)
    if found is None:
        return None
    documents.save(found)
    try:
        return Definition.parse(found)
    except EncodingError:
        return None


def find_definition(
    genesis: Txid, name: str, chain: ChainAccess, registry: ArtifactSource, documents: Documents
) -> bytes | None:
    """The bytes of that document, wherever they are; nothing is kept."""
    lineage = read_lineage(chain, genesis, confirmations=1)
    if lineage is None:
        return None
    digest = Digest.from_raw(lineage.state.statements[-1].definition)
    kept = documents.load(digest)
    if kept is not None:
        return kept
    served = (artifact.data for _, artifact in _served(name, registry))
    return next((data for data in served if Digest.of(data) == digest), None)


def _served(name: str, registry: ArtifactSource) -> Iterable[tuple[str, Artifact]]:
    if not is_canonical_name(name):
        return ()
    try:
        return artifacts(name, DEFINITION_TAG, DEFINITION_TYPE, DOCUMENT_LIMIT, registry, lambda _: None)
    except RegistryError:
        return ()


def board_place(genesis: Txid, name: str, chain: ChainAccess, registry: ArtifactSource, documents: Documents) -> str:
    """Where the board of a repository belongs: beside it, if its newest definition names a gate."""
    definition = newest_definition(genesis, name, chain, registry, documents)
    gated = definition is not None and definition.claim.gate is not None
    return sibling_of(name) if gated else name
