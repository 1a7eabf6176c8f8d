"""Stores are opened by the composition roots alone, and keys are named only where they are opened.

Everything else is given what it works with, so that a test, a server or another store can be put in its place.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("assets/store", "wallet/store")
ROOTS = {"tui/bootstrap.py", "tui/credential_helper.py", "tui/gate.py", "tui/shop.py"}

PLACES = {"Path", "Database"}
"""What a store is opened by."""

FILES_OF_OTHERS = {"ArchiveWriter", "FileLanding", "LayoutWriter"}
"""What writes a file or folder that somebody named for this one time."""

OPENS_KEYS = {"wallet/signer.py", "assets/services/wallets/unlocking.py"}


def files(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(one for folder in folders for one in (ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def is_opened_by_its_place(one: ast.ClassDef) -> bool:
    made = [part for part in one.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
    hints = [argument.annotation for part in made for argument in part.args.args[1:2]]
    return any(isinstance(hint, ast.Name) and hint.id in PLACES for hint in hints)


def stores() -> set[str]:
    """The classes that are opened by a path or a database, and what opens the wallet's database."""
    classes = (one for _, tree in files(*ROOMS) for one in ast.walk(tree) if isinstance(one, ast.ClassDef))
    return ({one.name for one in classes if is_opened_by_its_place(one)} - FILES_OF_OTHERS) | {"wallet_database"}


def test_stores_are_opened_by_the_composition_roots_alone() -> None:
    found = stores()
    assert {"IndexStore", "WalletStore", "Journal", "KeystoreFile", "PinStore", "ImageStore"} <= found
    opened = [
        f"{file}:{call.lineno} {call.func.id}"
        for file, tree in files("assets", "tui")
        if file not in ROOTS and not file.startswith(ROOMS)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in found
    ]
    assert not opened


def test_keys_are_named_only_where_they_are_opened() -> None:
    named = {
        file
        for file, tree in files("assets", "tui", "wallet")
        for one in ast.walk(tree)
        if isinstance(one, ast.Name) and one.id == "SoftwareSigner"
    }
    assert named <= OPENS_KEYS
