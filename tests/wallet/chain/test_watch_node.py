"""The node watches a wallet's keys: coins, history, reorganisations, restores, and searches that were cut off."""

import itertools
from collections.abc import Iterator

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import SIGHASH_ALL, SIGVERSION_WITNESS_V0, CScript, CScriptWitness, SignatureHash
from coincurve import PrivateKey

from regtest.node import Node
from regtest.plugin import NodeFactory
from tests.contracts.chains import ANYONES_SCRIPT
from wallet.account import Account
from wallet.amount import Sats
from wallet.builder import FeeFrom, Template, bump, fund
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import CookieFile, Endpoint
from wallet.chain.rest import Rest
from wallet.chain.rpc import Rpc
from wallet.chain.watch import SCANNED, WatchWallet, watch_name
from wallet.chain.watched import path_of
from wallet.coins import AccountKind, Coin, KeyPath
from wallet.errors import ChainError
from wallet.fees import MIN_RATE, FeeRate
from wallet.hashes import display, parse_txid, txid_of
from wallet.history import Category, history
from wallet.keys.address import address_of
from wallet.keys.keychain import PrivateKeychain
from wallet.network import REGTEST
from wallet.signatures import p2wpkh_script
from wallet.transactions import Prevout, UnsignedTransaction

pytestmark = pytest.mark.node

NONE: frozenset[COutPoint] = frozenset()
_SEEDS = itertools.count(1)


class Watched:
    """A wallet of its own for one test: keys, and the watching wallet for them in a node."""

    def __init__(self, node: Node, *, birth_height: int | None = None, ensure: bool = True) -> None:
        self.node = node
        self.keys = PrivateKeychain(next(_SEEDS).to_bytes(64, "big"), REGTEST)
        self.account = Account.of(self.keys)
        endpoint = Endpoint(host="127.0.0.1", port=node.rpc_port, credentials=CookieFile(node.cookie))
        self.rpc = Rpc(endpoint, network=REGTEST)
        self.rest = Rest(endpoint)
        self.chain = Bitcoind(self.rpc, self.rest, REGTEST)
        self.wallet = WatchWallet(self.rpc, watch_name(self.account.fingerprint, REGTEST))
        if ensure:
            self.ensure(birth_height)

    def ensure(self, birth_height: int | None) -> None:
        self.wallet.ensure(self.account.descriptors(), birth_height=birth_height)

    def receive(self, sats: int, path: KeyPath) -> COutPoint:
        """An unconfirmed coin from the miner."""
        script = self.account.script(path)
        txid = self.node.fund(address_of(script, REGTEST), sats)
        found = self.chain.transaction(parse_txid(txid))
        assert found is not None
        return COutPoint(found.tx.GetTxid(), [txout.scriptPubKey for txout in found.tx.vout].index(script))

    def coins(self) -> dict[COutPoint, Coin]:
        return {coin.outpoint: coin for coin in self.wallet.coins(self.account.script)}

    def signed(self, unsigned: UnsignedTransaction) -> CTransaction:
        """Signed by the test itself, with every key as the prevouts name it."""
        tx, witnesses = unsigned.tx, []
        for at, prevout in enumerate(unsigned.prevouts):
            assert prevout.path is not None
            key = PrivateKey(self.keys.private_key(prevout.path))
            public = key.public_key.format()
            assert p2wpkh_script(public) == prevout.txout.scriptPubKey
            code = CScript(b"\x76\xa9\x14" + prevout.txout.scriptPubKey[2:] + b"\x88\xac")
            digest = SignatureHash(code, tx, at, SIGHASH_ALL, prevout.txout.nValue, SIGVERSION_WITNESS_V0)
            witnesses.append(CTxInWitness(CScriptWitness([key.sign(digest, hasher=None) + b"\x01", public])))
        return CTransaction(tx.vin, tx.vout, tx.nLockTime, tx.nVersion, CTxWitness(witnesses))

    def pay(self, sats: int) -> CTransaction:
        """Send to a stranger, with change."""
        return self.send(self.payment(sats))

    def payment(self, sats: int) -> Template:
        change = KeyPath(AccountKind.BTC, 1, 0)
        return Template(
            inputs=(),
            outputs=(CTxOut(sats, ANYONES_SCRIPT),),
            change=(self.account.script(change), change),
            may_append_inputs=True,
        )

    def funded(self, template: Template) -> UnsignedTransaction:
        coins = tuple(self.coins().values())
        return fund(template, coins=coins, reserved=NONE, rate=MIN_RATE, tip_height=self.chain.tip().height)

    def send(self, template: Template) -> CTransaction:
        tx = self.signed(self.funded(template))
        self.chain.broadcast(tx)
        return tx

    def close(self) -> None:
        self.rpc.close()
        self.rest.close()


