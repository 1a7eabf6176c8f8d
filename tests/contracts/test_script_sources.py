"""What every source of a wallet's scripts must tell: on the chain in memory as in a real node."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from bitcoin.core import COutPoint, CTxOut

import wallet.chain.answers as answers_module
import wallet.chain.rpc as rpc_module
from regtest.node import Node
from tests.contracts.chains import Chain, FakeWorld, NodeWorld
from tests.contracts.watching import NONE, RECEIVING, Watched
from wallet.amount import Sats
from wallet.builder import FeeFrom, Template, bump
from wallet.chain.bitcoind import Bitcoind
from wallet.chain.endpoint import CookieFile, Endpoint
from wallet.chain.fake_scripts import FakeFinder, FakeScripts
from wallet.chain.scripts import CoinFinder, CoinSearch, ScriptSet, ScriptSource
from wallet.coins import AccountKind, KeyPath
from wallet.errors import ChainError
from wallet.fees import FeeRate
from wallet.hashes import Txid, txid_of
from wallet.history import Category, State
from wallet.network import REGTEST
from wallet.transactions import Prevout


@dataclass(frozen=True)
class Subject:
    """A chain, what watches scripts on it, and what makes it cut its answers short."""

    chain: Chain
    scripts: Callable[[ScriptSet], ScriptSource]
    finder: CoinFinder
    shorten: Callable[[ScriptSource], None]


@pytest.fixture(params=["memory", pytest.param("bitcoind", marks=pytest.mark.node)])
def subject(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    if request.param == "memory":
        world = FakeWorld()
        yield Subject(world, lambda scripts: FakeScripts(world.chain, scripts), FakeFinder(world.chain), _limited)
        return

    def shorten(_: ScriptSource) -> None:
        for module in (answers_module, rpc_module):
            monkeypatch.setattr(module, "MAX_ANSWER", 2_000)

    node: Node = request.getfixturevalue("bitcoin_node")
    endpoint = Endpoint(host="127.0.0.1", port=node.rpc_port, credentials=CookieFile(node.cookie))
    source = Bitcoind.at(endpoint, REGTEST)
    yield Subject(NodeWorld(node, source), source.scripts, source, shorten)
    source.close()


def _limited(scripts: ScriptSource) -> None:
    assert isinstance(scripts, FakeScripts)
    scripts.limit = 2


@pytest.fixture
def watched(subject: Subject) -> Watched:
    return Watched(subject.chain, subject.scripts)


def test_new_keys_have_nothing(watched: Watched) -> None:
    assert (watched.scripts.unspent(), watched.scripts.history()) == ((), ())
    assert watched.scripts.best_block() == watched.chain.source.tip().hash
    assert watched.scripts.first_unused(AccountKind.BTC, 0) == 0


def test_a_coin_is_seen_unconfirmed_and_confirmed_with_its_key(watched: Watched) -> None:
    coin = watched.receive(120_000)
    unit = watched.receive(5_000, KeyPath(AccountKind.UNITS, 0, 7))
    found = watched.coins()
    assert set(found) == {coin, unit}
    assert (found[coin].path, found[coin].value, found[coin].height) == (RECEIVING, 120_000, None)
    assert found[coin].script_pubkey == watched.account.script(RECEIVING)
    assert not found[coin].trusted
    assert found[unit].path == KeyPath(AccountKind.UNITS, 0, 7)
    watched.chain.mine()
    assert watched.coins()[coin].height == watched.height()
    assert not watched.coins()[coin].coinbase


def test_own_change_is_trusted_before_it_is_confirmed(watched: Watched) -> None:
    watched.receive(120_000)
    watched.chain.mine()
    tx = watched.pay(30_000)
    change = watched.coins()[COutPoint(txid_of(tx), 1)]
    assert (change.height, change.trusted, change.path) == (None, True, KeyPath(AccountKind.BTC, 1, 0))


def test_the_history_has_heights_blocks_and_own_outputs(watched: Watched) -> None:
    coin = watched.receive(120_000)
    watched.chain.mine()
    sent = watched.pay(30_000)
    tip = watched.chain.source.tip()
    found = {one.txid: one for one in watched.scripts.history()}
    received, spending = found[Txid(coin.hash)], found[txid_of(sent)]
    assert (received.height, received.block, received.own_outputs) == (tip.height, tip.hash, (coin.n,))
    assert (received.time, received.state) == (tip.time, State.STANDING)
    assert received.index > 0
    assert (spending.height, spending.block, spending.own_outputs) == (None, None, (1,))
    assert spending.tx.serialize() == sent.serialize()


def test_the_history_adds_up_to_the_coins(watched: Watched) -> None:
    watched.receive(120_000)
    watched.chain.mine()
    sent = watched.pay(30_000)
    entries = watched.entries()
    assert [entry.category for entry in entries] == [Category.SENT, Category.RECEIVED]
    assert entries[0].txid == txid_of(sent)
    assert entries[0].fee is not None
    assert entries[0].delta == -30_000 - entries[0].fee
    assert sum(entry.delta for entry in entries) == sum(coin.value for coin in watched.coins().values())


def test_a_transaction_within_the_wallet_is_in_the_history_though_all_of_it_is_change(watched: Watched) -> None:
    coin = watched.receive(50_000)
    watched.chain.mine()
    held = watched.coins()[coin]
    target = KeyPath(AccountKind.BTC, 1, 4)
    sweep = Template(
        inputs=(Prevout(outpoint=held.outpoint, txout=held.txout, path=held.path),),
        outputs=(CTxOut(held.value, watched.account.script(target)),),
        own_outputs=((0, target),),
        fee_from=FeeFrom(vout=0, minimum=Sats(294), refill=held.value),
    )
    watched.send(sweep)
    entries = watched.entries()
    assert (entries[0].category, entries[0].delta) == (Category.INTERNAL, -110)


def test_what_waits_for_a_block_is_the_history_after_the_best_one(watched: Watched) -> None:
    watched.receive(120_000)
    watched.chain.mine()
    before = watched.scripts.best_block()
    assert watched.scripts.history(before) == ()
    sent = watched.pay(30_000)
    assert [one.txid for one in watched.scripts.history(before)] == [txid_of(sent)]
    watched.chain.mine()
    assert [(one.txid, one.height) for one in watched.scripts.history(before)] == [(txid_of(sent), watched.height())]
    assert watched.scripts.history(watched.scripts.best_block()) == ()


def test_what_a_reorganisation_lost_is_no_coin_and_waits_to_be_sent_again(watched: Watched) -> None:
    coin = watched.receive(120_000)
    watched.chain.mine()
    assert set(watched.coins()) == {coin}
    watched.chain.reorg(1, resurrect=False)
    assert watched.coins() == {}
    waiting = watched.scripts.history(watched.scripts.best_block())
    assert [(one.txid, one.state, one.height) for one in waiting] == [(coin.hash, State.EVICTED, None)]


def test_what_a_reorganisation_put_back_waits_for_a_block(watched: Watched) -> None:
    coin = watched.receive(120_000)
    watched.chain.mine()
    watched.chain.reorg(1, resurrect=True)
    assert watched.coins()[coin].height is None
    (one,) = watched.scripts.history(watched.scripts.best_block())
    assert (one.txid, one.state) == (coin.hash, State.STANDING)


def test_an_evicted_payment_is_called_so_and_its_change_is_gone(watched: Watched) -> None:
    watched.receive(120_000)
    watched.chain.mine()
    sent = watched.pay(30_000)
    assert watched.categories()[txid_of(sent)] is Category.SENT
    watched.chain.evict(txid_of(sent))
    newest = watched.entries()[0]
    assert (newest.txid, newest.category, newest.delta) == (txid_of(sent), Category.EVICTED, -30_153)
    assert COutPoint(txid_of(sent), 1) not in watched.coins()
    watched.chain.source.broadcast(sent)
    assert set(watched.coins()) == {COutPoint(txid_of(sent), 1)}


def test_a_replaced_payment_is_dead_once_its_rival_is_mined(watched: Watched) -> None:
    watched.receive(120_000)
    watched.chain.mine()
    unsigned = watched.funded(watched.payment(30_000))
    first = watched.signed(unsigned)
    watched.chain.source.broadcast(first)
    assert watched.categories()[txid_of(first)] is Category.SENT
    bumped = bump(unsigned, rate=FeeRate(5_000), change=1, tip_height=watched.height(), coins=(), reserved=NONE)
    second = watched.signed(bumped)
    watched.chain.replace(second)
    watched.chain.mine()
    categories = watched.categories()
    assert categories[txid_of(second)] is Category.SENT
    assert categories[txid_of(first)] is Category.DEAD


def test_another_restore_finds_everything_from_the_birth_height_on(subject: Subject) -> None:
    fresh = Watched(subject.chain, subject.scripts, watch=False)
    subject.chain.mine_empty(1)
    birth = fresh.height() + 1
    coin = fresh.receive(70_000)
    subject.chain.mine()
    told: list[float] = []
    fresh.scripts.watch(birth_height=birth, progress=told.append)
    assert set(fresh.coins()) == {coin}
    assert told[-1] == 1.0
    assert fresh.scripts.first_unused(AccountKind.BTC, 0) == RECEIVING.index + 1
    for account, chain in ((AccountKind.BTC, 1), (AccountKind.UNITS, 0), (AccountKind.ISSUING, 0)):
        assert fresh.scripts.first_unused(account, chain) == 0


def test_watching_twice_changes_nothing(watched: Watched) -> None:
    coin = watched.receive(70_000)
    watched.chain.mine()
    watched.scripts.watch(birth_height=0)
    assert set(watched.coins()) == {coin}


def test_a_single_key_that_was_made_just_now_is_watched_from_then_on(watched: Watched) -> None:
    lot = KeyPath(AccountKind.SHOP, 0, 5)
    more = watched.account.with_lots([(5, watched.keys.public_key(lot))])
    watched.scripts.watch_new(more)
    coin = watched.chain.receive(more.script(lot), 8_000)
    assert watched.coins()[coin].path == lot


def test_a_history_that_cannot_be_had_whole_is_an_error_and_never_a_part(subject: Subject, watched: Watched) -> None:
    for index in range(3):
        watched.receive(20_000, KeyPath(AccountKind.BTC, 0, index))
    assert len(watched.scripts.history()) == len(watched.scripts.unspent()) == 3
    subject.shorten(watched.scripts)
    with pytest.raises(ChainError):
        watched.scripts.history()
    with pytest.raises(ChainError):
        watched.scripts.unspent()


def test_a_search_finds_what_lies_unspent_in_blocks_without_watching(subject: Subject) -> None:
    lot = KeyPath(AccountKind.SHOP, 0, 9)
    fresh = Watched(subject.chain, subject.scripts, watch=False)
    with_lot = fresh.account.with_lots([(9, fresh.keys.public_key(lot))])
    nothing = subject.finder.search(with_lot, keys=20)
    assert nothing == CoinSearch(height=fresh.height(), coins=0, sats=Sats(0), oldest=None)
    fresh.receive(60_000)
    subject.chain.mine()
    oldest = fresh.height()
    subject.chain.receive(with_lot.script(lot), 5_000)
    subject.chain.mine()
    fresh.receive(7_000)
    fresh.receive(8_000, KeyPath(AccountKind.BTC, 0, 20))
    told: list[float] = []
    found = subject.finder.search(with_lot, keys=20, progress=told.append)
    assert found == CoinSearch(height=fresh.height(), coins=2, sats=Sats(65_000), oldest=oldest)
    assert all(0 <= share <= 1 for share in told)
