"""How long the command line takes to start, against a bare Python and a bare `import click` in the same run.

Prints milliseconds of wall time (median of several runs each, taken in turn) and the ratios.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assets.store.session_store import DAY, GateSession, SessionStore, WrittenEntry

ROUNDS = 15
HOST = "registry.example"

COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "python -c 'import click'": ("-c", "import click"),
    "dockchains --version": ("-m", "tui", "--version"),
    "dockchains --help": ("-m", "tui", "--help"),
    "dockchains wallet list": ("-m", "tui", "wallet", "list"),
    "docker-credential-dockchains get": ("-m", "tui.credential_helper", "get"),
}


def milliseconds(arguments: tuple[str, ...], home: str) -> float:
    """Wall time of one fresh process."""
    environment = os.environ | {"DOCKCHAINS_HOME": home, "DOCKCHAINS_NETWORK": "regtest"}
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment, input=HOST.encode())
    return (time.perf_counter() - start) * 1000


def log_in(home: str) -> None:
    """A login for the credential helper, as `access login` leaves it."""
    now = int(time.time())
    session = GateSession(
        host=HOST,
        gate="https://gate.example",
        image=f"{HOST}/studio/film",
        network="00" * 32,
        key=os.urandom(32),
        since=now,
        until=now + DAY,
        scripts=1,
        entries=(WrittenEntry(path=Path(home) / "config.json"),),
    )
    SessionStore(Path(home) / "logins").save(session)


def main() -> None:
    """Measures every command in turn, so that a busy moment hits all of them."""
    with tempfile.TemporaryDirectory() as home:
        log_in(home)
        for arguments in COMMANDS.values():
            milliseconds(arguments, home)
        times: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(ROUNDS):
            for name, arguments in COMMANDS.items():
                times[name].append(milliseconds(arguments, home))
    medians = {name: statistics.median(values) for name, values in times.items()}
    bare, click = medians["python -c pass"], medians["python -c 'import click'"]
    print(f"{'command':<34}{'ms':>8}{'x python':>10}{'x click':>10}")
    for name, median in medians.items():
        print(f"{name:<34}{median:>8.1f}{median / bare:>10.2f}{median / click:>10.2f}")


if __name__ == "__main__":
    main()
