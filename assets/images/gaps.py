"""Which documents an answer still lacks, and what it is UNDECIDED for where they cannot be had.

No more is asked for than could change the answer: released lists that could better its word; where REVOKEs of other
digests stand, the image's own documents and those of its sealed forms; lists that a REVOKE without *alone* names, as
long as the answer rests on a binding that is older than it, and where such a one cannot be had, released lists that
could hold the image by a binding that came after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assets.images.contents import MAX_DEPTH, MAX_MANIFESTS
from assets.images.coverage import Coverage
from assets.images.digest import Digest
from assets.images.repository import Binding, Revocation
from assets.images.word import Ruling, Word, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that is not known of a digest: documents that were not read, or none where it is out of bounds.

    `rank` is in which order it is worth reading, the lowest first: a better word makes other documents needless.
    """

    digest: Digest
    reason: str
    unread: tuple[Digest, ...]
    rank: int


def gaps(words: Words, digest: Digest) -> tuple[Gap, ...]:
    """What the answer on a digest lacks, the first to be read first.

    Nothing where a REVOKE surely names it: no document could change that. A part that was named and not read may be a
    list inside of this one, whose REVOKE says nothing of images that were bound anew.
    """
    coverage, rulings = words.coverage, words.rule(digest)
    if coverage.is_named(digest):
        return ()
    found = list(_lists(words, digest, rulings[0]))
    if not rulings[0].revoked or coverage.over(digest).named:
        found += _own(coverage, digest)
    if not rulings[0].revoked:
        doubtful = tuple(_doubtful(coverage, digest, rulings))
        found += _revoked(coverage, doubtful)
        if doubtful:
            found += _younger(words, digest, rulings[0], doubtful)
    return tuple(sorted(found, key=lambda gap: gap.rank))


def unsure(words: Words, digest: Digest) -> tuple[Gap, ...]:
    """Of these, what leaves open whether a revocation covers the answer; lists that could better its word left out."""
    return tuple(gap for gap in gaps(words, digest) if gap.rank > max(Word))


def worth_reading(words: Words) -> tuple[Digest, ...]:
    """Documents that may pair an image with other forms of it: read where they can be had, and missed by nobody.

    Where something was revoked that is known as nothing else, what was released may know it.
    """
    coverage, sealings = words.coverage, words.coverage.state.sealings
    ends = [end for one in sealings for end in (one.plaintext, one.ciphertext)]
    if sealings and coverage.strays():
        ends += coverage.plain()
    return tuple(dict.fromkeys(part for end in dict.fromkeys(ends) for part in coverage.extent(end).unread))


def _lists(words: Words, digest: Digest, best: Ruling) -> Iterator[Gap]:
    """Released lists, and sealed forms of released images, that might hold the digest and better the answer."""
    coverage = words.coverage
    for one in _hidden(words, digest):
        given = [ruling for ruling in words.given(one) if _betters(coverage, ruling, best, digest)]
        if given:
            yield _gap(coverage, one, f"{one} could hold this image, and", min(int(ruling.word) for ruling in given))


def _hidden(words: Words, digest: Digest) -> Iterator[Digest]:
    """Released lists, and sealed forms, that are not known to the end and might hold the digest."""
    coverage = words.coverage
    for one in dict.fromkeys((*words.bound(), *(sealing.ciphertext for sealing in coverage.state.sealings))):
        extent = coverage.extent(one)
        if one != digest and not extent.whole and digest not in extent.held:
            yield one


def _betters(coverage: Coverage, given: Ruling, best: Ruling, digest: Digest) -> bool:
    """Whether a ruling would be better than the best: by its word, or by being free where that one is revoked."""
    if given.giver is None or given.word > best.word:
        return False
    return given.word < best.word or (bool(best.revoked) and not coverage.against(coverage.over(digest), given.giver))


