"""From a digest in an OCI layout to a running program, trusting nothing but the digest.

Every blob is hashed against the digest that named it, a layer also against its config. Of a layer
only folders and plain files are unpacked, and only below the root; one with links or devices is refused whole. So
nothing that a layer makes can lead a later file out. (tarfile's own filters came after the Python of Debian 12.)
"""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

from regtest.errors import CommandError, ImageError
from regtest.oci import CONFIG, INDEX, LAYER, MANIFEST, Blobs, digest_of

_MOST_BYTES = 512 * 1024 * 1024
"""A layer may unpack to this much; more is taken for a bomb."""


def unpack_root(layout: Path, digest: str, root: Path, platform: str) -> tuple[str, ...]:
    """Unpack the layers that an image has for a platform into the new folder `root`; returns the image's command.

    `digest` names a manifest or an index. Raises ImageError if anything is missing or not what its digest says.
    """
    blobs = Blobs(layout)
    manifest = _manifest_for(blobs, digest, platform)
    config = _document(blobs, manifest.get("config"), CONFIG)
    if f"{config.get('os')}/{config.get('architecture')}" != platform:
        raise ImageError(f"the image is for {config.get('os')}/{config.get('architecture')}, not for {platform}")
    layers = manifest.get("layers")
    diff_ids = _mapping(config.get("rootfs")).get("diff_ids")
    if not isinstance(layers, list) or not isinstance(diff_ids, list) or len(layers) != len(diff_ids):
        raise ImageError("the manifest and its config name different layers")
    root.mkdir(parents=True)
    for layer, diff_id in zip(layers, diff_ids, strict=True):
        tar = _unzip(_blob(blobs, layer, LAYER))
        if digest_of(tar) != diff_id:
            raise ImageError(f"a layer unpacks to something else than {diff_id}")
        _extract(tar, root)
    started = _mapping(config.get("config"))
    command = [*(started.get("Entrypoint") or []), *(started.get("Cmd") or [])]
    if not command or not all(isinstance(word, str) for word in command):
        raise ImageError("the image has no command")
    return tuple(command)


def _manifest_for(blobs: Blobs, digest: str, platform: str) -> dict[str, Any]:
    document = _parse(_verified(blobs, digest))
    if document.get("mediaType") != INDEX:
        return _of_type(document, MANIFEST)
    for entry in document.get("manifests") or []:
        named = _mapping(_mapping(entry).get("platform"))
        if f"{named.get('os')}/{named.get('architecture')}" == platform:
            return _document(blobs, entry, MANIFEST)
    raise ImageError(f"the image has nothing for {platform}")


def _document(blobs: Blobs, descriptor: Any, media_type: str) -> dict[str, Any]:
    document = _parse(_blob(blobs, descriptor, media_type))
    return document if media_type == CONFIG else _of_type(document, media_type)


def _of_type(document: dict[str, Any], media_type: str) -> dict[str, Any]:
    if document.get("mediaType") != media_type:
        raise ImageError(f"expected {media_type}, found {document.get('mediaType')}")
    return document


def _blob(blobs: Blobs, descriptor: Any, media_type: str) -> bytes:
    """The bytes of a content descriptor of a certain type."""
    entry = _mapping(descriptor)
    if entry.get("mediaType") != media_type:
        raise ImageError(f"expected {media_type}, found {entry.get('mediaType')}")
    return _verified(blobs, str(entry.get("digest")))


def _verified(blobs: Blobs, digest: str) -> bytes:
    try:
        data = blobs.path(digest).read_bytes()
    except OSError as error:
        raise ImageError(f"no blob {digest} in {blobs.layout}") from error
    if digest_of(data) != digest:
        raise ImageError(f"the blob {digest} holds other bytes")
    return data


def _parse(data: bytes) -> dict[str, Any]:
    try:
        return _mapping(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise ImageError(f"not a JSON document: {error}") from error


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ImageError(f"expected a JSON object, found {type(value).__name__}")
    return value


def _unzip(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        tar = unpacker.decompress(data, _MOST_BYTES)
    except zlib.error as error:
        raise ImageError(f"a layer is not gzip: {error}") from error
    if not unpacker.eof or unpacker.unused_data:
        raise ImageError("a layer is cut off, too large, or has something after its end")
    return tar


def _extract(tar: bytes, root: Path) -> None:
    try:
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as archive:
            for entry in archive:
                _extract_entry(archive, entry, root)
    except (tarfile.TarError, OSError, ValueError) as error:
        raise ImageError(f"a layer does not unpack: {error}") from error


def _extract_entry(archive: tarfile.TarFile, entry: tarfile.TarInfo, root: Path) -> None:
    place = PurePosixPath(entry.name)
    if place.is_absolute() or ".." in place.parts:
        raise ImageError(f"a layer leads out of its folder: {entry.name!r}")
    path = root / place
    if entry.isdir():
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
    elif entry.isreg() and (data := archive.extractfile(entry)) is not None:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.write_bytes(data.read())
        path.chmod(0o755 if entry.mode & 0o100 else 0o644)
    else:
        raise ImageError(f"a layer holds something else than folders and files: {entry.name!r}")


def run_root(root: Path, command: tuple[str, ...], timeout: float = 30) -> str:
    """Run a command of an unpacked image and return its standard output; `timeout` in seconds.

    The command runs as root of a user namespace whose root folder is `root`. Where the machine forbids that, the
    image's static program runs directly, with file arguments taken from the image. Raises CommandError.
    """
    if _may_change_root():
        return _run(["unshare", "-rR", str(root), "--", *command], timeout)
    inside = [str(root / word.lstrip("/")) if word.startswith("/") else word for word in command]
    return _run(inside, timeout)


def _may_change_root() -> bool:
    """Whether this machine lets its users make a user namespace and change the root folder in it."""
    probe = ["unshare", "-rR", "/", "--", "true"]
    try:
        done = subprocess.run(probe, capture_output=True, stdin=subprocess.DEVNULL, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _run(command: list[str], timeout: float) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout, env={"PATH": "/bin"},
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"{command[0]} does not run: {error}") from error
    if done.returncode != 0:
        raise CommandError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr.strip()}")
    return done.stdout
