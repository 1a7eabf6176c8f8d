"""A seller who signs a sale and then spends the coin otherwise, before a block and after one (S13).

Every time the buyer has lost nothing but the trade, and everybody is told: buyer, seller and shop.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.services.wallets.own_keys import own_scripts
from tests.attacks.forged_bids import Body, Forger
from tests.attacks.ground import Ground
from tests.attacks.publisher import Publisher
from tests.builders import marker
from tests.market.shops import running_shop
from tests.market.test_two_parties import listing_file
from tests.market.traders import Market, new_market
from tests.serving import RunningService
from wallet.coins import AccountKind
from wallet.hashes import parse_outpoint
from wallet.psbt import finalize
from wallet.signer import SoftwareSigner
from wallet.transactions import Prevout

pytestmark = [pytest.mark.node, pytest.mark.registry]
FEE = 20_000
"""Far more than any sale here pays."""


@pytest.fixture(scope="module")
def market(ground: Ground) -> Market:
    """A seller with a repository in a block."""
    return new_market(ground, "acme/doubled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A sale that the seller completed, and what the buyer had before."""

    market: Market
    buyer: Publisher
    ask: dict[str, Any]
    bid: Path
    sale: str
    before: int

    def bought(self) -> dict[str, Any]:
        """The buyer's view of the bid."""
        bids = self.buyer.person.run("market", "offers", "--json").document["bids"]
        found = next(one for one in bids if one["txid"] == self.sale)
        assert isinstance(found, dict)
        return found

    def sold(self) -> str:
        """The seller's word for the listing."""
        own = self.market.seller.person.run("market", "offers", "--json").document["own"]
        return str(next(one["state"] for one in own if one["id"] == self.ask["id"]))

    def nothing_was_paid(self) -> None:
        """All of the buyer's money is there, and can be spent."""
        balance = self.buyer.person.run("wallet", "balance", "--json").document
        assert (balance["confirmed"], balance["reserved"], balance["units"]) == (self.before, 0, [])
        address = self.buyer.person.run("wallet", "receive", "--json").document["address"]
        self.buyer.signs("wallet", "send", str(address), "0.04")
        self.market.mine()


def traded(market: Market, name: str, ask: dict[str, Any]) -> Trade:
    """Listing, bid and acceptance by file, in the mempool."""
    buyer = market.buyer(name)
    before = int(buyer.person.run("wallet", "balance", "--json").document["confirmed"])
    bid = market.bid(buyer, listing_file(market, buyer, ask), "--fee-rate", "2")
    sale = str(market.seller.signs("market", "accept", str(bid))["txid"])
    return Trade(market=market, buyer=buyer, ask=ask, bid=bid, sale=sale, before=before)


def double_spend(market: Market, ask: dict[str, Any]) -> CTransaction:
    """The seller's own keys move what was sold to the seller again, at a high fee: no command of ours does that."""
    coins = [parse_outpoint(coin["outpoint"]) for coin in ask["coins"]]
    with market.seller.session() as (session, unlock):
        signer = unlock()
        assert isinstance(signer, SoftwareSigner)
        scripts = own_scripts(session)

        def prevout(outpoint: COutPoint) -> Prevout:
            found = CTransaction.deserialize(
                bytes.fromhex(market.ground.node.rpc("getrawtransaction", outpoint.hash[::-1].hex()))
            )
            txout = found.vout[outpoint.n]
            return Prevout(outpoint=outpoint, txout=txout, path=scripts[bytes(txout.scriptPubKey)])

        spent = [prevout(coin) for coin in coins]
        rich = [coin for coin in session.coins.coins() if coin.path.account is AccountKind.BTC and coin.value > 2 * FEE]
        payer = min((coin for coin in rich if coin.height is not None), key=lambda coin: (coin.height, coin.value))
        paying = Prevout(outpoint=payer.outpoint, txout=payer.txout, path=payer.path)
        kept = [one.txout for one in spent]
        outputs = (
            marker([coin["quantity"] for coin in ask["coins"]]),
            *kept,
            CTxOut(payer.value - FEE, payer.txout.scriptPubKey),
        )
        forger = Forger(session=session, signer=signer, chain=market.ground.chain)
        tx = finalize(forger.signed(Body(prevouts=(*spent, paying), outputs=outputs)))
        assert isinstance(tx, CTransaction)
        return tx


def send(market: Market, tx: CTransaction) -> str:
    """Into the mempool, in the place of what is there; its txid."""
    return str(market.ground.node.rpc("sendrawtransaction", tx.serialize().hex(), 0))


