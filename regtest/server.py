"""A server process that the harness starts, watches and stops by its own process id."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from regtest.errors import StartError, WaitError
from regtest.waiting import wait_for

_PORTS = range(20_000, 32_000)
_RANDOM = random.SystemRandom()


def free_port() -> int:
    """A loopback TCP port that nobody listens on now, below the range that outgoing connections take theirs from."""
    for _ in range(200):
        port = _RANDOM.choice(_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StartError("no free port on 127.0.0.1")


@dataclass(slots=True, kw_only=True)
class ServerProcess:
    """One program with its log file. `detached` servers outlive the process that started them."""

    name: str
    command: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    detached: bool = False
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while the server runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self, ready: Callable[[], bool], timeout: float = 30) -> None:
        """Start the program and wait until `ready` says yes.

        Raises StartError, with the end of the log, if the program ends first or `timeout` seconds pass.
        """
        if self.pid is not None:
            raise StartError(f"{self.name} is running already")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_dying_with_us(detached=self.detached), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                start_new_session=True,
            )
        try:
            wait_for(lambda: self.pid is None or ready(), timeout, f"{self.name} ready")
        except WaitError as error:
            self.kill()
            raise StartError(f"{error}; its log ends in:\n{self.tail()}") from error
        except BaseException:
            self.kill()
            raise
        if self._process.poll() is not None:
            code = self._process.returncode
            self._process = None
            raise StartError(f"{self.name} ended with code {code}; its log ends in:\n{self.tail()}")

    def stop(self, timeout: float = 60) -> None:
        """Ask the program to end and wait for it; kill it after `timeout` seconds. Stopping twice is fine."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End the program at once, as a power cut would (SIGKILL)."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def tail(self, lines: int = 20) -> str:
        """The last lines of the log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            return f"(no log: {error})"
        return "\n".join(text.splitlines()[-lines:])


def _dying_with_us(*, detached: bool) -> tuple[str, ...]:
    """A prefix that makes the kernel end the server when the harness is killed and can no longer do so itself.

    The kernel ties the signal to the starting thread, so only the main thread, which lives longest, asks for it.
    """
    setpriv = shutil.which("setpriv")
    if detached or setpriv is None or threading.current_thread() is not threading.main_thread():
        return ()
    return (setpriv, "--pdeathsig", "TERM", "--")
