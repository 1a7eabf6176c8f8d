"""What a person runs into between a listing and a sale, each told in words that say what to do next."""

import json
from pathlib import Path
from typing import Any

import pytest

from assets.services.market.exporting import draft_export, export
from assets.services.market.lots import own_lots
from tests.market.shops import running_shop
from tests.market.test_two_parties import listing_file
from tests.market.traders import Market, Trader
from wallet.errors import StoreError
from wallet.hashes import parse_txid
from wallet.signer import SoftwareSigner

pytestmark = [pytest.mark.node, pytest.mark.registry]


def _bid(trader: Trader) -> dict[str, Any]:
    """The newest bid."""
    found = trader.person.run("market", "offers", "--json").document["bids"][0]
    assert isinstance(found, dict)
    return found


def test_a_listing_that_no_block_holds_yet_waits_and_is_not_called_spent(market: Market) -> None:
    buyer = market.buyer("early bird")
    (ask,) = market.seller.signs("market", "sell", market.name, "--access", "--copies", "1", "--price", "0.0005")[
        "asks"
    ]
    path = listing_file(market, buyer, ask)
    said = buyer.refuses("market", "buy", path).stderr
    assert "refused (confirmations)" in said
    assert "waits for a block, and 1 confirmations are asked for" in said
    shown = buyer.person.run("market", "offers", market.name, "--from", path, "--all", "--json").document
    assert next(one["waiting"] for one in shown["offers"] if one["id"] == ask["id"]) is True
    market.mine()
    buyer.signs("market", "buy", path)


def test_a_bid_that_was_accepted_is_not_accepted_again_and_says_what_became_of_it(market: Market) -> None:
    (ask,) = market.lots(1)
    buyer = market.buyer("twice")
    bid = market.bid(buyer, listing_file(market, buyer, ask))
    sale = market.seller.signs("market", "accept", str(bid))["txid"]
    said = market.seller.refuses("market", "accept", str(bid)).stderr
    assert f"this bid was accepted already: {sale} waits for a block" in said
    market.mine()
    said = market.seller.refuses("market", "accept", str(bid)).stderr
    assert f"this bid was accepted already: {sale} is in block {market.ground.node.height()}" in said


def test_a_bid_goes_by_its_transaction_too_and_can_be_handed_over_again(market: Market) -> None:
    (ask,) = market.lots(1)
    buyer = market.buyer("forgetful")
    bid = market.bid(buyer, listing_file(market, buyer, ask))
    made = _bid(buyer)
    printed = buyer.person.run("market", "buy", "--resend", made["txid"][:20]).stdout
    assert printed.encode() == bid.read_bytes()
    again = buyer.person.home / "again"
    buyer.person.run("market", "buy", "--resend", made["id"][:20], "--out", str(again))
    assert again.read_bytes() == bid.read_bytes()
    said = buyer.person.run("market", "buy", "--resend", made["id"], "--expires", "5", expect=2).stderr
    assert "--resend changes nothing" in said
    market.seller.signs("market", "accept", str(again))
    market.mine()
    said = buyer.person.run("market", "buy", "--resend", made["id"], expect=3).stderr
    assert "is no open bid: it is settled" in said


def test_a_shop_that_does_not_answer_leaves_a_bid_that_can_be_sent_again(market: Market) -> None:
    market.lots(1, "0.0003")
    market.lots(1, "0.0004")
    bundle: Path = market.seller.person.home / "by-hand-bundle"
    market.seller.signs("market", "export-shop", market.name, str(bundle))
    assert len({lot["ask"]["pay_to"] for lot in json.loads(bundle.read_bytes())["lots"]}) == 1
    buyer = market.buyer("patient")
    with running_shop(bundle, market.ground.node, bundle.parent / "by-hand-shop") as shop:
        url = shop.url
        listing = buyer.person.home / "from-the-shop"
        asks = buyer.person.run("market", "offers", market.name, "--from", url + "/", "--json").document["offers"]
        at_shop = {lot["outpoint"] for lot in json.loads(bundle.read_bytes())["lots"]}
        chosen = next(one["id"] for one in asks if set(one["coins"]) <= at_shop)
        buyer.signs("market", "buy", url + "/", "--ask", chosen, "--no-send", "--out", str(listing))
        shop.kill()
    made = _bid(buyer)
    assert (made["state"], made["completable"]) == ("open", True)
    said = buyer.person.run("market", "buy", url, "--resend", made["id"][:16], expect=3).stderr
    assert "does not answer" in said
    with running_shop(bundle, market.ground.node, bundle.parent / "by-hand-shop") as shop:
        sold = buyer.person.run("market", "buy", shop.url, "--resend", made["id"][:16], "--json").document
        assert (sold["state"], sold["txid"]) == ("sold, waiting for a block", made["txid"])
        again = buyer.person.run("market", "buy", shop.url, "--resend", made["id"][:16], "--json").document
        assert (again["state"], again["txid"]) == (sold["state"], sold["txid"])
    market.mine()
    assert market.units(buyer) == (1, False)


