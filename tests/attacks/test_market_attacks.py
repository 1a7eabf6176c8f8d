"""Attacks and accidents between a listing, its shop and a yes: S37 to S39."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from assets.images.board import BOARD_TAG, BOARD_TYPE
from assets.images.canonical import encode
from assets.images.digest import Digest
from assets.images.offer import Ask
from assets.services.market.exporting import draft_export, export
from assets.services.market.listing import Terms, list_lots, sign_listing
from assets.services.market.lots import own_lots
from assets.services.wallets.holds import Reserved
from tests.attacks.ground import Ground
from tests.attacks.test_listing_attacks import asks_of
from tests.market.mute_shops import Manner, mute_shop
from tests.market.shops import running_shop
from tests.market.traders import Market, Trader, new_trader
from tests.regtest.people import PASSWORD, KeepsKeys, password
from tui.app.house.services import HouseServices
from tui.app.views import WalletChoice
from tui.cli.exits import DeclinedError
from tui.verbs.market.requests import Accept, ExportShop, Recall, Sell, What
from wallet.amount import COIN, Sats
from wallet.errors import StateError, WrongPasswordError
from wallet.hashes import parse_txid
from wallet.signer import SoftwareSigner

pytestmark = [pytest.mark.node, pytest.mark.registry]

SHOP = "https://shop.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A seller's repository, and a stranger who looks at what is for sale."""

    market: Market
    stranger: Trader

    def lots(self, copies: int = 1, *options: str) -> tuple[Ask, ...]:
        """New lots in a block, on the board."""
        sell = ("market", "sell", self.market.name, "--access", "--copies", str(copies), "--price", "0.0005")
        made = asks_of(self.market.seller.signs(*sell, *options))
        self.market.mine()
        return made

    def exported(self, copies: int, *options: str) -> tuple[Ask, ...]:
        """Lots with their keys for the shop, as they are listed there."""
        bundle = self.market.seller.person.home / f"bundle-{len(list(self.market.seller.person.home.iterdir()))}"
        self.market.seller.signs(
            "market", "export-shop", self.market.name, str(bundle), "--copies", str(copies), *options
        )
        return tuple(Ask.parse(encode(lot["ask"])) for lot in json.loads(bundle.read_bytes())["lots"])

    def seen(self, who: Trader, *options: str) -> dict[str, str]:
        """What somebody is shown: the refusal of each listing by its id, empty for a good one."""
        shown = who.person.run("market", "offers", self.market.name, "--all", "--json", *options).document["offers"]
        return {one["id"]: one["refusal"] for one in shown}

    def board(self, *asks: Ask) -> None:
        """The board as whoever may push can write it."""
        document = encode({"v": 1, "asks": [ask.document() for ask in asks]})
        self.market.ground.client.push_artifact(self.market.name, BOARD_TAG, BOARD_TYPE, document, {})

    def paper(self, *asks: Ask) -> str:
        """Listings in a file of the stranger's."""
        path = self.stranger.person.home / f"paper-{len(list(self.stranger.person.home.iterdir()))}"
        path.write_bytes(encode({"v": 1, "asks": [ask.document() for ask in asks]}))
        return str(path)

    def signed(self, ask: Ask, **changes: Any) -> Ask:
        """Another listing of the same coin, signed by its key, as another device with the same words has it."""
        other = replace(ask, signature="", **changes)
        with self.market.seller.session() as (session, unlock):
            signer = unlock()
            assert isinstance(signer, SoftwareSigner)
            lots = own_lots(session, ask.genesis)
            path = next(lot.prevout.path for lot in lots if lot.prevout.outpoint == ask.outpoints[0])
            assert path is not None
            return other.signed(signer.sign_message(other.text, path))


@pytest.fixture(scope="module")
def traders(ground: Ground) -> tuple[Trader, Trader]:
    """A seller and a stranger, for all tests here."""
    return new_trader(ground, "seller"), new_trader(ground, "stranger", coins=12)


@pytest.fixture
def stall(ground: Ground, traders: tuple[Trader, Trader], request: pytest.FixtureRequest) -> Stall:
    """A repository of its own for each test."""
    seller, stranger = traders
    path = f"acme/{Digest.of(str(request.node.name).encode()).hex[:7]}"
    return Stall(market=Market(ground=ground, seller=seller, name=seller.issue(path)), stranger=stranger)


