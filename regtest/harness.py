"""A whole small world: a node, a registry, and parties who share nothing else."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from regtest.node import Node
from regtest.packages import tools
from regtest.party import DOCKCHAINS, Completed, Party, Start, start_process
from regtest.registry import Registry
from regtest.scratch import scratch_folder

__all__ = ["Completed", "Harness", "Party", "settings_for"]


def settings_for(home: Path, node: Node) -> dict[str, str]:
    """The environment variables that point `dockchains` at a home and at a node."""
    return {
        "DOCKCHAINS_HOME": str(home / "dockchains"),
        "DOCKCHAINS_NETWORK": "regtest",
        "DOCKCHAINS_NODE_URL": node.url,
        "DOCKCHAINS_NODE_COOKIE": str(node.cookie),
    }


class Harness:
    """Starts a node and a registry on entry and stops them on exit.

    Without a `folder` it works in a temporary one and removes it at the end. `program` is what parties start,
    and `start` how.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        node_options: tuple[str, ...] = (),
        program: tuple[str, ...] = DOCKCHAINS,
        start: Start = start_process,
    ) -> None:
        self._temporary = folder is None
        self.folder = folder or scratch_folder("dockchains-")
        self.node = Node(self.folder / "node", extra=node_options)
        self.registry = Registry(self.folder / "registry")
        self._program, self._start = program, start
        self._parties: dict[str, Party] = {}
        self._running = ExitStack()

    def party(self, name: str) -> Party:
        """The party of this name; its home is made at the first mention."""
        if name not in self._parties:
            home = self.folder / "homes" / name
            home.mkdir(mode=0o700, parents=True)
            settings = settings_for(home, self.node)
            self._parties[name] = Party(
                name=name, home=home, settings=settings, program=self._program, start=self._start
            )
        return self._parties[name]

    def __enter__(self) -> Self:
        tools(fetch=False)
        with ExitStack() as starting:
            if self._temporary:
                starting.callback(shutil.rmtree, self.folder, ignore_errors=True)
            starting.enter_context(self.node)
            starting.enter_context(self.registry)
            self._running = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()
