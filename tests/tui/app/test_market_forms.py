"""The market's forms ask for exactly what was typed, show checks and documents, and say why where nothing is done."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Checkbox, Collapsible, RadioSet, TextArea

from assets.errors import PerhapsTakenError
from assets.images.digest import Digest
from tests.tui.app import market_samples, samples
from tests.tui.app.driving import SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import PASSWORD, FakeLobby, FakeServices
from tui.app.dialogs.asking import OneLine
from tui.app.dialogs.review import ReviewDialog
from tui.app.kinds import Kind
from tui.app.screens.form import DraftForm
from tui.app.screens.market_accept import AcceptForm
from tui.app.screens.market_buy import BuyForm
from tui.app.screens.market_paper import PaperScreen
from tui.app.screens.market_secrets import HandSecretForm, TakeSecretForm
from tui.app.screens.market_sell import SellForm
from tui.app.screens.market_steps import CancelBidForm, ExportForm, RebidForm, RecallForm, SpeedUpForm
from tui.app.screens.page import Page
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Words
from tui.verbs.market.requests import (
    Accept,
    AskOutcome,
    AtShop,
    Buy,
    ExportShop,
    HandSecret,
    MarketRequest,
    Rebid,
    Recall,
    Resend,
    Sell,
    SpeedUp,
    TakeBack,
    TakeSecret,
    What,
)
from tui.verbs.market.views import StockView
from tui.verbs.review import SignedPaper
from wallet.amount import Sats
from wallet.errors import EncodingError, StateError, StoreError
from wallet.hashes import parse_txid

GENESIS = parse_txid(samples.GENESIS)


def field(pilot: Pilot[None], name: str) -> Field:
    return pilot.app.screen.query_one(f"#{name}", Field)


async def fill(pilot: Pilot[None], **values: str) -> None:
    for name, text in values.items():
        field(pilot, name.replace("_", "-")).value = text
    await pilot.pause()


async def over(pilot: Pilot[None], screen: Page) -> None:
    """Puts a screen over the wallet's."""
    pilot.app.push_screen(screen)
    await until(pilot, lambda: pilot.app.screen is screen)
    await settled(pilot)


async def asked(pilot: Pilot[None], services: FakeServices) -> object:
    """On to the review and back; what was asked."""
    await pilot.press("ctrl+g")
    await until(pilot, lambda: isinstance(pilot.app.screen, ReviewDialog), "the review")
    await settled(pilot)
    await pilot.press("escape")
    await settled(pilot)
    return services.drafts.calls("draft")[-1]


