"""A run of blocks by itself: what it asks for, and what it makes of a chain that no node would serve."""

from bitcoin.core import COutPoint, CTransaction

from assets.index.movements import HeldUnits
from assets.index.run import BlockRun
from tests.assets.index.harness import genesis, out, spend
from tests.builders import marker, pay
from wallet.chain.fake import FakeChain
from wallet.hashes import Txid, txid_of


class _Asked:
    """Answers a run's two questions, and remembers them."""

    def __init__(self, chain: FakeChain) -> None:
        self.chain = chain
        self.fetched: list[Txid] = []

    def units(self, _outpoint: COutPoint) -> HeldUnits | None:
        """No units from before the run."""
        return None

    def fetch(self, txid: Txid) -> CTransaction:
        """A transaction of the chain."""
        self.fetched.append(txid)
        found = self.chain.transaction(txid)
        assert found is not None
        return found.tx


def _run(chain: FakeChain) -> tuple[BlockRun, _Asked]:
    asked = _Asked(chain)
    run = BlockRun(previous=None, units=asked.units, fetch=asked.fetch)
    for ref, raw in chain.blocks(0, chain.tip().height):
        run.add(ref, raw)
    return run, asked


def test_only_the_issuing_coin_of_a_genesis_is_fetched() -> None:
    chain = FakeChain()
    born = genesis(chain)
    foreign = spend([chain.fund(born.vout[3].scriptPubKey, 9_000)], [pay("x"), marker([5])])
    moved = spend([out(born, 0)], [marker([1]), pay("owner")])
    chain.mine(born, foreign, moved)
    run, asked = _run(chain)
    assert asked.fetched == [born.vin[0].prevout.hash]
    assert len(run.changes().geneses) == 1
    assert len(run) == chain.tip().height + 1


def test_units_are_spent_once_even_where_a_broken_node_serves_two_spends() -> None:
    chain = FakeChain()
    born = genesis(chain)
    chain.mine(born)
    first, second = (spend([out(born, 0)], [marker([1]), pay(owner)]) for owner in ("alice", "bob"))
    chain.mine(first)
    chain._connect((second,), pay("miner").scriptPubKey)
    changes = _run(chain)[0].changes()
    assert [item.txid for item in changes.movements if item.title] == [txid_of(born), txid_of(first)]
