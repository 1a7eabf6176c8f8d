"""Each thing that can be wrong with a node is found, named, and told apart from what is merely slow."""

from dataclasses import replace

import pytest

from assets.services.chain.doctor import examine
from assets.services.read_models.wallet_views import DoctorView
from wallet.amount import Sats
from wallet.chain.source import Tip
from wallet.chain.status import IndexStatus, NodeStatus
from wallet.errors import ChainUnavailableError, WalletError, WrongNetworkError
from wallet.hashes import BlockHash
from wallet.network import MAINNET, REGTEST, SIGNET, Network

NOW = 1_800_000_000
TIP = Tip(height=100, hash=BlockHash(bytes(32)), time=NOW - 60, headers=100, syncing=False)
HEALTHY = NodeStatus(
    network="signet",
    version=290000,
    software="/Satoshi:29.0.0/",
    connections=8,
    tip=TIP,
    pruned=False,
    pruned_below=None,
    transaction_index=IndexStatus(synced=True, height=100),
    filter_index=IndexStatus(synced=True, height=100),
    rest=True,
    wallets=True,
    min_relay_rate=Sats(1000),
    data_carrier_size=83,
    warnings=(),
)


def examined(status: NodeStatus, network: Network = SIGNET) -> DoctorView:
    """What the doctor says of a status."""
    return examine(lambda: status, network=network, node="http://127.0.0.1:1", now=NOW)


def test_a_healthy_node_has_nothing_but_ok() -> None:
    view = examined(HEALTHY)
    assert view.healthy
    assert {check.level for check in view.checks} == {"ok"}


@pytest.mark.parametrize(
    ("changed", "name", "advice"),
    [
        (replace(HEALTHY, tip=replace(TIP, syncing=True)), "synced", "wait"),
        (replace(HEALTHY, tip=replace(TIP, time=NOW + 8000)), "clock", "clock"),
        (replace(HEALTHY, pruned=True, pruned_below=50), "blocks", "-prune=0"),
        (replace(HEALTHY, pruned=True, pruned_below=0), "blocks", "-prune=0"),
        (replace(HEALTHY, transaction_index=None), "transaction index", "-txindex=1"),
        (
            replace(HEALTHY, transaction_index=IndexStatus(synced=False, height=3)),
            "transaction index",
            "wait until it is whole",
        ),
        (replace(HEALTHY, wallets=False), "wallets", "-disablewallet"),
        (replace(HEALTHY, data_carrier_size=42), "data carrier", "-datacarriersize=83"),
        (replace(HEALTHY, connections=0), "peers", "network"),
    ],
)
def test_a_problem_is_named_with_advice(changed: NodeStatus, name: str, advice: str) -> None:
    view = examined(changed)
    (problem,) = (check for check in view.checks if check.level == "problem")
    assert not view.healthy
    assert problem.name == name
    assert advice in problem.advice


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        (replace(HEALTHY, rest=False), "REST"),
        (replace(HEALTHY, filter_index=None), "block filters"),
        (replace(HEALTHY, tip=replace(TIP, headers=103)), "synced"),
        (replace(HEALTHY, tip=replace(TIP, time=NOW - 20_000)), "clock"),
        (replace(HEALTHY, min_relay_rate=Sats(5000)), "relay fee"),
        (replace(HEALTHY, warnings=("unknown new rules activated",)), "warning"),
    ],
)
def test_what_is_only_slow_or_odd_is_a_note(changed: NodeStatus, name: str) -> None:
    view = examined(changed)
    assert view.healthy
    assert [check.name for check in view.checks if check.level == "note"] == [name]


def test_a_stale_tip_is_a_problem_where_money_is_real() -> None:
    assert not examined(replace(HEALTHY, tip=replace(TIP, time=NOW - 20_000)), MAINNET).healthy


def test_a_regtest_node_needs_no_peers() -> None:
    assert examined(replace(HEALTHY, connections=0), REGTEST).healthy


@pytest.mark.parametrize(
    ("error", "names"),
    [
        (ChainUnavailableError("down", hint="start it"), ["reachable"]),
        (WrongNetworkError("the node is on regtest", hint="choose"), ["reachable", "network"]),
    ],
)
def test_a_node_that_cannot_be_used_is_a_finding(error: WalletError, names: list[str]) -> None:
    def status() -> NodeStatus:
        raise error

    view = examine(status, network=SIGNET, node="http://127.0.0.1:1", now=NOW)
    assert [check.name for check in view.checks] == names
    assert (view.healthy, view.checks[-1].found) == (False, str(error))
    assert view.checks[-1].advice == error.hint
