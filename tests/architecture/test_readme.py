"""What README shows exists: every command, every option, every verb of its tables."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from tui.cli.exits import MEANINGS, ExitCode
from tui.cli.groups import RootGroup
from tui.cli.nouns import NOUNS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_COMMAND = re.compile(r"\bdockchains (?P<noun>[a-z]+) (?P<verb>[a-z-]+)(?P<rest>(?:\\\n|[^\n`)|>#])*)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
VERBS = {noun.name: {verb.name for verb in noun.verbs} for noun in NOUNS}


def shown() -> list[tuple[str, str, frozenset[str]]]:
    """Every command line of README: noun, verb, options."""
    found = (match for match in _COMMAND.finditer(README) if match["noun"] in VERBS)
    lines = {(one["noun"], one["verb"], frozenset(_OPTION.findall(one["rest"]))) for one in found}
    return sorted(lines, key=lambda line: (line[0], line[1], sorted(line[2])))


def command(noun: str, verb: str) -> click.Command:
    """The command as the command line finds it."""
    root = RootGroup()
    context = click.Context(root)
    group = root.get_command(context, noun)
    assert isinstance(group, click.Group)
    found = group.get_command(click.Context(group, parent=context), verb)
    assert found is not None, f"dockchains {noun} {verb}"
    return found


def test_readme_shows_the_commands_that_matter() -> None:
    lines = {(noun, verb) for noun, verb, _ in shown()}
    assert lines >= {("image", verb) for verb in ("issue", "release", "verify", "pin")}


@pytest.mark.parametrize(
    ("noun", "verb", "options"), shown(), ids=lambda part: str(part) if isinstance(part, str) else ""
)
def test_every_command_in_readme_exists_with_its_options(noun: str, verb: str, options: frozenset[str]) -> None:
    assert verb in VERBS[noun], f"dockchains {noun} {verb}"
    known = {name for parameter in command(noun, verb).params for name in parameter.opts}
    assert options <= known | {"--help"}, options - known


def test_readmes_table_has_every_verb() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \| ((?:`[a-z-]+`[ ,]*)+)\|", README, re.MULTILINE)
    assert {noun for noun, _ in rows} == set(VERBS)
    for noun, verbs in rows:
        assert set(re.findall(r"`([a-z-]+)`", verbs)) == set(VERBS[noun]), noun


def test_readmes_table_of_verdicts_has_every_exit_code_of_verify() -> None:
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", README, re.MULTILINE)
    assert {int(code): word for code, word in rows} == {
        int(code): "VERIFIED" if code is ExitCode.OK else code.name
        for code in MEANINGS
        if code == 0 or 10 <= code <= 21
    }


def test_readmes_table_of_libraries_has_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[<>=!~]", dependency)[0] for dependency in project["dependencies"]}
    table = README.split("| library | why |")[1].split("\n\n")[0]
    named = {name for cell in re.findall(r"^\| ([a-z0-9, -]+) \|", table, re.MULTILINE) for name in cell.split(", ")}
    assert named == needed
