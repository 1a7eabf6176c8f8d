"""What a REVOKE covers, by hand: down, then up, and no further; plaintext and sealed alike."""

import pytest

from tests.judge.simple_documents import held_by
from tests.judge.table import Row, answer, digest, released, revoked, sealed

LISTS = {"L": ("x", "y"), "N": ("L", "w"), "K": ("x",), "A": None}
RELEASED = [released("L")]


@pytest.mark.parametrize(
    ("rows", "asked", "verdict"),
    [
        pytest.param([released("A"), revoked("A")], "A", "revoked", id="named"),
        pytest.param([revoked("A"), released("A")], "A", "revoked", id="no later record undoes it"),
        pytest.param([released("A"), revoked("A", settled=False)], "A", "revoked", id="in the mempool"),
        pytest.param([revoked("A")], "A", "revoked", id="never released"),
        pytest.param([released("A"), revoked("A", reason=9)], "A", "revoked", id="any reason"),
        pytest.param([released("A"), revoked("A", alone=True, reason=9)], "A", "revoked", id="any reason, alone"),
        # down
        pytest.param([*RELEASED, revoked("L")], "x", "revoked", id="an older binding of what it holds"),
        pytest.param([*RELEASED, revoked("N")], "x", "revoked", id="at any depth, released or not"),
        pytest.param([*RELEASED, revoked("N")], "L", "revoked", id="a list in a list"),
        pytest.param([*RELEASED, revoked("L", alone=True)], "x", "verified", id="alone holds nothing"),
        pytest.param([*RELEASED, revoked("L", alone=True)], "L", "revoked", id="alone names"),
        pytest.param([revoked("L"), released("x")], "x", "verified", id="bound anew"),
        pytest.param([revoked("L"), released("K")], "x", "verified", id="bound anew by another list"),
        pytest.param([revoked("L"), released("x", settled=False)], "x", "pending", id="bound anew and waiting"),
        pytest.param([released("x"), released("x"), revoked("L")], "x", "revoked", id="bound twice before"),
        pytest.param([revoked("L")], "x", "revoked", id="no binding"),
        pytest.param([released("x"), revoked("L")], "x", "revoked", id="released on its own, older"),
        # up
        pytest.param([*RELEASED, revoked("x")], "L", "revoked", id="as good as its worst image"),
        pytest.param([released("N"), revoked("x")], "N", "revoked", id="worst image at any depth"),
        pytest.param([revoked("x"), *RELEASED], "L", "revoked", id="named has no order"),
        pytest.param([*RELEASED, revoked("x"), released("x", "2")], "L", "revoked", id="though released on its own"),
        pytest.param([*RELEASED, revoked("K")], "L", "revoked", id="up by what was reached"),
        pytest.param([revoked("K"), *RELEASED], "L", "verified", id="up by what was reached, bound anew"),
        pytest.param([released("N"), revoked("L", alone=True)], "N", "verified", id="a list inside is no image"),
        # no further
        pytest.param([*RELEASED, revoked("x")], "y", "verified", id="not to its neighbours"),
        pytest.param([released("N"), revoked("x")], "w", "verified", id="not to neighbours above"),
        # by the newest binding
        pytest.param([*RELEASED, revoked("L"), released("K")], "x", "verified", id="the binding that gives the word"),
        pytest.param([released("x"), revoked("L"), released("A")], "x", "revoked", id="superseded, and revoked"),
    ],
)
def test_what_a_revoke_covers(rows: list[Row], asked: str, verdict: str) -> None:
    assert answer(rows, asked, "1", LISTS).verdict == verdict


