"""A pytest plugin: real nodes, registries and parties as fixtures. Load it with `pytest_plugins = ["regtest.plugin"]`.

Fixtures live as long as a test module. Where a program is missing the test is skipped with the reason; with `CI=true`
it fails, and so does every skip of a test marked `node` or `registry`. A failed test keeps its module's folder and
prints where it is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from regtest.errors import MissingTool
from regtest.harness import Harness
from regtest.node import Node
from regtest.packages import Tools, tools
from regtest.party import DOCKCHAINS, Start, start_process
from regtest.registry import BearerLogin, PasswordLogin, Registry
from regtest.scratch import scratch_folder

_FOLDERS = pytest.StashKey[dict[str, list[Path]]]()
_FAILED = pytest.StashKey[set[str]]()


class NodeFactory(Protocol):
    """Starts a node; it is stopped with the module."""

    def __call__(self, *, extra: tuple[str, ...] = ()) -> Node: ...


class RegistryFactory(Protocol):
    """Starts a registry; it is stopped with the module."""

    def __call__(self, *, login: PasswordLogin | BearerLogin | None = None, tls: bool = False) -> Registry: ...


def in_ci() -> bool:
    """Whether the environment says that this is a run that must leave nothing out."""
    return os.environ.get("CI", "").strip().lower() in {"1", "true", "yes"}


def require_tools() -> Tools:
    """Every program, or the end of the test: a skip, and in CI a failure."""
    try:
        return tools(fetch=False)
    except MissingTool as missing:
        if in_ci():
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers, for projects that do not list them, and prepare what is remembered."""
    config.addinivalue_line("markers", "node: needs a real bitcoind")
    config.addinivalue_line("markers", "registry: needs a real Distribution registry")
    config.addinivalue_line("markers", "slow: takes minutes; left out of the usual run")
    config.stash[_FOLDERS] = {}
    config.stash[_FAILED] = set()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marked test needs the programs even if it starts the servers by itself."""
    if _is_marked(item):
        require_tools()


def _is_marked(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("node", "registry"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the folder of a failed test; in CI make a failure of a skip that is not allowed."""
    report = yield
    if report.skipped and in_ci() and _is_marked(item) and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    module = _module_of(item.nodeid)
    if report.failed:
        item.config.stash[_FAILED].add(module)
        kept = item.config.stash[_FOLDERS].get(module, [])
        if kept:
            report.sections.append(("regtest", "\n".join(f"kept: {folder}" for folder in kept)))
    return report


def _module_of(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


@pytest.fixture(scope="module")
def regtest_folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder (0700) for the servers of one module; removed at the end unless a test failed."""
    module = _module_of(request.node.nodeid)
    folder = scratch_folder("regtest-")
    request.config.stash[_FOLDERS].setdefault(module, []).append(folder)
    yield folder
    if module not in request.config.stash[_FAILED]:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def node_factory(regtest_folder: Path) -> Iterator[NodeFactory]:
    """Start as many nodes as a module likes, each with its own folder, port and chain."""
    found = require_tools()
    started: list[Node] = []

    def start(*, extra: tuple[str, ...] = ()) -> Node:
        node = Node(regtest_folder / f"node{len(started)}", extra=extra, bitcoind=found.bitcoind)
        started.append(node)
        node.start()
        return node

    yield start
    _stop_all([node.stop for node in started])


@pytest.fixture(scope="module")
def bitcoin_node(node_factory: NodeFactory) -> Node:
    """One node for the module, with transaction index, block filters and REST."""
    return node_factory()


@pytest.fixture(scope="module")
def registry_factory(regtest_folder: Path) -> Iterator[RegistryFactory]:
    """Start as many registries as a module likes, each with its own folder and port."""
    found = require_tools()
    started: list[Registry] = []

    def start(*, login: PasswordLogin | BearerLogin | None = None, tls: bool = False) -> Registry:
        folder = regtest_folder / f"registry{len(started)}"
        registry = Registry(folder, login=login, tls=tls, program=found.registry)
        started.append(registry)
        registry.start()
        return registry

    yield start
    _stop_all([registry.stop for registry in started])


@pytest.fixture(scope="module")
def image_registry(registry_factory: RegistryFactory) -> Registry:
    """One registry for the module: plain HTTP, no login."""
    return registry_factory()


@pytest.fixture(scope="session")
def dockchains() -> tuple[str, ...]:
    """What the parties of a harness start as the program; to be overridden where they should start another."""
    return DOCKCHAINS


@pytest.fixture(scope="session")
def start_command() -> Start:
    """How the parties of a harness start it; to be overridden where it should be started in another way."""
    return start_process


@pytest.fixture(scope="module")
def harness(regtest_folder: Path, dockchains: tuple[str, ...], start_command: Start) -> Iterator[Harness]:
    """A node, a registry and parties with isolated homes, for the module."""
    require_tools()
    with Harness(regtest_folder / "harness", program=dockchains, start=start_command) as running:
        yield running


def _stop_all(stops: list[Callable[[], Any]]) -> None:
    """Stop every server, and only then raise the first error: one that hangs must not leave the others running."""
    errors: list[Exception] = []
    for stop in stops:
        try:
            stop()
        except Exception as error:  # noqa: BLE001 - collected here, raised below
            errors.append(error)
    if errors:
        raise errors[0]
