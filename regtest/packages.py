"""The programs that the harness runs: found on this machine, or fetched from Debian into `.cache/`.

A program is looked for in this order: its environment variable, PATH, the cache. `tools(fetch=True)` fills the cache
where something is missing: Debian packages, unpacked in a folder of their own beside all their libraries, and run
through the C library's own loader, so that neither the machine's suite nor its installed packages matter.
"""

from __future__ import annotations

import os
import platform
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from regtest.apt_root import AptRoot, prepare
from regtest.apt_sources import debian_candidates, machine_sources
from regtest.errors import MissingTool
from regtest.launcher import first_existing, install, is_static

CACHE = Path(__file__).resolve().parent.parent / ".cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Programs that are fetched together. `programs` are paths in the unpacked packages, the first that exists.

    Those that start themselves again (`restarts`) cannot be run through a loader: they are of the machine's own suite,
    and run with its C library.
    """

    name: str
    packages: tuple[str, ...]
    programs: dict[str, tuple[str, ...]]
    restarts: bool = False


NODE = Bundle(
    name="node",
    packages=("bitcoin-knots",),
    programs={"bitcoind": ("usr/bin/bitcoind",), "bitcoin-cli": ("usr/bin/bitcoin-cli",)},
)
IMAGES = Bundle(
    name="images",
    packages=("docker-registry", "skopeo", "busybox-static"),
    programs={
        "docker-registry": ("usr/bin/docker-registry",),
        "skopeo": ("usr/bin/skopeo",),
        "busybox": ("usr/bin/busybox", "bin/busybox"),
    },
)
ENGINES = Bundle(
    name="engines",
    packages=("buildah", "podman"),
    programs={
        "buildah": ("usr/bin/buildah",),
        "podman": ("usr/bin/podman",),
        "conmon": ("usr/bin/conmon",),
        "crun": ("usr/bin/crun",),
    },
    restarts=True,
)
VARIABLES = {
    "bitcoind": "BITCOIND",
    "bitcoin-cli": "BITCOIN_CLI",
    "docker-registry": "DOCKER_REGISTRY",
    "skopeo": "SKOPEO",
    "busybox": "BUSYBOX",
}


ENGINE_VARIABLES = {"buildah": "BUILDAH", "podman": "PODMAN", "conmon": "CONMON", "crun": "CRUN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Where container engines are, and what podman wants to know before it does anything."""

    buildah: Path
    podman: Path
    conmon: Path
    crun: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Where the programs are. `busybox` is a static binary, fit to be put into an image."""

    bitcoind: Path
    bitcoin_cli: Path
    registry: Path
    skopeo: Path
    busybox: Path


def tools(*, fetch: bool, cache: Path = CACHE, say: Callable[[str], None] | None = None) -> Tools:
    """Find every program; with `fetch`, fetch from Debian what is missing.

    `say` receives progress lines (standard error by default). Raises MissingTool, which names what to install.
    """
    found = {name: find(name, cache) for name in VARIABLES}
    if fetch and None in found.values():
        with _locked(cache):
            for left in cache.glob("fetch-*"):
                shutil.rmtree(left, ignore_errors=True)
            for bundle in (NODE, IMAGES):
                if any(find(name, cache) is None for name in bundle.programs):
                    _fetch(bundle, cache, say or _to_stderr)
        found = {name: find(name, cache) for name in VARIABLES}
    paths = {name: path for name, path in found.items() if path is not None}
    absent = [name for name in VARIABLES if name not in paths]
    if absent:
        raise MissingTool(f"not found: {', '.join(absent)}. {how_to_get()}")
    return Tools(
        bitcoind=paths["bitcoind"],
        bitcoin_cli=paths["bitcoin-cli"],
        registry=paths["docker-registry"],
        skopeo=paths["skopeo"],
        busybox=paths["busybox"],
    )


def engines(*, cache: Path = CACHE, say: Callable[[str], None] | None = None) -> Engines:
    """Find buildah and podman, or fetch them: they are for tests alone, so whoever first needs them does.

    `say` as for `tools`. Raises MissingTool.
    """
    if any(find(name, cache) is None for name in ENGINE_VARIABLES):
        with _locked(cache):
            if any(find(name, cache) is None for name in ENGINE_VARIABLES):
                _fetch(ENGINES, cache, say or _to_stderr)
    paths = {name: path for name in ENGINE_VARIABLES if (path := find(name, cache)) is not None}
    absent = [name for name in ENGINE_VARIABLES if name not in paths]
    if absent:
        raise MissingTool(f"not found: {', '.join(absent)}. Install them, and put them on PATH")
    return Engines(**paths)


def engines_can_run(cache: Path = CACHE) -> bool:
    """Whether buildah and podman are here or can be fetched, and may unpack images: as root or with subordinate ids."""
    here = _is_debian() or all(find(name, cache) is not None for name in ENGINE_VARIABLES)
    return here and (os.geteuid() == 0 or (shutil.which("newuidmap") is not None and _has_subordinate_ids()))


def _has_subordinate_ids() -> bool:
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
        lines = Path("/etc/subuid").read_text(encoding="utf-8").splitlines()
    except (KeyError, OSError, UnicodeDecodeError):
        return False
    return any(line.split(":")[0] in (user, str(os.geteuid())) for line in lines)


def find(name: str, cache: Path = CACHE) -> Path | None:
    """One program, or None. A variable that is set but names no program raises MissingTool: it is never passed over."""
    variable = (VARIABLES | ENGINE_VARIABLES)[name]
    if told := os.environ.get(variable):
        path = shutil.which(told)
        if path is None:
            raise MissingTool(f"{variable}={told}: no such program")
        return Path(path).absolute()
    on_path = shutil.which(name)
    if on_path is not None and (name != "busybox" or is_static(Path(on_path))):
        return Path(on_path).absolute()
    cached = cache / "bin" / name
    return cached if os.access(cached, os.X_OK) else None


def how_to_get() -> str:
    """What to do about a missing program, in one line."""
    named = ", ".join(VARIABLES.values())
    if _is_debian():
        return (
            "Run `make setup`, which fetches them from Debian into .cache/ (no root needed); in another project, "
            f"`python -m regtest.packages`, which puts them into {CACHE}."
        )
    return (
        "On Debian 12 or later (amd64) `make setup` fetches them. Here, install Bitcoin Core or Knots 28 or later, "
        "Distribution (docker-registry) 2.8, skopeo and a static busybox, and put them on PATH or name them by "
        f"{named}."
    )


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _is_debian() -> bool:
    has_apt = shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None
    return _os_release().get("ID") == "debian" and platform.machine() == "x86_64" and has_apt


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    """One process at a time fills the cache; the others wait and then find it full."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "fetch.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def suites_of(bundle: Bundle, codename: str) -> tuple[str, ...]:
    """The suites that a bundle is taken from. Debian 12 and 13 have bitcoin-knots in the backports of 13."""
    if bundle is NODE and codename in {"bookworm", "trixie"}:
        return ("trixie", "trixie-backports")
    return (codename,)


