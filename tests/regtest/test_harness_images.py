"""The images that the harness builds: reproducible, accepted by real tools, and runnable."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from regtest import rootfs
from regtest.errors import CommandError, ImageError
from regtest.image import BuiltImage, build_image, pull, push, run_image
from regtest.oci import INDEX, LAYER, MANIFEST, Blobs, LayerFile, digest_of, encode, gzip_stored, layer_tar
from regtest.plugin import RegistryFactory
from regtest.registry import PASSWORD, USER, PasswordLogin, Registry
from regtest.rootfs import run_root, unpack_root
from regtest.skopeo import skopeo

BOTH = ("linux/amd64", "linux/arm64")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Something to put where the program goes, for images that are not run."""
    path = tmp_path / "program"
    path.write_bytes(b"\x7fELF and no more")
    return path


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 200_000])
def test_stored_gzip_is_read_back_by_gzip(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    assert gzip.decompress(gzip_stored(data[:size])) == data[:size]


def test_the_same_arguments_give_the_same_digests(tmp_path: Path, program: Path) -> None:
    one, two = (build_image(tmp_path / name, text="hello", platforms=BOTH, program=program) for name in ("one", "two"))
    assert (one.digest, one.children) == (two.digest, two.children)
    other = build_image(tmp_path / "other", text="goodbye", platforms=BOTH, program=program)
    assert other.digest != one.digest


def test_a_known_image_has_its_known_digest(tmp_path: Path, program: Path) -> None:
    """Digests do not hang on the machine, its clock, its user or its zlib."""
    image = build_image(tmp_path / "image", text="hello", platforms=BOTH, program=program)
    assert image.digest == "sha256:fac2b7aff90f9c294820f0758f7632254430f3bf0cb9d2f2e640cd6642695de7"


def test_one_platform_is_a_manifest_and_two_are_an_index(tmp_path: Path, program: Path) -> None:
    single = build_image(tmp_path / "single", program=program)
    several = build_image(tmp_path / "several", platforms=BOTH, program=program)
    assert kind_of(single) == MANIFEST
    assert kind_of(several) == INDEX
    assert single.children == {"linux/amd64": single.digest}
    assert single.digest == several.children["linux/amd64"]


def kind_of(image: BuiltImage) -> str:
    return str(json.loads(Blobs(image.layout).path(image.digest).read_bytes())["mediaType"])


def test_an_image_is_built_only_into_an_empty_folder(tmp_path: Path, program: Path) -> None:
    build_image(tmp_path / "image", program=program)
    with pytest.raises(ImageError, match="not empty"):
        build_image(tmp_path / "image", program=program)


@pytest.mark.registry
def test_the_registry_serves_the_digest_that_was_built(tmp_path: Path, image_registry: Registry) -> None:
    image = build_image(tmp_path / "image", tag="1.0", platforms=BOTH)
    name = f"{image_registry.host}/acme/app"
    push(image, f"{name}:1.0")
    raw = skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{name}:1.0")
    assert digest_of(raw.encode()) == image.digest
    for child in image.children.values():
        assert pull(f"{name}@{child}", tmp_path / child[-8:]) == child


@pytest.mark.registry
def test_an_image_runs_by_its_digest_and_prints_its_text(tmp_path: Path, image_registry: Registry) -> None:
    name = f"{image_registry.host}/acme/says"
    for platforms in (BOTH, BOTH[:1]):
        text = f"hello for {len(platforms)}"
        image = build_image(tmp_path / text, tag="1.0", text=text, platforms=platforms)
        push(image, f"{name}:1.0")
        assert run_image(f"{name}@{image.digest}", tmp_path / "run") == text + "\n"


@pytest.mark.registry
def test_an_image_runs_where_the_root_cannot_be_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image_registry: Registry
) -> None:
    image = build_image(tmp_path / "image", text="straight")
    command = unpack_root(image.layout, image.digest, tmp_path / "root", "linux/amd64")
    monkeypatch.setattr(rootfs, "_may_change_root", lambda: False)
    assert run_root(tmp_path / "root", command) == "straight\n"