def test_a_board_that_still_names_what_was_sold_does_not_stand_in_the_way(market: Market) -> None:
    """Whoever says no more than a name gets what is still there, and not what was the cheapest once."""
    asks = {ask["id"] for ask in market.lots(2, "0.0001", "--publish")}
    sold = set()
    for name in ("first by name", "second by name"):
        buyer = market.buyer(name)
        bid = market.bid(buyer, market.name)
        sold.add(buyer.person.run("market", "offers", "--json").document["bids"][0]["ask"])
        market.seller.signs("market", "accept", str(bid))
        market.mine()
        assert market.units(buyer) == (1, False)
    assert sold == asks


def test_what_cannot_be_written_is_refused_before_anything_is_reserved(market: Market) -> None:
    (ask,) = market.lots(1, "0.0009")
    seller, buyer = market.seller, market.buyer("without a folder")
    home = seller.person.home
    taken, free = home / "taken", home / "free"
    taken.write_text("something else")
    for file, why in ((home / "nowhere" / "file", "there is no folder"), (taken, "exists already")):
        assert why in seller.refuses("market", "export-shop", market.name, str(file)).stderr
        assert (
            why in seller.refuses("market", "sell", market.name, "--title", "--price", "1", "--out", str(file)).stderr
        )
        paper = listing_file(market, buyer, ask)
        assert why in buyer.refuses("market", "buy", paper, "--out", str(file)).stderr
    assert (
        "not a number of lots: -1"
        in seller.refuses("market", "export-shop", market.name, str(free), "--copies", "-1").stderr
    )
    shown = seller.person.run("market", "export-shop", market.name, str(free), "--dry-run", "--json").document
    assert ask["coins"][0]["outpoint"] in [one["coin"] for one in shown["listings"]]
    with seller.session() as (session, unlock):
        signer = unlock()
        assert isinstance(signer, SoftwareSigner)
        lots = own_lots(session, parse_txid(ask["genesis"]))
        draft = draft_export(lots, session, bids_to="https://shop.example", limit=None)
        with pytest.raises(StoreError, match="exists already"):
            export(draft, signer, session, taken, now=session.clock())
    assert (taken.read_text(), free.exists()) == ("something else", False)
    own = seller.person.run("market", "offers", market.name, "--json").document["own"]
    assert next(one["state"] for one in own if one["id"] == ask["id"]) == "open"
    assert buyer.person.run("market", "offers", "--json").document["bids"] == []


def test_of_two_repositories_of_one_name_the_one_that_is_meant_is_sold(market: Market) -> None:
    name = market.seller.issue("acme/twice")
    rival = market.buyer("giver")
    given = rival.signs("image", "issue", name)["genesis"]
    market.mine()
    to = market.seller.person.run("wallet", "receive", "--units", "--json").document["address"]
    rival.signs("image", "transfer", name, str(to))
    market.mine()
    sell = ("market", "sell", name, "--title", "--price", "0.01")
    assert given in market.seller.refuses(*sell, "--dry-run").stderr, "a name that fits two means none"
    (ask,) = market.seller.signs(*sell, "--genesis", given)["asks"]
    assert ask["genesis"] == given
    assert market.seller.signs("market", "cancel", name, "--genesis", given)["withdrawn"] == [ask["id"]]


