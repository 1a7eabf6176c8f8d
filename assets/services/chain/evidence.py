"""Use cases: the evidence for a repository's lineage, made from an index, and an index of one repository made from it.

Evidence needs no trust. Whoever has a node, even a pruned one without an index of transactions, proves every step
against its headers, and asks it whether the title's coin is still there.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from assets.errors import IndexStateError, NotFoundError, RegistryError, RegistryUnavailableError
from assets.images.digest import Digest
from assets.images.evidence import MAX_EVIDENCE, Evidence, EvidenceStep, parse_evidence
from assets.index.branches import step_of
from assets.index.evidence import changes_of, prove
from assets.index.image_index import ChainSource
from assets.index.reader import IndexReader
from assets.model import GenesisFact
from assets.registry.artifacts import GENESIS_ANNOTATION, NETWORK_ANNOTATION
from assets.registry.media_types import EVIDENCE, EVIDENCE_2
from assets.registry.port import ArtifactSource, RegistryWriter
from assets.remedies import ImageRemedy
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.claims import sibling_of
from assets.store.index_store import IndexStore
from wallet.chain.source import BlockRef, HeaderSource
from wallet.errors import ChainError, ChainUnavailableError, EncodingError
from wallet.hashes import BlockHash, Txid, display
from wallet.network import Network

EVIDENCE_TAG = "dockchains-evidence"
"""The tag under which a registry serves it."""

Progress = Callable[[int, int], None]
"""Called with how many blocks were read, and how many there are to read."""


class EvidenceChain(ChainSource, HeaderSource, Protocol):
    """A node that serves headers as well."""


def make_evidence(
    genesis: Txid, chain: ChainAccess, progress: Progress | None = None, documents: tuple[bytes, ...] = ()
) -> Evidence:
    """The evidence for a repository's lineage as of the index's tip, with the manifests of revoked lists.

    Raises IndexStateError where the index does not know the genesis, ChainError where the node's blocks are gone.
    """
    chain.catch_up()
    with chain.store.snapshot() as reader:
        fact, tip = reader.genesis(genesis), reader.tip()
        if fact is None or tip is None:
            raise IndexStateError(
                f"genesis {display(genesis)} is in no block that the index has read",
                hint="wait for its first block, or " + ImageRemedy.SEE_STATUS.of(),
            )
        heights = _lineage(fact, reader)
    _add_issuing(fact, heights, chain)
    ordered = sorted(heights.items(), key=lambda pair: pair[1])
    steps = []
    for number, (txid, height) in enumerate(ordered):
        if progress is not None:
            progress(number, len(ordered))
        steps.append((height, _step(txid, height, chain)))
    steps.sort(key=lambda pair: (pair[0], pair[1].index))
    ordered_steps = tuple(step for _, step in steps)
    return Evidence(steps=ordered_steps, tip=tip.hash, height=tip.height, documents=documents)


def _lineage(fact: GenesisFact, reader: IndexReader) -> dict[Txid, int]:
    """Every transaction of the title's lineage with its block's height, and the ancestors of units spent with it."""
    placed: dict[Txid, int] = {}
    parents: dict[Txid, set[Txid]] = {}
    for movement in reader.movements_of(fact.txid):
        assert movement.position.height is not None, "the index reads blocks"
        placed[movement.txid] = movement.position.height
        if movement.source is not None:
            parents.setdefault(movement.txid, set()).add(Txid(movement.source.outpoint.hash))
    waiting = [movement.txid for movement in reader.title_movements(fact.txid)]
    found: dict[Txid, int] = {}
    while waiting:
        txid = waiting.pop()
        if txid not in found:
            found[txid] = placed[txid]
            waiting += parents.get(txid, ())
    return found


def _add_issuing(fact: GenesisFact, heights: dict[Txid, int], chain: ChainAccess) -> None:
    """The transaction that made the issuing coin: its script says who signed the genesis."""
    txid = Txid(fact.genesis_input.hash)
    found = chain.source.transaction(txid)
    if found is None or found.block is None:
        raise ChainError(f"the node does not have {display(txid)}", hint="try again: the chain changed meanwhile")
    heights[txid] = found.block.height


def _step(txid: Txid, height: int, chain: ChainAccess) -> EvidenceStep:
    for _, raw in chain.source.blocks(height, height):
        return step_of(raw, txid)
    raise ChainError(f"the node does not have block {height}", hint="try again: the chain changed meanwhile")


def publish_evidence(
    name: str, genesis: Txid, evidence: Evidence, registry: RegistryWriter, network: Network
) -> Digest:
    """Puts evidence beside a repository's images; the digest of its manifest. Raises RegistryError."""
    annotations = {GENESIS_ANNOTATION: display(genesis), NETWORK_ANNOTATION: display(network.genesis)}
    kind, other = (EVIDENCE_2, EVIDENCE) if evidence.documents else (EVIDENCE, EVIDENCE_2)
    return registry.push_artifact(name, EVIDENCE_TAG, kind, evidence.serialize(), annotations, replaces=(other,))


