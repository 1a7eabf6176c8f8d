"""Attacks by listings, on boards, and by what happens between a listing and a sale: S5, S12 to S14, S16 to S18, S21."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from bitcoin.core import COutPoint, CTxOut

from assets.coloring.asks import check_ask
from assets.coloring.coin_facts import coin_facts
from assets.errors import OfferError
from assets.images.bid import BidPackage
from assets.images.board import BOARD_TAG, BOARD_TYPE, Board
from assets.images.canonical import encode
from assets.images.offer import Ask, OfferedCoin, Sells
from assets.images.verdict import Verdict
from assets.services.wallets.own_keys import own_scripts
from tests.assets.index.signing_party import Signer, signed
from tests.attacks.ground import Ground
from tests.attacks.publisher import Publisher
from tests.builders import marker
from tests.market.rules import rules
from tests.market.traders import new_trader
from wallet.amount import Sats
from wallet.hashes import Txid, display, parse_txid
from wallet.keys.message import sign_message
from wallet.network import MAINNET
from wallet.psbt import Psbt, add_signatures, finalize, to_psbt
from wallet.transactions import Prevout, UnsignedTransaction

pytestmark = [pytest.mark.node, pytest.mark.registry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A seller with a repository, a buyer, and a lot that is listed."""

    ground: Ground
    seller: Publisher
    buyer: Publisher
    name: str
    genesis: Txid
    asks: tuple[Ask, ...]

    def file(self, who: Publisher, document: bytes) -> Path:
        """A document in somebody's home."""
        path = who.person.home / f"document-{len(list(who.person.home.iterdir()))}"
        path.write_bytes(document + b"\n")
        return path

    def bid(self, ask: Ask | str, *options: str) -> Path:
        """The buyer's bid in a file."""
        path = self.buyer.person.home / f"bid-{len(list(self.buyer.person.home.iterdir()))}"
        place = ask if isinstance(ask, str) else str(self.file(self.buyer, ask.serialize()))
        self.buyer.signs("market", "buy", place, "--out", str(path), "--fee-rate", "2", *options)
        return path

    def listed(self, number: int) -> Ask:
        """The newest listing of a lot."""
        with self.seller.session() as (session, _):
            assert session.offers is not None
            newest = session.offers.on(self.asks[number].coins[0].outpoint)[-1]
            return Ask.parse(newest.document)

    def signed(self, ask: Ask, holder: Signer) -> Ask:
        """An ask signed by a key of the tests."""
        return ask.signed(sign_message(ask.text, holder.key.secret))

    def refuse(self, ask: Ask, reason: str) -> None:
        """The buyer's check fails, and the command says so and changes nothing."""
        facts = coin_facts(self.ground.source, ask.outpoints)
        with pytest.raises(OfferError) as caught:
            check_ask(ask, rules(self.genesis), facts, self.ground.walker().color)
        assert reason in str(caught.value), str(caught.value)


def asks_of(answer: dict[str, Any]) -> tuple[Ask, ...]:
    """The asks of `market sell --json`."""
    found = []
    for ask in answer["asks"]:
        fields = {key: value for key, value in ask.items() if key != "id"}
        found.append(Ask.parse(encode(fields)))
    return tuple(found)


@pytest.fixture(scope="module")
def stage(ground: Ground) -> Iterator[Stage]:
    """Made by commands alone."""
    seller, buyer = new_trader(ground, "seller"), new_trader(ground, "buyer", coins=13)
    name = seller.issue("acme/listed")
    sold = seller.signs("market", "sell", name, "--access", "--copies", "5", "--price", "0.0005", "--fee-rate", "2")
    ground.node.mine()
    with ExitStack():
        yield Stage(
            ground=ground,
            seller=seller,
            buyer=buyer,
            name=name,
            genesis=parse_txid(sold["genesis"]),
            asks=asks_of(sold),
        )


def test_s5_a_bid_on_an_older_cheaper_listing_is_refused_with_both_prices(stage: Stage) -> None:
    bid = stage.bid(stage.listed(0))
    dearer = asks_of(stage.seller.signs("market", "sell", stage.name, "--access", "--relist", "--price", "0.002"))
    said = stage.seller.refuses("market", "accept", str(bid)).stderr
    assert "at 50,000 sat, which was replaced by" in said
    assert "at 200,000 sat" in said
    assert {ask.price for ask in dearer} == {200_000}
    back = asks_of(stage.seller.signs("market", "sell", stage.name, "--access", "--relist", "--price", "0.0005"))
    assert {ask.outpoints for ask in back} == {ask.outpoints for ask in dearer}
    stage.seller.signs("market", "sell", stage.name, "--access", "--relist", "--price", "0.0005")


