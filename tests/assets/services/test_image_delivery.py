"""Handing images over: destinations as they are typed, archives for engines, layouts, and layers of every kind."""

import gzip
import io
import json
import resource
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import ImageError
from assets.images.digest import Digest
from assets.images.reference import ImageReference
from assets.registry.fake import FakeRegistry
from assets.registry.media_types import OCI_INDEX, OCI_MANIFEST
from assets.remedies import ImageRemedy
from assets.services.images.delivery import Delivery, Destination, Kind, native
from assets.services.images.image_content import StoredContent
from assets.services.images.pulling import Puller
from assets.services.trust.image_tree import ImageTree
from assets.store.docker_archive import diff_ids, unpack_layer
from assets.store.image_store import ImageStore
from tests.assets.registry.images import compact, descriptor
from wallet.errors import EncodingError, StateError, StoreError

NAME = "registry.example/acme/app"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oci:out", Destination(kind=Kind.LAYOUT, path=Path("out"))),
        ("oci:/a/b:1.0", Destination(kind=Kind.LAYOUT, path=Path("/a/b"), tag="1.0")),
        ("docker-archive:a.tar", Destination(kind=Kind.ARCHIVE, path=Path("a.tar"))),
        ("docker-daemon:", Destination(kind=Kind.ENGINE)),
        ("docker-daemon:app:2", Destination(kind=Kind.ENGINE, name="docker.io/library/app", tag="2")),
        ("registry.example/acme/app:1", Destination(kind=Kind.REGISTRY, name=NAME, tag="1")),
        ("docker://registry.example/acme/app", Destination(kind=Kind.REGISTRY, name=NAME)),
    ],
)
def test_destinations_are_read_as_skopeo_writes_them(text: str, expected: Destination) -> None:
    assert Destination.parse(text) == expected


@pytest.mark.parametrize("text", ["", "oci:", "docker-archive:", "oci:\0", f"{NAME}@sha256:{'ab' * 32}", "dir:/x y"])
def test_what_is_no_destination_is_refused(text: str) -> None:
    with pytest.raises(EncodingError):
        Destination.parse(text)


@dataclass(frozen=True)
class Shelf:
    """A registry, a store, and a folder to hand images over to."""

    registry: FakeRegistry
    store: ImageStore
    folder: Path

    def add(self, *layers: tuple[str, bytes, bytes], architecture: str = "amd64") -> Digest:
        """An image of layers: media type, packed bytes, plain bytes."""
        plain = [str(Digest.of(data)) for _, _, data in layers]
        config = compact({"architecture": architecture, "os": "linux", "rootfs": {"type": "layers", "diff_ids": plain}})
        self.registry.push_blob(NAME, config, CONFIG)
        for media_type, packed, _ in layers:
            self.registry.push_blob(NAME, packed, media_type)
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor(CONFIG, config),
            "layers": [descriptor(media_type, packed) for media_type, packed, _ in layers],
        }
        return self.registry.push_manifest(NAME, compact(manifest))

    def pulled(self, digest: Digest) -> ImageTree:
        return Puller(self.registry, self.store, NAME).fetch(digest)

    def hand_over(self, tree: ImageTree, to: str, tag: str | None = ":1.0") -> str:
        delivery = Delivery(StoredContent(self.store), ImageReference.parse(f"{NAME}{tag or ''}"), self.folder)
        return delivery.deliver(tree, Destination.parse(to), self.registry)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    folder = tmp_path / "staging"
    folder.mkdir()
    return Shelf(FakeRegistry(), ImageStore(tmp_path / "store"), folder)


def tar_of(text: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("said")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_an_archive_holds_plain_layers_config_and_tag(shelf: Shelf, tmp_path: Path) -> None:
    one, two = tar_of("one"), tar_of("two")
    packed = (f"{LAYER}+gzip", gzip.compress(one), one)
    digest = shelf.add(packed, (LAYER, two, two), packed)
    shelf.hand_over(shelf.pulled(digest), f"docker-archive:{tmp_path}/a.tar")
    with tarfile.open(tmp_path / "a.tar") as archive:
        held = {name: archive.extractfile(name).read() for name in archive.getnames()}  # type: ignore[union-attr]
    (listed,) = json.loads(held["manifest.json"])
    assert listed["RepoTags"] == [f"{NAME}:1.0"]
    assert [held[name] for name in listed["Layers"]] == [one, two, one]
    assert json.loads(held[listed["Config"]])["architecture"] == "amd64"
    assert (tmp_path / "a.tar").stat().st_mode & 0o777 == 0o600
    assert not list(shelf.folder.iterdir())


def test_an_image_with_a_layer_of_no_bytes_goes_everywhere(shelf: Shelf, tmp_path: Path) -> None:
    digest = shelf.add((LAYER, b"", b""))
    tree = shelf.pulled(digest)
    shelf.hand_over(tree, f"oci:{tmp_path}/layout")
    shelf.hand_over(tree, f"docker-archive:{tmp_path}/a.tar")
    assert (tmp_path / "layout" / "blobs" / "sha256" / Digest.of(b"").hex).read_bytes() == b""
    assert shelf.hand_over(tree, "registry.example/other/app") == f"registry.example/other/app@{digest}"


def test_nobody_is_blamed_for_ciphertext_that_docker_cannot_load(shelf: Shelf, tmp_path: Path) -> None:
    tree = shelf.pulled(shelf.add((f"{LAYER}+gzip+encrypted", b"ciphertext", b"plain")))
    with pytest.raises(ImageError, match="still encrypted") as caught:
        shelf.hand_over(tree, f"docker-archive:{tmp_path}/a.tar")
    assert caught.value.advice == ImageRemedy.OPEN_ON_THE_WAY.of()
    assert not (tmp_path / "a.tar").exists()
    assert not list(shelf.folder.iterdir())


@pytest.mark.parametrize(
    ("packed", "plain", "match"),
    [
        (gzip.compress(b"layer", mtime=0)[:-3], b"layer", "too early"),
        (gzip.compress(b"layer", mtime=0) + b"junk", b"layer", "not the gzip"),
        (gzip.compress(b"another", mtime=0), b"layer", "the config says"),
        (b"\x28\xb5\x2f\xfd" + bytes(20), b"layer", "zstd"),
        (b"another", b"layer", "the config says"),
    ],
)
def test_a_layer_that_is_not_what_the_config_says_leaves_no_archive(
    shelf: Shelf, tmp_path: Path, packed: bytes, plain: bytes, match: str
) -> None:
    tree = shelf.pulled(shelf.add((f"{LAYER}+gzip", packed, plain)))
    with pytest.raises(ImageError, match=match):
        shelf.hand_over(tree, f"docker-archive:{tmp_path}/a.tar")
    assert not list(tmp_path.glob("*a.tar*"))
    assert not list(shelf.folder.iterdir())


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=4))
def test_gzip_in_several_members_unpacks_as_one(members: list[bytes]) -> None:
    plain, target = b"".join(members), io.BytesIO()
    packed = b"".join(gzip.compress(member) for member in members)
    assert unpack_layer(io.BytesIO(packed), target, Digest.of(plain)) == len(plain)
    assert target.getvalue() == plain


