"""Which digests are one image in two forms: what the SEALs of a repository pair, entry by entry."""

from collections.abc import Iterable
from typing import NamedTuple

from tests.judge.simple_documents import Documents, held_by


class Whole(NamedTuple):
    """The two wholes of a SEAL, and every digest that is known to be a part of either."""

    plaintext: str
    ciphertext: str
    parts: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Wholes and parts."""
        return self.parts | {self.plaintext, self.ciphertext}


class Pairing:
    """Digests that are alike, the SEALs whose lists do not fit together, and those that nobody can compare."""

    def __init__(self, seals: Iterable[tuple[str, str]], documents: Documents) -> None:
        self._parent: dict[str, str] = {}
        self._documents = documents
        self.unfit: list[Whole] = []
        self.unknown: list[Whole] = []
        for plaintext, ciphertext in seals:
            self._add(plaintext, ciphertext)

    def same(self, digest: str) -> str:
        """One name for all that are alike."""
        while digest in self._parent:
            digest = self._parent[digest]
        return digest

    def alike(self, digest: str) -> set[str]:
        """The digest and whatever is alike."""
        name = self.same(digest)
        return {digest, name} | {one for one in self._parent if self.same(one) == name}

    def _add(self, plaintext: str, ciphertext: str) -> None:
        held = held_by(plaintext, self._documents), held_by(ciphertext, self._documents)
        whole = Whole(plaintext, ciphertext, held[0].digests | held[1].digests)
        self._join(plaintext, ciphertext)
        pairs: list[tuple[str, str]] = []
        if not self._match(plaintext, ciphertext, pairs, depth=0):
            self.unfit.append(whole)
            pairs = []
        elif not (held[0].whole and held[1].whole):
            self.unknown.append(whole)
        for one, other in pairs:
            self._join(one, other)

    def _match(self, one: str, other: str, pairs: list[tuple[str, str]], depth: int) -> bool:
        """Whether all that is known of two documents has one shape; collects what stands in the same place."""
        if one not in self._documents or other not in self._documents or depth > 4:
            return True
        left, right = self._documents[one], self._documents[other]
        if left is None or right is None:
            return left is right
        if len(left) != len(right):
            return False
        pairs += zip(left, right, strict=True)
        return all(self._match(*pair, pairs, depth + 1) for pair in zip(left, right, strict=True))

    def _join(self, one: str, other: str) -> None:
        one, other = self.same(one), self.same(other)
        if one != other:
            self._parent[one] = other
