"""The table of words, by hand: what a tag and a digest are to each other after some records."""

from itertools import pairwise

import pytest

from tests.judge.table import Row, answer, lineage, released, sealed
from tests.judge.writing import p2wpkh, record, revoke

A, B = released("A"), released("B")
WAITING = released("A", settled=False)


@pytest.mark.parametrize(
    ("rows", "asked", "tag", "verdict"),
    [
        pytest.param([], "A", "1", "unreleased", id="nothing"),
        pytest.param([A], "A", "1", "verified", id="newest"),
        pytest.param([A], "B", "1", "mismatch", id="the tag has another"),
        pytest.param([A], "A", "2", "unreleased", id="the tag has none"),
        pytest.param([A], "B", None, "unreleased", id="no tag has it"),
        pytest.param([A, B], "A", "1", "superseded", id="was it once"),
        pytest.param([A, B], "A", None, "superseded", id="was it once for some tag"),
        pytest.param([A, B, released("A", "2")], "A", None, "verified", id="is it for some tag"),
        pytest.param([A, B, A], "A", "1", "verified", id="is it again"),
        pytest.param([WAITING], "A", "1", "pending", id="waits"),
        pytest.param([WAITING], "B", "1", "unreleased", id="another waits"),
        pytest.param([B, WAITING], "B", "1", "verified", id="what waits takes nothing away"),
        pytest.param([A, B, WAITING], "A", "1", "pending", id="pending before superseded"),
        pytest.param([WAITING, released("B", settled=False)], "A", "1", "unreleased", id="only the newest that waits"),
        pytest.param([released("A", "1,2"), B], "A", "2", "verified", id="tag by tag"),
        pytest.param([released("A", "1,1")], "A", "1", "unreleased", id="a tag twice is a flaw"),
        pytest.param([released("A", "1,")], "A", "1", "unreleased", id="a comma at the end is a flaw"),
        pytest.param([released("A", "-1")], "A", "-1", "unreleased", id="no tag begins with a dash"),
        pytest.param([released("A", final=True), B], "A", "1", "verified", id="final"),
        pytest.param([released("A", final=True), B], "B", "1", "mismatch", id="against final"),
        pytest.param([released("A", final=True), released("B", "1,2")], "B", "2", "verified", id="other tags count"),
        pytest.param([released("A", final=True), A], "A", "1", "verified", id="the same digest again is none"),
        pytest.param([B, released("A", final=True)], "B", "1", "superseded", id="final binds anew once"),
        pytest.param(
            [released("A", final=True), released("B", "1,2", final=True), released("C", "1,2")],
            "B",
            "2",
            "verified",
            id="the good tags of a violation are final",
        ),
        pytest.param([Row(record(6, bytes(64))), A], "A", "1", "verified", id="attestations are ignored"),
        pytest.param([Row(record(8, bytes(5))), A], "A", "1", "verified", id="appointments are ignored"),
        pytest.param([Row(record(2, bytes.fromhex("41" + "00" * 31) + b"1", 2))], "A", "1", "unreleased", id="version"),
        pytest.param([A, Row(revoke("00")[:-1])], "A", "1", "verified", id="a flaw is ignored"),
    ],
)
def test_words(rows: list[Row], asked: str, tag: str | None, verdict: str) -> None:
    assert answer(rows, asked, tag, {"A": None, "B": None, "C": None}).verdict == verdict


@pytest.mark.parametrize(
    ("rows", "asked", "tag", "verdict"),
    [
        pytest.param([A], "x", "1", "mismatch", id="a list that nobody bound"),
        pytest.param([released("L")], "x", "1", "verified", id="a child of the newest"),
        pytest.param([released("L")], "z", "1", "verified", id="a child's child"),
        pytest.param([released("L"), A], "x", "1", "superseded", id="a child of what was"),
        pytest.param([released("L"), A, released("K")], "x", "1", "verified", id="the best of two lists"),
        pytest.param([released("L"), A, released("x", "2")], "x", None, "verified", id="its own tag is better"),
        pytest.param([released("P"), sealed("P", "C")], "C", "1", "verified", id="sealed"),
        pytest.param([released("P"), sealed("P", "C")], "c", "1", "verified", id="a child of what is sealed"),
        pytest.param([released("P"), sealed("P", "C", settled=False)], "C", "1", "pending", id="while its SEAL is"),
        pytest.param([released("P"), A, sealed("P", "C")], "C", "1", "superseded", id="sealed and superseded"),
        pytest.param([sealed("P", "C")], "C", "1", "unreleased", id="sealed and never released"),
        pytest.param([released("C"), sealed("P", "C")], "P", "1", "mismatch", id="not the other way round"),
    ],
)
def test_words_of_what_is_held_and_sealed(rows: list[Row], asked: str, tag: str | None, verdict: str) -> None:
    documents = {"L": ("x", "M"), "M": ("z",), "K": ("x",), "P": ("p",), "C": ("c",), "A": None}
    assert answer(rows, asked, tag, documents).verdict == verdict


def test_a_title_that_is_lost_in_a_block_freezes_and_one_in_the_mempool_does_not() -> None:
    plain = ((9_000, p2wpkh("owner")),)
    assert answer([A, Row(b"", outputs=plain)], "A").verdict == "frozen"
    assert answer([A, Row(b"", settled=False, outputs=plain)], "A").verdict == "verified"
    assert answer([A, B, Row(b"", outputs=plain)], "A", "1", {"B": None}).verdict == "superseded"


def test_a_list_that_cannot_be_had_makes_undecided_only_what_it_could_better() -> None:
    rows = [released("x"), released("L", "2")]
    assert answer(rows, "x", "1").verdict == "verified"
    assert answer(rows, "x", "2").verdict == "undecided"
    assert answer(rows, "x", "2", {"L": ("x",)}).verdict == "verified"
    assert answer(rows, "x", "2", {"L": ("y",)}).verdict == "mismatch"


def test_what_lies_too_deep_in_a_list_is_undecided_though_one_between_was_released() -> None:
    chain: dict[str, tuple[str, ...] | None] = {one: (other,) for one, other in pairwise("ABCDEx")}
    rows = [released("C", "2"), released("A")]
    assert answer(rows, "E", "1", chain).verdict == "verified"
    assert answer(rows, "x", "1", chain).verdict == "undecided"
    assert answer(rows, "x", "2", chain).verdict == "verified"
    sealing = [released("P"), sealed("P", "C"), released("A", "2")]
    held = chain | {"P": ("p",), "C": ("D",), "D": ("E",), "p": ("q",), "E": ("x",), "q": ("r",), "r": None, "x": None}
    assert answer(sealing, "x", "2", held).verdict == "undecided"
    assert answer(sealing, "x", "1", held).verdict == "verified", "the list that was sealed holds it"


def test_a_witness_that_nobody_has_is_undecided_and_never_ignored() -> None:
    unproven = [A, B._replace(witness=None)]
    assert answer(unproven, "A", "1", {"B": None}).verdict == "undecided"
    assert answer([A, Row(b"", witness=None)], "A").verdict == "verified", "no record, no question"
    repository = lineage(unproven)
    assert [entry.unproven for entry in repository.history] == [False, False, True]
    assert answer([A, Row(b"no record", witness=None)], "A").verdict == "undecided", "the step, whatever it carries"
    assert answer([A, Row(bytes(73), witness=None)], "A").verdict == "undecided"
    assert answer([A, Row(bytes(74), witness=None)], "A").verdict == "verified", "too long for whoever signed it"