def test_s37_an_export_renews_the_board_that_shows_the_listings_which_it_makes_void(stall: Stall) -> None:
    seller, name = stall.market.seller, stall.market.name
    old = stall.lots(2, "--publish")
    assert stall.seen(stall.stranger) == {ask.id.hex(): "" for ask in old}
    file = seller.person.home / "never.json"
    export_it = ("market", "export-shop", name, str(file), "--url", SHOP)
    told = seller.person.run(*export_it, "--dry-run", "--json").document
    assert (set(told["voided"]), file.exists()) == ({ask.id.hex() for ask in old}, False)
    new = stall.exported(2, "--url", SHOP)
    assert stall.seen(stall.stranger) == {ask.id.hex(): "" for ask in new}
    assert {ask.bids_to for ask in new} == {SHOP}


def test_s37_an_export_says_what_it_makes_void_before_the_yes_and_where_no_board_can_be_written(stall: Stall) -> None:
    seller, name = stall.market.seller, stall.market.name
    (old,) = stall.lots(1, "--publish")
    home = seller.person.home
    declined = seller.person.run("market", "export-shop", name, str(home / "no"), "--url", SHOP, expect=3)
    assert "1 earlier listing becomes void: whoever was sent one sees bids on it refused" in declined.stderr
    assert "the board shows 1 of them, and is written anew" in declined.stderr
    assert stall.seen(stall.stranger) == {old.id.hex(): ""}
    stall.market.ground.push(name, BOARD_TAG, "an image under the board's tag")
    said = seller.person.run(
        "market",
        "export-shop",
        name,
        str(home / "yes"),
        "--url",
        SHOP,
        "--publish",
        "--yes",
        "--json",
        *seller._password,
    )
    assert said.document["voided"] == [old.id.hex()]
    assert said.document["board"] is None
    assert "dockchains-asks" in said.stderr


def test_s37_publishing_alone_renews_a_board_of_lots_that_are_all_at_a_shop(stall: Stall) -> None:
    (old,) = stall.lots(1)
    (new,) = stall.exported(1, "--url", SHOP)
    stall.board(old)
    assert stall.seen(stall.stranger) == {old.id.hex(): ""}
    answer = stall.market.seller.signs("market", "sell", stall.market.name, "--publish")
    assert answer["listings"] == 1
    assert stall.seen(stall.stranger) == {new.id.hex(): ""}


def test_s37_of_two_listings_of_one_coin_a_stranger_sees_the_one_at_the_shop(stall: Stall) -> None:
    (old,) = stall.lots(1, "--publish")
    (new,) = stall.exported(1, "--url", SHOP)
    for seen in (
        stall.seen(stall.stranger, "--from", stall.paper(old)),
        stall.seen(stall.stranger, "--from", stall.paper(old, new)),
    ):
        assert seen[new.id.hex()] == ""
        assert "refused (in force)" in seen[old.id.hex()]
        assert f"under {new.id.hex()[:16]} too" in seen[old.id.hex()]
    stall.board(old, new)
    assert stall.seen(stall.stranger)[new.id.hex()] == ""
    assert "refused (in force)" in stall.seen(stall.stranger)[old.id.hex()]
    said = stall.stranger.refuses("market", "buy", stall.market.name, "--ask", old.id.hex()[:16]).stderr
    assert "refused (in force)" in said
    bid = stall.stranger.person.home / "bid"
    stall.stranger.signs("market", "buy", stall.market.name, "--no-send", "--out", str(bid))
    assert json.loads(bid.read_bytes())["bid"]["ask"] == new.id.hex()


def test_s37_where_nothing_tells_which_of_two_counts_neither_is_shown_as_good(stall: Stall) -> None:
    (ask,) = stall.lots(1)
    cheaper = stall.signed(ask, price=Sats(1))
    stall.board(cheaper, ask)
    seen = stall.seen(stall.stranger)
    assert all("refused (in force)" in seen[one.id.hex()] for one in (ask, cheaper))
    said = stall.stranger.refuses("market", "buy", stall.market.name).stderr
    assert "none of the 2 listings" in said
    assert (
        "refused (in force)"
        in stall.stranger.refuses("market", "buy", stall.paper(ask, cheaper), "--ask", ask.id.hex()).stderr
    )
    stall.board(ask)
    seen = stall.seen(stall.stranger, "--from", stall.paper(cheaper))
    assert (seen[ask.id.hex()], "refused (in force)" in seen[cheaper.id.hex()]) == ("", True)


