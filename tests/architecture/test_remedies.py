"""What is wrong is said below, and how it is mended at the edge: each front end has its own words for each remedy."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from assets.remedies import ImageRemedy
from tui.app.commands import COMMANDS
from tui.app.remedies import WORDS as KEYS
from tui.app.remedies import words_of
from tui.cli.groups import RootGroup
from tui.cli.nouns import NOUNS
from tui.cli.remedies import WORDS as COMMANDS_SAID
from wallet.advice import Remedy, facts_in
from wallet.remedies import WalletRemedy

ROOT = Path(__file__).resolve().parents[2]
BELOW = ("wallet", "assets")
REMEDIES: tuple[Remedy, ...] = (*WalletRemedy, *ImageRemedy)
VERBS = {(noun.name, verb.name) for noun in NOUNS for verb in noun.verbs}
"""Every command of the command line."""

OTHERS = frozenset({"--metadata-file", "--push", "--output", "--format", "--input", "--genesis"})
"""Options of other programs, and the word by which a voucher that was typed is called."""

_COMMAND = re.compile(rf"\b({'|'.join(sorted({noun for noun, _ in VERBS}))}) ([a-z]+(?:-[a-z]+)*)\b")
_TYPED = re.compile(rf"\bdockchains ({'|'.join(sorted({noun for noun, _ in VERBS}))})\b")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """The string constants of a file, with their lines; docstrings are none."""
    tree = ast.parse(file.read_text("utf-8"))
    told = {
        id(first.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        for first in node.body
        if isinstance(first, ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def named(text: str) -> set[tuple[str, str]]:
    """The commands that a text names."""
    return {(noun, verb) for noun, verb in _COMMAND.findall(text) if (noun, verb) in VERBS}


@pytest.mark.parametrize("package", BELOW)
def test_no_text_below_the_front_ends_names_a_command_or_an_option(package: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text}"
        for file in sorted((ROOT / package).rglob("*.py"))
        for line, text in texts(file)
        if (
            re.search(r"dockchains (?:[a-z-]+ )?[a-z-]+", text)
            and re.search(rf"dockchains (?:{'|'.join({noun for noun, _ in VERBS})})\b", text)
        )
        or any(f"`{noun} {verb}" in text for noun, verb in named(text))
        or set(_OPTION.findall(text)) - OTHERS
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("words", [COMMANDS_SAID, KEYS], ids=["cli", "app"])
def test_every_remedy_has_its_words_with_all_of_its_facts(words: dict[Remedy, str]) -> None:
    assert words.keys() == set(REMEDIES)
    assert {one: facts_in(words[one]) for one in REMEDIES} == {one: one.facts for one in REMEDIES}


def test_no_two_remedies_are_the_same() -> None:
    assert len({one.label for one in REMEDIES}) == len(REMEDIES)
    for kind in (WalletRemedy, ImageRemedy):
        assert list(kind) == list(kind.__members__.values()), "two names for one remedy"


def commands_in(text: str) -> Iterator[list[str]]:
    """What is to be typed behind `dockchains`: in backticks, or up to a semicolon, comma, bracket or redirection."""
    quoted = re.findall(r"`(?:dockchains )?([^`]+)`", text)
    bare = re.findall(r"(?<!-)dockchains ([^`;,()>]+)", re.sub(r"`[^`]+`", "", text))
    yield from (shlex.split(one.replace("...", "1").split(". ")[0]) for one in (*quoted, *bare))


def command_of(noun: str, verb: str) -> click.Command:
    """A command by its two words."""
    root = RootGroup()
    group = root.get_command(click.Context(root), noun)
    assert isinstance(group, click.Group), noun
    command = group.get_command(click.Context(group), verb)
    assert command is not None, verb
    return command


@pytest.fixture(scope="module")
def options() -> frozenset[str]:
    """Every option of every command."""
    params = (one for noun, verb in VERBS for one in command_of(noun, verb).params)
    return frozenset(name for one in params for name in (*one.opts, *one.secondary_opts))


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda one: one.label)
def test_what_the_command_line_says_can_be_typed(remedy: Remedy, options: frozenset[str]) -> None:
    """The commands that are named exist and parse; an option that stands alone is one of some command."""
    said = COMMANDS_SAID[remedy]
    assert set(_OPTION.findall(said)) - OTHERS <= options
    for noun, verb, *rest in commands_in(said):
        command = command_of(noun, verb)
        command.make_parser(click.Context(command)).parse_args(rest)


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda one: one.label)
def test_what_the_app_says_names_keys_and_places_that_there_are(remedy: Remedy) -> None:
    """Whatever stands in brackets is a command of the one list, and its key is what is shown."""
    said, names = words_of(remedy), re.findall(r"\[([a-z-]+)\]", KEYS[remedy])
    commands = {one.name: one for one in COMMANDS}
    assert "[" not in said
    for name in names:
        assert f"{commands[name].label} (" in said


def test_no_front_end_shows_the_plain_words_of_a_remedy() -> None:
    """`hint` is for logs and for other machines: a person at a front end is shown its own words."""
    silent = {"tui/gate.py"}
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in sorted((ROOT / "tui").rglob("*.py"))
        if str(file.relative_to(ROOT)) not in silent
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "hint" and ast.unparse(node.value) != "missing"
    ]
    assert not found, found
