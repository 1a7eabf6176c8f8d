"""Fixtures for all tests come from the harness's plugin."""

import gc
import locale
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from regtest.packages import engines_can_run
from regtest.party import Start
from tests.cheap_keystores import PROGRAM, make_keystores_cheap
from tests.warm_start import WarmStart

pytest_plugins = ["regtest.plugin"]

gc.set_threshold(20_000, 20, 20)
"""Thousands of tests and hundreds of apps make much, and little of it is garbage that only a collector finds."""

settings.register_profile("untimed", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
"""Machines are shared and noisy: no property fails because an example took long."""


make_keystores_cheap()

LONGEST_ID = 100
"""Characters, or bytes."""

APP = Path(__file__).parent / "tui" / "app"


@pytest.fixture(scope="session")
def dockchains() -> tuple[str, ...]:
    """Parties make keystores that cost little, and open them by the program as it is."""
    return PROGRAM


@pytest.fixture(scope="session")
def start_command(dockchains: tuple[str, ...]) -> Iterator[Start]:
    """Their commands start from a process that has imported the program already."""
    with closing(WarmStart(dockchains)) as warm:
        yield warm


@pytest.fixture(autouse=True)
def _the_level_of_the_log_stays() -> Iterator[None]:
    """What one test sets for the whole process, the next one does not inherit."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)


def _process() -> dict[str, object]:
    """What tests share, and what they have in common with everything else in the process."""
    return {
        "environment": {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        "folder": Path.cwd(),
        "temporary folder": tempfile.gettempdir(),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)],
        "import path": list(sys.path),
        "standard streams": (sys.__stdin__, sys.__stdout__, sys.__stderr__),
        "locale": locale.setlocale(locale.LC_ALL),
        "patience": socket.getdefaulttimeout(),
    }


@pytest.fixture(autouse=True)
def _each_test_leaves_the_process_as_it_was() -> Iterator[None]:
    """Else another one would depend on it, and turn out as the order of the two is."""
    before = _process()
    yield
    assert _process() == before, "the test changed its process"


def _can_run(item: pytest.Item) -> bool:
    """Whether this machine has, or can be given, what a test is marked to need."""
    programs = [str(mark.args[0]) for mark in item.iter_markers("program")]
    engines = item.get_closest_marker("engines") is None or engines_can_run()
    return engines and all(shutil.which(program) is not None for program in programs)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What cannot run here is left out. The longest modules begin, then those with a node or an app, so that at the end
    no process waits for another."""
    left_out = [item for item in items if not _can_run(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    ranks: dict[Path, int] = {}
    for item in items:
        slow = item.get_closest_marker("node") or APP in item.path.parents
        rank = 0 if item.get_closest_marker("long") else 1 if slow else 2
        ranks[item.path] = min(rank, ranks.get(item.path, rank))
    items.sort(key=lambda item: ranks[item.path])


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long value is named by its size: a test's id stands in the environment of every program that it starts."""
    return f"{argname} of {len(val)}" if isinstance(val, str | bytes) and len(val) > LONGEST_ID else None


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """A report that quotes hostile text can still be sent from a worker: lone surrogates are written out."""
    return _encodable((yield))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_encodable(one) for one in value)
    return value
