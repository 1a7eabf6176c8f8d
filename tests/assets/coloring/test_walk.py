"""The backward walk: colours of coins from their ancestors, however deep, each ancestor asked for once."""

import json
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut
from hypothesis import given
from hypothesis import strategies as st

from assets.coloring.genesis import GenesisParts, genesis_units
from assets.coloring.trace import MemoryCache
from assets.coloring.transfer import apply
from assets.coloring.walk import ColorWalker, Walk
from assets.model import AssetUnits, CoinColor, Foreign, Genuine, Unknown
from assets.protocols.open_assets.rule import (
    SpentOutput,
    asset_id_of,
    color_transaction,
)
from assets.protocols.table import RULE
from assets.store.color_store import ColorStore
from tests.builders import ANYONECANPAY, NONE, SINGLE, Graph, Spend, marker, pay, script, segwit, with_witnesses
from wallet.chain.source import FoundTransaction
from wallet.errors import ChainError
from wallet.hashes import Txid, parse_txid, txid_of

ASSET = asset_id_of(script("issuer"))


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    graph.coin("coin", "issuer", "issuer", "payer")
    graph.genesis("genesis", "coin:0", units=100)
    return graph


def color(graph: Graph, what: str) -> CoinColor:
    graph.asked.clear()
    found = ColorWalker(RULE, graph).color(graph.outpoint(what))
    assert not graph.asked or max(graph.asked.values()) == 1
    return found


def genuine(graph: Graph, quantity: int, *, title: bool = False) -> Genuine:
    return Genuine(genesis=graph.txid("genesis"), quantity=quantity, title=title)


def test_genesis_has_a_title_and_a_treasury(graph: Graph) -> None:
    assert color(graph, "genesis:0") == genuine(graph, 1, title=True)
    assert color(graph, "genesis:1") == genuine(graph, 100)
    assert color(graph, "genesis:2") is None
    assert color(graph, "genesis:3") is None


def test_release_and_handover_keep_the_title(graph: Graph) -> None:
    graph.record("release", "genesis:0", record=b"x")
    graph.add("handover", ["release:1", "genesis:1", "coin:2"], [marker([1, 100]), pay("bob"), pay("bob")])
    assert color(graph, "handover:1") == genuine(graph, 1, title=True)
    assert color(graph, "handover:2") == genuine(graph, 100)


def test_output_without_a_quantity_is_uncoloured_without_a_single_ancestor(graph: Graph) -> None:
    graph.record("release", "genesis:0", record=b"x")
    assert color(graph, "release:2") is None
    assert sum(graph.asked.values()) == 1
    assert color(graph, "coin:2") is None
    assert sum(graph.asked.values()) == 1


def test_units_issued_otherwise_are_foreign(graph: Graph) -> None:
    graph.add("mint", ["coin:1"], [pay("a"), marker([50])])
    assert color(graph, "mint:0") == Foreign(asset=ASSET, quantity=50)


def test_genesis_around_a_lifted_signature_issues_foreign_units(graph: Graph) -> None:
    graph.genesis("lifted", Spend("coin:1", segwit("", SINGLE | ANYONECANPAY)), units=9)
    assert color(graph, "lifted:0") == Foreign(asset=ASSET, quantity=1)
    assert color(graph, "lifted:1") == Foreign(asset=ASSET, quantity=9)


def test_foreign_units_mixed_with_genuine_ones_make_a_foreign_output(graph: Graph) -> None:
    graph.add("mint", ["coin:1"], [pay("a"), marker([50])])
    graph.add("mix", ["genesis:1", "mint:0"], [marker([100, 50]), pay("a"), pay("b")])
    assert color(graph, "mix:1") == Foreign(asset=ASSET, quantity=100)
    assert color(graph, "mix:2") == Foreign(asset=ASSET, quantity=50)


def test_genuine_run_does_not_ask_for_later_inputs(graph: Graph) -> None:
    missing = COutPoint(b"\x99" * 32, 0)
    graph.add("grant", ["genesis:1", missing], [marker([40, 60]), pay("a"), pay("b")])
    assert color(graph, "grant:1") == genuine(graph, 40)


