"""Use case: say of an image, for ever, that it must not be used.

What is one image, or cannot be read, is revoked alone; a list with all that it holds. Whoever signs sees before which
releases go with it, and the manifests of a revoked list are kept beside it, so that nobody undoes the revocation by
deleting what it names.
"""

from dataclasses import dataclass

from assets.errors import ImageError, RegistryError
from assets.images.coverage import Coverage
from assets.images.digest import Digest
from assets.images.record import Revoke, RevokeReason
from assets.images.reference import ImageReference
from assets.images.repository import Binding, RepositoryState
from assets.images.tag import Tag, tag_key
from assets.registry.artifacts import GENESIS_ANNOTATION, NETWORK_ANNOTATION
from assets.registry.media_types import MANIFESTS_ARTIFACT
from assets.registry.oci import ContentDescriptor, ManifestList
from assets.registry.port import BlobSource, ContentSource, ImageRegistry
from assets.registry.printable import printable
from assets.registry.referrers import attach
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.chain.image_words import is_revoked
from assets.services.owning.recording import draft_record, require_free, require_room
from assets.services.spending.drafts import About, Draft, fee_rate
from assets.services.trust.image_tree import Document
from assets.services.trust.manifests import ManifestReader, Progress, keepers_of, read_all
from assets.services.trust.platforms import pick
from assets.services.wallets.ownership import title_of
from assets.services.wallets.session import Session
from wallet.errors import EncodingError, StateError, WalletError
from wallet.hashes import Txid, display
from wallet.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRequest:
    """An image of a repository, which goes by a canonical name: by its digest, or by a tag and then by what the tag
    stands for now.

    `platform` picks one image of a list. `alone` keeps a list's revocation to its own digest (True), or insists that
    what it holds is revoked as well (False); None does what fits the document.
    """

    genesis: Txid
    name: str
    tag: Tag | None
    digest: Digest | None
    reason: RevokeReason = RevokeReason.UNSPECIFIED
    rate: str | None = None
    platform: str | None = None
    alone: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeDraft:
    """The transaction, guarded and not signed. `released` says whether the digest was ever bound to a tag.

    `taken_along` are the releases that go REVOKED with it, in words; `documents` the manifests that are to be kept,
    the revoked list first, none where it is revoked alone.
    """

    digest: Digest
    alone: bool
    tags: tuple[str, ...]
    released: bool
    taken_along: tuple[str, ...]
    documents: tuple[Document, ...]
    name: str
    genesis: Txid
    draft: Draft


def draft_revoke(
    request: RevokeRequest,
    session: Session,
    chain: ChainAccess,
    registry: ContentSource,
    cache: Documents,
    *,
    confirmations: int,
    progress: Progress | None = None,
) -> RevokeDraft:
    """Everything up to the signature.

    A digest that was never released can be revoked, with a warning. Raises NotOwnerError, StateError where it is
    revoked already, where the tag stands for nothing, or where a document that cannot be read is to be revoked with
    what it holds; EncodingError for a platform that the image does not have, and what drafting raises.
    """
    owned = title_of(request.genesis, request.name, session, chain, confirmations=confirmations)
    state = owned.state
    reader = ManifestReader(registry, cache, request.name, keepers_of(state))
    digest = _picked(request, _digest(request, state), reader, registry)
    documents, trouble = _documents(digest, reader)
    record = Revoke(digest=digest, reason=request.reason, alone=_is_alone(request, digest, documents, trouble))
    _require_new(record, state)
    require_free(owned, session)
    require_room(owned)
    released = digest in state.released()
    tags = _standing(digest, state)
    taken = _taken_along(record, state, reader, progress)
    what = "this digest alone" if record.alone else f"with the {len(documents) - 1} manifests that it holds"
    about = About(
        kind="revoke",
        genesis=state.genesis.txid,
        effects=(
            f"{request.name}: {digest} is revoked ({record.reason_text}), {what}, for ever; the title stays",
            *(f"{request.name}: {one} goes REVOKED with it" for one in taken.lines),
        ),
        notes=(*_notes(request, record, documents, state), *taken.notes),
        warnings=(*_warnings(request.name, tags, released=released), *_about_document(record, documents, trouble)),
    )
    draft = draft_record(record.serialize(), owned.coin, session, fee_rate(session, request.rate), about)
    return RevokeDraft(
        digest=digest,
        alone=record.alone,
        tags=tags,
        released=released,
        taken_along=taken.lines,
        documents=() if record.alone else documents,
        name=request.name,
        genesis=state.genesis.txid,
        draft=draft,
    )


def keep_manifests(revoked: RevokeDraft, registry: ImageRegistry, network: Network) -> tuple[str, ...]:
    """Puts the manifests of a revoked list beside it in the registry, where verifiers look once the list is deleted.

    In words what could not be done; nothing where all is well. The revocation counts all the same.
    """
    if not revoked.documents:
        return ()
    root = revoked.documents[0]
    annotations = {GENESIS_ANNOTATION: display(revoked.genesis), NETWORK_ANNOTATION: display(network.genesis)}
    subject = ContentDescriptor(media_type=root.media_type, digest=root.digest, size=len(root.data))
    manifests = tuple(one.data for one in revoked.documents)
    try:
        attach(registry, revoked.name, subject, MANIFESTS_ARTIFACT, manifests, annotations, outlive=True)
    except WalletError as error:
        lost = "without them nobody can tell which images it held: leave the image there, or publish evidence"
        return (f"the manifests of {root.digest} could not be kept in the registry ({error}); {lost}",)
    return ()


