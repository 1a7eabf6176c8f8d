"""An index that is filled and thrown away."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import gettempdir

from assets.store.index_store import IndexStore
from wallet.network import Network
from wallet.store.files import explained
from wallet.store.unfinished import unfinished_folder


@contextmanager
def passing_index(network: Network) -> Iterator[IndexStore]:
    """An empty index in a folder of its own, gone at the end and after a kill. Raises StoreError."""
    with ExitStack() as stack:
        parent = Path(gettempdir())
        with explained(parent):
            folder = stack.enter_context(unfinished_folder(parent))
        store = IndexStore(folder / "evidence.db", network)
        try:
            yield store
        finally:
            store.close()
