"""OCI image layouts that appear whole or not at all (OCI image specification, image layout 1.0)."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from assets.images.digest import Digest
from wallet.errors import StateError
from wallet.store.files import explained, sync_folder
from wallet.store.unfinished import sweep, unfinished_folder

_REF_NAME = "org.opencontainers.image.ref.name"


class LayoutWriter:
    """Writes beside the destination, and gives it its name at the end. Use it in a `with` statement.

    Without `finish` nothing is left. Raises StateError where the destination holds something, StoreError.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._staging = folder
        self._blobs = folder
        self._scratch = ExitStack()

    def __enter__(self) -> Self:
        parent = self._folder.absolute().parent
        sweep(parent)
        if self._folder.exists() and (not self._folder.is_dir() or any(self._folder.iterdir())):
            raise StateError(f"{self._folder} is there already", hint="name a folder that does not exist yet")
        with explained(parent):
            parent.mkdir(parents=True, exist_ok=True)
            self._staging = self._scratch.enter_context(unfinished_folder(parent))
            self._blobs = self._staging / "blobs" / "sha256"
            self._blobs.mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scratch.close()

    @contextmanager
    def new(self, digest: Digest) -> Iterator[BinaryIO]:
        """A file for a blob or a manifest; whoever fills it has checked the bytes when the block ends."""
        path = self._blobs / digest.hex
        with explained(path), path.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def finish(self, media_type: str, digest: Digest, size: int, tag: str | None) -> None:
        """Names the outermost manifest, and puts the layout where it belongs."""
        entry: dict[str, object] = {"mediaType": media_type, "digest": str(digest), "size": size}
        if tag is not None:
            entry["annotations"] = {_REF_NAME: tag}
        with explained(self._folder):
            _write_json(self._staging / "oci-layout", {"imageLayoutVersion": "1.0.0"})
            _write_json(self._staging / "index.json", {"schemaVersion": 2, "manifests": [entry]})
            self._staging.chmod(0o755)
            self._staging.replace(self._folder)
            sync_folder(self._folder.absolute().parent)


def _write_json(path: Path, document: dict[str, object]) -> None:
    path.write_bytes(json.dumps(document, separators=(",", ":")).encode("utf-8"))
