"""The index against a real node, judged by a colouring that shares no code with it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from bitcoin.core import CTransaction, CTxOut
from bitcoin.core.script import CScript

from assets.images.digest import Digest
from assets.images.record import Define, RecordName, Release, Revoke, RevokeReason
from assets.images.tag import Tags
from assets.index.image_index import sync
from assets.index.liveness import Liveness, held
from assets.index.pending import pending, pending_genesis
from assets.model import Authorship, Movement, MovementKind
from assets.store.index_store import IndexStore
from regtest.node import Node
from regtest.plugin import NodeFactory
from tests.assets.index.signing_party import Coin, Signer, coin_of, signed, source_of
from tests.builders import ALL, ANYONECANPAY, NAME, SINGLE, genesis_record, marker
from tests.judge.simple_coloring import Judged, judge_chain
from wallet.chain.bitcoind import Bitcoind
from wallet.hashes import Txid, display, parse_txid, txid_of
from wallet.network import REGTEST

pytestmark = pytest.mark.node

RELEASE = Release(digest=Digest(b"\x11" * 32), tags=Tags.of("1.0", "latest")).serialize()
REVOKE = Revoke(digest=Digest(b"\x11" * 32), reason=RevokeReason.BROKEN).serialize()
DEFINE = Define(definition=b"\xee" * 32, name=RecordName.of("registry.example/acme/renamed")).serialize()
ISSUER, OWNER, BUYER = Signer("issuer"), Signer("owner"), Signer("buyer")


@pytest.fixture(scope="module")
def node(node_factory: NodeFactory) -> Node:
    """A node with mature coins."""
    running = node_factory()
    running.mine(110)
    return running


@pytest.fixture
def source(node: Node) -> Bitcoind:
    """The node behind the ports."""
    return source_of(node)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IndexStore]:
    """An index of its own for each test."""
    made = IndexStore(tmp_path / "index.db", REGTEST)
    yield made
    made.close()


def fund(node: Node, signer: Signer, sats: int = 100_000) -> Coin:
    """A confirmed coin on a key."""
    address = node.rpc("decodescript", bytes(signer.script).hex())["address"]
    raw = node.rpc("getrawtransaction", node.fund(address, sats))
    node.mine()
    tx = CTransaction.deserialize(bytes.fromhex(raw))
    vout = next(number for number, out in enumerate(tx.vout) if out.scriptPubKey == signer.script)
    return coin_of(tx, vout, signer)


def to(signer: Signer, sats: int) -> CTxOut:
    """An output to a key."""
    return CTxOut(sats, signer.script)


def send(node: Node, tx: CTransaction) -> CTransaction:
    """Into the mempool, under the node's own rules."""
    assert node.rpc("sendrawtransaction", tx.serialize().hex()) == display(txid_of(tx))
    return tx


def issue(node: Node, issuer: Signer = ISSUER, owner: Signer = OWNER, units: int = 1_000) -> CTransaction:
    """A genesis in the mempool."""
    coin = fund(node, issuer)
    outputs = [to(owner, 10_000), to(owner, 600), marker([1, units], genesis_record()), to(BUYER, 80_000)]
    return send(node, signed([coin], outputs))


def title_move(title: Coin, metadata: bytes, *, target: Signer | None = None, sighash: int = ALL) -> CTransaction:
    """A record, or a handover, that pays its own fee."""
    return signed([title], [marker([1], metadata), to(target or title.signer, title.value - 200)], sighash)


def test_the_story_of_a_title_on_a_real_chain(node: Node, source: Bitcoind, store: IndexStore) -> None:
    born = issue(node)
    sync(source, store, start_height=0)
    with store.snapshot() as reader:
        assert reader.genesis(txid_of(born)) is None
        waiting = pending_genesis(source, reader, txid_of(born))
        assert waiting is not None
        assert waiting[1][0].authorship is Authorship.AUTHORISED
    node.mine()
    release = send(node, title_move(coin_of(born, 0, OWNER), RELEASE))
    sync(source, store, start_height=0)
    with store.snapshot() as reader:
        assert held(source, reader, coin_of(born, 0, OWNER).outpoint) is Liveness.HELD
        (waiting_release,) = pending(source, reader, txid_of(born))
        assert (waiting_release.attachment, waiting_release.authorship) == (RELEASE, Authorship.AUTHORISED)
    node.mine()
    lifted = title_move(coin_of(release, 1, OWNER), REVOKE, sighash=SINGLE | ANYONECANPAY)
    node.mine_only([lifted.serialize().hex()])
    sync(source, store, start_height=0)
    with store.snapshot() as reader:
        assert [item.authorship for item in reader.title_movements(txid_of(born))] == [
            Authorship.AUTHORISED,
            Authorship.AUTHORISED,
            Authorship.PARTIAL_SIGNATURE,
        ]
        assert held(source, reader, coin_of(release, 1, OWNER).outpoint) is Liveness.FROZEN
        assert held(source, reader, coin_of(lifted, 1, OWNER).outpoint) is Liveness.HELD


