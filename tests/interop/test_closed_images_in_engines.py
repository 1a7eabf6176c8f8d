"""Gated images with podman, buildah and docker's client, by the credential helper."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from assets.store.container_logins import ContainerLogins
from assets.store.session_store import DAY, GateSession, SessionStore
from regtest.gated import environment_of
from regtest.node import Node
from regtest.party import Party
from tests.assets.index.signing_party import Signer
from tests.gate.closed import ClosedWorld, closed_world
from tests.interop.engines import command_of
from wallet.hashes import display
from wallet.network import REGTEST


@pytest.fixture(scope="module")
def closed(bitcoin_node: Node, regtest_folder: Path) -> Iterator[ClosedWorld]:
    """A registry behind a gate, and a closed image in it."""
    with closed_world(bitcoin_node, regtest_folder) as world:
        world.push(world.app, "1.0", world.owner(world.app))
        yield world


@pytest.fixture
def visitor(tmp_path: Path) -> Party:
    """Somebody with a home, and nobody's login."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return Party(name="visitor", home=home, settings={"DOCKCHAINS_HOME": str(home / "dockchains")})


@pytest.fixture
def run_root() -> Iterator[str]:
    """A folder with a short name, as podman wants it."""
    with TemporaryDirectory(prefix="e") as folder:
        yield folder


def log_in(closed: ClosedWorld, visitor: Party) -> None:
    """A unit in a block, a session that the gate knows, and what `access login` leaves for container tools."""
    signer = Signer(f"holder {visitor.home}")
    closed.grant(closed.app, signer)
    session, now = closed.logged_in(signer.name, signer), int(time.time())
    tools = ContainerLogins(environ={}, home=visitor.home)
    kept = GateSession(
        host=closed.registry.host,
        gate=closed.origin,
        image=closed.app.name,
        network=display(REGTEST.genesis),
        key=session.key,
        since=now,
        until=now + DAY,
        scripts=1,
        entries=tools.plan(closed.registry.host),
    )
    SessionStore(visitor.home / "dockchains" / "logins").save(kept)
    tools.write(kept.host, kept.entries)


def engine(visitor: Party, *command: str) -> subprocess.CompletedProcess[str]:
    """What a program says, at this visitor's."""
    return subprocess.run(
        command, env=environment_of(visitor), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )


def refused_then_let_in(closed: ClosedWorld, visitor: Party, *command: str) -> str:
    """Runs the same command without and with a login; what it printed at the end."""
    before = engine(visitor, *command)
    assert before.returncode != 0
    assert "denied" in before.stderr or "unauthorized" in before.stderr, before.stderr
    log_in(closed, visitor)
    after = engine(visitor, *command)
    assert after.returncode == 0, after.stderr
    return after.stdout


def storage(folder: Path, run_root: str) -> tuple[str, ...]:
    """Options for storage of one's own; nothing on this machine is touched."""
    return "--storage-driver", "vfs", "--root", str(folder / "root"), "--runroot", run_root


def policy(folder: Path) -> tuple[str, str]:
    """The option for a signature policy that asks for none."""
    path = folder / "policy.json"
    path.write_text('{"default":[{"type":"insecureAcceptAnything"}]}')
    return "--signature-policy", str(path)


@pytest.mark.engines
def test_podman_pulls_after_the_login(closed: ClosedWorld, visitor: Party, tmp_path: Path, run_root: str) -> None:
    options = storage(tmp_path, run_root)
    image = f"docker://{closed.app['1.0']}"
    pulled = refused_then_let_in(
        closed, visitor, *command_of("podman"), *options, "pull", *policy(tmp_path), "--tls-verify=false", image
    )
    assert pulled.strip()


@pytest.mark.engines
def test_buildah_pulls_after_the_login(closed: ClosedWorld, visitor: Party, tmp_path: Path, run_root: str) -> None:
    image = f"docker://{closed.app['1.0']}"
    options = storage(tmp_path, run_root)
    refused_then_let_in(
        closed, visitor, *command_of("buildah"), *options, "pull", *policy(tmp_path), "--tls-verify=false", image
    )


@pytest.mark.program("docker")
def test_dockers_client_reads_the_manifest_after_the_login(closed: ClosedWorld, visitor: Party) -> None:
    """Docker's client asks the registry itself here, so that no daemon is needed."""
    shown = refused_then_let_in(closed, visitor, "docker", "manifest", "inspect", "--insecure", closed.app["1.0"])
    assert json.loads(shown)["schemaVersion"] == 2


@pytest.mark.program("docker")
def test_dockers_own_logout_ends_the_login_and_says_how_to_undo_the_rest(closed: ClosedWorld, visitor: Party) -> None:
    log_in(closed, visitor)
    inspect = ("docker", "manifest", "inspect", "--insecure", closed.app["1.0"])
    assert engine(visitor, *inspect).returncode == 0
    out = engine(visitor, "docker", "logout", closed.registry.host)
    assert out.returncode == 0
    assert f"dockchains access logout {closed.app.name}" in out.stderr
    assert engine(visitor, *inspect).returncode != 0