def test_s37_no_other_server_speaks_for_the_shop_that_a_listing_names(stall: Stall) -> None:
    """A forged listing outweighs nothing, and neither does a true one at somebody else's server."""
    (old,) = stall.lots(1, "--publish")
    forged = replace(old, bids_to="https://evil.example")
    seen = stall.seen(stall.stranger, "--from", stall.paper(forged))
    assert seen[old.id.hex()] == ""
    assert "seller's signature" in seen[forged.id.hex()]


def test_s37_a_seller_sees_no_listing_as_good_but_the_one_that_is_in_force(stall: Stall) -> None:
    seller = stall.market.seller
    (old,) = stall.lots(1, "--publish")
    foreign = stall.signed(old, price=Sats(2))
    (new,) = stall.exported(1, "--url", SHOP)
    stall.board(old, foreign, new)
    seen = stall.seen(seller)
    assert seen[new.id.hex()] == ""
    assert "this wallet replaced or withdrew it" in seen[old.id.hex()]
    assert f"under {new.id.hex()[:16]} too" in seen[foreign.id.hex()]
    assert "this wallet has the coin listed" in seen[foreign.id.hex()]


def test_s37_a_listing_that_was_drafted_before_its_lot_went_to_a_shop_is_not_signed(stall: Stall) -> None:
    (ask,) = stall.lots(1)
    with stall.market.seller.session() as (session, unlock):
        signer = unlock()
        assert isinstance(signer, SoftwareSigner)
        lots = own_lots(session, ask.genesis)
        listing = list_lots(lots, Terms(price=Sats(7)), session)
        file = Path(stall.market.seller.person.home / "raced")
        export(draft_export(lots, session, bids_to=SHOP, limit=None), signer, session, file, now=session.clock())
        with pytest.raises(StateError, match="went to a shop meanwhile"):
            sign_listing(listing, signer, session)
    (lot,) = json.loads(file.read_bytes())["lots"]
    own = stall.market.seller.person.run("market", "offers", stall.market.name, "--json").document["own"]
    assert [(one["id"], one["state"]) for one in own] == [(Ask.parse(encode(lot["ask"])).id.hex(), "at a shop")]


