"""Digests out of what builders write: OCI layouts, and buildx's metadata file."""

import json
from pathlib import Path

import pytest

from assets.errors import ImageError
from assets.images.digest import Digest
from assets.registry.layout import LayoutReference, read_build_metadata, read_layout
from assets.registry.media_types import OCI_INDEX, OCI_MANIFEST
from assets.remedies import ImageRemedy
from regtest.image import build_image
from regtest.skopeo import skopeo
from tests.assets.registry.images import compact, descriptor, image, image_list
from wallet.errors import EncodingError

ONE, TWO = image("one"), image("two")
REF = "org.opencontainers.image.ref.name"


def named(data: bytes, tag: str | None, media_type: str = OCI_MANIFEST, **more: object) -> dict[str, object]:
    annotations = {} if tag is None else {"annotations": {REF: tag}}
    return descriptor(media_type, data, **annotations, **more)


def layout(folder: Path, *entries: dict[str, object], blobs: tuple[bytes, ...] = (ONE.manifest, TWO.manifest)) -> Path:
    (folder / "blobs/sha256").mkdir(parents=True)
    (folder / "oci-layout").write_bytes(b'{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_bytes(compact({"schemaVersion": 2, "manifests": list(entries)}))
    for data in blobs:
        (folder / "blobs/sha256" / Digest.of(data).hex).write_bytes(data)
    return folder


def read(folder: Path, tag: str | None = None) -> Digest:
    return read_layout(LayoutReference(folder=folder, tag=tag)).digest


@pytest.mark.parametrize(
    ("text", "folder", "tag"),
    [
        ("oci:build/out:1.0", "build/out", "1.0"),
        ("oci:/x", "/x", None),
        ("oci:d:registry.example/a:1", "d", "registry.example/a:1"),
    ],
)
def test_a_reference_is_read_as_skopeo_reads_it(text: str, folder: str, tag: str | None) -> None:
    assert LayoutReference.parse(text) == LayoutReference(folder=Path(folder), tag=tag)


@pytest.mark.parametrize("text", ["", "oci:", "oci::1", "oci:d:", "dir:x", "/x", "oci:a\0b"])
def test_another_reference_is_refused(text: str) -> None:
    with pytest.raises(EncodingError, match="not an OCI layout"):
        LayoutReference.parse(text)


def test_an_image_is_found_by_its_name(tmp_path: Path) -> None:
    folder = layout(tmp_path, named(ONE.manifest, "1"), named(TWO.manifest, "2"))
    assert read(folder, "1") == ONE.digest
    assert read(folder, "2") == TWO.digest


def test_the_only_image_needs_no_name(tmp_path: Path) -> None:
    assert read(layout(tmp_path / "a", named(ONE.manifest, None))) == ONE.digest
    assert read(layout(tmp_path / "b", named(ONE.manifest, "1"), named(ONE.manifest, "latest"))) == ONE.digest


def test_a_list_inside_the_index_is_the_image(tmp_path: Path) -> None:
    both = image_list(ONE, TWO)
    assert read(layout(tmp_path, named(both, "1", OCI_INDEX), blobs=(both,)), "1") == Digest.of(both)


def test_several_images_want_a_name(tmp_path: Path) -> None:
    folder = layout(tmp_path, named(ONE.manifest, "1"), named(TWO.manifest, "2"))
    with pytest.raises(ImageError, match="several images") as caught:
        read(folder)
    assert "1, 2" in caught.value.hint


def test_several_images_of_one_name_are_refused(tmp_path: Path) -> None:
    arm = {"architecture": "arm64", "os": "linux"}
    folder = layout(tmp_path, named(ONE.manifest, "1"), named(TWO.manifest, "1", platform=arm))
    with pytest.raises(ImageError, match="several images named") as caught:
        read(folder, "1")
    assert "linux/arm64" in caught.value.hint


def test_an_unknown_name_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no image named '3'") as caught:
        read(layout(tmp_path, named(ONE.manifest, "1")), "3")
    assert "it holds 1" in caught.value.hint


@pytest.mark.parametrize("kept", [ONE.manifest + b" ", b"X" * len(ONE.manifest)])
def test_a_damaged_manifest_is_refused(tmp_path: Path, kept: bytes) -> None:
    folder = layout(tmp_path, named(ONE.manifest, "1"))
    (folder / "blobs/sha256" / ONE.digest.hex).write_bytes(kept)
    with pytest.raises(ImageError, match="not the one"):
        read(folder, "1")


@pytest.mark.parametrize("missing", ["oci-layout", "index.json", f"blobs/sha256/{ONE.digest.hex}"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    folder = layout(tmp_path, named(ONE.manifest, "1"))
    (folder / missing).unlink()
    with pytest.raises(ImageError, match=missing):
        read(folder, "1")


def test_a_blob_that_is_no_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="not valid JSON"):
        read(layout(tmp_path, named(b"junk", "1"), blobs=(b"junk",)), "1")


def test_another_version_is_refused(tmp_path: Path) -> None:
    folder = layout(tmp_path, named(ONE.manifest, "1"))
    (folder / "oci-layout").write_bytes(b'{"imageLayoutVersion":"2.0.0"}')
    with pytest.raises(ImageError, match=r"version 2\.0\.0"):
        read(folder)


@pytest.mark.registry
def test_skopeos_layouts_are_read(tmp_path: Path) -> None:
    built = build_image(tmp_path / "built", platforms=("linux/amd64", "linux/arm64"))
    assert str(read(built.layout, built.tag)) == built.digest
    source, target = f"oci:{built.layout}:{built.tag}", f"oci:{tmp_path}/copy:2.0"
    skopeo("copy", "--all", "--preserve-digests", source, target)
    assert str(read_layout(LayoutReference.parse(target)).digest) == built.digest


def metadata(folder: Path, content: object) -> Path:
    path = folder / "metadata.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_builds_metadata_names_its_digest(tmp_path: Path) -> None:
    stated = named(ONE.manifest, None)
    content = {"containerimage.digest": str(ONE.digest), "containerimage.descriptor": stated, "image.name": "x"}
    assert read_build_metadata(metadata(tmp_path, content)) == ONE.digest


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "not JSON"),
        ([], "no image digest"),
        ({}, "no image digest"),
        ({"a": {"containerimage.digest": str(ONE.digest)}}, "no image digest"),
        ({"containerimage.digest": "sha512:" + "0" * 128}, "sha512"),
        (
            {"containerimage.digest": str(ONE.digest), "containerimage.descriptor": named(TWO.manifest, None)},
            "two different",
        ),
        ({"containerimage.digest": str(ONE.digest), "containerimage.descriptor": 7}, "two different"),
        (
            {"containerimage.digest": str(ONE.digest), "containerimage.config.digest": str(ONE.digest)},
            "image's id in the local engine",
        ),
    ],
    ids=range(8),
)
def test_metadata_that_names_no_manifest_is_refused(tmp_path: Path, content: object, why: str) -> None:
    with pytest.raises(ImageError, match=why):
        read_build_metadata(metadata(tmp_path, content))


def test_the_archive_that_a_builder_writes_is_told_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(b"index.json")
    with pytest.raises(ImageError, match=r"image\.tar is a file") as caught:
        read(tmp_path / "image.tar")
    assert "tar -xf" in caught.value.hint


def test_a_file_with_several_builds_says_which_and_how_to_go_on(tmp_path: Path) -> None:
    content = {name: {"containerimage.digest": str(ONE.digest)} for name in ("web", "worker")}
    with pytest.raises(ImageError) as caught:
        read_build_metadata(metadata(tmp_path, content))
    assert caught.value.advice == ImageRemedy.GIVE_DIGEST.of(builds="web, worker")
