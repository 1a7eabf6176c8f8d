"""Use case: does the chain say that this image is what the owner released?

The registry says which digest a tag has and hands over manifests, all re-hashed. Vouchers say which genesis speaks for
the name. The chain says the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from assets.errors import IndexStateError, RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.contents import Contents
from assets.images.coverage import Coverage
from assets.images.digest import Digest
from assets.images.pin import Pin, Pins
from assets.images.reference import ImageReference
from assets.images.repository import RepositoryState
from assets.images.tag import parse_tag, tag_key
from assets.images.verdict import Circumstances, Judgement, Verdict, judge
from assets.images.voucher import Voucher, VoucherKind, disagreements, voucher_of_genesis, voucher_of_pin
from assets.model import GenesisFact
from assets.registry.port import ImageRegistry
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess, Documents
from assets.services.chain.claims import RegistryClaim, read_claim
from assets.services.chain.lineage import Absence, absence, read_lineage, staleness, unsearched
from assets.services.trust.manifests import ManifestReader, Progress, gather, keepers_of
from assets.services.trust.platforms import pick
from wallet.advice import Prose
from wallet.chain.source import Tip
from wallet.errors import BusyError, ChainError, ChainUnavailableError
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


@dataclass(slots=True)
class _Found:
    """What is gathered on the way to a judgement. `resolved` is the digest whose document was read for it."""

    digest: Digest | None = None
    resolved: Digest | None = None
    claim: RegistryClaim | None = None
    unread_claim: RegistryError | None = None
    state: RepositoryState | None = None
    lost: bool = False
    vouchers: tuple[Voucher, ...] = ()
    rivals: tuple[GenesisFact, ...] = ()
    tip: Tip | None = None
    contents: Contents = field(default_factory=dict)
    unavailable: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    notes: list[Prose] = field(default_factory=list)
    remedy: Prose | None = None


def verify(
    question: Question,
    chain: ChainAccess,
    registry: ImageRegistry,
    cache: Documents,
    progress: Progress | None = None,
) -> Answer:
    """The verdict, whatever it is.

    Raises only where the question itself cannot be asked: NotFoundError for a tag that the registry does not have,
    UnauthorizedError, RegistryError for answers of the registry that cannot be used, EncodingError for a platform that
    the image does not have, and StoreError for an index that cannot be read.
    """
    reference = question.reference
    if reference.tag is None and reference.digest is None:
        reference = replace(reference, tag=parse_tag("latest"))
    found = _Found()
    _ask_registry(found, reference, question, registry)
    _asking_node(found, lambda: _ask_node(found, reference, question, chain, registry))
    if found.state is None and not (found.undecided or found.unavailable):
        _say_undecided(found, unsearched(chain))
    found.notes += [] if found.remedy is None else [found.remedy]
    if found.state is not None and found.digest is not None:
        reader = ManifestReader(registry, cache, reference.name, keepers_of(found.state), chain.document)
        if found.digest != found.resolved:
            reader.refuse_ambiguous(found.digest)
        key = None if reference.tag is None else tag_key(reference.tag)
        found.contents = gather(found.state, key, found.digest, reader.held, progress)
    circumstances = Circumstances(
        vouchers=found.vouchers,
        disagreements=tuple(found.disagreements),
        unavailable=tuple(found.unavailable),
        undecided=tuple(found.undecided),
        lost=found.lost,
        contents=found.contents,
    )
    judgement = judge(
        state=found.state, tag=reference.tag, digest=found.digest, circumstances=circumstances, allow=question.allow
    )
    found.notes += _free_images(found, judgement)
    return Answer(
        reference=reference,
        digest=found.digest,
        judgement=judgement,
        vouchers=found.vouchers,
        claimed=found.claim.genesis if found.claim is not None else None,
        state=found.state,
        rivals=found.rivals,
        tip=found.tip,
        notes=tuple(found.notes),
        circumstances=circumstances,
        allow=question.allow,
    )


def _free_images(found: _Found, judgement: Judgement) -> list[Prose]:
    """That a list is revoked only for some of its images, and how one of the others is had."""
    if judgement.verdict is not Verdict.REVOKED or found.state is None or found.digest is None:
        return []
    coverage = Coverage(found.state, found.contents)
    images = coverage.extent(found.digest).images - {found.digest}
    free = [one for one in images if not coverage.against(coverage.over(one), judgement.binding)]
    if not free:
        return []
    return [f"{len(free)} of its {len(images)} images are not revoked: " + ImageRemedy.FREE_PLATFORM.of()]


def _ask_registry(found: _Found, reference: ImageReference, question: Question, registry: ImageRegistry) -> None:
    """The digest in question. With a digest in the reference the registry need not be there."""
    if reference.digest is not None and question.platform is None:
        found.digest = reference.digest
        return
    try:
        resolved = registry.resolve(reference)
        found.resolved, found.digest = resolved.digest, resolved.digest
        if question.platform is not None:
            found.digest = None
            inner = partial(registry.manifest, reference.name)
            found.digest = pick(resolved, question.platform, reference, registry, inner)
    except RegistryUnavailableError as error:
        found.unavailable.append(str(error))
        found.notes += [error.advice] if error.advice else []
        found.unread_claim = error
        return


def _asking_node(found: _Found, ask: Callable[[], None]) -> None:
    """Turns what a node or an index cannot say into findings. A node that lacks blocks leaves the index behind."""
    try:
        ask()
    except ChainUnavailableError as error:
        found.unavailable.append(str(error))
        found.notes += [error.advice] if error.advice else []
    except (IndexStateError, ChainError, BusyError) as error:
        found.undecided.append(str(error))
        found.notes += [error.advice] if error.advice else []


def _ask_node(
    found: _Found, reference: ImageReference, question: Question, chain: ChainAccess, registry: ImageRegistry
) -> None:
    found.tip = chain.source.tip()
    chain.catch_up()
    found.tip = chain.source.tip()
    stale = staleness(chain, found.tip)
    if stale is not None:
        found.undecided.append(stale)
    _ask_claim(found, reference, registry, chain)
    genesis = _choose_genesis(found, reference, question)
    if genesis is None:
        return
    lineage = read_lineage(chain, genesis, confirmations=question.confirmations)
    if lineage is None:
        _say_undecided(found, absence(chain, genesis))
        return
    state = lineage.state
    found.vouchers = _vouchers(found.vouchers, state.genesis)
    if not found.vouchers and found.claim is not None:
        void = found.claim.void_for(state, chain)
        if void is not None:
            found.notes.append(f"the registry's definition does not count: {void}")
            return
    found.state, found.lost = state, lineage.lost
    _compare_pins(found, state, reference, question)
    _compare_claim(found, state, chain)
    _look_around(found, reference, state, chain)


def _ask_claim(found: _Found, reference: ImageReference, registry: ImageRegistry, chain: ChainAccess) -> None:
    """The registry's claim; one that cannot be had matters only where nothing else vouches.

    A registry that did not answer a moment ago is not asked again.
    """
    if found.unread_claim is not None:
        return
    try:
        answer = read_claim(registry, reference.name, chain)
    except RegistryError as error:
        found.unread_claim = error
        found.notes.append(f"the registry's own claim could not be read: {error}")
        return
    found.claim = answer.claim
    found.notes += answer.notes
    if answer.missing and chain.only() is None:
        _say_undecided(found, unsearched(chain))


def _say_undecided(found: _Found, why: Absence | None) -> None:
    """Nothing follows from what was not found where it could not have been found. One remedy mends all of it."""
    if why is not None:
        found.undecided.append(why.reason)
        found.remedy = why.hint


def _choose_genesis(found: _Found, reference: ImageReference, question: Question) -> Txid | None:
    """The genesis that the first voucher names, else the registry's. Remembers all vouchers."""
    vouchers = [voucher_of_pin(pin, kind) for kind, pin in _pins_named(reference.name, question)]
    if question.lock is not None and question.lock.named(reference.name) is None:
        found.notes.append(f"the lock file does not name {reference.name}")
    if question.genesis is not None:
        vouchers.insert(0, Voucher(kind=VoucherKind.GENESIS, genesis=question.genesis, owners=()))
    found.vouchers = tuple(vouchers)
    if vouchers:
        return vouchers[0].genesis
    if isinstance(found.unread_claim, RegistryUnavailableError | UnauthorizedError):
        found.unavailable.append("nothing of yours vouches for this name, and the registry could not be asked")
    elif found.unread_claim is not None:
        found.undecided.append("nothing of yours vouches for this name, and the registry's claim is out of order")
    return found.claim.genesis if found.claim is not None else None