async def signed(pilot: Pilot[None]) -> None:
    """The password, in the review."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ReviewDialog), "the review")
    await settled(pilot)
    pilot.app.screen.query_one("#password").value = PASSWORD  # type: ignore[attr-defined]
    await pilot.press("enter")
    await settled(pilot)


@pytest.mark.parametrize(
    ("kind", "good", "note", "bad", "why"),
    [
        (Kind.BLOCKS, "4,320", "about 30 days", "0", "not a number of blocks"),
        (Kind.BLOCKS, "36", "about 6 hours", "52561", "not a number of blocks"),
        (Kind.COPIES, "1480", "", "1481", "not a number of lots"),
        (Kind.SERVICE, "https://shop.example/acme", "", "https://shop.example/?a=b", "no query"),
        (Kind.SERVICE, "http://127.0.0.1:8080", "", "http://shop.example", "loopback"),
        (Kind.ORIGIN, "https://gate.example", "", "https://gate.example/path", "not a host name"),
        (Kind.SOURCE, "https://shop.example", "the shop https://shop.example", "bid.json", "not a full path"),
        (Kind.SOURCE, "/tmp/listing.json", "a file", "~nobody-of-this-name/x", "not a path"),
        (Kind.FILE, "/tmp/bid.json", "", "/tmp/\0", "not a path"),
    ],
)
def test_the_markets_fields_take_what_is_good_and_say_why_not(
    kind: Kind, good: str, note: str, bad: str, why: str
) -> None:
    services = FakeServices()
    assert services.check(kind, good) == note
    with pytest.raises(EncodingError) as error:
        services.check(kind, bad)
    assert why in f"{error.value} {error.value.hint}"


async def test_a_sale_is_asked_for_as_it_was_chosen() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = SellForm(services, samples.GENESIS, samples.NAME)
        await over(pilot, screen)
        assert services.market.calls("stock") == [(samples.GENESIS, samples.NAME)]
        assert "10 lots are made, 4 of them at a shop" in screen.query_one("#stock", Words).plain
        assert not screen.query_one("#copies").display
        await pilot.press("ctrl+g")
        assert "say the price" in field(pilot, "price").note
        await fill(pilot, price="0.02")
        screen.query_one("#keep-lots", Checkbox).toggle()
        assert await asked(pilot, services) == Sell(
            genesis=GENESIS, name=samples.NAME, what=What.TITLE_AND_TREASURY, price=Sats(2_000_000), keep_lots=True
        )
        screen.query_one("#what", RadioSet).focus()
        await pilot.press("down", "down", "enter")
        assert screen.query_one("#copies").display
        assert not screen.query_one("#keep-lots").display
        await pilot.press("ctrl+g")
        assert "say how many lots" in field(pilot, "copies").note
        screen.query_one("#more", Collapsible).collapsed = False
        screen.query_one("#publish", Checkbox).toggle()
        await fill(
            pilot,
            copies="10",
            blocks="144",
            pay_to=samples.ADDRESS,
            terms=samples.DIGEST,
            gate="https://gate.example",
            bids_to="https://shop.example",
            rate="2",
        )
        assert await asked(pilot, services) == Sell(
            genesis=GENESIS,
            name=samples.NAME,
            what=What.ACCESS,
            price=Sats(2_000_000),
            copies=10,
            publish=True,
            blocks=144,
            pay_to=samples.ADDRESS,
            terms=Digest.parse(samples.DIGEST),
            gate="https://gate.example",
            bids_to="https://shop.example",
            rate="2",
        )
        screen.query_one("#what", RadioSet).focus()
        await pilot.press("down", "enter")
        await fill(pilot, price="", blocks="", pay_to="", terms="", gate="", bids_to="", rate="")
        assert "0.00050000, as the last time" in field(pilot, "price").label
        assert await asked(pilot, services) == Sell(
            genesis=GENESIS, name=samples.NAME, what=What.ACCESS, price=Sats(50_000), again=True, publish=True
        )


async def test_who_holds_no_title_is_told_so_before_anything_is_asked() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    services.market.goods = StockView(
        name=samples.NAME, genesis=samples.GENESIS, owned=False, units=3, lots=0, at_shop=0
    )
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = SellForm(services, samples.GENESIS, samples.NAME)
        await over(pilot, screen)
        assert "The title is not yours" in screen.query_one("#stock", Words).plain
        await pilot.press("escape")
        services.market.fail("stock", StateError("no node knows it", hint="look again"))
        again = SellForm(services, samples.GENESIS, samples.NAME)
        await over(pilot, again)
        assert "✗ no node knows it - look again" in again.query_one("#stock", Words).plain


async def test_lots_are_shown_once_the_keys_have_said_theirs_and_signed_only_then() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    services.drafts.locked = "New lots lie on keys of their own."
    services.drafts.papers = (SignedPaper(kind="listing", ids=(market_samples.ASK,)),)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = SellForm(services, samples.GENESIS, samples.NAME)
        await over(pilot, screen)
        screen.query_one("#what", RadioSet).focus()
        await pilot.press("down", "down", "enter")
        await fill(pilot, price="0.0005", copies="2")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        await settled(pilot)
        assert "New lots lie on keys of their own." in words_on(pilot)
        app.screen.query_one("#password").value = "wrong"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settled(pilot)
        assert "the password is wrong" in app.screen.query_one("#said", Words).plain
        await signed(pilot)
        assert services.drafts.calls("send") == [], "nothing was signed by looking"
        assert "give the password once more" in app.screen.query_one("#said", Words).plain
        assert str(app.screen.query_one("#sign", Button).label) == "Sign and send"
        await signed(pilot)
        await until(pilot, lambda: isinstance(app.screen, PaperScreen), "the listing")
        assert len(services.drafts.calls("send")) == 1
        assert services.market.calls("listing") == [(market_samples.ASK,)]
        assert PASSWORD not in repr(services.drafts.asked)


async def test_a_bid_is_asked_for_with_what_is_meant_and_ends_as_a_document() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    services.drafts.papers = (SignedPaper(kind="bid", ids=(market_samples.BID,)),)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await over(pilot, BuyForm(services, market_samples.LOT, samples.GENESIS))
        assert "Buy 1 access unit of registry.example/acme/app for 0.00050000 BTC" in words_on(pilot)
        assert field(pilot, "shop").value == market_samples.SHOP
        await fill(pilot, blocks="")
        await pilot.press("ctrl+g")
        assert "this is needed" in field(pilot, "blocks").note
        await fill(pilot, blocks="12", rate="3")
        assert await asked(pilot, services) == Buy(
            listing=market_samples.LOT.document,
            place=AtShop(market_samples.SHOP),
            genesis=GENESIS,
            blocks=12,
            rate="3",
        ), "the shop is named by the listing"
        await fill(pilot, shop="https://other.example")
        other = await asked(pilot, services)
        assert isinstance(other, Buy)
        assert other.shop == "https://other.example"
        await fill(pilot, shop="")
        nobody = await asked(pilot, services)
        assert isinstance(nobody, Buy)
        assert nobody.shop == ""
        title = BuyForm(services, market_samples.TITLE, "")
        await over(pilot, title)
        title.query_one("#secret", Checkbox).toggle()
        assert await asked(pilot, services) == Buy(listing=market_samples.TITLE.document, blocks=36, wants_secret=False)
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("ctrl+g")
        await signed(pilot)
        await until(pilot, lambda: isinstance(app.screen, PaperScreen), "the bid")
        assert services.market.calls("bid") == [market_samples.BID]
        assert any("signed: 1 bid" in notice.message for notice in app._notifications)


async def test_a_document_is_copied_written_and_sent() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = PaperScreen(services, SignedPaper(kind="bid", ids=(market_samples.BID,)))
        await over(pilot, screen)
        assert screen.query_one("#paper-text", TextArea).text == market_samples.BID_PAPER.text
        await pilot.press("c")
        await pilot.pause()
        assert app.clipboard == market_samples.BID_PAPER.text
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        await fill(pilot, line="bid.json")
        await pilot.press("enter")
        assert "not a full path" in field(pilot, "line").note
        await fill(pilot, line="/tmp/bid.json")
        await pilot.press("enter")
        await settled(pilot)
        assert services.market.calls("write") == [("/tmp/bid.json", market_samples.BID_PAPER.text)]
        assert "written to /tmp/bid.json" in words_on(pilot)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        assert field(pilot, "line").value == market_samples.SHOP
        await pilot.press("enter")
        await settled(pilot)
        assert services.market.calls("send") == [Resend(bid=market_samples.BID)], "named by the listing"
        assert "the shop says: sold" in words_on(pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        await pilot.press("enter")
        await settled(pilot)
        assert services.market.calls("outcome") == [AskOutcome(bid=market_samples.BID)]
        lost = PerhapsTakenError(
            "no answer: the shop has perhaps taken the bid", bid="", txid="", shop="", expires=7, hint="ask it again"
        )
        services.market.fail("send", lost)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        await pilot.press("enter")
        await settled(pilot)
        assert "perhaps taken the bid - ask it again" in words_on(pilot)
        services.market.fail("write", StoreError("/tmp/bid.json exists already", hint="name a new file"))
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        await fill(pilot, line="/tmp/bid.json")
        await pilot.press("enter")
        await settled(pilot)
        assert any("exists already - name a new file" in notice.message for notice in app._notifications)


async def test_a_listing_has_no_shop_to_be_sent_to() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = PaperScreen(services, SignedPaper(kind="listing", ids=(market_samples.ASK,)))
        await over(pilot, screen)
        assert [button.id for button in screen.query(Button)] == ["copy", "write"]
        await pilot.press("s")
        await settled(pilot)
        assert app.screen is screen
        screen.query_one("#copy", Button).press()
        await settled(pilot)
        assert app.clipboard == market_samples.LISTING_PAPER.text


async def test_a_bid_that_came_is_checked_in_sight_before_its_sale_is_drafted() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    services.market.judgement = market_samples.REFUSED
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = AcceptForm(services)
        await over(pilot, screen)
        await pilot.press("ctrl+g")
        assert "name the file, or paste the bid" in field(pilot, "file").note
        paste, note = screen.query_one("#paste", TextArea), screen.query_one("#paste-note", Words)
        paste.text = "hello"
        await settled(pilot)
        assert note.plain.startswith("✗ the bid is not JSON")
        paste.text = market_samples.BID_PAPER.text
        await settled(pilot)
        assert note.plain.startswith("a bid for your listing 3f9a60c1")
        assert not field(pilot, "file").error, "a paste answers the complaint"
        await fill(pilot, file="/tmp/bid.json")
        await pilot.press("ctrl+g")
        assert "not both" in field(pilot, "file").note
        await fill(pilot, file="")
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert services.drafts.calls("draft") == [], "a bid that fails a check is not drafted"
        checks = screen.query_one("#checks", Listing).texts()
        assert [line.split("  ")[0] for line in checks] == ["✓ passed", "✗ failed", "- not reached"]
        assert "the bid expired at block 1,200" in words_on(pilot)
        services.market.judgement = market_samples.GOOD
        assert await asked(pilot, services) == Accept(package=market_samples.BID_PAPER.text.encode())
        paste.text = ""
        await fill(pilot, file="/tmp/bid.json")
        await asked(pilot, services)
        assert services.market.calls("read") == ["/tmp/bid.json"]
        services.market.fail("read", EncodingError("cannot read it", hint="check the path"))
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "✗ not checked" in screen.query_one("#said", Words).plain


async def test_small_steps_ask_for_what_they_say() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    steps: tuple[tuple[DraftForm, dict[str, str], MarketRequest], ...] = (
        (CancelBidForm(services, market_samples.BID), {"rate": "5"}, TakeBack(offer=market_samples.BID, rate="5")),
        (
            RebidForm(services, market_samples.BID),
            {"rate": "9", "blocks": "72"},
            Rebid(bid=market_samples.BID, blocks=72, rate="9"),
        ),
        (SpeedUpForm(services, samples.TXID), {"rate": "4"}, SpeedUp(txid=parse_txid(samples.TXID), rate="4")),
        (
            RecallForm(services, samples.GENESIS, samples.NAME),
            {},
            Recall(name=samples.NAME, genesis=GENESIS),
        ),
        (
            ExportForm(services, samples.GENESIS, samples.NAME),
            {"file": "/tmp/shop.json", "url": "https://shop.example", "copies": "5"},
            ExportShop(
                name=samples.NAME,
                genesis=GENESIS,
                file=Path("/tmp/shop.json"),
                url="https://shop.example",
                copies=5,
            ),
        ),
    )
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        for screen, values, ask in steps:
            await over(pilot, screen)
            await fill(pilot, **values)
            assert await asked(pilot, services) == ask
            await pilot.press("escape")
            await settled(pilot)
        assert not steps[-1][0].query(Field), "the form is gone"


async def test_a_form_without_a_document_ends_when_it_is_signed() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    services.drafts.papers = (SignedPaper(kind="bundle", ids=("00", "01")),)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        below = app.screen
        await over(pilot, ExportForm(services, samples.GENESIS, samples.NAME))
        await fill(pilot, file="/tmp/shop.json")
        await pilot.press("ctrl+g")
        await signed(pilot)
        await until(pilot, lambda: app.screen is below, "the form ends")
        assert any("signed: 2 bundles" in notice.message for notice in app._notifications)


async def test_a_secret_is_handed_over_as_a_text_that_is_shown() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    services.drafts.papers = (SignedPaper(kind="secret", ids=("00",), text="eyJhbGciOiJFQ0RILUVTIn0.secret"),)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await over(pilot, HandSecretForm(services, samples.TXID))
        await fill(pilot, bid_file="/tmp/bid.json")
        assert await asked(pilot, services) == HandSecret(txid=parse_txid(samples.TXID), bid=Path("/tmp/bid.json"))
        await pilot.press("ctrl+g")
        await signed(pilot)
        await until(pilot, lambda: isinstance(app.screen, PaperScreen), "the secret's text")
        await settled(pilot)
        assert app.screen.query_one("#paper-text", TextArea).text == "eyJhbGciOiJFQ0RILUVTIn0.secret"
        assert "eyJhbGci" not in repr(services.drafts.papers)


async def test_a_secret_that_came_is_read_before_it_is_taken_in() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app, services = app_of(lobby), lobby.services
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        screen = TakeSecretForm(services)
        await over(pilot, screen)
        await pilot.press("ctrl+g")
        assert "name the file, or paste the secret" in field(pilot, "file").note
        screen.query_one("#paste", TextArea).text = "hello"
        await settled(pilot)
        assert screen.query_one("#paste-note", Words).plain.startswith("✗ this is no document")
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert services.drafts.calls("draft") == []
        assert "this is no document" in screen.query_one("#said", Words).plain
        screen.query_one("#paste", TextArea).text = "eyJwYXN0ZWQ"
        await settled(pilot)
        assert await asked(pilot, services) == TakeSecret(document="eyJwYXN0ZWQ")
        screen.query_one("#paste", TextArea).text = ""
        await fill(pilot, file="/tmp/secret", repository=samples.NAME)
        assert await asked(pilot, services) == TakeSecret(document="eyJmaWxl", name=samples.NAME)
