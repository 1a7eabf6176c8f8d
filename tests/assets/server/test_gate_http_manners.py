"""The gate's HTTP against clients who misbehave, and what docker's own clients send; the chain behind it is a table."""

import asyncio
import base64
import json
import logging
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bitcoin.core.script import CScript
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from starlette.types import Message, Scope

from assets.errors import IndexStateError
from assets.images.access import Standing
from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.images.gate_bundle import GateBundle, NamedGenesis
from assets.images.login_claim import MAX_SECONDS, REQUEST_LIMIT
from assets.server.gate import Gate, GateParts
from assets.server.gate_follow import Progress
from assets.server.gate_http import GateService
from assets.server.limits import RateLimit
from assets.services.access.gate_exporting import new_gate_key
from assets.store.gate_store import GateStore
from tests.assets.index.signing_party import Signer
from tests.gate.gates import Session, claims_of
from wallet.errors import ChainUnavailableError
from wallet.hashes import Txid, display
from wallet.keys.message import message_flaw
from wallet.network import MAINNET, REGTEST

NOW = 1_800_000_000
ORIGIN = "https://gate.example"
APP, FREE = Txid(b"\x01" * 32), Txid(b"\x02" * 32)
SEALED = Digest(b"\x05" * 32)
ANN, OWNER = Signer("ann"), Signer("owner")
BUNDLE = GateBundle(
    network=REGTEST.genesis,
    origin=ORIGIN,
    service="registry.example",
    key=new_gate_key(NOW),
    repositories=(
        NamedGenesis(name="registry.example/acme/app", genesis=APP),
        NamedGenesis(name="registry.example/free", genesis=FREE),
    ),
    content={APP: {SEALED: ContentKey(b"k" * 32)}},
)


class Table:
    """Stands for index and node: ann holds a unit of the app, the owner its title. `down` makes the node silent."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.asked = 0
        self.units = {bytes(ANN.script)}

    def standing(self, genesis: Txid, scripts: Sequence[CScript]) -> Standing:
        """As the table has it."""
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        own = {bytes(script) for script in scripts}
        if genesis == APP and bytes(OWNER.script) in own:
            return Standing.OWNER
        return Standing.HOLDER if genesis == APP and own & self.units else Standing.STRANGER

    def holding(self, geneses: Collection[Txid], scripts: Sequence[CScript]) -> tuple[CScript, ...]:
        """Who is in the table."""
        return tuple(one for one in scripts if any(self.standing(g, [one]) is not Standing.STRANGER for g in geneses))


class World:
    """A gate without a socket, and a clock that stands still."""

    def __init__(self, folder: Path, *, per_minute: int = 60_000, proxied: bool = False) -> None:
        self.now = NOW
        self.table = Table()
        self.sessions = GateStore(folder / "sessions")
        self.progress = Progress(height=7, node=7)
        self.ticks = 0.0
        parts = GateParts(
            bundle=BUNDLE,
            sessions=self.sessions,
            holders=self.table,
            verify=message_flaw,
            is_open=frozenset({FREE}).__contains__,
            why_no_key=lambda _, __: None,
            clock=lambda: self.now,
        )
        limit = RateLimit(per_minute=per_minute, burst=per_minute, clock=lambda: self.ticks)
        self.app = GateService(Gate(parts), limit, lambda: self.progress, proxied=proxied).app()

    def ask(
        self, method: str, target: str, body: bytes = b"", *, headers: Sequence[tuple[str, str]] = ()
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, body."""
        sent: list[Message] = []
        path, _, query = target.partition("?")
        chunks = [body[at : at + 65_536] for at in range(0, max(len(body), 1), 65_536)]

        async def receive() -> Message:
            part = chunks.pop(0) if chunks else b""
            return {"type": "http.request", "body": part, "more_body": bool(chunks)}

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(key.lower().encode(), value.encode()) for key, value in headers],
            "client": ("192.0.2.1", 1234),
        }

        async def run() -> None:
            await self.app(scope, receive, send)

        asyncio.run(run())
        told = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
        return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])

    def token(self, query: str, *, as_: str | None = None) -> tuple[int, dict[str, Any]]:
        """Status and document of a question for a token."""
        headers = [("Authorization", as_)] if as_ is not None else []
        status, _, body = self.ask("GET", f"/token?{query}", headers=headers)
        return status, json.loads(body)

    def granted(self, query: str, *, as_: str | None = None) -> dict[str, list[str]]:
        """What a token grants."""
        status, document = self.token(query, as_=as_)
        assert status == 200, document
        return {one["name"]: one["actions"] for one in claims_of(document["token"])["access"]}

    def basic(self, session: Session, *, at: int | None = None, gate: str = ORIGIN) -> str:
        """The header of the credential helper."""
        return basic(session.public.hex(), session.secret(gate, self.now if at is None else at))

    def login(self, session: Session, *signers: Signer, **claim: Any) -> tuple[int, dict[str, Any]]:
        """Registers a session."""
        request = session.request(claim.pop("gate", ORIGIN), signers, **{"since": self.now, **claim})
        status, _, body = self.ask("POST", "/v1/sessions", request.to_json())
        return status, json.loads(body)

    def logged_in(self, signer: Signer) -> str:
        """A header of a session that holds."""
        session = Session(signer.name)
        status, document = self.login(session, signer)
        assert (status, document) == (201, {"session": session.public.hex(), "until": self.now + 86_400})
        return self.basic(session)