_LOST = [manner for manner in Manner if manner not in (Manner.BUSY, Manner.HONEST)]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A buyer who waits half a second."""
    monkeypatch.setattr("assets.server.shop_client._PATIENCE", 0.5)


def _bid_of(who: Trader, id_: str) -> dict[str, Any]:
    found = who.person.run("market", "offers", "--json").document["bids"]
    return next(one for one in found if one["id"] == id_)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("manner", _LOST)
def test_s38_a_bid_that_a_shop_does_not_answer_is_perhaps_taken(stall: Stall, manner: Manner) -> None:
    (ask,) = stall.lots(1)
    buyer = stall.stranger
    with mute_shop(manner) as shop:
        listing = stall.paper(stall.signed(ask, bids_to=shop.url))
        name = ("--name", stall.market.name)
        said = buyer.person.run("market", "buy", listing, *name, *buyer._password, "--yes", "--json", expect=7)
        error = said.document["error"]
        assert (error["kind"], error["shop"]) == ("perhaps_taken", shop.url)
        id_ = error["bid"]
        assert f"the shop has perhaps taken bid {id_[:16]}" in error["message"]
        for remedy in (
            f"GET {shop.url}/v1/bids/{id_}",
            f"dockchains market buy {shop.url} --resend {id_[:16]}",
            f"dockchains market cancel {id_[:16]}",
        ):
            assert remedy in error["hint"]
        assert shop.asked == ["POST /v1/bids"]
        made = _bid_of(buyer, id_)
        assert (made["state"], made["txid"]) == ("perhaps taken", error["txid"])
        assert f"GET {shop.url}/v1/bids/{id_}" in made["note"]
        _require_reserved(buyer, id_)


@pytest.mark.usefixtures("impatient")
def test_s38_a_bid_stays_perhaps_taken_until_the_shop_or_the_chain_says_otherwise(stall: Stall) -> None:
    (ask,) = stall.lots(1)
    buyer = stall.stranger
    with mute_shop(Manner.DROPS) as shop:
        listing = stall.paper(stall.signed(ask, bids_to=shop.url))
        buy = ("market", "buy", listing, "--name", stall.market.name, *buyer._password, "--yes", "--json")
        id_ = buyer.person.run(*buy, expect=7).document["error"]["bid"]
        again = buyer.person.run("market", "buy", shop.url, "--resend", id_[:16], "--json", expect=7)
        assert again.document["error"]["bid"] == id_
        unknown = buyer.person.run("market", "buy", shop.url, "--outcome", id_[:16], expect=3).stderr
        assert "the shop says unavailable" in unknown
        assert _bid_of(buyer, id_)["state"] == "open"
        assert buyer.person.run("market", "buy", shop.url, "--resend", id_[:16], expect=7).stdout == ""
    gone = buyer.person.run("market", "buy", shop.url, "--resend", id_[:16], "--json", expect=7).document["error"]
    assert gone["message"].startswith(f"the shop {shop.url} does not answer: the shop has perhaps taken")
    _require_reserved(buyer, id_)
    buyer.signs("market", "cancel", id_[:16])
    stall.market.mine()
    assert _bid_of(buyer, id_)["state"] == "withdrawn"


def _require_reserved(who: Trader, id_: str) -> None:
    with who.session() as (session, _):
        assert session.offers is not None
        entry = session.offers.entry(bytes.fromhex(id_))
        assert entry is not None
        assert entry.coins
        assert all(session.held()[coin] == Reserved(f"bid {id_[:16]}") for coin in entry.coins)


@pytest.mark.usefixtures("impatient")
def test_s38_what_never_left_or_was_not_looked_at_is_not_perhaps_taken(stall: Stall) -> None:
    (ask,) = stall.lots(1)
    buyer, name = stall.stranger, ("--name", stall.market.name)
    with mute_shop(Manner.BUSY) as shop:
        listing = stall.paper(stall.signed(ask, bids_to=shop.url))
        said = buyer.person.run("market", "buy", listing, *name, *buyer._password, "--yes", "--json", expect=3)
        assert said.document["error"]["kind"] == "shop_unreached"
    made = buyer.person.run("market", "offers", "--json").document["bids"][0]
    assert made["state"] == "open"
    said = buyer.person.run("market", "buy", shop.url, "--resend", made["id"], "--json", expect=3)
    assert said.document["error"]["kind"] == "shop_unreached"
    assert _bid_of(buyer, made["id"])["state"] == "open"
    _require_reserved(buyer, made["id"])
    buyer.signs("market", "cancel", made["id"])
    stall.market.mine()


@pytest.mark.usefixtures("impatient")
def test_s38_a_sale_whose_answer_was_lost_is_found_by_asking_and_bought_once(stall: Stall) -> None:
    stall.lots(1)
    market, buyer = stall.market, stall.stranger
    bundle = market.seller.person.home / "lost-answer"
    market.seller.signs("market", "export-shop", market.name, str(bundle))
    before = market.units(buyer)
    with (
        running_shop(bundle, market.ground.node, bundle.parent / "lost-shop") as behind,
        mute_shop(Manner.DROPS, behind.url) as shop,
    ):
        buy = ("market", "buy", shop.url, "--name", market.name, *buyer._password, "--yes", "--json")
        error = buyer.person.run(*buy, expect=7).document["error"]
        assert _bid_of(buyer, error["bid"])["state"] == "sold, waiting for a block"
        asked = buyer.person.run("market", "buy", shop.url, "--outcome", error["bid"][:16], "--json").document
        assert (asked["state"], asked["txid"]) == ("sold, waiting for a block", error["txid"])
        shop.manner = Manner.HONEST
        again = buyer.person.run("market", "buy", shop.url, "--resend", error["bid"][:16], "--json").document
        assert (again["state"], again["txid"]) == ("sold, waiting for a block", error["txid"])
    market.mine()
    assert market.units(buyer) == (before[0] + 1, False)


@pytest.mark.usefixtures("impatient")
def test_s38_a_kill_while_the_bid_is_on_its_way_leaves_it_perhaps_taken(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ask,) = stall.lots(1)
    buyer = stall.stranger

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with mute_shop(Manner.HONEST) as shop:
        listing = stall.paper(stall.signed(ask, bids_to=shop.url))
        with monkeypatch.context() as patch:
            patch.setattr("assets.server.shop_client._answer", killed)
            patch.setattr("assets.server.shop_client._refusal", killed)
            buy = ("market", "buy", listing, "--name", stall.market.name, *buyer._password, "--yes")
            buyer.person.run(*buy, expect=130)
        made = buyer.person.run("market", "offers", "--json").document["bids"][0]
        assert made["state"] == "perhaps taken"
    buyer.signs("market", "cancel", made["id"])
    stall.market.mine()


def _kept(who: Trader) -> tuple[object, ...]:
    """Everything that a command could write for somebody: the wallet's database row by row, and other files.

    Hashes of the wallet's keys, which any look at it may derive and keep, say nothing of what was done.
    """
    with who.person.house() as house:
        database, paths = house.wallet_paths.database, house.paths
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = tuple(row for row in connection.iterdump() if not row.startswith('INSERT INTO "key_hashes"'))
    cached = {paths.names("regtest"), database}
    files = sorted(
        (str(path), path.read_bytes())
        for path in who.person.home.rglob("*")
        if path.is_file()
        and path not in cached
        and not path.name.startswith((database.name, "index", "colors", "images"))
        and path.suffix not in (".log", ".lock")
    )
    return rows, files, sorted(who.ground.node.rpc("getrawmempool"))


def _said_no(*_: object, **__: object) -> None:
    raise DeclinedError


@pytest.fixture
def wrong(traders: tuple[Trader, Trader]) -> tuple[str, str]:
    """A password that opens nothing."""
    file = traders[0].person.home.parent / "wrong password"
    file.touch(mode=0o600)
    file.write_text("another one entirely")
    return "--password-file", str(file)


def _untouched(who: Trader, wrong: tuple[str, str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """A command that was declined, and one with a wrong password, leave everything as it was."""
    who.person.run("market", "offers")
    before = _kept(who)
    with monkeypatch.context() as patch:
        patch.setattr("tui.cli.terminal.Terminal.confirm", _said_no)
        who.person.run(*arguments, *who._password, expect=5)
    assert _kept(who) == before, f"{arguments} was declined, and wrote something"
    with monkeypatch.context() as patch:
        patch.setattr("tests.regtest.people.KeepsKeys.opened", {})
        patch.setattr("tests.regtest.people.KeepsKeys.whole", {})
        who.person.run(*arguments, *wrong, "--yes", expect=4)
    assert _kept(who) == before, f"{arguments} had a wrong password, and wrote something"


def test_s39_a_sale_that_was_not_said_yes_to_leaves_nothing_behind(
    stall: Stall, wrong: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bid names a key for the secret of sealed images, which the seller keeps once the sale is agreed."""
    market, seller, buyer = stall.market, stall.market.seller, stall.stranger
    digest = seller.release(market.name, "1.0")
    market.mine()
    seller.signs("image", "seal", f"{market.name}@{digest}")
    market.mine()
    listing = market.listing(seller, market.name, "--title", "--price", "0.01")
    bid = buyer.person.home / "bid for a sealed title"
    _untouched(buyer, wrong, monkeypatch, "market", "buy", str(listing), "--name", market.name, "--out", str(bid))
    assert not bid.exists()
    buyer.signs("market", "buy", str(listing), "--name", market.name, "--out", str(bid))
    assert json.loads(bid.read_bytes())["bid"]["secret_to"]
    _untouched(seller, wrong, monkeypatch, "market", "accept", str(bid))
    seller.person.run("market", "accept", str(bid), "--dry-run")
    sale = seller.signs("market", "accept", str(bid))["txid"]
    with seller.session() as (session, _):
        assert session.handovers is not None
        assert session.handovers.bid(parse_txid(sale)) == bid.read_bytes().strip()
    _untouched(seller, wrong, monkeypatch, "market", "accept", "--speed-up", sale, "--fee-rate", "9")
    market.mine()
    _untouched(seller, wrong, monkeypatch, "market", "accept", "--hand-secret", sale)


