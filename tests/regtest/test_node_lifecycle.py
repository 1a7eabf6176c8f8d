"""The node of the harness: start, stop, kill, restart, blocks, reorgs, evictions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from regtest.errors import HarnessError, NodeUnreachableError, RpcFailure, StartError, WaitError
from regtest.node import Node
from regtest.plugin import NodeFactory
from regtest.server import ServerProcess
from regtest.waiting import wait_for

pytestmark = pytest.mark.node


@pytest.fixture
def node(bitcoin_node: Node) -> Node:
    """The module's node with an empty mempool."""
    if bitcoin_node.rpc("getrawmempool"):
        bitcoin_node.mine()
    return bitcoin_node


def address_of(node: Node) -> str:
    return str(node.miner("getnewaddress"))


def stands(node: Node, txid: str) -> bool:
    """Whether a transaction is in the mempool or in a block of the active chain.

    The transaction index alone cannot tell: it goes on serving transactions of blocks that were reorganised away.
    """
    try:
        found = node.rpc("getrawtransaction", txid, 1)
    except RpcFailure:
        return False
    return txid in node.rpc("getrawmempool") or int(found.get("confirmations", 0)) > 0


def test_a_node_answers_on_regtest_with_all_its_indexes(node: Node) -> None:
    assert node.rpc("getblockchaininfo")["chain"] == "regtest"
    assert set(node.rpc("getindexinfo")) == {"txindex", "basic block filter index"}
    assert node.rpc("getnetworkinfo")["connections"] == 0


def test_extra_options_win_over_the_harness_s_own(node_factory: NodeFactory) -> None:
    plain = node_factory(extra=("-txindex=0", "-blockfilterindex=0", "-prune=550"))
    assert plain.rpc("getindexinfo") == {}
    assert plain.rpc("getblockchaininfo")["pruned"] is True


def test_funding_mines_to_height_101_and_then_waits_for_a_block(node_factory: NodeFactory) -> None:
    node = node_factory()
    address = address_of(node)
    txid = node.fund(address, 123_456)
    assert node.height() == 101
    assert node.rpc("getrawmempool") == [txid]
    node.mine(1)
    outputs = node.rpc("getrawtransaction", txid, 1)["vout"]
    assert [
        int(output["value"] * 100_000_000) for output in outputs if output["scriptPubKey"]["address"] == address
    ] == [123_456]


def test_an_empty_block_leaves_the_mempool_alone(node: Node) -> None:
    txid = node.fund(address_of(node), 50_000)
    before = node.height()
    node.mine_empty(2)
    assert node.height() == before + 2
    assert node.rpc("getrawmempool") == [txid]


def test_a_block_of_chosen_transactions_holds_only_those(node: Node) -> None:
    chosen, other = (node.fund(address_of(node), sats) for sats in (60_000, 70_000))
    raw = [node.rpc("getrawtransaction", txid) for txid in (chosen,)]
    block = node.mine_only(raw)
    assert node.rpc("getblock", block, 1)["tx"][1:] == [chosen]
    assert node.rpc("getrawmempool") == [other]


def test_a_reorg_gives_another_history_that_is_one_block_longer(node: Node) -> None:
    node.mine(3)
    height, old = node.height(), node.best()
    parent = node.rpc("getblockhash", height - 2)
    new = node.reorg(2)
    assert node.height() == height + 1
    assert node.best() == new[-1] != old
    assert node.rpc("getblockhash", height - 2) == parent
    tips = {tip["hash"]: tip["status"] for tip in node.rpc("getchaintips")}
    assert tips[old] == "valid-fork"


def test_a_reorg_brings_transactions_back(node: Node) -> None:
    txid = node.fund(address_of(node), 80_000)
    first = node.mine(1)[0]
    new = node.reorg(1)
    assert node.rpc("getrawtransaction", txid, 1)["blockhash"] in set(new) - {first}


def test_a_reorg_can_leave_transactions_in_the_mempool(node: Node) -> None:
    txid = node.fund(address_of(node), 81_000)
    node.mine(1)
    node.reorg(1, confirm=False)
    assert node.rpc("getrawmempool") == [txid]


