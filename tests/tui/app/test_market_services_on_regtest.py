"""The app's market over real services, node, registry and shop: what is shown is what is signed, on either side."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from assets.errors import OfferError, PerhapsTakenError
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.services.read_models.offer_views import LotView
from regtest.image import build_image
from regtest.node import Node
from regtest.registry import Registry
from tests.attacks.ground import Ground
from tests.market.mute_shops import Manner, mute_shop
from tests.market.shops import running_shop
from tests.market.traders import Trader, new_trader
from tests.regtest.people import PASSWORD
from tui.app.house.services import HouseServices
from tui.app.views import WalletChoice
from tui.cli.remedies import words
from tui.verbs.deed_requests import DeedRequest
from tui.verbs.market.fields import pasted_bid
from tui.verbs.market.requests import (
    Accept,
    AskOutcome,
    AtShop,
    Buy,
    ExportShop,
    HandSecret,
    InFile,
    Look,
    OnBoard,
    Rebid,
    Recall,
    Resend,
    Sell,
    SpeedUp,
    TakeBack,
    TakeSecret,
    What,
    Withdraw,
)
from tui.verbs.market.views import Offer, OwnBid, Paper
from tui.verbs.prepared import Prepared, StaleDraftError
from tui.verbs.review import KeysFirst, Outcome
from wallet.amount import Sats
from wallet.errors import EncodingError, StateError, StoreError
from wallet.hashes import Txid, parse_txid

pytestmark = [pytest.mark.node, pytest.mark.registry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Somebody's app, without its screens."""

    trader: Trader
    services: HouseServices

    def shown(self, ask: DeedRequest) -> Prepared[Any]:
        """What a person looks at before the yes."""
        offered = self.services.drafts.draft(ask)
        if isinstance(offered, KeysFirst):
            offered = self.services.drafts.opened(offered, PASSWORD)
            assert offered.review.drafts
        assert isinstance(offered, Prepared)
        return offered

    def signs(self, ask: DeedRequest) -> Outcome[Any]:
        """What a person does who says yes to everything."""
        drafts: Any = self.services.drafts
        review = self.shown(ask)
        sent: list[str] = []
        outcome: Outcome[Any] = drafts.send(review, PASSWORD, lambda view: sent.append(view.txid))
        assert [one.txid for one in outcome.sent] == sent
        return outcome

    def genesis(self, name: str) -> Txid:
        """The only repository of a name."""
        return parse_txid(self.services.images.find(name))

    def lots_there(self, name: str) -> int:
        """Lots that nobody bought yet."""
        return self.services.market.stock(self.services.images.find(name), name).lots

    def lots(self, name: str, copies: int, **more: Any) -> tuple[str, ...]:
        """New lots in a block; the ids of their listings."""
        ask = Sell(
            genesis=self.genesis(name),
            name=name,
            what=What.ACCESS,
            price=Sats(50_000),
            copies=copies,
            rate="2",
            **more,
        )
        (paper,) = self.signs(ask).papers
        self.trader.ground.node.mine()
        return paper.ids

    def listing(self, id_: str) -> LotView:
        """One of the own listings."""
        return next(one.view for one in self.services.market.desk().listings if one.view.id == id_)

    def bid(self, id_: str) -> OwnBid:
        """One of the own bids."""
        return next(one for one in self.services.market.desk().bids if one.view.id == id_)

    def offer(self, look: Look, id_: str) -> Offer:
        """A listing that was found somewhere."""
        return next(one for one in self.services.market.offers(look).offers if one.view.id == id_)

    def buys(self, offer: Offer, **more: Any) -> Paper:
        """A bid for a listing, signed."""
        (paper,) = self.signs(Buy(listing=offer.document, rate="2", **more)).papers
        return self.services.market.bid(paper.ids[0])


@pytest.fixture(scope="module")
def ground(bitcoin_node: Node, image_registry: Registry, regtest_folder: Path) -> Iterator[Ground]:
    """A node with mature coins, and a registry."""
    bitcoin_node.mine(101)
    with RegistryClient(CredentialFinder.nowhere()) as client:
        made = Ground(bitcoin_node, image_registry, client, regtest_folder)
        yield made
        made.close()


