"""Which gate has the key of a sealed image: the one that the owner's definition names, wherever the image lies.

A mirror carries the ciphertext under a name of its own. The definition, whose sha256 the chain has, stays where the
repository is, and a login at its gate is kept by the repository's own name.
"""

from assets.images.definition import Definition
from assets.images.digest import Digest
from assets.registry.port import ArtifactSource
from assets.services.chain.chain_access import Documents
from assets.services.images.content_keys import KeyGate
from assets.services.images.pulling import present_definition
from assets.services.trust.verifying import Answer
from wallet.errors import EncodingError


def key_gate(answer: Answer, registry: ArtifactSource, documents: Documents) -> KeyGate | None:
    """The gate for an image that was judged; None where its definition names none, or nobody has the definition.

    The definition is looked for on this machine, at the name that the chain spells out, and at the name that was asked.
    One that claims another name than its record counts for nothing.
    """
    if answer.state is None:
        return None
    statement = answer.state.statement
    definition = kept_definition(Digest.from_raw(statement.definition), documents)
    names = (statement.name.name, answer.reference.name)
    for name in dict.fromkeys(one for one in names if one is not None):
        definition = definition or present_definition(name, answer.state, registry)
    if definition is None or definition.claim.gate is None or not statement.name.matches(definition.claim.name):
        return None
    return KeyGate(origin=definition.claim.gate, name=definition.claim.name)


def kept_definition(digest: Digest, documents: Documents) -> Definition | None:
    """The definition with a sha256, where it is on this machine."""
    document = documents.load(digest)
    try:
        return None if document is None else Definition.parse(document)
    except EncodingError:
        return None