def basic(user: str, secret: str) -> str:
    """RFC 7617."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.sessions.close()


PULL = "service=registry.example&scope=repository:acme/app:pull"


def test_a_token_is_what_registries_of_both_generations_read(world: World) -> None:
    status, document = world.token("account=x&client_id=docker&offline_token=true&" + PULL, as_=world.logged_in(ANN))
    assert status == 200
    assert set(document) == {"token", "access_token", "expires_in", "issued_at"}, "no refresh token is ever given"
    assert (document["expires_in"], document["issued_at"]) == (300, "2027-01-15T08:00:00Z")
    token = JWS()
    token.deserialize(document["token"])
    header = token.jose_header
    assert set(header) == {"typ", "alg", "x5c"}
    assert (header["typ"], header["alg"]) == ("JWT", "ES256")
    certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    assert certificate == BUNDLE.key.parsed_certificate
    token.verify(JWK.from_pem(certificate.public_bytes(Encoding.PEM)))
    claims = json.loads(token.payload)
    assert (claims["iss"], claims["aud"], claims["sub"]) == (ORIGIN, "registry.example", Session("ann").public.hex())
    assert (claims["iat"], claims["nbf"], claims["exp"]) == (NOW, NOW, NOW + 300)
    assert claims["access"] == [{"type": "repository", "name": "acme/app", "actions": ["pull"]}]
    other = claims_of(world.token(PULL, as_=world.logged_in(ANN))[1]["token"])
    assert other["jti"] != claims["jti"]


def test_nobody_gets_a_token_for_what_is_public(world: World) -> None:
    assert world.granted(PULL) == {}
    asked = "scope=repository:free:pull,push&scope=repository:acme/app/dockchains:pull,push%20repository:acme/app:pull"
    assert world.granted(asked) == {"free": ["pull"], "acme/app/dockchains": ["pull"]}
    assert world.granted("") == {}
    assert world.table.asked == 0


def test_docker_login_asks_for_no_scope_and_gets_an_empty_token(world: World) -> None:
    query = "account=02ab&client_id=docker&offline_token=true&service=registry.example"
    assert world.granted(query, as_=world.logged_in(ANN)) == {}
    assert world.token(query, as_=basic("02ab", "wrong"))[0] == 401


def test_holders_pull_and_owners_push(world: World) -> None:
    ann, owner = world.logged_in(ANN), world.logged_in(OWNER)
    everything = "scope=repository:acme/app:pull,push&scope=repository:acme/app/dockchains:push"
    assert world.granted(everything, as_=ann) == {"acme/app": ["pull"]}
    assert world.granted(everything, as_=owner) == {"acme/app": ["pull", "push"], "acme/app/dockchains": ["push"]}


def test_entitlement_is_looked_up_for_every_token(world: World) -> None:
    ann = world.logged_in(ANN)
    assert world.granted(PULL, as_=ann) == {"acme/app": ["pull"]}
    world.table.units.clear()
    assert world.granted(PULL, as_=ann) == {}


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("Bearer abc", "only Basic"),
        ("Basic", "only Basic"),
        ("Basic !!!!", "only Basic"),
        ("Basic " + base64.b64encode(b"nocolon").decode(), "only Basic"),
        ("Basic " + base64.b64encode(b"\xff\xfe:x").decode(), "only Basic"),
        ("Basic " + "A" * 2_000, "only Basic"),
        (basic("acme", "password"), "no session"),
        (basic("<token>", "x"), "no session"),
        (basic("02" + "AB" * 32, "x"), "no session"),
        (basic("02" + "00" * 32, "1.x"), "not one that docker-credential-dockchains makes"),
        (basic(Session("ann").public.hex(), ""), "not one that docker-credential-dockchains makes"),
        (basic(Session("ann").public.hex(), f"{NOW}." + "A" * 86), "does not fit"),
        (basic(Session("ann").public.hex(), Session("ben").secret(ORIGIN, NOW)), "does not fit"),
        (basic(Session("ann").public.hex(), Session("ann").secret("https://other.example", NOW)), "does not fit"),
        (basic(Session("ann").public.hex(), Session("ann").secret(ORIGIN, NOW - 901)), "older than 15 minutes"),
        (basic(Session("ann").public.hex(), Session("ann").secret(ORIGIN, NOW + 61)), "from the future"),
        (basic(Session("nobody").public.hex(), Session("nobody").secret(ORIGIN, NOW)), "knows no such login"),
    ],
)
def test_wrong_credentials_are_refused_in_the_form_that_docker_reads(world: World, header: str, why: str) -> None:
    world.logged_in(ANN)
    status, headers, body = world.ask("GET", f"/token?{PULL}", headers=[("Authorization", header)])
    assert (status, headers["www-authenticate"]) == (401, f'Basic realm="{ORIGIN}"')
    (error,) = json.loads(body)["errors"]
    assert error["code"] == "UNAUTHORIZED"
    assert why in error["message"]
    assert error["detail"]


def test_a_secret_holds_for_a_quarter_of_an_hour_and_any_number_of_uses(world: World) -> None:
    ann = world.logged_in(ANN)
    for seconds in (0, 1, 899):
        world.now = NOW + seconds
        assert world.granted(PULL, as_=ann) == {"acme/app": ["pull"]}
    world.now = NOW + 901
    assert world.token(PULL, as_=ann)[0] == 401


def test_a_login_ends_when_it_said(world: World) -> None:
    session = Session("ann")
    assert world.login(session, ANN, until=NOW + 1_000)[0] == 201
    world.now = NOW + 999
    assert world.granted(PULL, as_=world.basic(session)) == {"acme/app": ["pull"]}
    world.now = NOW + 1_000
    status, document = world.token(PULL, as_=world.basic(session))
    assert status == 401
    assert "over" in document["errors"][0]["message"]


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ({"gate": "https://other.example"}, "another gate"),
        ({"network": display(MAINNET.genesis)}, "another network"),
        ({"since": NOW + 61}, "from the future"),
        ({"since": NOW - 1_000, "until": NOW}, "over already"),
    ],
)
def test_a_login_for_another_gate_network_or_time_is_refused(world: World, claim: dict[str, Any], why: str) -> None:
    status, document = world.login(Session("ann"), ANN, **claim)
    assert (status, document["error"]) == (401, "unauthorized")
    assert why in document["message"]
    assert document["next"]
    assert world.sessions.count(NOW) == 0


def test_a_login_of_thirty_days_and_no_longer(world: World) -> None:
    assert world.login(Session("ann"), ANN, until=NOW + MAX_SECONDS)[0] == 201
    body = json.loads(Session("ann").request(ORIGIN, [ANN], since=NOW, until=NOW + MAX_SECONDS).to_json())
    body["until"] += 1
    status, _, answer = world.ask("POST", "/v1/sessions", canonical(body))
    assert (status, json.loads(answer)["error"]) == (400, "unsupported")


def canonical(document: object) -> bytes:
    """JSON as the formats have it."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def test_one_bad_proof_spoils_the_login(world: World) -> None:
    body = json.loads(Session("ann").request(ORIGIN, [ANN, OWNER], since=NOW).to_json())
    body["proofs"][1]["signature"] = body["proofs"][0]["signature"]
    status, _, answer = world.ask("POST", "/v1/sessions", canonical(body))
    assert status == 401
    assert "does not hold" in json.loads(answer)["message"]
    assert world.sessions.count(NOW) == 0


