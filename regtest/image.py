"""Real container images that say one line, built without a container engine; and pushed, pulled and run."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regtest.errors import ImageError
from regtest.oci import (
    CONFIG,
    INDEX,
    LAYER,
    MANIFEST,
    Blobs,
    LayerFile,
    config_document,
    digest_of,
    encode,
    gzip_stored,
    index_document,
    layer_tar,
    manifest_document,
)
from regtest.packages import tools
from regtest.rootfs import run_root, unpack_root
from regtest.skopeo import skopeo

NATIVE = "linux/amd64"
"""The platform whose image holds a program of this machine."""

_COMMAND = ("/bin/busybox", "cat", "/etc/says")
_REFERENCE = re.compile(r"127\.0\.0\.1:\d+/[a-z0-9._/-]+@sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltImage:
    """An image in an OCI layout. `digest` is its manifest's, or its index's if it has several platforms.

    `children` are the digests of the platforms' manifests by platform, such as `linux/arm64`.
    """

    layout: Path
    tag: str
    digest: str
    children: dict[str, str]


def build_image(
    folder: Path,
    *,
    tag: str = "1.0",
    text: str = "hello",
    platforms: tuple[str, ...] = (NATIVE,),
    program: Path | None = None,
) -> BuiltImage:
    """Build an image that prints `text`, and put it into an OCI layout in `folder`, which must be new or empty.

    One platform gives a manifest, several give an index. For linux/amd64 the image runs: it holds the static busybox
    (`program`, else the machine's) as `/bin/busybox`. For other platforms it has the same config and the text, but no
    program, because this machine has none for them: it can be pushed, pulled and verified, not run. The same
    arguments give the same digests on every machine with the same busybox.
    """
    if not platforms or len(set(platforms)) != len(platforms):
        raise ImageError(f"an image needs platforms, each once: {platforms}")
    if folder.exists() and any(folder.iterdir()):
        raise ImageError(f"the folder is not empty: {folder}")
    blobs = Blobs(folder)
    manifests = [_add_platform(blobs, platform, text, program) for platform in platforms]
    if len(platforms) == 1:
        root = {name: value for name, value in manifests[0].items() if name != "platform"}
    else:
        root = blobs.add(encode(index_document(manifests)), INDEX)
    blobs.finish(root, tag)
    children = {platform: manifest["digest"] for platform, manifest in zip(platforms, manifests, strict=True)}
    return BuiltImage(layout=folder, tag=tag, digest=root["digest"], children=children)


def _add_platform(blobs: Blobs, platform: str, text: str, program: Path | None) -> dict[str, Any]:
    """Store the layer, config and manifest of one platform; returns the manifest's descriptor with its platform."""
    files = {"etc/says": LayerFile(data=(text + "\n").encode())}
    if platform == NATIVE:
        static = program or tools(fetch=False).busybox
        files["bin/busybox"] = LayerFile(data=static.read_bytes(), mode=0o755)
    tar = layer_tar(files)
    layer = blobs.add(gzip_stored(tar), LAYER)
    config = blobs.add(encode(config_document(platform, _COMMAND, (digest_of(tar),))), CONFIG)
    manifest = blobs.add(encode(manifest_document(config, [layer])), MANIFEST)
    system, _, architecture = platform.partition("/")
    return {**manifest, "platform": {"architecture": architecture, "os": system}}


def push(image: BuiltImage, reference: str, *, credentials: str | None = None) -> None:
    """Push an image with all its platforms to `127.0.0.1:PORT/name:tag` over plain HTTP, bytes unchanged.

    `credentials` are `user:password` of a throw-away registry: they are seen in the process list. Raises CommandError.
    """
    login = ("--dest-creds", credentials) if credentials is not None else ()
    skopeo(
        "copy", "--all", "--preserve-digests", "--dest-tls-verify=false", *login,
        f"oci:{image.layout}:{image.tag}", f"docker://{reference}",
    )  # fmt: skip


def pull(reference: str, layout: Path) -> str:
    """Pull `127.0.0.1:PORT/name@sha256:...` with all its platforms into an OCI layout; returns the digest there.

    Raises ImageError for another form of reference, and if the layout does not hold the digest that was asked for.
    """
    if not _REFERENCE.fullmatch(reference):
        raise ImageError(f"not a reference by digest to a registry on 127.0.0.1: {reference}")
    digest = reference.partition("@")[2]
    skopeo(
        "copy", "--all", "--preserve-digests", "--src-tls-verify=false", f"docker://{reference}", f"oci:{layout}:run"
    )
    if not Blobs(layout).path(digest).is_file():
        raise ImageError(f"the registry served something else than {digest}")
    return digest


def run_image(reference: str, workdir: Path) -> str:
    """Pull an image by digest, unpack what it has for linux/amd64 below `workdir`, run it and return what it prints.

    Runs in a root of its own where the machine lets users make one; elsewhere its static program is run directly.
    Raises ImageError or CommandError.
    """
    workdir.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="run-", dir=workdir))
    digest = pull(reference, place / "layout")
    command = unpack_root(place / "layout", digest, place / "root", NATIVE)
    return run_root(place / "root", command)