def _pins_named(name: str, question: Question) -> list[tuple[VoucherKind, Pin]]:
    """What the lock file and the pins file say of a name."""
    pairs = ((VoucherKind.LOCK, question.lock), (VoucherKind.PIN, question.pins))
    return [(kind, pin) for kind, pins in pairs if pins is not None and (pin := pins.named(name)) is not None]


def _compare_pins(found: _Found, state: RepositoryState, reference: ImageReference, question: Question) -> None:
    """A pin was taken of a genesis in a block: one that a reorganisation undid decides nothing any more."""
    for kind, pin in _pins_named(reference.name, question):
        if pin.genesis != state.genesis.txid:
            continue
        if state.genesis.block is None:
            found.undecided.append(f"the genesis that the {kind} names is in no block any more")
        elif state.genesis.block != pin.block:
            found.notes.append(f"the chain was reorganised: the {kind} saw its genesis in another block")


def _vouchers(vouchers: tuple[Voucher, ...], genesis: GenesisFact) -> tuple[Voucher, ...]:
    """`--genesis` accepts the script of the genesis' own output 0, which is known only now."""
    return tuple(
        voucher_of_genesis(genesis) if one.kind is VoucherKind.GENESIS and one.genesis == genesis.txid else one
        for one in vouchers
    )


