"""README's table of promises: each names its attacker and tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_FILE = re.compile(r"`([a-z_0-9]+\.py)`((?: [A-Z][0-9]+(?:-[A-Z][0-9]+)?)*)")


def rows() -> list[tuple[str, str, str]]:
    """The cells of each row: promise, against whom, shown by."""
    table = README.split("<!-- promises:begin -->")[1].split("<!-- promises:end -->")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    assert cells[0] == ("promise", "against whom", "shown by")
    return [(promise, whom, shown) for promise, whom, shown in cells[1:]]


def numbers(text: str) -> list[str]:
    """The numbers of attacks in a cell, ranges written out: `S22-S24` is s22, s23, s24."""
    found: list[str] = []
    for first, last in re.findall(r"([A-Z][0-9]+)(?:-([A-Z][0-9]+))?", text):
        kind, end = first[0].lower(), last or first
        assert end[0].lower() == kind, f"{first}-{last} is no range"
        found.extend(f"{kind}{number}" for number in range(int(first[1:]), int(end[1:]) + 1))
    return found


def text_of(name: str) -> str:
    """The text of a test file in one of the folders that the table is about."""
    places = [ROOT / "tests" / folder / name for folder in ("attacks", "judge")]
    assert any(place.is_file() for place in places), f"no test file {name}"
    return next(place for place in places if place.is_file()).read_text(encoding="utf-8")


def test_the_table_has_rows_with_all_cells() -> None:
    assert len(rows()) >= 20
    assert all(cell for row in rows() for cell in row)
    assert len({promise for promise, _, _ in rows()}) == len(rows())


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row[0])[:40])
def test_every_promise_is_shown_by_tests_that_exist(row: tuple[str, str, str]) -> None:
    shown = row[2]
    named = _FILE.findall(shown)
    assert named, f"no test shows: {row[0]}"
    assert ", ".join(f"`{file}`{of}" for file, of in named) == shown, f"not understood: {shown}"
    for file, of in named:
        text = text_of(file)
        assert re.search(r"^(?:async )?def test_", text, re.MULTILINE), f"{file} tests nothing"
        for number in numbers(of):
            found = re.search(rf"^(?:async )?def test_(?:[a-z0-9]+_and_)?{number}_", text, re.MULTILINE)
            assert found, f"{file} has no test of {number.upper()}"


def test_every_attack_stands_beside_a_promise() -> None:
    table = README.split("<!-- promises:begin -->")[1].split("<!-- promises:end -->")[0]
    attacks = {place.name for place in (ROOT / "tests" / "attacks").glob("test_*.py")}
    assert not {name for name in attacks if f"`{name}`" not in table}
