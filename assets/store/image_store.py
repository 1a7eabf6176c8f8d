"""Images that were pulled: blobs and manifests by digest, and which verified names they belong to.

Content-addressed. What is whole lies in `blobs`, what is still on its way in `partial`, so that a name in `blobs`
always has all its bytes. Sealed images lie here as ciphertext only. Files are 0600 in folders of 0700.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from assets.images.canonical import Json, decode, encode
from assets.images.digest import Digest
from assets.images.name import is_canonical_name
from assets.images.reference import ImageReference
from assets.images.tag import Tag, parse_tag
from assets.store.landing import FileLanding, is_idle
from assets.store.space import require_space
from wallet.errors import EncodingError, StoreError
from wallet.hashes import Txid, display, parse_txid, sha256
from wallet.store.files import ensure_folder, explained, read_private, sync_folder, write_private

_CHUNK = 1024 * 1024
_HEX = re.compile(r"[0-9a-f]{64}")
_RECORD_LIMIT = 4096
_VERSION = 1


ContentSize = tuple[Digest, int]
"""A blob's digest and its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptImage:
    """An image that verified when it was pulled: under which name and tag, and by which genesis.

    `sealed` says that what lies here is ciphertext, `gated` that the owner gives the plain image to holders only.
    """

    name: str
    tag: Tag | None
    digest: Digest
    genesis: Txid
    sealed: bool
    gated: bool

    @property
    def reference(self) -> ImageReference:
        """As a person would write it."""
        return ImageReference(name=self.name, tag=self.tag, digest=self.digest)

    @property
    def servable(self) -> bool:
        """Whether it may be given to anybody: a gated image only as ciphertext."""
        return self.sealed or not self.gated


