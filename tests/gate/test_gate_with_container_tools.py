"""Unmodified skopeo at a real registry behind a gate: who pulls and who pushes is what the chain says."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from regtest.errors import CommandError
from regtest.packages import tools
from regtest.server import ServerProcess, free_port
from regtest.skopeo import skopeo
from regtest.waiting import wait_for
from tests.assets.index.signing_party import Signer
from tests.gate.closed import ClosedWorld
from tests.gate.gates import Session, running_gate

pytestmark = [pytest.mark.node, pytest.mark.registry]

DENIED = r"denied|unauthorized"


def inspect(world: ClosedWorld, image: str, session: Session | None) -> str:
    """What skopeo reads of an image; raises CommandError where it is refused."""
    login = ("--no-creds",) if session is None else ("--creds", session.credentials(world.origin))
    return skopeo("inspect", "--raw", "--tls-verify=false", *login, f"docker://{image}")


def test_a_closed_image_opens_for_its_owner_and_for_holders_and_for_nobody_else(closed: ClosedWorld) -> None:
    owner = closed.owner(closed.app)
    closed.push(closed.app, "1.0", owner)
    image = closed.app["1.0"]
    with pytest.raises(CommandError, match=DENIED):
        inspect(closed, image, None)
    buyer, next_one = Signer("buyer"), Signer("the next one")
    early = closed.caller.login(Session("buyer"), buyer)
    assert early.status == 401
    assert "hold no title and no access unit" in early.document["message"]
    unit = closed.grant(closed.app, buyer)
    session = closed.logged_in("buyer", buyer)
    assert "layers" in inspect(closed, image, session)
    target = closed.bundle.parent / "pulled"
    skopeo(
        "copy", "--src-tls-verify=false", "--src-creds", session.credentials(closed.origin),
        f"docker://{image}", f"oci:{target}:1.0",
    )  # fmt: skip
    with pytest.raises(CommandError, match=DENIED):
        closed.push(closed.app, "2.0", session)
    with pytest.raises(CommandError, match=DENIED):
        inspect(closed, closed.tool["1.0"], session)
    closed.ground.mine(closed.pass_on(unit, next_one))
    with pytest.raises(CommandError, match=DENIED):
        inspect(closed, image, session)
    assert "layers" in inspect(closed, image, closed.logged_in("next one", next_one))


def test_wrong_credentials_are_told_from_missing_rights(closed: ClosedWorld) -> None:
    with pytest.raises(CommandError, match="invalid username/password"):
        skopeo("inspect", "--tls-verify=false", "--creds", "acme:wrong", f"docker://{closed.app['1.0']}")


def test_skopeo_login_takes_the_helpers_secret(closed: ClosedWorld) -> None:
    session = closed.owner(closed.app)
    user, _, secret = session.credentials(closed.origin).partition(":")
    file = closed.bundle.parent / "login.json"
    login = ("login", "--tls-verify=false", "--authfile", str(file), "-u", user)
    assert "Login Succeeded" in skopeo(*login, "-p", secret, closed.registry.host)
    with pytest.raises(CommandError, match="invalid username/password"):
        skopeo(*login, "-p", "wrong", closed.registry.host)


def test_an_open_image_is_for_everybody_once_its_definition_is_there_and_push_is_its_owners(
    closed: ClosedWorld,
) -> None:
    owner = closed.owner(closed.open)
    closed.push(closed.open, "1.0", owner)
    image = closed.open["1.0"]
    with pytest.raises(CommandError, match=DENIED):
        inspect(closed, image, None)
    closed.publish_definitions(closed.open)
    wait_for(lambda: bool(closed.caller.granted("repository:acme/open:pull")), 90, "the open definition read")
    assert "layers" in inspect(closed, image, None)
    with pytest.raises(CommandError, match=DENIED):
        closed.push(closed.open, "2.0", closed.owner(closed.tool))
    assert closed.caller.granted("repository:acme/app:pull repository:other/tool:pull") == {}


def test_the_public_sibling_is_read_by_all_and_written_by_the_owner(closed: ClosedWorld) -> None:
    closed.publish_definitions(closed.app)
    assert "layers" in inspect(closed, f"{closed.app.name}/dockchains:dockchains", None)
    stranger = closed.owner(closed.tool)
    assert closed.caller.granted("repository:acme/app/dockchains:pull,push", as_=stranger) == {
        "acme/app/dockchains": ["pull"]
    }


def test_without_its_node_the_gate_opens_what_is_public_and_nothing_that_hangs_on_the_chain(
    closed: ClosedWorld,
) -> None:
    reader = closed.owner(closed.app)
    assert json.loads(closed.caller.ask("GET", "/healthz").body)["status"] == "ok"
    closed.node.stop()
    try:
        answer = closed.caller.token("repository:acme/app:pull", as_=reader)
        assert answer.status == 503
        assert answer.document["errors"][0]["code"] == "UNAVAILABLE"
        with pytest.raises(CommandError, match="503"):
            inspect(closed, closed.app["1.0"], reader)
        assert closed.caller.granted("repository:acme/app:pull") == {}
        public = "repository:acme/app/dockchains:pull"
        assert closed.caller.granted(public, as_=reader) == {"acme/app/dockchains": ["pull"]}
        wait_for(lambda: closed.caller.ask("GET", "/healthz").status == 503, 30, "the gate's health to say so")
        with running_gate(closed.bundle, closed.node, closed.bundle.parent.parent / "gate") as late:
            assert "warning" in "".join(late.said)
            caller = type(closed.caller)(late.url, closed.origin)
            assert caller.granted(public, as_=reader) == {"acme/app/dockchains": ["pull"]}
            assert caller.token("repository:acme/app:pull", as_=reader).status == 503
    finally:
        closed.node.start()
    wait_for(lambda: closed.caller.ask("GET", "/healthz").status == 200, 60, "the gate well again")
    assert closed.caller.granted("repository:acme/app:pull", as_=reader) == {"acme/app": ["pull"]}


def test_health_says_how_far_the_index_is(closed: ClosedWorld) -> None:
    closed.node.mine()
    wanted = {"status": "ok", "height": closed.node.height(), "node": closed.node.height()}
    wait_for(lambda: closed.caller.ask("GET", "/healthz").document == wanted, 30, "the index at the tip")


def test_two_gates_share_an_index_and_a_restart_logs_nobody_out(closed: ClosedWorld, tmp_path: Path) -> None:
    session = closed.owner(closed.app)
    assert closed.gate is not None
    home = Path(closed.bundle.parent.parent) / "gate"
    with running_gate(closed.bundle, closed.node, home) as second:
        caller = type(closed.caller)(second.url, closed.origin)
        assert caller.granted("repository:acme/app:pull,push", as_=session) == {"acme/app": ["pull", "push"]}
        assert second.stop() == 0
    own = tmp_path / "sessions"
    with running_gate(closed.bundle, closed.node, home, "--sessions", str(own)) as third:
        caller = type(closed.caller)(third.url, closed.origin)
        assert caller.token("repository:acme/app:pull", as_=session).status == 401
        assert caller.login(session, closed.app.owner).status == 201
    with running_gate(closed.bundle, closed.node, home, "--sessions", str(own)) as fourth:
        caller = type(closed.caller)(fourth.url, closed.origin)
        assert caller.granted("repository:acme/app:pull", as_=session) == {"acme/app": ["pull"]}
    assert own.stat().st_mode & 0o077 == 0


@contextmanager
def registry_of(config: Path, port: int) -> Iterator[str]:
    """docker-registry with a configuration as it stands; its URL."""
    url = f"http://127.0.0.1:{port}/v2/"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url):
                return False
        except urllib.error.HTTPError as error:
            with error:
                return error.code == 401
        except OSError:
            return False

    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REGISTRY_", "OTEL_"))}
    server = ServerProcess(
        name="docker-registry",
        command=(str(tools(fetch=False).registry), "serve", str(config)),
        log=config.with_suffix(".log"),
        environment=kept,
    )
    server.start(answers)
    try:
        yield url
    finally:
        server.stop()


def test_the_written_configuration_runs_as_it_is(closed: ClosedWorld, tmp_path: Path) -> None:
    said = closed.operator.run(
        "access", "serve", str(closed.bundle), "--write-config", "-", "--storage", str(tmp_path / "images")
    ).stdout
    assert f'realm: "{closed.origin}/token"' in said
    port = free_port()
    assert f'addr: "{closed.registry.host}"' in said
    config = tmp_path / "registry.yml"
    config.write_text(said.replace(f'addr: "{closed.registry.host}"', f'addr: "127.0.0.1:{port}"'))
    token = closed.caller.token("repository:acme/app:pull,push", as_=closed.owner(closed.app)).document["token"]
    with registry_of(config, port) as url:
        headers = {"Authorization": f"Bearer {token}"}
        asked = urllib.request.Request(f"{url}acme/app/blobs/uploads/", method="POST", headers=headers)
        with urllib.request.urlopen(asked) as answer:
            assert answer.status == 202


def test_a_new_configuration_never_overwrites_and_the_certificate_is_for_all_to_read(closed: ClosedWorld) -> None:
    said = closed.operator.refused(
        "access", "serve", str(closed.bundle), "--write-config", str(closed.operator.home / "registry.yml")
    )
    assert "exists already" in said
    certificate = closed.bundle.with_name("gate.json.crt")
    assert certificate.stat().st_mode & 0o777 == 0o644
    assert "PRIVATE" not in certificate.read_text()