@pytest.fixture(scope="module")
def people(ground: Ground) -> Iterator[tuple[Desk, Desk, str]]:
    """A seller, a buyer, and the repository of the first."""
    seller, buyer = new_trader(ground, "seller", coins=3), new_trader(ground, "buyer", coins=6)
    name = seller.issue("acme/app")
    with ExitStack() as stack:
        desks = []
        for trader in (seller, buyer):
            house = stack.enter_context(trader.person.house())
            services = HouseServices(WalletChoice(network="regtest", name="default"), house)
            stack.callback(services.close)
            desks.append(Desk(trader=trader, services=services))
        yield desks[0], desks[1], name


def test_lots_are_shown_after_the_keys_spoke_and_a_wrong_password_changes_nothing(
    people: tuple[Desk, Desk, str],
) -> None:
    seller, _, name = people
    drafts: Any = seller.services.drafts
    ask = Sell(genesis=seller.genesis(name), name=name, what=What.ACCESS, price=Sats(100_000), copies=1, rate="2")
    before = seller.lots_there(name)
    assert isinstance(drafts.draft(replace(ask, copies=300)), KeysFirst)
    shown = drafts.opened(drafts.draft(ask), PASSWORD)
    facts = dict(shown.review.facts)
    assert facts["sells"] == "1 access unit"
    assert facts["price"].startswith("0.00100000 BTC, and ")
    assert shown.review.deed == "List, sign and send"
    assert seller.lots_there(name) == before, "showing writes nothing"
    again = drafts.draft(shown.request)
    assert again.review == shown.review, "what the keys said is in the request"
    assert isinstance(drafts.draft(ask), KeysFirst), "and nowhere else"
    assert PASSWORD not in repr(again)


def test_a_title_is_listed_and_bought_with_what_its_buyer_should_know(people: tuple[Desk, Desk, str]) -> None:
    seller, buyer, name = people
    ask = Sell(
        genesis=seller.genesis(name),
        name=name,
        what=What.TITLE,
        price=Sats(2_000_000),
        keep_lots=True,
        blocks=10,
        gate="https://gate.example",
    )
    review: Any = seller.services.drafts.draft(ask)
    assert (review.review.drafts, review.review.deed) == ((), "Sign the listing")
    assert dict(review.review.facts)["gate"] == "https://gate.example"
    assert any("treasury" in warning for warning in review.review.warnings)
    (paper,) = seller.services.drafts.send(review, PASSWORD, lambda _: None).papers
    document = seller.services.market.listing(paper.ids).text
    file = buyer.trader.person.home / "title.json"
    buyer.services.market.write(file, document)
    offer = buyer.offer(Look(places=(InFile(file),)), paper.ids[0])
    assert (offer.view.sells, offer.view.refusal, offer.view.mine) == ("title", "", False)
    bought = buyer.services.drafts.draft(Buy(listing=offer.document, rate="2"))
    assert bought.review.deed == "Sign the bid"
    assert any("may push to" in note for note in bought.review.drafts[0].notes), "the checklist of a title"
    assert any("name it, or pin it" in warning for warning in bought.review.warnings)
    assert not buyer.services.drafts.draft(Buy(listing=offer.document, rate="2", name=name)).review.warnings
    seller.services.market.withdraw(paper.ids)
    assert seller.listing(paper.ids[0]).state == "withdrawn"
    with pytest.raises(StoreError, match="exists already"):
        buyer.services.market.write(file, document)


def test_a_bid_is_bumped_on_either_side_and_another_taken_back(people: tuple[Desk, Desk, str]) -> None:
    seller, buyer, name = people
    first, second = seller.lots(name, 2, publish=True)
    look = Look(name=name, places=(OnBoard(name),))
    offer = buyer.offer(look, first)
    assert offer.view.where == f"{name}:dockchains-asks"
    paper = buyer.buys(offer, name=name, blocks=20)
    assert buyer.bid(paper.ids[0]).view.state == "open"
    judged = seller.services.market.judge(pasted_bid(paper.text))
    assert [one.state for one in judged.checks] == ["passed"] * 10
    (higher,) = buyer.signs(Rebid(bid=paper.ids[0], rate="5")).papers
    assert buyer.bid(paper.ids[0]).view.state == "replaced"
    (sale,) = seller.signs(Accept(package=pasted_bid(buyer.services.market.bid(higher.ids[0]).text))).sent
    assert seller.listing(first).state == "sold, waiting for a block"
    (child,) = seller.signs(SpeedUp(txid=parse_txid(sale.txid), rate="20")).sent
    assert child.kind == "speed up"
    seller.trader.ground.node.mine()
    assert (seller.listing(first).state, seller.listing(first).confirmations) == ("sold", 1)
    assert buyer.bid(higher.ids[0]).view.state == "sold"

    taken = buyer.buys(buyer.offer(look, second))
    buyer.signs(TakeBack(offer=taken.ids[0], rate="3"))
    seller.trader.ground.node.mine()
    assert not buyer.bid(taken.ids[0]).is_out
    refused = seller.services.market.judge(pasted_bid(taken.text))
    assert "no unspent coin" in refused.refusal
    assert [one.state for one in refused.checks][:8] == ["passed"] * 6 + ["failed", "not reached"]
    with pytest.raises(OfferError):
        seller.services.drafts.draft(Accept(package=pasted_bid(taken.text)))


