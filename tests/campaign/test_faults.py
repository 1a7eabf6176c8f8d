"""A piece of the campaign of faults: some cases of each job, with fixed seeds."""

import pytest

from tests.campaign import faults
from tests.campaign.faults import SCENARIOS, work


@pytest.mark.program("cc")
def test_what_is_killed_or_fails_at_a_write_is_done_again_and_leaves_nothing_behind() -> None:
    report = work(1_000 * len(SCENARIOS), len(SCENARIOS))
    assert report.cases == len(SCENARIOS)
    assert report.failures == []
    assert report.figures["killed"] > 0


@pytest.mark.program("cc")
def test_a_leftover_is_found_by_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge itself: a file too many after the job was done again is told with its seed, its job and its write."""
    real = faults.state

    def littered(place: faults.Place, private: tuple[str, ...] = ()) -> dict[str, object]:
        if place.root.parent.name.startswith("tmp") and (place.home / "settings.toml").exists():
            littered.calls += 1  # type: ignore[attr-defined]
            if littered.calls > 1:  # type: ignore[attr-defined]
                (place.home / "left.behind").touch()
        return real(place, private)

    littered.calls = 0  # type: ignore[attr-defined]
    monkeypatch.setattr(faults, "state", littered)
    seed = next(number for number, one in enumerate(SCENARIOS) if one.name == "settings set")
    report = work(seed, 1)
    assert len(report.failures) == 1
    assert report.failures[0].startswith(f"seed {seed}: settings set, killed at write ")
    assert "left.behind" in report.failures[0]
