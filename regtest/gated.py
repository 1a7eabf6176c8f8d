"""A closed registry: a gate and a registry that asks it for tokens, each a process of its own, and pulls from it."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from regtest.packages import tools
from regtest.party import Completed, Party
from regtest.server import ServerProcess, free_port

HELPER = "docker-credential-dockchains"


class GatedRegistry:
    """A gate on loopback that `keeper` runs, who has no wallet, and a registry with the configuration that it prints.

    Names and ports are known from the start, so that a definition can name the gate; `start` needs the gate's bundle.
    """

    def __init__(self, folder: Path, keeper: Party) -> None:
        self.folder = folder
        self.keeper = keeper
        self.host = f"127.0.0.1:{free_port()}"
        self._gate_host = f"127.0.0.1:{free_port()}"
        self._servers: list[ServerProcess] = []
        folder.mkdir(mode=0o700, parents=True)

    @property
    def origin(self) -> str:
        """The gate's origin, as definitions name it."""
        return f"http://{self._gate_host}"

    @property
    def bundle(self) -> Path:
        """Where the publisher's export for the gate belongs."""
        return self.folder / "gate.json"

    def start(self) -> None:
        """Start gate and registry from the bundle, and wait until both answer. Raises StartError, CommandError."""
        config = self.folder / "registry.yml"
        if not config.exists():
            self.keeper.run(
                "access", "serve", str(self.bundle), "--write-config", str(config),
                "--storage", str(self.folder / "storage"),
            )  # fmt: skip
        self.start_gate()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("REGISTRY_", "OTEL_"))}
        registry = ServerProcess(
            name="docker-registry",
            command=(str(tools(fetch=False).registry), "serve", str(config)),
            log=self.folder / "registry.log",
            environment=kept,
        )
        registry.start(lambda: _answers(self.host, "/v2/"))
        self._servers.append(registry)

    def start_gate(self) -> None:
        """Start the gate, again if need be, with the bundle as it is now."""
        for server in [one for one in self._servers if one.name == "gate"]:
            server.stop()
            self._servers.remove(server)
        gate = ServerProcess(
            name="gate",
            command=(sys.executable, "-m", "tui", "access", "serve", str(self.bundle), "--listen", self._gate_host),
            log=self.folder / "gate.log",
            environment=self.keeper.environment,
        )
        gate.start(lambda: _answers(self._gate_host, "/healthz"))
        self._servers.append(gate)

    def stop_gate(self) -> None:
        """The gate is down, the registry is not."""
        for server in self._servers:
            if server.name == "gate":
                server.stop()

    def stop(self) -> None:
        """End both."""
        for server in reversed(self._servers):
            server.stop()
        self._servers.clear()

    def gate_log(self) -> str:
        """What the gate has written so far."""
        return (self.folder / "gate.log").read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def skopeo_of(party: Party, *arguments: str, timeout: float = 120) -> Completed:
    """Run unmodified skopeo as a party: with the party's home, and our credential helper on PATH. It may fail."""
    command = [str(tools(fetch=False).skopeo), "--insecure-policy", *arguments]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        cwd=party.home,
        env=environment_of(party),
    )
    return Completed(stdout=done.stdout, stderr=done.stderr, code=done.returncode)


def environment_of(party: Party) -> dict[str, str]:
    """A party's environment with `docker-credential-dockchains` on PATH, as an installation puts it there."""
    programs = party.home / "bin"
    helper = programs / HELPER
    if not helper.exists():
        programs.mkdir(mode=0o700, exist_ok=True)
        helper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui.credential_helper "$@"\n', encoding="utf-8")
        helper.chmod(0o700)
    inherited = party.environment
    return {**inherited, "PATH": f"{programs}{os.pathsep}{inherited.get('PATH', '')}"}


def _answers(host: str, path: str) -> bool:
    connection = http.client.HTTPConnection(host, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status in {200, 401}
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
