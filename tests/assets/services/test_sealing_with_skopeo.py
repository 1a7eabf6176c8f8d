"""Sealed images and skopeo: each opens what the other encrypted, over a real registry."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.images.content_key import ContentKey, RepositorySecret
from assets.images.digest import Digest
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.encryption import KEYS, OPTIONS, Seal
from assets.registry.layer_cipher import decrypt, stated_hmac
from assets.registry.layer_keys import Recipient
from assets.registry.layout import LayoutReference
from assets.registry.media_types import MANIFESTS_ARTIFACT
from assets.registry.oci import ImageManifest, ManifestList
from assets.registry.referrers import attached
from assets.services.images.image_source import LayoutSource, RegistrySource
from assets.services.images.sealing import SealedImage, Sealer, push_sealed, tag_sealed
from assets.services.trust.image_tree import ImageTree, read_tree
from regtest.errors import CommandError
from regtest.image import BuiltImage, build_image
from regtest.registry import Registry
from regtest.skopeo import skopeo
from wallet.hashes import Txid, sha256
from wallet.network import REGTEST

pytestmark = pytest.mark.registry

GENESIS = Txid(sha256(b"genesis"))
SECRET = RepositorySecret(genesis=GENESIS, value=b"s" * 32)
PLATFORMS = ("linux/amd64", "linux/arm64")


@pytest.fixture
def client() -> Iterator[RegistryClient]:
    with RegistryClient(CredentialFinder.nowhere()) as found:
        yield found


def seal(built: BuiltImage, staging: Path) -> tuple[SealedImage, ContentKey]:
    staging.mkdir()
    source = LayoutSource(LayoutReference(folder=built.layout, tag=built.tag))
    key = SECRET.content_key(source.digest)
    sealer = Sealer(source, key, staging)
    return sealer.seal(source.digest, Seal.of(SECRET, key, 1)), key


def pem(key: ContentKey, path: Path) -> Path:
    path.write_bytes(Recipient(key).private_pem())
    path.chmod(0o600)
    return path


def layers_of(layout: Path, root: str) -> list[bytes]:
    """Every layer's bytes in a layout, by platform; hashed here."""

    def blob(digest: str) -> bytes:
        data = (layout / "blobs" / "sha256" / digest.removeprefix("sha256:")).read_bytes()
        assert "sha256:" + hashlib.sha256(data).hexdigest() == digest
        return data

    document = json.loads(blob(root))
    manifests = (
        [json.loads(blob(one["digest"])) for one in document["manifests"]] if "manifests" in document else [document]
    )
    return [blob(layer["digest"]) for manifest in manifests for layer in manifest["layers"]]


def test_skopeo_opens_what_we_sealed(client: RegistryClient, image_registry: Registry, tmp_path: Path) -> None:
    built = build_image(tmp_path / "built", text="sealed by us", platforms=PLATFORMS)
    sealed, key = seal(built, tmp_path / "staging")
    name = f"{image_registry.host}/acme/ours"
    push_sealed(sealed, name, client, genesis=GENESIS, network=REGTEST)
    tag_sealed(sealed, name, ("1.0",), client)
    skopeo(
        "copy", "--all", "--src-tls-verify=false", "--decryption-key", str(pem(key, tmp_path / "key.pem")),
        f"docker://{name}:1.0", f"oci:{tmp_path}/opened:1.0",
    )  # fmt: skip
    index = json.loads((tmp_path / "opened" / "index.json").read_bytes())
    assert layers_of(tmp_path / "opened", index["manifests"][0]["digest"]) == layers_of(built.layout, built.digest)


def test_skopeo_with_another_key_opens_nothing(
    client: RegistryClient, image_registry: Registry, tmp_path: Path
) -> None:
    built = build_image(tmp_path / "built", text="closed")
    sealed, _ = seal(built, tmp_path / "staging")
    name = f"{image_registry.host}/acme/closed"
    push_sealed(sealed, name, client, genesis=GENESIS, network=REGTEST)
    other = pem(ContentKey(bytes(32)), tmp_path / "key.pem")
    with pytest.raises(CommandError, match="no suitable key unwrapper found"):
        skopeo(
            "copy", "--src-tls-verify=false", "--decryption-key", str(other),
            f"docker://{name}@{sealed.ciphertext.digest}", f"oci:{tmp_path}/opened:1",
        )  # fmt: skip


def test_we_open_what_skopeo_encrypted(client: RegistryClient, image_registry: Registry, tmp_path: Path) -> None:
    built = build_image(tmp_path / "built", text="sealed by skopeo")
    key = ContentKey(b"k" * 32)
    (tmp_path / "public.pem").write_bytes(Recipient(key).public_pem())
    name = f"{image_registry.host}/acme/theirs"
    skopeo(
        "copy", "--dest-tls-verify=false", "--encryption-key", f"jwe:{tmp_path}/public.pem",
        f"oci:{built.layout}:{built.tag}", f"docker://{name}:1.0",
    )  # fmt: skip
    found = client.manifest(name, "1.0").document
    assert isinstance(found, ImageManifest)
    opened = []
    for layer in found.layers:
        unwrapped = Recipient(key).unwrap(layer.annotations[KEYS])
        assert unwrapped is not None
        cipher = RegistrySource(client, name).blob(layer, tmp_path)
        with cipher.open("rb") as source, (tmp_path / "plain").open("wb") as target:
            decrypt(source, target, unwrapped, stated_hmac(layer.annotations[OPTIONS]))
        opened.append((tmp_path / "plain").read_bytes())
    assert opened == layers_of(built.layout, built.digest)