def test_s12_a_listing_of_foreign_units_is_refused(stage: Stage) -> None:
    holder = Signer("foreigner")
    coin = stage.ground.coin(Signer("mint of the foreigner"))
    mint = signed([coin], [CTxOut(600, holder.script), marker([5]), CTxOut(50_000, holder.script)])
    stage.ground.mine(mint)
    offered = OfferedCoin(outpoint=COutPoint(mint.GetTxid(), 0), quantity=5, value=Sats(600))
    ask = replace(stage.asks[1], coins=(offered,), signature="")
    stage.refuse(stage.signed(ask, holder), "holds 5 foreign units of asset")
    plain = replace(offered, outpoint=COutPoint(mint.GetTxid(), 2), value=Sats(50_000))
    stage.refuse(stage.signed(replace(ask, coins=(plain,)), holder), "holds no units at all")


def test_s12_a_listing_that_is_not_signed_by_its_coin_is_refused(stage: Stage) -> None:
    stage.refuse(replace(stage.asks[1], price=Sats(1)), "refused (seller's signature)")
    stage.refuse(stage.signed(replace(stage.asks[1], signature=""), Signer("somebody")), "another key signed")
    stage.refuse(replace(stage.asks[1], signature=""), "refused (seller's signature)")


def test_s12_another_network_another_repository_and_an_expired_listing_are_refused(stage: Stage) -> None:
    ask = stage.asks[1]
    stage.refuse(replace(ask, network=MAINNET.genesis), "refused (network)")
    stage.refuse(replace(ask, genesis=Txid(b"\x42" * 32)), f"expected {display(stage.genesis)}")
    stage.refuse(replace(ask, expires=7), "it expired at block 7")
    other = stage.file(stage.buyer, replace(ask, genesis=Txid(b"\x42" * 32)).serialize())
    said = stage.buyer.refuses("market", "buy", str(other), "--name", stage.name).stderr
    assert "refused (repository)" in said


def test_s12_a_listing_that_exaggerates_is_refused(stage: Stage) -> None:
    coin = stage.asks[1].coins[0]
    more = replace(stage.asks[1], coins=(replace(coin, quantity=100),))
    richer = replace(stage.asks[1], coins=(replace(coin, value=Sats(10_000)),))
    title = replace(stage.asks[1], sells=Sells.TITLE)
    with stage.seller.session() as (session, unlock):
        signer = unlock()
        path = next(one.path for one in session.coins.coins() if one.outpoint == coin.outpoint)
        sign = signer.sign_message  # type: ignore[attr-defined]
        signed_ones = [ask.signed(sign(ask.text, path)) for ask in (more, richer, title)]
    stage.refuse(signed_ones[0], "holds 1 units, and the ask says 100")
    stage.refuse(signed_ones[1], "holds 330 sat, and the ask says 10,000 sat")
    stage.refuse(signed_ones[2], "holds access units, and the ask sells title")


def test_s14_a_bid_reserves_its_coins_until_it_expires_or_is_cancelled(stage: Stage) -> None:
    stage.bid(stage.listed(1), "--expires", "2")
    made = _bids(stage)[0]["id"]
    coins = stage.buyer.person.run("wallet", "coins", "--json").document["coins"]
    assert any(f"reserved by bid {made[:16]}" in coin["because"] for coin in coins)
    stage.ground.node.mine(2)
    after = stage.buyer.person.run("market", "offers", "--json")
    assert f"bid {made[:16]} expired at block" in after.stderr
    assert after.document["bids"][0]["state"] == "expired"
    coins = stage.buyer.person.run("wallet", "coins", "--json").document["coins"]
    assert not any(f"reserved by bid {made[:16]}" in coin["because"] for coin in coins)


