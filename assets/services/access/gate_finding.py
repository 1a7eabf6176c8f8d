"""Which gate speaks for a repository: the one that its definition on the chain names, and no other."""

from assets.errors import ImageError
from assets.images.digest import Digest
from assets.images.repository import RepositoryState
from assets.registry.port import ImageRegistry
from assets.services.chain.chain_access import Documents
from assets.services.images.key_gate import kept_definition
from assets.services.images.pulling import present_definition
from wallet.errors import StateError


def gate_of(name: str, state: RepositoryState, registry: ImageRegistry, documents: Documents) -> str | None:
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
                hint="is the registry up? Its owner can publish it again: dockchains image publish",
            )
        documents.save(definition.document)
    if definition.claim.name != name:
        raise StateError(
            f"the repository is called {definition.claim.name} now, not {name}", hint="log in for it by its new name"
        )
    return definition.claim.gate