def test_s13_a_lot_that_is_spent_otherwise_before_a_block(market: Market) -> None:
    (ask,) = market.lots(1)
    trade = traded(market, "early", ask)
    assert trade.bought()["state"] == "sold, waiting for a block"
    rival = send(market, double_spend(market, ask))
    assert trade.sale not in market.ground.node.rpc("getrawmempool")
    seen = trade.bought()
    assert (seen["state"], seen["confirmations"]) == ("contested", 0)
    assert f"the seller's coin: {rival}, which waits for a block, spends" in seen["note"]
    assert trade.sold() == "ended: the coin moved"
    market.mine()
    said = trade.buyer.person.run("market", "offers")
    assert "is void, and its other coins are free: the seller's coin:" in said.stderr
    assert "nothing was paid" in said.stdout
    assert trade.bought()["state"] == "void"
    trade.nothing_was_paid()
    refused = trade.buyer.refuses("market", "cancel", trade.bought()["id"][:12]).stderr
    assert "nobody can complete this bid" in refused


def test_s13_a_whole_repository_that_is_spent_otherwise_before_a_block(market: Market) -> None:
    name = market.seller.issue("acme/doubled-whole")
    (ask,) = market.seller.signs("market", "sell", name, "--title", "--price", "0.01")["asks"]
    trade = traded(market, "heir", ask)
    send(market, double_spend(market, ask))
    market.mine()
    assert trade.bought()["state"] == "void"
    trade.nothing_was_paid()
    assert trade.buyer.person.run("image", "list", "--json").document["repositories"] == []
    assert "has left" not in market.seller.release(name, "1.0"), "the seller still owns it"
    market.mine()


def test_s13_a_lot_that_is_spent_otherwise_after_a_block_that_did_not_last(market: Market) -> None:
    (ask,) = market.lots(1)
    trade = traded(market, "late", ask)
    market.mine()
    assert (trade.bought()["state"], trade.bought()["confirmations"]) == ("sold", 1)
    rival = double_spend(market, ask)
    market.ground.node.reorg(1, with_transactions=[rival.serialize().hex()], resurrect=False)
    assert trade.bought()["state"] == "void"
    assert trade.sold() == "ended: the coin moved"
    trade.nothing_was_paid()


def test_s13_a_shop_tells_its_buyers_what_became_of_a_sale(market: Market) -> None:
    (ask,) = market.lots(1)
    bundle = market.seller.person.home / "doubled-bundle"
    market.seller.signs("market", "export-shop", market.name, str(bundle))
    buyer = market.buyer("shopper")
    before = int(buyer.person.run("wallet", "balance", "--json").document["confirmed"])
    with running_shop(bundle, market.ground.node, bundle.parent / "doubled-shop") as shop:
        bought = buyer.signs("market", "buy", shop.url, "--ask", ask["id"], "--name", market.name)
        rival = send(market, double_spend(market, ask))
        assert told(shop, bought)["state"].startswith("contested: a transaction that waits for a block")
        assert buyer.person.run("market", "offers", "--json").document["bids"][0]["state"] == "contested"
        market.mine()
        assert told(shop, bought)["state"] == "void: one of its coins was spent otherwise, in a block"
    with running_shop(bundle, market.ground.node, bundle.parent / "doubled-shop") as shop:
        health = urllib3.request("GET", f"{shop.url}/healthz").json()
        assert (health["lots"], health["sold"]) == (0, 0)
        assert urllib3.request("GET", f"{shop.url}/v1/asks").json()["asks"] == []
    assert rival != bought["txid"]
    trade = Trade(market=market, buyer=buyer, ask=ask, bid=bundle, sale=bought["txid"], before=before)
    assert trade.bought()["state"] == "void"
    trade.nothing_was_paid()


def test_s13_a_void_sale_of_a_shop_stands_again_when_its_buyer_asks_after_a_reorganisation(market: Market) -> None:
    (ask,) = market.lots(1)
    bundle = market.seller.person.home / "revived-bundle"
    market.seller.signs("market", "export-shop", market.name, str(bundle))
    buyer = market.buyer("patient shopper")
    with running_shop(bundle, market.ground.node, bundle.parent / "revived-shop") as shop:
        bought = buyer.signs("market", "buy", shop.url, "--ask", ask["id"], "--name", market.name)
        again = ("market", "buy", shop.url, "--resend", bought["bid"][:16])
        send(market, double_spend(market, ask))
        market.mine()
        assert "is void" in buyer.person.run("market", "offers").stderr
        assert "is no open bid: it is void" in buyer.person.run(*again, expect=3).stderr
        market.ground.node.reorg(1, resurrect=False)
        assert buyer.person.run(*again, "--json").document["state"] == "sold, waiting for a block"
        assert buyer.person.run("wallet", "balance", "--json").document["confirmed"] == 0, "its coin is spent"
        assert urllib3.request("GET", f"{shop.url}/v1/asks").json()["asks"] == []
    market.mine()
    assert market.units(buyer) == (1, False)


def told(shop: RunningService, bought: dict[str, Any]) -> dict[str, Any]:
    """What the shop says of a bid now."""
    answer = urllib3.request("GET", f"{shop.url}/v1/bids/{bought['bid']}")
    assert answer.status == 200, answer.data
    found = answer.json()
    assert isinstance(found, dict)
    return found