def test_title_behind_an_uncoloured_input_is_foreign(graph: Graph) -> None:
    graph.add("tx", ["coin:2", "genesis:0"], [marker([1]), pay("a")])
    assert color(graph, "tx:1") == Foreign(asset=ASSET, quantity=1)


def test_frozen_title_is_an_access_unit(graph: Graph) -> None:
    graph.add("tx", ["genesis:1", "genesis:0"], [marker([100, 1]), pay("a"), pay("b")])
    assert color(graph, "tx:2") == genuine(graph, 1)


def test_plain_spend_leaves_nothing(graph: Graph) -> None:
    graph.add("plain", ["genesis:0"], [pay("a")])
    assert color(graph, "plain:0") is None


def test_second_marker_decides_for_the_reference_where_the_first_fails(graph: Graph) -> None:
    graph.add("two", ["genesis:1"], [marker([101]), marker([0, 100]), pay("a")])
    assert color(graph, "two:2") == Foreign(asset=ASSET, quantity=100)


def test_first_marker_that_gives_nothing_to_anyone_decides_without_an_ancestor(graph: Graph) -> None:
    graph.add("two", ["genesis:1"], [marker([]), marker([0, 100]), pay("a")])
    assert color(graph, "two:2") is None
    assert sum(graph.asked.values()) == 1


def test_missing_ancestor_makes_the_colour_unknown(graph: Graph) -> None:
    graph.add("orphan", [COutPoint(b"\x99" * 32, 0)], [marker([1]), pay("a"), pay("b")])
    graph.add("child", ["orphan:1"], [marker([1]), pay("a")])
    found = color(graph, "child:1")
    assert isinstance(found, Unknown)
    assert "99:0 is not in the chain" in found.reason
    assert color(graph, "orphan:2") is None


def test_coin_that_does_not_exist_is_unknown(graph: Graph) -> None:
    assert isinstance(ColorWalker(RULE, graph).color(COutPoint(b"\x98" * 32, 0)), Unknown)
    assert isinstance(ColorWalker(RULE, graph).color(COutPoint(graph.txid("genesis"), 9)), Unknown)


def test_genesis_whose_coin_is_missing_is_unknown() -> None:
    graph = Graph()
    graph.add("tx", [COutPoint(b"\x99" * 32, 0)], [pay("a"), marker([5]), pay("b")])
    assert isinstance(color(graph, "tx:0"), Unknown)
    assert color(graph, "tx:2") is None


def test_genesis_without_its_witness_is_unknown_and_neither_genuine_nor_foreign(graph: Graph) -> None:
    graph.record("release", "genesis:0", record=b"x")
    graph.put("genesis", with_witnesses(graph["genesis"], [()]))
    found = color(graph, "release:1")
    assert isinstance(found, Unknown)
    assert "witness" in found.reason


def test_coinbase_is_uncoloured() -> None:
    graph = Graph()
    graph.put("coinbase", CTransaction([CTxIn()], [pay("a"), marker([5])]))
    assert color(graph, "coinbase:0") is None


def test_source_that_answers_another_transaction_is_refused(graph: Graph) -> None:
    walk = Walk(RULE, graph.outpoint("genesis:0"))
    with pytest.raises(ChainError, match="another transaction"):
        walk.resolve(graph.txid("genesis"), FoundTransaction(tx=graph["coin"], block=None))


def test_walk_refuses_answers_that_nobody_asked_for(graph: Graph) -> None:
    walk = Walk(RULE, graph.outpoint("genesis:0"))
    with pytest.raises(AssertionError):
        walk.resolve(graph.txid("coin"), None)
    with pytest.raises(AssertionError):
        walk.finish()


def _chain(graph: Graph, depth: int, start: str, quantity: int) -> COutPoint:
    """A line of transfers, built without witnesses so that it is quick."""
    last, outputs = graph.outpoint(start), [marker([quantity]), pay("owner")]
    for number in range(depth):
        tx = CTransaction([CTxIn(last)], outputs)
        graph.put(f"{start}/{number}", tx)
        last = COutPoint(txid_of(tx), 1)
    return last


