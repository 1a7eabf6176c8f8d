"""A party: one person or machine with an isolated home, who types `dockchains` commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regtest.errors import CommandError

DOCKCHAINS = (sys.executable, "-m", "tui")
"""The program, as this Python has it."""

_OURS = "DOCKCHAINS_"
_CONTAINER_TOOLS = ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
"""By these, container tools would find logins of whoever runs the harness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """What a command printed, and its exit code."""

    stdout: str
    stderr: str
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A command to start in a folder: its words, its whole environment, its input (None for none), the file descriptors
    beside the standard streams that it inherits, and how many seconds it may take."""

    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    input: str | None
    descriptors: tuple[int, ...]
    timeout: float


Start = Callable[[Call], Completed | None]
"""Runs a command to its end; None where it did not end in time, and was killed."""


def start_process(call: Call) -> Completed | None:
    """A command as a new process, without a terminal."""
    given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if call.input is None else {"input": call.input}
    try:
        done = subprocess.run(
            call.command,
            capture_output=True,
            text=True,
            check=False,
            timeout=call.timeout,
            cwd=call.folder,
            env=call.environment,
            pass_fds=call.descriptors,
            **given,
        )
    except subprocess.TimeoutExpired:
        return None
    return Completed(stdout=done.stdout, stderr=done.stderr, code=done.returncode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody with a home (0700) that holds all that `dockchains` keeps. `settings` are its environment variables,
    `program` is what is started for the command, and `start` how."""

    name: str
    home: Path
    settings: Mapping[str, str]
    program: tuple[str, ...] = DOCKCHAINS
    start: Start = start_process

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the party's commands: ours, without anybody's `DOCKCHAINS_` settings and logins, and the
        party's."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_OURS) and name not in _CONTAINER_TOOLS
        }
        return {**inherited, "HOME": str(self.home), "NO_COLOR": "1", "COLUMNS": "120", **self.settings}

    def secret(self, name: str, text: str) -> Path:
        """Write a secret into a file of the home (0600), for options such as `--password-file`; returns its path."""
        path = self.home / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
            opened.write(text + "\n")
        return path

    def run(
        self,
        *arguments: str,
        input: str | None = None,  # noqa: A002 - as in subprocess.run
        expect: int | None = 0,
        fds: tuple[int, ...] = (),
        timeout: float = 180,
        settings: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run `dockchains ARGUMENTS` as a process of its own, without a terminal.

        `expect` is the exit code that must come, None for any; another raises CommandError with all that was printed.
        `fds` are file descriptors that the command inherits; `settings` more environment variables for this call;
        `timeout` in seconds.
        """
        done = self.start(
            Call(
                command=(*self.program, *arguments),
                folder=self.home,
                environment={**self.environment, **(settings or {})},
                input=input,
                descriptors=fds,
                timeout=timeout,
            )
        )
        if done is None:
            raise CommandError(f"{self._shown(arguments)}: no end within {timeout:g} seconds")
        if expect is not None and done.code != expect:
            raise CommandError(
                f"{self._shown(arguments)}: exit code {done.code}, expected {expect}\n"
                f"--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
            )
        return done

    def json(
        self,
        *arguments: str,
        input: str | None = None,  # noqa: A002 - as above
        expect: int | None = 0,
        timeout: float = 180,
    ) -> dict[str, Any]:
        """Run a command with `--json` and return the object it answers with; CommandError if it is not one."""
        done = self.run(*arguments, "--json", input=input, expect=expect, timeout=timeout)
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise CommandError(
                f"{self._shown(arguments)}: no JSON object on standard output\n--- stdout\n{done.stdout}\n"
                f"--- stderr\n{done.stderr}"
            )
        return answer

    def _shown(self, arguments: tuple[str, ...]) -> str:
        return f"{self.name}: dockchains {' '.join(arguments)}"
