"""The verdict on an image: what the chain, the vouchers and the circumstances say together.

Pure: whoever calls has read the chain, the registry and the pins, and says here what was found and what was not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from assets.images.contents import Contents
from assets.images.coverage import Coverage, revoked_text
from assets.images.digest import Digest
from assets.images.gaps import gaps
from assets.images.history import HistoryStep
from assets.images.repository import Binding, RepositoryState
from assets.images.tag import Tag, tag_key
from assets.images.voucher import Voucher
from assets.images.word import Ruling, Word, Words
from wallet.errors import EncodingError
from wallet.hashes import Txid


class Verdict(IntEnum):
    """What `verify` answers, by its exit code."""

    VERIFIED = 0
    UNPINNED = 10
    SUPERSEDED = 11
    REVOKED = 12
    MISMATCH = 13
    UNRELEASED = 14
    PENDING = 15
    FROZEN = 16
    PIN_CHANGED = 17
    NEW_OWNER = 18
    UNDECIDED = 19
    UNAVAILABLE = 20
    NO_ASSET = 21

    @property
    def word(self) -> str:
        """As `--allow` has it: `NEW_OWNER` is `new-owner`."""
        return self.name.lower().replace("_", "-")


PRECEDENCE = (
    Verdict.REVOKED,
    Verdict.UNAVAILABLE,
    Verdict.UNDECIDED,
    Verdict.NO_ASSET,
    Verdict.PIN_CHANGED,
    Verdict.MISMATCH,
    Verdict.SUPERSEDED,
    Verdict.UNRELEASED,
    Verdict.PENDING,
    Verdict.NEW_OWNER,
    Verdict.FROZEN,
    Verdict.UNPINNED,
    Verdict.VERIFIED,
)
"""The first that applies is the answer."""

ALLOWABLE = frozenset({Verdict.PENDING, Verdict.SUPERSEDED, Verdict.NEW_OWNER, Verdict.FROZEN, Verdict.UNPINNED})
"""What a person may decide to accept. The others never lead to exit 0."""

_WORDS: Mapping[Word, Verdict] = {
    Word.PENDING: Verdict.PENDING,
    Word.SUPERSEDED: Verdict.SUPERSEDED,
    Word.MISMATCH: Verdict.MISMATCH,
}

_NAMED_TAGS = 3
"""How many other tags of a digest are named where it was never released under the one in question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One verdict that applies, why in plain words, and where on the chain (None in the mempool, or nowhere)."""

    verdict: Verdict
    reason: str
    txid: Txid | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What was found around the chain's records, or could not be.

    `vouchers` vouch for the genesis in question; every one of them must accept the owner. `disagreements` are reasons
    for PIN_CHANGED, `unavailable` for UNAVAILABLE, `undecided` for UNDECIDED (a stale tip, an index behind, a needed
    document that is missing), all in plain words. `lost` is true where the node's coins lack the title though no
    transaction with a marker moved it. `contents` are the documents that were had; what the answer lacks of others
    makes it UNDECIDED (`gaps`).
    """

    vouchers: tuple[Voucher, ...] = ()
    disagreements: tuple[str, ...] = ()
    unavailable: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    lost: bool = False
    contents: Contents = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict, every finding by precedence, and those that the caller allowed."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    allowed: tuple[Finding, ...]
    ruling: Ruling | None

    @property
    def exit_code(self) -> int:
        """0 only where the image may be run."""
        return int(self.verdict)

    @property
    def binding(self) -> Binding | None:
        """The record's binding that the word rests on."""
        return self.ruling.binding if self.ruling is not None else None


def parse_allowed(text: str) -> frozenset[Verdict]:
    """The verdicts of `--allow`, joined by commas. Raises EncodingError for one that cannot be allowed."""
    known = {verdict.word: verdict for verdict in PRECEDENCE if verdict in ALLOWABLE}
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word not in known:
            raise EncodingError(f"{word[:40]!a} cannot be allowed", hint=f"one or more of {', '.join(known)}")
    return frozenset(known[word] for word in words)


def judge(
    *,
    state: RepositoryState | None,
    tag: Tag | None,
    digest: Digest | None,
    circumstances: Circumstances,
    allow: frozenset[Verdict] = frozenset(),
) -> Judgement:
    """The verdict on a digest under a tag, or without one under any tag.

    `state` is None where nothing speaks for the name, or nothing could be read. `digest` is None only where the
    registry could not say it; then the circumstances hold the reason.
    """
    findings = _about_surroundings(state, digest, circumstances)
    ruling: Ruling | None = None
    if state is not None:
        findings += _about_repository(state, circumstances)
    if state is not None and digest is not None:
        words = Words(Coverage(state, circumstances.contents), None if tag is None else tag_key(tag))
        rulings = _best_first(words.rule(digest), circumstances.vouchers)
        ruling = rulings[0]
        findings += _about_coverage(words, digest, ruling)
        findings += _about_image(state, tag, digest, rulings, circumstances)
    return _decide(findings, allow & ALLOWABLE, ruling)


def _about_surroundings(
    state: RepositoryState | None, digest: Digest | None, circumstances: Circumstances
) -> list[Finding]:
    findings = [
        *(Finding(verdict=Verdict.UNAVAILABLE, reason=reason) for reason in circumstances.unavailable),
        *(Finding(verdict=Verdict.UNDECIDED, reason=reason) for reason in circumstances.undecided),
    ]
    if not findings and state is None:
        findings.append(Finding(verdict=Verdict.NO_ASSET, reason="no asset speaks for this name"))
    elif not findings and digest is None:
        findings.append(Finding(verdict=Verdict.UNDECIDED, reason="the image's digest is not known"))
    return findings + [Finding(verdict=Verdict.PIN_CHANGED, reason=reason) for reason in circumstances.disagreements]