def _fetch(bundle: Bundle, cache: Path, say: Callable[[str], None]) -> None:
    """Fetch, unpack and wrap one bundle. Nothing is seen in the cache before everything is there."""
    if not _is_debian():
        raise MissingTool(f"cannot fetch {', '.join(bundle.programs)} on this system. {how_to_get()}")
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=cache) as work:
        say(f"Fetching {', '.join(bundle.packages)} from Debian ...")
        root = _ready_root(Path(work), bundle, say)
        archives = root.download(bundle.packages)
        unpacked = Path(work) / "unpacked"
        for archive in archives:
            if bundle.restarts and archive.name.startswith("libc6_"):
                continue
            subprocess.run(["dpkg-deb", "-x", str(archive), str(unpacked)], check=True, capture_output=True)
        programs = {name: first_existing(unpacked, paths) for name, paths in bundle.programs.items()}
        target = cache / "debian" / bundle.name
        target.parent.mkdir(exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        unpacked.replace(target)
        for name, program in programs.items():
            install(name, program, target, cache / "bin")
    say(f"{len(archives)} packages unpacked in {target}")


def _ready_root(work: Path, bundle: Bundle, say: Callable[[str], None]) -> AptRoot:
    """An apt root whose lists are fetched and have the bundle's packages: the first archive that serves them."""
    codename = _os_release().get("VERSION_CODENAME", "sid")
    troubles: list[str] = []
    for number, source in enumerate(debian_candidates(machine_sources(), codename)):
        root = prepare(work / f"apt{number}", source, suites_of(bundle, codename), say)
        try:
            root.update()
        except MissingTool as error:
            troubles.append(str(error))
            continue
        absent = [package for package in bundle.packages if not root.offers(package)]
        if not absent:
            return root
        troubles.append(f"{source.uri} does not have {', '.join(absent)}")
    variables = VARIABLES | ENGINE_VARIABLES
    found = "\n".join(troubles) or f"no archive of Debian {codename} is listed in /etc/apt"
    raise MissingTool(
        f"could not fetch {', '.join(bundle.packages)}:\n{found}\n"
        "Check /etc/apt and the network (a key that apt does not know: update the package debian-archive-keyring), or "
        f"install the programs yourself and name them by {', '.join(variables[name] for name in bundle.programs)}."
    )


def main() -> int:
    """`python -m regtest.packages`: fetch what is missing, and say where everything is."""
    try:
        found = tools(fetch=True)
    except MissingTool as missing:
        print(missing, file=sys.stderr)
        return 1
    for name, path in zip(
        VARIABLES, (found.bitcoind, found.bitcoin_cli, found.registry, found.skopeo, found.busybox), strict=True
    ):
        print(f"{name:<16} {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
