"""The tests that are marked `slow`, such as years of two owners on a real node: what `make test` leaves out."""

import subprocess
import sys
from pathlib import Path

from tests.campaign.parts import Part, Report

ROOT = Path(__file__).parents[2]
FILES = (
    "tests/regtest/test_time_machine.py",
    "tests/market/test_market_machine.py",
    "tests/assets/services/test_sealing_large.py",
)


def work(first: int, count: int) -> Report:
    """One file a case, in turn."""
    report = Report()
    for number in range(first, first + count):
        name = FILES[number % len(FILES)]
        command = [sys.executable, "-m", "pytest", "-q", "-m", "slow", "-p", "no:randomly", name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        report.cases += 1
        report.figures[Path(name).stem] += 1
        if done.returncode:
            report.failures.append(f"{name}:\n{done.stdout[-4_000:]}{done.stderr[-1_000:]}")
    return report


PART = Part(name="slow", says="files of slow tests", cases=len(FILES), piece=1, minutes=4, work=work)
