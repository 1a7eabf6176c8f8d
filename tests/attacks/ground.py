"""Where the attacks take place: a real node and a real registry, publishers with keys, consumers with pins.

The tests make and sign their own transactions, since no command makes what an attacker makes. What the product says of
them is compared with the independent judge.
"""

import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bitcoin.core import CTransaction, CTxOut

from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.images.definition import AssetFields, Claim, Definition
from assets.images.digest import Digest
from assets.images.record import Genesis, RecordName, Release
from assets.images.repository import RepositoryState
from assets.images.tag import Tags
from assets.index.image_index import sync
from assets.index.liveness import Liveness, held
from assets.protocols.open_assets.address import asset_id_text
from assets.protocols.open_assets.rule import asset_id_of
from assets.protocols.table import RULE
from assets.registry.client import RegistryClient
from assets.services.chain.chain_access import ChainAccess
from assets.services.chain.lineage import read_lineage
from assets.services.owning.publishing import publish_definition
from assets.store.index_store import IndexStore
from regtest.errors import RpcFailure
from regtest.node import Node
from regtest.registry import Registry
from tests.assets.index.signing_party import Coin, Signer, coin_of, signed, source_of
from tests.assets.registry.images import image, push_image
from tests.attacks.person import Houses, Person
from tests.builders import ALL, marker
from tests.judge.simple_coloring import Judged, Repository, Units, judge_chain
from tests.judge.simple_transaction import transaction_from_hex
from tui.bootstrap import House
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.source import FoundTransaction, Tip
from wallet.hashes import BlockHash, Txid, display, txid_of
from wallet.network import REGTEST

FEE = 300
PURSE = Signer("purse")


def to(signer: Signer, sats: int) -> CTxOut:
    """An output to a key."""
    return CTxOut(sats, signer.script)


def title_move(
    title: Coin, metadata: bytes = b"", *, target: Signer | None = None, sighash: int = ALL, more: Sequence[Coin] = ()
) -> CTransaction:
    """The canonical move of a title, which pays its own fee; `more` coins come behind it and go to the fee."""
    outputs = [marker([1], metadata), to(target or title.signer, title.value - FEE)]
    return signed([title, *more], outputs, sighash)


@dataclass
class Publication:
    """A repository as its publisher has it: its genesis and definition, the newest title coin, and what it released."""

    name: str
    owner: Signer
    issuer: Signer
    genesis: CTransaction
    document: bytes
    title: Coin
    treasury: Coin
    released: dict[str, Digest] = field(default_factory=dict)

    @property
    def txid(self) -> Txid:
        """What the repository is."""
        return txid_of(self.genesis)

    def moved(self, tx: CTransaction, vout: int = 1) -> CTransaction:
        """Remembers the title's new coin on the owner's own script."""
        self.title = coin_of(tx, vout, self.owner)
        return tx

    def __getitem__(self, tag: str) -> str:
        """`name:tag`."""
        return f"{self.name}:{tag}"


