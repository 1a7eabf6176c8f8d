"""What makes a genesis, and what only looks like one."""

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxIn
from hypothesis import given
from hypothesis import strategies as st

from assets.coloring.genesis import GenesisParts, claim_of, genesis_units
from assets.model import MAX_ACCESS_UNITS, Authorship, Genuine, Position
from assets.protocols.open_assets.marker import MAX_PAYLOAD, Flaw
from assets.protocols.open_assets.rule import asset_id_of
from tests.builders import (
    ALL,
    ANYONECANPAY,
    NAME,
    SINGLE,
    Graph,
    Spend,
    genesis_record,
    marker,
    p2pkh,
    p2tr,
    pay,
    script,
    segwit,
    with_witnesses,
)

ISSUER = script("issuer")


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    graph.coin("coin", ISSUER)
    return graph


def test_genesis_states_everything_about_itself(graph: Graph) -> None:
    tx = graph.genesis("genesis", "coin:0", owner="alice", units=7)
    parts = genesis_units(tx, ISSUER)
    assert isinstance(parts, GenesisParts)
    assert parts.outputs == (
        Genuine(genesis=graph.txid("genesis"), quantity=1, title=True),
        Genuine(genesis=graph.txid("genesis"), quantity=7, title=False),
    )
    fact = parts.fact(Position(height=5, index=1), None)
    assert (fact.units, fact.asset, fact.name) == (7, asset_id_of(ISSUER), NAME)
    assert fact.definition == b"\xdd" * 32
    assert fact.genesis_input == graph.outpoint("coin:0")
    assert (fact.title.outpoint, fact.title.script) == (graph.outpoint("genesis:0"), script("alice"))
    assert (fact.treasury.outpoint, fact.treasury.value) == (graph.outpoint("genesis:1"), 330)
    assert parts.authorship is Authorship.AUTHORISED


@pytest.mark.parametrize("sighash", [SINGLE | ANYONECANPAY, ALL | ANYONECANPAY, SINGLE])
def test_genesis_around_a_lifted_signature_is_none(graph: Graph, sighash: int) -> None:
    tx = graph.genesis("genesis", Spend("coin:0", segwit("", sighash)))
    assert genesis_units(tx, ISSUER) is Flaw.PARTIAL_SIGNATURE


def test_genesis_without_its_witness_is_unproven(graph: Graph) -> None:
    tx = with_witnesses(graph.genesis("genesis", "coin:0"), [()])
    parts = genesis_units(tx, ISSUER)
    assert isinstance(parts, GenesisParts)
    assert parts.authorship is Authorship.UNPROVEN


def test_legacy_script_cannot_author_a_genesis(graph: Graph) -> None:
    assert genesis_units(graph.genesis("genesis", "coin:0"), p2pkh("issuer")) is Flaw.PARTIAL_SIGNATURE


def test_taproot_key_spend_can_author_a_genesis(graph: Graph) -> None:
    graph.coin("taproot", p2tr("issuer"))
    tx = graph.genesis("genesis", Spend("taproot:0", (bytes(64),)))
    assert isinstance(genesis_units(tx, p2tr("issuer")), GenesisParts)


@pytest.mark.parametrize("quantities", [[], [1], [1, 0, 1], [2, 5], [1, MAX_ACCESS_UNITS + 1], [1, 5, 1], [0, 5]])
def test_other_quantities_make_no_genesis(graph: Graph, quantities: list[int]) -> None:
    outputs = [pay("a"), pay("a"), marker(quantities, genesis_record()), pay("b")]
    assert genesis_units(graph.add("tx", ["coin:0"], outputs), ISSUER) is Flaw.BAD_GENESIS_QUANTITIES


@pytest.mark.parametrize("tail", [b"", b"\x00", b"Upper/case", b"x" * 40, b"registry.example/a\x80"])
def test_malformed_record_makes_no_genesis(graph: Graph, tail: bytes) -> None:
    record = genesis_record()[:36] + tail
    outputs = [pay("a"), pay("a"), marker([1, 5], record)]
    assert genesis_units(graph.add("tx", ["coin:0"], outputs), ISSUER) is Flaw.BAD_GENESIS_RECORD


@pytest.mark.parametrize("place", [0, 1, 3])
def test_marker_elsewhere_claims_nothing(graph: Graph, place: int) -> None:
    outputs = [pay("a"), pay("b"), pay("c")]
    outputs.insert(place, marker([1, 5], genesis_record()))
    assert genesis_units(graph.add("tx", ["coin:0"], outputs), ISSUER) is None


@pytest.mark.parametrize("metadata", [b"", b"DC\x01\x02" + bytes(40), b"DC\x02\x01" + bytes(40), b"u=https://x"])
def test_other_metadata_claims_nothing(graph: Graph, metadata: bytes) -> None:
    tx = graph.add("tx", ["coin:0"], [pay("a"), pay("b"), marker([1, 5], metadata)])
    assert genesis_units(tx, ISSUER) is None


def test_second_marker_claims_nothing(graph: Graph) -> None:
    outputs = [pay("a"), pay("b"), marker([1, 5], genesis_record()), marker([1])]
    assert genesis_units(graph.add("tx", ["coin:0"], outputs), ISSUER) is None


def test_coinbase_claims_nothing() -> None:
    tx = CTransaction([CTxIn()], [pay("a"), pay("b"), marker([1, 5], genesis_record())])
    assert claim_of(tx) is None


def test_largest_genesis_fits_into_a_relayed_marker(graph: Graph) -> None:
    tx = graph.genesis(
        "genesis", "coin:0", units=MAX_ACCESS_UNITS, record=genesis_record("registry.example/" + "a" * 12)
    )
    assert isinstance(genesis_units(tx, ISSUER), GenesisParts)
    assert len(tx.vout[2].scriptPubKey) == 3 + MAX_PAYLOAD


@given(st.binary(max_size=80), st.lists(st.integers(0, 9), max_size=3))
def test_any_metadata_is_judged_without_an_error(metadata: bytes, quantities: list[int]) -> None:
    outputs = [pay("a"), pay("b"), marker(quantities, b"DC\x01\x01" + metadata), pay("c")]
    tx = CTransaction([CTxIn(COutPoint(b"\x01" * 32, 0))], outputs)
    assert isinstance(genesis_units(tx, ISSUER), GenesisParts | Flaw | None)
