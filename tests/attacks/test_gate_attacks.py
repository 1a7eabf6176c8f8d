"""Attacks on the gate of closed images: a real node, a real registry that believes its tokens, unmodified skopeo."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import urllib3
from bitcoin.core import CTransaction
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from assets.errors import UnauthorizedError
from assets.images.gate_bundle import GateBundle
from assets.images.reference import ImageReference
from assets.services.access.gate_exporting import new_gate_key
from regtest.errors import CommandError
from regtest.node import Node
from regtest.registry import BearerLogin
from regtest.skopeo import skopeo
from tests.assets.index.signing_party import Coin, Signer, coin_of, signed
from tests.attacks.ground import title_move, to
from tests.builders import marker
from tests.gate.closed import ClosedWorld, closed_world
from tests.gate.gates import Session, claims_of
from tui.cli.access_grant import command as access_grant
from tui.cli.access_serve import command as access_serve
from tui.cli.market_sell import command as market_sell
from wallet.hashes import display
from wallet.network import MAINNET, SIGNET

pytestmark = [pytest.mark.node, pytest.mark.registry]

PULL = "repository:acme/app:pull"
DENIED = r"denied|unauthorized"


@pytest.fixture(scope="module")
def closed(bitcoin_node: Node, regtest_folder: Path) -> Iterator[ClosedWorld]:
    """A registry behind a gate; a closed image in it, and definitions where the public finds them."""
    with closed_world(bitcoin_node, regtest_folder) as world:
        world.publish_definitions()
        world.push(world.app, "1.0", world.owner(world.app))
        yield world


def holder(closed: ClosedWorld, name: str) -> tuple[Signer, Coin, Session]:
    """Somebody new with one unit in a block, logged in."""
    signer = Signer(name)
    coin = closed.grant(closed.app, signer)
    return signer, coin, closed.logged_in(name, signer)


def header(user: str, secret: str) -> str:
    """Basic credentials."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


# A1: a login relayed by a rogue host or gate, replayed, for another network, from the future.


def test_a1_a_login_for_another_gate_network_or_time_is_worth_nothing_here(closed: ClosedWorld) -> None:
    signer = Signer("a1")
    closed.grant(closed.app, signer)
    now, session = int(time.time()), Session("a1")
    port = int(closed.origin.rpartition(":")[2])
    for request, why in (
        (session.request("https://gate.example", [signer]), "another gate"),
        (session.request(f"http://localhost:{port}", [signer]), "another gate"),
        (session.request(closed.origin, [signer], network=display(MAINNET.genesis)), "another network"),
        (session.request(closed.origin, [signer], network=display(SIGNET.genesis)), "another network"),
        (session.request(closed.origin, [signer], since=now + 300), "future"),
        (session.request(closed.origin, [signer], since=now - 500, until=now - 100), "over"),
    ):
        answer = closed.caller.ask("POST", "/v1/sessions", body=request.to_json())
        assert answer.status == 401, answer.body
        assert why in answer.document["message"]
    assert closed.caller.token(PULL, as_=session).status == 401


def test_a1_proofs_cannot_be_moved_to_another_session_or_a_longer_time(closed: ClosedWorld) -> None:
    signer, _, _ = holder(closed, "a1 victim")
    stolen = json.loads(Session("a1 victim").request(closed.origin, [signer]).to_json())
    for change in (
        {"session": Session("thief").public.hex()},
        {"until": stolen["until"] + 1},
        {"from": stolen["from"] - 1},
    ):
        body = json.dumps({**stolen, **change}, sort_keys=True, separators=(",", ":")).encode()
        answer = closed.caller.ask("POST", "/v1/sessions", body=body)
        assert answer.status == 401
        assert "does not hold" in answer.document["message"]
    assert closed.caller.token(PULL, as_=Session("thief")).status == 401


