"""Documents kept by their sha256: definitions that were published, manifests that were read.

Content-addressed, so a file that does not hash to its name is treated as absent, and nothing here is ever believed.
"""

from pathlib import Path

from assets.images.digest import Digest
from wallet.store.files import write_private


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
            write_private(self._path(digest), data, overwrite=True)
        return digest

    def _path(self, digest: Digest) -> Path:
        return self._folder / digest.hex
