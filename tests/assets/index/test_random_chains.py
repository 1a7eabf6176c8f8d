"""Random chains in memory: the index equals the judge, and following reorganisations equals reading anew."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut
from bitcoin.core.script import CScript

from assets.images.digest import Digest
from assets.images.record import Release
from assets.images.tag import Tags
from assets.index.image_index import sync
from assets.model import Authorship, Movement, MovementKind
from assets.store.index_snapshot import IndexSnapshot
from assets.store.index_store import IndexStore
from tests.assets.index.harness import REVOKE, define, spend
from tests.builders import (
    ALL,
    ANYONECANPAY,
    NAME,
    SINGLE,
    der_signature,
    genesis_record,
    marker,
    p2pkh,
    p2tr,
    p2wsh,
    script,
    segwit,
)
from tests.judge.simple_coloring import Judged
from tests.judge.simple_transaction import transaction_from_hex
from wallet.chain.fake import FakeChain
from wallet.hashes import Txid, display, parse_txid, txid_of
from wallet.network import REGTEST

RELEASE = Release(digest=Digest(b"\x22" * 32), tags=Tags.of("2.0")).serialize()
COUNTING = (RELEASE, REVOKE, define("registry.example/acme/renamed"))
SCRIPTS = (script("a"), script("b"), p2tr("c"), p2wsh(b"\x51"), p2pkh("d"))


class _Chance:
    """A chain in memory, filled with transactions that are mostly nearly right."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.chain = FakeChain()
        self.plain = [self.chain.fund(self.random.choice(SCRIPTS[:4]), 50_000) for _ in range(14)]
        self.titles: list[COutPoint] = []
        self.colored: list[COutPoint] = []
        self.made: dict[Txid, CTransaction] = {}

    def block(self) -> None:
        """A block of up to eight transactions; later ones may spend earlier ones."""
        made = [self._transaction() for _ in range(self.random.randint(0, 8))]
        self.chain.mine(*made) if made else self.chain.mine_empty()

    def reorganise(self) -> None:
        """Replace a few blocks by empty ones, and forget the coins that went with them."""
        depth = self.random.randint(1, min(6, self.chain.tip().height - 16))
        self.chain.reorg(depth, resurrect=False)
        self.plain = [coin for coin in self.plain if self._alive(coin)]
        self.titles = [coin for coin in self.titles if self._alive(coin)]
        self.colored = [coin for coin in self.colored if self._alive(coin)]
        self.plain += [self.chain.fund(self.random.choice(SCRIPTS), 50_000)]

    def _alive(self, coin: COutPoint) -> bool:
        return self.chain.unspent(coin).txout is not None

    def _transaction(self) -> CTransaction:
        kind = self.random.choice(("genesis", "record", "record", "record", "record", "move", "move", "chaos", "plain"))
        if kind == "genesis" or not (self.colored and self.titles):
            return self._genesis()
        if kind == "record":
            return self._record()
        coins = [self._pick(self.titles if self.random.random() < 0.15 else self.colored)]
        while self.colored and self.random.random() < 0.35:
            coins.append(self._pick(self.colored))
        if self.plain and self.random.random() < 0.3:
            coins.insert(self.random.choice((0, len(coins), len(coins))), self._pick(self.plain))
        outputs = [CTxOut(900, self.random.choice(SCRIPTS)) for _ in range(self.random.randint(1, 4))]
        if kind != "plain":
            self._insert_marker(outputs, chaos=kind == "chaos")
        return self._made(coins, [*outputs, CTxOut(700, self.random.choice(SCRIPTS))])

    def _record(self) -> CTransaction:
        coins = [self._pick(self.titles)]
        if self.colored and self.random.random() < 0.15:
            coins.insert(self.random.randint(0, 1), self._pick(self.colored))
        held = self._script(coins[0])
        metadata = self.random.choice((*COUNTING, *COUNTING, genesis_record(), b"", b"DC\x01\x02", bytes(74)))
        target = held if self.random.random() < 0.85 else self.random.choice(SCRIPTS)
        quantities = self.random.choice(([1], [1], [1], [1], [1, 3], [2]))
        outputs = [marker(quantities, metadata), CTxOut(900, target), CTxOut(700, self.random.choice(SCRIPTS))]
        tx = self._made(coins, outputs)
        self.colored.remove(COutPoint(txid_of(tx), 1))
        self.titles.append(COutPoint(txid_of(tx), 1))
        return tx

    def _genesis(self) -> CTransaction:
        coin = self._pick(self.plain or self.colored or self.titles)
        units = self.random.choice((1, 3, 10, 1_000))
        owner = self.random.choice(SCRIPTS[:4])
        quantities = self.random.choice(([1, units], [1, units], [1, units], [1, units], [units, 1], [1, units, 1]))
        outputs = [CTxOut(900, owner), CTxOut(900, owner), marker(quantities, genesis_record()), CTxOut(500, owner)]
        tx = self._made([coin], outputs)
        self.colored.remove(COutPoint(txid_of(tx), 0))
        self.titles.append(COutPoint(txid_of(tx), 0))
        return tx

    def _insert_marker(self, outputs: list[CTxOut], *, chaos: bool) -> None:
        quantities = [self.random.choice((0, 1, 1, 2, 3, 8)) for _ in range(self.random.randint(0, len(outputs)))]
        made = marker(quantities, self.random.choice((b"", RELEASE)))
        if not chaos:
            return outputs.insert(0, made)
        if self.random.random() < 0.2:
            made = CTxOut(0, CScript(self.random.choice((made.scriptPubKey + b"\0", b"\x6a" + made.scriptPubKey))))
        outputs.insert(self.random.randint(0, len(outputs)), made)
        if self.random.random() < 0.15:
            outputs.insert(self.random.randint(0, len(outputs)), made)
        return None

    def _made(self, coins: list[COutPoint], outputs: list[CTxOut]) -> CTransaction:
        tx = spend(coins, outputs, self._witness(self._script(coins[0])), locktime=self.random.getrandbits(31))
        for vout, txout in enumerate(outputs):
            if txout.scriptPubKey[:1] != b"\x6a":
                pool = self.plain if vout == len(outputs) - 1 else self.colored
                pool.append(COutPoint(txid_of(tx), vout))
        self.made[txid_of(tx)] = tx
        return tx

    def _witness(self, spent: CScript) -> tuple[bytes, ...]:
        sighash = self.random.choice((*[ALL] * 10, SINGLE | ANYONECANPAY, ALL | ANYONECANPAY))
        if spent[:2] == b"\x51\x20":
            return self.random.choice(((bytes(64),), (bytes(64) + bytes([sighash]),), (bytes(64), b"annex")))
        if spent[:2] == b"\x00\x20":
            return self.random.choice(((der_signature(sighash=sighash), b"\x51"), (b"preimage", b"\x51")))
        return segwit(sighash=sighash) if spent[:1] == b"\x00" else ()

    def _script(self, coin: COutPoint) -> CScript:
        if coin.hash in self.made:
            return self.made[Txid(coin.hash)].vout[coin.n].scriptPubKey
        found = self.chain.unspent(coin).txout
        assert found is not None
        return found.scriptPubKey

    def _pick(self, pool: list[COutPoint]) -> COutPoint:
        return pool.pop(self.random.randrange(len(pool)))