def test_s14_an_expired_bid_says_that_a_seller_can_still_complete_it_until_it_is_cancelled(stage: Stage) -> None:
    bid = stage.bid(stage.listed(3), "--expires", "1")
    made = _bids(stage)[0]
    assert (made["state"], made["completable"], made["note"]) == ("open", True, "")
    stage.ground.node.mine(2)
    assert "the bid expired at block" in stage.seller.refuses("market", "accept", str(bid)).stderr
    expired = _bids(stage)[0]
    assert (expired["state"], expired["completable"]) == ("expired", True)
    assert f"`dockchains market cancel {made['id'][:16]}` ends it for good" in expired["note"]
    shown = stage.buyer.person.run("market", "offers").stdout
    assert "a seller who ignores that can still complete it" in shown
    cancelled = stage.buyer.signs("market", "cancel", made["id"][:16], "--fee-rate", "2")
    waiting = _bids(stage)[0]
    assert (waiting["state"], waiting["completable"]) == ("withdrawn", True)
    assert "until that is in a block" in waiting["note"]
    again = stage.buyer.refuses("market", "cancel", made["id"][:16]).stderr
    assert f"this bid is being taken back: {cancelled['transactions'][0]['txid']}" in again
    stage.ground.node.mine()
    over = _bids(stage)[0]
    assert (over["state"], over["completable"], over["note"]) == ("withdrawn", False, "")
    assert "nobody can complete this bid" in stage.buyer.refuses("market", "cancel", made["id"][:16]).stderr


def test_s14_a_seller_who_completes_an_expired_bid_is_seen_to_have_sold(stage: Stage) -> None:
    """No command of ours does it; whoever has the signed bid can, until one of its coins is spent."""
    ask = stage.listed(4)
    bid = BidPackage.parse(stage.bid(ask, "--expires", "1").read_bytes().strip())
    stage.ground.node.mine(2)
    assert _bids(stage)[0]["state"] == "expired"
    with stage.seller.session() as (session, unlock):
        path = own_scripts(session)[bytes(session.source.unspent(ask.outpoints[0]).txout.scriptPubKey)]  # type: ignore[union-attr]
        psbt = Psbt.parse(bid.psbt)
        prevouts = tuple(
            Prevout(outpoint=txin.prevout, txout=told.spent, path=None if number else path)
            for number, (txin, told) in enumerate(zip(psbt.tx.vin, psbt.inputs, strict=True))
            if told.spent is not None
        )
        mine = unlock().sign(to_psbt(UnsignedTransaction(tx=psbt.tx, prevouts=prevouts), session.account))
    own = Psbt.parse(mine).inputs[0].signatures[0]
    sale = finalize(add_signatures(bid.psbt, {0: own}))
    stage.ground.node.rpc("sendrawtransaction", sale.serialize().hex())
    seen = _bids(stage)[0]
    assert (seen["state"], seen["txid"]) == ("sold, waiting for a block", display(sale.GetTxid()))
    assert "the seller completed the sale" in stage.buyer.refuses("market", "cancel", seen["id"][:16]).stderr
    stage.ground.node.mine()
    units = stage.buyer.person.run("wallet", "balance", "--json").document["units"]
    assert any(one["name"] == stage.name and one["access_units"] == 1 for one in units)


def test_s14_a_cancelled_bid_can_never_be_completed(stage: Stage) -> None:
    bid = stage.bid(stage.listed(2))
    made = stage.buyer.person.run("market", "offers", "--json").document["bids"][0]
    stage.buyer.signs("market", "cancel", made["id"][:12], "--fee-rate", "2")
    assert "waits for a block" in stage.seller.refuses("market", "accept", str(bid)).stderr
    stage.ground.node.mine()
    assert "the chain has no unspent coin" in stage.seller.refuses("market", "accept", str(bid)).stderr


def test_s21_a_bid_on_a_lot_that_was_taken_back_is_refused(stage: Stage) -> None:
    name = stage.seller.issue("acme/recalled")
    sold = asks_of(stage.seller.signs("market", "sell", name, "--access", "--copies", "1", "--price", "0.0005"))
    stage.ground.node.mine()
    bid = stage.bid(sold[0])
    stage.seller.signs("market", "cancel", name, "--lots", "--fee-rate", "2")
    said = stage.seller.refuses("market", "accept", str(bid)).stderr
    assert "which is withdrawn" in said
    stage.ground.node.mine()
    assert "which is withdrawn" in stage.seller.refuses("market", "accept", str(bid)).stderr
    listing = stage.file(stage.buyer, sold[0].serialize())
    assert "refused (unspent)" in stage.buyer.refuses("market", "buy", str(listing)).stderr


