"""An index over a chain in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assets.index.harness import Indexed


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[Indexed]:
    """A fresh chain and an empty index."""
    world = Indexed(tmp_path)
    yield world
    world.store.close()