def test_a_bid_that_expired_is_told_once_and_its_coins_are_free(people: tuple[Desk, Desk, str]) -> None:
    seller, buyer, name = people
    (id_,) = seller.lots(name, 1)
    reserved = buyer.services.money.balance().reserved
    paper = buyer.buys(buyer_offer(buyer, seller, id_), blocks=2)
    assert buyer.services.money.balance().reserved > reserved
    seller.trader.ground.node.mine(2)
    buyer.services.chain.sync(lambda _: None, lambda: False)
    assert buyer.services.money.balance().reserved == reserved
    (note,) = buyer.services.market.desk().notes
    assert f"bid {paper.ids[0][:16]} expired" in note
    assert buyer.services.market.desk().notes == ()
    assert buyer.bid(paper.ids[0]).is_out, "a seller who ignores the height can still complete it"
    buyer.signs(TakeBack(offer=paper.ids[0], rate="3"))
    seller.services.market.withdraw((id_,))
    seller.trader.ground.node.mine()


def test_lots_are_listed_again_and_a_bid_on_the_old_price_is_refused(people: tuple[Desk, Desk, str]) -> None:
    seller, buyer, name = people
    (old,) = seller.lots(name, 1)
    paper = buyer.buys(buyer_offer(buyer, seller, old))
    again = Sell(genesis=seller.genesis(name), name=name, what=What.ACCESS, price=Sats(70_000), again=True)
    assert any("this replaces" in warning for warning in seller.services.drafts.draft(again).review.warnings)
    (renewed,) = seller.signs(again).papers
    assert seller.listing(renewed.ids[0]).price == 70_000
    refused = seller.services.market.judge(pasted_bid(paper.text))
    assert refused.checks[0].state == "failed"
    assert "replaced" in refused.refusal
    seller.services.market.withdraw(renewed.ids)
    buyer.signs(TakeBack(offer=paper.ids[0], rate="3"))
    seller.trader.ground.node.mine()


def test_a_shop_sells_what_the_app_wrote_for_it_and_the_rest_comes_back(people: tuple[Desk, Desk, str]) -> None:
    seller, buyer, name = people
    if seller.lots_there(name):
        seller.signs(Recall(genesis=seller.genesis(name), name=name, rate="2"))
        seller.trader.ground.node.mine()
    first, second = seller.lots(name, 2)
    file = seller.trader.person.home / "shop.json"
    outcome = seller.signs(ExportShop(genesis=seller.genesis(name), name=name, file=file))
    assert set(outcome.papers[0].ids) >= {first, second}
    assert seller.listing(first).state == "at a shop"
    with pytest.raises(StoreError, match="exists already"):
        seller.services.drafts.draft(ExportShop(genesis=seller.genesis(name), name=name, file=file))
    with pytest.raises(StateError, match="at a shop"):
        seller.services.market.withdraw((first,))
    ground = seller.trader.ground
    with running_shop(file, ground.node, seller.trader.person.home.parent / "shop machine") as shop:
        at_shop = AtShop(shop.url)
        offer = buyer.offer(Look(name=name, places=(OnBoard(name), at_shop)), first)
        assert (offer.view.refusal, offer.shop) == ("", shop.url)
        bought = buyer.signs(Buy(listing=offer.document, name=name, shop=shop.url, rate="2"))
        assert any("the shop says: sold" in note for note in bought.notes)
        other = buyer.offer(Look(places=(at_shop,)), second)
        late = buyer.signs(Buy(listing=other.document, shop="", rate="2")).papers[0]
        assert "the shop says: sold" in buyer.services.market.send(Resend(bid=late.ids[0], shop=shop.url))
    ground.node.mine()
    assert seller.listing(first).state == "sold"
    assert buyer.bid(late.ids[0]).view.state == "sold"
    more = seller.lots(name, 1)
    seller.signs(Recall(genesis=seller.genesis(name), name=name, rate="2"))
    ground.node.mine()
    assert seller.lots_there(name) == 0
    assert seller.listing(more[0]).state.startswith("ended")
    told = [concern.text for concern in seller.services.money.overview().concerns]
    assert not any("at a shop" in text for text in told)