def test_a_plain_spend_is_seen_by_the_utxo_set(node: Node, source: Bitcoind, store: IndexStore) -> None:
    born = issue(node)
    node.mine()
    sync(source, store, start_height=0)
    send(node, signed([coin_of(born, 0, OWNER)], [to(BUYER, 9_000)]))
    with store.snapshot() as reader:
        (loss,) = pending(source, reader, txid_of(born))
        assert (loss.kind, loss.title) == (MovementKind.LOSS, True)
        assert held(source, reader, coin_of(born, 0, OWNER).outpoint) is Liveness.HELD
    node.mine()
    sync(source, store, start_height=0)
    with store.snapshot() as reader:
        title = reader.title(txid_of(born))
        assert title is not None
        assert held(source, reader, title.outpoint) is Liveness.FROZEN
        assert held(source, reader, coin_of(born, 1, OWNER).outpoint) is Liveness.HELD


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 6])
def test_reorganisations_of_every_depth_are_followed(
    node: Node, source: Bitcoind, store: IndexStore, depth: int
) -> None:
    born = issue(node, issuer=Signer(f"issuer {depth}"))
    node.mine()
    steps = [born]
    for number in range(depth):
        vout = 1 if number else 0
        steps.append(send(node, title_move(coin_of(steps[-1], vout, OWNER), RELEASE)))
        node.mine()
    sync(source, store, start_height=0)
    replacement = title_move(coin_of(born, 0, OWNER), REVOKE)
    node.reorg(depth, with_transactions=[replacement.serialize().hex()], resurrect=False)
    report = sync(source, store, start_height=0)
    assert (report.disconnected, report.connected) == (depth, depth + 1)
    assert [item.txid for item in report.dropped] == [txid_of(step) for step in steps[1:]]
    with store.snapshot() as reader:
        assert [item.txid for item in reader.title_movements(txid_of(born))] == [
            txid_of(born),
            txid_of(replacement),
        ]
        assert held(source, reader, coin_of(replacement, 1, OWNER).outpoint) is Liveness.HELD
    _agrees(store, judge_chain(node, mempool=False))


def test_the_index_goes_on_after_the_node_was_restarted(node: Node, source: Bitcoind, store: IndexStore) -> None:
    sync(source, store, start_height=0)
    node.restart()
    born = issue(node, issuer=Signer("after restart"))
    node.mine()
    report = sync(source, store, start_height=0)
    assert report.disconnected == 0
    with store.snapshot() as reader:
        assert reader.genesis(txid_of(born)) is not None


