"""The program's own code, asked about a story. Beside it only `handing_out.py` and `lineage_chains.py` know it.

The real path, without a node: transactions from their bytes, movements as the index makes them, the mempool's lineage
as it is followed, the fold, and `verify` with the manifests of a registry in memory. Only the stores of the index and
the node behind it are dictionaries here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from bitcoin.core import COutPoint, CTransaction, CTxOut, Hash160
from bitcoin.core.script import CScript

from assets.errors import RegistryError
from assets.images.digest import Digest
from assets.images.pin import Pins
from assets.images.reference import ImageReference
from assets.images.repository import RepositoryState
from assets.images.tag import parse_tag
from assets.images.verdict import Verdict
from assets.index.movements import HeldUnits, effect_of
from assets.index.reader import IndexTip
from assets.model import GenesisFact, Holding, Movement, Position
from assets.protocols.open_assets import rule
from assets.protocols.open_assets.marker import resembles_marker
from assets.registry import oci
from assets.registry.artifacts import artifact_manifest, descriptor_document, document_bytes
from assets.registry.checked import CheckedRegistry
from assets.registry.media_types import MANIFESTS_ARTIFACT, OCI_INDEX, OCI_MANIFEST
from assets.registry.oci import ContentDescriptor
from assets.registry.port import ManifestAnswer, ResolvedManifest
from assets.registry.refusals import not_found
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import read_lineage
from assets.services.trust.verifying import Answer, Question, verify
from tests.campaign.lineage_stories import NAME, Sent, Story
from wallet.chain.source import BlockRef, CoinAnswer, FoundTransaction, Tip
from wallet.hashes import BlockHash, Txid
from wallet.network import REGTEST

REPOSITORY = NAME.decode()
MOST_KNOWN = 500
# One issuing script is hashed for each of a million geneses, by a RIPEMD-160 in Python: it is remembered.
setattr(rule, "Hash160", lru_cache(Hash160))  # noqa: B010 (a module's name, whatever its type)
# Several stories in a row are about the same documents, and each is read again and again.
setattr(oci, "_top_level", lru_cache(MOST_KNOWN)(oci._top_level))  # noqa: B010
_ALLOWED = frozenset({Verdict.NEW_OWNER})
_NO_PINS = Pins()


class Counted(NamedTuple):
    """What the fold counts, in hex: for comparing before any verdict is asked for."""

    records: tuple[str, ...]
    bound: dict[str, str]
    frozen: bool
    owner: str


class Product:
    """One story as the program sees it."""

    def __init__(self, story: Story, chain: ChainAccess | None = None) -> None:
        """`chain` has the story, where it is not to be told in dictionaries."""
        self._story = story
        self.registry = _Registry(_Shelf(story))  # type: ignore[arg-type]
        self._cache = _Cache()
        self.chain = chain or _in_dictionaries(story)
        self.genesis = Txid(bytes.fromhex(story.genesis)[::-1])
        self.answer: Answer | None = None
        self._seen: tuple[RepositoryState, bool] | None = None

    def counted(self) -> Counted:
        """What counts, from the lineage that a verdict was given on, or from one that is read for it."""
        state, frozen = self._seen or self._read()
        return Counted(
            records=tuple(step.txid[::-1].hex() for step in state.history if step.counted is not None),
            bound={one.key.hex(): one.digest.hex for one in state.tags()},
            frozen=frozen,
            owner=bytes(state.present.script).hex(),
        )

    def _read(self) -> tuple[RepositoryState, bool]:
        lineage = read_lineage(self.chain, self.genesis, confirmations=self._story.confirmations)
        assert lineage is not None, "the story has a genesis"
        return lineage.state, lineage.state.frozen or lineage.lost

    def verdict(self, tag: str | None, digest: str) -> str:
        """The verdict's word, or `refused` where the question ends in a documented error. `answer` is kept."""
        self.answer = None
        reference = ImageReference(
            name=REPOSITORY, tag=None if tag is None else parse_tag(tag), digest=Digest(bytes.fromhex(digest))
        )
        question = Question(
            reference=reference,
            pins=_NO_PINS,
            lock=None,
            genesis=self.genesis,
            confirmations=self._story.confirmations,
            allow=_ALLOWED,
        )
        try:
            self.answer = answer = verify(question, self.chain, self.registry, self._cache)
        except RegistryError:
            return "refused"
        if answer.state is not None:
            findings = answer.judgement.findings
            self._seen = answer.state, any(one.verdict is Verdict.FROZEN for one in findings)
        return answer.judgement.verdict.word


