"""Fixtures for all tests come from the harness's plugin."""

import logging
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from assets.services.wallets import backups, opening
from wallet.keys import keystore

pytest_plugins = ["regtest.plugin"]

settings.register_profile("untimed", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
"""Machines are shared and noisy: no property fails because an example took long."""


CHEAP = keystore.KdfCost(passes=1, memory=8 * 1024, lanes=1)


@pytest.fixture(autouse=True, scope="session")
def _keystores_cost_little() -> Iterator[None]:
    """New keystores open fast in this process, since tests open thousands. What runs as a program has the real cost."""
    with pytest.MonkeyPatch.context() as patch:
        for function in (keystore.seal, keystore.change_password, opening.create, backups.renew_password):
            assert function.__kwdefaults__ is not None, "costs are named"
            patch.setitem(function.__kwdefaults__, "cost", CHEAP)
        yield


@pytest.fixture(autouse=True)
def _the_level_of_the_log_stays() -> Iterator[None]:
    """What one test sets for the whole process, the next one does not inherit."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules begin, then those with a node, so that no process is left with a long one at the end."""
    ranks: dict[Path, int] = {}
    for item in items:
        rank = 0 if item.get_closest_marker("long") else 1 if item.get_closest_marker("node") else 2
        ranks[item.path] = min(rank, ranks.get(item.path, rank))
    items.sort(key=lambda item: ranks[item.path])


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
