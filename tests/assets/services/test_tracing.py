"""Where units come from: back to the genesis, whatever moved them, and no further than asked."""

import pytest

from assets.coloring.walk import ColorWalker
from assets.images.digest import Digest
from assets.images.record import Release
from assets.images.tag import Tags
from assets.protocols.table import RULE
from assets.services.read_models.trace_views import TraceView
from assets.services.spending.tracing import way_back
from tests.builders import Graph, marker, pay, script
from wallet.errors import StateError
from wallet.hashes import display

RECORD = Release(digest=Digest.of(b"image"), tags=Tags.of("1.0"), final=False).serialize()


@pytest.fixture
def graph() -> Graph:
    """A genesis, a release, a handover; 100 units granted in two parts and put together again."""
    made = Graph()
    made.coin("seed", "issuer")
    made.genesis("genesis", "seed:0", owner="alice")
    made.record("release", "genesis:0", record=RECORD)
    made.record("handover", "release:1", record=b"", owner="bob")
    made.coin("fee", "alice")
    made.add("grant", ["genesis:1", "fee:0"], [marker([40, 60, 999_900]), pay("bob"), pay("bob"), pay("alice")])
    made.add("together", ["grant:1", "grant:2"], [marker([100]), pay("carol")])
    return made


def traced(graph: Graph, what: str, *owners: str, limit: int = 500) -> TraceView:
    own = {bytes(script(name)) for name in owners}
    return way_back(graph.outpoint(what), graph, ColorWalker(RULE, graph).color, own, limit=limit)


def names(graph: Graph, view: TraceView) -> list[str]:
    known = {display(graph.txid(name)): name for name in graph.transactions}
    return [f"{known[one.txid]}:{one.outpoint.partition(':')[2]}" for one in view.steps]


def test_a_title_goes_back_through_its_records_to_the_genesis(graph: Graph) -> None:
    view = traced(graph, "handover:1", "bob")
    assert names(graph, view) == ["handover:1", "release:1", "genesis:0"]
    assert [one.what.partition(" ")[0] for one in view.steps] == ["moved", "RELEASE", "genesis"]
    assert [one.own for one in view.steps] == [True, False, False]
    assert all(one.holds.startswith("the title of ") for one in view.steps)
    assert view.complete


def test_units_that_were_put_together_have_several_ways_back_and_each_coin_stands_once(graph: Graph) -> None:
    view = traced(graph, "together:1")
    assert names(graph, view) == ["together:1", "grant:1", "grant:2", "genesis:1"]
    assert [one.holds.partition(" ")[0] for one in view.steps] == ["100", "40", "60", "1,000,000"]


def test_a_long_way_is_cut_and_says_so(graph: Graph) -> None:
    view = traced(graph, "together:1", limit=2)
    assert names(graph, view) == ["together:1", "grant:1"]
    assert not view.complete


def test_plain_bitcoin_has_one_step_and_the_mempool_no_height(graph: Graph) -> None:
    view = traced(graph, "fee:0", "alice")
    assert [(one.holds, one.what, one.height, one.own) for one in view.steps] == [("", "", 4, True)]
    graph.mempool.add("fee")
    assert traced(graph, "fee:0").steps[0].height is None


@pytest.mark.parametrize("what", ["grant:99", "grant:4"])
def test_a_coin_that_is_not_there_is_said(graph: Graph, what: str) -> None:
    with pytest.raises(StateError, match="the node has no coin"):
        traced(graph, what)