class Ground:
    """One chain and one registry, shared by the tests of a module; each test has a repository of its own."""

    def __init__(self, node: Node, registry: Registry, client: RegistryClient, folder: Path) -> None:
        self.node = node
        self.registry = registry
        self.client = client
        self.source: Bitcoind = source_of(node)
        self._folder = folder
        self._store = IndexStore(folder / "ground.db", REGTEST)
        self._judged = Judged()
        self._judged_to = -1
        self._judged_tip = ""
        self._purse: Coin | None = None

    def close(self) -> None:
        """Close what reads the node."""
        self._store.close()
        self.source.close()

    @cached_property
    def consumer(self) -> Person:
        """Somebody who pins what they use."""
        return self.person("consumer")

    def person(self, name: str, *, houses: Houses = House, node: Node | None = None, **settings: str) -> Person:
        """A person with a new home. `settings` are environment variables, without their prefix."""
        home = self._folder / name
        home.mkdir(mode=0o700)
        named = {f"DOCKCHAINS_{key.upper()}": value for key, value in settings.items()}
        return Person(name=name, home=home, node=node or self.node, houses=houses, settings=named)

    def name(self, path: str) -> str:
        """The canonical name of a repository in the registry."""
        return f"{self.registry.host}/{path}"

    # The chain.

    def coin(self, signer: Signer, sats: int = 100_000) -> Coin:
        """An uncoloured coin on a key, in the mempool."""
        if self._purse is None or self._purse.value < sats + 2 * FEE:
            self._fill_purse()
        assert self._purse is not None
        tx = signed([self._purse], [to(signer, sats), to(PURSE, self._purse.value - sats - FEE)])
        self.send(tx)
        self._purse = coin_of(tx, 1, PURSE)
        return coin_of(tx, 0, signer)

    def _fill_purse(self) -> None:
        address = self.node.rpc("decodescript", bytes(PURSE.script).hex())["address"]
        raw = self.node.rpc("getrawtransaction", self.node.fund(address, 10_00000000))
        tx = CTransaction.deserialize(bytes.fromhex(raw))
        vout = next(number for number, out in enumerate(tx.vout) if out.scriptPubKey == PURSE.script)
        self._purse = coin_of(tx, vout, PURSE)

    def send(self, *txs: CTransaction) -> None:
        """Into the mempool, under the node's own rules."""
        for tx in txs:
            assert self.node.rpc("sendrawtransaction", tx.serialize().hex()) == display(txid_of(tx))

    def mine(self, *txs: CTransaction) -> None:
        """Into the mempool and a block, with all that waits there."""
        self.send(*txs)
        self.node.mine()

    def force(self, *txs: CTransaction) -> None:
        """Into a block past the node's policy, as a miner would; what waits in the mempool gets a block before."""
        if self.node.rpc("getrawmempool"):
            self.node.mine()
        self.node.mine_only([tx.serialize().hex() for tx in txs])

    def mine_any(self, tx: CTransaction) -> None:
        """Into a block, through the mempool where the policy lets it."""
        try:
            self.mine(tx)
        except RpcFailure:
            self.force(tx)

    # Publishers.

    def genesis(
        self, name: str, issuing: Coin, owner: Signer, *, units: int = 1_000, document: bytes | None = None
    ) -> Publication:
        """A genesis that is signed and not sent. `document` is a definition to claim in place of a right one."""
        document = document or definition_of(name, issuing).document
        record = Genesis(definition=Digest.of(document).raw, name=RecordName.of(name)).serialize()
        outputs = [to(owner, 10_000), to(owner, 600), marker([1, units], record)]
        tx = signed([issuing], [*outputs, to(issuing_change(issuing), issuing.value - 10_600 - FEE)])
        return Publication(
            name=name,
            owner=owner,
            issuer=issuing.signer,
            genesis=tx,
            document=document,
            title=coin_of(tx, 0, owner),
            treasury=coin_of(tx, 1, owner),
        )

    def issue(self, path: str, *, units: int = 1_000, publish: bool = True) -> Publication:
        """A repository in a block, its definition in the registry."""
        name = self.name(path)
        made = self.genesis(name, self.coin(Signer(f"issuer of {path}")), Signer(f"owner of {path}"), units=units)
        self.mine(made.genesis)
        if publish:
            self.publish(made)
        return made

    def publish(self, made: Publication, name: str | None = None, document: bytes | None = None) -> None:
        """Put a definition under the tag `dockchains`, as whoever may push can."""
        publish_definition(name or made.name, made.txid, document or made.document, self.client, REGTEST)

    def push(self, name: str, tag: str, seed: str) -> Digest:
        """Push an image of one platform, as whoever may push can."""
        return push_image(self.client, name, image(seed), tag)

    def delete(self, name: str, digest: Digest) -> None:
        """Delete a manifest and its tags in the registry, as whoever may delete can."""
        url = f"{self.registry.url}/v2/{name.partition('/')[2]}/manifests/{digest}"
        with urllib.request.urlopen(urllib.request.Request(url, method="DELETE")) as answer:
            assert answer.status == 202

    def release(self, made: Publication, *tags: str, seed: str | None = None, mine: bool = True) -> Digest:
        """Push an image and bind it to tags, as the owner does."""
        one = image(seed or f"{made.name} {tags[0]} {display(made.txid)}")
        for tag in tags:
            push_image(self.client, made.name, one, tag)
        record = Release(digest=one.digest, tags=Tags.of(*tags)).serialize()
        self.send(made.moved(title_move(made.title, record)))
        made.released.update(dict.fromkeys(tags, one.digest))
        if mine:
            self.node.mine()
        return one.digest

    def victim(self, path: str, *, units: int = 1_000) -> Publication:
        """A repository with a settled release of `1.0`, which the consumer has pinned."""
        made = self.issue(path, units=units)
        self.release(made, "1.0")
        assert self.consumer.pin(made.name) == display(made.txid)
        return made

    # What the product and the judge say.

    @property
    def chain(self) -> ChainAccess:
        """The ground's own node and index."""
        return ChainAccess(
            network=REGTEST,
            source=self.source,
            store=self._store,
            catch_up=lambda: sync(self.source, self._store, start_height=0),
            clock=lambda: int(time.time()),
        )

    def walker(self) -> ColorWalker:
        """The backward walk over the real node."""
        return ColorWalker(RULE, self.source, MemoryCache())

    def judged(self) -> Judged:
        """The judge's word on every block."""
        height = self._judged_to
        if height > self.node.height() or (height >= 0 and self.node.rpc("getblockhash", height) != self._judged_tip):
            self._judged, self._judged_to = Judged(), -1
        while self._judged_to < self.node.height():
            self._judged_to += 1
            block = self.node.rpc("getblock", self.node.rpc("getblockhash", self._judged_to), 2)
            self._judged_tip = block["hash"]
            for entry in block["tx"]:
                self._judged.add(transaction_from_hex(entry["hex"]), self._judged_to)
        return self._judged

    def agreed(self, genesis: Txid, waiting: Judged | None = None) -> Repository:
        """What the judge says of a repository, after the index and the node's coins said the same.

        The mempool belongs to the state of a repository, and not to who holds its units. `waiting` is the judge's word
        on chain and mempool, where it was asked already.
        """
        self.chain.catch_up()
        if waiting is None:
            waiting = judge_chain(self.node) if self.node.rpc("getrawmempool") else self.judged()
        repository = waiting.repositories[display(genesis)]
        lineage = read_lineage(self.chain, genesis, confirmations=1)
        assert lineage is not None
        _same_state(lineage.state, repository, lost=lineage.lost)
        assert self.units(genesis) == self.judged().holdings(display(genesis))
        return repository

    def units(self, genesis: Txid) -> dict[tuple[str, int], Units]:
        """The coins that hold units of a repository by the index, and that the node still has."""
        with self._store.snapshot() as reader:
            return {
                (display(holding.outpoint.hash), holding.outpoint.n): Units(display(genesis), one.quantity, one.title)
                for holding, one in reader.holdings(genesis)
                if held(self.source, reader, holding.outpoint) is Liveness.HELD
            }


