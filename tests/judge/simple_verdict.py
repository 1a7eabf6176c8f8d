"""What a repository's records say of a digest: its best word, and whether anything revokes it.

Read from the text about tags, revocation, lists and seals alone; the words are those of the table of verdicts. No
slots and no attestations: those kinds are ignored.
"""

from collections.abc import Iterable
from typing import NamedTuple

from tests.judge.simple_coloring import Entry, Repository
from tests.judge.simple_documents import Documents, Held, held_by
from tests.judge.simple_seals import Pairing

WORDS = ("current", "pending", "superseded", "mismatch", "unreleased")
"""Best first. The last two have no binding, and one question knows only one of them."""


class Bound(NamedTuple):
    """A record that binds one tag; `order` is its place in the lineage."""

    order: int
    digest: str
    settled: bool
    txid: str


class Named(NamedTuple):
    """A REVOKE with all that it counts for: what is alike, and what that holds if it is not *alone*.

    `whole` is False where it may hold more than is known.
    """

    order: int
    txid: str
    names: frozenset[str]
    reaches: frozenset[str]
    whole: bool
    beyond: bool


class Answer(NamedTuple):
    """`rests_on` has the txids of the bindings with the best word, and of the REVOKEs that hit.

    `beyond`: the digest, or what a REVOKE names, is a list that is out of bounds; whoever follows it further may call
    REVOKED what is UNDECIDED here.
    """

    word: str
    revoked: bool
    undecided: bool
    frozen: bool
    rests_on: tuple[str, ...]
    beyond: bool

    @property
    def verdict(self) -> str:
        """The first that applies, for somebody who has a voucher."""
        if self.revoked:
            return "revoked"
        if self.undecided:
            return "undecided"
        if self.word != "current":
            return self.word
        return "frozen" if self.frozen else "verified"


