"""How long the command line takes to start, against a bare Python and a bare `import click` in the same run.

Prints milliseconds of wall time (median of several runs each, taken in turn) and the ratios.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 15

COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "python -c 'import click'": ("-c", "import click"),
    "dockchains --version": ("-m", "tui", "--version"),
    "dockchains --help": ("-m", "tui", "--help"),
    "dockchains wallet list": ("-m", "tui", "wallet", "list"),
}


def milliseconds(arguments: tuple[str, ...], home: str) -> float:
    """Wall time of one fresh process."""
    environment = os.environ | {"DOCKCHAINS_HOME": home, "DOCKCHAINS_NETWORK": "regtest"}
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Measures every command in turn, so that a busy moment hits all of them."""
    with tempfile.TemporaryDirectory() as home:
        for arguments in COMMANDS.values():
            milliseconds(arguments, home)
        times: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(ROUNDS):
            for name, arguments in COMMANDS.items():
                times[name].append(milliseconds(arguments, home))
    medians = {name: statistics.median(values) for name, values in times.items()}
    bare, click = medians["python -c pass"], medians["python -c 'import click'"]
    print(f"{'command':<28}{'ms':>8}{'x python':>10}{'x click':>10}")
    for name, median in medians.items():
        print(f"{name:<28}{median:>8.1f}{median / bare:>10.2f}{median / click:>10.2f}")


if __name__ == "__main__":
    main()
