"""The node's watching wallet, beyond what every source of scripts does: windows, cut searches, wallets of others."""

from collections.abc import Iterator

import pytest
from bitcoin.core import COutPoint

from regtest.node import Node
from regtest.plugin import NodeFactory
from tests.contracts.chains import NodeWorld
from tests.contracts.watching import RECEIVING, Watched
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import CookieFile, Endpoint
from wallet.chain.rest import Rest
from wallet.chain.rpc import Rpc
from wallet.chain.watch import SCANNED, WatchWallet
from wallet.chain.watched import path_of
from wallet.coins import AccountKind, KeyPath
from wallet.errors import ChainError
from wallet.hashes import txid_of
from wallet.keys.address import address_of
from wallet.network import REGTEST

pytestmark = pytest.mark.node


class Watching(Watched):
    """A wallet of its own for one test, and the watching wallet for it in a node."""

    def __init__(self, node: Node, *, watch: bool = True) -> None:
        endpoint = Endpoint(host="127.0.0.1", port=node.rpc_port, credentials=CookieFile(node.cookie))
        self.rpc, self.rest = Rpc(endpoint, network=REGTEST), Rest(endpoint)
        self.node = node
        world = NodeWorld(node, Bitcoind(self.rpc, self.rest, REGTEST))
        super().__init__(world, lambda scripts: WatchWallet(self.rpc, scripts), watch=watch)

    @property
    def wallet(self) -> WatchWallet:
        assert isinstance(self.scripts, WatchWallet)
        return self.scripts

    def close(self) -> None:
        self.rpc.close()
        self.rest.close()


@pytest.fixture
def watched(bitcoin_node: Node) -> Iterator[Watching]:
    made = Watching(bitcoin_node)
    yield made
    made.close()


def test_a_mined_coin_is_a_coinbase_and_immature(watched: Watching) -> None:
    script = watched.account.script(RECEIVING)
    watched.node.mine_empty(1, address_of(script, REGTEST))
    (coin,) = watched.coins().values()
    assert coin.coinbase
    height = watched.chain.source.tip().height
    assert not coin.is_mature(height)
    assert coin.is_mature(height + 99)


def test_an_evicted_payment_keeps_its_coins_until_it_is_abandoned(watched: Watching) -> None:
    coin = watched.receive(120_000)
    watched.node.mine()
    sent = watched.pay(30_000)
    watched.chain.evict(txid_of(sent))
    assert watched.coins() == {}
    watched.wallet.abandon(txid_of(sent))
    assert set(watched.coins()) == {coin}
    watched.chain.source.broadcast(sent)
    assert set(watched.coins()) == {COutPoint(txid_of(sent), 1)}


def test_a_search_that_was_cut_off_is_done_again(watched: Watching) -> None:
    first = watched.account.script(KeyPath(AccountKind.BTC, 0, 0))
    watched.rpc.call("setlabel", address_of(first, REGTEST), "", wallet=watched.wallet.name)
    searched: list[float] = []
    watched.wallet.watch(birth_height=0, progress=searched.append)
    assert searched
    searched.clear()
    watched.wallet.watch(birth_height=0, progress=searched.append)
    assert searched == []
    labelled = watched.rpc.call("getaddressesbylabel", SCANNED, wallet=watched.wallet.name)
    assert isinstance(labelled, dict)
    assert len(labelled) == len(watched.account.descriptors())


def test_a_payment_far_out_moves_the_window_along(watched: Watching) -> None:
    far = KeyPath(AccountKind.BTC, 0, 900)
    coin = watched.receive(40_000, far)
    watched.wallet.watch(birth_height=0)
    assert watched.coins()[coin].path == far
    beyond = watched.receive(40_000, KeyPath(AccountKind.BTC, 0, 1_700))
    assert beyond in watched.coins()


def test_an_issuing_key_beyond_the_first_hundred_is_still_watched(watched: Watching) -> None:
    for index in (60, 130):
        coin = watched.receive(10_000, KeyPath(AccountKind.ISSUING, 0, index))
        watched.wallet.watch(birth_height=0)
        assert coin in watched.coins()
    assert watched.wallet.first_unused(AccountKind.ISSUING, 0) == 131


def test_the_wallet_is_loaded_again_when_the_node_or_somebody_unloads_it(watched: Watching) -> None:
    coin = watched.receive(40_000, RECEIVING)
    watched.node.mine()
    watched.rpc.call("unloadwallet", watched.wallet.name)
    assert coin in watched.coins()
    watched.node.restart()
    assert coin in watched.coins()


def test_a_wallet_with_keys_under_our_name_is_refused(bitcoin_node: Node) -> None:
    fresh = Watching(bitcoin_node, watch=False)
    bitcoin_node.rpc("createwallet", fresh.wallet.name)
    try:
        with pytest.raises(ChainError, match="is not a watching wallet of this program"):
            fresh.wallet.watch(birth_height=None)
    finally:
        fresh.close()


def test_foreign_descriptors_in_the_wallet_are_noticed(watched: Watching) -> None:
    other = Watching(watched.node, watch=False)
    descriptor = other.account.descriptors()[0].text
    entry = {"desc": descriptor, "range": [0, 5], "timestamp": "now"}
    watched.rpc.call("importdescriptors", [entry], wallet=watched.wallet.name)
    other.receive(20_000, KeyPath(AccountKind.BTC, 0, 1))
    try:
        with pytest.raises(ChainError, match="watches a coin that is not this wallet's"):
            watched.coins()
    finally:
        other.close()


def test_a_node_without_wallets_says_so(node_factory: NodeFactory) -> None:
    node = node_factory(extra=("-disablewallet",))
    fresh = Watching(node, watch=False)
    try:
        with pytest.raises(ChainError, match="no wallet support") as raised:
            fresh.wallet.watch(birth_height=None)
        assert "-disablewallet" in raised.value.hint
    finally:
        fresh.close()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("wpkh([00112233/84h/1h/0h/1/5]02aa)#x", KeyPath(AccountKind.BTC, 1, 5)),
        ("wpkh([00112233/84'/1'/17475'/0/9]02aa)#x", KeyPath(AccountKind.UNITS, 0, 9)),
        ("wpkh([00112233/84h/1h/9h/1/5]02aa)#x", None),
        ("tr([00112233/84h/1h/0h/1/5]02aa)#x", None),
        ("", None),
    ],
)
def test_a_coins_descriptor_names_its_key(text: str, path: KeyPath | None) -> None:
    assert path_of(text) == path