class Verdicts:
    """Answers about one repository, as somebody sees it who can read these documents and no others."""

    def __init__(self, repository: Repository, documents: Documents, settled_height: int) -> None:
        self._documents = documents
        self._held: dict[str, Held] = {}
        self._frozen = repository.frozen and repository.lost_at is not None
        self._unproven = any(entry.unproven for entry in repository.history)
        self._bounds: dict[str, list[Bound]] = {}
        seals: list[tuple[str, str, bool]] = []
        revocations: list[tuple[int, Entry]] = []
        for order, entry in enumerate(repository.history):
            if not entry.counts or entry.record is None:
                continue
            settled = entry.height is not None and entry.height <= settled_height
            if entry.record.kind in ("RELEASE", "FINAL"):
                for tag in entry.record.tags:
                    if tag not in entry.violated:
                        bound = Bound(order, entry.record.digest, settled, entry.txid)
                        self._bounds.setdefault(tag, []).append(bound)
            elif entry.record.kind == "SEAL":
                seals.append((entry.record.digest, entry.record.other, settled))
            elif entry.record.kind == "REVOKE":
                revocations.append((order, entry))
        self._pairing = Pairing(seals, documents)
        self._named = [self._name(order, entry) for order, entry in revocations]
        released = {bound.digest for bounds in self._bounds.values() for bound in bounds}
        plain = (released - {ciphertext for _, ciphertext, _ in seals}) | {plaintext for plaintext, _, _ in seals}
        known = plain.union(*(self._holds(one).digests for one in plain), self._pairing.originals)
        self._strays = {entry.record.digest for _, entry in revocations if entry.record is not None} - known
        self._roots = released | {ciphertext for _, ciphertext, _ in seals}

    def answer(self, tag: str | None, digest: str) -> Answer:
        """`tag` is the sha256 of the tag in hex, or None for whatever tag; `digest` is hex too."""
        word, bindings = self._best(tag, digest)
        better = self._could_be_better(tag, digest, word)
        judged = [self._judge(digest, bound) for bound in bindings] or [self._judge(digest, None)]
        revoked = all(one == "revoked" for one, _ in judged)
        decided = revoked or any(one == "free" for one, _ in judged)
        steps = [bound.txid for bound in bindings] + [txid for _, hits in judged for txid in hits]
        undecided = self._unproven or better or not decided
        beyond = self._holds(digest).beyond or any(one.beyond for one in self._named)
        return Answer(word, revoked, undecided, self._frozen, tuple(dict.fromkeys(steps)), beyond)

    # Words

    def _best(self, tag: str | None, digest: str) -> tuple[str, list[Bound]]:
        """The best word of the digest and of all that vouches for it, and the bindings that give it."""
        found = [self._word(tag, source, sealing_settled=settled) for source, settled in self._sources(digest)]
        best = min(found, key=lambda one: WORDS.index(one[0]))[0]
        return best, [bound for word, bounds in found if word == best for bound in bounds]

    def _sources(self, digest: str) -> set[tuple[str, bool]]:
        """Digests whose word this one has: itself, lists that hold it, and what these are sealed forms of.

        What a plaintext's word is, its lists say too. True where no SEAL that is still unsettled lies between. A sealed
        form of a sealed form stands for nothing. What lies deeper in a list than is followed is not in it, whatever
        else was released between them.
        """
        above = self._above(digest)
        plain = [original for one in above for original in self._pairing.originals.get(one, ())]
        sealed = {(one, settled) for original, settled in plain for one in self._above(original)}
        return {(one, True) for one in above} | sealed

    def _above(self, digest: str) -> set[str]:
        """A digest, and the released lists and sealed forms that hold it."""
        return {digest} | {root for root in self._roots if digest in self._holds(root).digests}

    def _word(self, tag: str | None, digest: str, *, sealing_settled: bool) -> tuple[str, list[Bound]]:
        tags = list(self._bounds) if tag is None else [tag]
        found = [self._word_of_tag(one, digest) for one in tags] or [("unreleased", [])]
        word = min((one for one, _ in found), key=WORDS.index)
        bounds = [bound for one, given in found if one == word for bound in given]
        if word == "mismatch" and tag is None:
            word = "unreleased"
        if word == "current" and not sealing_settled:
            word = "pending"
        return word, bounds

    def _word_of_tag(self, tag: str, digest: str) -> tuple[str, list[Bound]]:
        bounds = self._bounds.get(tag, [])
        settled = [bound for bound in bounds if bound.settled]
        pending = [bound for bound in bounds if not bound.settled]
        if settled and settled[-1].digest == digest:
            return "current", settled[-1:]
        if pending and pending[-1].digest == digest:
            return "pending", pending[-1:]
        earlier = [bound for bound in settled if bound.digest == digest]
        if earlier:
            return "superseded", earlier
        return ("mismatch" if settled else "unreleased"), []

    def _could_be_better(self, tag: str | None, digest: str, word: str) -> bool:
        """Whether a released list that cannot be had might hold the digest and give it a better word."""
        hidden = [one for one in self._roots if one != digest and not self._holds(one).whole]
        hidden = [one for one in hidden if digest not in self._holds(one).digests]
        return any(WORDS.index(self._best(tag, one)[0]) < WORDS.index(word) for one in hidden)

    # Revocation

    def _name(self, order: int, entry: Entry) -> Named:
        """A REVOKE and what it is a REVOKE of besides: sealed forms, and wholes whose parts do not pair."""
        assert entry.record is not None
        names = self._pairing.alike(entry.record.digest)
        across: set[str] = set()
        grown = True
        while grown:
            before = len(names)
            for seal in self._pairing.unfit:
                for other in seal.across(names):
                    across |= other
                    names = names | self._pairing.alike(seal.plaintext)
            grown = len(names) > before
        reached: set[str] = set()
        if not entry.record.alone:
            reached = self._inside(digest for one in names for digest in self._holds(one).digests)
        for seal in self._pairing.unfit:
            for other in seal.across(reached):
                across |= other
        reached = reached | self._inside(across)
        own = [entry.record.digest, *(plain for plain, _ in self._pairing.originals.get(entry.record.digest, ()))]
        whole = entry.record.alone or all(self._holds(one).whole for one in own)
        beyond = any(self._holds(one).beyond for one in own)
        return Named(order, entry.txid, frozenset(names), frozenset(reached), whole, beyond)

    def _inside(self, digests: Iterable[str]) -> set[str]:
        """These, whatever is alike, and what that holds."""
        found: set[str] = set()
        waiting = list(digests)
        while waiting:
            held = waiting.pop()
            for one in self._pairing.alike(held) - found:
                found.add(one)
                waiting += self._holds(one).digests if one != held else ()
        return found

    def _judge(self, digest: str, binding: Bound | None) -> tuple[str, list[str]]:
        """One binding of an answer: revoked, free, or unknown; and the REVOKEs that hit it."""
        forms = self._pairing.alike(digest)
        held = [self._holds(form) for form in forms]
        parts = forms.union(*(one.images for one in held), *(one.unread for one in held))
        hits, unknown = [], False
        others = any(digest not in one.names for one in self._named)
        for one in self._named:
            older = binding is None or binding.order < one.order
            if parts & one.names or (older and parts & one.reaches):
                hits.append(one.txid)
            elif older and not one.whole:
                unknown = True
        unknown = unknown or (others and self._may_hold_more(digest))
        return ("revoked" if hits else "unknown" if unknown else "free"), hits

    def _may_hold_more(self, digest: str) -> bool:
        """Whether some digest that was revoked might be in an image, or in another form of it, for all that is known.

        What an image was sealed from is what will run, so it must be known. What it was sealed as matters only where
        something was revoked that might be a part of it: a *stray*, which is known as nothing else.
        """
        whole = {form: self._holds(form).whole for form in self._pairing.alike(digest)}
        originals = {plain for plain, _ in self._pairing.originals.get(digest, ())}
        if not whole[digest] or not all(whole[one] for one in originals):
            return True
        if self._strays and not all(whole.values()):
            return True
        inside = {digest} | self._holds(digest).digests
        for plain, sealed in self._pairing.stalled:
            if plain not in self._documents and inside & ({sealed} | self._holds(sealed).digests):
                return True
            if sealed not in self._documents and self._strays and inside & ({plain} | self._holds(plain).digests):
                return True
        return False

    def _holds(self, digest: str) -> Held:
        if digest not in self._held:
            self._held[digest] = held_by(digest, self._documents)
        return self._held[digest]
