"""Which repositories a gate leaves open to everybody: those whose owner's definition names no gate.

The chain carries a definition's sha256, the registry the document, so each is read once and in the background. Until a
document with that sha256 was read, a repository counts as closed. Which sha256 that is hangs on the last block, and is
looked up anew for each answer: a DEFINE that a reorganisation took opens nothing any more.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from assets.errors import IndexStateError, RegistryError
from assets.images.access import SIBLING
from assets.images.canonical import DOCUMENT_LIMIT
from assets.images.definition import Definition
from assets.images.digest import Digest
from assets.images.repository import fold
from assets.index.reader import IndexReader, IndexTip
from assets.registry.port import ArtifactSource
from assets.services.chain.claims import DEFINITION_TAG, DEFINITION_TYPE
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, Txid, display

_log = logging.getLogger(__name__)


class OpenRepositories:
    """Looks after the definitions of `repositories` (canonical name and genesis). Safe in threads."""

    def __init__(
        self,
        repositories: Iterable[tuple[str, Txid]],
        snapshot: Callable[[], AbstractContextManager[IndexReader]],
        registry: ArtifactSource,
    ) -> None:
        self._repositories = tuple(repositories)
        self._snapshot = snapshot
        self._registry = registry
        self._read: dict[Digest, Definition] = {}
        self._asked = threading.Event()
        self._missed: set[Txid] = set()
        self._known = frozenset(genesis for _, genesis in self._repositories)
        self._said: dict[Txid, tuple[BlockHash, Digest | None]] = {}
        self._open: frozenset[Txid] = frozenset()

    def is_open(self, genesis: Txid) -> bool:
        """Whether the owner asks for no access unit, as far as is known."""
        if genesis not in self._known:
            return False
        stated = self._stated(genesis)
        definition = None if stated is None else self._read.get(stated)
        if definition is None:
            self._asked.set()
            return False
        return definition.claim.gate is None

    def wait(self, seconds: float) -> None:
        """Until somebody asks for a repository whose definition was not read, or until the time is over."""
        self._asked.wait(seconds)
        self._asked.clear()

    def wake(self) -> None:
        """Ends the waiting."""
        self._asked.set()

    def refresh(self) -> None:
        """Look again at what the chain carries, and read what was not read yet."""
        known = {genesis: self._definition(name, genesis) for name, genesis in self._repositories}
        found = frozenset(genesis for genesis, one in known.items() if one is not None and one.claim.gate is None)
        if found != self._open:
            _log.info("%d of %d repositories are open to everybody", len(found), len(known))
        self._open = found

    def _definition(self, name: str, genesis: Txid) -> Definition | None:
        """The present definition; None until it was found."""
        wanted = self._stated(genesis)
        if wanted is None:
            return None
        if wanted not in self._read:
            definition = self._fetched(name, wanted)
            if definition is None:
                return None
            self._read[wanted] = definition
        return self._read[wanted]

    def _stated(self, genesis: Txid) -> Digest | None:
        """The sha256 of the present definition: the newest that counts in a block. It is read once for each best block
        of the index."""
        with self._snapshot() as reader:
            tip = reader.tip()
            if tip is None:
                return None
            block, said = self._said.get(genesis, (None, None))
            if block != tip.hash:
                said = self._read_statement(reader, genesis, tip)
                self._said[genesis] = (tip.hash, said)
        return said

    def _read_statement(self, reader: IndexReader, genesis: Txid, tip: IndexTip) -> Digest | None:
        fact = reader.genesis(genesis)
        if fact is None:
            self._miss(genesis, tip)
            return None
        try:
            state = fold(fact, reader.title_movements(genesis), settled_height=tip.height)
        except IndexStateError:
            return None
        return Digest.from_raw(state.statement.definition)

    def _miss(self, genesis: Txid, tip: IndexTip) -> None:
        """Says once that a genesis is in none of the blocks that were read: then nobody has any right."""
        if genesis not in self._missed:
            self._missed.add(genesis)
            _log.warning(
                "genesis %s is not in the index, which has blocks %d to %d",
                display(genesis),
                tip.start_height,
                tip.height,
            )

    def _fetched(self, name: str, wanted: Digest) -> Definition | None:
        for place in (f"{name}/{SIBLING}", name):
            try:
                artifact = self._registry.fetch_artifact(
                    place, DEFINITION_TAG, DEFINITION_TYPE, DOCUMENT_LIMIT, lambda _: None
                )
                if artifact is not None and Digest.of(artifact.data) == wanted:
                    return Definition.parse(artifact.data)
            except (RegistryError, EncodingError) as error:
                _log.info("no definition of %s at %s: %s", name, place, error)
        return None
