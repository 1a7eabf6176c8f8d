"""What a registry itself claims: the definition under the tag `dockchains`, and the genesis that it speaks of.

Whoever may push can place it, so a claim is discovery, and never a reason to believe.
"""

from collections.abc import Callable
from dataclasses import dataclass

from assets.errors import RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.access import SIBLING
from assets.images.canonical import DOCUMENT_LIMIT
from assets.images.definition import Definition
from assets.images.digest import Digest
from assets.images.repository import RepositoryState
from assets.index.pending import pending_genesis
from assets.index.reader import IndexReader
from assets.model import GenesisFact
from assets.protocols.table import RULE
from assets.registry.port import Artifact, ArtifactSource
from assets.services.chain.chain_access import ChainAccess
from wallet.errors import EncodingError
from wallet.hashes import Txid, txid_of

DEFINITION_TAG = "dockchains"
DEFINITION_TYPE = "application/vnd.dockchains.definition.v1+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryClaim:
    """A definition for the very name that was asked for, and the genesis that it fits by network, asset and coin."""

    definition: Definition
    genesis: Txid

    def void_for(self, state: RepositoryState, chain: ChainAccess) -> str | None:
        """Why the document does not speak for this repository now, in words, or None where it does.

        It must be the document whose sha256 the newest settled GENESIS or DEFINE carries, or a DEFINE that is pending.
        """
        asset_id = RULE.asset_text(state.genesis.asset, chain.network)
        newest = [state.statement, *(one for one in state.statements if not one.step.settled)]
        mismatches = [
            self.definition.matches(
                state.genesis, chain.network, asset_id=asset_id, stated=(statement.definition, statement.name)
            )
            for statement in newest
        ]
        return None if None in mismatches else str(mismatches[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """What was found under the tag: a claim or none, and notes for people.

    `missing` is true where a definition speaks of a genesis that neither index nor mempool has.
    """

    claim: RegistryClaim | None
    notes: tuple[str, ...]
    missing: bool = False


def read_claim(registry: ArtifactSource, name: str, chain: ChainAccess) -> ClaimAnswer:
    """The registry's claim for a canonical name. Raises RegistryError where the registry cannot be asked."""
    notes: list[str] = []
    artifact = _published(registry, name, notes.append)
    if artifact is None:
        return ClaimAnswer(claim=None, notes=tuple(notes))
    try:
        definition = Definition.parse(artifact.data)
    except EncodingError as error:
        return ClaimAnswer(claim=None, notes=(*notes, f"the registry's definition cannot be used: {error}"))
    void = _void(definition, name, chain)
    if void is not None:
        return ClaimAnswer(claim=None, notes=(*notes, void))
    genesis = _genesis_of(definition, chain)
    if genesis is None:
        return ClaimAnswer(
            claim=None, notes=(*notes, "the registry's definition speaks of a genesis that is not there"), missing=True
        )
    return ClaimAnswer(claim=RegistryClaim(definition=definition, genesis=genesis.txid), notes=tuple(notes))


def sibling_of(name: str) -> str:
    """The public repository beside a gated one: everybody may read there what is said of it."""
    return f"{name}/{SIBLING}"


def definition_place(name: str, document: bytes) -> str:
    """Where a definition of a canonical name belongs: beside the images, or in the public sibling of gated ones."""
    try:
        gated = Definition.parse(document).claim.gate is not None
    except EncodingError:
        gated = False
    return sibling_of(name) if gated else name


def served_document(name: str, digest: Digest, registry: ArtifactSource) -> bytes | None:
    """The definition with this digest, from the repository or its public sibling; None where neither has it.

    Raises RegistryError where none was found and one of the two could not be asked.
    """
    trouble: RegistryError | None = None
    for place in (name, sibling_of(name)):
        try:
            artifact = registry.fetch_artifact(place, DEFINITION_TAG, DEFINITION_TYPE, DOCUMENT_LIMIT, lambda _: None)
        except RegistryUnavailableError:
            raise
        except RegistryError as error:
            trouble = trouble or error
        else:
            if artifact is not None and Digest.of(artifact.data) == digest:
                return artifact.data
    if trouble is not None:
        raise trouble
    return None


def _published(registry: ArtifactSource, name: str, note: Callable[[str], None]) -> Artifact | None:
    """What stands under the tag in the repository; where it is closed or has nothing, in its public sibling."""
    refusal: UnauthorizedError | None = None
    try:
        artifact = registry.fetch_artifact(name, DEFINITION_TAG, DEFINITION_TYPE, DOCUMENT_LIMIT, note)
        if artifact is not None:
            return artifact
    except UnauthorizedError as error:
        refusal = error
    try:
        artifact = registry.fetch_artifact(sibling_of(name), DEFINITION_TAG, DEFINITION_TYPE, DOCUMENT_LIMIT, note)
    except RegistryUnavailableError:
        raise
    except RegistryError:
        artifact = None
    if artifact is None and refusal is not None:
        raise refusal
    return artifact


def _void(definition: Definition, name: str, chain: ChainAccess) -> str | None:
    claim = definition.claim
    if claim.name != name:
        return f"the registry's definition is for another name: {claim.name}"
    if (claim.network, claim.challenge) != (chain.network.genesis, chain.network.challenge):
        return f"the registry's definition is for another network than {chain.network.name}"
    return None


def _genesis_of(definition: Definition, chain: ChainAccess) -> GenesisFact | None:
    with chain.store.snapshot() as reader:
        return _confirmed(definition, reader) or _in_mempool(definition, reader, chain)


def _confirmed(definition: Definition, reader: IndexReader) -> GenesisFact | None:
    claim = definition.claim
    on_script = reader.geneses_of_asset(claim.asset)
    return next((fact for fact in on_script if fact.genesis_input == claim.genesis_input), None)


def _in_mempool(definition: Definition, reader: IndexReader, chain: ChainAccess) -> GenesisFact | None:
    spender = chain.source.spender(definition.claim.genesis_input)
    found = None if spender is None else pending_genesis(chain.source, reader, txid_of(spender))
    return found[0] if found is not None and found[0].asset == definition.claim.asset else None
