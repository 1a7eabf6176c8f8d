"""Asking a gate for a content key: what is sent, to whom, and which answers are believed."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from assets.errors import RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.registry.gate_keys import GateClient
from assets.registry.logins import Login
from assets.registry.settings import RegistrySettings
from assets.registry.transport import Transport
from tests.assets.registry.scripted import Reply, ScriptedServer, Seen
from wallet.errors import EncodingError
from wallet.hashes import Txid, display

GENESIS = Txid(bytes(range(32)))
CIPHERTEXT = Digest(bytes(32))
KEY = ContentKey(b"k" * 32)
NAME = "127.0.0.1:5000/acme/app"
HEADER = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}


LOGIN = Login("02ab", "1700000000.c2ln")


def holder(host: str, gate: str) -> Login | None:
    """Somebody who is logged in at whatever gate is asked, for two hosts."""
    return replace(LOGIN, only_at=gate) if host in ("127.0.0.1:5000", "registry.example") else None


@pytest.fixture
def transport() -> Iterator[Transport]:
    transport = Transport(RegistrySettings(idle_timeout=1, exchange_timeout=2, retries=0))
    yield transport
    transport.close()


@pytest.fixture
def client(transport: Transport) -> GateClient:
    return GateClient(transport, holder)


def wrapped(seen: Seen, payload: bytes = KEY.value, header: dict[str, str] | None = None) -> Reply:
    recipient = JWK(**json.loads(seen.body)["recipient"])
    jwe = JWE(payload, json.dumps(header or HEADER), recipient=recipient, algs=[*HEADER.values(), "ECDH-ES"])
    return Reply(headers={"Content-Type": "application/jose"}, body=jwe.serialize(compact=True).encode())


def test_the_question_names_what_is_wanted_and_who_asks(client: GateClient) -> None:
    with ScriptedServer(wrapped) as server:
        assert client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT) == KEY
        assert client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT) == KEY
    first, second = server.asked("/v1/keys")
    asked = json.loads(first.body)
    assert (first.method, asked["genesis"], asked["digest"]) == ("POST", display(GENESIS), str(CIPHERTEXT))
    assert set(asked["recipient"]) == {"kty", "crv", "x", "y"}
    assert (asked["recipient"]["kty"], asked["recipient"]["crv"]) == ("EC", "P-256")
    assert asked["recipient"] != json.loads(second.body)["recipient"], "a key of its own for each question"
    assert first.authorization == LOGIN.basic()


def test_nobody_is_asked_where_nobody_has_logged_in(transport: Transport) -> None:
    client = GateClient(transport, lambda _host, _gate: None)
    with ScriptedServer(wrapped) as server:
        assert client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT) is None
    assert not server.seen


def test_a_login_at_another_gate_is_not_shown(transport: Transport) -> None:
    client = GateClient(transport, lambda _host, _gate: replace(LOGIN, only_at="https://gate.example"))
    with ScriptedServer(wrapped) as server, pytest.raises(UnauthorizedError, match=r"gate\.example"):
        client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT)
    assert not server.seen


def test_a_password_for_the_registry_is_not_shown(transport: Transport) -> None:
    client = GateClient(transport, lambda _host, _gate: LOGIN)
    with ScriptedServer(wrapped) as server, pytest.raises(UnauthorizedError):
        client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT)
    assert not server.seen


@pytest.mark.parametrize(
    "gate",
    [
        "",
        "ftp://127.0.0.1",
        "http://gate.example",
        "https://user@gate.example",
        "https://",
        "javascript:x",
        "https://gate.example/",
    ],
)
def test_an_unusable_gate_is_refused(client: GateClient, gate: str) -> None:
    with pytest.raises((RegistryError, EncodingError)):
        client.content_key(gate, NAME, GENESIS, CIPHERTEXT)


def test_a_remote_definition_cannot_send_us_to_this_machine(client: GateClient) -> None:
    with ScriptedServer(wrapped) as server, pytest.raises(RegistryError, match="this machine"):
        client.content_key(f"http://{server.host}", "registry.example/acme/app", GENESIS, CIPHERTEXT)
    assert not server.seen


def test_an_answer_for_another_recipient_is_refused(client: GateClient) -> None:
    def elsewhere(_: Seen) -> Reply:
        jwe = JWE(KEY.value, json.dumps(HEADER), recipient=JWK.generate(kty="EC", crv="P-256"), algs=[*HEADER.values()])
        return Reply(body=jwe.serialize(compact=True).encode())

    with ScriptedServer(elsewhere) as server, pytest.raises(RegistryError, match="something else than a key"):
        client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT)


@pytest.mark.parametrize("payload", [b"", b"short", b"k" * 33])
def test_a_key_of_another_length_is_refused(client: GateClient, payload: bytes) -> None:
    with (
        ScriptedServer(lambda seen: wrapped(seen, payload)) as server,
        pytest.raises(RegistryError, match="something else than a key"),
    ):
        client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT)


def test_another_algorithm_is_refused(client: GateClient) -> None:
    other = {"alg": "ECDH-ES", "enc": "A256GCM"}
    with (
        ScriptedServer(lambda seen: wrapped(seen, header=other)) as server,
        pytest.raises(RegistryError, match="something else than a key"),
    ):
        client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT)


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"a.b.c.d.e"])
def test_an_answer_that_is_no_jwe_is_refused(client: GateClient, body: bytes) -> None:
    with ScriptedServer(lambda _: Reply(body=body)) as server, pytest.raises(RegistryError):
        client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, UnauthorizedError),
        (403, UnauthorizedError),
        (404, RegistryError),
        (429, RegistryUnavailableError),
        (503, RegistryUnavailableError),
    ],
)
def test_a_refusal_is_told_in_the_gates_words(client: GateClient, status: int, error: type[RegistryError]) -> None:
    body = json.dumps({"error": "x", "message": "you hold no unit", "next": "buy one\x1b[2J"}).encode()
    with ScriptedServer(lambda _: Reply(status=status, body=body)) as server, pytest.raises(error) as caught:
        client.content_key(f"http://{server.host}", NAME, GENESIS, CIPHERTEXT)
    assert "you hold no unit" in str(caught.value)
    assert "\x1b" not in str(caught.value)
