"""podman and buildah with storage of their own: nothing on this machine is touched. Fetched at the first need."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from regtest.packages import engines


def command_of(program: str) -> tuple[str, ...]:
    """How `buildah` or `podman` is called here. Podman does not look for its two helpers on PATH, and there is no
    systemd to ask about them."""
    found = engines()
    if program == "buildah":
        return (str(found.buildah),)
    helpers = ("--conmon", str(found.conmon), "--runtime", str(found.crun))
    return str(found.podman), *helpers, "--cgroup-manager", "cgroupfs", "--events-backend", "none"


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
        policy = (
            ("--signature-policy", f"{self.folder}/policy.json") if arguments[0] in ("pull", "push", "load") else ()
        )
        return [*command_of(self.program), *storage, arguments[0], *policy, *arguments[1:]]
