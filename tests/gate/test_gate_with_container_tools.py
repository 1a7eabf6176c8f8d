"""Unmodified skopeo at a real registry behind a gate: who pulls and who pushes is what the chain says."""

import pytest

from regtest.errors import CommandError
from regtest.skopeo import skopeo
from tests.assets.index.signing_party import Signer
from tests.gate.closed import ClosedWorld
from tests.gate.gates import Session

pytestmark = [pytest.mark.node, pytest.mark.registry]


def inspect(world: ClosedWorld, image: str, session: Session | None) -> str:
    """What skopeo reads of an image; raises CommandError where it is refused."""
    login = ("--no-creds",) if session is None else ("--creds", session.credentials(world.origin))
    return skopeo("inspect", "--raw", "--tls-verify=false", *login, f"docker://{image}")


def test_a_closed_image_opens_for_its_owner_and_for_holders_and_for_nobody_else(closed: ClosedWorld) -> None:
    owner = closed.owner(closed.app)
    closed.push(closed.app, "1.0", owner)
    image = closed.app["1.0"]
    with pytest.raises(CommandError, match=r"denied|unauthorized"):
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
    with pytest.raises(CommandError, match=r"denied|unauthorized"):
        closed.push(closed.app, "2.0", session)
    with pytest.raises(CommandError, match=r"denied|unauthorized"):
        inspect(closed, closed.tool["1.0"], session)
    closed.ground.mine(closed.pass_on(unit, next_one))
    with pytest.raises(CommandError, match=r"denied|unauthorized"):
        inspect(closed, image, session)
    assert "layers" in inspect(closed, image, closed.logged_in("next one", next_one))
