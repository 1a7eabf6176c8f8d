"""A service of the program as a process of its own, so that it can be stopped and killed."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from regtest.harness import settings_for
from regtest.node import Node

STARTUP = 60.0
"""Seconds until a service that does not speak counts as broken."""


@dataclass(slots=True)
class RunningService:
    """A `dockchains … serve` process, where it listens, and what it said so far."""

    process: subprocess.Popen[str]
    url: str
    said: list[str]

    def kill(self) -> None:
        """As a power cut would: no chance to clean up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """As a service manager would, or Ctrl-C by SIGINT; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def running_service(arguments: tuple[str, ...], announced: str, node: Node, home: Path) -> Iterator[RunningService]:
    """Serves from a machine of its own: nothing of a wallet is there. `announced` is said in front of the URL."""
    home.mkdir(mode=0o700, exist_ok=True)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("DOCKCHAINS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**inherited, "HOME": str(home), **settings_for(home, node)},
    )
    said: list[str] = []
    spoken = threading.Event()
    reader = threading.Thread(target=_read, args=(process, announced, said, spoken), daemon=True)
    reader.start()
    try:
        assert spoken.wait(STARTUP), said
        match = re.search(re.escape(announced) + r" ((?:http://)?[^,;\s]+)", "".join(said))
        assert match is not None, "".join(said)
        url = match[1] if match[1].startswith("http://") else f"http://{match[1]}"
        yield RunningService(process, url, said)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        reader.join(30)
        assert process.stderr is not None
        process.stderr.close()


def _read(process: subprocess.Popen[str], announced: str, said: list[str], spoken: threading.Event) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        if announced in line:
            spoken.set()
    spoken.set()
