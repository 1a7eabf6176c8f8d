"""`python -m tests.architecture.figures`: how large the house is, and what hangs on what, in figures.

A checkout elsewhere can be named, so that two states are compared: `python -m tests.architecture.figures ../before`.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

PACKAGES = ("wallet", "assets", "tui", "tui/cli", "tui/app", "tui/verbs", "regtest", "tests")
FACES = ("tui/cli", "tui/app")


def sources(root: Path, package: str) -> dict[Path, str]:
    """Every module of a package with its text."""
    return {file: file.read_text(encoding="utf-8") for file in sorted((root / package).rglob("*.py"))}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def names_from(tree: ast.AST, package: str) -> set[str]:
    """What a module takes from a package, by its whole name."""
    return {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith(package)
        for alias in node.names
    }


def inner_imports(tree: ast.AST) -> int:
    """Imports inside functions."""
    return sum(
        isinstance(node, ast.Import | ast.ImportFrom) for function in functions(tree) for node in ast.walk(function)
    )


def line(root: Path, package: str) -> str:
    """One package's figures."""
    texts = sources(root, package)
    if not texts:
        return f"{package:<10} -"
    trees = [ast.parse(text) for text in texts.values()]
    lengths = [len(text.splitlines()) for text in texts.values()]
    largest = max(texts, key=lambda file: len(texts[file].splitlines()))
    bodies = [(node.end_lineno or node.lineno) - node.lineno + 1 for tree in trees for node in functions(tree)] or [0]
    inner = sum(map(inner_imports, trees))
    return (
        f"{package:<10} {len(texts):>5} files {sum(lengths):>7} lines, median {median(lengths):>5g}, largest"
        f" {max(lengths):>5} ({largest.relative_to(root)}); function median {median(bodies):g};"
        f" {inner} imports inside functions"
    )


def shared(root: Path) -> str:
    """What both front ends take from the services, read models apart: what each would have to get right by itself."""
    counted: Counter[str] = Counter()
    for face in FACES:
        taken = set().union(*(names_from(ast.parse(text), "assets.services") for text in sources(root, face).values()))
        counted.update(name for name in taken if ".read_models." not in name)
    both = sum(count == len(FACES) for count in counted.values())
    return f"names of services that the front ends import: {len(counted)}, both of them: {both}"


def main(root: Path) -> None:
    """Prints all of it."""
    for package in PACKAGES:
        print(line(root, package))
    print(shared(root))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2])
