"""One application under two faces: each verb is behind a command and behind the app, and neither has its own flow."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERBS = ROOT / "tui" / "verbs"

SHARED = {"__init__", "requests", "reader_requests", "views", "fields"}
"""Modules of a noun that hold values, and do nothing."""

ONE_FACE = {
    "tui.verbs.access.holdings": "the command line says it in `wallet balance` and `image list`",
    "tui.verbs.image.serve": "a service is started by whoever operates it",
    "tui.verbs.market.serve": "a service is started by whoever operates it",
}
"""Verbs that only one of the two has, each with its reason."""


def nouns() -> Iterator[Path]:
    return (one for one in sorted(VERBS.iterdir()) if one.is_dir() and (one / "__init__.py").exists())


def verbs() -> list[str]:
    return [
        f"tui.verbs.{noun.name}.{file.stem}"
        for noun in nouns()
        for file in sorted(noun.glob("*.py"))
        if file.stem not in SHARED
    ]


@cache
def imports_of(file: Path) -> frozenset[str]:
    """The modules that a file imports, at its top or anywhere else."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return frozenset(found)


def imported_below(*folders: str) -> frozenset[str]:
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return frozenset().union(*(imports_of(file) for file in files))


@pytest.mark.parametrize("verb", verbs())
def test_each_verb_has_its_command_and_its_place_in_the_app(verb: str) -> None:
    deeds = imports_of(VERBS / "deeds.py")
    used = {
        "the command line": verb in imported_below("tui/cli"),
        "the app": verb in imported_below("tui/app") or verb in deeds or is_part(verb),
    }
    if verb in ONE_FACE:
        assert list(used.values()).count(True) == 1, f"{verb} has both faces by now, or none"
    else:
        assert all(used.values()) or is_part(verb), f"{verb}: {used}"


def is_part(verb: str) -> bool:
    """Whether a module is a part of verbs that use it, and no verb itself."""
    return any(verb in imports_of(file) for noun in nouns() for file in noun.glob("*.py"))


def test_no_exception_is_left_that_is_none() -> None:
    assert set(ONE_FACE) <= set(verbs())
