"""Remedies as values: joined with texts, compared, kept whole in a view, and worded by whoever has words."""

from dataclasses import asdict, dataclass
from typing import get_args

import pytest

from assets.remedies import ImageRemedy
from wallet.advice import Advice, Prose, Remedy, joined, worded
from wallet.errors import StateError
from wallet.remedies import WalletRemedy

BUMP = ImageRemedy.BUMP.of(txid="aa" * 32)
HOSTILE = "{0.__class__} {txid}"


@dataclass(frozen=True)
class View:
    """Something that is shown."""

    notes: tuple[Prose, ...]


def test_a_remedy_takes_its_facts_neither_more_nor_fewer() -> None:
    assert {ImageRemedy.BUMP.facts, ImageRemedy.SYNC.facts} == {frozenset({"txid"}), frozenset()}
    for facts in ({}, {"txid": "aa", "more": "1"}, {"name": "aa"}):
        with pytest.raises(AssertionError, match="takes"):
            ImageRemedy.BUMP.of(**facts)


def test_advice_is_joined_with_texts_on_both_sides_and_compared_by_value() -> None:
    advice = "nothing was signed; " + ImageRemedy.BUMP.of(txid="aa" * 32) + ". " + WalletRemedy.SEE_HISTORY.of()
    assert advice == Advice(("nothing was signed; ", *BUMP.parts, ". ", *WalletRemedy.SEE_HISTORY.of().parts))
    assert advice.remedies == (ImageRemedy.BUMP, WalletRemedy.SEE_HISTORY)
    assert {advice, advice + ""} == {advice}
    assert joined("; ", ["a", BUMP, "b"]) == "a; " + BUMP + "; b"
    assert joined("; ", []) == ""
    assert "speed up" in BUMP


def test_each_front_end_says_it_in_its_own_words() -> None:
    words: dict[Remedy, str] = {ImageRemedy.BUMP: "bump {txid} now"}
    assert worded("first: " + BUMP, words) == f"first: bump {'aa' * 32} now"
    assert worded("plain {text}", words) == "plain {text}"
    assert str(BUMP) == f"speed up {'aa' * 32}"


def test_a_fact_from_outside_is_text_and_nothing_else() -> None:
    words: dict[Remedy, str] = {ImageRemedy.BUMP: "bump {txid}"}
    advice = HOSTILE + ImageRemedy.BUMP.of(txid=HOSTILE)
    assert worded(advice, words) == f"{HOSTILE}bump {HOSTILE}"


def test_a_view_that_is_taken_apart_keeps_its_advice_whole() -> None:
    assert asdict(View(("a", BUMP)))["notes"] == ("a", BUMP)
    assert set(get_args(Prose)) == {str, Advice}


def test_an_error_keeps_its_advice_and_has_plain_words_for_a_log() -> None:
    error = StateError("no", hint="first, " + BUMP)
    assert (error.advice, error.hint) == ("first, " + BUMP, f"first, speed up {'aa' * 32}")
    assert StateError("no", hint="wait").advice == "wait"
