"""A few commands on a real node that are killed and typed again; and that a second payment would be seen."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.campaign import deeds
from tests.campaign.deed_ground import DeedGround
from tests.campaign.deeds import DEEDS, Doing, Typed
from tests.campaign.faults import AGAIN, KILL, KINDS
from tests.campaign.parts import Report

pytestmark = [
    pytest.mark.node,
    pytest.mark.registry,
    pytest.mark.skipif(shutil.which("cc") is None, reason="the library that counts writes is compiled here"),
]


@pytest.fixture(scope="module")
def doing(regtest_folder: Path) -> Iterator[Doing]:
    folder = regtest_folder / "deeds"
    folder.mkdir(mode=0o700)
    with DeedGround(folder) as ground:
        yield Doing(ground, Report(), {}, [])


def near_the_end(points: int, write: int) -> int:
    """A seed of the first deed that kills it once, so many writes before its last."""
    seeds = range(40 * points)
    fitting = (one for one in seeds if KINDS[one % len(KINDS)] == KILL and one % AGAIN)
    return next(one for one in fitting if 1 + one * 7_919 % points == points - write)


def test_what_was_killed_is_done_once_and_leaves_nothing_behind(doing: Doing) -> None:
    for number, name in enumerate(("wallet send", "image issue", "image release", "wallet send")):
        assert doing.case(name, 1_000 + number) == ""
    assert doing.ground.compared_with_new() == []


def test_a_second_payment_is_found(doing: Doing, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge itself: a person who says --again although nobody told what became of the first."""
    assert doing.case("wallet send", 0) == ""

    def careless(ground: DeedGround, number: int) -> Typed:
        typed = deeds._send(ground, number)
        return replace(typed, job=(*typed.job, "--again"))

    monkeypatch.setitem(DEEDS, "wallet send", careless)
    points = doing.done["wallet send"].points
    found = (doing.case("wallet send", near_the_end(points, write)) for write in range(2, 20))
    wrong = next(one for one in found if one)
    assert "2 transactions wait where 1 are enough" in wrong
    assert "--again ended with" in wrong
