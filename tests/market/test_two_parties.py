"""Sales between two people who share nothing but the chain: by file and by paste, bumped from either side."""

from typing import Any

import pytest

from assets.images.canonical import encode
from regtest.errors import RpcFailure
from tests.judge.simple_coloring import judge_chain
from tests.market.traders import Market, Trader
from tests.regtest.people import KeepsKeys, password

pytestmark = [pytest.mark.node, pytest.mark.registry]


def listing_file(market: Market, trader: Trader, ask: dict[str, Any]) -> str:
    """One ask of `market sell --json` as somebody was sent it."""
    path = trader.person.home / f"ask-{str(ask['id'])[:12]}"
    path.write_bytes(encode({key: value for key, value in ask.items() if key != "id"}) + b"\n")
    return str(path)


def judged_units(market: Market, genesis: str) -> int:
    """All access units and the title, by the judge."""
    return sum(units.quantity for units in judge_chain(market.ground.node).holdings(genesis).values())


def test_an_access_unit_is_sold_by_file_and_both_see_it(market: Market) -> None:
    asks = market.lots(3)
    assert len({ask["coins"][0]["outpoint"] for ask in asks}) == 3
    buyer = market.buyer("ann")
    bid = market.bid(buyer, listing_file(market, buyer, asks[0]), "--name", market.name)
    sold = market.seller.signs("market", "accept", str(bid))
    market.mine()
    assert market.units(buyer) == (1, False)
    own = market.seller.person.run("market", "offers", market.name, "--json").document["own"]
    states = {view["id"]: (view["state"], view["txid"]) for view in own}
    assert states[asks[0]["id"]] == ("sold", sold["txid"])
    assert states[asks[1]["id"]][0] == "open"
    coins = market.seller.person.run("wallet", "coins", "--json").document["coins"]
    left = {ask["coins"][0]["outpoint"] for ask in asks[1:]}
    lots = [coin for coin in coins if coin["outpoint"] in left]
    assert [coin["account"] for coin in lots] == ["shop", "shop"]
    assert {coin["because"] for coin in lots} == {"it is a lot of a shop"}
    assert judged_units(market, asks[0]["genesis"]) == 1_000_001


def test_a_sale_is_bumped_by_its_buyer_and_by_its_seller(market: Market) -> None:
    (ask,) = market.lots(1)
    buyer = market.buyer("bea")
    bid = market.bid(buyer, listing_file(market, buyer, ask), "--fee-rate", "2")
    first = market.seller.signs("market", "accept", str(bid))
    made = buyer.person.run("market", "offers", "--json").document["bids"][0]
    better = buyer.person.home / "better"
    buyer.signs("market", "buy", "--bump", made["id"][:12], "--fee-rate", "9", "--out", str(better))
    second = market.seller.signs("market", "accept", str(better))
    waiting = market.ground.node.rpc("getrawmempool")
    assert second["txid"] in waiting
    assert first["txid"] not in waiting
    child = market.seller.signs("market", "accept", "--speed-up", second["txid"], "--fee-rate", "30")
    entry = market.ground.node.rpc("getmempoolentry", child["txid"])
    assert entry["fees"]["ancestor"] * 100_000_000 >= 30 * entry["ancestorsize"]
    market.mine()
    assert market.units(buyer) == (1, False)
    with pytest.raises(RpcFailure):
        market.ground.node.rpc("getmempoolentry", second["txid"])


def test_a_whole_repository_is_sold_and_the_new_owner_sells_it_on_by_paste(market: Market) -> None:
    name = market.seller.issue("acme/whole")
    ask = market.seller.person.run(
        "market", "sell", name, "--title", "--price", "0.01", "--yes", *market.seller._password
    ).stdout
    buyer = market.buyer("col")
    path = buyer.person.home / "pasted"
    path.write_text(ask, encoding="utf-8")
    bid = market.bid(buyer, path, "--fee-rate", "3")
    before = market.seller.person.run("wallet", "balance", "--json").document
    market.seller.signs("market", "accept", str(bid))
    market.mine()
    after = market.seller.person.run("wallet", "balance", "--json").document
    gained = after["confirmed"] + after["reserved"] - before["confirmed"] - before["reserved"]
    assert gained == 1_000_000
    owned = buyer.person.run("image", "list", "--json").document["repositories"]
    assert [(one["name"], one["owned"]) for one in owned] == [(name, True)]
    again = market.listing(buyer, name, "--title", "--price", "0.02")
    bid = market.bid(market.buyer("dan"), again)
    buyer.signs("market", "accept", str(bid))
    market.mine()
    assert not buyer.person.run("image", "list", "--json").document["repositories"][0]["owned"]


def test_lots_are_made_in_as_few_transactions_as_relay_limits_allow(market: Market) -> None:
    sold = market.seller.signs(
        "market", "sell", market.name, "--access", "--copies", "150", "--price", "0.0001", "--fee-rate", "1"
    )
    assert len(sold["transactions"]) == 3
    assert len({ask["coins"][0]["outpoint"] for ask in sold["asks"]}) == 150
    market.mine()
    shown = market.seller.person.run("market", "offers", market.name, "--json").document
    assert sum(one["mine"] for one in shown["offers"]) >= 150
    back = market.seller.signs("market", "cancel", market.name, "--lots", "--fee-rate", "1")
    assert len(back["withdrawn"]) == 100


def test_lots_are_found_again_after_a_restore_from_the_words(market: Market) -> None:
    name = market.seller.issue("acme/restored")
    made = market.seller.signs("market", "sell", name, "--access", "--copies", "3", "--price", "0.0001")
    market.mine()
    again = market.ground.person("seller again", houses=KeepsKeys)
    words = market.seller.person.home / "words"
    again.run("wallet", "restore", "--words-file", str(words), *password(again))
    before = again.run("wallet", "coins", "--json").document["coins"]
    assert not any(coin["account"] == "shop" for coin in before)
    said = again.run(
        "market", "sell", name, "--access", "--copies", "1", "--price", "0.0001", *password(again), "--yes", "--json"
    )
    assert "keys of lots that were made before" in said.stderr
    market.mine()
    after = {coin["outpoint"] for coin in again.run("wallet", "coins", "--json").document["coins"]}
    assert {ask["coins"][0]["outpoint"] for ask in made["asks"]} <= after
    relisted = again.run(
        "market", "sell", name, "--access", "--relist", "--price", "0.0002", *password(again), "--yes", "--json"
    ).document
    assert len(relisted["asks"]) == 4
