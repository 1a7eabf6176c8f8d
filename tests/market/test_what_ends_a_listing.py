"""Whatever spends a listed coin says so before it is signed: in the draft, to programs, and without doing it (S17)."""

from typing import Any

import pytest

from tests.market.traders import Market, Trader

pytestmark = [pytest.mark.node, pytest.mark.registry]


@pytest.fixture(scope="module")
def name(market: Market) -> str:
    """A repository with a release in a block."""
    name = market.seller.issue("acme/ends")
    market.seller.release(name, "1.0")
    market.mine()
    return name


def _listed(market: Market, name: str) -> str:
    """The title with its treasury is for sale; the beginning of the listing's id."""
    (ask,) = market.seller.signs("market", "sell", name, "--title", "--price", "0.01")["asks"]
    return str(ask["id"])[:16]


def _dry(trader: Trader, *command: str) -> list[str]:
    """What a command would warn of, to a program; it says the same to a person."""
    answer = trader.person.run(*command, *trader._password, "--dry-run", "--json").document
    drafts = answer["drafts"] if "drafts" in answer else [answer["draft"]]
    warnings = [text for draft in drafts for text in draft["warnings"]]
    said = trader.person.run(*command, *trader._password, "--dry-run")
    assert all(warning in " ".join((said.stdout + said.stderr).split()) for warning in warnings)
    return warnings


def _commands(market: Market, name: str) -> list[tuple[str, ...]]:
    address = market.buyer("grantee").person.run("wallet", "receive", "--units", "--json").document["address"]
    digest = str(market.ground.push(name, "2.0", "another"))
    return [
        ("image", "release", f"{name}:2.0", "--digest", digest),
        ("image", "revoke", f"{name}:1.0"),
        ("image", "define", name, "--description", "yet other words"),
        ("image", "transfer", name, str(address)),
        ("access", "grant", name, f"{address}=5"),
        ("market", "sell", name, "--access", "--copies", "2", "--price", "0.0001"),
    ]


def test_every_command_that_spends_a_listed_coin_warns_that_the_listing_ends(market: Market, name: str) -> None:
    id_ = _listed(market, name)
    commands = _commands(market, name)
    before = market.seller.what_is_there()
    for command in commands:
        ended = [warning for warning in _dry(market.seller, *command) if "ends the listing" in warning]
        assert len(ended) == 1, command
        assert id_ in ended[0]
        assert "market sell --relist" in ended[0]
    assert market.seller.what_is_there() == before


def test_a_draft_that_is_signed_says_it_before_and_relist_lists_what_is_there_then(market: Market, name: str) -> None:
    _listed(market, name)
    said = market.seller.person.run(
        "image", "define", name, "--issuer", "Acme & Daughters", *market.seller._password, "--yes"
    )
    assert "ends the listing" in said.stderr
    own = market.seller.person.run("market", "offers", name, "--json").document["own"]
    assert own[-1]["state"] == "ended: the coin moved"
    market.mine()
    (again,) = market.seller.signs("market", "sell", name, "--title", "--relist")["asks"]
    assert again["price"] == 1_000_000
    shown = market.seller.person.run("market", "offers", name, "--json").document
    assert [(one["id"], one["refusal"]) for one in shown["offers"]] == [(again["id"], "")]


def test_what_spends_no_listed_coin_does_not_warn(market: Market) -> None:
    _listed(market, market.seller.issue("acme/quiet"))
    address = market.buyer("payee").person.run("wallet", "receive", "--json").document["address"]
    sent = market.seller.person.run("wallet", "send", str(address), "0.001", "--dry-run", "--json").document
    assert sent["draft"]["warnings"] == []


def test_speeding_up_the_transaction_that_makes_lots_says_which_listings_it_voids(market: Market) -> None:
    name = market.seller.issue("acme/speedy")
    sold = market.seller.signs(
        "market", "sell", name, "--access", "--copies", "5", "--price", "0.0001", "--fee-rate", "1"
    )
    (made,) = sold["transactions"]
    bump: tuple[str, ...] = ("wallet", "bump", str(made["txid"]), "--fee-rate", "5")
    warnings = _dry(market.seller, *bump)
    assert ["this ends 5 listings" in warning for warning in warnings] == [True]
    market.seller.signs(*bump)
    market.mine()
    own = market.seller.person.run("market", "offers", name, "--json").document["own"]
    assert {one["state"] for one in own} == {"not in the chain"}
    again: list[dict[str, Any]] = market.seller.signs("market", "sell", name, "--access", "--relist")["asks"]
    assert len(again) == 5
    assert {ask["price"] for ask in again} == {10_000}
