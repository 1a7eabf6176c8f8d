"""Fixtures for all tests come from the harness's plugin."""

import logging
from collections.abc import Iterator

import pytest

pytest_plugins = ["regtest.plugin"]


@pytest.fixture(autouse=True)
def _the_level_of_the_log_stays() -> Iterator[None]:
    """What one test sets for the whole process, the next one does not inherit."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)
