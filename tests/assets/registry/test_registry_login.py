"""Logging in: passwords at a real registry, and tokens from the realm that a registry names."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from assets.errors import RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.reference import ImageReference
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.media_types import OCI_MANIFEST
from assets.services.images.withholding import is_open
from regtest.plugin import RegistryFactory
from regtest.registry import PASSWORD, USER, PasswordLogin, Registry
from tests.assets.registry.images import LAYER_TYPE, image, push_image
from tests.assets.registry.scripted import Reply, ScriptedServer, Seen

ONE = image()


def stored(folder: Path, host: str, **entry: str) -> CredentialFinder:
    (folder / "auth.json").write_text(json.dumps({"auths": {host: entry}}))
    return CredentialFinder(environ={"REGISTRY_AUTH_FILE": str(folder / "auth.json")}, home=folder)


@pytest.fixture(scope="module")
def guarded(registry_factory: RegistryFactory) -> Registry:
    return registry_factory(login=PasswordLogin())


@pytest.mark.registry
def test_a_stored_password_opens_a_real_registry(guarded: Registry, tmp_path: Path) -> None:
    name = f"{guarded.host}/acme/app"
    with RegistryClient(stored(tmp_path, guarded.host, username=USER, password=PASSWORD)) as client:
        push_image(client, name, ONE, "1")
        assert client.resolve(ImageReference.parse(f"{name}:1")).digest == ONE.digest
        assert client.tags(name) == ("1",)


@pytest.mark.registry
def test_a_real_registry_refuses_strangers_with_what_to_do(guarded: Registry) -> None:
    with (
        RegistryClient(CredentialFinder.nowhere()) as client,
        pytest.raises(UnauthorizedError, match="wants credentials") as caught,
    ):
        client.resolve(ImageReference.parse(f"{guarded.host}/acme/app:1"))
    assert f"log in first at {guarded.host}," in caught.value.hint


@pytest.mark.registry
def test_what_a_password_opens_is_not_open_to_everybody(guarded: Registry, tmp_path: Path) -> None:
    name = f"{guarded.host}/acme/private"
    with (
        RegistryClient(stored(tmp_path, guarded.host, username=USER, password=PASSWORD)) as client,
        RegistryClient(CredentialFinder.nowhere()) as anybody,
    ):
        push_image(client, name, ONE, "1")
        assert is_open(client, name, ONE.digest)
        assert not is_open(anybody, name, ONE.digest)


@pytest.mark.registry
def test_a_real_registry_refuses_a_wrong_password(guarded: Registry, tmp_path: Path) -> None:
    with (
        RegistryClient(stored(tmp_path, guarded.host, username=USER, password="wrong")) as client,
        pytest.raises(UnauthorizedError, match="refuses the login") as caught,
    ):
        client.resolve(ImageReference.parse(f"{guarded.host}/acme/app:1"))
    assert "wrong" not in str(caught.value)


def token_registry(server: Callable[[], ScriptedServer], grant: Callable[[Seen], Reply]) -> Callable[[Seen], Reply]:
    """A registry that wants a bearer token `good`, and gives out tokens itself."""

    def answer(seen: Seen) -> Reply:
        if seen.target.startswith("/token"):
            return grant(seen)
        if seen.authorization == "Bearer good":
            return Reply(headers={"Content-Type": OCI_MANIFEST}, body=ONE.manifest)
        challenge = f'Bearer realm="{server().url}/token?fixed=1",service="my service",scope="registry:catalog:*"'
        return Reply(status=401, headers={"WWW-Authenticate": challenge})

    return answer


def query(seen: Seen) -> dict[str, list[str]]:
    return parse_qs(urlsplit(seen.target).query)


def test_an_anonymous_token_is_asked_for_with_our_own_scope_and_kept() -> None:
    answer = token_registry(lambda: server, lambda _: Reply(body=b'{"token":"good","expires_in":300}'))
    with ScriptedServer(answer) as server, RegistryClient(CredentialFinder.nowhere()) as client:
        for _ in range(2):
            assert client.manifest(f"{server.host}/acme/app", "1").digest == ONE.digest
    (asked,) = server.asked("/token")
    assert query(asked) == {"fixed": ["1"], "scope": ["repository:acme/app:pull"], "service": ["my service"]}
    assert asked.authorization is None
    assert len(server.asked("/manifests/")) == 3


def test_a_token_of_one_repository_is_not_shown_to_another() -> None:
    answer = token_registry(lambda: server, lambda _: Reply(body=b'{"access_token":"good"}'))
    with ScriptedServer(answer) as server, RegistryClient(CredentialFinder.nowhere()) as client:
        client.manifest(f"{server.host}/acme/app", "1")
        client.manifest(f"{server.host}/acme/other", "1")
    assert [one.authorization for one in server.asked("/acme/other/")] == [None, "Bearer good"]
    assert [query(one)["scope"] for one in server.asked("/token")] == [
        ["repository:acme/app:pull"],
        ["repository:acme/other:pull"],
    ]


def test_a_token_that_ran_out_is_replaced() -> None:
    tokens = iter(["good", "stale", "good"])

    def answer(seen: Seen) -> Reply:
        if seen.target.startswith("/token"):
            return Reply(body=json.dumps({"token": next(tokens)}).encode())
        accepted = seen.authorization == "Bearer good" and len(server.asked("/token")) != 2
        if accepted and len(server.asked("/manifests/")) != 3:
            return Reply(headers={"Content-Type": OCI_MANIFEST}, body=ONE.manifest)
        return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="{server.url}/token"'})

    with ScriptedServer(answer) as server, RegistryClient(CredentialFinder.nowhere()) as client:
        name = f"{server.host}/acme/app"
        client.manifest(name, "1")
        with pytest.raises(UnauthorizedError):
            client.manifest(name, "1")
        assert client.manifest(name, "1").digest == ONE.digest


def test_a_password_goes_to_the_realm_and_never_to_the_registry(tmp_path: Path) -> None:
    answer = token_registry(lambda: server, lambda _: Reply(body=b'{"token":"good"}'))
    with (
        ScriptedServer(answer) as server,
        RegistryClient(stored(tmp_path, server.host, username="me", password="hidden")) as client,
    ):
        client.manifest(f"{server.host}/acme/app", "1")
    (asked,) = server.asked("/token")
    assert asked.authorization is not None
    assert asked.authorization.startswith("Basic ")
    assert query(asked)["account"] == ["me"]
    assert all("hidden" not in one.target for one in server.seen)
    assert {one.authorization for one in server.asked("/manifests/")} == {None, "Bearer good"}


def test_an_identity_token_is_exchanged_by_post(tmp_path: Path) -> None:
    answer = token_registry(lambda: server, lambda _: Reply(body=b'{"access_token":"good"}'))
    with (
        ScriptedServer(answer) as server,
        RegistryClient(stored(tmp_path, server.host, identitytoken="refresh/+")) as client,
    ):
        client.manifest(f"{server.host}/acme/app", "1")
    (asked,) = server.asked("/token")
    form = parse_qs(asked.body.decode())
    assert asked.method == "POST"
    assert "refresh" not in asked.target
    assert (form["grant_type"], form["refresh_token"]) == (["refresh_token"], ["refresh/+"])


def test_pushing_asks_for_the_right_to_push() -> None:
    def registry(seen: Seen) -> Reply:
        if seen.target.startswith("/token"):
            return Reply(body=b'{"token":"good"}')
        if seen.authorization != "Bearer good":
            return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="{server.url}/token"'})
        return Reply(status=202, headers={"Location": "/v2/up?state=1"}) if seen.method == "POST" else Reply(status=201)

    with ScriptedServer(registry) as server, RegistryClient(CredentialFinder.nowhere()) as client:
        client.push_blob(f"{server.host}/acme/app", b"data", LAYER_TYPE)
    (asked,) = server.asked("/token")
    assert query(asked)["scope"] == ["repository:acme/app:pull,push"]
    (put,) = [one for one in server.seen if one.method == "PUT"]
    assert put.body == b"data"
    assert put.target.startswith("/v2/up?state=1&digest=sha256")


@pytest.mark.parametrize(
    "realm", ["http://auth.example/token", "ftp://auth.example/", "", "/token", "https://me@auth.example/"]
)
def test_no_credentials_go_to_an_unsafe_realm(tmp_path: Path, realm: str) -> None:
    def registry(_: Seen) -> Reply:
        return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="{realm}"'})

    with (
        ScriptedServer(registry) as server,
        RegistryClient(stored(tmp_path, server.host, username="me", password="hidden")) as client,
        pytest.raises(RegistryError),
    ):
        client.manifest(f"{server.host}/acme/app", "1")
    assert all(one.authorization is None for one in server.seen)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(status=401), "no token without a login"),
        (Reply(status=500), "cannot answer now.*status 500"),
        (Reply(status=403, body=b'{"errors":[{"code":"DENIED","message":"not today"}]}'), r"\(DENIED: not today\)"),
        (Reply(status=302, headers={"Location": "https://auth.example/"}), "status 302"),
        (Reply(body=b"[]"), "no token"),
        (Reply(body=b'{"token":"a\\r\\nX: y"}'), "cannot be sent"),
        (Reply(body=b"{}"), "cannot be sent"),
        (Reply(body=bytes(300_000)), "more than"),
    ],
    ids=["401", "500", "403", "302", "no object", "a line break", "none", "too long"],
)
def test_a_realm_that_gives_no_token_ends_in_a_message(reply: Reply, why: str) -> None:
    answer = token_registry(lambda: server, lambda _: reply)
    with (
        ScriptedServer(answer) as server,
        RegistryClient(CredentialFinder.nowhere(), sleep=lambda _: None) as client,
        pytest.raises(RegistryError, match=why),
    ):
        client.manifest(f"{server.host}/acme/app", "1")


def test_what_a_token_server_says_of_a_login_is_told(tmp_path: Path) -> None:
    said = {"errors": [{"code": "UNAUTHORIZED", "message": "the password is from the future\x1b[2J", "detail": None}]}
    answer = token_registry(lambda: server, lambda _: Reply(status=401, body=json.dumps(said).encode()))
    with (
        ScriptedServer(answer) as server,
        RegistryClient(stored(tmp_path, server.host, username="me", password="hidden")) as client,
        pytest.raises(UnauthorizedError, match=r"refuses the stored credentials .*from the future\?\[2J") as caught,
    ):
        client.manifest(f"{server.host}/acme/app", "1")
    assert f"the token server {server.host} " in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_token_server_that_cannot_answer_is_unavailable_and_says_why(status: int) -> None:
    said = b'{"errors":[{"code":"UNAVAILABLE","message":"the index is behind the node"}]}'
    answer = token_registry(lambda: server, lambda _: Reply(status=status, body=said))
    with (
        ScriptedServer(answer) as server,
        RegistryClient(CredentialFinder.nowhere(), sleep=lambda _: None) as client,
        pytest.raises(RegistryUnavailableError, match="the index is behind the node"),
    ):
        client.manifest(f"{server.host}/acme/app", "1")


def test_a_token_server_that_is_down_is_told_from_the_registry() -> None:
    with ScriptedServer(lambda _: Reply()) as gate:
        down = gate.url
    challenge = {"WWW-Authenticate": f'Bearer realm="{down}/token"'}
    with (
        ScriptedServer(lambda _: Reply(status=401, headers=challenge)) as server,
        RegistryClient(CredentialFinder.nowhere(), sleep=lambda _: None) as client,
        pytest.raises(RegistryUnavailableError, match=r"the token server .* does not answer") as caught,
    ):
        client.manifest(f"{server.host}/acme/app", "1")
    assert (f"curl {down})" in caught.value.hint, "/v2/" in caught.value.hint) == (True, False)


def test_a_login_that_lacks_a_right_is_told_from_none(tmp_path: Path) -> None:
    answer = token_registry(lambda: server, lambda _: Reply(body=b'{"token":"worthless"}'))
    with ScriptedServer(answer) as server:
        name = f"{server.host}/acme/app"
        with (
            RegistryClient(CredentialFinder.nowhere()) as client,
            pytest.raises(UnauthorizedError, match=f"lets nobody pull {name} without a login"),
        ):
            client.manifest(name, "1")
        with (
            RegistryClient(stored(tmp_path, server.host, username="me", password="hidden")) as client,
            pytest.raises(UnauthorizedError, match=f"{server.host} refuses the login for {name}"),
        ):
            client.manifest(name, "1")


def test_whoever_may_not_write_into_a_public_sibling_is_told_what_to_log_in_for() -> None:
    answer = token_registry(lambda: server, lambda _: Reply(body=b'{"token":"worthless"}'))
    with ScriptedServer(answer) as server, RegistryClient(CredentialFinder.nowhere()) as client:
        name = f"{server.host}/acme/app"
        with pytest.raises(UnauthorizedError, match=f"lets nobody push to {name}/dockchains") as caught:
            client.push_blob(f"{name}/dockchains", b"data", LAYER_TYPE)
    assert f" to {name};" in caught.value.hint


def test_a_registry_that_does_not_say_what_it_wants_is_told_apart() -> None:
    with (
        ScriptedServer(lambda _: Reply(status=401)) as server,
        RegistryClient(CredentialFinder.nowhere()) as client,
        pytest.raises(UnauthorizedError, match="does not say"),
    ):
        client.manifest(f"{server.host}/acme/app", "1")