def test_a1_a_secret_that_another_gate_saw_or_that_is_old_opens_nothing(closed: ClosedWorld) -> None:
    _, _, session = holder(closed, "a1 relayed")
    user, now = session.public.hex(), int(time.time())
    assert closed.caller.granted(PULL, as_=session) == {"acme/app": ["pull"]}
    for secret in (
        session.secret("https://rogue.example", now),
        session.secret(closed.origin.replace("127.0.0.1", "localhost"), now),
        session.secret(closed.origin + "/", now),
        session.secret(closed.origin, now - 1_000),
        session.secret(closed.origin, now + 120),
    ):
        answer = closed.caller.token(PULL, as_=header(user, secret))
        assert answer.status == 401
        assert "token" not in answer.document
    with pytest.raises(CommandError, match=r"unauthorized|invalid username/password"):
        skopeo(
            "inspect", "--raw", "--tls-verify=false", "--creds",
            f"{user}:{session.secret('https://rogue.example', now)}", f"docker://{closed.app['1.0']}",
        )  # fmt: skip


def test_a1_a_login_that_was_ended_is_not_brought_back_by_replaying_it(closed: ClosedWorld) -> None:
    signer, _, _ = holder(closed, "a1 replay")
    session = Session("a1 replay again")
    body = session.request(closed.origin, [signer]).to_json()
    assert closed.caller.ask("POST", "/v1/sessions", body=body).status == 201
    path = f"/v1/sessions/{session.public.hex()}"
    assert closed.caller.ask("DELETE", path, as_=Session("somebody else")).status == 401
    assert closed.caller.ask("DELETE", path, as_=session).status == 200
    assert closed.caller.ask("POST", "/v1/sessions", body=body).status == 409
    assert closed.caller.token(PULL, as_=session).status == 401


def test_a1_nobody_can_take_over_or_cut_short_another_ones_session(closed: ClosedWorld) -> None:
    victim, _, session = holder(closed, "a1 owner of a session")
    thief, coin, _ = holder(closed, "a1 intruder")
    assert closed.caller.login(session, thief).status == 201, "it only gives the victim what the intruder holds"
    closed.ground.mine(closed.pass_on(coin, Signer("elsewhere")))
    assert closed.caller.granted(PULL, as_=session) == {"acme/app": ["pull"]}
    short = session.request(closed.origin, [victim], until=int(time.time()) + 5)
    assert closed.caller.ask("POST", "/v1/sessions", body=short.to_json()).status == 201
    assert closed.caller.granted(PULL, as_=session) == {"acme/app": ["pull"]}


# A2: units on 40 addresses.


def test_a2_forty_addresses_make_one_login_and_a_short_header(closed: ClosedWorld) -> None:
    signers = [Signer(f"a2 address {number}") for number in range(40)]
    coins = [closed.grant(closed.app, signer, mine=number % 8 == 7) for number, signer in enumerate(signers)]
    session = closed.logged_in("a2", *signers)
    assert len(header(session.public.hex(), session.secret(closed.origin))) < 300
    assert closed.caller.granted(PULL, as_=session) == {"acme/app": ["pull"]}
    for number, coin in enumerate(coins[:-1]):
        closed.ground.send(signed([coin], [to(Signer("a2 elsewhere"), 350)]))
        if number % 8 == 7:
            closed.node.mine()
    closed.node.mine()
    assert closed.caller.granted(PULL, as_=session) == {"acme/app": ["pull"]}, "one unit is left"
    closed.ground.mine(signed([coins[-1]], [to(Signer("a2 elsewhere"), 350)]))
    assert closed.caller.granted(PULL, as_=session) == {}


# A3: scope tricks.


@pytest.mark.parametrize(
    "scope",
    [
        "repository:acme/app:push",
        "repository:acme/app:*",
        "repository:acme/app:delete",
        "registry:catalog:*",
        "repository(plugin):acme/app:pull",
        "repository:other/tool:pull",
        "repository:acme/../acme/app:pull",
        "repository:acme/app%20:pull",
        "repository:*:pull",
        "repository:acme/app/dockchains:push",
        "repository:acme/app/dockchains/dockchains:pull",
    ],
)
def test_a3_a_holder_gets_nothing_by_an_odd_scope(closed: ClosedWorld, scope: str) -> None:
    session = closed.logged_in("a3", *_a3(closed))
    assert closed.caller.granted(scope, as_=session) == {}
    assert closed.caller.granted(scope, PULL, as_=session) == {"acme/app": ["pull"]}


