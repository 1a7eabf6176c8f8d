"""Drafts of everything that a repository's owner does."""

from collections.abc import Callable
from pathlib import Path

from assets.images.digest import Digest
from assets.images.tag import Tag, parse_tag
from assets.model import MAX_ACCESS_UNITS
from assets.registry.layout import LayoutReference, read_build_metadata, read_layout
from assets.services.chain.known_names import is_hidden
from assets.services.owning.granting import GrantRequest, draft_grant, grant
from assets.services.owning.handing_over import HandoverRequest, draft_handover
from assets.services.owning.issuing import IssueRequest, draft_issue, issue, require_push
from assets.services.owning.publishing import publish_definition
from assets.services.owning.recipients import parse_recipient
from assets.services.owning.redefining import RedefineRequest, draft_redefine
from assets.services.owning.releasing import ReleaseRequest, check_served, draft_release
from assets.services.owning.revoking import RevokeRequest, draft_revoke, keep_manifests, parse_reason
from assets.services.owning.shares import parse_shares
from assets.services.spending.drafts import Draft
from assets.services.spending.signing import Unlock
from assets.services.wallets.session import Session
from tui.app.asks import Define, Grant, HandOver, Issue, Release, Revoke
from tui.app.backend.access import Access
from tui.app.backend.checks import MAX_TITLE, MIN_TITLE, bare_name, build_digest
from tui.app.backend.prepared import Finish, one_by_one
from tui.verbs.whole_numbers import whole
from wallet.amount import Sats
from wallet.errors import EncodingError, WalletError
from wallet.hashes import parse_txid

Ready = tuple[tuple[Draft, ...], Finish]


def prepare_issue(ask: Issue, session: Session, access: Access) -> Ready:
    """Both transactions of an issue; the definition is published once they are sent."""
    house = access.house
    request = IssueRequest(
        name=bare_name(ask.name),
        units=whole(ask.units, least=1, most=MAX_ACCESS_UNITS, what="a number of units"),
        title_value=Sats(whole(ask.title_sats, least=MIN_TITLE, most=MAX_TITLE, what="an amount of sats")),
        issuer=ask.issuer.strip(),
        description=ask.description.strip(),
        rate=access.rate(ask.rate),
        links=dict(ask.links),
    )
    if is_hidden(request.name):
        house.names.remember(request.name)
    registry = house.registry if ask.publish else None
    draft = draft_issue(request, session, access.chain(), registry)

    def finish(unlock: Unlock, now: Session, done: Callable[[Draft], None]) -> tuple[str, ...]:
        if registry is not None:
            require_push(request.name, registry)
        issued = issue(draft, unlock, now, access.definitions, done)
        if registry is None:
            return ("the definition is not published: nobody finds this asset by its name until it is",)
        try:
            document = issued.definition.document
            publish_definition(request.name, issued.genesis.txid, document, registry, house.network)
        except WalletError as error:
            return (f"the genesis is sent, but its definition could not be published: {error}; publish it again later",)
        return (f"the definition of {request.name} is published",)

    return draft.drafts, finish


def prepare_release(ask: Release, session: Session, access: Access) -> Ready:
    """A digest that the builder made, or that the person compared, for tags that the registry serves it under."""
    tags = tuple(parse_tag(tag) for tag in ask.tags)
    name = bare_name(ask.name)
    registry = access.house.registry
    digest = chosen_digest(ask.build, ask.compared)
    request = ReleaseRequest(
        genesis=parse_txid(ask.genesis),
        name=name,
        tags=tags,
        digest=digest,
        final=ask.final,
        rate=access.rate(ask.rate),
    )
    contents, settled = check_served(request, registry, access.manifests), access.reading_confirmations
    drafts = draft_release(request, session, access.chain(), confirmations=settled, contents=contents).drafts
    return drafts, one_by_one(drafts)