def test_a_reorg_can_leave_transactions_out_for_good(node: Node) -> None:
    txid = node.fund(address_of(node), 82_000)
    node.mine(1)
    node.reorg(1, resurrect=False)
    assert not stands(node, txid)


def test_a_reorg_can_mine_a_rival_transaction_in_place_of_the_old(node: Node) -> None:
    old = node.fund(address_of(node), 90_000)
    decoded: dict[str, Any] = node.rpc("getrawtransaction", old, 1)
    inputs = [{"txid": each["txid"], "vout": each["vout"]} for each in decoded["vin"]]
    total = sum(node.rpc("getrawtransaction", each["txid"], 1)["vout"][each["vout"]]["value"] for each in inputs)
    unsigned = node.rpc("createrawtransaction", inputs, {address_of(node): str(total - type(total)("0.001"))})
    rival = node.miner("signrawtransactionwithwallet", unsigned)["hex"]
    node.mine(1)
    new = node.reorg(1, with_transactions=[rival])
    rival_txid = node.rpc("decoderawtransaction", rival)["txid"]
    assert node.rpc("getblock", new[0], 1)["tx"][1:] == [rival_txid]
    assert not stands(node, old)


def test_a_reorg_deeper_than_the_chain_is_refused(node: Node) -> None:
    with pytest.raises(HarnessError, match="cannot replace"):
        node.reorg(node.height() + 1)


def test_an_evicted_transaction_is_gone_and_the_others_stay(node: Node) -> None:
    node.mine(100)
    node.mine(2)
    stays, goes = node.fund(address_of(node), 100_000), node.fund(address_of(node), 110_000)
    node.evict(goes)
    assert node.rpc("getrawmempool") == [stays]
    node.restart()
    assert node.rpc("getrawmempool") == [stays]


def test_evicting_what_is_not_in_the_mempool_is_refused(node: Node) -> None:
    with pytest.raises(RpcFailure):
        node.evict("00" * 32)


def test_a_restart_keeps_chain_port_and_miner(node: Node) -> None:
    before = (node.best(), node.rpc_port, node.pid)
    node.restart()
    assert (node.best(), node.rpc_port) == before[:2]
    assert node.pid != before[2]
    node.mine(1)


def test_a_killed_node_comes_back_with_what_was_flushed(node: Node) -> None:
    node.mine(1)
    node.flush()
    best = node.best()
    node.kill()
    with pytest.raises(NodeUnreachableError):
        node.rpc("getblockcount")
    node.start()
    assert node.best() == best


def test_a_node_killed_after_a_reorg_comes_back(node: Node) -> None:
    node.mine(2)
    node.restart()
    node.reorg(2)
    node.kill()
    node.start()
    wait_for(lambda: all(index["synced"] for index in node.rpc("getindexinfo").values()), 20, "indexes built")


def test_a_refused_call_says_so_with_the_node_s_code(node: Node) -> None:
    with pytest.raises(RpcFailure) as caught:
        node.rpc("getblockhash", 10_000_000)
    assert caught.value.code == -8
    assert "out of range" in caught.value.message


def test_a_server_that_cannot_be_asked_whether_it_is_ready_is_not_left_running(tmp_path: Path) -> None:
    def broken() -> bool:
        raise RuntimeError("nobody can tell")

    server = ServerProcess(name="sleep", command=("sleep", "600"), log=tmp_path / "log")
    with pytest.raises(RuntimeError, match="nobody can tell"):
        server.start(broken)
    assert server.pid is None


def test_a_node_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no-such-option"):
        Node(tmp_path / "broken", extra=("-no-such-option-at-all",)).start()


def test_the_clock_can_be_set(node: Node) -> None:
    later = node.rpc("getblockheader", node.best())["time"] + 3600
    node.set_time(later)
    block = node.mine(1)[0]
    node.set_time(0)
    assert node.rpc("getblockheader", block)["time"] >= later


def test_waiting_gives_up_and_says_for_what() -> None:
    with pytest.raises(WaitError, match="the moon: not so within"):
        wait_for(lambda: False, 0.05, "the moon")
