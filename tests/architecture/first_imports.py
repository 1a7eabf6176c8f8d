"""Imports each module before any other of ours, in a process of its own; run as a script by `test_imports`.

On standard input: groups of module names, each with the modules that are loaded before. Prints what fails.
"""

import gc
import importlib
import json
import os
import sys

OURS = ("wallet", "assets", "tui", "regtest")


def forget(kept: set[str]) -> None:
    """No module of ours is loaded but these. What is not ours stays, since nothing of it can depend on our order."""
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS and name not in kept]:
        del sys.modules[name]
        package, _, child = name.rpartition(".")
        vars(sys.modules.get(package, importlib)).pop(child, None)


def imports(name: str) -> bool:
    """Whether a fresh process, in which nothing more is loaded than here, can import a module."""
    assert name not in sys.modules, name
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - told, and the child ends in any case
            print(name, type(error).__name__, error, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main() -> int:
    """How many modules fail."""
    gc.disable()  # children end at once
    groups: list[tuple[list[str], list[str]]] = json.load(sys.stdin)
    for names, _ in groups:
        for name in names:
            importlib.import_module(name)
    forget(set())
    failed = 0
    for names, before in groups:
        forget(set(before))
        for name in before:
            importlib.import_module(name)
        forget({*before, *(name.rpartition(".")[0] for name in before)})
        failed += sum(not imports(name) for name in names)
    return failed


if __name__ == "__main__":
    sys.exit(main())
