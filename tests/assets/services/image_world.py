"""Publishers, a registry and an index on a chain in memory, and a consumer who asks about images.

Nothing is signed: the chain in memory checks no signature, and witnesses only have the form that authorship wants.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import CScript

from assets.errors import RegistryError
from assets.images.definition import AssetFields, Claim, Definition
from assets.images.digest import Digest
from assets.images.pin import Pin, Pins
from assets.images.record import Define, Genesis, RecordName, Release, Revoke, RevokeReason
from assets.images.reference import ImageReference
from assets.images.tag import Tags
from assets.images.verdict import Verdict
from assets.index.image_index import sync
from assets.model import GenesisFact
from assets.protocols.open_assets.address import asset_id_text
from assets.protocols.open_assets.rule import asset_id_of
from assets.registry.fake import FakeRegistry
from assets.registry.port import ResolvedManifest
from assets.services.chain.chain_access import ChainAccess
from assets.services.owning.publishing import publish_definition
from assets.services.trust.verifying import Answer, Question, verify
from assets.store.document_store import DocumentStore
from assets.store.index_store import IndexStore
from tests.assets.index.harness import out, spend
from tests.builders import NAME, marker, pay, script
from wallet.chain.fake import FakeChain
from wallet.hashes import Txid, txid_of
from wallet.network import REGTEST, Network


class WatchedRegistry(FakeRegistry):
    """Remembers which manifests it was asked for; `refusal` is what it answers with, if anything."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.refusal: RegistryError | None = None

    def manifest(self, name: str, selector: Digest | str) -> ResolvedManifest:
        """As every registry, and written down."""
        self.asked.append(str(selector))
        if self.refusal is not None:
            raise self.refusal
        return super().manifest(name, selector)


@dataclass
class Repository:
    """A repository as its owner has it. Every act is a transaction in the mempool until a block is mined."""

    world: "World"
    name: str
    owner: str
    definition: Definition
    genesis: CTransaction
    title: COutPoint

    @property
    def txid(self) -> Txid:
        """What the repository is."""
        return txid_of(self.genesis)

    @property
    def fact(self) -> GenesisFact:
        """What the index says of the genesis."""
        self.world.catch_up()
        with self.world.store.snapshot() as reader:
            fact = reader.genesis(self.txid)
        assert fact is not None
        return fact

    def pin(self, *owners: str) -> Pin:
        """A pin taken now, for these owners or the present one."""
        fact = self.fact
        assert fact.position.height is not None
        assert fact.block is not None
        return Pin(
            name=self.name,
            network=REGTEST.genesis,
            genesis=self.txid,
            owners=tuple(script(owner) for owner in owners or (self.owner,)),
            height=fact.position.height,
            block=fact.block,
        )

    def pins(self, *owners: str) -> Pins:
        """A pins file with that pin alone."""
        return Pins(pins=(self.pin(*owners),))

    def act(self, record: bytes = b"", *, to: str | None = None) -> "Repository":
        """Moves the title with a record, or to another owner."""
        holder = self.owner if to is None else to
        tx = spend([self.title], [marker([1], record), pay(holder, 9_000), pay("change")])
        self.world.chain.broadcast(tx)
        self.owner, self.title = holder, out(tx, 1)
        return self

    def release(self, digest: Digest, *tags: str, final: bool = False) -> "Repository":
        """Binds a digest to tags."""
        return self.act(Release(digest=digest, tags=Tags.of(*tags), final=final).serialize())

    def revoke(self, digest: Digest, *, alone: bool = False) -> "Repository":
        """Takes a digest back."""
        return self.act(Revoke(digest=digest, reason=RevokeReason.BROKEN, alone=alone).serialize())

    def rename(self, name: str) -> "Repository":
        """A DEFINE with another name."""
        return self.act(Define(definition=b"\xee" * 32, name=RecordName.of(name)).serialize())

    def hand_over(self, to: str) -> "Repository":
        """The title to somebody else."""
        return self.act(to=to)

    def lose(self) -> "Repository":
        """A plain payment spends the title: no marker tells of it."""
        self.world.chain.broadcast(spend([self.title], [pay("anybody", 9_000)]))
        return self

    def burn(self) -> "Repository":
        """A marker that leaves the title's unit out ends it where everybody sees it."""
        self.world.chain.broadcast(spend([self.title], [marker([]), pay(self.owner, 9_000)]))
        return self


@dataclass
class World:
    """One chain, one registry, and the consumer's index and manifests."""

    folder: Path
    network: Network = REGTEST
    chain: FakeChain = field(default_factory=FakeChain)
    registry: WatchedRegistry = field(default_factory=WatchedRegistry)
    index_start: int = 0
    late: int = 600
    """Seconds between the last block and the consumer's clock."""

    def __post_init__(self) -> None:
        self.store = IndexStore(self.folder / "index.db", REGTEST, lock_wait=0.2)
        self.manifests = self.folder / "manifests"

    @property
    def access(self) -> ChainAccess:
        """Node and index."""
        return ChainAccess(
            network=self.network,
            source=self.chain,
            store=self.store,
            catch_up=self.catch_up,
            clock=lambda: self.chain.tip().time + self.late,
        )

    def catch_up(self) -> None:
        """Brings the index to the tip."""
        sync(self.chain, self.store, start_height=self.index_start)

    def publish(
        self,
        name: str = NAME,
        *,
        owner: str = "owner",
        issuer: str = "issuer",
        claims: str | None = None,
        push: bool = True,
        mine: bool = True,
    ) -> Repository:
        """A genesis, in a block unless told otherwise; its definition names `claims` and goes to the registry."""
        coin = self.chain.fund(script(issuer), 100_000)
        asset = asset_id_of(CScript(script(issuer)))
        definition = Definition.build(
            AssetFields(
                asset_id=asset_id_text(asset, REGTEST),
                name_short="app",
                name=claims or name,
                issuer="Acme Ltd",
                description="",
            ),
            Claim(network=REGTEST.genesis, challenge=None, asset=asset, genesis_input=coin, name=claims or name),
        )
        record = Genesis(definition=definition.hash, name=RecordName.of(name)).serialize()
        outputs = [pay(owner, 10_000), pay(owner, 330), marker([1, 1_000_000], record), pay("change")]
        tx = spend([coin], outputs)
        self.chain.broadcast(tx)
        made = Repository(self, name, owner, definition, tx, out(tx, 0))
        if mine:
            self.chain.mine()
        if push:
            self.push_definition(made, claims or name)
        return made

    def push_definition(self, repository: Repository, name: str) -> None:
        """Places a definition under the tag `dockchains` of any name, as whoever may push could."""
        publish_definition(name, repository.txid, repository.definition.document, self.registry, REGTEST)

    def ask(
        self,
        reference: str,
        pins: Pins | None = None,
        *,
        lock: Pins | None = None,
        genesis: Txid | None = None,
        confirmations: int = 1,
        allow: frozenset[Verdict] = frozenset(),
        platform: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Answer:
        """What verifying answers."""
        question = Question(
            reference=ImageReference.parse(reference),
            pins=pins or Pins(),
            lock=lock,
            genesis=genesis,
            confirmations=confirmations,
            allow=allow,
            platform=platform,
        )
        return verify(question, self.access, self.registry, DocumentStore(self.manifests), progress)
