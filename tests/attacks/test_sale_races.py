"""Attacks in time: signatures lifted from the mempool (S2, S3), many buyers for one lot, and kills (S15)."""

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import urllib3
from bitcoin.core import CTransaction, CTxIn, CTxInWitness, CTxOut, CTxWitness
from bitcoin.core.script import CScript, CScriptWitness

from assets.images.bid import BidPackage
from assets.images.offer import Ask
from assets.images.shop_bundle import ShopBundle
from assets.images.shop_sale import SaleState, ShopSale
from assets.server.shop import Shop
from assets.store.shop_journal import ShopJournal
from regtest.errors import RpcFailure
from tests.assets.index.signing_party import Signer
from tests.attacks.forged_bids import Forger
from tests.attacks.ground import Ground
from tests.attacks.publisher import Publisher
from tests.builders import marker
from tests.market.shops import running_shop
from tests.market.traders import new_trader
from tui.shop import open_shop
from wallet.hashes import Txid, display
from wallet.network import REGTEST
from wallet.psbt import Psbt
from wallet.signer import SoftwareSigner
from wallet.transactions import RBF_SEQUENCE

pytestmark = [pytest.mark.node, pytest.mark.registry]
CROWD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """A seller who exported lots, and buyers who all have bids ready."""

    ground: Ground
    seller: Publisher
    bundle: Path
    asks: tuple[Ask, ...]
    forger: Forger


@pytest.fixture(scope="module")
def crowd(ground: Ground) -> Iterator[Crowd]:
    """Six lots in a bundle."""
    seller, buyer = new_trader(ground, "shopkeeper"), new_trader(ground, "crowd", coins=6)
    name = seller.issue("acme/crowd")
    seller.signs("market", "sell", name, "--access", "--copies", "6", "--price", "0.0005", "--fee-rate", "2")
    ground.node.mine()
    bundle = seller.person.home / "bundle"
    exported = seller.signs("market", "export-shop", name, str(bundle))
    with ExitStack() as stack:
        session, unlock = stack.enter_context(buyer.session())
        signer = unlock()
        assert isinstance(signer, SoftwareSigner)
        document = json.loads(bundle.read_bytes())
        asks = tuple(
            Ask.parse(json.dumps(lot["ask"], sort_keys=True, separators=(",", ":")).encode())
            for lot in document["lots"]
        )
        assert len(asks) == len(exported["asks"]) == 6
        yield Crowd(
            ground=ground,
            seller=seller,
            bundle=bundle,
            asks=asks,
            forger=Forger(session=session, signer=signer, chain=ground.chain),
        )


def post(url: str, package: BidPackage) -> tuple[int, dict[str, Any]]:
    """Hands a bid to a shop."""
    with urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("POST", f"{url}/v1/bids", body=package.serialize())
        return answer.status, answer.json()


def test_s15_a_hundred_buyers_at_once_and_one_sale(crowd: Crowd) -> None:
    others = [_other_buyers_bid(crowd, crowd.asks[0], number) for number in range(CROWD)]
    with (
        running_shop(crowd.bundle, crowd.ground.node, crowd.bundle.parent / "m1", "--per-minute", "60000") as shop,
        ThreadPoolExecutor(30) as pool,
    ):
        answers = list(pool.map(lambda bid: post(shop.url, bid), others))
    statuses = [status for status, _ in answers]
    assert statuses.count(200) == 1
    assert statuses.count(409) == CROWD - 1
    sold = next(told for status, told in answers if status == 200)
    assert all("is sold, in " + sold["txid"] in told["message"] for status, told in answers if status == 409)
    assert sold["txid"] in crowd.ground.node.rpc("getrawmempool")
    crowd.ground.node.mine()


def _other_buyers_bid(crowd: Crowd, ask: Ask, number: int) -> BidPackage:
    """A bid whose units go to a script of its own, so that no two are of the same buyer."""
    drafted = crowd.forger.draft(ask)
    assert drafted.receiver.path is not None
    path = replace(drafted.receiver.path, index=drafted.receiver.path.index + number)
    script = crowd.forger.session.account.script(path)
    forged = crowd.forger.forged(ask, lambda body: body.with_output(1, CTxOut(body.outputs[1].nValue, script)))
    text = forged.bid.text(REGTEST.genesis, Txid(_txid(forged)))
    return replace(forged, bid=forged.bid.signed(crowd.forger.signer.sign_message(text, path)))


def _txid(package: BidPackage) -> bytes:
    return bytes(Psbt.parse(package.psbt).tx.GetTxid())


def test_s2_and_s3_a_signature_lifted_from_the_mempool_fits_no_other_transaction(crowd: Crowd) -> None:
    thief = Signer("thief")
    coin = crowd.ground.coin(thief, 20_000_000)
    crowd.ground.node.mine()
    with running_shop(crowd.bundle, crowd.ground.node, crowd.bundle.parent / "m2") as shop:
        status, told = post(shop.url, crowd.forger.honest(crowd.asks[1]))
    assert status == 200, told
    sale = CTransaction.deserialize(bytes.fromhex(told["tx"]))
    lifted = sale.wit.vtxinwit[0]
    pinning = [CTxOut(1_000, thief.script) for _ in range(2_900)]
    for extra in ([CTxOut(10_000_000, thief.script)], pinning):
        vin = [CTxIn(sale.vin[0].prevout, CScript(), RBF_SEQUENCE), CTxIn(coin.outpoint, CScript(), RBF_SEQUENCE)]
        vout = [marker([1]), CTxOut(330, thief.script), sale.vout[2], *extra]
        bare = CTransaction(vin, vout, 0, 2)
        own = CTxInWitness(CScriptWitness(list(thief.witness(bare, 1, coin.value))))
        forged = CTransaction(vin, vout, 0, 2, CTxWitness([lifted, own]))
        with pytest.raises(RpcFailure, match="script-verify-flag"):
            crowd.ground.node.rpc("sendrawtransaction", forged.serialize().hex(), 0)
    assert display(sale.GetTxid()) in crowd.ground.node.rpc("getrawmempool")
    crowd.ground.node.mine()


