"""OCI image layouts byte by byte: layers, configs, manifests and indexes that come out the same every time.

OCI image specification 1.0. JSON is compact, in the order in which Go programs write it and without a newline at the
end, so that tools which rewrite a manifest do not change its digest. Pure functions, but for `Blobs`.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regtest.errors import ImageError

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
REF_NAME = "org.opencontainers.image.ref.name"
CREATED = "1970-01-01T00:00:00Z"
"""The time that every image claims: a clock would change the digest."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFile:
    """A file of a layer: its bytes and its permissions."""

    data: bytes
    mode: int = 0o644


def encode(document: Mapping[str, Any]) -> bytes:
    """Compact JSON in the order given."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(data: bytes) -> str:
    """`sha256:` and the hash in hex."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def layer_tar(files: Mapping[str, LayerFile]) -> bytes:
    """A tar archive (PAX) of files by path, with their folders, sorted, owned by root, dated 1970."""
    folders = {parent.as_posix() for path in files for parent in Path(path).parents if parent.parts}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folders | files.keys()):
            entry = tarfile.TarInfo(path)
            entry.mtime = 0
            if path in folders:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
            else:
                entry.size, entry.mode = len(files[path].data), files[path].mode
                archive.addfile(entry, io.BytesIO(files[path].data))
    return buffer.getvalue()


def gzip_stored(data: bytes) -> bytes:
    """gzip (RFC 1952) with no time and no name, in stored blocks (RFC 1951, 3.2.4).

    Nothing is compressed, because compressed bytes, and so digests, differ between versions of zlib.
    """
    blocks = [data[start : start + 0xFFFF] for start in range(0, len(data), 0xFFFF)] or [b""]
    body = bytearray(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
    for number, block in enumerate(blocks, 1):
        size = len(block)
        body += (
            bytes([number == len(blocks)]) + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + block
        )
    return bytes(body) + zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")


def config_document(platform: str, command: tuple[str, ...], diff_ids: tuple[str, ...]) -> dict[str, Any]:
    """An image's config: what runs, on what, and the digests of its layers before compression."""
    system, _, architecture = platform.partition("/")
    return {
        "created": CREATED,
        "architecture": architecture,
        "os": system,
        "config": {"Env": ["PATH=/bin"], "Entrypoint": list(command)},
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
        "history": [{"created": CREATED, "created_by": "dockchains regtest"} for _ in diff_ids],
    }


def manifest_document(config: dict[str, Any], layers: list[dict[str, Any]]) -> dict[str, Any]:
    """An image manifest of content descriptors."""
    return {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}


def index_document(manifests: list[dict[str, Any]]) -> dict[str, Any]:
    """An image index of content descriptors."""
    return {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}


class Blobs:
    """The blobs of an image layout on disk."""

    def __init__(self, layout: Path) -> None:
        self.layout = layout

    def path(self, digest: str) -> Path:
        """Where a blob lies. Raises ImageError for anything but a sha256 digest."""
        if not _DIGEST.fullmatch(digest):
            raise ImageError(f"not a sha256 digest: {digest[:100]!r}")
        return self.layout / "blobs" / "sha256" / digest.removeprefix("sha256:")

    def add(self, data: bytes, media_type: str) -> dict[str, Any]:
        """Store bytes under their digest; returns their content descriptor."""
        digest = digest_of(data)
        path = self.path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def finish(self, root: dict[str, Any], tag: str) -> None:
        """Write `oci-layout`, and `index.json` with the one root descriptor under its tag."""
        (self.layout / "oci-layout").write_bytes(encode({"imageLayoutVersion": "1.0.0"}))
        named = {**root, "annotations": {REF_NAME: tag}}
        (self.layout / "index.json").write_bytes(encode({"schemaVersion": 2, "manifests": [named]}))