_A3: list[Signer] = []


def _a3(closed: ClosedWorld) -> list[Signer]:
    """One holder for all scope tricks."""
    if not _A3:
        closed.grant(closed.app, Signer("a3"))
        _A3.append(Signer("a3"))
    return _A3


def test_a3_ten_thousand_scopes_are_refused_before_any_is_looked_at(closed: ClosedWorld) -> None:
    session = closed.logged_in("a3", *_a3(closed))
    answer = closed.caller.token(" ".join(["repository:a:pull"] * 600), as_=session)
    assert answer.status == 400
    assert "600 scopes" in answer.document["errors"][0]["message"]
    long = "&".join(["scope=repository:acme/app:pull"] * 10_000)
    with urllib3.PoolManager(retries=False) as pool, suppress(urllib3.exceptions.ProtocolError):
        assert pool.request("GET", f"{closed.origin}/token?{long}").status == 400, "or the connection ends before"
    assert closed.caller.granted(PULL, as_=session) == {"acme/app": ["pull"]}


def test_a3_a_token_for_one_repository_opens_no_other_and_no_catalog(closed: ClosedWorld) -> None:
    session = closed.logged_in("a3", *_a3(closed))
    token = closed.caller.token(PULL, as_=session).document["token"]
    assert closed.granted_at_registry("acme/app/manifests/1.0", token) != 401
    for path in ("other/tool/tags/list", "_catalog", "acme/app/../../other/tool/tags/list"):
        assert closed.granted_at_registry(path, token) in (401, 404), path
    assert closed.granted_at_registry("acme/app/blobs/uploads/", token, method="POST") == 401
    assert closed.granted_at_registry("acme/app/manifests/1.0", token, method="DELETE") == 401


def test_a3_a_publisher_cannot_mount_a_closed_blob_into_an_own_repository(closed: ClosedWorld) -> None:
    reader = closed.owner(closed.app)
    with closed.client(reader) as client:
        manifest: Any = client.resolve(ImageReference.parse(closed.app["1.0"])).document
    layer = manifest.layers[0].digest
    mallory = closed.owner(closed.tool)
    granted = closed.caller.token("repository:other/tool:pull,push", PULL, as_=mallory)
    assert granted.access == {"other/tool": ["pull", "push"]}
    target = f"other/tool/blobs/uploads/?mount={layer}&from=acme/app"
    token = granted.document["token"]
    assert closed.granted_at_registry(target, token, method="POST") in (202, 401), "201 would be a mounted blob"
    assert closed.granted_at_registry(f"other/tool/blobs/{layer}", token) == 404


# A4: forged, expired, confused, unsigned tokens.


def forged(closed: ClosedWorld, kind: str) -> str:
    """A token that grants everything, wrong in one way."""
    bundle = GateBundle.parse(closed.bundle.read_bytes())
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": closed.origin,
        "sub": "",
        "aud": bundle.service,
        "exp": now + 300,
        "nbf": now - 1,
        "iat": now - 1,
        "jti": "x",
        "access": [{"type": "repository", "name": "acme/app", "actions": ["pull", "push"]}],
    }
    key, certificate, algorithm = bundle.key, bundle.key.parsed_certificate, "ES256"
    match kind:
        case "expired":
            claims |= {"exp": now - 120, "nbf": now - 500, "iat": now - 500}
        case "audience as a list":
            claims["aud"] = [bundle.service]
        case "another audience":
            claims["aud"] = "registry.other"
        case "another issuer":
            claims["iss"] = "https://rogue.example"
        case "another key":
            key = new_gate_key(now)
            certificate = key.parsed_certificate
        case "another key under the right certificate":
            key = new_gate_key(now)
        case "confused":
            algorithm = "HS256"
        case _:
            pass
    der = certificate.public_bytes(Encoding.DER)
    protected = {"typ": "JWT", "alg": algorithm, "x5c": [base64.b64encode(der).decode()]}
    if kind == "unsigned":
        parts = ({**protected, "alg": "none"}, claims)
        return ".".join(_b64(json.dumps(part).encode()) for part in parts) + "."
    jwk = JWK.from_pem(key.key.encode())
    if kind == "confused":
        public = certificate.public_bytes(Encoding.PEM)
        jwk = JWK(kty="oct", k=_b64(public))
    made = JWS(json.dumps(claims).encode())
    made.add_signature(jwk, alg=algorithm, protected=json.dumps(protected))
    token: str = made.serialize(compact=True)
    if kind == "altered":
        head, _, signature = token.split(".")
        body = json.dumps({**claims, "jti": "y"}).encode()
        return f"{head}.{_b64(body)}.{signature}"
    return token


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a4_the_forgers_form_is_right_so_that_what_follows_says_something(closed: ClosedWorld) -> None:
    assert closed.granted_at_registry("acme/app/tags/list", forged(closed, "nothing is wrong")) == 200