def test_s17_a_release_ends_a_listing_of_the_title_and_says_so(stage: Stage) -> None:
    name = stage.seller.issue("acme/released")
    listed = asks_of(stage.seller.signs("market", "sell", name, "--title", "--price", "0.01"))
    bid = stage.bid(listed[0])
    digest = str(stage.ground.push(name, "1.0", "one"))
    said = stage.seller.person.run(
        "image", "release", f"{name}:1.0", "--digest", digest, "--dry-run", "--json"
    ).document
    assert any("ends the listing" in warning for warning in said["drafts"][0]["warnings"])
    stage.seller.signs("image", "release", f"{name}:1.0", "--digest", digest)
    assert "refused (unspent)" in stage.seller.refuses("market", "accept", str(bid)).stderr
    stage.ground.node.mine()
    assert "refused (unspent)" in stage.seller.refuses("market", "accept", str(bid)).stderr
    again = asks_of(stage.seller.signs("market", "sell", name, "--title", "--relist"))
    assert (again[0].price, again[0].pay_to) == (listed[0].price, listed[0].pay_to)
    assert again[0].coins[0].outpoint != listed[0].coins[0].outpoint


def test_s16_a_title_is_sold_with_its_treasury_and_the_old_owner_can_release_no_more(stage: Stage) -> None:
    name = stage.seller.issue("acme/sold")
    listed = asks_of(stage.seller.signs("market", "sell", name, "--title", "--price", "0.01"))
    assert listed[0].sells is Sells.TITLE_AND_TREASURY
    shown = stage.buyer.person.run(
        "market", "buy", str(stage.file(stage.buyer, listed[0].serialize())), "--dry-run", "--json"
    ).document
    assert shown["report"]["outstanding"] == 0
    assert any("NEW_OWNER" in line for line in shown["report"]["checklist"])
    assert any("another genesis for the same name" in line for line in shown["report"]["checklist"])
    bid = stage.bid(listed[0])
    stage.seller.signs("market", "accept", str(bid))
    stage.ground.node.mine()
    digest = str(stage.ground.push(name, "2.0", "by the old owner"))
    said = stage.seller.refuses("image", "release", f"{name}:2.0", "--digest", digest).stderr
    assert "has left this wallet" in said
    stage.buyer.signs("image", "release", f"{name}:2.0", "--digest", digest)
    units = stage.buyer.person.run("wallet", "balance", "--json").document["units"]
    mine = next(one for one in units if one["name"] == name)
    assert (mine["title"], mine["access_units"]) == (True, 1_000_000)


def test_s16_a_rival_genesis_after_the_sale_moves_nobodys_pin(stage: Stage) -> None:
    """The old owner kept the right to push, issues the name anew and replaces the registry's claim."""
    name = stage.seller.issue("acme/again")
    first = stage.seller.release(name, "1.0")
    stage.ground.node.mine()
    consumer = stage.ground.person("consumer of again")
    consumer.pin(name)
    listed = asks_of(stage.seller.signs("market", "sell", name, "--title", "--price", "0.01"))
    stage.seller.signs("market", "accept", str(stage.bid(listed[0])))
    stage.ground.node.mine()
    consumer.verify(f"{name}:1.0", expect=Verdict.NEW_OWNER)
    consumer.pin(name, "--accept-owner")
    consumer.verify(f"{name}:1.0", expect=Verdict.VERIFIED)
    assert "this wallet has issued" in stage.seller.refuses("image", "issue", name).stderr
    again = new_trader(stage.ground, "the seller's second wallet")
    again.signs("image", "issue", name)
    stage.ground.node.mine()
    answer = consumer.verify(f"{name}:1.0", expect=Verdict.PIN_CHANGED)
    assert answer["genesis"] == display(listed[0].genesis)
    rogue = str(stage.ground.push(name, "1.0", "by the old owner, under another genesis"))
    again.signs("image", "release", f"{name}:1.0", "--digest", rogue)
    stage.ground.node.mine()
    consumer.verify(f"{name}:1.0", expect=Verdict.PIN_CHANGED)
    stage.buyer.person.run("image", "publish", name)
    answer = consumer.verify(f"{name}:1.0@{first}", expect=Verdict.VERIFIED)
    assert len(answer["rivals"]) == 1
    consumer.verify(f"{name}:1.0", expect=Verdict.MISMATCH)