class _Chance:
    """Random transactions over everything that the keys hold, valid for the node and careless about colour.

    Coins that were a title or units once are spent more often, so that lineages grow; what becomes of them is chance.
    """

    def __init__(self, node: Node, seed: int) -> None:
        self.random = random.Random(seed)
        self.node = node
        self.signers = [Signer(f"chance {number}") for number in range(4)]
        self.plain = [fund(node, signer, 400_000) for signer in self.signers for _ in range(3)]
        self.titles: list[Coin] = []
        self.units: list[Coin] = []

    def transaction(self) -> CTransaction:
        """A genesis, a record on a title, a split or merge, or anything at all."""
        kind = self.random.choice(["genesis", "record", "record", "record", "record", "move", "move", "chaos"])
        makers = {"genesis": self._genesis, "record": self._record, "move": self._move, "chaos": self._chaos}
        return makers[kind]()

    def _genesis(self) -> CTransaction:
        coin = self._take(self.plain)
        owner = self.random.choice(self.signers)
        amounts = marker([1, self.random.randint(1, 50)], genesis_record())
        outputs = [to(owner, 20_000), to(owner, 5_000), amounts, to(coin.signer, coin.value - 26_000)]
        made = signed([coin], outputs, self._sighash())
        self.titles.append(coin_of(made, 0, owner))
        self.units.append(coin_of(made, 1, owner))
        self.plain.append(coin_of(made, 3, coin.signer))
        return made

    def _record(self) -> CTransaction:
        title = self._take(self.titles or self.plain)
        owner = self.random.choice([title.signer] * 6 + self.signers)
        metadata = self.random.choice([RELEASE, REVOKE, DEFINE, genesis_record(), RELEASE + b",", b"", b"DC\x02"])
        made = signed([title], [marker([1], metadata), to(owner, title.value - 250)], self._sighash())
        self.titles.append(coin_of(made, 1, owner))
        return made

    def _move(self) -> CTransaction:
        lead = self._take(self.units or self.plain)
        coins = [lead]
        if self.units and self.random.random() < 0.4:
            coins.append(self._take(self.units))
        if self.titles and self.random.random() < 0.2:
            coins.insert(self.random.randint(0, 1), self._take(self.titles))
        coins.append(self._take(self.plain))
        quantities = [self.random.choice([1, 1, 2, 5, 9]) for _ in range(self.random.randint(1, 3))]
        owners = [self.random.choice(self.signers) for _ in quantities]
        outputs = [marker(quantities), *(to(owner, 3_000) for owner in owners)]
        made = self._with_change(coins, outputs)
        self.units += [coin_of(made, 1 + number, owner) for number, owner in enumerate(owners)]
        return made

    def _chaos(self) -> CTransaction:
        """Quantities, places and encodings without sense; sometimes no marker at all."""
        pools = [pool for pool in (self.titles, self.units) if pool] or [self.plain]
        coins = [self._take(self.random.choice(pools)), self._take(self.plain)]
        owners = [self.random.choice(self.signers) for _ in range(self.random.randint(1, 3))]
        outputs = [to(owner, 3_000) for owner in owners]
        quantities = [self.random.choice([0, 1, 1, 2, 5]) for _ in range(self.random.randint(1, len(owners) + 2))]
        made = marker(quantities, self.random.choice([b"", RELEASE, genesis_record()]))
        if self.random.random() < 0.2:
            made = CTxOut(0, CScript(bytes(made.scriptPubKey) + b"\x00"))
        if self.random.random() < 0.7:
            outputs.insert(self.random.randint(0, len(outputs)), made)
        tx = self._with_change(coins, outputs)
        for vout, txout in enumerate(tx.vout[:-1]):
            signer = next((signer for signer in self.signers if signer.script == txout.scriptPubKey), None)
            if signer is not None:
                self.units.append(coin_of(tx, vout, signer))
        return tx

    def _with_change(self, coins: list[Coin], outputs: list[CTxOut]) -> CTransaction:
        rest = sum(coin.value for coin in coins) - sum(txout.nValue for txout in outputs) - 1_000
        change = coins[-1].signer
        made = signed(coins, [*outputs, to(change, rest)], self._sighash())
        self.plain.append(coin_of(made, len(made.vout) - 1, change))
        return made

    def _take(self, pool: list[Coin]) -> Coin:
        return pool.pop(self.random.randrange(len(pool)))

    def _sighash(self) -> int:
        return self.random.choice([ALL] * 6 + [ALL | ANYONECANPAY, SINGLE | ANYONECANPAY])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_chain_is_coloured_as_the_judge_colours_it(
    node: Node, source: Bitcoind, store: IndexStore, seed: int
) -> None:
    chance = _Chance(node, seed)
    for _ in range(12):
        node.mine_only([chance.transaction().serialize().hex() for _ in range(8)])
        if chance.random.random() < 0.5:
            sync(source, store, start_height=0)
    sync(source, store, start_height=0)
    judged = judge_chain(node, mempool=False)
    scripts = {bytes(signer.script).hex() for signer in chance.signers}
    repositories = [one for one in judged.repositories.values() if one.issuing_script in scripts]
    assert len(repositories) > 3
    assert sum(len(repository.counted()) - 1 for repository in repositories) > 5
    assert any(repository.frozen for repository in repositories)
    assert any(entry.record and not entry.counts for repository in repositories for entry in repository.history)
    _agrees(store, judged)
    fork = chance.random.randint(1, 6)
    node.reorg(fork, resurrect=False)
    sync(source, store, start_height=0)
    _agrees(store, judge_chain(node, mempool=False))


def _agrees(store: IndexStore, judged: Judged) -> None:
    """Every genesis, every unit, every title and every record, on both sides."""
    with store.snapshot() as reader:
        assert {display(fact.txid) for fact in reader.geneses_named(NAME)} == set(judged.repositories)
        for genesis, repository in judged.repositories.items():
            txid = parse_txid(genesis)
            by_markers = {
                (display(holding.outpoint.hash), holding.outpoint.n): (units.quantity, units.title)
                for holding, units in reader.holdings(txid)
            }
            alive = judged.holdings(genesis)
            assert {coin: by_markers.get(coin) for coin in alive} == {
                coin: (units.quantity, units.title) for coin, units in alive.items()
            }
            assert all(coin in judged.spent for coin in by_markers.keys() - alive.keys())
            counted = [
                (display(item.txid), item.attachment)
                for item in reader.title_movements(txid)
                if item.authorship is Authorship.AUTHORISED and _is_record(item)
            ]
            assert [found for found, _ in counted] == [entry.txid for entry in repository.counted()]
            _title_agrees(reader.title(txid), txid, judged)


def _is_record(movement: Movement) -> bool:
    return movement.kind is MovementKind.GENESIS or movement.attachment in (RELEASE, REVOKE, DEFINE)


def _title_agrees(title: object, genesis: Txid, judged: Judged) -> None:
    repository = judged.repositories[display(genesis)]
    if repository.title is not None:
        assert title is not None
    elif title is not None:
        # A plain spend has no marker; the node's UTXO set says that the coin is gone.
        assert repository.lost_in is not None
