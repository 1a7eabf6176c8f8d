"""The judge shares no code with what it judges, by whatever way."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = {"wallet", "assets", "tui"}
LOAD = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(*names: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", LOAD, *names], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_judge_and_its_own_tests_load_nothing_of_the_product() -> None:
    names = [f"tests.judge.{path.stem}" for path in sorted((ROOT / "tests/judge").glob("*.py"))]
    assert len(names) > 8
    assert not loaded_by(*names) & PRODUCT


def test_the_question_finds_the_product_where_it_is_loaded() -> None:
    assert "wallet" in loaded_by("tests.builders")