def fetch_evidence(name: str, registry: ArtifactSource, note: Callable[[str], None]) -> Evidence:
    """The evidence that a registry serves for a name, or for its public sibling.

    Raises NotFoundError where there is none, RegistryError, EncodingError.
    """
    for place in (name, sibling_of(name)):
        artifact = registry.fetch_artifact(place, EVIDENCE_TAG, EVIDENCE_2, MAX_EVIDENCE, lambda _: None)
        artifact = artifact or registry.fetch_artifact(place, EVIDENCE_TAG, EVIDENCE, MAX_EVIDENCE, note)
        if artifact is not None:
            return parse_evidence(artifact.data)
    raise NotFoundError(
        f"the registry holds no evidence for {name}",
        hint=ImageRemedy.ASK_FOR_EVIDENCE.of(),
    )


OpenedStore = Callable[[], AbstractContextManager[IndexStore]]
"""Opens an empty index for as long as a `with` block lasts."""


@contextmanager
def evidence_access(
    load: Callable[[], Evidence],
    network: Network,
    source: EvidenceChain,
    clock: Callable[[], int],
    opened: OpenedStore,
) -> Iterator[ChainAccess]:
    """An index of one repository for as long as the `with` block lasts, made anew whenever the node's chain changed.

    `load` is asked for the evidence once, when the index is first brought up to date. Until then, and where the
    evidence proves nothing on this chain (IndexStateError, ChainError), the index knows nothing.
    """
    with opened() as store:
        made = _EvidenceIndex(load, source, store)
        yield ChainAccess(
            network=network,
            source=source,
            store=store,
            catch_up=made.catch_up,
            clock=clock,
            only=lambda: made.genesis,
            document=made.document,
        )


class _EvidenceIndex:
    """What `evidence_access` keeps between two looks at the chain."""

    def __init__(self, load: Callable[[], Evidence], source: EvidenceChain, store: IndexStore) -> None:
        self.store = store
        self.genesis: Txid | None = None
        self._load = load
        self._source = source
        self._evidence: Evidence | None = None
        self._documents: dict[Digest, bytes] = {}
        self._tip: BlockHash | None = None

    def document(self, digest: Digest) -> bytes | None:
        """A manifest that the evidence carries."""
        return self._documents.get(digest)

    def catch_up(self) -> None:
        """Proves the evidence against the node's present chain, and fills the store from it."""
        if self._evidence is None:
            self._evidence = self._load()
            self._documents = {Digest.of(one): one for one in self._evidence.documents}
        tip = self._source.tip()
        if tip.hash != self._tip:
            changes = changes_of(prove(self._evidence, self._source.header), BlockRef(tip.height, tip.hash))
            genesis = changes.geneses[0]
            assert genesis.position.height is not None, "evidence is of blocks"
            self.store.begin(genesis.position.height)
            self.store.connect(changes)
            self.genesis, self._tip = genesis.txid, tip.hash
        self._require_present(self._evidence)

    def _require_present(self, evidence: Evidence) -> None:
        """Evidence that ends before the title's last move says nothing of what came after it."""
        assert self.genesis is not None, "the store is filled"
        with self.store.snapshot() as reader:
            title = reader.title(self.genesis)
        if title is not None and self._source.unspent(title.outpoint).txout is None:
            raise IndexStateError(
                f"the evidence ends at block {evidence.height}, and the title has moved since then",
                hint="fetch newer evidence, or " + ImageRemedy.SYNC_INSTEAD.of(),
            )


def loaded(fetch: Callable[[], Evidence]) -> Evidence:
    """Evidence from a registry, whose troubles become those of an index.

    Raises ChainUnavailableError where the registry cannot be reached, IndexStateError where it serves none that can be
    read.
    """
    try:
        return fetch()
    except RegistryUnavailableError as error:
        raise ChainUnavailableError(str(error), hint=error.advice) from error
    except (RegistryError, EncodingError) as error:
        raise IndexStateError(str(error), hint=error.advice) from error
