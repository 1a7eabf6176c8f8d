"""Use case: say of an image, for ever, that it must not be used."""

from dataclasses import dataclass

from assets.images.digest import Digest
from assets.images.record import Revoke, RevokeReason
from assets.images.repository import RepositoryState
from assets.images.tag import Tag, TagKey, tag_key
from assets.services.chain.chain_access import ChainAccess
from assets.services.owning.recording import draft_record, require_free, require_room
from assets.services.spending.drafts import About, Draft, fee_rate
from assets.services.wallets.ownership import title_of
from assets.services.wallets.session import Session
from wallet.errors import EncodingError, StateError
from wallet.hashes import Txid, display


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRequest:
    """An image of a canonical name, by its digest, or by a tag and then by what the tag stands for now. `genesis` says
    which repository, where several of the wallet's go by the name."""

    name: str
    tag: Tag | None
    digest: Digest | None
    reason: RevokeReason = RevokeReason.UNSPECIFIED
    rate: str | None = None
    genesis: Txid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeDraft:
    """The transaction, guarded and not signed. `released` says whether the digest was ever bound to a tag."""

    digest: Digest
    tags: tuple[str, ...]
    released: bool
    draft: Draft


def parse_reason(text: str) -> RevokeReason:
    """A reason by its name. Raises EncodingError."""
    found = next((reason for reason in RevokeReason if reason.name.lower() == text.lower()), None)
    if found is None:
        names = ", ".join(reason.name.lower() for reason in RevokeReason)
        raise EncodingError(f"not a reason: {text[:40]!a}", hint=f"one of {names}")
    return found


def draft_revoke(request: RevokeRequest, session: Session, chain: ChainAccess, *, confirmations: int) -> RevokeDraft:
    """Everything up to the signature.

    A digest that was never released can be revoked, with a warning. Raises NotOwnerError, StateError where it is
    revoked already or the tag stands for nothing, and what drafting raises.
    """
    owned = title_of(request.name, session, chain, confirmations=confirmations, genesis=request.genesis)
    digest = _digest(request, owned.state)
    _require_new(digest, owned.state)
    require_free(owned, session)
    require_room(owned)
    tags = _tags(digest, owned.state)
    released = digest in owned.state.released()
    about = About(
        kind="revoke",
        genesis=owned.state.genesis.txid,
        effects=(f"{request.name}: {digest} is revoked ({request.reason.name.lower()}) for ever; the title stays",),
        warnings=_warnings(request.name, tags, released=released),
    )
    record = Revoke(digest=digest, reason=request.reason).serialize()
    draft = draft_record(record, owned.coin, session, fee_rate(session, request.rate), about)
    return RevokeDraft(digest=digest, tags=tags, released=released, draft=draft)


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


def _require_new(digest: Digest, state: RepositoryState) -> None:
    known = next((one for one in state.revocations if one.digest == digest), None)
    if known is not None:
        raise StateError(
            f"{digest} was revoked already, in {display(known.step.txid)} ({known.reason.name.lower()})",
            hint="it stands for ever; there is nothing to do"
            if known.step.height is not None
            else "it counts from the mempool on; to hurry it: dockchains wallet bump",
        )


def _tags(digest: Digest, state: RepositoryState) -> tuple[str, ...]:
    """The tags that stand for a digest once everything pending is settled."""
    newest: dict[TagKey, tuple[Digest, str]] = {}
    for one in state.bindings:
        newest[one.key] = (one.digest, one.tag or f"tag with sha256 {one.key.hex()}")
    return tuple(tag for bound, tag in newest.values() if bound == digest)


def _warnings(name: str, tags: tuple[str, ...], *, released: bool) -> tuple[str, ...]:
    if not released:
        return (
            f"this digest was never released as {name}: check it",
            "the digest of a platform inside a released index revokes that platform only",
        )
    if tags:
        return (f"{', '.join(tags)} stands for it: until another image is released there, nobody should run it",)
    return ()
