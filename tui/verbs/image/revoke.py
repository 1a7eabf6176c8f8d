"""Taking an image back for ever."""

from dataclasses import dataclass

from assets.services.owning.revoking import RevokeRequest, draft_revoke, keep_manifests
from assets.services.spending.signing import sign_and_broadcast
from assets.services.wallets.session import Session
from tui.verbs.image.requests import Revoke
from tui.verbs.keys import Keys
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.progress import counted
from tui.verbs.workplace import Workplace
from wallet.hashes import display


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """What was revoked, and every release that goes REVOKED with it, in words (`taken_along`).

    `tags` stood for it. `released` says whether it was ever bound to a tag, `alone` whether a list's revocation is kept
    to its own digest.
    """

    name: str
    genesis: str
    digest: str
    alone: bool
    reason: str
    tags: tuple[str, ...]
    released: bool
    taken_along: tuple[str, ...]


def prepare(request: Revoke, place: Workplace) -> Prepared[Revoked]:
    """The record. The manifests of a revoked list are kept beside it in the registry, also where it waits for a key."""
    registry = place.registry
    wanted = RevokeRequest(
        genesis=request.genesis,
        name=request.name,
        tag=request.tag,
        digest=request.digest,
        reason=request.reason,
        rate=place.rate(request.rate),
        platform=request.platform,
        alone=request.alone,
    )

    def make(session: Session) -> Ready[Revoked]:
        revoked = draft_revoke(
            wanted,
            session,
            place.chain(),
            registry,
            place.manifests,
            confirmations=place.reading_confirmations,
            progress=counted(place.report, "reading manifests"),
        )

        def kept() -> tuple[str, ...]:
            return tuple(f"warning: {note}" for note in keep_manifests(revoked, registry, place.network))

        def ending(keys: Keys, now: Session, done: Done) -> Ended[Revoked]:
            sign_and_broadcast(revoked.draft, keys, now, done)
            result = Revoked(
                name=request.name,
                genesis=display(request.genesis),
                digest=str(revoked.digest),
                alone=revoked.alone,
                reason=request.reason.name.lower(),
                tags=revoked.tags,
                released=revoked.released,
                taken_along=revoked.taken_along,
            )
            return Ended(result=result, notes=kept())

        return Ready(drafts=(revoked.draft,), ending=ending, may_wait=True, leaving=kept)

    return prepared(request, place, make, rate=request.rate)