def test_scripts_that_hold_nothing_are_not_remembered(world: World) -> None:
    status, document = world.login(Session("ben"), Signer("ben"))
    assert status == 401
    assert "no title and no access unit" in document["message"]
    assert world.sessions.count(NOW) == 0
    assert world.login(Session("ann"), ANN, *(Signer(f"junk {number}") for number in range(30)))[0] == 201
    assert world.sessions.scripts(Session("ann").public, NOW) == (ANN.script,)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff", b'{"a":' * 5_000, b"x" * REQUEST_LIMIT])
def test_a_body_that_is_no_login_is_refused(world: World, body: bytes) -> None:
    status, _, answer = world.ask("POST", "/v1/sessions", body)
    assert (status, json.loads(answer)["error"]) == (400, "unsupported")


def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    for path in ("/v1/sessions", "/v1/keys", "/token"):
        status, _, body = world.ask("POST", path, b"x" * (REQUEST_LIMIT + 1))
        assert status == 413
        assert "at most" in body.decode()


def test_a_session_is_ended_by_its_own_key_and_for_ever(world: World) -> None:
    ann, owner = world.logged_in(ANN), world.logged_in(OWNER)
    target = f"/v1/sessions/{Session('ann').public.hex()}"
    for header in ([], [("Authorization", owner)], [("Authorization", basic("x", "y"))]):
        assert world.ask("DELETE", target, headers=header)[0] == 401
    status, _, body = world.ask("DELETE", target, headers=[("Authorization", ann)])
    assert (status, json.loads(body)["ended"]) == (200, True)
    assert world.token(PULL, as_=ann)[0] == 401
    assert json.loads(world.ask("DELETE", target, headers=[("Authorization", ann)])[2])["ended"] is False
    status, document = world.login(Session("ann"), ANN)
    assert status == 409
    assert "logged out" in document["message"]
    assert world.granted(PULL.replace("pull", "push"), as_=owner) == {"acme/app": ["push"]}