@pytest.mark.parametrize(("start", "quantity", "title"), [("genesis:0", 1, True), ("genesis:1", 100, False)])
def test_line_of_100_000_transfers_is_walked(graph: Graph, start: str, quantity: int, title: bool) -> None:
    depth = 100_000 if title else 5_000
    last = _chain(graph, depth, start, quantity)
    assert ColorWalker(RULE, graph).color(last) == genuine(graph, quantity, title=title)
    assert set(graph.asked.values()) == {1}
    assert sum(graph.asked.values()) == depth + 2


def test_walk_gives_up_at_its_limit(graph: Graph) -> None:
    last = _chain(graph, 60, "genesis:0", 1)
    found = ColorWalker(RULE, graph, limit=50).color(last)
    assert isinstance(found, Unknown)
    assert "50" in found.reason
    assert ColorWalker(RULE, graph, limit=62).color(last) == genuine(graph, 1, title=True)


def test_sixty_stacked_diamonds_ask_for_each_ancestor_once(graph: Graph) -> None:
    below = "genesis:1"
    for level in range(60):
        graph.add(f"fork{level}", [below], [marker([50, 50]), pay("a"), pay("b")])
        graph.add(f"left{level}", [f"fork{level}:1"], [marker([50]), pay("a")])
        graph.add(f"right{level}", [f"fork{level}:2"], [marker([50]), pay("a")])
        graph.add(f"join{level}", [f"left{level}:1", f"right{level}:1"], [marker([100]), pay("a")])
        below = f"join{level}:1"
    assert color(graph, below) == genuine(graph, 100)
    assert sum(graph.asked.values()) == 60 * 4 + 2


def test_second_question_is_one_look_up(graph: Graph) -> None:
    walker = ColorWalker(RULE, graph, MemoryCache())
    last = _chain(graph, 50, "genesis:0", 1)
    first = walker.color(last)
    graph.asked.clear()
    assert walker.color(last) == first
    assert sum(graph.asked.values()) == 0


def test_cache_shortens_the_next_walk_and_answers_alike(graph: Graph) -> None:
    walker = ColorWalker(RULE, graph, MemoryCache())
    graph.record("release", "genesis:0", record=b"x")
    assert walker.color(graph.outpoint("release:1")) == genuine(graph, 1, title=True)
    graph.record("again", "release:1", record=b"y")
    graph.asked.clear()
    assert walker.color(graph.outpoint("again:1")) == genuine(graph, 1, title=True)
    assert sum(graph.asked.values()) == 1
    graph.add("foreign", ["coin:2", "again:1"], [marker([1]), pay("a")])
    assert walker.color(graph.outpoint("foreign:1")) == Foreign(asset=ASSET, quantity=1)


def test_cache_keeps_neither_the_mempool_nor_the_unknown(graph: Graph) -> None:
    cache = MemoryCache()
    graph.record("pending", "genesis:0", record=b"x")
    graph.mempool.add("pending")
    graph.add("orphan", [COutPoint(b"\x99" * 32, 0)], [marker([1]), pay("a")])
    walker = ColorWalker(RULE, graph, cache)
    walker.color(graph.outpoint("pending:1"))
    walker.color(graph.outpoint("orphan:1"))
    assert cache.load(graph.outpoint("pending:1")) is None
    assert cache.load(graph.outpoint("orphan:1")) is None
    assert cache.load(graph.outpoint("genesis:0")) is not None


def test_cache_is_bounded(graph: Graph) -> None:
    cache = MemoryCache(size=3)
    ColorWalker(RULE, graph, cache).color(_chain(graph, 20, "genesis:0", 1))
    assert sum(cache.load(COutPoint(txid_of(tx), 1)) is not None for tx in graph.transactions.values()) <= 3


def _unsigned_genesis(graph: Graph) -> None:
    """The same txid as the genesis, with a witness that commits to less than everything."""
    graph.put("genesis", with_witnesses(graph["genesis"], [segwit(sighash=NONE | ANYONECANPAY)]))


