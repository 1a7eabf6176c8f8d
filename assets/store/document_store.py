"""Documents kept by their sha256: definitions that were published, manifests that were read.

Content-addressed, so a file that does not hash to its name is treated as absent, and nothing here is ever believed.
"""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from assets.images.digest import Digest
from wallet.errors import StoreError


class DocumentStore:
    """A folder of files named by the sha256 of their content, 0600 in a folder of 0700."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, digest: Digest) -> bytes | None:
        """The document with a digest; None where it is not here, or damaged."""
        try:
            data = self._path(digest).read_bytes()
        except OSError:
            return None
        return data if Digest.of(data) == digest else None

    def save(self, data: bytes) -> Digest:
        """Keep a document. Raises StoreError."""
        digest = Digest.of(data)
        if self.load(digest) is None:
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._write(self._path(digest), data)
            except OSError as error:
                raise StoreError(
                    f"{self._folder} cannot be written: {error.strerror}", hint="check the folder's owner and space"
                ) from error
        return digest

    def _path(self, digest: Digest) -> Path:
        return self._folder / digest.hex

    def _write(self, path: Path, data: bytes) -> None:
        with NamedTemporaryFile(dir=self._folder, prefix=".new.", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
