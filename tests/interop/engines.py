"""podman and buildah, where they are on PATH, with storage of their own: nothing on this machine is touched."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

needs_podman = pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not on PATH")
needs_buildah = pytest.mark.skipif(shutil.which("buildah") is None, reason="buildah is not on PATH")


class EngineError(Exception):
    """A program ended with an error; its own words."""


@dataclass(frozen=True)
class Engine:
    """Runs one program with its storage, configuration and policy in a folder.

    `run_root` is another folder, whose name podman wants to have at most 50 characters.
    """

    program: str
    folder: Path
    run_root: str
    registries: str = ""

    def __call__(self, *arguments: str) -> str:
        """What it prints. Raises EngineError."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        (self.folder / "policy.json").write_text('{"default":[{"type":"insecureAcceptAnything"}]}')
        (self.folder / "registries.conf").write_text(self.registries)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "CONTAINERS_REGISTRIES_CONF": str(self.folder / "registries.conf"),
        }
        done = subprocess.run(
            self._command(*arguments),
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode != 0:
            raise EngineError(f"{self.program} {' '.join(arguments)}: {done.returncode}\n{done.stderr.strip()}")
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        storage = ("--storage-driver", "vfs", "--root", f"{self.folder}/root", "--runroot", self.run_root)
        quiet = ("--cgroup-manager", "cgroupfs", "--events-backend", "none") if self.program == "podman" else ()
        policy = ("--signature-policy", f"{self.folder}/policy.json") if arguments[0] in ("pull", "push") else ()
        return [self.program, *storage, *quiet, arguments[0], *policy, *arguments[1:]]