def test_s16_what_a_seller_keeps_is_told_to_the_buyer(stage: Stage) -> None:
    name = stage.seller.issue("acme/kept")
    listed = asks_of(stage.seller.signs("market", "sell", name, "--title", "--price", "0.01", "--no-treasury"))
    assert listed[0].sells is Sells.TITLE
    shown = stage.buyer.person.run(
        "market", "buy", str(stage.file(stage.buyer, listed[0].serialize())), "--dry-run", "--json"
    ).document
    assert shown["report"]["outstanding"] == 1_000_000
    assert any("1,000,000 access units stay with others" in line for line in shown["draft"]["warnings"])


def test_s16_lots_are_recalled_or_acknowledged_before_a_title_is_sold(stage: Stage) -> None:
    said = stage.seller.refuses("market", "sell", stage.name, "--title", "--price", "0.01").stderr
    assert "lots of" in said
    assert "--keep-lots" in said


def test_s18_a_board_that_is_flooded_and_forged_shows_what_is_true(stage: Stage) -> None:
    good = stage.seller.person.run("market", "offers", stage.name, "--json").document["own"]
    stage.seller.signs("market", "sell", stage.name, "--access", "--relist", "--publish")
    board = stage.ground.client.fetch_artifact(stage.name, BOARD_TAG, BOARD_TYPE, 1 << 20)
    assert board is not None
    true = Board.parse(board.data).asks
    forged = [replace(ask, price=Sats(1)).document() for ask in true]
    evil = [{**true[0].document(), "gate": "https://[@click=app.quit]x.example"}]
    noise: list[Any] = [{"v": 1}, {"v": 2}, {**true[0].document(), "price": 0}]
    document = encode({"v": 1, "asks": [*forged, *evil, *noise, *(ask.document() for ask in true)]})
    stage.ground.client.push_artifact(stage.name, BOARD_TAG, BOARD_TYPE, document, {})
    seen = stage.buyer.person.run("market", "offers", stage.name, "--all", "--json")
    offers = seen.document["offers"]
    assert {one["id"] for one in offers if not one["refusal"]} == {ask.id.hex() for ask in true}
    assert all("seller's signature" in one["refusal"] for one in offers if one["price"] == 1)
    assert seen.stderr.count("entry ") == 4
    assert len(good) >= len(true)
    stage.seller.signs("market", "sell", stage.name, "--access", "--relist", "--publish")
    again = stage.buyer.person.run("market", "offers", stage.name, "--json").document
    assert again["left_out"] == 0


def test_s18_a_tag_that_holds_something_else_is_not_believed_and_not_overwritten(stage: Stage) -> None:
    name = stage.seller.issue("acme/occupied")
    stage.ground.push(name, BOARD_TAG, "an image under the board's tag")
    sold = stage.seller.person.run(
        "market",
        "sell",
        name,
        "--title",
        "--price",
        "0.01",
        "--publish",
        "--yes",
        "--json",
        "--password-file",
        str(stage.seller.person.home / "password"),
    )
    assert sold.document["board"] is None
    assert "dockchains-asks" in sold.stderr
    assert stage.buyer.person.run("market", "offers", name, "--json").document["offers"] == []


def test_s13_a_buyer_sees_how_deep_a_sale_is_and_that_it_fell_out(stage: Stage) -> None:
    """Double spends are in `test_sale_double_spends`."""
    name = stage.seller.issue("acme/double")
    sold = asks_of(stage.seller.signs("market", "sell", name, "--access", "--copies", "1", "--price", "0.0005"))
    stage.ground.node.mine()
    bid = stage.bid(sold[0])
    sale = stage.seller.signs("market", "accept", str(bid))["txid"]
    made = next(one for one in _bids(stage) if one["txid"] == sale)
    assert made["state"] == "sold, waiting for a block"
    stage.ground.node.mine()
    made = next(one for one in _bids(stage) if one["txid"] == sale)
    assert (made["state"], made["confirmations"]) == ("sold", 1)
    height = stage.ground.node.height()
    stage.ground.node.rpc("invalidateblock", stage.ground.node.rpc("getblockhash", height))
    made = next(one for one in _bids(stage) if one["txid"] == sale)
    assert (made["state"], made["confirmations"]) == ("sold, waiting for a block", 0)
    # Another coinbase, since the node refuses the very block that it was told to forget.
    stage.ground.node.mine(2, to=str(stage.ground.node.miner("getnewaddress")))
    made = next(one for one in _bids(stage) if one["txid"] == sale)
    assert made["confirmations"] == 2


def _bids(stage: Stage) -> list[dict[str, Any]]:
    found = stage.buyer.person.run("market", "offers", "--json").document["bids"]
    assert isinstance(found, list)
    return found