def key_question(**changed: object) -> tuple[bytes, JWK]:
    """A question for the sealed image's key, and the key that opens the answer."""
    own = JWK.generate(kty="EC", crv="P-256")
    document = {
        "genesis": display(APP),
        "digest": str(SEALED),
        "recipient": json.loads(own.export_public()),
        **changed,
    }
    return canonical({key: value for key, value in document.items() if value is not None}), own


def test_holders_get_the_content_key_wrapped_to_a_key_of_theirs(world: World) -> None:
    for header in (world.logged_in(ANN), world.logged_in(OWNER)):
        body, own = key_question()
        status, headers, answer = world.ask("POST", "/v1/keys", body, headers=[("Authorization", header)])
        assert (status, headers["content-type"], headers["cache-control"]) == (200, "application/jose", "no-store")
        jwe = JWE(algs=["ECDH-ES+A256KW", "A256GCM"])
        jwe.deserialize(answer.decode(), own)
        assert bytes(jwe.payload) == b"k" * 32
        assert b"kkkk" not in answer


def test_content_keys_are_for_holders_alone(world: World) -> None:
    body, _ = key_question()
    assert world.ask("POST", "/v1/keys", body)[0] == 401
    ann = world.logged_in(ANN)
    world.table.units.clear()
    status, _, answer = world.ask("POST", "/v1/keys", body, headers=[("Authorization", ann)])
    assert (status, json.loads(answer)["error"]) == (403, "denied")
    assert "no access unit" in json.loads(answer)["message"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"digest": str(Digest(bytes(32)))}, 404),
        ({"genesis": display(FREE)}, 403),
        ({"genesis": display(Txid(b"\x09" * 32))}, 403),
        ({"genesis": "00"}, 400),
        ({"digest": "sha512:00"}, 400),
        ({"digest": None}, 400),
        ({"more": "x"}, 400),
        ({"recipient": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, 400),
        ({"recipient": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}}, 400),
        ({"recipient": {"kty": "oct", "k": "AA"}}, 400),
        ({"recipient": "x"}, 400),
    ],
)
def test_a_question_for_a_key_that_makes_no_sense_is_refused(
    world: World, changed: dict[str, object], status: int
) -> None:
    body, _ = key_question(**changed)
    answer = world.ask("POST", "/v1/keys", body, headers=[("Authorization", world.logged_in(ANN))])
    assert answer[0] == status
    assert {"error", "message", "next"} == set(json.loads(answer[2]))


