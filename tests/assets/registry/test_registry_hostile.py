"""Registries that lie, stall, flood, or lead elsewhere (attack T9), and documents that mean two things (T8)."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assets.errors import DigestMismatchError, RegistryError, RegistryUnavailableError, UnauthorizedError
from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.media_types import DEFINITION, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from assets.registry.oci import ContentDescriptor
from assets.registry.settings import RegistrySettings
from regtest.server import free_port
from tests.assets.registry.images import LAYER_TYPE, compact, image, image_list
from tests.assets.registry.scripted import Reply, ScriptedServer, Seen

ONE = image()
HASTY = RegistrySettings(connect_timeout=2, idle_timeout=0.5, exchange_timeout=1.0, back_off=0.0)


def good(_: Seen) -> Reply:
    return Reply(headers={"Content-Type": OCI_MANIFEST}, body=ONE.manifest)


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(pauses: list[float]) -> Iterator[RegistryClient]:
    with RegistryClient(CredentialFinder.nowhere(), HASTY, sleep=pauses.append) as found:
        yield found


def reference(server: ScriptedServer, suffix: str = ":1") -> ImageReference:
    return ImageReference.parse(f"{server.host}/acme/app{suffix}")


def layer(server: ScriptedServer) -> tuple[str, ContentDescriptor]:
    data = ONE.layer
    return f"{server.host}/acme/app", ContentDescriptor(media_type=LAYER_TYPE, digest=Digest.of(data), size=len(data))


def test_every_manifest_type_is_accepted_in_the_request(client: RegistryClient) -> None:
    with ScriptedServer(good) as server:
        client.resolve(reference(server))
    (asked,) = server.asked("/manifests/")
    assert asked.target == "/v2/acme/app/manifests/1"
    for media_type in (OCI_INDEX, OCI_MANIFEST, DOCKER_MANIFEST, "manifest.list.v2+json"):
        assert media_type in asked.headers["accept"]


def test_other_bytes_than_the_digest_names_are_refused(client: RegistryClient) -> None:
    with ScriptedServer(good) as server, pytest.raises(DigestMismatchError, match="was asked for"):
        client.resolve(reference(server, f"@{Digest.of(b'another')}"))


def test_a_header_that_states_another_digest_is_refused(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        stated = {"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": str(Digest.of(b"another"))}
        return Reply(headers=stated, body=ONE.manifest)

    with ScriptedServer(answer) as server, pytest.raises(DigestMismatchError, match="the registry states"):
        client.resolve(reference(server))


def test_a_header_with_another_algorithm_is_refused_by_name(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        stated = {"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": "sha512:" + "ab" * 64}
        return Reply(headers=stated, body=ONE.manifest)

    with ScriptedServer(answer) as server, pytest.raises(RegistryError, match="sha512"):
        client.resolve(reference(server))


def test_the_digest_is_that_of_the_bytes_where_the_header_is_missing(client: RegistryClient) -> None:
    with ScriptedServer(good) as server:
        assert client.resolve(reference(server)).digest == ONE.digest


def test_a_changed_blob_is_refused(client: RegistryClient) -> None:
    with (
        ScriptedServer(lambda _: Reply(body=b"X" * len(ONE.layer))) as server,
        pytest.raises(DigestMismatchError),
    ):
        client.blob(*layer(server), 1000)


def test_a_truncated_answer_is_refused(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        return Reply(headers={"Content-Type": OCI_MANIFEST}, body=ONE.manifest[:-5], length=len(ONE.manifest))

    with ScriptedServer(answer) as server, pytest.raises(RegistryUnavailableError, match="broke"):
        client.resolve(reference(server))


def test_an_endless_answer_is_cut_off(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        return Reply(headers={"Content-Type": OCI_MANIFEST}, length=None, stream=itertools.repeat(bytes(65536)))

    with ScriptedServer(answer) as server, pytest.raises(RegistryError, match="more than the 4194304"):
        client.resolve(reference(server))


def test_an_endless_error_is_cut_off(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        return Reply(status=403, length=None, stream=itertools.repeat(bytes(65536)))

    with ScriptedServer(answer) as server, pytest.raises(UnauthorizedError):
        client.resolve(reference(server))


def test_a_silent_server_is_given_up(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        return Reply(length=None, stream=(b"" for _ in iter(server.over.wait, True)))

    with ScriptedServer(answer) as server, pytest.raises(RegistryUnavailableError, match="too slow"):
        client.resolve(reference(server))


def drip(server_over: Callable[[float], bool], start: bytes) -> Iterator[bytes]:
    yield start
    while not server_over(0.05):
        yield b"x"


def test_a_server_that_drips_its_body_is_given_up(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        return Reply(headers={"Content-Type": OCI_MANIFEST}, length=None, stream=drip(server.over.wait, b"{"))

    hasty = RegistrySettings(idle_timeout=10, exchange_timeout=0.3, slowest=2**40)
    with (
        RegistryClient(CredentialFinder.nowhere(), hasty) as short,
        ScriptedServer(answer) as server,
        pytest.raises(RegistryUnavailableError, match="too slow"),
    ):
        short.resolve(reference(server))


def test_a_server_that_drips_its_headers_is_given_up() -> None:
    def answer(_: Seen) -> Reply:
        return Reply(raw=drip(server.over.wait, b"HTTP/1.1 200 OK\r\nX-Slow: "))

    hasty = RegistrySettings(idle_timeout=10, exchange_timeout=0.3, slowest=2**40)
    with (
        RegistryClient(CredentialFinder.nowhere(), hasty) as short,
        ScriptedServer(answer) as server,
        pytest.raises(RegistryUnavailableError, match="too slow"),
    ):
        short.resolve(reference(server))


def test_a_packed_answer_is_refused(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        return Reply(headers={"Content-Type": OCI_MANIFEST, "Content-Encoding": "gzip"}, body=ONE.manifest)

    with ScriptedServer(answer) as server, pytest.raises(RegistryError, match="packs its answer"):
        client.resolve(reference(server))


def test_bytes_that_are_no_http_are_refused(client: RegistryClient) -> None:
    with (
        ScriptedServer(lambda _: Reply(raw=(b"\x15\x03\x01\x00\x02\x02\x50",))) as server,
        pytest.raises(RegistryUnavailableError, match="broke"),
    ):
        client.resolve(reference(server))


def test_a_401_that_never_ends_is_answered_once(client: RegistryClient) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.target.startswith("/token"):
            return Reply(body=b'{"token":"abc"}')
        challenge = f'Bearer realm="{server.url}/token",service="s",scope="repository:acme/app:pull"'
        return Reply(status=401, headers={"WWW-Authenticate": challenge})

    with ScriptedServer(answer) as server, pytest.raises(UnauthorizedError, match="lets nobody pull"):
        client.resolve(reference(server, f"@{ONE.digest}"))
    assert len(server.asked("/manifests/")) == 2
    assert len(server.asked("/token")) == 1


def test_a_realm_that_asks_for_a_token_itself_is_not_followed(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="{server.url}/token"'})

    with ScriptedServer(answer) as server, pytest.raises(UnauthorizedError, match="no token without a login"):
        client.resolve(reference(server))
    assert len(server.seen) == 3


def with_login(tmp_path: Path, host: str) -> CredentialFinder:
    auths = {"auths": {host: {"username": "someone", "password": "very secret"}}}
    (tmp_path / "auth.json").write_text(json.dumps(auths))
    return CredentialFinder(environ={"REGISTRY_AUTH_FILE": str(tmp_path / "auth.json")}, home=tmp_path)


def test_a_redirect_to_another_host_gets_no_credentials(tmp_path: Path) -> None:
    def registry(seen: Seen) -> Reply:
        if seen.authorization is None:
            return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="r"'})
        if "manifests" in seen.target:
            return Reply(status=307, headers={"Location": f"{mirror.url}/m"})
        return Reply(
            status=307,
            headers={"Location": "/elsewhere?again"}
            if "again" not in seen.target
            else {"Location": f"{mirror.url}/blob"},
        )

    def elsewhere(seen: Seen) -> Reply:
        return Reply(body=ONE.layer) if seen.target == "/blob" else good(seen)

    with (
        ScriptedServer(elsewhere) as mirror,
        ScriptedServer(registry) as server,
        RegistryClient(with_login(tmp_path, server.host), HASTY) as client,
    ):
        assert client.resolve(reference(server)).digest == ONE.digest
        assert client.blob(*layer(server), 1000) == ONE.layer
    assert [one.authorization for one in mirror.seen] == [None, None]
    assert [one.authorization is not None for one in server.asked("/elsewhere")] == [True]


def test_a_redirect_that_wants_credentials_of_its_own_gets_none(tmp_path: Path) -> None:
    def registry(_: Seen) -> Reply:
        return Reply(status=307, headers={"Location": f"{thief.url}/blob"})

    def wanting(_: Seen) -> Reply:
        return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="r"'})

    with (
        ScriptedServer(wanting) as thief,
        ScriptedServer(registry) as server,
        RegistryClient(with_login(tmp_path, server.host), HASTY) as client,
        pytest.raises(RegistryError, match="credentials of its own"),
    ):
        client.blob(*layer(server), 1000)
    assert [one.authorization for one in thief.seen] == [None]


@pytest.mark.parametrize(
    "place",
    ["http://registry.example/x", "ftp://registry.example/x", "", "//", "https://user@registry.example/", "\\x"],
)
def test_a_redirect_to_an_unsafe_place_is_not_followed(client: RegistryClient, place: str) -> None:
    def answer(_: Seen) -> Reply:
        return Reply(status=302, headers={"Location": place})

    with ScriptedServer(answer) as server, pytest.raises(RegistryError):
        client.blob(*layer(server), 1000)


def test_redirects_without_end_are_given_up(client: RegistryClient) -> None:
    with (
        ScriptedServer(lambda _: Reply(status=302, headers={"Location": "/again"})) as server,
        pytest.raises(RegistryError, match="more than 5 times"),
    ):
        client.blob(*layer(server), 1000)
    assert len(server.asked("/again")) == 5


def test_an_upload_that_is_led_to_another_place_is_refused(client: RegistryClient) -> None:
    def registry(_: Seen) -> Reply:
        return Reply(status=202, headers={"Location": f"{thief.url}/upload"})

    with (
        ScriptedServer(good) as thief,
        ScriptedServer(registry) as server,
        pytest.raises(RegistryError, match="another place"),
    ):
        client.push_blob(f"{server.host}/acme/app", b"data", LAYER_TYPE)
    assert thief.seen == []


def test_tags_that_go_on_for_ever_are_given_up(client: RegistryClient) -> None:
    def answer(seen: Seen) -> Reply:
        return Reply(headers={"Link": f'<{seen.target}>; rel="next"'}, body=b'{"name":"acme/app","tags":["1"]}')

    with ScriptedServer(answer) as server, pytest.raises(RegistryError, match="does not end"):
        client.tags(f"{server.host}/acme/app")


def test_tags_come_page_by_page(client: RegistryClient) -> None:
    def answer(seen: Seen) -> Reply:
        if "last" in seen.target:
            return Reply(body=b'{"name":"acme/app","tags":["2"]}')
        link = '</v2/acme/app/tags/list?last=1&n=1>; rel="next"'
        return Reply(headers={"Link": link}, body=b'{"name":"acme/app","tags":["1"]}')

    with ScriptedServer(answer) as server:
        assert client.tags(f"{server.host}/acme/app") == ("1", "2")


def test_tags_that_go_on_at_another_place_are_refused(tmp_path: Path) -> None:
    def answer(seen: Seen) -> Reply:
        if seen.authorization is None:
            return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="r"'})
        return Reply(headers={"Link": f'<{thief.url}/v2/x>; rel="next"'}, body=b'{"tags":["1"]}')

    with (
        ScriptedServer(lambda _: Reply(body=b'{"tags":["2"]}')) as thief,
        ScriptedServer(answer) as server,
        RegistryClient(with_login(tmp_path, server.host), HASTY) as client,
        pytest.raises(RegistryError, match="at another place"),
    ):
        client.tags(f"{server.host}/acme/app")
    assert thief.seen == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"tags":["../x"]}', b'{"tags":[1]}', b"[" * 100_000])
def test_a_malformed_list_of_tags_is_refused(client: RegistryClient, body: bytes) -> None:
    with ScriptedServer(lambda _: Reply(body=body)) as server, pytest.raises(RegistryError):
        client.tags(f"{server.host}/acme/app")


def test_passing_trouble_is_tried_again_a_few_times(client: RegistryClient, pauses: list[float]) -> None:
    with ScriptedServer(lambda seen: good(seen) if len(server.seen) > 3 else Reply(status=503)) as server:
        assert client.resolve(reference(server)).digest == ONE.digest
    assert len(server.asked("/manifests/")) == 3
    assert len(pauses) == 2


def test_lasting_trouble_ends_in_a_message(client: RegistryClient) -> None:
    def answer(_: Seen) -> Reply:
        return Reply(
            status=500, body=b'{"errors":[{"code":"UNKNOWN","message":"\x1b[31mboom"}]}'.replace(b"\x1b", b"\\u001b")
        )

    with ScriptedServer(answer) as server, pytest.raises(RegistryUnavailableError, match="500") as caught:
        client.resolve(reference(server))
    assert len(server.asked("/manifests/")) == 3
    assert "\x1b" not in str(caught.value)
    assert "boom" in str(caught.value)


def test_a_short_wait_that_is_asked_for_is_kept(client: RegistryClient, pauses: list[float]) -> None:
    def answer(seen: Seen) -> Reply:
        return good(seen) if len(server.seen) > 2 else Reply(status=429, headers={"Retry-After": "3"})

    with ScriptedServer(answer) as server:
        assert client.resolve(reference(server)).digest == ONE.digest
    assert pauses == [3]


def test_a_long_wait_is_told_and_not_kept(client: RegistryClient, pauses: list[float]) -> None:
    with (
        ScriptedServer(lambda _: Reply(status=429, headers={"Retry-After": "3600"})) as server,
        pytest.raises(RegistryUnavailableError, match="too many requests") as caught,
    ):
        client.resolve(reference(server))
    assert "3600 seconds" in caught.value.hint
    assert pauses == []


def test_a_registry_that_is_down_is_named_with_what_to_do(client: RegistryClient, pauses: list[float]) -> None:
    host = f"127.0.0.1:{free_port()}"
    with pytest.raises(RegistryUnavailableError, match=host) as caught:
        client.resolve(ImageReference.parse(f"{host}/acme/app:1"))
    assert "runs" in caught.value.hint
    assert len(pauses) == 2


def served_as(content_type: str, body: bytes) -> Callable[[Seen], Reply]:
    return lambda _: Reply(headers={"Content-Type": content_type}, body=body)


BOTH = compact({**json.loads(image_list(ONE)), "layers": [], "config": json.loads(ONE.manifest)["config"]})
SCHEMA_1 = compact({"schemaVersion": 1, "name": "acme/app", "tag": "1", "fsLayers": [], "history": []})


@pytest.mark.parametrize(
    ("content_type", "body", "why"),
    [
        (OCI_INDEX, BOTH, "ambiguous"),
        (OCI_MANIFEST, BOTH.replace(OCI_INDEX.encode(), OCI_MANIFEST.encode()), "ambiguous"),
        (OCI_INDEX, ONE.manifest, "was served as"),
        (DOCKER_MANIFEST, ONE.manifest, "was served as"),
        ("application/json", ONE.manifest, "not a manifest"),
        ("text/html", b"<html>log in</html>", "not valid JSON"),
        ("application/vnd.docker.distribution.manifest.v1+prettyjws", SCHEMA_1, "schema 1"),
        ("application/json", SCHEMA_1, "schema 1"),
        (OCI_MANIFEST, ONE.manifest.replace(b"sha256:", b"sha512:"), "sha512"),
    ],
    ids=[
        "both as a list",
        "both as an image",
        "an image as a list",
        "an OCI image as Docker's",
        "an unknown type",
        "a web page",
        "schema 1 by type",
        "schema 1 by its version",
        "sha512",
    ],
)
def test_a_manifest_that_is_not_one_thing_is_refused(
    client: RegistryClient, content_type: str, body: bytes, why: str
) -> None:
    with ScriptedServer(served_as(content_type, body)) as server, pytest.raises(RegistryError, match=why):
        client.resolve(reference(server))


def test_garbage_under_our_tag_is_neither_believed_nor_overwritten(client: RegistryClient) -> None:
    with ScriptedServer(served_as("text/plain", b"\x00\xff")) as server:
        notes: list[str] = []
        name = f"{server.host}/acme/app"
        assert client.fetch_artifact(name, "dockchains", DEFINITION, 65536, notes.append) is None
        assert "no readable manifest" in notes[0]
        with pytest.raises(RegistryError, match="not overwritten"):
            client.push_artifact(name, "dockchains", DEFINITION, b"{}", {})
    assert {one.method for one in server.seen} == {"GET"}