def _judged(chain: FakeChain) -> Judged:
    judged = Judged()
    for height in range(1, chain.tip().height + 1):
        for tx in chain._blocks[height].vtx:
            made_up = tx.vin[0].prevout.n == 0xFFFFFFFE
            simple = transaction_from_hex(tx.serialize().hex())
            if made_up:
                judged.scripts.update({(simple.txid, n): script for n, script in enumerate(simple.scripts)})
            else:
                judged.add(simple, height)
    return judged


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[IndexStore, IndexStore]]:
    """One index that follows, and one that is read anew at the end."""
    pair = IndexStore(tmp_path / "followed.db", REGTEST), IndexStore(tmp_path / "anew.db", REGTEST)
    yield pair
    for store in pair:
        store.close()


@pytest.mark.parametrize("seed", range(25))
def test_a_followed_index_equals_the_judge_and_one_that_is_read_anew(
    stores: tuple[IndexStore, IndexStore], seed: int
) -> None:
    followed, anew = stores
    chance = _Chance(seed)
    for _ in range(25):
        chance.block()
        if chance.random.random() < 0.4:
            sync(chance.chain, followed, start_height=0)
        if chance.random.random() < 0.15 and chance.chain.tip().height > 17:
            chance.reorganise()
    sync(chance.chain, followed, start_height=0)
    sync(chance.chain, anew, start_height=0)
    judged = _judged(chance.chain)
    with followed.snapshot() as left, anew.snapshot() as right:
        assert left.tip() == right.tip()
        assert left.geneses_named(NAME) == right.geneses_named(NAME)
        assert left.units_on(SCRIPTS) == right.units_on(SCRIPTS)
        assert left.movements_touching(SCRIPTS) == right.movements_touching(SCRIPTS)
        assert {display(fact.txid) for fact in left.geneses_named(NAME)} == set(judged.repositories)
        for genesis in judged.repositories:
            assert left.movements_of(parse_txid(genesis)) == right.movements_of(parse_txid(genesis))
            _repository_agrees(left, genesis, judged)
            _conserves_units(left.movements_of(parse_txid(genesis)))


