"""Use case: bind the digest of an image to tags.

The digest comes from whoever built the image. The registry only has to serve it: what a registry merely says is never
signed. A release builds on the newest coin of the title, mempool included, so that releases may follow one another
within a block.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from assets.errors import NotFoundError
from assets.images.contents import Contents
from assets.images.coverage import Coverage, revoked_text
from assets.images.digest import Digest
from assets.images.record import Release
from assets.images.repository import RepositoryState
from assets.images.tag import Tag, Tags, tag_key
from assets.registry.port import ContentSource, ManifestSource
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.owning.recording import draft_record, next_coin, require_free, require_room
from assets.services.spending.drafts import About, Draft, fee_rate
from assets.services.spending.foresight import foreseeing
from assets.services.spending.signing import Unlock, send_in_order
from assets.services.trust.manifests import ManifestReader, read_all
from assets.services.wallets.ownership import title_of
from assets.services.wallets.session import Session
from wallet.errors import StateError
from wallet.hashes import Txid, display


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequest:
    """A digest for tags of a repository, which goes by a canonical name. `final` tags can never be bound to another
    digest."""

    genesis: Txid
    name: str
    tags: tuple[Tag, ...]
    digest: Digest
    final: bool = False
    rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDraft:
    """The transactions of a release, guarded and not signed: one, or more where the tags do not fit into one.

    `again` drafts the same on other coins.
    """

    request: ReleaseRequest
    genesis: Txid
    drafts: tuple[Draft, ...]
    again: "Callable[[], ReleaseDraft] | None" = field(default=None, repr=False, compare=False)


def check_served(request: ReleaseRequest, registry: ContentSource, cache: Documents) -> Contents:
    """The registry has the digest, and each tag stands for it; the image's documents, as far as they can be read.

    Raises StateError, RegistryError.
    """
    try:
        registry.manifest(request.name, request.digest)
    except NotFoundError as error:
        raise StateError(
            f"the registry does not have {request.name}@{request.digest}",
            hint="push the image first: what nobody can pull is not released",
        ) from error
    for tag in request.tags:
        _check_tag(request, tag, registry)
    return read_all((request.digest,), ManifestReader(registry, cache, request.name).held)


def _check_tag(request: ReleaseRequest, tag: Tag, registry: ManifestSource) -> None:
    try:
        served = registry.manifest(request.name, tag).digest
    except NotFoundError as error:
        raise StateError(
            f"the registry has no tag {tag} in {request.name}",
            hint="push the image under this tag too, then release it",
        ) from error
    if served != request.digest:
        raise StateError(
            f"the registry serves {served} as {request.name}:{tag}, and you release {request.digest}",
            hint="push the tag anew, or find out who moved it; a docker push after a pull makes a new digest",
        )


def draft_release(
    request: ReleaseRequest,
    session: Session,
    chain: ChainAccess,
    *,
    confirmations: int,
    contents: Contents | None = None,
) -> ReleaseDraft:
    """Everything up to the signature. `contents` are the image's documents, so that a revoked image in it is seen.

    Raises NotOwnerError, StateError where the release would change nothing, violate a final tag, or bind what was
    revoked, and what drafting raises.
    """
    owned = title_of(request.genesis, request.name, session, chain, confirmations=confirmations)
    groups = Tags.pack(request.tags)
    warnings = _judge(request, owned.state, contents or {})
    require_free(owned, session)
    require_room(owned, len(groups))
    rate = fee_rate(session, request.rate)
    drafts: list[Draft] = []
    coin = owned.coin
    for tags in groups:
        final = " for ever" if request.final else ""
        about = About(
            kind="release",
            genesis=owned.state.genesis.txid,
            effects=(f"{request.name}: {_words(tags, request)} stands for {request.digest}{final}; the title stays",),
            warnings=() if drafts else warnings,
        )
        later = foreseeing(session, drafts, {coin.prevout.outpoint: coin.units} if drafts else {})
        record = Release(digest=request.digest, tags=tags, final=request.final).serialize()
        drafts.append(draft_record(record, coin, later, rate, about))
        coin = next_coin(coin, drafts[-1])
    return ReleaseDraft(
        request=request,
        genesis=owned.state.genesis.txid,
        drafts=tuple(drafts),
        again=lambda: draft_release(request, session, chain, confirmations=confirmations, contents=contents),
    )


def release(
    draft: ReleaseDraft, unlock: Unlock, session: Session, done: Callable[[Draft], None] = lambda _: None
) -> tuple[Txid, ...]:
    """Signs and sends the release. `done` is told each transaction that was sent. Raises what signing raises."""
    again = draft.again
    remake = None if again is None else lambda: again().drafts
    return send_in_order(draft.drafts, unlock, session, done, remake=remake)


def _judge(request: ReleaseRequest, state: RepositoryState, contents: Contents) -> tuple[str, ...]:
    """Refuses what could not count, and warns of what a person should know."""
    coverage = Coverage(state, contents)
    revoked = coverage.over(request.digest).named
    if revoked:
        raise StateError(
            f"{request.digest} would be REVOKED: {revoked_text(coverage, request.digest, revoked[0])}"
            f" (in {display(revoked[0].step.txid)})",
            hint="a revocation stands for ever: build and push the image anew",
        )
    newest = {tag: _newest(state, tag) for tag in request.tags}
    for tag in request.tags:
        final = next((one for one in reversed(state.bindings) if one.final and one.key == tag_key(tag)), None)
        if final is not None and final.digest != request.digest:
            raise StateError(
                f"{tag} is final: it was bound to {final.digest} for ever", hint="release under another tag"
            )
    if all(digest == request.digest for digest in newest.values()) and (
        not request.final or _all_final(request, state)
    ):
        already = "for ever already" if request.final else "already"
        raise StateError(
            f"{', '.join(request.tags)} stands for {request.digest} {already}", hint="there is nothing to release"
        )
    return tuple(
        f"{tag} stands for {digest} now, which will be superseded"
        for tag, digest in newest.items()
        if digest is not None and digest != request.digest
    )


def _all_final(request: ReleaseRequest, state: RepositoryState) -> bool:
    final = {one.key for one in state.bindings if one.final}
    return all(tag_key(tag) in final for tag in request.tags)


def _newest(state: RepositoryState, tag: Tag) -> Digest | None:
    """What a tag stands for once everything pending is settled."""
    bindings = [one.digest for one in state.bindings if one.key == tag_key(tag)]
    return bindings[-1] if bindings else None


def _words(tags: Tags, request: ReleaseRequest) -> str:
    """The tags of one record, also of one that carries only a tag's key."""
    return ", ".join(tag for tag in request.tags if tag_key(tag) in tags.keys)
