"""Sealed images with podman and buildah."""

import gzip
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from assets.errors import DigestMismatchError
from assets.images.content_key import ContentKey, RepositorySecret
from assets.images.digest import Digest
from assets.images.record import Release
from assets.images.reference import ImageReference
from assets.images.tag import Tags, parse_tag
from assets.images.verdict import Circumstances, judge
from assets.images.voucher import voucher_of_genesis
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.encryption import KEYS, OPTIONS, Seal
from assets.registry.layer_cipher import decrypt, stated_hmac
from assets.registry.layer_keys import Recipient
from assets.registry.layout import LayoutReference
from assets.registry.oci import ImageManifest
from assets.server.listening import Listener
from assets.server.pull_registry import pull_registry
from assets.services.images.checked_blobs import CheckedBlobs
from assets.services.images.delivery import Delivery, Destination
from assets.services.images.image_content import opened
from assets.services.images.image_source import LayoutSource, RegistrySource
from assets.services.images.pulling import Puller, SealedForm
from assets.services.images.sealing import SealedImage, Sealer, push_sealed, tag_sealed
from assets.services.images.serving import VerifiedShelf, take_stock
from assets.services.trust.verifying import Answer
from assets.store.image_store import ImageStore, KeptImage
from regtest.image import BuiltImage, build_image
from regtest.registry import Registry
from tests.assets.images.lineage import Lineage
from tests.interop.engines import Engine, EngineError
from wallet.hashes import Txid, sha256
from wallet.network import REGTEST

pytestmark = pytest.mark.engines

SECRET = RepositorySecret(genesis=Txid(sha256(b"genesis")), value=b"s" * 32)
PLATFORMS = ("linux/amd64", "linux/arm64")
NAME = "registry.example/acme/app"


@pytest.fixture
def client() -> Iterator[RegistryClient]:
    with RegistryClient(CredentialFinder.nowhere()) as found:
        yield found


@pytest.fixture
def run_root() -> Iterator[str]:
    with TemporaryDirectory(prefix="e") as folder:
        yield folder


def sealed_in(registry: Registry, client: RegistryClient, folder: Path) -> tuple[str, BuiltImage, SealedImage]:
    """A sealed image under the tag 1.0 of a registry."""
    built = build_image(folder / "built", text=folder.name, platforms=PLATFORMS)
    source = LayoutSource(LayoutReference(folder=built.layout, tag=built.tag))
    key, staging = SECRET.content_key(source.digest), folder / "staging"
    staging.mkdir()
    sealed = Sealer(source, key, staging).seal(source.digest, Seal.of(SECRET, key, 1))
    name = f"{registry.host}/acme/{folder.name.lower().replace('_', '-').strip('-')}"
    push_sealed(sealed, name, client, genesis=SECRET.genesis, network=REGTEST)
    tag_sealed(sealed, name, ("1.0",), client)
    return name, built, sealed


def private_key(key: ContentKey, folder: Path) -> str:
    path = folder / "key.pem"
    path.touch(mode=0o600)
    path.write_bytes(Recipient(key).private_pem())
    return str(path)


def image_id(built: BuiltImage, platform: str = "linux/amd64") -> str:
    """What engines call an image by: the digest of its config."""
    path = built.layout / "blobs" / "sha256" / built.children[platform].removeprefix("sha256:")
    return str(json.loads(path.read_bytes())["config"]["digest"]).removeprefix("sha256:")


def test_buildah_opens_what_we_sealed(
    client: RegistryClient, image_registry: Registry, tmp_path: Path, run_root: str
) -> None:
    name, built, sealed = sealed_in(image_registry, client, tmp_path)
    buildah = Engine("buildah", tmp_path, run_root)
    pulled = buildah(
        "pull", "--tls-verify=false", "--decryption-key", private_key(sealed.key, tmp_path), f"docker://{name}:1.0"
    )
    assert pulled.strip() == image_id(built)


def test_we_open_what_buildah_encrypted(
    client: RegistryClient, image_registry: Registry, tmp_path: Path, run_root: str
) -> None:
    """buildah packs a layer while it encrypts it, and states the digest of the layer before that."""
    built, key = build_image(tmp_path / "built", text="by buildah"), ContentKey(b"k" * 32)
    (tmp_path / "public.pem").write_bytes(Recipient(key).public_pem())
    buildah, name = Engine("buildah", tmp_path, run_root), f"{image_registry.host}/acme/by-buildah"
    pulled = buildah("pull", f"oci:{built.layout}:{built.tag}").strip()
    buildah(
        "push", "--tls-verify=false", "--encryption-key", f"jwe:{tmp_path}/public.pem",
        pulled, f"docker://{name}:1.0",
    )  # fmt: skip
    found = client.manifest(name, "1.0").document
    assert isinstance(found, ImageManifest)
    for layer in found.layers:
        opens = Recipient(key).unwrap(layer.annotations[KEYS])
        assert opens is not None
        cipher = RegistrySource(client, name).blob(layer, tmp_path)
        packed = tmp_path / "packed"
        with (
            pytest.raises(DigestMismatchError, match="was expected"),
            cipher.open("rb") as source,
            packed.open("wb") as target,
        ):
            decrypt(source, target, opens, stated_hmac(layer.annotations[OPTIONS]))
        assert Digest.of(gzip.decompress(packed.read_bytes())) == opens.plaintext


