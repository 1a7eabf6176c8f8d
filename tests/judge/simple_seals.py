"""Which digests are one image in two forms: what the SEALs of a repository pair, entry by entry."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.judge.simple_documents import MOST_LEVELS, Documents, held_by


class Seal(NamedTuple):
    """A SEAL with what is known to be in its two wholes; `order` is its place in the lineage."""

    plaintext: str
    ciphertext: str
    settled: bool
    inside: tuple[frozenset[str], frozenset[str]]

    def across(self, names: set[str]) -> Iterator[frozenset[str]]:
        """For each side that has one of these digests as a part: what is in the other."""
        for one, other in (self.inside, self.inside[::-1]):
            if one & names:
                yield other


class Pairing:
    """Digests that are alike, and the SEALs whose sides do not fit.

    `originals` are the plaintexts of each sealed digest, with whether the SEAL is settled. `stalled` are pairs of a
    plaintext and a sealed form of which one cannot be read, so that nobody knows how their entries pair.
    """

    def __init__(self, seals: Iterable[tuple[str, str, bool]], documents: Documents) -> None:
        self._parent: dict[str, str] = {}
        self._documents = documents
        self.originals: dict[str, list[tuple[str, bool]]] = {}
        self.unfit: list[Seal] = []
        self.stalled: list[tuple[str, str]] = []
        for plaintext, ciphertext, settled in seals:
            self._add(plaintext, ciphertext, settled=settled)

    def same(self, digest: str) -> str:
        """One name for all that are alike."""
        while digest in self._parent:
            digest = self._parent[digest]
        return digest

    def alike(self, digest: str) -> set[str]:
        """The digest and whatever is alike."""
        name = self.same(digest)
        return {digest, name} | {one for one in self._parent if self.same(one) == name}

    def _add(self, plaintext: str, ciphertext: str, *, settled: bool) -> None:
        held = held_by(plaintext, self._documents), held_by(ciphertext, self._documents)
        seal = Seal(plaintext, ciphertext, settled, (held[0].digests, held[1].digests))
        pairs = [(plaintext, ciphertext)]
        if not self._match(plaintext, ciphertext, pairs, depth=0):
            self.unfit.append(seal)
        for plain, sealed in pairs:
            self.originals.setdefault(sealed, []).append((plain, settled))
            one, other = self.same(plain), self.same(sealed)
            if one != other:
                self._parent[one] = other

    def _match(self, one: str, other: str, pairs: list[tuple[str, str]], depth: int) -> bool:
        """Whether all that is known of two documents has one shape; collects what stands in the same place."""
        if one not in self._documents or other not in self._documents or depth > MOST_LEVELS:
            self.stalled.append((one, other))
            return True
        left, right = self._documents[one], self._documents[other]
        if left is None or right is None:
            return left is right
        if len(left) != len(right):
            return False
        pairs += zip(left, right, strict=True)
        return all([self._match(*pair, pairs, depth + 1) for pair in zip(left, right, strict=True)])  # noqa: C419