SEALED = {"P": ("p", "q"), "C": ("c", "d"), "U": ("c", "d", "e"), "V": ("Q", "q"), "Q": ("r",), "W": ("R", "s"),
          "R": ("t",), "A": None, "B": None, "E": None, "X": ("x",)}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "asked", "verdict"),
    [
        pytest.param([released("A"), sealed("A", "B"), revoked("A")], "B", "revoked", id="plaintext to sealed"),
        pytest.param([released("A"), sealed("A", "B"), revoked("B")], "A", "revoked", id="sealed to plaintext"),
        pytest.param([released("P"), sealed("P", "C"), revoked("p")], "c", "revoked", id="child by child"),
        pytest.param([released("P"), sealed("P", "C"), revoked("p")], "C", "revoked", id="up in the sealed list"),
        pytest.param([released("P"), sealed("P", "C"), revoked("p")], "d", "verified", id="not to a sealed neighbour"),
        pytest.param([released("P"), sealed("P", "C"), revoked("P")], "d", "revoked", id="down in the sealed list"),
        pytest.param([released("P"), sealed("P", "C"), revoked("P", alone=True)], "d", "verified", id="alone"),
        pytest.param([released("P"), sealed("P", "C"), revoked("c")], "P", "revoked", id="sealed child to plaintext"),
        pytest.param([released("V"), sealed("V", "W"), revoked("r")], "t", "revoked", id="list within list"),
        pytest.param([released("V"), sealed("V", "W"), revoked("r")], "s", "verified", id="and no further"),
        pytest.param([released("P"), sealed("P", "U"), revoked("p")], "U", "revoked", id="lengths differ"),
        pytest.param([released("P"), sealed("P", "U"), revoked("e")], "P", "revoked", id="lengths differ, other way"),
        pytest.param([released("V"), sealed("V", "C"), revoked("r")], "C", "revoked", id="shapes differ"),
        pytest.param([released("P"), sealed("P", "B"), revoked("q")], "B", "revoked", id="a list and an image"),
        pytest.param(
            [released("A"), sealed("A", "B"), sealed("A", "E"), revoked("A")], "E", "revoked", id="sealed twice"
        ),
        pytest.param([revoked("X"), released("P"), sealed("P", "C")], "C", "verified", id="nothing of ours"),
    ],
)
def test_what_a_revoke_covers_of_what_is_sealed(rows: list[Row], asked: str, verdict: str) -> None:
    assert answer(rows, asked, "1", SEALED).verdict == verdict


@pytest.mark.parametrize(
    ("rows", "asked", "documents", "verdict"),
    [
        pytest.param([released("A"), revoked("Z")], "A", {"A": None}, "undecided", id="it might name a list"),
        pytest.param([released("A"), revoked("Z", alone=True)], "A", {"A": None}, "verified", id="alone names no list"),
        pytest.param([revoked("Z"), released("A")], "A", {"A": None}, "verified", id="one new binding repairs it"),
        pytest.param([released("A"), revoked("Z")], "A", {"A": None, "Z": None}, "verified", id="it names an image"),
        pytest.param([released("A"), revoked("Z"), revoked("A")], "A", {}, "revoked", id="named all the same"),
        pytest.param([released("A"), revoked("Z", alone=True)], "A", {}, "undecided", id="might be a list itself"),
        pytest.param([released("A")], "A", {}, "verified", id="no REVOKE, no document needed"),
        pytest.param([*RELEASED, revoked("Z", alone=True)], "L", {"L": ("x",), "-x": ()}, "undecided", id="an entry"),
        pytest.param([*RELEASED, revoked("K")], "x", {"L": ("x",), "K": ("M",), "-M": ()}, "undecided", id="nested"),
        pytest.param(
            [released("A"), sealed("A", "B"), revoked("Z", alone=True)], "B", {"B": None}, "undecided", id="original"
        ),
    ],
)
def test_documents_that_cannot_be_had(
    rows: list[Row], asked: str, documents: dict[str, tuple[str, ...] | None], verdict: str
) -> None:
    assert answer(rows, asked, "1", documents).verdict == verdict


def test_what_is_deeper_or_larger_than_the_bounds_is_not_known_whole() -> None:
    deep = {digest(str(n)): (digest(str(n + 1)),) for n in range(6)}
    assert not held_by(digest("0"), deep | {digest("6"): None}).whole
    assert held_by(digest("2"), deep | {digest("6"): None}).whole
    many = tuple(digest(str(n)) for n in range(1_001))
    known: dict[str, tuple[str, ...] | None] = dict.fromkeys(many, None)
    assert not held_by(digest("L"), known | {digest("L"): many}).whole
    assert held_by(digest("L"), known | {digest("L"): many[1:]}).whole


def test_an_answer_names_what_it_rests_on() -> None:
    rows = [released("L"), released("A", "2"), revoked("x")]
    assert len(answer(rows, "L", "1", LISTS).rests_on) == 2
    assert len(answer(rows, "y", "1", LISTS).rests_on) == 1