def _compare_claim(found: _Found, state: RepositoryState, chain: ChainAccess) -> None:
    """Do the vouchers agree among themselves, and with what the registry claims?"""
    claimed = None
    if found.claim is not None and found.vouchers:
        if found.claim.genesis == state.genesis.txid:
            void = found.claim.void_for(state, chain)
            if void is not None:
                found.notes.append(f"the registry's definition is not the present one: {void}")
        else:
            claimed = _standing(found.claim, chain)
            if claimed is None:
                found.notes.append("the registry's definition names a genesis that it does not fit")
    found.disagreements += disagreements(found.vouchers, claimed)


def _standing(claim: RegistryClaim, chain: ChainAccess) -> Txid | None:
    """The claimed genesis, if the claim's document is that genesis' present one."""
    lineage = read_lineage(chain, claim.genesis, confirmations=1)
    return claim.genesis if lineage is not None and claim.void_for(lineage.state, chain) is None else None


def _look_around(found: _Found, reference: ImageReference, state: RepositoryState, chain: ChainAccess) -> None:
    """What decides nothing, and what a person should know: a rename, rival geneses, a genesis that moved."""
    name = state.statement.name
    if not name.matches(reference.name):
        found.notes.append(f"this repository now goes by the name {name.name or 'with hash ' + name.name_hash.hex()}")
    with chain.store.snapshot() as reader:
        named = reader.geneses_named(reference.name)
        same = reader.geneses_of_asset(state.genesis.asset)
    found.rivals = tuple(fact for fact in named if fact.txid != state.genesis.txid)
    if len(same) > 1:
        found.notes.append(f"{len(same)} geneses were issued from one script; only this one speaks for the name")
    final = None if reference.tag is None else tag_key(reference.tag)
    found.notes += [
        f"a later record tried to bind the final tag {one.tag or 'in question'} to {one.digest}: it does not count"
        for one in state.violations
        if one.key == final
    ]