def _repository_agrees(reader: IndexSnapshot, genesis: str, judged: Judged) -> None:
    txid, repository = parse_txid(genesis), judged.repositories[genesis]
    by_markers = {
        (display(holding.outpoint.hash), holding.outpoint.n): (units.quantity, units.title)
        for holding, units in reader.holdings(txid)
    }
    alive = {coin: (units.quantity, units.title) for coin, units in judged.holdings(genesis).items()}
    assert {coin: units for coin, units in by_markers.items() if coin not in judged.spent} == alive
    counted = [
        display(item.txid)
        for item in reader.title_movements(txid)
        if item.authorship is Authorship.AUTHORISED
        and (item.kind is MovementKind.GENESIS or item.attachment in COUNTING)
    ]
    assert counted == [entry.txid for entry in repository.counted()]


def test_the_random_chains_hold_what_they_are_for() -> None:
    counted = ignored = frozen = alive = 0
    for seed in range(25):
        chance = _Chance(seed)
        for _ in range(25):
            chance.block()
        for repository in _judged(chance.chain).repositories.values():
            counted += len(repository.counted()) - 1
            ignored += sum(1 for entry in repository.history if entry.record is not None and not entry.counts)
            frozen += repository.frozen
            alive += not repository.frozen
    assert min(counted, ignored, frozen, alive) > 20, (counted, ignored, frozen, alive)


def _conserves_units(movements: tuple[Movement, ...]) -> None:
    """Every coin is left with exactly what it got, in one transaction; a lost title is told twice but counted once."""
    got: dict[COutPoint, int] = {}
    left: dict[COutPoint, int] = {}
    for number, movement in enumerate(movements):
        if movement.target is not None:
            got[movement.target.outpoint] = got.get(movement.target.outpoint, 0) + movement.quantity
        follows = movements[number + 1] if number + 1 < len(movements) else None
        told_twice = (
            movement.kind is MovementKind.LOSS
            and movement.title
            and follows is not None
            and follows.kind is MovementKind.TRANSFER
            and (follows.txid, follows.source) == (movement.txid, movement.source)
        )
        if movement.source is not None and not told_twice:
            left[movement.source.outpoint] = left.get(movement.source.outpoint, 0) + movement.quantity
    assert {coin: got[coin] for coin in left} == left
