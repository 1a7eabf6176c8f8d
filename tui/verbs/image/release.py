"""Releasing: the digest of an image is bound to tags. It comes from whoever built the image."""

from dataclasses import dataclass

from assets.images.digest import Digest
from assets.registry.layout import LayoutReference, read_build_metadata, read_layout
from assets.services.owning.releasing import ReleaseRequest, check_served, draft_release, release
from assets.services.wallets.session import Session
from tui.verbs.image.fields import Built
from tui.verbs.image.requests import Release
from tui.verbs.image.served import ServedTag, served
from tui.verbs.keys import Keys
from tui.verbs.prepared import Done, Ended, Prepared, Ready, prepared
from tui.verbs.review import Review
from tui.verbs.workplace import Workplace
from wallet.errors import EncodingError, StateError
from wallet.hashes import display


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What was released: the tags, the digest that they stand for, and the image by that digest."""

    name: str
    tags: tuple[str, ...]
    digest: str
    image: str
    genesis: str
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichDigest:
    """A question: no builder says what is released. A person compares what the registry and local engines have.

    `digest` is the one that the registry serves under every tag. It is answered with `compared` in the request.
    """

    request: Release
    digest: Digest
    tags: tuple[ServedTag, ...]

    @property
    def review(self) -> Review:
        """Nothing yet but what the yes does."""
        return Review(drafts=(), heading=f"the registry serves {self.digest}", deed="Release it")


def prepare(request: Release, place: Workplace) -> Prepared[Released] | WhichDigest:
    """The transactions. The registry must serve the digest under every tag; what it merely says is never signed."""
    digest = chosen_digest(request)
    if digest is None:
        return which_digest(request, place)
    wanted = asked_of(request, digest, place)

    def make(session: Session) -> Ready[Released]:
        contents, settled = check_served(wanted, place.registry, place.manifests), place.reading_confirmations
        draft = draft_release(wanted, session, place.chain(), confirmations=settled, contents=contents)

        def ending(keys: Keys, now: Session, done: Done) -> Ended[Released]:
            release(draft, keys, now, done)
            return Ended(
                result=Released(
                    name=request.name,
                    tags=request.tags,
                    digest=str(digest),
                    image=f"{request.name}@{digest}",
                    genesis=display(draft.genesis),
                    final=request.final,
                )
            )

        return Ready(drafts=draft.drafts, ending=ending, may_wait=True)

    return prepared(request, place, make, rate=request.rate)


def asked_of(request: Release, digest: Digest, place: Workplace) -> ReleaseRequest:
    """A request whose digest is known, as the service takes it."""
    return ReleaseRequest(
        genesis=request.genesis,
        name=request.name,
        tags=request.tags,
        digest=digest,
        final=request.final,
        rate=place.rate(request.rate),
    )


def chosen_digest(request: Release) -> Digest | None:
    """The builder's digest, or the one that a person compared; None where there is neither yet.

    Raises EncodingError where two of them differ, ImageError for what no builder wrote.
    """
    given = [*map(_digest, request.built), *([request.compared] if request.compared is not None else [])]
    if len(set(given)) > 1:
        raise EncodingError(
            f"the digests differ: {', '.join(map(str, given))}", hint="give the one of the image that you pushed"
        )
    return given[0] if given else None


def which_digest(request: Release, place: Workplace) -> WhichDigest:
    """What there is to compare. Raises StateError where the registry does not serve one image under all tags."""
    found = served(request.genesis, request.name, request.tags, place)
    missing = next((one.tag for one in found if not one.served), None)
    if missing is not None:
        raise StateError(
            f"the registry has no tag {missing} in {request.name}",
            hint="push the image under this tag too, then release it",
        )
    if len({one.served for one in found}) > 1:
        raise StateError(
            "the registry serves different images under these tags: "
            + ", ".join(f"{one.tag} is {one.served}" for one in found),
            hint="there is nothing that you could compare; name the digest that your builder printed",
        )
    return WhichDigest(request=request, digest=Digest.parse(found[0].served), tags=found)


def _digest(built: Built) -> Digest:
    if isinstance(built, Digest):
        return built
    return read_layout(built).digest if isinstance(built, LayoutReference) else read_build_metadata(built)
