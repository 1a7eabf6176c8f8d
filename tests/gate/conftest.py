"""The ground of each module about gates."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from regtest.node import Node
from tests.gate.closed import ClosedWorld, closed_world


@pytest.fixture(scope="module")
def closed(bitcoin_node: Node, regtest_folder: Path) -> Iterator[ClosedWorld]:
    """A registry behind a gate, with three repositories."""
    with closed_world(bitcoin_node, regtest_folder) as world:
        yield world