def test_what_unpacks_to_much_more_is_unpacked_in_pieces() -> None:
    """A few kilobytes that stand for many megabytes must not be held in memory at once."""
    plain = bytes(20_000_000)

    class Counting(io.BytesIO):
        largest = 0

        def write(self, data: bytes, /) -> int:  # type: ignore[override]
            Counting.largest = max(Counting.largest, len(data))
            return len(data)

    assert unpack_layer(io.BytesIO(gzip.compress(plain)), Counting(), Digest.of(plain)) == len(plain)
    assert Counting.largest <= 1024 * 1024


@pytest.mark.parametrize("config", [b"", b"[]", b"{}", b'{"rootfs":{"diff_ids":["md5:x"]}}', b'{"rootfs":[]}'])
def test_a_config_that_names_no_layers_is_refused(config: bytes) -> None:
    with pytest.raises(ImageError, match="names no layers"):
        diff_ids(config)


def test_an_archive_of_several_platforms_is_of_this_machines(shelf: Shelf) -> None:
    names = ("s390x", "amd64", "arm64")
    children = [(shelf.add((LAYER, tar_of(name), tar_of(name)), architecture=name), name) for name in names]
    entries = []
    for digest, name in children:
        data = shelf.registry.manifest(NAME, digest).data
        entries.append(descriptor(OCI_MANIFEST, data, platform={"architecture": name, "os": "linux"}))
    root = compact({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
    tree = shelf.pulled(shelf.registry.push_manifest(NAME, root))
    assert native(tree).root.digest in {digest for digest, name in children if name in ("amd64", "arm64")}


def test_a_file_that_is_there_is_left_alone(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_text("mine")
    tree = shelf.pulled(shelf.add((LAYER, tar_of("x"), tar_of("x"))))
    with pytest.raises(StateError, match="there already"):
        shelf.hand_over(tree, f"docker-archive:{tmp_path}/a.tar")
    assert (tmp_path / "a.tar").read_text() == "mine"


def test_an_engine_that_is_not_there_is_named(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(shelf.folder))
    tree = shelf.pulled(shelf.add((LAYER, tar_of("x"), tar_of("x"))))
    with pytest.raises(StateError, match="no docker"):
        shelf.hand_over(tree, "docker-daemon:")
    assert not list(shelf.folder.iterdir())


def test_a_disk_that_fills_up_on_the_way_out_is_named_and_nothing_is_left(shelf: Shelf, tmp_path: Path) -> None:
    data = tar_of("x" * 100_000)
    tree = shelf.pulled(shelf.add((LAYER, data, data)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for to in ("registry.example/other/app:1", f"docker-archive:{tmp_path}/a.tar", f"oci:{tmp_path}/out"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
        try:
            with pytest.raises(StoreError):
                shelf.hand_over(tree, to)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(shelf.folder.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["staging", "store"]
    assert ("registry.example/other/app", "1") not in shelf.registry.wire.served


@pytest.mark.parametrize("to", ["registry.example/other/app:1", f"{NAME}:2.0", "oci:out"])
def test_the_progress_of_a_delivery_ends_where_it_should(shelf: Shelf, tmp_path: Path, to: str) -> None:
    data = tar_of("x" * 1000)
    tree = shelf.pulled(shelf.add((LAYER, data, data)))
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    delivery = Delivery(StoredContent(shelf.store), ImageReference.parse(NAME), shelf.folder, progress)
    delivery.deliver(tree, Destination.parse(to.replace("oci:", f"oci:{tmp_path}/")), shelf.registry)
    assert told[-1][0] == told[-1][1]
    assert told == sorted(told)