@pytest.mark.parametrize(
    "kind",
    [
        "unsigned", "confused", "altered", "expired", "audience as a list", "another audience", "another issuer",
        "another key", "another key under the right certificate",
    ],
)  # fmt: skip
def test_a4_the_registry_believes_no_forged_token(closed: ClosedWorld, kind: str) -> None:
    assert closed.granted_at_registry("acme/app/tags/list", forged(closed, kind)) == 401


def test_a4_what_the_gate_gives_is_strict(closed: ClosedWorld) -> None:
    token = closed.caller.token("repository:acme/app/dockchains:pull").document["token"]
    claims = claims_of(token)
    assert isinstance(claims["aud"], str)
    assert claims["exp"] - claims["iat"] == 300
    assert all(isinstance(claims[key], int) for key in ("exp", "iat", "nbf"))


# A5: sold, spent in the mempool, reorganised away after the login.


def test_a5_a_unit_on_its_way_to_somebody_else_opens_nothing_from_the_next_token_on(closed: ClosedWorld) -> None:
    _, coin, session = holder(closed, "a5 seller")
    buyer = Signer("a5 buyer")
    assert closed.caller.granted(PULL, as_=session) == {"acme/app": ["pull"]}
    closed.ground.send(closed.pass_on(coin, buyer))
    assert closed.caller.granted(PULL, as_=session) == {}
    closed.node.mine()
    assert closed.caller.granted(PULL, as_=session) == {}
    assert closed.caller.granted(PULL, as_=closed.logged_in("a5 buyer", buyer)) == {"acme/app": ["pull"]}


def test_a5_a_plain_payment_of_the_unit_ends_access(closed: ClosedWorld) -> None:
    signer, coin, session = holder(closed, "a5 careless")
    closed.ground.mine(signed([coin], [to(signer, 350)]))
    assert closed.caller.granted(PULL, as_=session) == {}


def test_a5_a_reorganisation_that_removes_the_grant_removes_access_and_the_next_one_brings_it_back(
    closed: ClosedWorld,
) -> None:
    _, coin, session = holder(closed, "a5 reorganised")
    assert closed.caller.granted(PULL, as_=session) == {"acme/app": ["pull"]}
    closed.node.reorg(1, confirm=False)
    assert display(coin.outpoint.hash) in closed.node.rpc("getrawmempool")
    assert closed.caller.granted(PULL, as_=session) == {}
    closed.node.mine()
    assert closed.caller.granted(PULL, as_=session) == {"acme/app": ["pull"]}


def test_a5_the_owner_keeps_push_while_an_own_release_waits_and_loses_it_with_the_title(closed: ClosedWorld) -> None:
    owner, successor = closed.owner(closed.tool), Signer("a5 successor")
    push = "repository:other/tool:pull,push"
    release = title_move(closed.tool.title)
    closed.ground.send(closed.tool.moved(release))
    assert closed.caller.granted(push, as_=owner) == {"other/tool": ["pull", "push"]}
    handover = title_move(closed.tool.title, target=successor)
    closed.ground.send(handover)
    assert closed.caller.granted(push, as_=owner) == {"other/tool": ["pull"]}
    closed.node.mine()
    assert closed.caller.granted(push, as_=owner) == {"other/tool": ["pull"]}, "by the treasury, which stayed"
    new = closed.logged_in("a5 successor", successor)
    assert closed.caller.granted(push, as_=new) == {"other/tool": ["pull", "push"]}
    back = title_move(coin_of(handover, 1, successor), target=closed.tool.owner)
    closed.ground.mine(back)
    closed.tool.title = coin_of(back, 1, closed.tool.owner)
    assert closed.caller.granted(push, as_=owner) == {"other/tool": ["pull", "push"]}