@pytest.mark.parametrize("kept", ["in memory", "in a file"])
def test_a_cache_does_not_say_what_only_an_orphaned_block_said(graph: Graph, kept: str, tmp_path: Path) -> None:
    cache = MemoryCache() if kept == "in memory" else ColorStore(tmp_path / "colors.db")
    graph.record("release", "genesis:0", record=b"x")
    walker = ColorWalker(RULE, graph, cache)
    assert walker.color(graph.outpoint("release:1")) == genuine(graph, 1, title=True)
    graph.reorganise("genesis")
    _unsigned_genesis(graph)
    assert walker.color(graph.outpoint("release:1")) == Foreign(asset=ASSET, quantity=1)
    assert walker.color(graph.outpoint("genesis:0")) == Foreign(asset=ASSET, quantity=1)


def test_a_reorganisation_above_a_coin_takes_nothing_from_the_cache(graph: Graph) -> None:
    graph.record("release", "genesis:0", record=b"x")
    graph.record("again", "release:1", record=b"y")
    walker = ColorWalker(RULE, graph, MemoryCache())
    walker.color(graph.outpoint("again:1"))
    graph.reorganise("again")
    graph.asked.clear()
    assert walker.color(graph.outpoint("release:1")) == genuine(graph, 1, title=True)
    assert graph.asked.total() == 0
    walker.color(graph.outpoint("again:1"))
    assert graph.asked == {graph.txid("again"): 1}


def test_a_walk_that_a_reorganisation_met_is_walked_again(graph: Graph) -> None:
    """The genesis was read in the old chain, the record in the new one: neither answer nor cache may mix them."""

    class Moving(Graph):
        def transaction(self, txid: Txid) -> FoundTransaction | None:
            found = graph.transaction(txid)
            if txid == graph.txid("coin") and graph.asked[txid] == 1:
                graph.reorganise("genesis")
                _unsigned_genesis(graph)
            return found

        block_hash, tip = graph.block_hash, graph.tip

    graph.record("release", "genesis:0", record=b"x")
    cache = MemoryCache()
    assert ColorWalker(RULE, Moving(), cache).color(graph.outpoint("release:1")) == Foreign(asset=ASSET, quantity=1)
    assert graph.asked[graph.txid("genesis")] == 2
    placed = cache.load(graph.outpoint("release:1"))
    assert placed is not None
    assert placed.trace.genuine is None


def test_a_chain_that_changes_at_every_look_is_an_error_that_says_so(graph: Graph) -> None:
    class Restless(Graph):
        def transaction(self, txid: Txid) -> FoundTransaction | None:
            graph.reorganise("genesis")
            return graph.transaction(txid)

        block_hash, tip = graph.block_hash, graph.tip

    with pytest.raises(ChainError, match="reorganised while the ancestors"):
        ColorWalker(RULE, Restless(), MemoryCache()).color(graph.outpoint("genesis:0"))


def test_a_new_block_in_the_middle_of_a_walk_spoils_nothing(graph: Graph) -> None:
    class Growing(Graph):
        def transaction(self, txid: Txid) -> FoundTransaction | None:
            graph.coin(f"block {graph.asked.total()}", "anybody")
            return graph.transaction(txid)

        block_hash, tip = graph.block_hash, graph.tip

    assert ColorWalker(RULE, Growing(), MemoryCache()).color(graph.outpoint("genesis:0")) == genuine(
        graph, 1, title=True
    )
    assert graph.asked[graph.txid("genesis")] == 1


def test_real_transactions_have_the_colours_of_the_reference() -> None:
    vectors = json.loads((Path(__file__).parents[2] / "vectors" / "openassets_real_transactions.json").read_text())
    graph = Graph()
    for txid, case in vectors["transactions"].items():
        graph.put(txid, CTransaction.deserialize(bytes.fromhex(case["hex"])))
    walker = ColorWalker(RULE, graph)
    for txid, case in vectors["transactions"].items():
        for vout, expected in enumerate(case["reference"] or ()):
            units = walker.trace(COutPoint(parse_txid(txid), vout)).units
            assert (units.quantity if units else 0) == int(expected["quantity"])
            assert (units.asset.hex() if units else None) == expected["asset_hash"]


