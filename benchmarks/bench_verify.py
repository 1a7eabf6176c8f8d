"""How long `dockchains image verify` takes, warm and cold, beside a bare Python and `skopeo inspect` in the same run.

Warm: the index stands at the tip. Cold: an empty home with a pin and nothing else, so that the index is built anew. All
are run in turn against the same node, registry and image, so that a busy moment hits all of them; medians are printed.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from regtest.harness import Harness, settings_for
from regtest.packages import tools
from regtest.publisher import Publisher

ROUNDS = 9
BLOCKS = 200
"""Empty blocks before the image, so that a cold index has something to read."""


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Milliseconds of wall time of one process that must end well."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    taken = (time.perf_counter() - start) * 1000
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr}")
    return taken


def environment_of(home: Path, harness: Harness) -> dict[str, str]:
    """What a process of a person with this home has; compiled modules are kept in the harness's folder, as they are
    kept beside the code where it is installed.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled = {"PYTHONPYCACHEPREFIX": str(harness.folder / "compiled")}
    return inherited | compiled | {"HOME": str(home)} | settings_for(home, harness.node)


def pinned_home(harness: Harness, name: str) -> Path:
    """A home whose person pinned the repository."""
    consumer = harness.party("consumer")
    consumer.json("image", "pin", name, "--yes")
    return consumer.home


def emptied(home: Path, copy: Path) -> Path:
    """A home with the same pins and nothing else."""
    shutil.rmtree(copy, ignore_errors=True)
    pins = Path("dockchains") / "regtest" / "pins.json"
    (copy / pins).parent.mkdir(parents=True, mode=0o700)
    shutil.copy2(home / pins, copy / pins)
    return copy


def measure(harness: Harness, name: str, home: Path) -> dict[str, float]:
    """Medians in milliseconds."""
    image = f"{name}:1.0"
    verify = [sys.executable, "-m", "tui", "image", "verify", image]
    skopeo = [str(tools(fetch=False).skopeo), "inspect", "--raw", "--tls-verify=false", f"docker://{image}"]
    cold = harness.folder / "cold"
    runs: dict[str, Callable[[], float]] = {
        "python -c pass": lambda: timed([sys.executable, "-c", "pass"], environment_of(home, harness)),
        "skopeo inspect --raw": lambda: timed(skopeo, environment_of(home, harness)),
        "dockchains image verify, warm": lambda: timed(verify, environment_of(home, harness)),
        f"dockchains image verify, cold ({BLOCKS} blocks)": lambda: timed(
            verify, environment_of(emptied(home, cold), harness)
        ),
    }
    times: dict[str, list[float]] = {words: [] for words in runs}
    for run in runs.values():
        run()
    for _ in range(ROUNDS):
        for words, run in runs.items():
            times[words].append(run())
    return {words: statistics.median(values) for words, values in times.items()}


def main() -> None:
    """A repository, a release, a consumer with a pin; then the clock."""
    with Harness() as harness:
        publisher = Publisher(harness, coins=1)
        harness.node.mine_empty(BLOCKS)
        publisher.issue()
        publisher.release(publisher.name, "1.0")
        harness.node.mine()
        medians = measure(harness, publisher.name, pinned_home(harness, publisher.name))
    python, inspect = medians["python -c pass"], medians["skopeo inspect --raw"]
    print(f"{'command':<46}{'ms':>8}{'x python':>10}{'x skopeo':>10}")
    for words, median in medians.items():
        print(f"{words:<46}{median:>8.1f}{median / python:>10.2f}{median / inspect:>10.2f}")


if __name__ == "__main__":
    main()