@pytest.mark.registry
def test_a_registry_with_a_login_lets_only_its_account_push(tmp_path: Path, registry_factory: RegistryFactory) -> None:
    registry = registry_factory(login=PasswordLogin())
    image = build_image(tmp_path / "image")
    reference = f"{registry.host}/acme/closed:1.0"
    with pytest.raises(CommandError, match=r"(?i)unauthorized|authentication required"):
        push(image, reference)
    push(image, reference, credentials=f"{USER}:{PASSWORD}")


def test_a_reference_by_tag_or_to_another_host_is_not_pulled(tmp_path: Path) -> None:
    for reference in ("127.0.0.1:5000/acme/app:1.0", f"registry.example/acme/app@sha256:{'0' * 64}", "-x"):
        with pytest.raises(ImageError, match="not a reference by digest"):
            pull(reference, tmp_path / "layout")


def test_a_changed_blob_is_refused(tmp_path: Path, program: Path) -> None:
    image = build_image(tmp_path / "image", program=program)
    for blob in sorted((image.layout / "blobs" / "sha256").iterdir()):
        whole = blob.read_bytes()
        blob.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(ImageError, match="holds other bytes"):
            unpack_root(image.layout, image.digest, tmp_path / blob.name, "linux/amd64")
        blob.write_bytes(whole)


def test_a_platform_that_an_image_lacks_is_refused(tmp_path: Path, program: Path) -> None:
    single = build_image(tmp_path / "single", program=program)
    several = build_image(tmp_path / "several", platforms=BOTH, program=program)
    for image in (single, several):
        with pytest.raises(ImageError, match="for linux/"):
            unpack_root(image.layout, image.digest, tmp_path / "root", "linux/riscv64")


def hostile_image(folder: Path, tar: bytes, *, diff_id: str | None = None, layer: bytes | None = None) -> BuiltImage:
    """An image whose one layer is the given archive."""
    blobs = Blobs(folder)
    described = blobs.add(gzip_stored(tar) if layer is None else layer, LAYER)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/bin/x"]},
        "rootfs": {"type": "layers", "diff_ids": [diff_id or digest_of(tar)]},
    }
    configured = blobs.add(encode(config), "application/vnd.oci.image.config.v1+json")
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": configured, "layers": [described]}
    root = blobs.add(encode(manifest), MANIFEST)
    blobs.finish(root, "1.0")
    return BuiltImage(layout=folder, tag="1.0", digest=root["digest"], children={"linux/amd64": root["digest"]})


def tar_with(entry: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(entry, io.BytesIO(b"\0" * entry.size))
    return buffer.getvalue()


def entry_of(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


@pytest.mark.parametrize(
    "entry",
    [
        entry_of("../outside", tarfile.REGTYPE),
        entry_of("a/../../outside", tarfile.DIRTYPE),
        entry_of("/tmp/outside", tarfile.REGTYPE),
        entry_of("link", tarfile.SYMTYPE, "/etc/passwd"),
        entry_of("link", tarfile.SYMTYPE, "../../outside"),
        entry_of("hard", tarfile.LNKTYPE, "../outside"),
        entry_of("device", tarfile.CHRTYPE),
    ],
    ids=["path out", "folder out", "absolute path", "absolute link", "link out", "hard link out", "device"],
)
def test_a_layer_that_leads_out_of_its_folder_is_refused(tmp_path: Path, entry: tarfile.TarInfo) -> None:
    image = hostile_image(tmp_path / "image", tar_with(entry))
    with pytest.raises(ImageError, match=r"leads out|something else than folders"):
        unpack_root(image.layout, image.digest, tmp_path / "deep" / "root", "linux/amd64")
    assert not (tmp_path / "deep" / "outside").exists()


def test_a_layer_that_is_not_what_its_config_says_is_refused(tmp_path: Path) -> None:
    tar = layer_tar({"a": LayerFile(data=b"a")})
    wrong = hostile_image(tmp_path / "wrong", tar, diff_id="sha256:" + "0" * 64)
    more = hostile_image(tmp_path / "more", tar, layer=gzip_stored(tar) + b"more")
    plain = hostile_image(tmp_path / "plain", tar, layer=tar)
    for image, words in ((wrong, "something else"), (more, "after its end"), (plain, "not gzip")):
        with pytest.raises(ImageError, match=words):
            unpack_root(image.layout, image.digest, tmp_path / f"{image.layout.name}-root", "linux/amd64")


def test_a_digest_that_is_a_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="not a sha256 digest"):
        Blobs(tmp_path).path("sha256:../../../etc/passwd")
