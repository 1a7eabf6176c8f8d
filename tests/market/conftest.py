"""The ground of each module of sales."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from regtest.node import Node
from regtest.registry import Registry
from tests.attacks.ground import Ground
from tests.market.traders import Market, new_market


@pytest.fixture(scope="module")
def ground(bitcoin_node: Node, image_registry: Registry, regtest_folder: Path) -> Iterator[Ground]:
    """A node with mature coins, a registry, and nothing on them yet."""
    bitcoin_node.mine(101)
    with RegistryClient(CredentialFinder.nowhere()) as client:
        made = Ground(bitcoin_node, image_registry, client, regtest_folder)
        yield made
        made.close()


@pytest.fixture(scope="module")
def market(ground: Ground) -> Market:
    """A seller with a repository in a block."""
    return new_market(ground, "acme/app")