class DyingShop(Shop):
    """The process ends after the journal has the sale, and before anybody hears of it."""

    def _sent(self, sale: ShopSale) -> ShopSale:
        return sale


def test_s15_a_kill_after_the_journal_and_before_the_broadcast_loses_nothing(crowd: Crowd) -> None:
    """What the journal has is sent at the next start, whatever the process did last."""
    package = crowd.forger.honest(crowd.asks[2])
    with crowd.seller.person.house() as house:
        bundle = ShopBundle.parse(crowd.bundle.read_bytes())
        opened = open_shop(house, bundle, crowd.bundle.with_name("bundle.journal"))
        sale = DyingShop(opened.shop._parts).bid(package)
        opened.journal.close()
    assert display(sale.txid) not in crowd.ground.node.rpc("getrawmempool")
    with running_shop(crowd.bundle, crowd.ground.node, crowd.bundle.parent / "m3") as shop:
        assert display(sale.txid) in crowd.ground.node.rpc("getrawmempool")
        status, told = post(shop.url, package)
        assert (status, told["txid"]) == (200, display(sale.txid))
    crowd.ground.node.mine()


def test_s15_a_shop_that_is_killed_under_load_sells_each_lot_once(crowd: Crowd) -> None:
    """Kills at arbitrary moments while buyers fight for two lots; then the chain and the journal say the same."""
    bids = [_other_buyers_bid(crowd, ask, number) for number in range(12) for ask in crowd.asks[3:5]]
    said: list[tuple[int, dict[str, Any]]] = []
    for round_, at in enumerate(range(0, len(bids), 8)):
        home = crowd.bundle.parent / f"k{round_}"
        with running_shop(crowd.bundle, crowd.ground.node, home, "--per-minute", "60000") as shop:
            threads = [
                threading.Thread(target=_try, args=(shop.url, bid, said), daemon=True) for bid in bids[at : at + 8]
            ]
            for thread in threads:
                thread.start()
            threads[round_].join(10)
            shop.kill()
            for thread in threads:
                thread.join(30)
    with running_shop(crowd.bundle, crowd.ground.node, crowd.bundle.parent / "k9"):
        pass
    journal = ShopJournal(crowd.bundle.with_name("bundle.journal"), REGTEST.genesis)
    try:
        standing = [sale for sale in journal.sales() if sale.lot in {ask.coins[0].outpoint for ask in crowd.asks[3:5]}]
        assert len({sale.lot for sale in standing}) == len(standing) <= 2
        waiting = crowd.ground.node.rpc("getrawmempool")
        for sale in standing:
            assert sale.state in (SaleState.SENT, SaleState.CONFIRMED)
            assert display(sale.txid) in waiting
        assert {told["txid"] for status, told in said if status == 200} <= {display(sale.txid) for sale in standing}
    finally:
        journal.close()
    crowd.ground.node.mine()


def _try(url: str, bid: BidPackage, said: list[tuple[int, dict[str, Any]]]) -> None:
    try:
        said.append(post(url, bid))
    except (urllib3.exceptions.HTTPError, ValueError):
        return


def test_a_bundle_holds_the_keys_of_its_lots_and_nothing_above_them(crowd: Crowd) -> None:
    text = crowd.bundle.read_text(encoding="ascii")
    words = (crowd.seller.person.home / "words").read_text(encoding="utf-8").split()
    with crowd.seller.session() as (session, unlock):
        signer = unlock()
        assert isinstance(signer, SoftwareSigner)
        keychain = signer._keychain
        above = [node for numbers, node in keychain._nodes.items() if len(numbers) <= 3]
        secrets = [bytes(node.PrivateKey()).hex() for node in above]
        chain_codes = [bytes(node.ChainCode()).hex() for node in above]
        xpubs = [xpub for _, xpub in session.account.xpubs]
    for forbidden in (*secrets, *chain_codes, *xpubs, " ".join(words)):
        assert forbidden not in text
    assert not re.search(r"[xyztuv](prv|pub)[1-9A-HJ-NP-Za-km-z]{100}", text)
    assert crowd.bundle.stat().st_mode & 0o777 == 0o600
    crowd.bundle.chmod(0o644)
    said = crowd.seller.person.run("market", "serve", str(crowd.bundle), expect=3)
    assert "can be read by others" in said.stderr
    crowd.bundle.chmod(0o600)


def test_a_shop_listens_on_loopback_only(crowd: Crowd) -> None:
    said = crowd.seller.person.run("market", "serve", str(crowd.bundle), "--listen", "0.0.0.0:8080", expect=3)
    assert "on this machine only" in said.stderr
