"""A shop as a process of its own, so that it can be killed."""

from contextlib import AbstractContextManager
from pathlib import Path

from regtest.node import Node
from tests.serving import RunningService, running_service


def running_shop(
    bundle: Path, node: Node, home: Path, *options: str, port: int = 0
) -> AbstractContextManager[RunningService]:
    """Serves a bundle of lots."""
    serve = ("market", "serve", str(bundle), "--listen", f"127.0.0.1:{port}", *options)
    return running_service(serve, "selling at", node, home)
