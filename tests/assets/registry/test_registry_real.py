"""Against a real Distribution registry: images that skopeo pushed, TLS, and a registry that stops."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.errors import RegistryError, RegistryUnavailableError
from assets.images.reference import ImageReference
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.layout import LayoutReference, read_layout
from assets.registry.media_types import DEFINITION, OCI_INDEX
from assets.registry.oci import ImageManifest, ManifestList
from assets.registry.settings import RegistrySettings
from assets.remedies import ImageRemedy
from regtest.image import build_image, push
from regtest.plugin import RegistryFactory
from regtest.registry import Registry
from regtest.skopeo import skopeo
from tests.assets.registry.images import image, push_image

pytestmark = pytest.mark.registry


@pytest.fixture
def client() -> Iterator[RegistryClient]:
    with RegistryClient(CredentialFinder.nowhere()) as found:
        yield found


def test_a_multi_platform_image_has_the_digest_that_other_tools_see(
    client: RegistryClient, image_registry: Registry, tmp_path: Path
) -> None:
    built = build_image(tmp_path / "layout", platforms=("linux/amd64", "linux/arm64"))
    name = f"{image_registry.host}/acme/multi"
    push(built, f"{name}:1.0")
    found = client.resolve(ImageReference.parse(f"{name}:1.0"))
    raw = skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{name}:1.0")
    assert str(found.digest) == built.digest == f"sha256:{hashlib.sha256(raw.encode()).hexdigest()}"
    assert found.media_type == OCI_INDEX
    assert isinstance(found.document, ManifestList)
    assert {str(child.platform): str(child.digest) for child in found.document.children} == built.children
    for child in found.document.children:
        platform = client.manifest(name, child.digest)
        assert isinstance(platform.document, ImageManifest)
        for part in (platform.document.config, *platform.document.layers):
            assert len(client.blob(name, part, 10_000_000)) == part.size
    assert read_layout(LayoutReference(folder=built.layout, tag=built.tag)).digest == found.digest


def test_skopeo_can_copy_an_artifact_without_changing_it(
    client: RegistryClient, image_registry: Registry, tmp_path: Path
) -> None:
    name = f"{image_registry.host}/acme/artifact"
    annotations = {"dockchains.genesis": "ab" * 32, "dockchains.network": "0f" * 32}
    digest = client.push_artifact(name, "dockchains", DEFINITION, b'{"v":1}', annotations)
    source, target = f"docker://{name}:dockchains", f"oci:{tmp_path}/copy:dockchains"
    skopeo("copy", "--preserve-digests", "--src-tls-verify=false", source, target)
    assert read_layout(LayoutReference.parse(target)).digest == digest


def test_a_blob_changed_on_the_registrys_disk_is_refused(client: RegistryClient, image_registry: Registry) -> None:
    name, one = f"{image_registry.host}/acme/tampered", image("tampered")
    push_image(client, name, one, "1")
    found = client.manifest(name, "1")
    assert isinstance(found.document, ImageManifest)
    layer = found.document.layers[0]
    files = [path for path in image_registry.storage.rglob("data") if layer.digest.hex in path.parts]
    for path in files:
        path.write_bytes(b"X" * layer.size)
    assert files
    with pytest.raises(RegistryError):
        client.blob(name, layer, 1000)


@pytest.fixture(scope="module")
def secure(registry_factory: RegistryFactory) -> Registry:
    return registry_factory(tls=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_of_an_unknown_authority_is_refused(client: RegistryClient, secure: Registry, host: str) -> None:
    with pytest.raises(RegistryUnavailableError, match=r"certificate of .* is not trusted: self-signed") as caught:
        client.resolve(ImageReference.parse(f"{host}:{secure.port}/acme/app:1"))
    assert str(ImageRemedy.TRUST_AUTHORITY.of()) in caught.value.hint


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_ca_file_makes_its_registries_trusted(secure: Registry, host: str) -> None:
    name, one = f"{host}:{secure.port}/acme/app", image("secure")
    with RegistryClient(CredentialFinder.nowhere(), RegistrySettings(ca_file=secure.certificate)) as client:
        push_image(client, name, one, "1")
        assert client.resolve(ImageReference.parse(f"{name}:1")).digest == one.digest


def test_a_ca_file_leaves_plain_loopback_registries_usable(secure: Registry, image_registry: Registry) -> None:
    name, one = f"{image_registry.host}/acme/plain", image("plain")
    with RegistryClient(CredentialFinder.nowhere(), RegistrySettings(ca_file=secure.certificate)) as client:
        push_image(client, name, one, "1")
        assert client.resolve(ImageReference.parse(f"{name}:1")).digest == one.digest


@pytest.mark.parametrize("content", [None, b"", b"no PEM"])
def test_a_ca_file_that_cannot_be_used_is_named(secure: Registry, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with (
        RegistryClient(CredentialFinder.nowhere(), RegistrySettings(ca_file=path)) as client,
        pytest.raises(RegistryError, match=r"ca\.pem"),
    ):
        client.resolve(ImageReference.parse(f"{secure.host}/acme/app:1"))


def test_a_registry_that_stops_and_comes_back_is_spoken_to_again(registry_factory: RegistryFactory) -> None:
    registry, one = registry_factory(), image("again")
    name = f"{registry.host}/acme/app"
    with RegistryClient(CredentialFinder.nowhere(), RegistrySettings(back_off=0)) as client:
        push_image(client, name, one, "1")
        registry.stop()
        with pytest.raises(RegistryUnavailableError, match="does not answer"):
            client.manifest(name, "1")
        registry.start()
        assert client.manifest(name, "1").digest == one.digest
