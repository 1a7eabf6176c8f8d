"""Two colourings that share no code, on random chains: every coin, every title and every record alike."""

from dataclasses import dataclass, field
from random import Random

from bitcoin.core import COutPoint, CTransaction
from bitcoin.core.script import CScript
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.coloring.authorship import authorship
from assets.coloring.genesis import GenesisParts, genesis_units
from assets.coloring.transfer import Transfer, apply
from assets.images.repository import fold
from assets.model import AssetUnits, GenesisFact, Genuine, Holding, Movement, MovementKind, Position
from assets.protocols.open_assets.rule import SpentOutput, color_transaction
from tests.assets.coloring.random_chain import RandomChain
from tests.judge.simple_coloring import Judged, Repository, judge_transactions
from tests.judge.simple_transaction import Coin, transaction_from_hex
from wallet.amount import Sats
from wallet.hashes import BlockHash, Txid, display, txid_of


@dataclass
class Program:
    """What the program's own pieces say, put together as an index would."""

    scripts: dict[COutPoint, CScript] = field(default_factory=dict)
    values: dict[COutPoint, int] = field(default_factory=dict)
    genuine: dict[COutPoint, Genuine] = field(default_factory=dict)
    colors: dict[COutPoint, AssetUnits] = field(default_factory=dict)
    geneses: dict[Txid, GenesisFact] = field(default_factory=dict)
    movements: dict[Txid, list[Movement]] = field(default_factory=dict)

    def add(self, tx: CTransaction, height: int) -> None:
        txid = txid_of(tx)
        spends = [txin.prevout for txin in tx.vin]
        spent = [SpentOutput(self.scripts.get(one, CScript()), self.colors.get(one)) for one in spends]
        for n, output in enumerate(color_transaction(tx, spent)):
            if output.units is not None:
                self.colors[COutPoint(txid, n)] = output.units
        for n, txout in enumerate(tx.vout):
            self.scripts[COutPoint(txid, n)] = txout.scriptPubKey
            self.values[COutPoint(txid, n)] = txout.nValue
        transfer = apply(tx, [self.genuine.get(one) for one in spends])
        self._move(tx, txid, transfer, height)
        parts = genesis_units(tx, spent[0].script)
        units = parts.outputs if isinstance(parts, GenesisParts) else transfer.outputs
        if isinstance(parts, GenesisParts):
            self.geneses[txid] = parts.fact(Position(height=height, index=0), BlockHash(bytes(32)))
            self.movements[txid] = []
        self.genuine.update({COutPoint(txid, n): one for n, one in enumerate(units) if one is not None})

    def _move(self, tx: CTransaction, txid: Txid, transfer: Transfer, height: int) -> None:
        first = tx.vin[0].prevout
        author = self.scripts.get(first, CScript())
        judged = authorship(tx, self.genuine.get(first), author, transfer)
        for segment in transfer.segments:
            if not segment.units.title:
                continue
            kept = segment.title_after and segment.output is not None
            target = COutPoint(txid, segment.output) if kept and segment.output is not None else None
            self.movements[segment.units.genesis].append(
                Movement(
                    kind=MovementKind.TRANSFER if kept else MovementKind.LOSS,
                    txid=txid,
                    position=Position(height=height, index=0),
                    block=BlockHash(bytes(32)),
                    genesis=segment.units.genesis,
                    title=True,
                    quantity=1,
                    source=self._holding(tx.vin[segment.input].prevout),
                    target=None if target is None else self._holding(target),
                    attachment=transfer.marker.metadata if transfer.marker is not None else b"",
                    authorship=judged,
                    author=author,
                )
            )

    def _holding(self, coin: COutPoint) -> Holding:
        return Holding(outpoint=coin, script=self.scripts[coin], value=Sats(self.values[coin]))


def both(transactions: list[CTransaction]) -> tuple[Program, Judged]:
    program, judged = Program(), judge_transactions([])
    for height, tx in enumerate(transactions):
        simple = transaction_from_hex(tx.serialize().hex())
        for coin in simple.spends:
            judged.scripts.setdefault(coin, b"")
        judged.add(simple, height)
        program.add(tx, height)
    return program, judged


def coin(outpoint: COutPoint) -> Coin:
    return display(outpoint.hash), outpoint.n


CHAINS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 2**32 - 1)


@CHAINS
@given(SEEDS)
def test_every_coin_has_the_same_color(seed: int) -> None:
    program, judged = both(RandomChain(Random(seed)).grow(45))
    assert {coin(one): (color.asset.hex(), color.quantity) for one, color in program.colors.items()} == {
        one: tuple(color) for one, color in judged.colors.items()
    }


@CHAINS
@given(SEEDS)
def test_every_genuine_unit_is_the_same(seed: int) -> None:
    program, judged = both(RandomChain(Random(seed)).grow(45))
    mine = {coin(one): (display(held.genesis), held.quantity, held.title) for one, held in program.genuine.items()}
    assert mine == {one: tuple(units) for one, units in judged.genuine.items()}
    assert {display(txid) for txid in program.geneses} == set(judged.repositories)


@CHAINS
@given(SEEDS, st.integers(0, 45))
def test_every_repository_is_in_the_same_state(seed: int, settled_height: int) -> None:
    program, judged = both(RandomChain(Random(seed)).grow(45))
    for txid, genesis in program.geneses.items():
        state = fold(genesis, program.movements[txid], settled_height=settled_height)
        repository: Repository = judged.repositories[display(txid)]
        assert {binding.key.hex(): binding.digest.hex for binding in state.tags()} == repository.bound(settled_height)
        assert {one.digest.hex for one in state.revocations} == repository.revoked()
        assert state.frozen == repository.frozen
        assert state.present.script.hex() == repository.owner
        counted = [(display(step.txid), step.counted is not None) for step in state.history if step.record is not None]
        noted = [(entry.txid, entry.counts) for entry in repository.history]
        assert [one for one in counted if one[1]] == [one for one in noted if one[1]]


def test_the_random_chains_hold_what_they_are_meant_to_compare() -> None:
    records = geneses = violations = frozen = 0
    for seed in range(60):
        _, judged = both(RandomChain(Random(seed)).grow(45))
        geneses += len(judged.repositories)
        for repository in judged.repositories.values():
            records += len(repository.counted()) - 1
            violations += sum(len(entry.violated) for entry in repository.history)
            frozen += repository.frozen
    assert min(geneses, records, violations, frozen) > 5, (geneses, records, violations, frozen)