@pytest.fixture
def watched(bitcoin_node: Node) -> Iterator[Watched]:
    made = Watched(bitcoin_node)
    yield made
    made.close()


RECEIVING = KeyPath(AccountKind.BTC, 0, 3)


def test_a_coin_is_seen_unconfirmed_and_confirmed_with_its_key(watched: Watched) -> None:
    coin = watched.receive(120_000, RECEIVING)
    unit = watched.receive(5_000, KeyPath(AccountKind.UNITS, 0, 7))
    found = watched.coins()
    assert set(found) == {coin, unit}
    assert (found[coin].path, found[coin].value, found[coin].height) == (RECEIVING, 120_000, None)
    assert not found[coin].trusted
    assert found[unit].path == KeyPath(AccountKind.UNITS, 0, 7)
    watched.node.mine()
    assert watched.coins()[coin].height == watched.chain.tip().height


def test_own_change_is_trusted_before_it_is_confirmed(watched: Watched) -> None:
    watched.receive(120_000, RECEIVING)
    watched.node.mine()
    tx = watched.pay(30_000)
    change = watched.coins()[COutPoint(txid_of(tx), 1)]
    assert (change.height, change.trusted, change.path) == (None, True, KeyPath(AccountKind.BTC, 1, 0))


def test_a_mined_coin_is_a_coinbase_and_immature(watched: Watched) -> None:
    script = watched.account.script(RECEIVING)
    watched.node.mine_empty(1, address_of(script, REGTEST))
    (coin,) = watched.coins().values()
    assert coin.coinbase
    height = watched.chain.tip().height
    assert not coin.is_mature(height)
    assert coin.is_mature(height + 99)


def test_the_history_adds_up_to_the_coins(watched: Watched) -> None:
    watched.receive(120_000, RECEIVING)
    watched.node.mine()
    sent = watched.pay(30_000)
    changes = watched.wallet.changes()
    entries = history(changes.transactions, tip_height=watched.chain.tip().height)
    assert [entry.category for entry in entries] == [Category.SENT, Category.RECEIVED]
    assert entries[0].txid == txid_of(sent)
    assert entries[0].fee is not None
    assert entries[0].delta == -30_000 - entries[0].fee
    assert sum(entry.delta for entry in entries) == sum(coin.value for coin in watched.coins().values())


def test_a_transaction_within_the_wallet_is_in_the_history_though_all_of_it_is_change(watched: Watched) -> None:
    coin = watched.receive(50_000, RECEIVING)
    watched.node.mine()
    held = watched.coins()[coin]
    target = KeyPath(AccountKind.BTC, 1, 4)
    sweep = Template(
        inputs=(Prevout(outpoint=held.outpoint, txout=held.txout, path=held.path),),
        outputs=(CTxOut(held.value, watched.account.script(target)),),
        own_outputs=((0, target),),
        fee_from=FeeFrom(vout=0, minimum=Sats(294), refill=held.value),
    )
    watched.send(sweep)
    entries = history(watched.wallet.changes().transactions, tip_height=watched.chain.tip().height)
    assert (entries[0].category, entries[0].delta) == (Category.INTERNAL, -110)


def test_a_reorganisation_is_followed_and_told(watched: Watched) -> None:
    coin = watched.receive(120_000, RECEIVING)
    watched.node.mine()
    before = watched.wallet.changes()
    watched.node.reorg(1, resurrect=False)
    assert coin not in watched.coins()
    after = watched.wallet.changes(before.until)
    assert coin.hash in after.removed


def test_an_evicted_payment_is_called_so_and_keeps_its_coins_until_it_is_abandoned(watched: Watched) -> None:
    coin = watched.receive(120_000, RECEIVING)
    watched.node.mine()
    sent = watched.pay(30_000)
    watched.node.evict(display(txid_of(sent)))
    newest = history(watched.wallet.changes().transactions, tip_height=watched.chain.tip().height)[0]
    assert (newest.txid, newest.category, newest.delta) == (txid_of(sent), Category.EVICTED, -30_153)
    assert watched.coins() == {}
    watched.wallet.abandon(txid_of(sent))
    assert set(watched.coins()) == {coin}
    watched.chain.broadcast(sent)
    assert set(watched.coins()) == {COutPoint(txid_of(sent), 1)}