def test_what_was_sold_is_not_taken_back_and_lots_beyond_one_transaction_are_told(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = market.seller.issue("acme/taken-back")
    sell = ("market", "sell", name, "--access", "--copies", "3", "--price", "0.0002")
    first, *others = market.seller.signs(*sell)["asks"]
    market.mine()
    buyer = market.buyer("quick")
    market.seller.signs("market", "accept", str(market.bid(buyer, listing_file(market, buyer, first))))
    market.mine()
    taken = market.seller.person.run("market", "cancel", name, "--dry-run", "--json").document["withdraws"]
    assert sorted(taken) == sorted(one["id"] for one in others)
    monkeypatch.setattr("assets.services.market.withdrawing.MAX_RECALLED", 1)
    recall = market.seller.person.run("market", "cancel", name, "--lots", "--dry-run", "--json").document
    assert "lots that stay where they are for now: 1" in json.dumps(recall)


def test_a_repository_of_a_long_name_is_bought_and_its_definition_taken_along(market: Market) -> None:
    """The chain has only the hash of a name of more than 29 bytes."""
    name = market.seller.issue("acme/a-name-of-more-than-29-bytes")
    (ask,) = market.seller.signs("market", "sell", name, "--title", "--price", "0.01")["asks"]
    buyer = market.buyer("buyer of a long name")
    path = listing_file(market, buyer, ask)
    said = buyer.person.run("market", "buy", path, "--yes", "--json", *buyer._password)
    assert "under a name that is known" in said.stderr
    again = ("market", "buy", "--bump", said.document["bid"][:16], "--fee-rate", "9", "--name", name)
    better = buyer.person.run(*again, "--yes", "--json", *buyer._password)
    assert "under a name that is known" not in better.stderr
    bid = buyer.person.home / "long-bid"
    bid.write_text(better.document["package"])
    market.seller.signs("market", "accept", str(bid))
    market.mine()
    assert buyer.person.run("image", "publish", name, "--json").document["name"] == name


def test_nobody_buys_from_the_own_wallet(market: Market) -> None:
    (ask,) = market.lots(1)
    said = market.seller.refuses("market", "buy", listing_file(market, market.seller, ask)).stderr
    assert f"listing {ask['id'][:16]} is this wallet's own" in said


@pytest.mark.parametrize("blocks", ["0", "-1", "99999999"])
def test_a_bid_and_a_listing_stand_for_a_possible_number_of_blocks(market: Market, blocks: str) -> None:
    (ask,) = market.lots(1)
    buyer = market.buyer(f"buyer for {blocks.replace('-', 'minus ')}")
    path = listing_file(market, buyer, ask)
    assert f"not a number of blocks: {blocks}" in buyer.refuses("market", "buy", path, "--expires", blocks).stderr
    buyer.signs("market", "buy", path)
    bump = ("market", "buy", "--bump", _bid(buyer)["id"][:16], "--fee-rate", "9", "--expires", blocks)
    assert f"not a number of blocks: {blocks}" in buyer.refuses(*bump).stderr
    relist = ("market", "sell", market.name, "--access", "--relist", "--expires", blocks)
    assert f"not a number of blocks: {blocks}" in market.seller.refuses(*relist).stderr


def test_a_sale_that_was_sped_up_says_which_transaction_to_bump(market: Market) -> None:
    (ask,) = market.lots(1)
    buyer = market.buyer("hurried")
    bid = market.bid(buyer, listing_file(market, buyer, ask), "--fee-rate", "1")
    sale = market.seller.signs("market", "accept", str(bid))["txid"]
    child = market.seller.signs("market", "accept", "--speed-up", sale, "--fee-rate", "9")["txid"]
    said = market.seller.refuses("market", "accept", "--speed-up", sale, "--fee-rate", "30").stderr
    assert f"dockchains wallet bump {child}" in said
    better = market.seller.signs("wallet", "bump", child, "--fee-rate", "30")
    entry = market.ground.node.rpc(
        "getmempoolentry", better["transactions"][0]["txid"] if "transactions" in better else better["txid"]
    )
    assert entry["fees"]["ancestor"] * 100_000_000 >= 30 * entry["ancestorsize"]
    market.mine()
    assert market.units(buyer) == (1, False)


def test_a_board_that_was_not_renewed_is_told_to_its_owner(market: Market) -> None:
    name = market.seller.issue("acme/stale")
    (old,) = market.seller.signs("market", "sell", name, "--title", "--price", "0.01", "--publish")["asks"]
    said = market.seller.person.run(
        "market", "sell", name, "--title", "--relist", "--price", "0.02", "--yes", *market.seller._password
    )
    assert "this replaces an earlier listing" in said.stderr
    seen = market.seller.person.run("market", "offers", name, "--all", "--json").document["offers"]
    stale = next(one for one in seen if one["id"] == old["id"])
    assert "this wallet replaced or withdrew it, and others still see it here" in stale["refusal"]
    market.seller.signs("market", "sell", name, "--title", "--relist", "--publish")
    seen = market.seller.person.run("market", "offers", name, "--all", "--json").document["offers"]
    assert [(one["price"], one["refusal"]) for one in seen] == [(2_000_000, "")]
