"""Which gate speaks for a repository: the one that its definition on the chain names, and no other."""

from assets.errors import ImageError
from assets.images.digest import Digest
from assets.images.repository import RepositoryState
from assets.registry.port import ArtifactSource
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import Documents
from assets.services.images.key_gate import kept_definition
from assets.services.images.pulling import present_definition
from wallet.advice import Prose
from wallet.errors import StateError, WalletError


def gate_of(name: str, state: RepositoryState, registry: ArtifactSource, documents: Documents) -> str | None:
    """The gate's origin by the newest settled definition of a canonical name; None where it names none.

    What a registry, a listing or a challenge says of gates is not asked. Raises ImageError where the definition, whose
    sha256 the chain carries, is nowhere to be had.
    """
    digest = Digest.from_raw(state.statement.definition)
    definition = kept_definition(digest, documents)
    if definition is None:
        definition = present_definition(name, state, registry)
        if definition is None:
            raise ImageError(
                f"the definition of {name} ({digest}) is neither on this machine nor in the registry",
                hint=ImageRemedy.PUBLISH_AGAIN.of(),
            )
        documents.save(definition.document)
    if definition.claim.name != name:
        raise StateError(
            f"the repository is called {definition.claim.name} now, not {name}", hint="log in for it by its new name"
        )
    return definition.claim.gate


def key_due(name: str, state: RepositoryState, registry: ArtifactSource, documents: Documents) -> Prose | None:
    """What whoever seals an image of a gated repository has still to do, so that holders can open it; else None."""
    try:
        gate = gate_of(name, state, registry, documents)
    except WalletError:
        return None
    if gate is None:
        return None
    return (
        f"holders get no key for it from the gate {gate} before its bundle has one: once the SEAL is in a block, "
        + ImageRemedy.EXPORT_GATE_KEEPING_KEY.of()
    )