def test_a_bid_that_a_shop_does_not_answer_is_perhaps_taken_in_the_app_too(people: tuple[Desk, Desk, str]) -> None:
    seller, buyer, name = people
    (listed,) = seller.lots(name, 1)
    offer = seller.offer(Look(name=name), listed)
    with mute_shop(Manner.DROPS) as shop:
        outcome = buyer.signs(Buy(listing=offer.document, name=name, shop=shop.url, rate="2"))
        (paper,) = outcome.papers
        (id_,) = paper.ids
        assert isinstance(outcome.failure, PerhapsTakenError)
        assert f"GET {shop.url}/v1/bids/{id_}" in outcome.failure.hint
        line = buyer.bid(id_)
        assert (line.view.state, line.is_out) == ("perhaps taken", True)
        assert f"GET {shop.url}/v1/bids/{id_}" in line.view.note
        assert any("is perhaps taken" in one.text for one in buyer.services.money.overview().concerns)
        with pytest.raises(PerhapsTakenError, match="its coins stay reserved"):
            buyer.services.market.send(Resend(bid=id_, shop=shop.url))
        with pytest.raises(OfferError, match="the shop says unavailable"):
            buyer.services.market.outcome(AskOutcome(bid=id_, shop=shop.url))
    assert buyer.bid(id_).view.state == "open"
    buyer.signs(TakeBack(offer=id_, rate="3"))
    seller.trader.ground.node.mine()
    assert buyer.bid(id_).view.state == "withdrawn"


def test_a_draft_of_lots_that_another_process_overtook_is_stale(people: tuple[Desk, Desk, str]) -> None:
    seller, _, name = people
    ask = Sell(genesis=seller.genesis(name), name=name, what=What.ACCESS, price=Sats(50_000), copies=1, rate="2")
    drafts: Any = seller.services.drafts
    review = drafts.draft(ask)
    if isinstance(review, KeysFirst):
        review = drafts.opened(review, PASSWORD)
    made = seller.trader.signs("market", "sell", name, "--access", "--copies", "1", "--price", "0.0006")
    seller.trader.ground.node.mine()
    with pytest.raises(StaleDraftError):
        drafts.send(review, PASSWORD, lambda _: None)
    assert seller.listing(made["asks"][0]["id"]).state == "open", "lots of another process are known at once"
    assert seller.lots_there(name) >= 1


def test_the_app_and_a_command_would_do_the_same(people: tuple[Desk, Desk, str]) -> None:
    seller, buyer, name = people
    genesis, file = seller.genesis(name), seller.trader.person.home / "never written.json"
    (id_,) = seller.lots(name, 1)
    offer = buyer_offer(buyer, seller, id_)
    listing = buyer.trader.person.home / f"{id_[:16]}.json"
    lots = Sell(genesis=genesis, name=name, what=What.ACCESS, price=Sats(50_000), copies=2, rate="2")
    title = Sell(genesis=genesis, name=name, what=What.TITLE, price=Sats(2_000_000), keep_lots=True)
    cases: tuple[tuple[Desk, DeedRequest, tuple[str, ...]], ...] = (
        (seller, lots, ("sell", name, "--access", "--copies", "2", "--price", "0.0005", "--fee-rate", "2")),
        (seller, title, ("sell", name, "--title", "--no-treasury", "--keep-lots", "--price", "0.02")),
        (seller, Withdraw(genesis=genesis, name=name), ("cancel", name)),
        (seller, Recall(genesis=genesis, name=name, rate="2"), ("cancel", name, "--lots", "--fee-rate", "2")),
        (seller, ExportShop(genesis=genesis, name=name, file=file), ("export-shop", name, str(file))),
        (buyer, Buy(listing=offer.document, rate="2"), ("buy", str(listing), "--fee-rate", "2")),
    )
    for who, request, command in cases:
        review = who.shown(request).review
        run = ("market", *command, *who.trader._password, "--dry-run")
        document = who.trader.person.run(*run, "--json").document
        drafts = document.pop("drafts", None) or [document.pop("draft")] if review.drafts else []
        assert drafts == json.loads(json.dumps([asdict(one) for one in review.drafts])), command
        details: Any = review.details
        assert document == ({} if details is None else json.loads(json.dumps(asdict(details)))), command
        text = " ".join(who.trader.person.run(*run).stdout.split())
        said = (review.heading, *map(words, review.warnings), *(value for _, value in review.facts if value))
        assert not [one for one in said if one not in text], command
    assert not file.exists()