def _decide(findings: Iterable[Finding], allow: frozenset[Verdict], ruling: Ruling | None) -> Judgement:
    ordered = tuple(sorted(findings, key=lambda finding: PRECEDENCE.index(finding.verdict)))
    decisive = [finding for finding in ordered if finding.verdict not in allow]
    return Judgement(
        verdict=decisive[0].verdict if decisive else Verdict.VERIFIED,
        findings=ordered,
        allowed=tuple(finding for finding in ordered if finding.verdict in allow),
        ruling=ruling,
    )


def _about_repository(state: RepositoryState, circumstances: Circumstances) -> list[Finding]:
    findings = []
    if state.undecided is not None:
        reason = "the witness that says who wrote a record is missing or unproven"
        findings.append(_at(Verdict.UNDECIDED, reason, state.undecided))
    if state.frozen and state.lost is not None:
        findings.append(_at(Verdict.FROZEN, "the title is lost: nothing can be released or revoked", state.lost))
    elif circumstances.lost:
        reason = "the title's coin was spent by a transaction that moves no units"
        findings.append(Finding(verdict=Verdict.FROZEN, reason=reason))
    findings += [
        Finding(verdict=Verdict.PIN_CHANGED, reason=f"the {voucher.kind} names another genesis than was judged")
        for voucher in circumstances.vouchers
        if voucher.genesis != state.genesis.txid
    ]
    if not circumstances.vouchers:
        reason = "nobody but the registry vouches for this genesis"
        genesis = state.genesis
        findings.append(
            Finding(verdict=Verdict.UNPINNED, reason=reason, txid=genesis.txid, height=genesis.position.height)
        )
    elif not _all_accept(circumstances.vouchers, (state.owner,)):
        reason = "the title is held by an owner who has not been accepted"
        holding = next(step for step in reversed(state.history) if step.target == state.holder)
        findings.append(_at(Verdict.NEW_OWNER, reason, holding))
    return findings


def _about_coverage(words: Words, digest: Digest, ruling: Ruling) -> list[Finding]:
    """What was revoked, whatever its word, and which documents that could change the answer are missing."""
    revoked = [
        _at(Verdict.REVOKED, revoked_text(words.coverage, digest, revocation), revocation.step)
        for revocation in ruling.revoked
    ]
    return revoked + [Finding(verdict=Verdict.UNDECIDED, reason=gap.reason) for gap in gaps(words, digest)]


def _about_image(
    state: RepositoryState,
    tag: Tag | None,
    digest: Digest,
    rulings: tuple[Ruling, ...],
    circumstances: Circumstances,
) -> list[Finding]:
    ruling = rulings[0]
    findings = []
    if ruling.binding is None:
        reason = _unbound_text(state, tag, digest, frozenset(one.root for one in rulings))
        findings.append(Finding(verdict=Verdict.UNRELEASED, reason=reason))
    elif ruling.word is not Word.CURRENT:
        findings.append(_about_word(ruling, ruling.binding, digest))
    findings += [
        _at(Verdict.NEW_OWNER, "a record that decides was written by an owner who has not been accepted", step)
        for step in ruling.steps
        if circumstances.vouchers and not _all_accept(circumstances.vouchers, (step.author,))
    ]
    return findings


def _about_word(ruling: Ruling, binding: Binding, digest: Digest) -> Finding:
    reasons = {
        Word.PENDING: "released, with too few confirmations",
        Word.SUPERSEDED: f"{_tag_text(binding)} was bound to it, and no longer is",
        Word.MISMATCH: f"the owner bound {_tag_text(binding)} to {binding.digest}, and never to {digest}",
    }
    unsettled = next((step for step in reversed(ruling.steps) if not step.settled), None)
    step = unsettled if ruling.word is Word.PENDING and unsettled is not None else binding.step
    return _at(_WORDS[ruling.word], reasons[ruling.word], step)


def _unbound_text(state: RepositoryState, tag: Tag | None, digest: Digest, roots: frozenset[Digest]) -> str:
    """Why nothing binds the tag, or any tag, to a digest: itself or in one of `roots` it may have other tags."""
    bindings = [one for one in state.bindings if one.digest in roots]
    if not bindings:
        return f"the owner never released {digest}"
    if tag is None or any(one.key == tag_key(tag) for one in bindings):
        return f"the release of {digest} was overtaken by a newer one before it was settled"
    tags = list(dict.fromkeys(str(one.tag or _tag_text(one)) for one in bindings))
    more = f" and {len(tags) - _NAMED_TAGS} more" if len(tags) > _NAMED_TAGS else ""
    return f"the owner released {digest} as {', '.join(tags[:_NAMED_TAGS])}{more}, and never as {tag}"


def _best_first(rulings: tuple[Ruling, ...], vouchers: tuple[Voucher, ...]) -> tuple[Ruling, ...]:
    """The best word first; of one word one that is free of revocations, then one whose authors are accepted."""

    def place(ruling: Ruling) -> tuple[Word, bool, bool]:
        return ruling.word, bool(ruling.revoked), not _all_accept(vouchers, ruling.authors)

    return tuple(sorted(rulings, key=place))


def _all_accept(vouchers: tuple[Voucher, ...], scripts: Iterable[bytes]) -> bool:
    return all(script in voucher.owners for script in scripts for voucher in vouchers)


def _tag_text(binding: Binding) -> str:
    return f"the tag {binding.tag}" if binding.tag is not None else f"the tag with sha256 {binding.key.hex()}"


def _at(verdict: Verdict, reason: str, step: HistoryStep) -> Finding:
    return Finding(verdict=verdict, reason=reason, txid=step.txid, height=step.height)
