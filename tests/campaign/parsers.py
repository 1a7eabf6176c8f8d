"""Readers of outside data, fed with what they were not meant for.

A twentieth of the inputs is found by coverage (atheris, a process of its own for each piece), the others are samples
that a seeded hand changed; where atheris is not installed all are of the second kind, and the figures say so. An input
fails where a reader raises anything but the program's own errors, where it costs more than SECONDS of the processor, or
where it makes the process more than MEMORY larger. `python -m tests.campaign.parsers TARGET HEX` feeds one input again.
"""

import contextlib
import importlib.util
import logging
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.campaign.mutations import LARGEST, mutated
from tests.campaign.parse_targets import Target, targets
from tests.campaign.parts import Part, Report
from wallet.errors import WalletError

SECONDS = 0.2
MEMORY = 100 * 1024
"""In KiB, as the system counts the largest size of a process."""

GUIDED_SECONDS = 900
"""Of the processor, after which a guided piece counts as hanging; a clock would tell how busy the machine is."""

TRIES = 3
"""So often an input is fed again that seems to cost too much; the least counts."""

_SHOWN = 240


def judged(target: Target, data: bytes, seen: Counter[str]) -> str:
    """Why an input fails; empty where it does not."""
    before, size = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        target.feed(data)
    except WalletError as error:
        seen["refused"] += 1
        try:
            (str(error) + error.hint).encode("utf-8", "backslashreplace")
        except Exception as trouble:  # noqa: BLE001 - an error that cannot be told is a fault
            return f"an error that cannot be told: {trouble!r}"
    except Exception:  # noqa: BLE001 - this is what is looked for
        return traceback.format_exc(limit=-4)
    else:
        seen["taken"] += 1
    seconds = time.process_time() - before
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - size
    if grown > MEMORY and len(data) <= LARGEST:
        return f"{grown // 1024} MiB of memory"
    if seconds > SECONDS and len(data) <= LARGEST and _again(target, data) > SECONDS:
        return f"{seconds:.2f} s of the processor"
    return ""


def _again(target: Target, data: bytes) -> float:
    """Seconds of the processor at the best of some tries, when whatever is loaded once is there.

    Other processes on the same core, and the collector of garbage, make some tries dearer than the input is.
    """
    return min(_seconds(target, data) for _ in range(TRIES))


def _seconds(target: Target, data: bytes) -> float:
    before = time.process_time()
    with contextlib.suppress(WalletError):
        target.feed(data)
    return time.process_time() - before


def told(target: Target, data: bytes, why: str) -> str:
    """A failure, with what makes it again."""
    shown = data if len(data) <= _SHOWN else data[:_SHOWN] + b"..."
    with tempfile.NamedTemporaryFile(prefix="input-", suffix=".bin", delete=False) as kept:
        kept.write(data)
    return f"{target.name!r} on {shown!r} ({len(data)} bytes, kept in {kept.name}):\n{why}"


def seeded(first: int, count: int) -> Report:
    """The inputs of some seeds."""
    report, everybody = Report(cases=count), targets()
    weights = [target.weight for target in everybody]
    hand = random.Random(first)
    for target in hand.choices(everybody, weights, k=count):
        data = mutated(target.samples, hand)
        why = judged(target, data, report.figures)
        if why:
            report.failures.append(told(target, data, why))
            if len(report.failures) > 20:
                break
    report.figures["by a seeded hand"] = count
    return report


def guided(first: int, count: int) -> Report:
    """Inputs that coverage finds, in a process that it watches; those that look dear are tried again here."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="guided-") as folder:
        command = [sys.executable, "-m", "tests.campaign.guided", folder, str(first), str(count)]
        done = subprocess.run(command, capture_output=True, check=False)
        said = done.stderr.decode("utf-8", "replace")
        by_name = {target.name: target for target in targets()}
        for path in sorted(Path(folder, "suspects").glob("*")):
            name, data = path.read_bytes().split(b"\n", 1)
            target = by_name[name.decode()]
            why = judged(target, data, Counter())
            if why:
                report.failures.append(told(target, data, why))
        runs = [int(number) for number in re.findall(r"^#(\d+)\s", said, re.MULTILINE)]
        report.cases = min(max(runs, default=0), count)
        report.figures["guided by coverage"] = report.cases
        if done.returncode != 0 and not report.failures:
            report.failures.append(f"guided inputs of the seed {first} end with {done.returncode}:\n{said[-2_000:]}")
    return report


def has_atheris() -> bool:
    """Whether inputs can be guided by coverage."""
    return importlib.util.find_spec("atheris") is not None


def work(first: int, count: int) -> Report:
    """Some seeds: every twentieth piece by coverage, where that can be had. What readers log is nobody's to read."""
    logging.getLogger().addHandler(logging.NullHandler())
    if has_atheris() and first // PIECE % 20 == 1:
        return guided(first, count)
    return seeded(first, count)


PIECE = 100_000
PART = Part(name="parsers", says="inputs to readers", cases=10_000_000, piece=PIECE, minutes=8, work=work)


def main(arguments: list[str]) -> int:
    """Feeds one input again, or tells the targets."""
    by_name = {target.name: target for target in targets()}
    if len(arguments) != 2 or arguments[0] not in by_name:
        sys.stderr.write("TARGET (HEX or a file), where TARGET is one of: " + ", ".join(by_name) + "\n")
        return 2
    given = Path(arguments[1])
    data = given.read_bytes() if given.is_file() else bytes.fromhex(arguments[1])
    why = judged(by_name[arguments[0]], data, Counter())
    sys.stdout.write((why or "as it should be") + "\n")
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
