"""What a REVOKE covers. The one place that knows; whoever hands out or shows an image asks here.

A digest is *named* if a REVOKE has it. It is *reached* if a REVOKE without *alone* names a list that holds it, and the
binding that the answer rests on is older than that REVOKE. An image is revoked if named or reached; a list if it, or an
image that it holds, is. So a revocation goes down, then up, and no further: a list that is revoked only for what it
holds says nothing of its other images.

All this holds for a plaintext and its sealed form alike: the two lists of a SEAL pair their entries by position, list
within list. Where length or shape differ, a REVOKE of any part is one of both wholes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assets.images.contents import Contents, Extent, extent
from assets.images.digest import Digest
from assets.images.repository import Binding, RepositoryState, Revocation, Sealing


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """The revocations that have a digest or a part of it: by name, whatever binds it, or by what they hold.

    Those that reach it say nothing of a binding that came after them.
    """

    named: tuple[Revocation, ...]
    reaching: tuple[Revocation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalled:
    """Two entries of a SEAL's lists that stand in one place, and of which one at least was not read."""

    plaintext: Digest
    ciphertext: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Odd:
    """The plaintext and the ciphertext of a SEAL that are not built alike, and what each holds."""

    sides: tuple[Digest, Digest]
    parts: tuple[frozenset[Digest], frozenset[Digest]]

    def touches(self, digests: frozenset[Digest]) -> bool:
        """Whether one of these is a part of either side."""
        return any(not digests.isdisjoint(side) for side in self.parts)

    def across(self, digests: frozenset[Digest]) -> frozenset[Digest]:
        """What the other side holds of the side that has one of these as a part."""
        plain, sealed = self.parts
        return (sealed if digests & plain else frozenset()) | (plain if digests & sealed else frozenset())


