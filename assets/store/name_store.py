"""Names of repositories that this user has typed, so that those of which the chain holds only the hash can be shown.

A name proves itself by its hash, so nothing here is believed, and losing the file loses nothing that cannot be typed
again.
"""

from pathlib import Path

from assets.images.name import is_canonical_name
from wallet.errors import StoreError
from wallet.store.files import read_private, write_private

MAX_NAMES = 10_000
_LIMIT = MAX_NAMES * 256


class NameStore:
    """Canonical names in a file, one a line, the newest last."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> tuple[str, ...]:
        """Every name that was remembered; none where the file is not there or cannot be read."""
        try:
            data = read_private(self._path, _LIMIT)
        except StoreError:
            return ()
        lines = (data or b"").decode("ascii", "replace").splitlines()
        return tuple(line for line in lines if is_canonical_name(line))

    def remember(self, name: str) -> None:
        """Keep a canonical name. A file that cannot be written is no error: it only saves typing."""
        known = self.names()
        if name in known:
            return
        text = "\n".join((*known[-(MAX_NAMES - 1) :], name)) + "\n"
        try:
            write_private(self._path, text.encode("ascii"), overwrite=True)
        except StoreError:
            return
