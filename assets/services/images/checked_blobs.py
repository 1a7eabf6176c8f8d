"""Files of kept blobs, hashed before they are given to anybody, and again only when they have changed since."""

import threading
from pathlib import Path

from assets.images.digest import Digest
from assets.store.image_store import ImageStore

_Identity = tuple[int, int, int, int]
"""Device, inode, size, and time of the last change in nanoseconds."""


class CheckedBlobs:
    """Gives out the files of a store's blobs. Safe to share between threads."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._checked: dict[Digest, _Identity] = {}

    def __call__(self, digest: Digest) -> Path | None:
        """The file of a blob, or None where it is not here or not whole; one that is damaged is thrown away."""
        path = self._store.path(digest)
        with self._lock:
            identity = _identity(path)
            if identity is None:
                return None
            if self._checked.get(digest) != identity:
                if not self._store.whole(digest, identity[2]):
                    return None
                self._checked[digest] = identity
        return path


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
