"""The archive that `docker load` and `podman load` read (`docker save`'s form), of one image of one platform.

It is a tar of the config, of the layers as plain tars named by their digests before compression, and of
`manifest.json`. It has no manifest digest of its own: what ties it to the released image are the config and the digests
in it, which are checked here layer by layer.
"""

import contextlib
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assets.errors import ImageError
from assets.images.digest import Digest
from assets.remedies import ImageRemedy
from wallet.documents import read_json
from wallet.errors import StateError
from wallet.store.files import explained, sync_folder
from wallet.store.unfinished import sweep, unfinished_folder

_CHUNK = 1024 * 1024
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


def diff_ids(config: bytes) -> tuple[Digest, ...]:
    """The digests of an image's layers before compression, as its config states them. Raises ImageError."""
    try:
        return tuple(
            Digest.parse(text) for text in read_json(config, what="the config", unique=False)["rootfs"]["diff_ids"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ImageError(
            "the image's config names no layers",
            hint="it is no image that can be loaded; " + ImageRemedy.TO_LAYOUT.of(),
        ) from error


def unpack_layer(source: BinaryIO, target: BinaryIO, wanted: Digest) -> int:
    """A layer as a plain tar, whose digest is checked; its size. Raises ImageError."""
    found, size = hashlib.sha256(), 0
    for chunk in _plain(source):
        found.update(chunk)
        size += len(chunk)
        target.write(chunk)
    if Digest(found.digest()) != wanted:
        raise ImageError(
            f"a layer unpacks to {Digest(found.digest())}, and the config says {wanted}",
            hint="whoever built the image made a mistake; " + ImageRemedy.TO_LAYOUT.of(),
        )
    return size


def _plain(source: BinaryIO) -> Iterator[bytes]:
    first = source.read(_CHUNK)
    if first.startswith(_ZSTD):
        raise ImageError(
            "a layer is packed with zstd, which this archive cannot carry", hint=ImageRemedy.TO_LAYOUT.of()
        )
    if not first.startswith(_GZIP):
        while first:
            yield first
            first = source.read(_CHUNK)
        return
    try:
        yield from _unpacked(first, source)
    except zlib.error as error:
        raise ImageError("a layer is not the gzip that it says", hint="do not use it") from error


def _unpacked(data: bytes, source: BinaryIO) -> Iterator[bytes]:
    """What gzip holds, member by member (RFC 1952), never more than a chunk at once."""
    unpacker = zlib.decompressobj(wbits=31)
    while data:
        if unpacker.eof:
            unpacker = zlib.decompressobj(wbits=31)
        yield unpacker.decompress(data, _CHUNK)
        left = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        data = left or source.read(_CHUNK)
    yield unpacker.flush()
    if not unpacker.eof:
        raise ImageError("a layer ends too early", hint="do not use it")


class ArchiveWriter:
    """Writes one archive into a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._tar = tarfile.TarFile(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)
        self._layers: list[str] = []

    def layer(self, digest: Digest, size: int, source: BinaryIO) -> None:
        """The next layer, a plain tar."""
        name = f"{digest.hex}.tar"
        if name not in self._layers:
            self._add(name, size, source)
        self._layers.append(name)

    def finish(self, config: bytes, tag: str | None) -> None:
        """The config and the list of what there is; `tag` is the name under which it is loaded."""
        name = f"{Digest.of(config).hex}.json"
        self._add(name, len(config), io.BytesIO(config))
        listed = [{"Config": name, "RepoTags": [tag] if tag is not None else [], "Layers": self._layers}]
        data = json.dumps(listed, separators=(",", ":")).encode("utf-8")
        self._add("manifest.json", len(data), io.BytesIO(data))
        self._tar.close()

    def _add(self, name: str, size: int, source: BinaryIO) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = size, 0o644, 0
        self._tar.addfile(entry, source)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file (0600) that appears under its name only when the block ends well.

    Raises StateError where the name is taken, StoreError where it cannot be written.
    """
    parent = path.absolute().parent
    sweep(parent)
    if path.exists():
        raise StateError(f"{path} is there already", hint="name a file that does not exist yet")
    with explained(path):
        parent.mkdir(parents=True, exist_ok=True)
        with unfinished_folder(parent) as folder:
            staged = folder / path.name
            with staged.open("w+b") as file:
                staged.chmod(0o600)
                yield file
                file.flush()
                os.fsync(file.fileno())
            staged.replace(path)
            sync_folder(parent)
