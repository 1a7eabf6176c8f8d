"""Sales between two people who share nothing but the chain: by file, by paste, and what ends an offer."""

import json

import pytest

from tests.market.traders import Market

pytestmark = [pytest.mark.node, pytest.mark.registry]


def test_an_access_unit_is_sold_by_file(market: Market) -> None:
    asks = market.lots(3)
    assert len({ask["coins"][0]["outpoint"] for ask in asks}) == 3
    listing = market.seller.person.home / "one"
    listing.write_text(
        json.dumps({key: value for key, value in asks[0].items() if key != "id"}, sort_keys=True, separators=(",", ":"))
    )
    buyer = market.buyer("ann")
    bid = market.bid(buyer, listing, "--name", market.name)
    sold = market.seller.signs("market", "accept", str(bid))
    assert market.units(buyer) == (1, False)
    market.mine()
    assert market.units(buyer) == (1, False)
    own = market.seller.person.run("market", "offers", market.name, "--json").document["own"]
    states = {view["id"]: (view["state"], view["txid"]) for view in own}
    assert states[asks[0]["id"]] == ("sold", sold["txid"])
    assert states[asks[1]["id"]][0] == "open"
