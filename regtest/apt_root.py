"""A private apt root: fetch Debian packages without root rights and without touching the system.

apt-get gets a configuration of its own: its state, its cache, its list of sources and a package database in which
nothing is installed but the few packages named in `TAKEN_AS_INSTALLED`. So apt resolves a program down to the C
library, which lets it run on a machine of another suite. Signatures and hashes are checked by apt as always.
"""

from __future__ import annotations

import os
import subprocess
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regtest.apt_sources import AptSource
from regtest.errors import MissingTool

TAKEN_AS_INSTALLED = (
    "adduser",
    "containers-common",
    "dbus",
    "debconf",
    "dirmngr",
    "dmsetup",
    "dpkg",
    "gnupg",
    "golang-github-containers-common",
    "golang-github-containers-image",
    "gpg",
    "gpg-agent",
    "gpgconf",
    "gpgsm",
    "init-system-helpers",
    "lsb-base",
    "netbase",
    "perl",
    "systemd",
    "systemd-standalone-sysusers",
    "sysvinit-utils",
)
"""Packages that the programs declare for their services, users and keyrings. Nothing here runs as a service."""

_CONF = """\
Dir::State "{root}/state";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{root}/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "amd64";
APT::Architectures {{ "amd64"; }};
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
"""

_STATUS = "Package: {name}\nStatus: install ok installed\nVersion: 9:9999\nArchitecture: amd64\nMulti-Arch: foreign\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class AptRoot:
    """A folder with all that apt needs; made by `prepare`. `say` receives one line of progress at a time."""

    folder: Path
    say: Callable[[str], None]

    def update(self) -> None:
        """Fetch the package lists. Raises MissingTool with apt's own words when a list or a signature is not good."""
        self._apt("-o", "APT::Update::Error-Mode=any", "update")

    def offers(self, package: str) -> bool:
        """Whether the lists that were fetched have this package."""
        shown = subprocess.run(
            ["apt-cache", "-c", str(self.folder / "apt.conf"), "show", "--no-all-versions", package],
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
        )
        return shown.returncode == 0 and f"Package: {package}" in shown.stdout

    def download(self, packages: tuple[str, ...]) -> tuple[Path, ...]:
        """Fetch packages with everything that they depend on; returns the `.deb` files, sorted by name."""
        self._apt("--yes", "--download-only", "install", *packages)
        return tuple(sorted((self.folder / "cache" / "archives").glob("*.deb")))

    def _apt(self, *arguments: str) -> None:
        command = ["apt-get", "-c", str(self.folder / "apt.conf"), "-q", *arguments]
        tail: deque[str] = deque(maxlen=12)
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=_environment(),
        ) as running:
            if running.stdout is None:
                raise AssertionError("a pipe was asked for")
            for line in running.stdout:
                tail.append(line.rstrip())
                if line.startswith("Get:"):
                    self.say("  " + " ".join(line.split()[2:]))
        if running.returncode != 0:
            raise MissingTool("apt-get {} failed:\n  {}".format(arguments[-1], "\n  ".join(tail)))


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


def prepare(folder: Path, source: AptSource, suites: tuple[str, ...], say: Callable[[str], None]) -> AptRoot:
    """Lay out a private root that knows `suites` of the archive of `source`, component `main`, and nothing else."""
    if set('"\n\\') & set(str(folder)):
        raise MissingTool(f"apt cannot work below a folder with such a name: {folder}")
    for part in ("state/lists/partial", "cache/archives/partial", "sources"):
        (folder / part).mkdir(parents=True)
    (folder / "apt.conf").write_text(_CONF.format(root=folder), encoding="utf-8")
    (folder / "status").write_text("".join(_STATUS.format(name=name) for name in TAKEN_AS_INSTALLED), encoding="utf-8")
    signed = f"Signed-By: {source.signed_by}\n" if source.signed_by else ""
    stanza = (
        f"Types: deb\nURIs: {source.uri}\nSuites: {' '.join(suites)}\nComponents: main\nArchitectures: amd64\n{signed}"
    )
    (folder / "sources" / "debian.sources").write_text(stanza, encoding="utf-8")
    return AptRoot(folder=folder, say=say)
