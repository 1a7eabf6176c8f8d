"""A private folder for files that are on their way."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wallet.store.files import ensure_folder


@contextmanager
def staging_folder(parent: Path) -> Iterator[Path]:
    """A new folder (0700) below one on the disk that holds this user's data; gone at the end, whatever happens.

    Raises StoreError where the parent cannot be made.
    """
    ensure_folder(parent)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