def test_what_is_no_bid_and_no_listing_is_said_so(people: tuple[Desk, Desk, str], tmp_path: Path) -> None:
    seller, buyer, name = people
    market = seller.services.market
    (tmp_path / "text").write_text("hello")
    for text in ("", "{}", "hello", '{"bid":{},"psbt":"!"}', "é", "[" * 10_000, "x" * 300_000):
        with pytest.raises(EncodingError):
            market.look(text)
    with pytest.raises(EncodingError):
        market.read(tmp_path / "text")
    with pytest.raises(EncodingError, match="cannot read"):
        market.read(tmp_path / "nothing")
    with pytest.raises(EncodingError):
        market.offers(Look(places=(InFile(tmp_path / "text"),)))
    with pytest.raises(EncodingError):
        buyer.services.drafts.draft(Buy(listing="{}", rate="2"))
    with pytest.raises(EncodingError, match="no price"):
        seller.services.drafts.draft(Sell(genesis=seller.genesis(name), name=name, what=What.TITLE, keep_lots=True))


def test_the_secret_of_sealed_images_follows_their_title(people: tuple[Desk, Desk, str], tmp_path: Path) -> None:
    seller, buyer, _ = people
    ground, name = seller.trader.ground, seller.trader.issue("acme/box")
    built = build_image(tmp_path / "image", tag="1.0", text="sealed", platforms=("linux/arm64",))
    layout = f"oci:{built.layout}:1.0"
    seller.trader.signs("image", "release", f"{name}:1.0", "--sealed", "--layout", layout)
    ground.node.mine()
    (paper,) = seller.signs(
        Sell(genesis=seller.genesis(name), name=name, what=What.TITLE_AND_TREASURY, price=Sats(1_000_000))
    ).papers
    offer = buyer_offer(buyer, seller, paper.ids[0])
    bid: Any = buyer.services.drafts.draft(Buy(listing=offer.document, rate="2", wants_secret=False))
    assert not bid.review.facts[-1][1]
    (sale,) = seller.signs(Accept(package=pasted_bid(buyer.buys(offer).text))).sent
    with pytest.raises(StateError, match="0 of 1 confirmations"):
        seller.services.drafts.draft(HandSecret(txid=parse_txid(sale.txid)))
    ground.node.mine()
    assert seller.services.market.desk().owed == (sale.txid,)
    assert buyer.services.market.desk().awaited == (sale.txid,)
    review = seller.services.drafts.draft(HandSecret(txid=parse_txid(sale.txid)))
    assert (review.review.drafts, review.review.deed) == ((), "Hand it over")
    (secret,) = seller.signs(HandSecret(txid=parse_txid(sale.txid))).papers
    assert seller.services.market.desk().owed == ()
    document = buyer.services.market.secret(None, secret.text)
    with pytest.raises(EncodingError):
        buyer.services.market.secret(None, "hello")
    taken = buyer.signs(TakeSecret(document=document))
    assert "it opens 1 sealed forms" in taken.notes[0]
    assert buyer.services.market.desk().awaited == ()


def buyer_offer(buyer: Desk, seller: Desk, id_: str) -> Offer:
    """A listing that the seller handed over as a file."""
    text = seller.services.market.listing((id_,)).text
    file = buyer.trader.person.home / f"{id_[:16]}.json"
    buyer.services.market.write(file, text)
    return buyer.offer(Look(places=(InFile(file),)), id_)
