"""Imports run downward, every module stands alone, and a command loads only what it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("wallet", "assets", "tui", "regtest")
HEAVY = ("bitcoin", "embit", "bip32utils", "cryptography", "coincurve", "msgspec", "rich", "textual", "urllib3")


def modules() -> list[str]:
    """Every module of the program and the harness, except entry points."""
    files = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    names = (path.relative_to(ROOT).with_suffix("").parts for path in files)
    return [".".join(parts) for parts in names if parts[-1] not in ("__init__", "__main__")]


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a fresh interpreter with warnings as errors."""
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})


def test_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
def test_every_module_can_be_the_first_to_be_imported() -> None:
    code = """
import gc, importlib, os, sys
gc.disable()  # children end at once
ours = {name.partition(".")[0] for name in sys.argv[1:]}
for name in sys.argv[1:]:
    importlib.import_module(name)
for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
    del sys.modules[name]  # what is not ours stays loaded, since nothing of it can depend on our order
failed = []
for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException as error:
            print(name, type(error).__name__, error, flush=True)
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
sys.exit(len(failed))
"""
    done = python(code, *modules())
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


def test_nothing_below_loads_click() -> None:
    names = [name for name in modules() if name.startswith(("wallet.", "assets."))]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    code += "sys.exit(bool({'click', 'textual', 'rich', 'regtest', 'tui'} & set(sys.modules)))"
    done = python(code, *names)
    assert done.returncode == 0, done.stderr
