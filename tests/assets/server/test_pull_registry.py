"""The pull-only registry over HTTP: endpoints, errors, ranges, and unmodified skopeo as a client."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import urllib3

from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.media_types import OCI_MANIFEST
from assets.registry.shelf import ServedManifest
from assets.server.listening import Listener
from assets.server.pull_registry import pull_registry
from regtest.image import build_image
from regtest.oci import INDEX
from regtest.skopeo import skopeo
from wallet.errors import StateError

LAYER = bytes(range(256)) * 100


@dataclass
class Stocked:
    """A shelf with what a test puts on it, under the name acme/app of registry.example."""

    folder: Path
    manifests: dict[str, ServedManifest] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, data: bytes) -> str:
        digest = Digest.of(data)
        (self.folder / digest.hex).write_bytes(data)
        return str(digest)

    def manifest(self, name: str, selector: str, host: str) -> ServedManifest | None:
        self.asked.append((name, selector, host))
        return self.manifests.get(selector) if self._known(name, host) else None

    def blob(self, name: str, digest: str, host: str) -> Path | None:
        path = self.folder / digest.removeprefix("sha256:")
        return path if self._known(name, host) and path.is_file() else None

    def tags(self, name: str, host: str) -> tuple[str, ...] | None:
        found = tuple(selector for selector in self.manifests if ":" not in selector)
        return found if self._known(name, host) else None

    def refusal(self, name: str, selector: str, host: str) -> str:
        return "not served: REVOKED" if name == "acme/revoked" else ""

    def _known(self, name: str, host: str) -> bool:
        return name in ("acme/app", "registry.example/acme/app") and host in ("", "registry.example")


@dataclass(frozen=True)
class Running:
    shelf: Stocked
    address: str

    def ask(self, method: str, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return urllib3.request(method, f"http://{self.address}{path}", headers=named, retries=False)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    shelf = Stocked(tmp_path_factory.mktemp("shelf"))
    listener = Listener("127.0.0.1", 0)
    thread = threading.Thread(target=listener.run, args=(pull_registry(shelf),))
    thread.start()
    yield Running(shelf, "{}:{}".format(*listener.address))
    listener.stop()
    thread.join()


@pytest.fixture
def running(started: Running) -> Running:
    started.shelf.manifests.clear()
    started.shelf.asked.clear()
    return started


def test_the_version_endpoint_is_what_clients_look_for_first(running: Running) -> None:
    for path in ("/v2/", "/v2"):
        answer = running.ask("GET", path)
        assert (answer.status, answer.json()) == (200, {})
        assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    assert running.ask("GET", "/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("name", ["acme/app", "registry.example/acme/app"])
@pytest.mark.parametrize("selector", ["1.0", f"sha256:{'ab' * 32}"])
def test_a_manifest_has_its_exact_bytes_type_and_digest(running: Running, name: str, selector: str) -> None:
    served = ServedManifest(data=b'{"odd" : 1}', media_type=OCI_MANIFEST, digest=f"sha256:{'ab' * 32}")
    running.shelf.manifests[selector] = served
    for method, body in (("GET", served.data), ("HEAD", b"")):
        answer = running.ask(method, f"/v2/{name}/manifests/{selector}")
        assert (answer.status, answer.data) == (200, body)
        assert answer.headers["Content-Type"] == OCI_MANIFEST
        assert answer.headers["Docker-Content-Digest"] == served.digest
        assert answer.headers["Content-Length"] == str(len(served.data))


def test_a_blob_comes_whole_or_in_part(running: Running) -> None:
    path = f"/v2/acme/app/blobs/{running.shelf.add(LAYER)}"
    whole = running.ask("GET", path)
    assert (whole.status, whole.data) == (200, LAYER)
    assert whole.headers["Content-Type"] == "application/octet-stream"
    rest = running.ask("GET", path, Range="bytes=25000-")
    assert (rest.status, rest.data) == (206, LAYER[25000:])
    assert rest.headers["Content-Range"] == f"bytes 25000-{len(LAYER) - 1}/{len(LAYER)}"
    assert running.ask("GET", path, Range=f"bytes={len(LAYER)}-").status == 416
    head = running.ask("HEAD", path)
    assert (head.status, head.headers["Content-Length"], head.data) == (200, str(len(LAYER)), b"")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v2/acme/app/manifests/2.0", "MANIFEST_UNKNOWN"),
        ("/v2/acme/other/manifests/1.0", "MANIFEST_UNKNOWN"),
        (f"/v2/acme/app/blobs/sha256:{'cd' * 32}", "BLOB_UNKNOWN"),
        ("/v2/acme/app/blobs/..%2f..%2fetc%2fpasswd", "NAME_UNKNOWN"),
        ("/v2/acme/other/tags/list", "NAME_UNKNOWN"),
        (f"/v2/acme/app/referrers/sha256:{'cd' * 32}", "NAME_UNKNOWN"),
        ("/v2/_catalog", "NAME_UNKNOWN"),
        ("/", "NAME_UNKNOWN"),
    ],
)
def test_what_is_not_here_is_a_404_that_clients_can_read(running: Running, path: str, code: str) -> None:
    answer = running.ask("GET", path)
    assert answer.status == 404
    (error,) = answer.json()["errors"]
    assert error["code"] == code
    assert error["message"]


def test_a_refusal_says_why(running: Running) -> None:
    (error,) = running.ask("GET", "/v2/acme/revoked/manifests/1.0").json()["errors"]
    assert error["message"] == "not served: REVOKED"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v2/acme/app/blobs/uploads/", "/v2/acme/app/manifests/1.0", "/v2/"])
def test_nothing_can_be_written(running: Running, method: str, path: str) -> None:
    assert running.ask(method, path).status == 405


def test_a_mirrors_client_says_which_registry_it_means(running: Running) -> None:
    """containerd adds `ns`."""
    served = ServedManifest(data=b"{}", media_type=OCI_MANIFEST, digest=f"sha256:{'ab' * 32}")
    running.shelf.manifests["1.0"] = served
    assert running.ask("GET", "/v2/acme/app/manifests/1.0?ns=registry.example").status == 200
    assert running.ask("GET", "/v2/acme/app/manifests/1.0?ns=elsewhere.example").status == 404
    assert running.shelf.asked == [("acme/app", "1.0", "registry.example"), ("acme/app", "1.0", "elsewhere.example")]


def test_bytes_that_are_no_http_do_not_stop_it(running: Running) -> None:
    """Clients try TLS first."""
    import socket

    host, port = running.address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as talk:
        talk.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200))
        talk.recv(1000)
    assert running.ask("GET", "/v2/").status == 200


def test_a_port_that_is_taken_is_named(running: Running) -> None:
    host, port = running.address.split(":")
    with pytest.raises(StateError, match=rf"^cannot listen on {host}:{port}: Address already in use$"):
        Listener(host, int(port))


@pytest.mark.registry
def test_skopeo_copies_and_inspects_a_multi_platform_image(running: Running, tmp_path: Path) -> None:
    built = build_image(tmp_path / "built", text="served", platforms=("linux/amd64", "linux/arm64"))
    for path in (built.layout / "blobs" / "sha256").iterdir():
        data = path.read_bytes()
        digest = running.shelf.add(data)
        if b'"schemaVersion"' in data[:40]:
            media_type = json.loads(data)["mediaType"]
            running.shelf.manifests[digest] = ServedManifest(data=data, media_type=media_type, digest=digest)
    running.shelf.manifests["1.0"] = running.shelf.manifests[built.digest]
    assert running.shelf.manifests["1.0"].media_type == INDEX
    name = f"docker://{running.address}/acme/app"
    skopeo(
        "copy", "--all", "--preserve-digests", "--src-tls-verify=false", f"{name}@{built.digest}",
        f"oci:{tmp_path}/copied:1",
    )  # fmt: skip
    for path in (built.layout / "blobs" / "sha256").iterdir():
        assert (tmp_path / "copied" / "blobs" / "sha256" / path.name).read_bytes() == path.read_bytes()
    assert json.loads(skopeo("inspect", "--tls-verify=false", f"{name}:1.0"))["RepoTags"] == ["1.0"]
    with RegistryClient(CredentialFinder.nowhere()) as client:
        found = client.resolve(ImageReference.parse(f"{running.address}/acme/app:1.0"))
    assert str(found.digest) == built.digest