def test_a_replaced_payment_is_dead_once_its_rival_is_mined(watched: Watched) -> None:
    watched.receive(120_000, RECEIVING)
    watched.node.mine()
    template = watched.payment(30_000)
    unsigned = watched.funded(template)
    first = watched.signed(unsigned)
    watched.chain.broadcast(first)
    rest = {"tip_height": watched.chain.tip().height, "coins": (), "reserved": NONE}
    second = watched.signed(bump(unsigned, rate=FeeRate(5_000), change=1, **rest))  # type: ignore[arg-type]
    watched.chain.broadcast(second)
    watched.node.mine()
    entries = history(watched.wallet.changes().transactions, tip_height=watched.chain.tip().height)
    categories = {entry.txid: entry.category for entry in entries}
    assert categories[txid_of(second)] is Category.SENT
    assert categories[txid_of(first)] is Category.DEAD


def test_another_restore_finds_everything_from_the_birth_height_on(bitcoin_node: Node) -> None:
    fresh = Watched(bitcoin_node, ensure=False)
    try:
        bitcoin_node.mine_empty(1)
        birth = fresh.chain.tip().height
        coin = fresh.receive(70_000, RECEIVING)
        bitcoin_node.mine()
        told: list[float] = []
        fresh.wallet.ensure(fresh.account.descriptors(), birth_height=birth, progress=told.append)
        assert set(fresh.coins()) == {coin}
        assert told[-1] == 1.0
        assert fresh.wallet.next_indexes(fresh.account.descriptors()) == {
            (AccountKind.BTC, 0): 4,
            (AccountKind.BTC, 1): 0,
            (AccountKind.UNITS, 0): 0,
            (AccountKind.ISSUING, 0): 0,
        }
    finally:
        fresh.close()


def test_a_search_that_was_cut_off_is_done_again(watched: Watched) -> None:
    first = watched.account.script(KeyPath(AccountKind.BTC, 0, 0))
    watched.rpc.call("setlabel", address_of(first, REGTEST), "", wallet=watched.wallet.name)
    searched: list[float] = []
    watched.wallet.ensure(watched.account.descriptors(), birth_height=0, progress=searched.append)
    assert searched
    searched.clear()
    watched.wallet.ensure(watched.account.descriptors(), birth_height=0, progress=searched.append)
    assert searched == []
    labelled = watched.rpc.call("getaddressesbylabel", SCANNED, wallet=watched.wallet.name)
    assert isinstance(labelled, dict)
    assert len(labelled) == len(watched.account.descriptors())


def test_a_payment_far_out_moves_the_window_along(watched: Watched) -> None:
    far = KeyPath(AccountKind.BTC, 0, 900)
    coin = watched.receive(40_000, far)
    watched.ensure(0)
    assert watched.coins()[coin].path == far
    beyond = watched.receive(40_000, KeyPath(AccountKind.BTC, 0, 1_700))
    assert beyond in watched.coins()


def test_an_issuing_key_beyond_the_first_hundred_is_still_watched(watched: Watched) -> None:
    for index in (60, 130):
        coin = watched.receive(10_000, KeyPath(AccountKind.ISSUING, 0, index))
        watched.ensure(0)
        assert coin in watched.coins()
    assert watched.wallet.next_indexes(watched.account.descriptors())[(AccountKind.ISSUING, 0)] == 131


def test_the_wallet_is_loaded_again_when_the_node_or_somebody_unloads_it(watched: Watched) -> None:
    coin = watched.receive(40_000, RECEIVING)
    watched.node.mine()
    watched.rpc.call("unloadwallet", watched.wallet.name)
    assert coin in watched.coins()
    watched.node.restart()
    assert coin in watched.coins()


def test_a_wallet_with_keys_under_our_name_is_refused(bitcoin_node: Node) -> None:
    fresh = Watched(bitcoin_node, ensure=False)
    bitcoin_node.rpc("createwallet", fresh.wallet.name)
    try:
        with pytest.raises(ChainError, match="is not a watching wallet of this program"):
            fresh.ensure(None)
    finally:
        fresh.close()


def test_foreign_descriptors_in_the_wallet_are_noticed(watched: Watched) -> None:
    other = Watched(watched.node, ensure=False)
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
    fresh = Watched(node, ensure=False)
    try:
        with pytest.raises(ChainError, match="no wallet support") as raised:
            fresh.ensure(None)
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