def _digest(request: RevokeRequest, state: RepositoryState) -> Digest:
    if request.tag is None:
        if request.digest is None:
            raise EncodingError(
                "which image is revoked?", hint=f"say {request.name}@DIGEST, or {request.name}:TAG for what TAG is now"
            )
        return request.digest
    bound = [one.digest for one in state.bindings if one.key == tag_key(request.tag)]
    if request.digest is not None:
        if request.digest not in bound:
            raise StateError(
                f"{request.tag} never stood for {request.digest}", hint=f"say {request.name}@{request.digest}"
            )
        return request.digest
    if not bound:
        raise StateError(f"{request.name}:{request.tag} was never released", hint="revoke a digest: NAME@DIGEST")
    return bound[-1]


def _picked(request: RevokeRequest, digest: Digest, reader: ManifestReader, registry: BlobSource) -> Digest:
    """The image of a list that was picked by its platform."""
    if request.platform is None:
        return digest
    reference = ImageReference(name=request.name, tag=None, digest=digest)
    return pick(reader.document(digest), request.platform, reference, registry, reader.document)


def _documents(digest: Digest, reader: ManifestReader) -> tuple[tuple[Document, ...], str]:
    """The image's manifests, the outermost first, or nothing and why they cannot be read."""
    try:
        return reader.whole(digest), ""
    except (RegistryError, ImageError) as error:
        return (), str(error)


def _is_alone(request: RevokeRequest, digest: Digest, documents: tuple[Document, ...], trouble: str) -> bool:
    if not documents and request.alone is False:
        raise StateError(
            f"{digest} cannot be read, so what it holds is not known: {trouble}",
            hint="put its manifests back into the registry; revoked alone it counts for this digest only",
        )
    is_list = bool(documents) and isinstance(documents[0].document, ManifestList)
    return not is_list or bool(request.alone)


def _require_new(record: Revoke, state: RepositoryState) -> None:
    """A revocation that says more than the one that stands is a new one."""
    known = next((one for one in state.revocations if one.digest == record.digest and one.alone <= record.alone), None)
    if known is not None:
        raise StateError(
            f"{record.digest} was revoked already, in {display(known.step.txid)} ({known.reason_text})",
            hint="it stands for ever; there is nothing to do"
            if known.step.height is not None
            else ImageRemedy.BUMP_REVOKE.of(),
        )


def _standing(digest: Digest, state: RepositoryState) -> tuple[str, ...]:
    """The tags that stand for a digest once everything pending is settled."""
    newest = {one.key: one for one in state.bindings}
    return tuple(_tag_text(one) for one in newest.values() if one.digest == digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TakenAlong:
    lines: tuple[str, ...]
    notes: tuple[str, ...]


def _taken_along(
    record: Revoke, state: RepositoryState, reader: ManifestReader, progress: Progress | None
) -> _TakenAlong:
    """The releases of other digests that are free now and would not be with this revocation.

    Every released image is read for that; one that cannot be is told.
    """
    ends = (end for one in state.sealings for end in (one.plaintext, one.ciphertext))
    contents = read_all((record.digest, *state.released(), *ends), reader.held, progress)
    before, after = Coverage(state, contents), Coverage(state.after(record), contents)
    found: dict[Digest, dict[str, None]] = {}
    for binding in state.bindings:
        if binding.digest == record.digest or is_revoked(before, binding) or not is_revoked(after, binding):
            continue
        found.setdefault(binding.digest, {})[_tag_text(binding)] = None
    return _TakenAlong(
        lines=tuple(f"{', '.join(tags)} ({digest})" for digest, tags in found.items()),
        notes=(*_originals(before, record.digest), *_unknown(before, state)),
    )


def _originals(coverage: Coverage, digest: Digest) -> tuple[str, ...]:
    return tuple(
        f"{digest} is a sealed form of {plain}: the original and its other sealed forms are revoked with it"
        for plain in dict.fromkeys(plain for plain, _ in coverage.originals(digest))
    )


def _unknown(coverage: Coverage, state: RepositoryState) -> tuple[str, ...]:
    unread = [one for one in state.released() if not coverage.extent(one).whole]
    if not unread:
        return ()
    more = "" if len(unread) == 1 else f" and {len(unread) - 1} more releases"
    return (f"{unread[0]}{more} could not be read to see whether they go REVOKED with it",)


def _notes(
    request: RevokeRequest, record: Revoke, documents: tuple[Document, ...], state: RepositoryState
) -> tuple[str, ...]:
    notes = []
    if not record.alone and request.platform is None:
        assert isinstance(documents[0].document, ManifestList), "only a list is revoked with what it holds"
        offers = [
            f"{printable(str(one.platform))} ({one.digest})"
            for one in documents[0].document.children
            if one.platform is not None
        ]
        notes.append(
            f"this is a list of images: {', '.join(offers) or 'of no stated platform'};"
            " to revoke one of them only, name its platform"
        )
    if record.alone and not any(one.alone for one in state.revocations):
        notes.append(
            "readers of version 3 ignore a revocation of one digest alone: renew gates and verifiers before you rely"
            " on it (this is said once)"
        )
    return tuple(notes)


def _about_document(record: Revoke, documents: tuple[Document, ...], trouble: str) -> tuple[str, ...]:
    if trouble:
        so = "it is revoked alone, and if it is a list, what it holds is not"
        return (f"its manifest could not be read ({trouble}): {so}",)
    if record.alone and isinstance(documents[0].document, ManifestList):
        return ("this is a list, and what it holds is not revoked with it",)
    return ()


def _tag_text(binding: Binding) -> str:
    return binding.tag or f"tag with sha256 {binding.key.hex()}"


def _warnings(name: str, tags: tuple[str, ...], *, released: bool) -> tuple[str, ...]:
    if not released:
        return (f"this digest was never released as {name}: check it",)
    if tags:
        return (f"{', '.join(tags)} stands for it: until another image is released there, nobody should run it",)
    return ()
