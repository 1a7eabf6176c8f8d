"""The campaign itself: proportions, figures, seeds, and how it ends."""

import os
import re
import time

import pytest

from tests.campaign import __main__ as runner
from tests.campaign.parts import PARTS, Part, Report, part


def counting(first: int, count: int) -> Report:
    report = Report(cases=count)
    report.figures["even"] = sum(number % 2 == 0 for number in range(first, first + count))
    return report


def failing(first: int, count: int) -> Report:
    report = counting(first, count)
    report.failures = [f"case {number}: differs" for number in range(first, first + count) if number % 10 == 7]
    return report


def raising(first: int, count: int) -> Report:
    raise KeyError(f"{count} from {first} on")


def dying(first: int, count: int) -> Report:
    os._exit(7)


def endless(first: int, count: int) -> Report:
    while True:
        time.sleep(1)


def of(work: object, **fields: object) -> Part:
    settings = {"name": "made-up", "says": "cases", "cases": 100, "piece": 9, "minutes": 1.0} | fields
    return Part(work=work, **settings)  # type: ignore[arg-type]


def test_all_parts_together_take_no_longer_than_a_campaign() -> None:
    parts = [part(name) for name in PARTS]
    assert [one.name for one in parts] == list(PARTS)
    assert sum(one.minutes for one in parts) <= runner.MINUTES


def test_a_share_does_that_much_and_prints_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.run(of(counting), seed=3, share=0.5) == []
    said = capsys.readouterr().out
    assert "made-up: 50 cases" in said
    assert "25 even" in said


def test_another_seed_is_other_cases() -> None:
    assert runner.gathered(of(failing), 300, 10, float("inf")).failures == ["case 307: differs"]
    assert runner.gathered(of(failing), 400, 10, float("inf")).failures == ["case 407: differs"]


def test_a_difference_fails_the_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "part", lambda name: of(failing if name == "lineages" else counting, name=name))
    assert runner.main(["--seed", "5", "lineages"]) == 1
    said = capsys.readouterr()
    assert "failed in lineages (seed 5)" in said.out
    assert "FAILED case 507: differs" in said.err
    assert runner.main(["--seed", "5", "slow"]) == 0
    assert "no difference (seed 5)" in capsys.readouterr().out


def test_what_failed_is_told_again_at_the_end_whatever_other_parts_did(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    works = {"lineages": failing, "parsers": raising, "signing": counting}
    monkeypatch.setattr(runner, "part", lambda name: of(works.get(name, counting), name=name, minutes=1.0))
    assert runner.main(["--seed", "5", "lineages", "parsers", "signing"]) == 1
    said = capsys.readouterr()
    assert "failed in lineages, parsers (seed 5)" in said.out
    assert said.err.count("FAILED case 507: differs") == 2
    pieces = re.findall(r"FAILED parsers, 9 cases from the seed (\d+) on: ", said.err)
    assert pieces, "whichever of them ended first"
    assert all(pieces.count(seed) == 2 and f"KeyError: '9 from {seed} on'" in said.err for seed in pieces)


@pytest.mark.parametrize(("work", "longest"), [(dying, 300.0), (endless, 3.0)])
def test_a_process_that_dies_or_hangs_is_a_failure_of_its_seeds(
    work: object, longest: float, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "LONGEST", longest)
    report = runner.gathered(of(work), 400, 30, float("inf"))
    assert report.cases == 0
    assert report.failures[0].startswith("made-up, 9 cases from the seed 400 on: ")
    assert "FAILED made-up, 9 cases from the seed 400 on: " in capsys.readouterr().err


def test_a_part_that_is_out_of_time_says_how_far_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.run(of(counting, minutes=0.0), seed=1, share=1.0) == []
    assert "made-up: 9 of 100 (its 0 minutes were over) cases" in capsys.readouterr().out