def test_podman_cannot_use_a_sealed_image_and_loads_what_we_opened(
    client: RegistryClient, image_registry: Registry, tmp_path: Path, run_root: str
) -> None:
    name, built, sealed = sealed_in(image_registry, client, tmp_path)
    podman, store = Engine("podman", tmp_path, run_root), ImageStore(tmp_path / "store")
    with pytest.raises(EngineError, match="tar"):
        podman("pull", "--tls-verify=false", f"docker://{name}:1.0")
    puller = Puller(client, store, name)
    form = SealedForm(plaintext=sealed.plaintext, ciphertext=sealed.ciphertext.digest)
    original = puller.original(form)
    content = opened(store, puller.fetch(form.ciphertext), original, sealed.key)
    delivery = Delivery(content, ImageReference.parse(f"{name}:1.0"), tmp_path / "staging")
    delivery.deliver(original, Destination.parse(f"docker-archive:{tmp_path}/image.tar"), client)
    assert f"{name}:1.0" in podman("load", "--input", f"{tmp_path}/image.tar")
    delivery.deliver(original, Destination.parse(f"oci:{tmp_path}/opened:1.0"), client)
    assert podman("pull", f"oci:{tmp_path}/opened:1.0").strip() == image_id(built)


def verified(image: KeptImage, built: BuiltImage) -> Answer:
    """The chain's word, which is not what is looked at here: the owner released all of it."""
    lineage = Lineage().step(Release(digest=image.digest, tags=Tags.of("1.0")).serialize())
    children = tuple(Digest.parse(child) for child in built.children.values())
    contents = {image.digest: children, **dict.fromkeys(children, ())}
    circumstances = Circumstances(vouchers=(voucher_of_genesis(lineage.genesis),), contents=contents)
    state = lineage.state()
    return Answer(
        reference=image.reference,
        digest=image.digest,
        judgement=judge(state=state, tag=image.tag, digest=image.digest, circumstances=circumstances),
        vouchers=(),
        claimed=None,
        state=state,
        rivals=(),
        tip=None,
        notes=(),
        circumstances=circumstances,
    )


@pytest.fixture
def served(client: RegistryClient, image_registry: Registry, tmp_path: Path) -> Iterator[tuple[BuiltImage, str]]:
    """An open image as `image serve` gives it out, under a name whose registry does not exist, and the address."""
    from regtest.image import push

    built, name = build_image(tmp_path / "built", text="open", platforms=PLATFORMS), f"{image_registry.host}/acme/open"
    push(built, f"{name}:1.0")
    store = ImageStore(tmp_path / "store")
    Puller(client, store, name).fetch(Digest.parse(built.digest))
    store.keep(
        KeptImage(
            name=NAME,
            tag=parse_tag("1.0"),
            digest=Digest.parse(built.digest),
            genesis=SECRET.genesis,
            sealed=False,
            gated=False,
        )
    )
    shelf = VerifiedShelf(
        lambda: take_stock(store, lambda image: verified(image, built)),
        CheckedBlobs(store),
        lambda: 0.0,
        lambda: REGTEST.genesis,
    )
    listener = Listener("127.0.0.1", 0)
    thread = threading.Thread(target=listener.run, args=(pull_registry(shelf),))
    thread.start()
    try:
        yield built, "{}:{}".format(*listener.address)
    finally:
        listener.stop()
        thread.join()
        shelf.close()


MIRROR = """
[[registry]]
location = "registry.example"
[[registry.mirror]]
location = "{address}"
insecure = true
"""


@pytest.mark.parametrize("selector", [":1.0", "@"])
def test_podman_pulls_through_the_local_registry_as_a_mirror(
    served: tuple[BuiltImage, str], tmp_path: Path, run_root: str, selector: str
) -> None:
    built, address = served
    podman = Engine("podman", tmp_path, run_root, MIRROR.format(address=address))
    wanted = f"{NAME}{selector}" + (built.digest if selector == "@" else "")
    assert podman("pull", wanted).strip() == image_id(built)


def test_buildah_pulls_from_the_local_registry_by_its_address(
    served: tuple[BuiltImage, str], tmp_path: Path, run_root: str
) -> None:
    built, address = served
    buildah = Engine("buildah", tmp_path, run_root)
    pulled = buildah("pull", "--tls-verify=false", f"docker://{address}/acme/app@{built.digest}")
    assert pulled.strip() == image_id(built)
