"""The tests of what happens over time stand on the same ground as the attacks: a node, a registry, people."""

from tests.attacks.conftest import ground

__all__ = ["ground"]
