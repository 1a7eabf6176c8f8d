"""The board of a gated repository is in its public sibling, also where an older board stands at the old place."""

import pytest

from assets.errors import NotFoundError
from assets.images.board import BOARD_TAG, BOARD_TYPE, Board
from tests.market.traders import Market, new_trader

pytestmark = [pytest.mark.node, pytest.mark.registry]
GATE = "https://gate.example"


def boarded(market: Market, place: str) -> list[str]:
    """The ids of the listings on the board at a place of the registry; empty where there is none."""
    try:
        found = market.ground.client.fetch_artifact(place, BOARD_TAG, BOARD_TYPE, 1 << 20)
    except NotFoundError:
        found = None
    return [] if found is None else [ask.id.hex() for ask in Board.parse(found.data).asks]


def test_listings_of_a_gated_repository_are_published_beside_it_and_found_there(market: Market) -> None:
    seller = market.seller
    name = market.ground.name("acme/gated")
    seller.signs("image", "issue", name, "--gate", GATE)
    market.mine()
    said = seller.person.run(
        "market", "sell", name, "--access", "--copies", "3", "--price", "0.0001", "--publish", "--yes", "--json",
        *seller._password,
    )  # fmt: skip
    market.mine()
    ids = sorted(ask["id"] for ask in said.document["asks"])
    assert f"the board is in {name}/dockchains" in said.stderr
    assert sorted(boarded(market, f"{name}/dockchains")) == ids
    assert boarded(market, name) == []
    stranger = market.ground.person("passer-by")
    seen = stranger.run("market", "offers", name, "--json").document
    assert sorted(one["id"] for one in seen["offers"]) == ids
    assert {one["refusal"] for one in seen["offers"]} == {""}
    buyer = new_trader(market.ground, "gated buyer")
    bid = market.bid(buyer, name)
    seller.signs("market", "accept", str(bid))
    market.mine()
    left = stranger.run("market", "offers", name, "--all", "--json").document
    assert (len(left["offers"]), left["left_out"]) == (3, 1)
    refused = next(one["refusal"] for one in left["offers"] if one["refusal"])
    assert refused.startswith("refused (unspent)")
    seller.signs("market", "cancel", name, "--publish")
    assert boarded(market, f"{name}/dockchains") == []


def test_a_repository_that_becomes_gated_takes_its_board_along(market: Market) -> None:
    seller = market.seller
    name = seller.issue("acme/closes")
    seller.signs("market", "sell", name, "--title", "--price", "0.01", "--publish")
    assert len(boarded(market, name)) == 1
    said = seller.person.run("image", "define", name, "--gate", GATE, "--yes", "--json", *seller._password)
    assert "ends the listing" in said.stderr
    market.mine()
    (again,) = seller.signs("market", "sell", name, "--title", "--relist", "--publish")["asks"]
    assert boarded(market, f"{name}/dockchains") == [again["id"]]
    seen = market.ground.person("another passer-by").run("market", "offers", name, "--all", "--json").document
    assert [one["id"] for one in seen["offers"] if not one["refusal"]] == [again["id"]]