@pytest.mark.parametrize(
    "trouble",
    [
        ChainUnavailableError("no answer from 127.0.0.1:18443 with user bob", hint="start it"),
        IndexStateError("the index is behind the node", hint="try again in a moment"),
    ],
)
def test_while_the_chain_cannot_be_asked_nothing_is_granted_that_hangs_on_it(world: World, trouble: Exception) -> None:
    ann = world.logged_in(ANN)
    world.table.trouble = trouble
    status, document = world.token(PULL, as_=ann)
    assert status == 503
    assert "bob" not in json.dumps(document)
    body, _ = key_question()
    assert world.ask("POST", "/v1/keys", body, headers=[("Authorization", ann)])[0] == 503
    assert world.login(Session("other"), ANN)[0] == 503
    assert world.granted("scope=repository:free:pull", as_=ann) == {"free": ["pull"]}
    assert world.granted("scope=repository:acme/app/dockchains:pull") == {"acme/app/dockchains": ["pull"]}


def test_another_service_is_refused_and_too_many_scopes(world: World) -> None:
    status, document = world.token("service=registry.other&scope=repository:free:pull")
    assert (status, document["errors"][0]["code"]) == (400, "UNSUPPORTED")
    scopes = "&".join(f"scope=repository:r{number}:pull" for number in range(10_000))
    status, document = world.token(scopes)
    assert status == 400
    assert "10000 scopes" in document["errors"][0]["message"]


def test_the_oauth_form_is_answered_so_that_clients_go_on_with_get(world: World) -> None:
    form = b"grant_type=password&service=registry.example&client_id=docker&username=a&password=b"
    status, headers, body = world.ask("POST", "/token", form)
    assert (status, headers["content-type"]) == (404, "application/json")
    assert "GET" in json.loads(body)["errors"][0]["message"]


def test_health_says_how_far_the_index_is(world: World) -> None:
    assert json.loads(world.ask("GET", "/healthz")[2]) == {"status": "ok", "height": 7, "node": 7}
    world.progress = Progress(height=5, node=7)
    status, _, body = world.ask("GET", "/healthz")
    assert (status, json.loads(body)) == (503, {"status": "behind", "height": 5, "node": 7})
    world.progress = Progress(height=5, node=7, trouble="no answer from 127.0.0.1:18443 with user bob")
    status, _, body = world.ask("GET", "/healthz")
    assert (status, json.loads(body)["status"]) == (503, "unavailable")
    assert b"bob" not in body