def test_a5_a_foreign_unit_of_the_same_asset_lets_nobody_log_in(closed: ClosedWorld) -> None:
    """Whoever has the issuing key can mint more of the same asset id; only what descends from the genesis counts."""
    forger = Signer("a5 forger")
    mint: CTransaction = signed(
        [closed.ground.coin(closed.app.issuer)], [to(forger, 700), marker([1_000]), to(forger, 90_000)]
    )
    closed.ground.mine(mint)
    answer = closed.caller.login(Session("a5 forger"), forger)
    assert answer.status == 401
    assert "no title and no access unit" in answer.document["message"]


# A7: the gate's machine taken over.


def test_a7_the_bundle_holds_no_key_that_moves_anything(closed: ClosedWorld) -> None:
    document = json.loads(closed.bundle.read_bytes())
    assert set(document) == {
        "kind", "v", "network", "origin", "service", "key", "certificate", "repositories", "content",
    }  # fmt: skip
    key = JWK.from_pem(document["key"].encode())
    assert json.loads(key.export_public())["crv"] == "P-256", "no curve of Bitcoin's"


def test_a7_what_a_thief_can_do_with_the_bundle_ends_with_its_certificate(closed: ClosedWorld) -> None:
    stolen = forged(closed, "nothing is wrong")
    assert closed.granted_at_registry("acme/app/tags/list", stolen) == 200, "the thief lets in whom he likes"
    login = closed.registry.login
    assert isinstance(login, BearerLogin)
    trusted = login.certificate.read_text()
    closed.registry.stop()
    try:
        login.certificate.write_text(new_gate_key(int(time.time())).certificate)
        closed.registry.start()
        assert closed.granted_at_registry("acme/app/tags/list", stolen) == 401
    finally:
        closed.registry.stop()
        login.certificate.write_text(trusted)
        closed.registry.start()
    assert closed.granted_at_registry("acme/app/tags/list", stolen) == 200


# A8: the definition of a closed image.


def test_a8_everybody_reads_what_is_said_of_a_closed_image_and_nobody_its_content(closed: ClosedWorld) -> None:
    name = closed.app.name
    with closed.client(None) as client:
        with pytest.raises(UnauthorizedError):
            client.resolve(ImageReference.parse(closed.app["1.0"]))
        claim = client.resolve(ImageReference.parse(f"{name}/dockchains:dockchains"))
    assert claim.document is not None
    reader = closed.ground.person("a8 reader")
    assert reader.pin(name) == display(closed.app.txid)
    with pytest.raises(CommandError, match=DENIED):
        closed.push(closed.app, "stolen", closed.logged_in("a3", *_a3(closed)))


def test_a8_only_the_owner_writes_in_the_public_sibling(closed: ClosedWorld) -> None:
    scope = "repository:acme/app/dockchains:pull,push"
    assert closed.caller.granted(scope) == {"acme/app/dockchains": ["pull"]}
    assert closed.caller.granted(scope, as_=closed.owner(closed.tool)) == {"acme/app/dockchains": ["pull"]}
    assert closed.caller.granted(scope, as_=closed.owner(closed.app)) == {"acme/app/dockchains": ["pull", "push"]}


# A10: one unit bought, images drained, the unit sold on: stated, not prevented.


@pytest.mark.parametrize("command", [access_serve, access_grant, market_sell])
def test_a10_that_access_cannot_be_taken_back_is_stated_wherever_it_is_given(command: Any) -> None:
    said = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    assert "Access is access: whoever has pulled an image can keep it" in said
