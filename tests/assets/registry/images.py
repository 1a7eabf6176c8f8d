"""Manifests for tests, as Go's tools write them, and what pushes them."""

import json
from dataclasses import dataclass

from assets.images.digest import Digest
from assets.registry.media_types import OCI_INDEX, OCI_MANIFEST
from assets.registry.port import RegistryWriter

CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestImage:
    """One platform's image: its manifest and the blobs that it names."""

    __test__ = False

    architecture: str
    manifest: bytes
    config: bytes
    layer: bytes

    @property
    def digest(self) -> Digest:
        return Digest.of(self.manifest)


def compact(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def descriptor(media_type: str, data: bytes, **more: object) -> dict[str, object]:
    return {"mediaType": media_type, "digest": str(Digest.of(data)), "size": len(data), **more}


def image(seed: str = "one", architecture: str = "amd64") -> TestImage:
    """An image whose bytes follow from its arguments; its layer is not a real archive."""
    config = compact({"architecture": architecture, "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
    layer = f"layer {seed} {architecture}".encode()
    manifest = compact(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor(CONFIG_TYPE, config),
            "layers": [descriptor(LAYER_TYPE, layer)],
        }
    )
    return TestImage(architecture=architecture, manifest=manifest, config=config, layer=layer)


def image_list(*images: TestImage) -> bytes:
    """The OCI index over some platforms."""
    children = [
        descriptor(OCI_MANIFEST, one.manifest, platform={"architecture": one.architecture, "os": "linux"})
        for one in images
    ]
    return compact({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children})


def push_image(registry: RegistryWriter, name: str, one: TestImage, tag: str | None = None) -> Digest:
    registry.push_blob(name, one.config, CONFIG_TYPE)
    registry.push_blob(name, one.layer, LAYER_TYPE)
    return registry.push_manifest(name, one.manifest, tag)


def push_list(registry: RegistryWriter, name: str, tag: str, *images: TestImage) -> Digest:
    for one in images:
        push_image(registry, name, one)
    return registry.push_manifest(name, image_list(*images), tag)