def test_every_client_has_a_rate_and_behind_a_proxy_the_address_that_it_names_last(tmp_path: Path) -> None:
    world = World(tmp_path, per_minute=2)
    assert [world.ask("GET", "/token")[0] for _ in range(3)] == [200, 200, 429]
    status, headers, body = world.ask("GET", "/token")
    assert (status, headers["retry-after"]) == (429, "30")
    assert json.loads(body)["errors"][0]["code"] == "TOOMANYREQUESTS"
    world.ticks = 30.0
    assert world.ask("GET", "/token", headers=[("X-Forwarded-For", "198.51.100.7")])[0] == 200
    assert world.ask("GET", "/token", headers=[("X-Forwarded-For", "198.51.100.8")])[0] == 429
    (tmp_path / "proxied").mkdir()
    proxied = World(tmp_path / "proxied", per_minute=1, proxied=True)
    for address in ("198.51.100.7", "1.2.3.4, 198.51.100.8"):
        assert proxied.ask("GET", "/token", headers=[("X-Forwarded-For", address)])[0] == 200
        assert proxied.ask("GET", "/token", headers=[("X-Forwarded-For", address)])[0] == 429
    forged = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "198.51.100.8")]
    assert proxied.ask("GET", "/token", headers=forged)[0] == 429, "the proxy's line is the last"
    for one in (world, proxied):
        one.sessions.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/v1/keys", 405), ("PUT", "/token", 405), ("GET", "/v1/sessions/x", 405)],
)
def test_other_places_and_methods_are_refused(world: World, method: str, path: str, status: int) -> None:
    answer = world.ask(method, path)
    assert answer[0] == status
    assert set(json.loads(answer[2])) == {"error", "message", "next"}
    assert ("allow" in answer[1]) == (status == 405)


def test_what_nobody_handles_is_bounded_and_logged_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "assets.server.gate_http")
    world = World(tmp_path, per_minute=2)
    assert [world.ask("GET", path)[0] for path in ("/wp-login.php", "/v1/keys", "/")] == [404, 405, 429]
    lines = [json.loads(record.getMessage()) for record in caplog.records]
    assert [(line["path"], line["status"]) for line in lines] == [("/wp-login.php", 404), ("/v1/keys", 405), ("/", 429)]
    world.sessions.close()


def test_a_login_is_possible_however_small_the_rate_is(tmp_path: Path) -> None:
    world = World(tmp_path, per_minute=3)
    assert world.login(Session("ann"), ANN)[0] == 201
    assert world.ask("GET", "/token")[0] == 429
    world.ticks = 59.0
    assert world.login(Session("other"), ANN)[0] == 429
    world.ticks = 60.0
    assert world.login(Session("other"), ANN)[0] == 201
    world.sessions.close()


def test_the_access_log_says_who_got_what_and_holds_no_secret(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "assets.server.gate_http")
    ann = world.logged_in(ANN)
    token = world.token(PULL + "&account=" + quote("\x1b[2J"), as_=ann)[1]["token"]
    body, _ = key_question()
    wrapped = world.ask("POST", "/v1/keys", body, headers=[("Authorization", ann)])[2].decode()
    world.token(PULL, as_=basic(Session("ann").public.hex(), "1.secret"))
    lines = [json.loads(record.getMessage()) for record in caplog.records]
    assert [line["path"] for line in lines] == ["/v1/sessions", "/token", "/v1/keys", "/token"]
    assert [line["status"] for line in lines] == [201, 200, 200, 401]
    assert lines[1]["granted"] == ["acme/app:pull"]
    assert lines[1]["who"] == Session("ann").public.hex()[:18]
    assert "refused" in lines[3]
    said = caplog.text
    shown = Session("ann").secret(ORIGIN, NOW)
    for secret in (token, token.split(".")[2], wrapped, shown, shown.split(".")[1], ann.split(" ")[1], "1.secret"):
        assert secret not in said
