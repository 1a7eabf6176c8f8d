"""A few thousand random lineages in every run of the tests, and that a difference would be seen."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from sqlite3 import Connection

import pytest

from assets.coloring import authorship
from assets.coloring.signatures import commits_to_everything
from assets.images import gaps
from assets.images.coverage import Coverage, Covered
from assets.images.digest import Digest
from assets.model import Movement
from assets.services.access.revoked_keys import RevokedKeys
from assets.store import index_store
from tests.campaign import lineages
from tests.campaign.lineage_stories import CHAINED, story
from tests.campaign.product import Product

PIECE = 500


@pytest.mark.parametrize("number", range(6))
def test_the_program_says_what_the_judge_says(number: int) -> None:
    report = lineages.work(number * PIECE, PIECE)
    assert not report.failures, "\n".join(report.failures[:3])
    assert report.cases == PIECE


def test_the_stories_hold_what_they_are_meant_to_compare() -> None:
    kinds: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for seed in range(1_500):
        told = story(seed)
        second = lineages.judged(told)
        kinds.update(one.kind for one in told.sent)
        kinds.update("pending" for one in told.sent if one.height is None)
        kinds.update("unproven" for one in told.sent if not one.proven)
        for entry in second.repository.history:
            record = entry.record
            kinds["flaw"] += record is None
            if record is not None:
                counts = "" if entry.counts else ", ignored"
                kinds[record.kind + (" alone" if record.alone else "") + counts] += 1
                kinds["violation"] += bool(entry.violated)
        words.update(second.verdicts.answer(None, digest).verdict for _, digest in told.questions)
    wanted = ["RELEASE", "FINAL", "REVOKE", "REVOKE alone", "SEAL", "DEFINE", "RELEASE, ignored", "GENESIS, ignored"]
    wanted += ["hand-over", "with treasury", "misplaced", "lost", "flaw", "violation", "pending", "unproven"]
    assert min(kinds[one] for one in wanted) > 2, kinds
    said = ("verified", "pending", "superseded", "unreleased", "revoked", "undecided", "frozen")
    assert min(words[one] for one in said) > 2, words


def test_reorganised_chains_and_evidence_say_the_same() -> None:
    seen: Counter[str] = Counter()
    for seed in range(0, 2_000, CHAINED):
        assert lineages.differences(seed, seen) == []
    assert seen["on a chain that was reorganised"] > 5
    assert seen["from evidence"] > 10


def test_a_genesis_can_wait_in_the_mempool() -> None:
    waiting = [seed for seed in range(1_000) if story(seed).sent[0].height is None]
    assert len(waiting) > 2
    assert all(lineages.differences(seed, Counter()) == [] for seed in waiting)


def test_what_is_given_out_is_compared() -> None:
    given = lineages.work(0, 400).figures
    assert min(given[f"given out by {one}"] for one in ("serve", "pull", "gate")) > 5, given


def test_a_gate_that_gives_out_what_is_revoked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RevokedKeys, "why_not", lambda *_: None)
    assert any("judge revoked, and gate gives it out" in one for one in lineages.work(0, 50).failures)


def test_an_index_that_keeps_what_an_orphaned_block_said_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets(connection: Connection, block: bytes) -> tuple[Movement, ...]:
        connection.execute("DELETE FROM claim WHERE block = ?", (block,))
        return ()

    monkeypatch.setattr(index_store, "_undo", forgets)
    found = [failure for seed in range(0, 2_000, CHAINED) for failure in lineages.work(seed, 1).failures]
    assert found


def test_a_program_that_says_otherwise_is_found_and_told_by_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Product, "verdict", lambda *_: "verified")
    report = lineages.work(0, 20)
    assert report.failures
    assert all(failure.startswith("lineage ") and "judge " in failure for failure in report.failures)
    assert any("RELEASE" in failure for failure in report.failures), "the story is told"


def test_a_program_that_counts_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Product.counted
    monkeypatch.setattr(Product, "counted", lambda self: honest(self)._replace(frozen=True))
    assert any("frozen: judge False, program True" in one for one in lineages.work(0, 5).failures)


def test_a_program_that_raises_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Product, "counted", lambda _: 1 // 0)
    failures = lineages.work(0, 3).failures
    assert len(failures) == 3
    assert all("ZeroDivisionError" in one for one in failures)


def _images_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list whose platforms are revoked verifies."""
    honest = Coverage.over

    def over(self: Coverage, digest: Digest) -> Covered:
        return replace(honest(self, digest), named=self._among(self._named, self.forms(digest)))

    monkeypatch.setattr(Coverage, "over", over)


def _sealed_forms_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sealed platform stays VERIFIED after its plaintext was revoked."""
    monkeypatch.setattr(Coverage, "_closed", lambda _, digests: frozenset(digests))


def _deleted_documents_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A REVOKE of a list is undone by deleting the list."""
    monkeypatch.setattr(gaps, "_revoked", lambda *_: iter(()))


def _order_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was bound anew after a REVOKE of its list stays revoked."""
    monkeypatch.setattr(Coverage, "is_older", lambda *_: True)


def _any_multisig_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody between owner and block can turn a P2WSH owner's REVOKE into nothing."""

    def loose(witness: Sequence[bytes], script: bytes) -> bool | None:
        return commits_to_everything(witness, script) or (len(script) == 34 and script[0] == 0 and bool(witness))

    monkeypatch.setattr(authorship, "commits_to_everything", loose)


@pytest.mark.parametrize(
    "weaken",
    [
        _images_do_not_matter,
        _sealed_forms_do_not_matter,
        _deleted_documents_do_not_matter,
        _order_does_not_matter,
        _any_multisig_will_do,
    ],
)
def test_a_program_without_one_of_the_rules_is_found(
    weaken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    weaken(monkeypatch)
    assert any(lineages.work(first, 50).failures for first in range(0, 1_500, 50))