def _own(coverage: Coverage, digest: Digest) -> Iterator[Gap]:
    """The documents of the image itself, where a REVOKE of another digest stands, which might be in it."""
    if all(one.digest == digest for one in coverage.state.revocations):
        return
    strays, originals = coverage.strays(), _originals(coverage, digest)
    for form in sorted(coverage.forms(digest), key=lambda one: one != digest):
        if not coverage.extent(form).whole and (form in originals or strays):
            what = "" if form == digest else f"of {form}, another form of it,"
            yield _gap(coverage, form, f"the owner revoked other digests, and to see whether it holds one {what}", 10)
    inside = {digest, *coverage.extent(digest).held}
    for pair in coverage.stalled:
        plain, sealed = pair.plaintext, pair.ciphertext
        if plain not in coverage.contents and _meets(coverage, sealed, inside):
            yield _gap(coverage, plain, f"{plain} is the original of {sealed}, in one image with this, and", 10)
        elif sealed not in coverage.contents and strays and _meets(coverage, plain, inside):
            yield _gap(coverage, sealed, f"{sealed} is the sealed form of {plain}, in one image with this, and", 10)


def _meets(coverage: Coverage, digest: Digest, inside: set[Digest]) -> bool:
    return digest in inside or not inside.isdisjoint(coverage.extent(digest).held)


_Doubt = tuple[Revocation, Digest]
"""A REVOKE, and a document that might be a list, by which it would cover the image."""


def _doubtful(coverage: Coverage, digest: Digest, rulings: tuple[Ruling, ...]) -> Iterator[_Doubt]:
    """Revoked documents that might be lists over the image, where no binding that gives the word came after them."""
    newest = _newest(coverage, rulings)
    for one in coverage.state.revocations:
        if one.alone or one.digest == digest or not coverage.is_older(newest, one):
            continue
        for form in dict.fromkeys((one.digest, *(plain for plain, _ in coverage.originals(one.digest)))):
            if not coverage.extent(form).whole:
                yield one, form


def _revoked(coverage: Coverage, doubtful: tuple[_Doubt, ...]) -> Iterator[Gap]:
    for one, form in doubtful:
        could = f"the owner revoked {one.digest}, which could be a list that holds this image, and"
        gap = _gap(coverage, form, could, 11)
        yield replace(gap, reason=f"{gap.reason}; a new release of this image would settle it")


def _younger(words: Words, digest: Digest, best: Ruling, doubtful: tuple[_Doubt, ...]) -> Iterator[Gap]:
    """Released lists that might give the image the same word by a binding that came after all that is in doubt."""
    coverage, (newest, _) = words.coverage, doubtful[-1]
    for one in _hidden(words, digest):
        givers = [ruling.giver for ruling in words.given(one) if ruling.word is best.word]
        if any(giver is not None and not coverage.is_older(giver, newest) for giver in givers):
            yield _gap(coverage, one, f"{one} could hold this image by a newer release, and", 12)


def _newest(coverage: Coverage, rulings: tuple[Ruling, ...]) -> Binding | None:
    """The newest binding that gives the best word and is free so far."""
    free = [one.giver for one in rulings if one.word is rulings[0].word and not one.revoked and one.giver is not None]
    return max(free, key=coverage.place_of, default=None)


def _originals(coverage: Coverage, digest: Digest) -> frozenset[Digest]:
    """A digest, and what it is the sealed form of."""
    return frozenset({digest, *(plain for plain, _ in coverage.originals(digest))})


def _gap(coverage: Coverage, digest: Digest, reason: str, rank: int) -> Gap:
    extent = coverage.extent(digest)
    if not extent.unread:
        bounds = f"lists more than {MAX_DEPTH} deep, or more than {MAX_MANIFESTS} manifests, are not followed"
        return Gap(digest=digest, reason=f"{reason} {bounds}", unread=(), rank=rank)
    missing = "its manifest" if extent.unread == (digest,) else f"the manifest {extent.unread[0]}"
    return Gap(digest=digest, reason=f"{reason} {missing} could not be read", unread=extent.unread, rank=rank)
