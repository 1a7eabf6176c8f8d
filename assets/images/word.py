"""The word for a digest under a tag: current, pending, superseded, mismatch or unreleased.

A digest may stand for itself, be a platform's manifest inside indexes, or be the sealed form of another. Each way
from the digest to something the owner bound is judged alone, and the best word counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from bitcoin.core.script import CScript

from assets.images.digest import Digest
from assets.images.history import HistoryStep
from assets.images.repository import Binding, RepositoryState, Revocation
from assets.images.tag import TagKey

Contents = Mapping[Digest, tuple[Digest, ...]]
"""The manifests that each index holds, from manifests whose bytes were checked against their digests."""


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
    accepted owner. `binding` is the one that decides: for MISMATCH the tag's present one.
    """

    word: Word
    root: Digest
    binding: Binding | None
    steps: tuple[HistoryStep, ...]

    @property
    def authors(self) -> tuple[CScript, ...]:
        """The scripts that signed what this rests on."""
        return tuple(step.author for step in self.steps)


@dataclass(frozen=True, slots=True)
class _Path:
    """From the digest in question to one that might be bound, over indexes and at most one seal."""

    root: Digest
    seal: HistoryStep | None = None


def rule(state: RepositoryState, key: TagKey | None, digest: Digest, contents: Contents) -> tuple[Ruling, ...]:
    """Every ruling on a digest, the best word first; at least one. Without a tag, over all tags."""
    rulings = [
        _sealed(found, path.seal)
        for path in _paths(state, digest, contents)
        for found in _rulings_of(state, key, path.root)
    ]
    return tuple(sorted(rulings, key=lambda ruling: ruling.word))


def revocations_of(state: RepositoryState, digest: Digest, contents: Contents) -> tuple[Revocation, ...]:
    """Every standing revocation that covers a digest: its own, an index's that holds it, its plaintext's.

    Followed however far indexes and seals go, and whoever wrote the SEAL.
    """
    covering: dict[Digest, None] = {}
    waiting = [digest]
    while waiting:
        one = waiting.pop()
        if one not in covering:
            covering[one] = None
            waiting += _holders(one, contents)
            waiting += [sealing.plaintext for sealing in state.sealings if sealing.ciphertext == one]
    return tuple(revocation for revocation in state.revocations if revocation.digest in covering)


def could_hold(state: RepositoryState, key: TagKey | None, digest: Digest) -> tuple[Digest, ...]:
    """The digests whose manifests must be read before a digest can be judged, since they could be indexes over it.

    For a digest that is itself current, or the sealed form of one that is, the released ones that are revoked, since a
    REVOKE of an index covers its children; for any other, every one that was released. Sealed forms of these as well.
    Where one is an index of indexes, those have to be read too.
    """
    wanted = state.released()
    if is_current(state, key, digest):
        revoked = {revocation.digest for revocation in state.revocations}
        wanted = tuple(one for one in wanted if one in revoked)
    sealed = [seal.ciphertext for seal in state.sealings if seal.plaintext in wanted]
    return tuple(one for one in dict.fromkeys((*wanted, *sealed)) if one != digest)


def might_hold(state: RepositoryState, digest: Digest) -> tuple[Digest, ...]:
    """Digests that are worth reading where they can be had: revoked or sealed, but never released.

    A digest in a record need not exist anywhere, so one of these that cannot be had decides nothing.
    """
    named = [revocation.digest for revocation in state.revocations]
    named += [one for seal in state.sealings for one in (seal.plaintext, seal.ciphertext)]
    released = state.released()
    return tuple(one for one in dict.fromkeys(named) if one != digest and one not in released)


def is_current(state: RepositoryState, key: TagKey | None, digest: Digest) -> bool:
    """Whether a digest, or what it is the settled sealed form of, is what the tag, or any tag without one, stands for.

    No other way to the digest could have a better word.
    """
    bindings = state.tags() if key is None else (state.current(key),)
    plain = {sealing.plaintext for sealing in state.sealings if sealing.ciphertext == digest and sealing.step.settled}
    return any(binding is not None and binding.digest in {digest, *plain} for binding in bindings)


def _holders(digest: Digest, contents: Contents) -> list[Digest]:
    return [index for index, held in contents.items() if digest in held]


def _paths(state: RepositoryState, digest: Digest, contents: Contents) -> tuple[_Path, ...]:
    """Upwards from a digest: the indexes that hold it, and the plaintext of a sealed form.

    A sealed form of a sealed form stands for nothing, so one seal ends the search for more.
    """
    waiting = [_Path(digest)]
    found: dict[_Path, None] = {}
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = None
        waiting += [_Path(index, path.seal) for index in _holders(path.root, contents)]
        if path.seal is None:
            waiting += [_Path(one.plaintext, one.step) for one in state.sealings if one.ciphertext == path.root]
    return tuple(found)


def _rulings_of(state: RepositoryState, key: TagKey | None, digest: Digest) -> tuple[Ruling, ...]:
    if key is not None:
        return (_own_ruling(state, key, digest),)
    keys = state.keys_of(digest)
    rulings = tuple(_own_ruling(state, one, digest) for one in keys)
    return tuple(ruling for ruling in rulings if ruling.word < Word.MISMATCH) or (_unreleased(digest),)


def _own_ruling(state: RepositoryState, key: TagKey, digest: Digest) -> Ruling:
    """A digest by itself under one tag, in the order in which the rules ask."""
    current, pending = state.current(key), state.pending(key)
    if current is not None and current.digest == digest:
        return _bound(Word.CURRENT, digest, current)
    if pending is not None and pending.digest == digest:
        return _bound(Word.PENDING, digest, pending)
    before = state.was_settled(key, digest)
    if before is not None:
        return _bound(Word.SUPERSEDED, digest, before)
    if current is not None:
        return Ruling(word=Word.MISMATCH, root=digest, binding=current, steps=(current.step,))
    return _unreleased(digest)


def _bound(word: Word, digest: Digest, binding: Binding) -> Ruling:
    return Ruling(word=word, root=digest, binding=binding, steps=(binding.step,))


def _unreleased(digest: Digest) -> Ruling:
    return Ruling(word=Word.UNRELEASED, root=digest, binding=None, steps=())


def _sealed(ruling: Ruling, seal: HistoryStep | None) -> Ruling:
    """A ruling on a plaintext, for its sealed form: pending as long as the SEAL is, never better than the plaintext."""
    if seal is None:
        return ruling
    waiting = not seal.settled and ruling.word is Word.CURRENT
    word = Word.PENDING if waiting else ruling.word
    return Ruling(word=word, root=ruling.root, binding=ruling.binding, steps=(*ruling.steps, seal))