def test_s39_what_was_not_said_yes_to_is_neither_listed_nor_exported_nor_taken_back(
    stall: Stall, wrong: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    market, seller, buyer = stall.market, stall.market.seller, stall.stranger
    untouched = partial(_untouched, seller, wrong, monkeypatch, "market")
    untouched("sell", market.name, "--title", "--price", "1", "--publish", "--out", str(seller.person.home / "a title"))
    untouched(
        "sell", market.name, "--access", "--copies", "3", "--price", "1", "--out", str(seller.person.home / "lots")
    )
    ask, _ = stall.lots(2)
    untouched("sell", market.name, "--access", "--relist", "--price", "2", "--publish")
    untouched("export-shop", market.name, str(seller.person.home / "a bundle"), "--url", SHOP)
    stall.exported(1, "--url", SHOP)
    untouched("cancel", market.name, "--lots")
    bid = buyer.signs("market", "buy", stall.paper(ask), "--name", market.name, "--no-send")["bid"]
    _untouched(buyer, wrong, monkeypatch, "market", "cancel", bid[:16])
    bump = ("market", "buy", "--bump", bid[:16], "--fee-rate", "30")
    _untouched(buyer, wrong, monkeypatch, *bump)
    seller.person.run("market", "offers")
    before = _kept(seller)
    monkeypatch.setattr("tui.cli.terminal.Terminal.confirm", _said_no)
    seller.person.run("market", "cancel", market.name, expect=5)
    assert _kept(seller) == before


def test_s39_lots_that_are_found_again_after_a_restore_are_written_down_with_the_yes(
    stall: Stall, wrong: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    market, seller = stall.market, stall.market.seller
    stall.lots(2)
    with seller.session() as (session, _):
        keys = session.store.shop_keys()
    again = Trader(person=market.ground.person("seller again", houses=KeepsKeys), ground=market.ground)
    words = str(seller.person.home / "words")
    again.person.run("wallet", "restore", "--words-file", words, *password(again.person))
    sell = ("market", "sell", market.name, "--access", "--copies", "1", "--price", "0.0005")
    _untouched(again, wrong, monkeypatch, *sell)
    said = again.person.run(*sell, *again._password, "--yes")
    assert f"found {len(keys)} keys of lots that were made before" in said.stderr
    with again.session() as (session, _):
        assert session.store.shop_keys()[: len(keys)] == keys
        assert len(session.store.shop_keys()) == len(keys) + 1
    market.mine()


def test_s39_nothing_is_written_by_showing_in_the_app(stall: Stall, monkeypatch: pytest.MonkeyPatch) -> None:
    market, seller, buyer = stall.market, stall.market.seller, stall.stranger
    first, second = stall.lots(2)
    listing = market.listing(seller, market.name, "--title", "--price", "0.01", "--keep-lots")
    bid = buyer.person.home / "bid for the app"
    buyer.signs("market", "buy", str(listing), "--name", market.name, "--out", str(bid))
    name = market.name
    with seller.person.house() as house:
        services = HouseServices(WalletChoice(network="regtest", name="default"), house)
        try:
            services.market.desk()
            genesis = parse_txid(services.images.find(name))
            before = _kept(seller)
            drafts: Any = services.drafts
            for ask in (
                Accept(package=bid.read_bytes()),
                Sell(genesis=genesis, name=name, what=What.TITLE, price=Sats(COIN), keep_lots=True, publish=True),
                Sell(genesis=genesis, name=name, what=What.ACCESS, again=True, price=Sats(COIN)),
                ExportShop(genesis=genesis, name=name, file=seller.person.home / "by the app", url=SHOP, publish=True),
                Recall(genesis=genesis, name=name),
            ):
                drafts.draft(ask)
                assert _kept(seller) == before, f"showing {ask} wrote something"
            lots = Sell(genesis=genesis, name=name, what=What.ACCESS, price=Sats(COIN), copies=2)
            drafts.opened(drafts.draft(lots), PASSWORD)
            assert _kept(seller) == before
            monkeypatch.setattr(KeepsKeys, "opened", {})
            with pytest.raises(WrongPasswordError):
                drafts.send(drafts.draft(Accept(package=bid.read_bytes())), "another one entirely", lambda _: None)
            assert _kept(seller) == before
        finally:
            services.close()
    assert {first.id, second.id} == {
        bytes.fromhex(one) for one in stall.seen(buyer, "--from", stall.paper(first, second))
    }
