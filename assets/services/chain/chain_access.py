"""What a question about images asks of the chain: a node, the index, and the way to bring the index up to date."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from assets.images.digest import Digest
from assets.index.image_index import ChainSource
from assets.index.reader import IndexWriter
from wallet.hashes import Txid
from wallet.network import Network


def _any() -> None:
    """For an index that was read from the chain."""


def _nothing(_: Digest) -> None:
    """An index has no documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainAccess:
    """One network's node and index. `catch_up` connects new blocks; `clock` gives unix seconds.

    `only` answers the one genesis that the index knows, where it was made from a repository's evidence, and `document`
    a manifest that the evidence carries.
    """

    network: Network
    source: ChainSource
    store: IndexWriter
    catch_up: Callable[[], object]
    clock: Callable[[], int]
    only: Callable[[], Txid | None] = _any
    document: Callable[[Digest], bytes | None] = _nothing


class Documents(Protocol):
    """Documents by their digest, kept between runs."""

    def load(self, digest: Digest) -> bytes | None:
        """The document with a digest, or None."""

    def save(self, data: bytes) -> Digest:
        """Keep a document."""
