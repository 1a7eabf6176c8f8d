"""A person who types commands: the real command line, in this process, with a home of their own."""

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from assets.images.verdict import Verdict
from regtest.harness import settings_for
from regtest.node import Node
from tui import log
from tui.bootstrap import House
from tui.cli.run import run
from tui.paths import Paths
from tui.settings import Settings, load

_INHERITED = ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE")
"""Where credentials of whoever runs the tests could lie."""

Houses = Callable[[Settings, Paths], House]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command answered."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The one object that `--json` prints."""
        parsed = json.loads(self.stdout)
        assert isinstance(parsed, dict)
        return parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an index, pins and manifests of their own. `houses` makes the program's parts."""

    name: str
    home: Path
    node: Node
    houses: Houses = House
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, expect: int | None = 0) -> Said:
        """One command line; `expect` is the exit code that must come, None for any."""
        made: list[House] = []

        def build(settings: Settings, paths: Paths) -> House:
            made.append(self.houses(settings, paths))
            return made[-1]

        out, err = io.StringIO(), io.StringIO()
        with self._environment():
            try:
                with redirect_stdout(out), redirect_stderr(err):
                    code = int(run(arguments, build))
            finally:
                log.stop()
                for house in made:
                    _close(house)
        said = Said(code=code, stdout=out.getvalue(), stderr=err.getvalue())
        told = f"{self.name}: {arguments} ended with {code}\n{said.stdout}{said.stderr}"
        assert expect is None or code == expect, told
        return said

    @contextmanager
    def house(self) -> Iterator[House]:
        """The parts of the program as this person's commands have them, for tests that must hand them odd things."""
        with self._environment():
            paths = Paths.of(os.environ)
            opened = self.houses(load({}, os.environ, paths.settings_file), paths)
            try:
                yield opened
            finally:
                _close(opened)

    @contextmanager
    def _environment(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name in [one for one in os.environ if one.startswith("DOCKCHAINS_")] + list(_INHERITED):
                patch.delenv(name, raising=False)
            for name, value in {**settings_for(self.home, self.node), **self.settings}.items():
                patch.setenv(name, value)
            patch.setenv("HOME", str(self.home))
            yield

    def verify(self, reference: str, *options: str, expect: Verdict) -> dict[str, Any]:
        """Asks once as a person and once as a program; standard output holds the image on exit 0, else nothing."""
        spoken = self.run("image", "verify", reference, *options, expect=int(expect))
        answer = self.run("image", "verify", reference, *options, "--json", expect=int(expect)).document
        assert spoken.stderr.startswith(f"{expect.name}: ")
        assert (answer["verdict"], answer["exit_code"]) == (expect.name, int(expect))
        assert spoken.stdout == (f"{answer['image']}\n" if expect is Verdict.VERIFIED else "")
        return answer

    def refused(self, *arguments: str, expect: int = 3) -> str:
        """What a command says that refuses; it prints nothing on standard output."""
        said = self.run(*arguments, expect=expect)
        assert said.stdout == ""
        assert said.stderr.startswith("error: ")
        return said.stderr

    def pin(self, name: str, *options: str) -> str:
        """Takes a pin, by what the registry claims unless the options say otherwise; the genesis."""
        return str(self.run("image", "pin", name, *options, "--yes", "--json").document["genesis"])


def _close(house: House) -> None:
    """Close what a command leaves to the end of its process."""
    parts = vars(house)
    if "index" in parts:
        house.index.close()
    if "registry" in parts:
        house.registry.close()
    if "node" in parts:
        house.node.close()
