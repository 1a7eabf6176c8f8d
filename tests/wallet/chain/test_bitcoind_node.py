"""A real bitcoind through restarts, idle hours, many threads, and without what it should have."""

import select
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from bitcoin.core import COutPoint, CTransaction

from regtest.node import Node
from regtest.plugin import NodeFactory
from regtest.waiting import wait_for
from tests.contracts.chains import ANYONES_SCRIPT, NodeWorld, spend
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import CookieFile, Endpoint, Login
from wallet.chain.rest import Rest
from wallet.chain.rpc import Rpc
from wallet.errors import ChainError, ChainUnavailableError, RpcError, WrongNetworkError
from wallet.hashes import Txid, txid_of
from wallet.network import MAINNET, REGTEST, Network

pytestmark = pytest.mark.node


@contextmanager
def connected(node: Node, *, network: Network = REGTEST, credentials: Login | None = None) -> Iterator[Bitcoind]:
    chain = Bitcoind.at(_endpoint(node, credentials), network)
    yield chain
    chain.close()


@contextmanager
def line_to(node: Node) -> Iterator[Rpc]:
    rpc = Rpc(_endpoint(node), network=REGTEST)
    yield rpc
    rpc.close()


def _endpoint(node: Node, credentials: Login | None = None) -> Endpoint:
    return Endpoint(host="127.0.0.1", port=node.rpc_port, credentials=credentials or CookieFile(node.cookie))


@pytest.fixture(scope="module")
def plain_node(node_factory: NodeFactory) -> Node:
    """A node with one second of patience, and no transaction index, block filters, REST or wallets."""
    options = ("-txindex=0", "-blockfilterindex=0", "-rest=0", "-disablewallet", "-rpcservertimeout=1")
    return node_factory(extra=options)


def test_four_threads_share_one_connection_object(bitcoin_node: Node) -> None:
    with line_to(bitcoin_node) as rpc:
        found: list[object] = []

        def ask() -> None:
            found.extend(rpc.call("getblockhash", 0) for _ in range(200))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 800
        assert len(set(found)) == 1


def test_a_restart_with_a_new_cookie_is_not_noticed(bitcoin_node: Node) -> None:
    with connected(bitcoin_node) as chain:
        chain.tip()
        cookie = bitcoin_node.cookie.read_bytes()
        bitcoin_node.restart()
        assert bitcoin_node.rpc("getmempoolinfo")["loaded"], "what waited before waits again"
        assert bitcoin_node.cookie.read_bytes() != cookie
        assert chain.tip().height == bitcoin_node.height()


def test_a_killed_node_is_unavailable_and_comes_back(bitcoin_node: Node) -> None:
    with connected(bitcoin_node) as chain:
        chain.tip()
        bitcoin_node.flush()
        bitcoin_node.kill()
        with pytest.raises(ChainUnavailableError):
            chain.tip()
        bitcoin_node.start()
        assert chain.tip().height == bitcoin_node.height()


def test_a_connection_that_the_node_closed_while_idle_is_replaced(plain_node: Node) -> None:
    with line_to(plain_node) as rpc:
        height = rpc.call("getblockcount")
        line = rpc._local.line
        wait_for(lambda: _is_closed(line.sock.fileno()), what="the node closes an idle connection")
        assert rpc.call("getblockcount") == height
        assert rpc._local.line is not line


def _is_closed(descriptor: int) -> bool:
    """Whether the other side has closed a socket: it can be read, and holds nothing."""
    readable, _, _ = select.select([descriptor], [], [], 0)
    with socket.socket(fileno=socket.dup(descriptor)) as copy:
        return bool(readable) and copy.recv(1, socket.MSG_PEEK) == b""


def test_the_wrong_password_and_the_wrong_cookie_are_named(bitcoin_node: Node, plain_node: Node) -> None:
    with connected(bitcoin_node, credentials=Login("alice", "wrong")) as chain:
        with pytest.raises(ChainUnavailableError, match="401") as raised:
            chain.tip()
        assert "wrong" not in str(raised.value)
    endpoint = Endpoint(host="127.0.0.1", port=bitcoin_node.rpc_port, credentials=CookieFile(plain_node.cookie))
    rpc = Rpc(endpoint, network=REGTEST)
    with pytest.raises(ChainUnavailableError, match="401"):
        rpc.call("getblockcount")
    rpc.close()


def test_another_network_is_refused(bitcoin_node: Node) -> None:
    with (
        connected(bitcoin_node, network=MAINNET) as chain,
        pytest.raises(WrongNetworkError, match="the node is on regtest, and mainnet was asked for"),
    ):
        chain.tip()


def test_a_node_without_an_index_cannot_deny_a_transaction(plain_node: Node) -> None:
    plain_node.rpc("generatetoaddress", 2, _ADDRESS)
    with connected(plain_node) as chain:
        with pytest.raises(ChainError, match="keeps no index of transactions") as raised:
            chain.transaction(Txid(b"\x01" * 32))
        assert "-txindex=1" in raised.value.hint