def _in_dictionaries(story: Story) -> ChainAccess:
    world = _World(story)
    return ChainAccess(
        network=REGTEST,
        source=world,  # type: ignore[arg-type]
        store=world,  # type: ignore[arg-type]
        catch_up=lambda: None,
        clock=lambda: 0,
    )


class _Read(CTransaction):  # type: ignore[misc]
    """A transaction that was hashed when it was written: the program asks for its txid again and again.

    That the bytes have this txid the judge works out for itself.
    """

    __slots__ = ("_txid",)

    @classmethod
    def of(cls, sent: Sent) -> "_Read":
        """From its bytes."""
        read: _Read = cls.deserialize(sent.raw)
        object.__setattr__(read, "_txid", bytes.fromhex(sent.txid)[::-1])
        return read

    def GetTxid(self) -> bytes:  # noqa: N802 (the library's name)
        return bytes(self._txid)


class _Cache:
    """Documents in memory."""

    def __init__(self) -> None:
        self._kept: dict[Digest, bytes] = {}

    def load(self, digest: Digest) -> bytes | None:
        return self._kept.get(digest)

    def save(self, data: bytes) -> Digest:
        digest = Digest.of(data)
        self._kept[digest] = data
        return digest


class _World:
    """Node and index in one: both know exactly the story."""

    def __init__(self, story: Story) -> None:
        self._tip = story.tip
        self._funding = story.funding
        self._found: dict[bytes, FoundTransaction] = {}
        self._spenders: dict[tuple[bytes, int], CTransaction] = {}
        self._spent: set[tuple[bytes, int]] = set()
        self._units: dict[tuple[bytes, int], HeldUnits] = {}
        self._facts: dict[bytes, GenesisFact] = {}
        self._moves: dict[bytes, list[Movement]] = {}
        for number, one in enumerate(story.sent):
            tx = _Read.of(one)
            txid = tx.GetTxid()
            block = None if one.height is None else BlockRef(one.height, _hash(one.height))
            self._found[txid] = FoundTransaction(tx=tx, block=block)
            for txin in tx.vin:
                coin = txin.prevout.hash, txin.prevout.n
                if block is None:
                    self._spenders[coin] = tx
                else:
                    self._spent.add(coin)
            if block is not None and any(resembles_marker(out.scriptPubKey) for out in tx.vout):
                self._connect(tx, Position(height=one.height, index=number), block)

    def _connect(self, tx: CTransaction, position: Position, block: BlockRef) -> None:
        spent = tuple(self._units.get((txin.prevout.hash, txin.prevout.n)) for txin in tx.vin)
        effect = effect_of(tx, position=position, block=block.hash, spent=spent, spent_script=self._script)
        if effect is None:
            return
        for outpoint in effect.spent:
            self._units.pop((outpoint.hash, outpoint.n), None)
        for held in effect.created:
            self._units[held[0].outpoint.hash, held[0].outpoint.n] = held
        if effect.genesis is not None:
            self._facts[effect.genesis.txid] = effect.genesis
        for movement in effect.movements:
            if movement.title:
                self._moves.setdefault(movement.genesis, []).append(movement)

    def _script(self, outpoint: COutPoint) -> CScript:
        known = self._funding.get((outpoint.hash[::-1].hex(), outpoint.n))
        return CScript(known) if known is not None else self._found[outpoint.hash].tx.vout[outpoint.n].scriptPubKey

    # The node

    def tip(self) -> Any:
        """Both ports ask: the index' answer has all that the node's has."""
        return _Tip(self._tip)

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        return self._found.get(txid) or _funding(self._funding.get((txid[::-1].hex(), 0)))

    def unspent(self, outpoint: COutPoint) -> CoinAnswer:
        coin = outpoint.hash, outpoint.n
        found = self._found.get(outpoint.hash)
        there = found is not None and found.block is not None and coin not in self._spent
        return CoinAnswer(
            txout=found.tx.vout[outpoint.n] if there and found is not None else None, tip=_hash(self._tip)
        )

    def spender(self, outpoint: COutPoint) -> CTransaction | None:
        return self._spenders.get((outpoint.hash, outpoint.n))

    # The index

    @contextmanager
    def snapshot(self) -> Iterator["_World"]:
        yield self

    def genesis(self, txid: Txid) -> GenesisFact | None:
        return self._facts.get(txid)

    def geneses_named(self, name: str) -> tuple[GenesisFact, ...]:
        return ()

    def geneses_of_asset(self, asset: bytes) -> tuple[GenesisFact, ...]:
        return ()

    def title(self, genesis: Txid) -> Holding | None:
        held = (one for one, units in self._units.values() if units.title and units.genesis == genesis)
        return next(held, None)

    def title_movements(self, genesis: Txid) -> tuple[Movement, ...]:
        return tuple(self._moves.get(genesis, ()))

    def held_units(self, outpoint: COutPoint) -> HeldUnits | None:
        return self._units.get((outpoint.hash, outpoint.n))