def test_the_registry_holds_no_layer_in_the_clear(
    client: RegistryClient, image_registry: Registry, tmp_path: Path
) -> None:
    built = build_image(tmp_path / "built", text="nowhere in the clear", platforms=PLATFORMS)
    sealed, _ = seal(built, tmp_path / "staging")
    push_sealed(sealed, f"{image_registry.host}/acme/clear", client, genesis=GENESIS, network=REGTEST)
    plain = {Digest.of(layer).hex for layer in layers_of(built.layout, built.digest)}
    stored = {path.parent.name for path in image_registry.storage.rglob("data")}
    assert plain
    assert not plain & stored
    assert not any(b"nowhere in the clear" in path.read_bytes() for path in image_registry.storage.rglob("data"))


def test_the_original_manifests_go_along_with_the_outermost_first(
    client: RegistryClient, image_registry: Registry, tmp_path: Path
) -> None:
    built = build_image(tmp_path / "built", text="originals", platforms=PLATFORMS)
    sealed, _ = seal(built, tmp_path / "staging")
    name = f"{image_registry.host}/acme/originals"
    push_sealed(sealed, name, client, genesis=GENESIS, network=REGTEST)
    push_sealed(sealed, name, client, genesis=GENESIS, network=REGTEST)
    (artifact,) = attached(client, name, sealed.ciphertext.digest, MANIFESTS_ARTIFACT)
    held = [client.blob(name, layer, 100_000) for layer in artifact.layers]
    assert [str(Digest.of(data)) for data in held] == [built.digest, *built.children.values()]
    assert artifact.annotations["dockchains.network"] == REGTEST.genesis[::-1].hex()


def test_a_plain_copy_by_skopeo_keeps_the_sealed_digest(
    client: RegistryClient, image_registry: Registry, tmp_path: Path
) -> None:
    """Any mirror may carry a sealed image."""
    built = build_image(tmp_path / "built", text="mirrored", platforms=PLATFORMS)
    sealed, _ = seal(built, tmp_path / "staging")
    name, mirror = (f"{image_registry.host}/{path}" for path in ("acme/mirrored", "mirror/mirrored"))
    push_sealed(sealed, name, client, genesis=GENESIS, network=REGTEST)
    skopeo(
        "copy", "--all", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false",
        f"docker://{name}@{sealed.ciphertext.digest}", f"docker://{mirror}:1",
    )  # fmt: skip
    assert client.manifest(mirror, "1").digest == sealed.ciphertext.digest


def test_one_layer_of_several_platforms_is_encrypted_once(tmp_path: Path) -> None:
    built = build_image(tmp_path / "built", text="same", platforms=("linux/arm64", "linux/riscv64"))
    sealed, _ = seal(built, tmp_path / "staging")
    layers = [blob for blob in sealed.blobs if blob.descriptor.media_type.endswith("+encrypted")]
    assert len(layers) == 1
    assert len(sealed.manifests) == 3


def test_an_image_in_a_registry_can_be_sealed_too(
    client: RegistryClient, image_registry: Registry, tmp_path: Path
) -> None:
    built = build_image(tmp_path / "built", text="pushed before", platforms=PLATFORMS)
    name = f"{image_registry.host}/acme/before"
    skopeo(
        "copy", "--all", "--preserve-digests", "--dest-tls-verify=false",
        f"oci:{built.layout}:{built.tag}", f"docker://{name}:1.0",
    )  # fmt: skip
    source, digest = RegistrySource(client, name), Digest.parse(built.digest)
    key = SECRET.content_key(digest)
    (tmp_path / "staging").mkdir()
    sealed = Sealer(source, key, tmp_path / "staging").seal(digest, Seal.of(SECRET, key, 1))
    push_sealed(sealed, name, client, genesis=GENESIS, network=REGTEST)
    tree = read_tree(source.manifest, sealed.ciphertext.digest)
    assert isinstance(tree.root.document, ManifestList)
    assert Seal.read(tree.root.document) == Seal.of(SECRET, key, 1)
    left = [path.name for path in (tmp_path / "staging").iterdir() if path.name.startswith("plain-")]
    assert sorted(left) == sorted({f"plain-{digest.hex}" for digest in configs(tree)}), "no layer in the clear is left"


def configs(tree: ImageTree) -> list[Digest]:
    return [one.document.config.digest for one in tree.walk() if isinstance(one.document, ImageManifest)]