def _forward(graph: Graph) -> dict[tuple[Txid, int], tuple[Genuine | None, AssetUnits | None]]:
    """All colours from the oldest transaction on, by the eager rules."""
    colors: dict[tuple[Txid, int], tuple[Genuine | None, AssetUnits | None]] = {}
    outputs: dict[tuple[Txid, int], CTxOut] = {}
    for tx in graph.transactions.values():
        txid = txid_of(tx)
        spent = [colors.get((txin.prevout.hash, txin.prevout.n), (None, None)) for txin in tx.vin]
        scripts = [outputs.get((txin.prevout.hash, txin.prevout.n), CTxOut()).scriptPubKey for txin in tx.vin]
        born = genesis_units(tx, scripts[0])
        moved: tuple[Genuine | None, ...] = apply(tx, [item[0] for item in spent]).outputs
        if isinstance(born, GenesisParts):
            moved = (*born.outputs, *[None] * (len(tx.vout) - 2))
        seen = color_transaction(
            tx, [SpentOutput(script, item[1]) for script, item in zip(scripts, spent, strict=True)]
        )
        for vout, txout in enumerate(tx.vout):
            outputs[txid, vout] = txout
            colors[txid, vout] = (moved[vout], seen[vout].units)
    return colors


@st.composite
def histories(draw: st.DrawFn) -> Graph:
    """Random histories of genuine and foreign units, well-formed markers or not, some with two."""
    graph = Graph()
    graph.coin("coins", *["issuer"] * 3)
    graph.genesis("g0", "coins:0", units=draw(st.integers(1, 5)))
    graph.add("mint", ["coins:1"], [pay("issuer"), pay("a"), marker([2, 3]), pay("b")])
    graph.genesis("g1", "coins:2", units=3)
    unspent = [f"g0:{n}" for n in (0, 1, 3)] + [f"g1:{n}" for n in (0, 1, 3)] + [f"mint:{n}" for n in (0, 1, 3)]
    for number in range(draw(st.integers(1, 8))):
        count = draw(st.integers(1, min(3, len(unspent))))
        spends = [unspent.pop(draw(st.integers(0, len(unspent) - 1))) for _ in range(count)]
        outputs = [pay("issuer") for _ in range(draw(st.integers(1, 4)))]
        for _ in range(draw(st.sampled_from([1, 1, 1, 1, 0, 2]))):
            quantities = draw(st.lists(st.integers(0, 4), max_size=len(outputs)))
            outputs.insert(draw(st.sampled_from([0, 0, 0, 1, len(outputs)])), marker(quantities))
        graph.add(f"t{number}", spends, outputs)
        unspent += [f"t{number}:{vout}" for vout in range(len(outputs))]
    return graph


@given(histories())
def test_walking_back_agrees_with_colouring_forward(graph: Graph) -> None:
    cached = ColorWalker(RULE, graph, MemoryCache())
    for (txid, vout), (own, seen) in _forward(graph).items():
        trace = ColorWalker(RULE, graph).trace(COutPoint(txid, vout))
        assert (trace.genuine, trace.units) == (own, seen)
        assert cached.trace(COutPoint(txid, vout)) == trace
        assert own is None or (seen is not None and seen.quantity == own.quantity)


def test_a_cache_remembers_every_output_that_no_units_can_reach() -> None:
    graph = Graph()
    graph.coin("many", *[f"payee {number}" for number in range(50)])
    walker = ColorWalker(RULE, graph, MemoryCache())
    assert [walker.color(graph.outpoint(f"many:{vout}")) for vout in range(50)] == [None] * 50
    assert graph.asked[graph.txid("many")] == 1


def test_outputs_of_the_mempool_are_asked_for_each_time() -> None:
    graph = Graph()
    graph.coin("waiting", "payee", "change")
    graph.mempool.add("waiting")
    walker = ColorWalker(RULE, graph, MemoryCache())
    assert [walker.color(graph.outpoint(f"waiting:{vout}")) for vout in (0, 1)] == [None, None]
    assert graph.asked[graph.txid("waiting")] == 2