def _same_state(state: RepositoryState, repository: Repository, *, lost: bool) -> None:
    assert {one.key.hex(): one.digest.hex for one in state.tags()} == repository.bound(state.settled_height)
    assert {one.digest.hex for one in state.revocations} == repository.revoked()
    assert (state.frozen or lost) == repository.frozen
    assert state.present.script.hex() == repository.owner
    counted = [display(step.txid) for step in state.history if step.counted is not None]
    assert counted == [entry.txid for entry in repository.counted()]


def issuing_change(issuing: Coin) -> Signer:
    """Who gets what a genesis leaves over; never the issuing script again."""
    return Signer(f"change of {issuing.signer.name}")


def definition_of(name: str, issuing: Coin) -> Definition:
    """The right definition of a genesis that spends a coin."""
    asset = asset_id_of(issuing.signer.script)
    return Definition.build(
        AssetFields(
            asset_id=asset_id_text(asset, REGTEST), name_short="app", name="App", issuer="Acme", description="An app"
        ),
        Claim(
            network=REGTEST.genesis,
            challenge=None,
            asset=asset,
            genesis_input=issuing.outpoint,
            name=name,
        ),
    )


class CountingSource:
    """The real node's transactions, and how often each was asked for."""

    def __init__(self, source: Bitcoind) -> None:
        self._source = source
        self.times: Counter[Txid] = Counter()

    def transaction(self, txid: Txid) -> FoundTransaction | None:
        """As the node answers."""
        self.times[txid] += 1
        return self._source.transaction(txid)

    def block_hash(self, height: int) -> BlockHash | None:
        """As the node answers."""
        return self._source.block_hash(height)

    def tip(self) -> Tip:
        """As the node answers."""
        return self._source.tip()
