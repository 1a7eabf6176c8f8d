"""Use case: give a repository a new definition: another name or host, other terms, other words for people.

A DEFINE keeps what ties a definition to its genesis (network, asset, the coin that the genesis spent), so that a new
document can never pass for one of another repository.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from assets.errors import ImageError
from assets.images.canonical import DOCUMENT_LIMIT, Json, decode
from assets.images.definition import Definition
from assets.images.digest import Digest
from assets.images.origin import parse_origin
from assets.images.record import Define, RecordName
from assets.images.repository import RepositoryState
from assets.protocols.table import RULE
from assets.registry.port import ArtifactSource
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.owning.publishing import present_document
from assets.services.owning.recording import draft_record, require_free, require_room
from assets.services.spending.drafts import About, Draft, fee_rate
from assets.services.wallets.naming import repositories_named
from assets.services.wallets.ownership import title_of
from assets.services.wallets.session import Session
from wallet.errors import EncodingError, StateError
from wallet.hashes import Txid, display

LINKS = ("gate", "terms", "source", "magnet")
_OURS = frozenset({"asset_ids", "name_short", "name", "issuer", "description", "divisibility", "version", "dockchains"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RedefineRequest:
    """What changes for a repository, which goes by a canonical name; None keeps a value. `links` maps gate, terms,
    source and magnet to a text, or to an empty one to take the link away. `document` is a whole definition that
    somebody prepared. `seen` is the sha256 of the definition that the changes were made for, None where none was shown.
    """

    genesis: Txid
    name: str
    new_name: str | None = None
    issuer: str | None = None
    description: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    document: bytes | None = None
    rate: str | None = None
    seen: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedefineDraft:
    """The transaction, guarded and not signed, and the document that it commits to."""

    genesis: Txid
    old_name: str
    definition: Definition
    draft: Draft

    @property
    def new_name(self) -> str:
        """The name from then on."""
        return self.definition.claim.name


def draft_redefine(
    request: RedefineRequest,
    session: Session,
    chain: ChainAccess,
    registry: ArtifactSource,
    documents: Documents,
    *,
    confirmations: int,
) -> RedefineDraft:
    """Everything up to the signature.

    Raises NotOwnerError, StateError where nothing would change, EncodingError for a document that is not this
    repository's, ImageError where the present document is nowhere, and what drafting raises.
    """
    owned = title_of(request.genesis, request.name, session, chain, confirmations=confirmations)
    require_free(owned, session)
    require_room(owned)
    state = owned.state
    _require_seen(request, state)
    definition = _definition(request, state, registry, documents)
    _require_same_repository(definition, state, session)
    if definition.hash == state.statements[-1].definition:
        raise StateError(f"the definition of {request.name} says this already", hint="name what is to change")
    name = definition.claim.name
    if name != request.name:
        _require_unused(name, request.genesis, session, chain)
    about = About(
        kind="define",
        genesis=state.genesis.txid,
        effects=(f"{request.name}: the definition becomes sha256:{definition.hash.hex()}; the title stays",),
        warnings=() if name == request.name else (_rename_warning(request.name, name),),
    )
    record = Define(definition=definition.hash, name=RecordName.of(name)).serialize()
    draft = draft_record(record, owned.coin, session, fee_rate(session, request.rate), about)
    return RedefineDraft(genesis=state.genesis.txid, old_name=request.name, definition=definition, draft=draft)


def _require_seen(request: RedefineRequest, state: RepositoryState) -> None:
    """What a person kept is what a person saw: an empty field keeps nothing that came meanwhile."""
    present = state.statements[-1].definition
    if request.seen not in (None, present):
        raise StateError(
            f"the definition of {request.name} is sha256:{present.hex()} by now, and what was shown is"
            f" sha256:{(request.seen or b'').hex()}",
            hint="look at the repository again; nothing was signed",
        )


def _definition(
    request: RedefineRequest, state: RepositoryState, registry: ArtifactSource, documents: Documents
) -> Definition:
    """The new definition: the one that was given, which needs no other, or the present one changed."""
    if request.document is None:
        return _changed(request, _present(request.name, state, registry, documents))
    changes = (request.new_name, request.issuer, request.description)
    if request.links or any(change is not None for change in changes):
        raise EncodingError(
            "a whole definition is given, and changes beside it", hint="write the changes into the document"
        )
    return Definition.parse(request.document)


def _require_unused(name: str, genesis: Txid, session: Session, chain: ChainAccess) -> None:
    """A name that means two repositories means none: whoever types it would have to name the genesis, ever after."""
    named = repositories_named(name, chain, session)
    others = [one for one in named if one.genesis != display(genesis) and (one.owned or one.issued)]
    if others:
        found = ", ".join(f"genesis {one.genesis} ({one.how})" for one in others)
        raise StateError(
            f"another repository of this wallet goes by {name}, or did: {found}", hint="choose another name"
        )


def _present(name: str, state: RepositoryState, registry: ArtifactSource, documents: Documents) -> Definition:
    digest = Digest.from_raw(state.statements[-1].definition)
    document = present_document(name, digest, registry, documents)
    if document is None:
        raise ImageError(
            f"the present definition {digest} is neither on this machine nor in the registry",
            hint=ImageRemedy.DOCUMENT_WHOLE.of(),
        )
    return Definition.parse(document)


def _changed(request: RedefineRequest, present: Definition) -> Definition:
    unknown = set(request.links) - set(LINKS)
    if unknown:
        raise EncodingError(
            f"a definition has no field {', '.join(sorted(unknown))}", hint=f"it has {', '.join(LINKS)}"
        )
    links = request.links
    claim = replace(
        present.claim,
        name=request.new_name or present.claim.name,
        gate=_link(links, "gate", present.claim.gate),
        terms=_terms(links, present.claim.terms),
        source=_link(links, "source", present.claim.source),
        magnet=_link(links, "magnet", present.claim.magnet),
    )
    if claim.gate is not None:
        parse_origin(claim.gate)
    fields = replace(
        present.fields,
        name=claim.name if request.new_name is not None else present.fields.name,
        name_short=claim.name.rpartition("/")[2][:10] if request.new_name is not None else present.fields.name_short,
        issuer=present.fields.issuer if request.issuer is None else request.issuer,
        description=present.fields.description if request.description is None else request.description,
    )
    return Definition.build(fields, claim, optional=_foreign_fields(present))


def _foreign_fields(present: Definition) -> dict[str, Json]:
    """What the document holds beside our fields stays as it is."""
    value = decode(present.document, limit=DOCUMENT_LIMIT, what="the definition")
    assert isinstance(value, Mapping), "a definition is an object"
    return {key: member for key, member in value.items() if key not in _OURS}


def _link(links: Mapping[str, str], key: str, present: str | None) -> str | None:
    return links[key] or None if key in links else present


def _terms(links: Mapping[str, str], present: Digest | None) -> Digest | None:
    if "terms" not in links:
        return present
    return Digest.parse(links["terms"]) if links["terms"] else None


def _require_same_repository(definition: Definition, state: RepositoryState, session: Session) -> None:
    """Network, challenge, asset and genesis_input are kept; hash and name are the new document's own."""
    mismatch = definition.matches(
        state.genesis,
        session.network,
        asset_id=RULE.asset_text(state.genesis.asset, session.network),
        stated=(definition.hash, RecordName.of(definition.claim.name)),
    )
    if mismatch is not None:
        raise EncodingError(
            f"this is no definition of the repository: {mismatch}",
            hint="begin from the present one: the registry has it under the tag `dockchains`",
        )


def _rename_warning(old: str, new: str) -> str:
    return (
        f"{old} becomes {new}: whoever pinned {old} keeps verifying it there and sees a note; consumers of {new} pin"
        " that name anew"
    )