class ImageStore:
    """The images of one user and network in a folder."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._partial = folder / "partial"
        self._kept = folder / "kept"

    def has(self, digest: Digest, size: int | None = None) -> bool:
        """Whether a blob is here whole, and has that size."""
        try:
            found = self._blob(digest).stat().st_size
        except FileNotFoundError:
            return False
        return size is None or found == size

    def whole(self, digest: Digest, size: int, advance: Callable[[int], None] | None = None) -> bool:
        """Whether a blob is here with its size and every byte; one that is damaged is thrown away.

        `advance` is told of bytes that were read; those of a damaged blob are taken back. Raises StoreError.
        """
        if not self.has(digest):
            return False
        found, done = hashlib.sha256(), 0
        with explained(self._blob(digest)), self.open(digest) as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
                done += len(chunk)
                if advance is not None:
                    advance(len(chunk))
        if found.digest() == digest.raw and done == size:
            return True
        if advance is not None:
            advance(-done)
        self.discard(digest)
        return False

    def open(self, digest: Digest) -> BinaryIO:
        """A blob's bytes; whoever reads them hashes them. Raises StoreError where it is not here."""
        with explained(self._blob(digest)):
            return self._blob(digest).open("rb")

    def path(self, digest: Digest) -> Path:
        """Where a blob lies, for whoever gives it out."""
        return self._blob(digest)

    def size(self, digest: Digest) -> int:
        """Bytes of a blob. Raises StoreError where it is not here."""
        with explained(self._blob(digest)):
            return self._blob(digest).stat().st_size

    def document(self, digest: Digest, limit: int) -> bytes | None:
        """A small blob, hashed again; None where it is not here, too large or damaged."""
        try:
            with self._blob(digest).open("rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            return None
        return data if len(data) <= limit and Digest.of(data) == digest else None

    def add(self, data: bytes) -> Digest:
        """Keeps a document. Raises StoreError."""
        digest = Digest.of(data)
        if self.document(digest, len(data)) is None:
            write_private(self._blob(digest), data, overwrite=True)
        return digest

    def require_space(self, blobs: Iterable[ContentSize]) -> None:
        """Raises StoreError where the disk has no room for those of these blobs that are not here yet."""
        require_space(self._blobs, sum(self._missing(digest, size) for digest, size in blobs))

    def _missing(self, digest: Digest, size: int) -> int:
        if self.has(digest, size):
            return 0
        try:
            return max(0, size - (self._partial / digest.hex).stat().st_size)
        except FileNotFoundError:
            return size

    def landing(self, digest: Digest, advance: Callable[[int], None] | None = None) -> FileLanding:
        """Where a blob arrives; `settle` it once it is whole and its digest was checked."""
        ensure_folder(self._partial)
        return FileLanding(self._partial / digest.hex, advance)

    def settle(self, digest: Digest) -> None:
        """Gives a blob that is whole its name. Raises StoreError."""
        ensure_folder(self._blobs)
        with explained(self._blob(digest)):
            (self._partial / digest.hex).replace(self._blob(digest))
            sync_folder(self._blobs)

    def discard(self, digest: Digest) -> None:
        """Throws a blob away that turned out to be damaged."""
        self._blob(digest).unlink(missing_ok=True)

    def keep(self, image: KeptImage) -> None:
        """Remembers that an image verified. Raises StoreError."""
        document: dict[str, Json] = {
            "v": _VERSION,
            "name": image.name,
            "tag": image.tag or "",
            "digest": str(image.digest),
            "genesis": display(image.genesis),
            "sealed": image.sealed,
            "gated": image.gated,
        }
        write_private(self._record(image), encode(document), overwrite=True)

    def drop(self, image: KeptImage) -> None:
        """Forgets that an image was kept; its blobs stay. Raises StoreError."""
        path = self._record(image)
        with explained(path):
            path.unlink(missing_ok=True)

    def blobs(self) -> tuple[Digest, ...]:
        """Every blob that is here whole."""
        return _digests(self._blobs)

    def beginnings(self) -> tuple[Digest, ...]:
        """Blobs that were begun and are not whole, but for those that another process fetches at this moment."""
        return tuple(one for one in _digests(self._partial) if is_idle(self._partial / one.hex))

    def beginning_size(self, digest: Digest) -> int:
        """Bytes that are there of a blob that was begun. Raises StoreError."""
        with explained(self._partial / digest.hex):
            return (self._partial / digest.hex).stat().st_size

    def discard_beginning(self, digest: Digest) -> None:
        """Throws away what is there of a blob, unless another process has begun to fetch it meanwhile."""
        if is_idle(self._partial / digest.hex):
            (self._partial / digest.hex).unlink(missing_ok=True)

    def kept(self) -> tuple[KeptImage, ...]:
        """Everything that was remembered, by name, tag and digest. Raises StoreError for a record that is damaged."""
        if not self._kept.is_dir():
            return ()
        found = [_record(path) for path in sorted(self._kept.glob("*.json"))]
        return tuple(sorted(found, key=lambda one: (one.name, one.tag or "", one.digest)))

    def _record(self, image: KeptImage) -> Path:
        key = f"{image.name}:{image.tag or ''}@{image.digest}"
        return self._kept / f"{sha256(key.encode('ascii')).hex()}.json"

    def _blob(self, digest: Digest) -> Path:
        return self._blobs / digest.hex


def _digests(folder: Path) -> tuple[Digest, ...]:
    """The digests that name the files of a folder; other files are left alone."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return tuple(Digest.parse(f"sha256:{name}") for name in sorted(names) if _HEX.fullmatch(name))


def _record(path: Path) -> KeptImage:
    data = read_private(path, _RECORD_LIMIT) or b""
    try:
        fields = decode(data, limit=_RECORD_LIMIT, what="the record of a kept image")
        if not isinstance(fields, dict) or fields.get("v") != _VERSION or not is_canonical_name(str(fields["name"])):
            raise EncodingError("an unknown form")
        return KeptImage(
            name=str(fields["name"]),
            tag=parse_tag(str(fields["tag"])) if fields["tag"] else None,
            digest=Digest.parse(str(fields["digest"])),
            genesis=parse_txid(str(fields["genesis"])),
            sealed=fields["sealed"] is True,
            gated=fields["gated"] is not False,
        )
    except (EncodingError, KeyError) as error:
        raise StoreError(f"{path} cannot be read: {error}", hint="remove it, and pull the image again") from error
