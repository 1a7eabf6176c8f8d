"""A shop on a machine without a wallet sells lots over HTTP."""

import json

import pytest
import urllib3

from tests.market.shops import running_shop
from tests.market.traders import Market

pytestmark = [pytest.mark.node, pytest.mark.registry]


def test_a_shop_sells_a_lot_and_tells_the_next_buyer_that_it_is_gone(market: Market) -> None:
    asks = market.lots(2, "0.0005", "--gate", "https://gate.example")
    bundle = market.seller.person.home / "shop.json"
    market.seller.signs("market", "export-shop", market.name, str(bundle))
    buyer = market.buyer("ben")
    with running_shop(bundle, market.ground.node, bundle.parent / "shop") as shop:
        bid = market.bid(buyer, shop.url, "--ask", asks[0]["id"], "--no-send")
        late = market.bid(market.buyer("cid"), shop.url, "--ask", asks[0]["id"], "--no-send")
        first = urllib3.request("POST", f"{shop.url}/v1/bids", body=bid.read_bytes())
        assert first.status == 200, first.data
        assert first.json()["state"] == "sold, waiting for a block"
        again = urllib3.request("POST", f"{shop.url}/v1/bids", body=bid.read_bytes())
        assert again.json() == first.json()
        refused = urllib3.request("POST", f"{shop.url}/v1/bids", body=late.read_bytes())
        assert refused.status == 409
        assert "is sold, in" in refused.json()["message"]
        eva = market.buyer("eva").person
        password = ("--password-file", str(eva.home / "password"))
        said = eva.run("market", "buy", shop.url, "--name", market.name, *password, "--yes", "--json")
        bought = said.document
        assert (bought["state"], bought["ask"]) == ("sold, waiting for a block", asks[1]["id"])
        assert f"dockchains access login {market.name}" in said.stderr
        listed = urllib3.request("GET", f"{shop.url}/v1/asks").json()["asks"]
        assert listed == []
        assert shop.stop() in (0, 130)
    market.mine()
    assert market.units(buyer) == (1, False)
    own = market.seller.person.run("market", "offers", market.name, "--json").document["own"]
    assert {view["id"]: view["state"] for view in own} == {asks[0]["id"]: "sold", asks[1]["id"]: "sold"}
    assert json.loads(first.data)["txid"] == next(view["txid"] for view in own if view["id"] == asks[0]["id"])
