"""Services on a full disk (S32): they go on with what they can read, and say in one sentence what they cannot do."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from assets.images.verdict import Verdict
from regtest.node import Node
from tests.attacks.ground import Ground
from tests.gate.closed import ClosedWorld, closed_world
from tests.gate.gates import GateCaller, Session, running_gate
from tests.serving import RunningService, running_service

pytestmark = [pytest.mark.node, pytest.mark.registry]

NOTHING = 0
"""Bytes that a process may write to any one file."""


@pytest.fixture(scope="module")
def closed(bitcoin_node: Node, regtest_folder: Path) -> Iterator[ClosedWorld]:
    """A registry behind a gate."""
    with closed_world(bitcoin_node, regtest_folder) as world:
        yield world


@contextmanager
def full(service: RunningService) -> Iterator[None]:
    """Every write of a running process to a file fails meanwhile, as on a full disk."""
    pid = service.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (NOTHING, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def with_full_log(home: Path) -> Path:
    """A home whose log lies on a full disk."""
    folder = home / "dockchains" / "log"
    for part in (home, home / "dockchains", folder):
        part.mkdir(mode=0o700, exist_ok=True)
    (folder / "dockchains.log").symlink_to("/dev/full")
    return home


def scope_of(closed: ClosedWorld, action: str = "pull") -> str:
    return f"repository:{closed.app.name.partition('/')[2]}:{action}"


def test_s32_a_gate_whose_log_is_on_a_full_disk_lets_holders_in(closed: ClosedWorld, tmp_path: Path) -> None:
    holder = Session("full log")
    with running_gate(closed.bundle, closed.node, with_full_log(tmp_path / "gate")) as gate:
        caller = GateCaller(gate.url, closed.origin)
        assert caller.login(holder, closed.app.owner).status == 201
        assert caller.granted(scope_of(closed), as_=holder)
        assert caller.granted(scope_of(closed, "pull,push"), as_=holder)
        assert caller.token(scope_of(closed), as_="Basic nonsense").status in (400, 401)
        assert gate.stop() == 0


def test_s32_a_gate_on_a_full_disk_goes_on_with_what_it_can_read(closed: ClosedWorld) -> None:
    assert closed.gate is not None
    caller, holder = closed.caller, Session("full disk")
    assert caller.login(holder, closed.app.owner).status == 201
    allowed = caller.granted(scope_of(closed), as_=holder)
    assert allowed
    with full(closed.gate):
        for _ in range(3):
            assert caller.granted(scope_of(closed), as_=holder) == allowed
        refused = caller.login(Session("too late"), closed.app.owner)
        assert refused.status == 503
        assert "cannot write to its disk" in str(refused.document)
        closed.node.mine()
        behind = caller.token(scope_of(closed), as_=holder)
        assert behind.status == 503, "who holds units now is known only to an index that can be written"
        assert "cannot write to its disk" in str(behind.document)
        assert caller.token(f"repository:{closed.open.name.partition('/')[2]}:pull").status == 200, "public anyway"
    assert caller.granted(scope_of(closed), as_=holder) == allowed
    assert caller.login(Session("in time again"), closed.app.owner).status == 201


def test_s32_images_are_served_from_a_full_disk(ground: Ground, tmp_path: Path) -> None:
    made = ground.victim("full/app")
    consumer = ground.person("full disk")
    consumer.pin(made.name)
    consumer.verify(made["1.0"], expect=Verdict.VERIFIED)
    consumer.run("image", "pull", made["1.0"])
    log = consumer.home / "dockchains" / "log" / "dockchains.log"
    log.unlink(missing_ok=True)
    log.symlink_to("/dev/full")
    serve = ("image", "serve", "--listen", "127.0.0.1:0", "--offline")
    path = made.name.partition("/")[2]
    with running_service(serve, "serving at", ground.node, consumer.home, bare=True) as service:
        url = f"{service.url}/v2/{path}/manifests/{made.released['1.0']}"
        with urllib3.PoolManager(retries=False) as pool:
            assert pool.request("GET", url).status == 200
            with full(service):
                assert pool.request("GET", url).status == 200
                assert pool.request("GET", f"{service.url}/v2/{path}/manifests/1.0").status == 200
        assert service.stop() == 0
