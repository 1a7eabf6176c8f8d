"""Imports run downward, every module stands alone, and a command loads only what it needs."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("wallet", "assets", "tui", "regtest")
FIRST = (Path(__file__).parent / "first_imports.py").read_text(encoding="utf-8")
HEAVY = ("bitcoin", "embit", "bip32utils", "cryptography", "coincurve", "msgspec", "rich", "textual", "urllib3")


def modules() -> list[str]:
    """Every module of the program and the harness, except entry points."""
    files = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    names = (path.relative_to(ROOT).with_suffix("").parts for path in files)
    return [".".join(parts) for parts in names if parts[-1] not in ("__init__", "__main__")]


def python(code: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Runs code in a fresh interpreter with warnings as errors; `given` is its standard input."""
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, env=environment)


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def layers() -> list[list[tuple[str, ...]]]:
    """The layers of each contract that has some, from the highest to the lowest: what belongs to each."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    found = []
    for contract in [one for one in settings["contracts"] if one["type"] == "layers"]:
        for container in contract.get("containers", [""]):
            parts = ([part.strip(" ()") for part in layer.split("|")] for layer in contract["layers"])
            found.append([tuple(f"{container}.{part}".lstrip(".") for part in layer) for layer in parts])
    return found


def places(name: str, stacks: list[list[tuple[str, ...]]]) -> tuple[int | None, ...]:
    """How low a module lies in each contract, None where the contract does not name it."""

    def depth(stack: list[tuple[str, ...]]) -> int | None:
        within = (number for number, layer in enumerate(stack) for one in layer if f"{name}.".startswith(f"{one}."))
        return next(within, None)

    return tuple(depth(stack) for stack in stacks)


def is_below(lower: tuple[int | None, ...], upper: tuple[int | None, ...]) -> bool:
    """Whether a contract keeps the one from ever importing the other, be it by way of others."""
    return any(one is not None and other is not None and one > other for one, other in zip(lower, upper, strict=True))


def test_every_module_can_be_the_first_to_be_imported() -> None:
    """The first of all that could import it: before it, only what lies in a lower layer is loaded.

    That cannot come back to it by any way, as the contracts above show, so it matters to no order of imports.
    """
    stacks = layers()
    groups: dict[tuple[int | None, ...], list[str]] = {}
    for name in modules():
        groups.setdefault(places(name, stacks), []).append(name)
    below = {here: [one for there in groups if is_below(there, here) for one in groups[there]] for here in groups}
    asked = sorted(((names, below[here]) for here, names in groups.items()), key=lambda group: len(group[1]))
    assert sum(bool(before) for _, before in asked) > 20, "the contracts were read"
    done = python(FIRST, given=json.dumps(asked))
    assert done.returncode == 0, done.stdout + done.stderr


def loaded_by(*arguments: str) -> set[str]:
    """The top-level modules that a command line has loaded when it ends."""
    code = """
import sys
from tui.cli.run import run
run(sys.argv[1:])
print("\\n" + " ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    done = python(code, *arguments)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rsplit("\n", 2)[1].split())


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("wallet", "--help")])
def test_help_and_version_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not loaded_by(*arguments) & set(HEAVY)


@pytest.mark.parametrize(
    "arguments", [("chain", "status", "--help"), ("wallet", "send", "--help"), ("settings", "show")]
)
def test_a_command_loads_no_keys_before_it_needs_them(arguments: tuple[str, ...]) -> None:
    assert not loaded_by(*arguments) & (set(HEAVY) - {"bitcoin"})


def test_the_command_line_does_not_load_the_terminal_application() -> None:
    code = """
import importlib, sys
from tui.cli.nouns import NOUNS
for noun in NOUNS:
    for verb in noun.verbs:
        importlib.import_module(verb.module)
import tui.bootstrap
bad = [name for name in sys.modules if name.split(".")[0] == "textual" or name.startswith("tui.app")]
sys.exit(bool(bad))
"""
    assert python(code).returncode == 0


STANDS_ON_UVICORN = "assets.server.patience"
"""Its class is one of uvicorn's, which loads click; it is imported only where something begins to listen."""


def test_nothing_below_loads_click() -> None:
    names = [name for name in modules() if name.startswith(("wallet.", "assets.")) and name != STANDS_ON_UVICORN]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    code += "sys.exit(bool({'click', 'uvicorn', 'textual', 'rich', 'regtest', 'tui'} & set(sys.modules)))"
    done = python(code, *names)
    assert done.returncode == 0, done.stderr