def test_blocks_come_by_rpc_where_rest_is_off(plain_node: Node, bitcoin_node: Node) -> None:
    plain_node.rpc("generatetoaddress", 3, _ADDRESS)
    rest = Rest(_endpoint(plain_node))
    with line_to(plain_node) as rpc, closing(Bitcoind(rpc, rest, REGTEST)) as chain:
        tip = chain.tip()
        assert [ref.height for ref, _ in chain.blocks(0, tip.height)] == list(range(tip.height + 1))
        assert rest.available is False
    bitcoin_node.mine_empty(1)
    rest = Rest(_endpoint(bitcoin_node))
    with line_to(bitcoin_node) as rpc, closing(Bitcoind(rpc, rest, REGTEST)) as chain:
        assert len(list(chain.blocks(0, 1))) == 2
        assert rest.available is True
        headers = rest.headers(REGTEST.genesis, 2)
        assert headers is not None
        assert [len(header) for header in headers] == [80, 80]


def test_the_status_names_what_is_missing(plain_node: Node, bitcoin_node: Node) -> None:
    with connected(plain_node) as chain:
        status = chain.status()
        assert (status.transaction_index, status.filter_index, status.rest, status.wallets) == (
            None,
            None,
            False,
            False,
        )
    with connected(bitcoin_node) as chain:
        status = chain.status()
        assert status.transaction_index is not None
        assert status.transaction_index.synced
        assert status.filter_index is not None
        assert (status.rest, status.wallets, status.pruned, status.network) == (True, True, False, "regtest")
        assert status.version >= 250_000
        assert 0 < status.min_relay_rate <= 1_000


def test_a_pruned_node_says_which_block_is_gone(node_factory: NodeFactory) -> None:
    # Small block files and a manual prune make a regtest chain lose its first blocks.
    node = node_factory(extra=("-txindex=0", "-blockfilterindex=0", "-prune=1", "-fastprune"))
    for _ in range(7):
        node.rpc("generatetoaddress", 100, _ADDRESS)
    node.rpc("pruneblockchain", 400)
    with connected(node) as chain:
        status = chain.status()
        assert status.pruned
        assert status.pruned_below is not None
        assert status.pruned_below > 1
        with pytest.raises(ChainError, match="does not have block 1") as raised:
            list(chain.blocks(1, 2))
        assert "pruned" in raised.value.hint
        with pytest.raises(ChainError, match="because it is pruned"):
            chain.transaction(Txid(b"\x01" * 32))
        tip = chain.tip()
        assert len(list(chain.blocks(tip.height - 1, tip.height))) == 2


def test_a_refused_transaction_says_why_and_what_to_do(bitcoin_node: Node) -> None:
    with connected(bitcoin_node) as chain:
        world = NodeWorld(bitcoin_node, chain)
        coin = world.fund(50_000)
        with pytest.raises(RpcError, match="min relay fee not met") as raised:
            chain.broadcast(spend(coin, sats=50_000))
        assert "raise the fee rate" in raised.value.hint
        chain.broadcast(spend(coin, sats=49_000))
        with pytest.raises(RpcError, match="insufficient fee") as raised:
            chain.broadcast(spend(coin, sats=48_999))
        assert "pay more" in raised.value.hint
        with pytest.raises(RpcError, match="dust") as raised:
            chain.broadcast(spend(world.fund(50_000), sats=200))
        assert "too small" in raised.value.hint


def test_the_nodes_limit_of_unconfirmed_transactions_is_explained(bitcoin_node: Node) -> None:
    with connected(bitcoin_node) as chain:
        chain_of = _descendants(NodeWorld(bitcoin_node, chain).fund(100_000), 100_000, count=70)
        with pytest.raises(RpcError, match=r"too-long-mempool-chain|too-large-cluster") as raised:
            deque(map(chain.broadcast, chain_of), maxlen=0)
        assert "wait for a block" in raised.value.hint
        bitcoin_node.mine()


def _descendants(coin: COutPoint, sats: int, *, count: int) -> Iterator[CTransaction]:
    for _ in range(count):
        sats -= 500
        tx = spend(coin, sats=sats)
        coin = COutPoint(txid_of(tx), 0)
        yield tx


def test_a_transaction_of_a_stale_block_is_not_found(bitcoin_node: Node) -> None:
    with connected(bitcoin_node) as chain:
        world = NodeWorld(bitcoin_node, chain)
        coin = world.fund(50_000)
        old, new = spend(coin, sats=49_000), spend(coin, sats=48_000)
        chain.broadcast(old)
        bitcoin_node.mine()
        found = chain.transaction(txid_of(old))
        assert found is not None
        assert found.block is not None
        bitcoin_node.reorg(1, with_transactions=(new.serialize().hex(),))
        assert chain.transaction(txid_of(old)) is None
        assert chain.unspent(COutPoint(txid_of(old), 0)).txout is None
        answer = chain.unspent(COutPoint(txid_of(new), 0))
        assert answer.txout == new.vout[0]
        assert answer.txout.scriptPubKey == ANYONES_SCRIPT


_ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
"""The P2WPKH address of BIP173's example key, on regtest: nodes without wallets mine to it."""
