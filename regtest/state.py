"""What `python -m regtest up` started, written down so that later commands find it and `down` stops exactly that.

A process is known by its id and its start time: an id alone may have been given to somebody else since.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

from regtest.errors import HarnessError, WaitError
from regtest.node import Node
from regtest.packages import CACHE
from regtest.waiting import wait_for

VARIABLE = "REGTEST_STATE"
"""The environment variable that names another folder than `.cache/regtest`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One server that was started: its process id, when that process began (clock ticks since boot) and its port."""

    pid: int
    began: int
    port: int

    @classmethod
    def of(cls, pid: int | None, port: int) -> Running:
        """Note a server that runs now."""
        began = _began(pid) if pid is not None else None
        if pid is None or began is None:
            raise HarnessError("the server has ended already")
        return cls(pid=pid, began=began, port=port)

    def is_alive(self) -> bool:
        """Whether that very process still runs."""
        return _began(self.pid) == self.began

    def end(self, timeout: float = 60) -> bool:
        """Ask the process to end and wait for it, then insist. False if it had ended before."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            if not self.is_alive():
                return False
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGTERM)
                try:
                    wait_for(lambda: not self.is_alive(), timeout, "the end of a server")
                except WaitError:
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)
        return True


def _began(pid: int) -> int | None:
    """The start time of a process, or None if there is none (or it has ended and waits to be collected)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[19])


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The servers that belong to a folder."""

    folder: Path
    node: Running
    registry: Running

    def save(self) -> None:
        """Write the state (0600) into its folder (0700) in one step."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.folder / "state.json.new"
        text = json.dumps({"node": asdict(self.node), "registry": asdict(self.registry)})
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
            opened.write(text)
        fresh.replace(self.folder / "state.json")

    def forget(self) -> None:
        """Remove the state file."""
        (self.folder / "state.json").unlink(missing_ok=True)

    def attach(self) -> Node:
        """The node, to be spoken to; it belongs to another process, so it cannot be restarted from here."""
        node = Node(self.folder / "node")
        node.rpc_port = self.node.port
        return node


def state_folder() -> Path:
    """Where the state is kept."""
    told = os.environ.get(VARIABLE)
    return Path(told) if told else CACHE / "regtest"


def load_state(folder: Path) -> State | None:
    """What is written in a folder, or None. Raises HarnessError if the file is not one of ours."""
    path = folder / "state.json"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        written = json.loads(text)
        return State(folder=folder, node=Running(**written["node"]), registry=Running(**written["registry"]))
    except (ValueError, KeyError, TypeError) as error:
        raise HarnessError(f"{path} is not readable: {error}. Stop the servers by hand and remove it.") from error


def running_state() -> State:
    """The servers that are up. Raises HarnessError, which says how to start them."""
    state = load_state(state_folder())
    if state is None or not state.node.is_alive():
        raise HarnessError("no node is up: start one with `python -m regtest up`")
    return state
