"""A layer of 2 GB is sealed, pushed, pulled and opened in as little memory as a small one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MOST = 128 * 1024
"""KiB; a Python with everything imported needs about a third of it."""


@pytest.mark.slow
@pytest.mark.registry
def test_memory_stays_flat_on_two_gigabytes(tmp_path: Path) -> None:
    command = [sys.executable, "benchmarks/bench_sealed.py", "--peak", str(tmp_path), "--megabytes", "2048"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["peak"] < MOST