class _Tip:
    """A tip as node and index both have it."""

    __slots__ = ("hash", "headers", "height", "start_height", "syncing", "time")

    def __init__(self, height: int) -> None:
        node = Tip(height=height, hash=_hash(height), time=0, headers=height, syncing=False)
        index = IndexTip(height=height, hash=node.hash, start_height=0)
        self.height, self.hash, self.start_height = index.height, index.hash, index.start_height
        self.time, self.headers, self.syncing = node.time, node.headers, node.syncing


def _hash(height: int) -> BlockHash:
    return BlockHash(height.to_bytes(32, "little"))


def _funding(script: bytes | None) -> FoundTransaction | None:
    """What paid for an input from outside of the story; only its output is ever looked at."""
    if script is None:
        return None
    tx = CTransaction([], [CTxOut(1_000, CScript(script))])
    return FoundTransaction(tx=tx, block=BlockRef(1, _hash(1)))


class _Registry(CheckedRegistry):
    """Remembers what a digest was checked and read as: several stories in a row are about the same documents."""

    _known: ClassVar[dict[Digest, ResolvedManifest]] = {}

    def manifest(self, name: str, selector: Digest | str) -> ResolvedManifest:
        if not isinstance(selector, Digest) or selector.hex not in self._wire.served:  # type: ignore[attr-defined]
            return super().manifest(name, selector)
        if selector not in self._known:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[selector] = super().manifest(name, selector)
        return self._known[selector]


class _Shelf:
    """Implements `RegistryWire` as far as reading goes: the documents of a story, and what lies beside some of them."""

    def __init__(self, story: Story) -> None:
        self.served = story.served
        self._beside = story.beside
        self._artifacts: dict[str, ManifestAnswer] = {}
        self._blobs = {one.digest: one.data for originals in story.beside.values() for one in originals}

    def read_manifest(self, name: str, selector: str, limit: int) -> ManifestAnswer:
        kind, colon, hexadecimal = selector.partition(":")
        known = self.served.get(hexadecimal)
        if known is not None:
            return ManifestAnswer(data=known.data, content_type=known.media_type, claimed=selector)
        if not colon and kind.startswith("sha256-") and kind[7:] in self._beside:
            return self._listed(kind[7:])
        if selector in self._artifacts:
            return self._artifacts[selector]
        raise not_found(name, selector, repository_known=True)

    def read_blob(self, name: str, digest: str, limit: int) -> bytes:
        return self._blobs[digest.partition(":")[2]]

    def _listed(self, ciphertext: str) -> ManifestAnswer:
        """The list of referrers of a digest: one `manifests.v1` artifact, as a publisher leaves it."""
        documents = [one.data for one in self._beside[ciphertext]]
        subject = ContentDescriptor(media_type=OCI_MANIFEST, digest=Digest(bytes.fromhex(ciphertext)), size=300)
        manifest = artifact_manifest(MANIFESTS_ARTIFACT, documents, {}, subject=subject)
        digest = Digest.of(manifest)
        self._artifacts[str(digest)] = ManifestAnswer(data=manifest, content_type=OCI_MANIFEST, claimed=str(digest))
        entry = ContentDescriptor(
            media_type=OCI_MANIFEST, digest=digest, size=len(manifest), artifact_type=MANIFESTS_ARTIFACT
        )
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor_document(entry)]}
        return ManifestAnswer(data=document_bytes(index, {}), content_type=OCI_INDEX, claimed="")
