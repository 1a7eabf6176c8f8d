"""Speaking to gates about sessions: what is sent, where, and what is made of their answers."""

import json
from collections.abc import Iterator

import pytest
from bitcoin.core.script import CScript
from coincurve import PrivateKey

from assets.errors import RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.login_claim import LoginClaim, ScriptProof, SessionRequest
from assets.registry.gate_sessions import GateSessions
from assets.registry.logins import Login
from assets.registry.settings import RegistrySettings
from assets.registry.transport import Transport
from tests.assets.registry.scripted import Reply, ScriptedServer, Seen
from wallet.errors import EncodingError
from wallet.hashes import display
from wallet.network import REGTEST

KEY = PrivateKey(bytes(31) + b"\x07").public_key.format()
NAME = "127.0.0.1:5000/studio/film"
LOGIN = Login(KEY.hex(), "1.secret")


def request(gate: str) -> SessionRequest:
    claim = LoginClaim(network_block0=display(REGTEST.genesis), gate=gate, session=KEY, since=1, until=2)
    return SessionRequest(claim, (ScriptProof(CScript(b"\x00\x14" + bytes(20)), "AA=="),))


@pytest.fixture
def gates() -> Iterator[GateSessions]:
    transport = Transport(RegistrySettings(idle_timeout=1, exchange_timeout=2, retries=0, back_off=0))
    yield GateSessions(transport)
    transport.close()


def test_a_request_goes_to_the_gate_as_the_format_has_it(gates: GateSessions) -> None:
    with ScriptedServer(lambda _: Reply(status=201, body=b"{}")) as server:
        asked = request(server.url)
        gates.register(server.url, NAME, asked)
    (seen,) = server.seen
    assert (seen.method, seen.target, seen.body) == ("POST", "/v1/sessions", asked.to_json())
    assert seen.authorization is None


def test_a_session_is_ended_by_its_own_login(gates: GateSessions) -> None:
    with ScriptedServer(lambda _: Reply(status=204, length=None, raw=[b"HTTP/1.1 204 X\r\n\r\n"])) as server:
        assert gates.end(server.url, NAME, LOGIN)
    (seen,) = server.seen
    assert (seen.method, seen.target, seen.authorization) == ("DELETE", f"/v1/sessions/{KEY.hex()}", LOGIN.basic())


@pytest.mark.parametrize(
    ("body", "ended"), [(b'{"ended":true}', True), (b'{"ended":false}', False), (b"{}", True), (b"[" * 60_000, True)]
)
def test_a_gate_says_whether_it_knew_the_session(gates: GateSessions, body: bytes, ended: bool) -> None:
    with ScriptedServer(lambda _: Reply(body=body)) as server:
        assert gates.end(server.url, NAME, LOGIN) is ended


@pytest.mark.parametrize("status", [401, 404, 410])
def test_a_session_that_the_gate_does_not_know_has_ended(gates: GateSessions, status: int) -> None:
    with ScriptedServer(lambda _: Reply(status=status)) as server:
        assert not gates.end(server.url, NAME, LOGIN)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, UnauthorizedError),
        (401, UnauthorizedError),
        (403, UnauthorizedError),
        (404, RegistryError),
        (429, RegistryUnavailableError),
        (503, RegistryUnavailableError),
    ],
)
def test_a_refusal_is_told_in_the_gates_words(gates: GateSessions, status: int, error: type[RegistryError]) -> None:
    body = json.dumps({"error": "x", "message": "you hold no unit\x1b[2J", "next": "buy one"}).encode()
    with ScriptedServer(lambda _: Reply(status=status, body=body)) as server, pytest.raises(error) as caught:
        gates.register(server.url, NAME, request(server.url))
    assert type(caught.value) is error
    assert ("you hold no unit" in str(caught.value), caught.value.hint) == (True, "buy one")
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"message":[1]}', b"[" * 60_000, b'"x"', b"null"])
def test_a_refusal_without_words_is_told_too(gates: GateSessions, body: bytes) -> None:
    with ScriptedServer(lambda _: Reply(status=403, body=body)) as server, pytest.raises(UnauthorizedError) as caught:
        gates.register(server.url, NAME, request(server.url))
    assert caught.value.hint


def test_an_endless_answer_is_cut_off(gates: GateSessions) -> None:
    def endless(_: Seen) -> Reply:
        return Reply(status=200, length=None, stream=(b"x" * 65_536 for _ in range(100)))

    with ScriptedServer(endless) as server, pytest.raises(RegistryError, match="more than"):
        gates.register(server.url, NAME, request(server.url))


def test_a_redirect_is_not_followed(gates: GateSessions) -> None:
    with ScriptedServer(lambda _: Reply(status=200)) as other:
        moved = Reply(status=307, headers={"Location": f"{other.url}/v1/sessions"})
        with ScriptedServer(lambda _: moved) as server:
            with pytest.raises(RegistryError, match="status 307"):
                gates.register(server.url, NAME, request(server.url))
            with pytest.raises(RegistryError, match="status 307"):
                gates.end(server.url, NAME, LOGIN)
        assert other.seen == []


def test_a_gate_that_is_down_is_told(gates: GateSessions) -> None:
    with ScriptedServer(lambda _: Reply()) as server:
        url = server.url
    with pytest.raises(RegistryUnavailableError, match=r"the gate .* does not answer"):
        gates.register(url, NAME, request(url))


@pytest.mark.parametrize(
    "gate", ["https://gate.example/", "http://gate.example", "gate.example", "https://a@b.example"]
)
def test_what_is_no_origin_is_not_asked(gates: GateSessions, gate: str) -> None:
    with pytest.raises(EncodingError):
        gates.end(gate, NAME, LOGIN)


def test_a_definition_elsewhere_cannot_name_a_gate_on_this_machine(gates: GateSessions) -> None:
    with ScriptedServer(lambda _: Reply()) as server:
        with pytest.raises(RegistryError, match="this machine"):
            gates.register(server.url, "registry.example/studio/film", request(server.url))
        assert server.seen == []


@pytest.mark.parametrize(
    ("value", "status", "origin"),
    [
        ('Bearer realm="https://gate.example/token",service="x"', 401, "https://gate.example"),
        ('Bearer realm="https://gate.example:443/token",service="x"', 401, "https://gate.example"),
        ('Bearer realm="https://gate.example:8443/token"', 401, "https://gate.example:8443"),
        ('Bearer realm="http://127.0.0.1:1/token"', 401, "http://127.0.0.1:1"),
        ('Basic realm="registry"', 401, None),
        ('Bearer realm="/token"', 401, None),
        ("Bearer", 401, None),
        ("", 401, None),
        ('Bearer realm="https://gate.example/token"', 200, None),
    ],
)
def test_a_registry_says_where_it_wants_tokens_from(
    gates: GateSessions, value: str, status: int, origin: str | None
) -> None:
    with greeting(value, status) as server:
        assert gates.token_origin(f"{server.host}/studio/film") == origin


@pytest.mark.parametrize("realm", ["http://gate.example/token", "ftp://gate.example", "https://u:p@gate.example/"])
def test_a_realm_that_may_not_be_spoken_to_is_an_error(gates: GateSessions, realm: str) -> None:
    with greeting(f'Bearer realm="{realm}"') as server, pytest.raises(RegistryError):
        gates.token_origin(f"{server.host}/studio/film")


def greeting(value: str, status: int = 401) -> ScriptedServer:
    """A registry that greets with a challenge."""
    headers = {"WWW-Authenticate": value} if value else {}
    return ScriptedServer(lambda _: Reply(), greeting=Reply(status=status, headers=headers))
