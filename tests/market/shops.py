"""A shop as a process of its own, so that it can be killed."""

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
"""Seconds until a shop that does not speak counts as broken."""


@dataclass(slots=True)
class RunningShop:
    """A `market serve` process and where it listens."""

    process: subprocess.Popen[str]
    url: str

    def kill(self) -> None:
        """As a power cut would: no chance to clean up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> int:
        """As Ctrl-C would; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def running_shop(bundle: Path, node: Node, home: Path, *options: str, port: int = 0) -> Iterator[RunningShop]:
    """Serves a bundle from a machine of its own: nothing of a wallet is there."""
    home.mkdir(mode=0o700, exist_ok=True)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("DOCKCHAINS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "market", "serve", str(bundle), "--listen", f"127.0.0.1:{port}", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**inherited, "HOME": str(home), **settings_for(home, node)},
    )
    said: list[str] = []
    spoken = threading.Event()
    reader = threading.Thread(target=_read, args=(process, said, spoken), daemon=True)
    reader.start()
    try:
        assert spoken.wait(STARTUP), said
        match = re.search(r"selling at (http://\S+)", "".join(said))
        assert match is not None, "".join(said)
        yield RunningShop(process, match[1])
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        reader.join(30)
        assert process.stderr is not None
        process.stderr.close()


def _read(process: subprocess.Popen[str], said: list[str], spoken: threading.Event) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        if "selling at" in line:
            spoken.set()
    spoken.set()
