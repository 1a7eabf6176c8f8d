"""Use case: read a repository's definition, which the chain knows only by its sha256."""

from assets.errors import RegistryError
from assets.images.definition import Definition
from assets.images.digest import Digest
from assets.registry.port import ArtifactSource
from assets.services.chain.chain_access import Documents
from assets.services.chain.claims import served_document
from assets.services.read_models.lineage_views import DefinitionView
from wallet.errors import EncodingError


def find_definition(
    name: str, sha256: str, documents: Documents, registry: ArtifactSource
) -> tuple[DefinitionView | None, str]:
    """The document with this sha256 (hex), kept here or published, or None and why it cannot be shown."""
    digest = Digest.parse(f"sha256:{sha256}")
    data = documents.load(digest)
    if data is None:
        try:
            data = served_document(name, digest, registry)
        except (RegistryError, EncodingError) as error:
            return None, str(error)
        if data is None:
            return None, "it is not on this machine, and the registry has none, or another one than the chain carries"
    try:
        return _view(Definition.parse(data)), ""
    except EncodingError as error:
        return None, str(error)


def _view(definition: Definition) -> DefinitionView:
    fields, claim = definition.fields, definition.claim
    links = (
        ("gate", claim.gate),
        ("terms", None if claim.terms is None else str(claim.terms)),
        ("source", claim.source),
        ("magnet", claim.magnet),
    )
    return DefinitionView(
        sha256=definition.hash.hex(),
        name=claim.name,
        name_short=fields.name_short,
        issuer=fields.issuer,
        description=fields.description,
        links=tuple((key, text) for key, text in links if text),
    )