class Coverage:
    """The standing revocations of a repository over images whose documents are known as far as `contents` says."""

    def __init__(self, state: RepositoryState, contents: Contents) -> None:
        self.state = state
        self.contents = contents
        self.stalled: list[Stalled] = []
        self._order = {step.txid: number for number, step in enumerate(state.history)}
        self._extents: dict[Digest, Extent] = {}
        self._covered: dict[Digest, Covered] = {}
        self._holders: dict[Digest, list[Digest]] | None = None
        self._strays: bool | None = None
        self._sealings: defaultdict[Digest, dict[tuple[Digest, int], Sealing]] = defaultdict(dict)
        self._pairs: defaultdict[Digest, set[Digest]] = defaultdict(set)
        self._odd: list[_Odd] = []
        for number, sealing in enumerate(state.sealings):
            self._pair(sealing, number)
        self._named: defaultdict[Digest, list[Revocation]] = defaultdict(list)
        self._reached: defaultdict[Digest, list[Revocation]] = defaultdict(list)
        for revocation in state.revocations:
            self._apply(revocation)

    def extent(self, digest: Digest) -> Extent:
        """What a digest holds."""
        if digest not in self._extents:
            self._extents[digest] = extent(self.contents, digest)
        return self._extents[digest]

    def holders(self, digest: Digest) -> tuple[Digest, ...]:
        """The released lists, and sealed forms, that hold a digest within bounds."""
        if self._holders is None:
            roots = (*self.state.released(), *(one.ciphertext for one in self.state.sealings))
            self._holders = {}
            for root in dict.fromkeys(roots):
                for part in self.extent(root).held:
                    self._holders.setdefault(part, []).append(root)
        return tuple(self._holders.get(digest, ()))

    def plain(self) -> tuple[Digest, ...]:
        """What was released and is no sealed form, and the originals of sealed forms."""
        sealed = {one.ciphertext for one in self.state.sealings}
        released = (one for one in self.state.released() if one not in sealed)
        return tuple(dict.fromkeys((*released, *(one.plaintext for one in self.state.sealings))))

    def strays(self) -> bool:
        """Whether a digest was revoked that is known as nothing else: it might be a part of an unread sealed form."""
        if self._strays is None:
            revoked = {one.digest for one in self.state.revocations} - self._sealings.keys()
            plain = self.plain() if revoked else ()
            self._strays = bool(revoked.difference(plain, *(self.extent(one).held for one in plain)))
        return self._strays

    def originals(self, digest: Digest) -> tuple[tuple[Digest, Sealing], ...]:
        """What a digest is the sealed form of, by itself or as a part of a sealed list."""
        return tuple((plain, sealing) for (plain, _), sealing in self._sealings.get(digest, {}).items())

    def forms(self, digest: Digest) -> frozenset[Digest]:
        """A digest, what it is the sealed form of, and its sealed forms."""
        return self._closed((digest,))

    def over(self, digest: Digest) -> Covered:
        """The revocations that matter to a digest: for a list, those of the images that it holds, too."""
        if digest not in self._covered:
            parts = set(self.forms(digest))
            for form in tuple(parts):
                parts |= self.extent(form).images
            self._covered[digest] = Covered(
                named=self._among(self._named, parts), reaching=self._among(self._reached, parts)
            )
        return self._covered[digest]

    def is_named(self, digest: Digest) -> bool:
        """Whether a REVOKE names a digest, another form of it, or an image in it that was read: no list, that is."""
        forms = self.forms(digest)
        read = {one for form in forms for one in self.extent(form).images if one in self.contents}
        return any(one in self._named for one in forms | read)

    def against(self, covered: Covered, binding: Binding | None) -> tuple[Revocation, ...]:
        """Of these revocations, those that an answer by a binding is not free of. Without a binding, all of them."""
        return covered.named + tuple(one for one in covered.reaching if self.is_older(binding, one))

    def is_older(self, binding: Binding | None, revocation: Revocation) -> bool:
        """Whether a binding stands before a REVOKE; no binding counts as one that does.

        All records of a title follow one another, in the mempool too.
        """
        return binding is None or self.place_of(binding) < self._order[revocation.step.txid]

    def place_of(self, binding: Binding) -> int:
        """Where a binding stands among the records, counted from the genesis."""
        return self._order[binding.step.txid]

    def _among(self, found: dict[Digest, list[Revocation]], parts: Iterable[Digest]) -> tuple[Revocation, ...]:
        if not found:
            return ()
        revocations = {one.step.txid: one for part in parts for one in found.get(part, ())}
        return tuple(sorted(revocations.values(), key=lambda one: self._order[one.step.txid]))

    def _apply(self, revocation: Revocation) -> None:
        named = self._wholes(self._closed((revocation.digest,)))
        for one in named:
            self._named[one].append(revocation)
        reached = frozenset[Digest]() if revocation.alone else self._inside(self._parts(named))
        reached |= self._inside(part for odd in self._odd for part in odd.across(named | reached))
        for one in reached:
            self._reached[one].append(revocation)

    def _parts(self, digests: Iterable[Digest]) -> Iterator[Digest]:
        return (part for one in digests for part in self.contents.get(one, ()))

    def _inside(self, digests: Iterable[Digest]) -> frozenset[Digest]:
        """These with their other forms and all that either holds."""
        found: set[Digest] = set()
        waiting = list(digests)
        while waiting:
            fresh = self._closed((waiting.pop(),)) - found
            found |= fresh
            waiting += self._parts(fresh)
        return frozenset(found)

    def _pair(self, sealing: Sealing, number: int) -> None:
        """Pairs the two sides of a SEAL, entry by entry, as far as they are known and built alike."""
        alike = True
        seen: set[tuple[Digest, Digest]] = set()
        waiting = [(sealing.plaintext, sealing.ciphertext)]
        while waiting:
            plain, sealed = waiting.pop()
            if (plain, sealed) in seen:
                continue
            seen.add((plain, sealed))
            self._pairs[plain].add(sealed)
            self._pairs[sealed].add(plain)
            self._sealings[sealed].setdefault((plain, number), sealing)
            inside, outside = self.contents.get(plain), self.contents.get(sealed)
            if inside is None or outside is None:
                self.stalled.append(Stalled(plaintext=plain, ciphertext=sealed))
            elif len(inside) == len(outside):
                waiting += zip(inside, outside, strict=True)
            else:
                alike = False
        if not alike:
            sides = sealing.plaintext, sealing.ciphertext
            self._odd.append(_Odd(sides=sides, parts=(self.extent(sides[0]).held, self.extent(sides[1]).held)))

    def _closed(self, digests: Iterable[Digest]) -> frozenset[Digest]:
        """These digests with their other forms."""
        found = set(digests)
        waiting = list(found)
        while waiting:
            fresh = self._pairs.get(waiting.pop(), set()) - found
            found |= fresh
            waiting += fresh
        return frozenset(found)

    def _wholes(self, named: frozenset[Digest]) -> frozenset[Digest]:
        """With each part of two sides that are not built alike, both sides."""
        while True:
            sides = [odd.sides for odd in self._odd if odd.touches(named) and not named.issuperset(odd.sides)]
            if not sides:
                return named
            named = self._closed(named.union(*sides))


def revoked_text(coverage: Coverage, digest: Digest, revocation: Revocation) -> str:
    """Why a revocation matters to a digest, in words."""
    told = f"the owner revoked {revocation.digest}: {revocation.reason_text}"
    if revocation.digest == digest:
        return told
    if revocation.digest in coverage.forms(digest):
        return f"{told}; it is another form of this image"
    if any(revocation in coverage.over(form).named for form in coverage.extent(digest).images):
        return f"{told}; it is in this image"
    return f"{told}; what it holds is revoked with it, and this image was not released anew since"
