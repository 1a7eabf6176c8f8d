"""Use case: does the chain say that this image is what the owner released?

The registry says which digest a tag has and hands over manifests, all re-hashed. Vouchers say which genesis speaks for
the name. The chain says the rest.
"""

from dataclasses import dataclass, field, replace
from functools import partial

from assets.errors import RegistryUnavailableError
from assets.images.contents import Contents
from assets.images.coverage import Coverage
from assets.images.digest import Digest
from assets.images.pin import Pins
from assets.images.reference import ImageReference
from assets.images.repository import RepositoryState
from assets.images.tag import parse_tag, tag_key
from assets.images.verdict import Circumstances, Judgement, Verdict, judge
from assets.images.voucher import Voucher
from assets.model import GenesisFact
from assets.registry.port import ContentSource, RegistryReader
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.trust.asking import NOTHING, Case, Seen, Told, advice_of, ask
from assets.services.trust.manifests import ManifestReader, Progress, gather, keepers_of
from assets.services.trust.platforms import pick
from wallet.advice import Prose
from wallet.chain.source import Tip
from wallet.hashes import Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: a reference as typed, the vouchers, how many confirmations settle, what is allowed.

    A reference without tag and digest means `latest`, as docker has it. `platform` picks one child of a
    multi-platform image, such as `linux/arm64`; the tag is judged all the same.
    """

    reference: ImageReference
    pins: Pins
    lock: Pins | None
    genesis: Txid | None
    confirmations: int
    allow: frozenset[Verdict] = frozenset()
    platform: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A judgement with everything that it rests on.

    `digest` is None where the registry could not say it. `circumstances` hold what each manifest holds, as far as it
    had to be known; `allow` is what the question allowed.
    """

    reference: ImageReference
    digest: Digest | None
    judgement: Judgement
    vouchers: tuple[Voucher, ...]
    claimed: Txid | None
    state: RepositoryState | None
    rivals: tuple[GenesisFact, ...]
    tip: Tip | None
    notes: tuple[Prose, ...]
    circumstances: Circumstances = field(default_factory=Circumstances)
    allow: frozenset[Verdict] = frozenset()

    def judged_as(self, digest: Digest, contents: Contents) -> "Answer":
        """The answer on another digest that came out of this one's image, with what has become known of it."""
        circumstances = replace(self.circumstances, contents={**self.circumstances.contents, **contents})
        judgement = judge(
            state=self.state, tag=self.reference.tag, digest=digest, circumstances=circumstances, allow=self.allow
        )
        return replace(self, digest=digest, judgement=judgement, circumstances=circumstances)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """The digest in question, by the reference or the registry. `document` is the digest whose document was read for
    it; `silent` the registry's error where it did not answer.
    """

    digest: Digest | None = None
    document: Digest | None = None
    silent: RegistryUnavailableError | None = None
    told: Told = NOTHING


def verify(
    question: Question,
    chain: ChainAccess,
    registry: RegistryReader,
    cache: Documents,
    progress: Progress | None = None,
) -> Answer:
    """The verdict, whatever it is.

    First the registry names the digest, then the chain is asked, step by step; then what the image holds is read, as
    far as the answer hangs on it; and all of it is judged at once, so that no step decides by having come first.

    Raises only where the question itself cannot be asked: NotFoundError for a tag that the registry does not have,
    UnauthorizedError, RegistryError for answers of the registry that cannot be used, EncodingError for a platform that
    the image does not have, and StoreError for an index that cannot be read.
    """
    reference = question.reference
    if reference.tag is None and reference.digest is None:
        reference = replace(reference, tag=parse_tag("latest"))
    named = _named(reference, question.platform, registry)
    case = Case(
        reference=reference,
        pins=question.pins,
        lock=question.lock,
        genesis=question.genesis,
        confirmations=question.confirmations,
        chain=chain,
        registry=registry,
    )
    seen = ask(case, Seen(unread_claim=named.silent, told=named.told))
    contents = _contents(case, named, seen.state, cache, progress)
    told = seen.told
    circumstances = Circumstances(
        vouchers=seen.vouchers,
        disagreements=told.disagreements,
        unavailable=told.unavailable,
        undecided=told.undecided,
        lost=seen.lineage is not None and seen.lineage.lost,
        contents=contents,
    )
    judgement = judge(
        state=seen.state, tag=reference.tag, digest=named.digest, circumstances=circumstances, allow=question.allow
    )
    remedies = () if told.remedy is None else (told.remedy,)
    return Answer(
        reference=reference,
        digest=named.digest,
        judgement=judgement,
        vouchers=seen.vouchers,
        claimed=seen.claim.genesis if seen.claim is not None else None,
        state=seen.state,
        rivals=seen.rivals,
        tip=seen.tip,
        notes=(*told.notes, *remedies, *_free_images(seen.state, named.digest, contents, judgement)),
        circumstances=circumstances,
        allow=question.allow,
    )


def _named(reference: ImageReference, platform: str | None, registry: ContentSource) -> _Named:
    """The digest in question. With a digest in the reference the registry need not be there."""
    if reference.digest is not None and platform is None:
        return _Named(digest=reference.digest)
    try:
        resolved = registry.resolve(reference)
    except RegistryUnavailableError as error:
        return _silent(error)
    if platform is None:
        return _Named(digest=resolved.digest, document=resolved.digest)
    try:
        picked = pick(resolved, platform, reference, registry, partial(registry.manifest, reference.name))
    except RegistryUnavailableError as error:
        return replace(_silent(error), document=resolved.digest)
    return _Named(digest=picked, document=resolved.digest)


def _silent(error: RegistryUnavailableError) -> _Named:
    told = Told(unavailable=(str(error),), notes=advice_of(error))
    return _Named(silent=error, told=told)


def _contents(
    case: Case, named: _Named, state: RepositoryState | None, cache: Documents, progress: Progress | None
) -> Contents:
    """What the manifests hold on which the answer hangs. Raises ManifestError for a document that is two at once."""
    if state is None or named.digest is None:
        return {}
    reference = case.reference
    reader = ManifestReader(case.registry, cache, reference.name, keepers_of(state), case.chain.document)
    if named.digest != named.document:
        reader.refuse_ambiguous(named.digest)
    key = None if reference.tag is None else tag_key(reference.tag)
    return gather(state, key, named.digest, reader.held, progress)


def _free_images(
    state: RepositoryState | None, digest: Digest | None, contents: Contents, judgement: Judgement
) -> tuple[Prose, ...]:
    """That a list is revoked only for some of its images, and how one of the others is had."""
    if judgement.verdict is not Verdict.REVOKED or state is None or digest is None:
        return ()
    coverage = Coverage(state, contents)
    images = coverage.extent(digest).images - {digest}
    free = [one for one in images if not coverage.against(coverage.over(one), judgement.binding)]
    if not free:
        return ()
    return (f"{len(free)} of its {len(images)} images are not revoked: " + ImageRemedy.FREE_PLATFORM.of(),)
