"""The word for a digest under a tag: current, pending, superseded, mismatch or unreleased.

A digest may stand for itself, be a platform's manifest inside indexes, or be the sealed form of another. Each way
from the digest to something the owner bound is judged alone, and the best word counts. It is revoked unless one of the
bindings that give the best word is free of every revocation.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

from bitcoin.core.script import CScript

from assets.images.coverage import Coverage
from assets.images.digest import Digest
from assets.images.history import HistoryStep
from assets.images.repository import Binding, RepositoryState, Revocation
from assets.images.tag import TagKey


class Word(IntEnum):
    """What the owner's records say of a digest under a tag, the best first."""

    CURRENT = 0
    PENDING = 1
    SUPERSEDED = 2
    MISMATCH = 3
    UNRELEASED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A word, the bound digest that it was found by, and the steps that it rests on.

    `steps` hold the record that decides the binding, and the SEAL where one lies between; each author must be an
    accepted owner. `binding` is the one that decides: for MISMATCH the tag's present one, which binds another digest.
    `revoked` are the revocations that an answer by this is not free of.
    """

    word: Word
    root: Digest
    binding: Binding | None
    steps: tuple[HistoryStep, ...]
    revoked: tuple[Revocation, ...] = ()

    @property
    def authors(self) -> tuple[CScript, ...]:
        """The scripts that signed what this rests on."""
        return tuple(step.author for step in self.steps)

    @property
    def giver(self) -> Binding | None:
        """The binding that gives the word to the digest; None where none does."""
        return self.binding if self.word < Word.MISMATCH else None


@dataclass(frozen=True, slots=True)
class _Path:
    """From the digest in question to one that might be bound, over indexes and at most one seal.

    `foot` is what the indexes hold: the digest, or behind the seal its plaintext.
    """

    root: Digest
    foot: Digest
    seal: HistoryStep | None = None


class Words:
    """The words of a repository's digests under one tag, or without one under any."""

    def __init__(self, coverage: Coverage, key: TagKey | None) -> None:
        self.coverage = coverage
        self._bound = _bound_words(coverage.state, key)
        self._rulings: dict[Digest, tuple[Ruling, ...]] = {}
        self._current = None if key is None else coverage.state.current(key)

    def bound(self) -> tuple[Digest, ...]:
        """Every digest that a binding gives a word to."""
        return tuple(self._bound)

    def rule(self, digest: Digest) -> tuple[Ruling, ...]:
        """Every ruling on a digest, the best word first, of one word those first that are free; at least one.

        Where the first is revoked, so is the answer.
        """
        if digest not in self._rulings:
            covered = self.coverage.over(digest)
            rulings = [
                replace(ruling, revoked=self.coverage.against(covered, ruling.giver)) for ruling in self.given(digest)
            ]
            ordered = sorted(rulings, key=lambda ruling: (ruling.word, bool(ruling.revoked)))
            self._rulings[digest] = tuple(ordered)
        return self._rulings[digest]

    def given(self, digest: Digest) -> tuple[Ruling, ...]:
        """The rulings that a digest has, and gives to whatever it holds, revocations left out."""
        return tuple(
            _sealed(found, path.seal)
            for path in _paths(self.coverage, digest)
            for found in self._bound.get(path.root) or (_unbound(path.root, self._current),)
        )


def _paths(coverage: Coverage, digest: Digest) -> tuple[_Path, ...]:
    """Upwards from a digest: the indexes that hold it, and what it, or a list that holds it, is the sealed form of.

    A sealed form of a sealed form stands for nothing, so one seal ends the search for more. What lies deeper in an
    index than is followed is not in it.
    """
    waiting = [_Path(digest, digest)]
    found: dict[_Path, None] = {}
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = None
        above = (index for index in coverage.holders(path.root) if path.foot in coverage.extent(index).held)
        waiting += [_Path(index, path.foot, path.seal) for index in above]
        if path.seal is None:
            waiting += [_Path(plain, plain, sealing.step) for plain, sealing in coverage.originals(path.root)]
    return tuple(found)


def _bound_words(state: RepositoryState, key: TagKey | None) -> dict[Digest, list[Ruling]]:
    """Each bound digest by itself, one ruling for each of its tags, in the order in which the rules ask."""
    bindings = [one for one in state.bindings if key in (None, one.key)]
    current = {one.key: one for one in bindings if one.settled}
    pending = {one.key: one for one in bindings if not one.settled}
    found: dict[Digest, dict[TagKey, Ruling]] = {}
    for one in bindings:
        now, following = current.get(one.key), pending.get(one.key)
        if now is not None and now.digest == one.digest:
            ruling = _bound(Word.CURRENT, now)
        elif following is not None and following.digest == one.digest:
            ruling = _bound(Word.PENDING, following)
        elif one.settled:
            ruling = _bound(Word.SUPERSEDED, one)
        else:
            continue
        found.setdefault(one.digest, {})[one.key] = ruling
    return {digest: list(by_tag.values()) for digest, by_tag in found.items()}


def _unbound(digest: Digest, current: Binding | None) -> Ruling:
    """The ruling on a digest that was never bound to the tag, where `current` is what the tag is settled on."""
    word = Word.UNRELEASED if current is None else Word.MISMATCH
    return Ruling(word=word, root=digest, binding=current, steps=() if current is None else (current.step,))


def _bound(word: Word, binding: Binding) -> Ruling:
    return Ruling(word=word, root=binding.digest, binding=binding, steps=(binding.step,))


def _sealed(ruling: Ruling, seal: HistoryStep | None) -> Ruling:
    """A ruling on a plaintext, for its sealed form: pending as long as the SEAL is, never better than the plaintext."""
    if seal is None:
        return ruling
    waiting = not seal.settled and ruling.word is Word.CURRENT
    return replace(ruling, word=Word.PENDING if waiting else ruling.word, steps=(*ruling.steps, seal))