def prepare_revoke(ask: Revoke, session: Session, access: Access) -> Ready:
    """A revocation of a digest, or of what a tag stands for."""
    text = ask.image.strip()
    digest = build_digest(text)
    tag: Tag | None = parse_tag(text) if digest is None else None
    request = RevokeRequest(
        genesis=parse_txid(ask.genesis),
        name=bare_name(ask.name),
        tag=tag,
        digest=digest,
        reason=parse_reason(ask.reason),
        rate=access.rate(ask.rate),
        platform=ask.platform.strip() or None,
    )
    registry, settled = access.house.registry, access.reading_confirmations
    revoked = draft_revoke(request, session, access.chain(), registry, access.manifests, confirmations=settled)

    def finish(unlock: Unlock, now: Session, done: Callable[[Draft], None]) -> tuple[str, ...]:
        return one_by_one((revoked.draft,))(unlock, now, done) + keep_manifests(revoked, registry, now.network)

    return (revoked.draft,), finish


def prepare_handover(ask: HandOver, session: Session, access: Access) -> Ready:
    """A repository for a new owner."""
    request = HandoverRequest(
        genesis=parse_txid(ask.genesis),
        name=bare_name(ask.name),
        to=parse_recipient(ask.to.strip(), session, plain=ask.plain),
        with_treasury=ask.with_treasury,
        rate=access.rate(ask.rate),
    )
    drafts = (draft_handover(request, session, access.chain(), confirmations=access.reading_confirmations).draft,)
    return drafts, one_by_one(drafts)


def prepare_define(ask: Define, session: Session, access: Access) -> Ready:
    """A new definition; it is published once its record is sent."""
    registry, documents, network = access.house.registry, access.definitions, access.house.network
    request = RedefineRequest(
        genesis=parse_txid(ask.genesis),
        name=bare_name(ask.name),
        new_name=bare_name(ask.new_name) if ask.new_name.strip() else None,
        issuer=ask.issuer.strip() or None,
        description=ask.description.strip() or None,
        links=dict(ask.links) | dict.fromkeys(ask.clear, ""),
        rate=access.rate(ask.rate),
        seen=Digest.parse(f"sha256:{ask.seen}").raw,
    )
    settled = access.reading_confirmations
    draft = draft_redefine(request, session, access.chain(), registry, documents, confirmations=settled)

    def finish(unlock: Unlock, now: Session, done: Callable[[Draft], None]) -> tuple[str, ...]:
        document = draft.definition.document
        documents.save(document)
        one_by_one((draft.draft,))(unlock, now, done)
        try:
            publish_definition(draft.new_name, draft.genesis, document, registry, network)
        except WalletError as error:
            return (f"the record is sent, but the definition could not be published: {error}; publish it again later",)
        return (f"the definition of {draft.new_name} is published",)

    return (draft.draft,), finish


def prepare_grant(ask: Grant, session: Session, access: Access) -> Ready:
    """Access units for one holder or for many."""
    shares = parse_shares(ask.shares, session, plain=False)
    request = GrantRequest(
        genesis=parse_txid(ask.genesis), name=bare_name(ask.name), shares=shares, rate=access.rate(ask.rate)
    )
    draft = draft_grant(request, session, access.chain(), confirmations=access.reading_confirmations)

    def finish(unlock: Unlock, now: Session, done: Callable[[Draft], None]) -> tuple[str, ...]:
        grant(draft, unlock, now, done)
        return ()

    return draft.drafts, finish


def chosen_digest(build: str, compared: str) -> Digest:
    """The builder's digest, or the one that a person saw in full and compared. Raises EncodingError, ImageError."""
    return Digest.parse(compared) if compared else built(build)


def built(text: str) -> Digest:
    """The digest that was pasted, or the one in what the builder wrote. Raises EncodingError, ImageError."""
    text = text.strip()
    if not text:
        raise EncodingError(
            "no digest from your builder",
            hint="paste it, name the builder's file, or say that you compared the registry's",
        )
    digest = build_digest(text)
    if digest is not None:
        return digest
    if text.startswith("oci:"):
        return read_layout(LayoutReference.parse(text)).digest
    return read_build_metadata(Path(text).expanduser())
