"""What the commands about images print, byte by byte. The expected bytes are in `golden_images/`.

Names, tags, notes and documents come from outside; none of them may steer a terminal or be cut in the middle of a word
that a person relies on.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from assets.services.read_models.image_views import PinsView, RepositoriesView
from tests.tui.cli import frozen_image_views as frozen
from tui.cli.image_history import history_text
from tui.cli.image_list import repositories_text
from tui.cli.image_pin import proposal_text
from tui.cli.image_pins import pins_text
from tui.cli.image_show import repository_text
from tui.cli.image_verify import answered
from tui.cli.output import Output, emit
from tui.cli.verification_text import age, verification_text

GOLDEN = Path(__file__).parent / "golden_images"

CASES: dict[str, tuple[Callable[[Any], str], Any]] = {
    "verify_verified": (verification_text, frozen.VERIFIED),
    "verify_pending": (verification_text, frozen.PENDING_VIEW),
    "verify_unavailable": (verification_text, frozen.NOWHERE_VIEW),
    "show_own": (repository_text, frozen.REPOSITORY),
    "show_foreign": (repository_text, frozen.FOREIGN),
    "list": (repositories_text, frozen.REPOSITORIES),
    "history": (history_text, frozen.LINEAGE),
    "pins": (pins_text, frozen.PINS),
    "pin_proposal": (proposal_text, frozen.PROPOSAL),
}


@pytest.mark.parametrize("case", CASES)
def test_people_read_exactly_this(case: str) -> None:
    text, view = CASES[case]
    assert (text(view) + "\n").encode() == (GOLDEN / f"{case}.txt").read_bytes()


@pytest.mark.parametrize("case", CASES)
def test_programs_read_exactly_this(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    emit(Output(data=CASES[case][1], text="not this"), as_json=True)
    assert capsys.readouterr().out.encode() == (GOLDEN / f"{case}.json").read_bytes()


@pytest.mark.parametrize("case", CASES)
def test_no_text_from_outside_reaches_the_terminal_raw(case: str) -> None:
    text, view = CASES[case]
    shown = text(view)
    assert not set(shown) & {"\x1b", "\u202e", "\u200b", "[", "]"}
    assert shown == shown.strip()


def test_every_golden_file_is_compared() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


def test_only_exit_0_prints_an_image(capsys: pytest.CaptureFixture[str]) -> None:
    emit(answered(frozen.VERIFIED), as_json=False)
    assert capsys.readouterr().out == f"{frozen.NAME}@{frozen.ONE}\n"
    for view in (frozen.PENDING_VIEW, frozen.NOWHERE_VIEW):
        assert answered(view).code == view.exit_code != 0
        emit(answered(view), as_json=False)
        assert capsys.readouterr().out == ""


def test_a_hand_over_names_who_got_the_title() -> None:
    sold = replace(frozen.LINEAGE.records[0], kind="transfer", detail="", owner="0014" + "88" * 20)
    odd = replace(sold, owner="51")
    shown = history_text(replace(frozen.LINEAGE, records=(sold, odd)))
    assert "to dcrt1q3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg" in shown
    assert "to 51 " in shown


def test_the_longest_image_is_shown_whole() -> None:
    image = f"registry.example/{'a' * 238}@{frozen.ONE}"
    assert image in verification_text(replace(frozen.VERIFIED, image=image))


def test_nothing_to_list_says_what_to_do_or_that_there_is_nothing() -> None:
    assert repositories_text(RepositoriesView(network="regtest", wallet="main", repositories=())) == (
        "no repositories; issue one with: dockchains image issue NAME"
    )
    assert pins_text(PinsView(pins=())) == "nothing is pinned"


def test_programs_can_tell_every_finding_by_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Output(data=frozen.PENDING_VIEW, text=""), as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads(json.dumps(asdict(frozen.PENDING_VIEW)))
    assert [(one["verdict"], one["exit_code"]) for one in document["findings"]] == [
        ("PENDING", 15), ("FROZEN", 16), ("UNPINNED", 10),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h"), (90_000, "1 d")]
)
def test_an_age_is_told_in_its_largest_unit(seconds: int, text: str) -> None:
    assert age(seconds) == text


def test_of_a_long_history_the_newest_records_stand_beside_the_verdict() -> None:
    record = frozen.VERIFIED.history[0]
    records = tuple(replace(record, height=height) for height in range(1_000, 2_021))
    shown = verification_text(replace(frozen.VERIFIED, history=records)).splitlines()
    (heading,) = [number for number, line in enumerate(shown) if line.startswith("history of")]
    assert "without the 1,001 before" in shown[heading]
    assert f"dockchains image history --genesis {frozen.VERIFIED.genesis}" in shown[heading]
    listed = [line.split()[0] for line in shown[heading + 2 :] if line.split()[0].isdigit()]
    assert listed == [str(height) for height in range(2_001, 2_021)]
