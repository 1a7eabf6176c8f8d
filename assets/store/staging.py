"""A private folder for files that are on their way."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from wallet.store.files import ensure_folder, explained
from wallet.store.unfinished import unfinished_folder


@contextmanager
def staging_folder(parent: Path) -> Iterator[Path]:
    """A new folder (0700) below one on the disk that holds this user's data; gone at the end, whatever happens.

    What a program left here that was killed goes first. Raises StoreError where the folder cannot be made.
    """
    ensure_folder(parent)
    with ExitStack() as stack:
        with explained(parent):
            folder = stack.enter_context(unfinished_folder(parent))
        yield folder
