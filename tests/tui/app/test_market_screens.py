"""The market's place: four lists, what their keys do, and what is said where they can do nothing."""

from dataclasses import replace

from textual.pilot import Pilot
from textual.widgets import TabbedContent

from assets.errors import OfferError, RegistryError
from assets.services.read_models.transaction_views import Concern
from tests.tui.app import market_samples, samples
from tests.tui.app.driving import SMALL, app_of, settled, typed, unlocked, until, words_on
from tests.tui.app.fake_services import FakeLobby, FakeServices
from tui.app.app import DockchainsApp
from tui.app.dialogs.asking import Choice, OneLine
from tui.app.messages import Opened
from tui.app.screens.market import MarketScreen
from tui.app.screens.market_accept import AcceptForm
from tui.app.screens.market_buy import BuyForm
from tui.app.screens.market_paper import PaperScreen
from tui.app.screens.market_secrets import HandSecretForm, TakeSecretForm
from tui.app.screens.market_sell import SellForm
from tui.app.screens.market_steps import CancelBidForm, ExportForm, RebidForm, RecallForm, SpeedUpForm
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.transaction import TransactionScreen
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Facts, Words
from tui.verbs.market.requests import AtShop, Look, OnBoard
from tui.verbs.market.views import Desk
from wallet.errors import ChainUnavailableError
from wallet.hashes import parse_txid


class Trading:
    """The app with its market open."""

    def __init__(self) -> None:
        self.lobby = FakeLobby(samples.CHOICE)
        self.app: DockchainsApp = app_of(self.lobby)

    @property
    def services(self) -> FakeServices:
        return self.lobby.services

    async def opens(self, pilot: Pilot[None], *, lists: int = 0) -> MarketScreen:
        """The place by its key, `lists` lists further."""
        await unlocked(pilot)
        await pilot.press("8", *["t"] * lists)
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, MarketScreen)
        return screen

    async def looks(self, pilot: Pilot[None]) -> MarketScreen:
        """Offers of a repository are asked for."""
        screen = await self.opens(pilot)
        await pilot.press("slash")
        pilot.app.screen.query_one("#repository", Field).value = samples.NAME
        await pilot.press("enter")
        await settled(pilot)
        return screen

    def told(self, words: str) -> bool:
        """Whether a notice says so."""
        return any(words in notice.message for notice in self.app._notifications)


async def at(pilot: Pilot[None], screen: MarketScreen, name: str, line: int) -> None:
    """A line of a list."""
    screen.query_one("#tabs", TabbedContent).active = f"tab-{name}"
    await pilot.pause()
    found = screen.query_one(f"#{name}", Listing)
    found.focus()
    found.cursor = line
    await settled(pilot)


async def now(pilot: Pilot[None], kind: type) -> object:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind), kind.__name__)
    await settled(pilot)
    return pilot.app.screen


async def test_the_desk_shows_listings_bids_and_sales_with_words_and_signs() -> None:
    trading = Trading()
    async with trading.app.run_test(size=(120, 40)) as pilot:
        screen = await trading.opens(pilot, lists=1)
        mine = screen.query_one("#mine", Listing).texts()
        assert [line.split("  ")[5] for line in mine] == ["✓ open", "✓ at a shop", "- expired", "- ended"]
        assert "2 in force, as of block 1,204" in words_on(pilot)
        assert "ended: the coin moved" not in words_on(pilot)
        screen.query_one("#mine", Listing).cursor = 3
        await settled(pilot)
        assert "ended: the coin moved, 3 confirmations" in words_on(pilot)
        await pilot.press("t")
        await settled(pilot)
        assert (
            screen.query_one("#bids", Listing).texts()[0].startswith("91e4d7b3  access  1  0.00070000  1,240  ✓ open")
        )
        assert "1 bid for sellers to answer" in words_on(pilot)
        assert f"the shop is {market_samples.SHOP}" in words_on(pilot)
        await pilot.press("t")
        await settled(pilot)
        assert "2 sales for 0.00100000 BTC; 2 lots left" in words_on(pilot)
        assert [line.split("  ")[4:6] for line in screen.query_one("#sales", Listing).texts()] == [
            ["0", "… sold, waits"],
            ["12", "✓ sold"],
        ]


async def test_offers_are_looked_for_by_what_was_typed_and_bad_ones_are_left_out_until_asked_for() -> None:
    trading = Trading()
    async with trading.app.run_test(size=(120, 40)) as pilot:
        screen = await trading.opens(pilot)
        await pilot.press("slash")
        await typed(pilot, samples.NAME)
        await pilot.press("tab")
        await typed(pilot, "https://shop.example")
        assert screen.query_one("#source", Field).note == "the shop https://shop.example"
        await pilot.press("enter")
        await settled(pilot)
        asked = trading.services.market.calls("offers")
        assert asked == [Look(name=samples.NAME, places=(OnBoard(samples.NAME), AtShop("https://shop.example")))]
        offers = screen.query_one("#offers", Listing)
        assert [one.view.id for one in offers.items] == [market_samples.ASK, market_samples.SECOND_ASK]
        assert "2 good offers, 1 left out: a says why" in words_on(pilot)
        await pilot.press("a", "end")
        await settled(pilot)
        assert "✗ refused" in offers.texts()[2]
        facts = dict(screen.query_one("#offers-detail", Facts).pairs)
        assert facts["why not"] == market_samples.BAD.view.refusal
        await pilot.press("a")
        await settled(pilot)
        assert len(offers.items) == 2


async def test_where_to_look_is_checked_as_it_is_typed() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        screen = await trading.opens(pilot)
        for name, text, why in (
            ("repository", "Upper/Case", "upper-case"),
            ("repository", f"{samples.NAME}:1.0", "not about one image"),
            ("source", "listing.json", "not a full path"),
            ("source", "http://shop.example", "loopback"),
        ):
            await pilot.press("slash")
            field = screen.query_one(f"#{name}", Field)
            field.value = text
            await pilot.pause()
            assert why in field.error
            await pilot.press("enter")
            await settled(pilot)
            assert trading.services.market.calls("offers") == []
            field.value = ""


async def test_an_empty_question_is_not_asked() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        screen = await trading.opens(pilot)
        await pilot.press("slash", "enter")
        await settled(pilot)
        assert "name a repository" in screen.query_one("#repository", Field).note
        assert trading.services.market.calls("offers") == []


async def test_a_source_that_cannot_be_read_says_so_and_a_dead_registry_is_a_banner() -> None:
    trading = Trading()
    trading.services.market.fail("offers", OfferError("shop", "gone"), RegistryError("no answer"))
    async with trading.app.run_test(size=(120, 40)) as pilot:
        screen = await trading.looks(pilot)
        assert "✗ refused (shop): gone" in screen.query_one("#offers-sum", Words).plain
        await pilot.press("slash", "enter")
        await settled(pilot)
        assert "! registry: no answer" in words_on(pilot)
        await pilot.press("slash", "enter")
        await settled(pilot)
        assert "! registry" not in words_on(pilot)
        assert screen.query_one("#offers", Listing).items


async def test_a_shop_full_of_bad_entries_does_not_fill_the_screen() -> None:
    trading = Trading()
    notes = tuple(f"entry {number} is no listing" for number in range(50))
    trading.services.market.found = replace(market_samples.OFFERS, notes=notes)
    async with trading.app.run_test(size=SMALL) as pilot:
        await trading.looks(pilot)
        assert trading.told("entry 2 is no listing")
        assert trading.told("and 47 more of the kind")
        assert not trading.told("entry 3 is no listing")


async def test_a_dead_node_is_a_banner_over_an_empty_desk() -> None:
    trading = Trading()
    trading.services.market.fail("desk", ChainUnavailableError("the node does not answer"))
    async with trading.app.run_test(size=SMALL) as pilot:
        await trading.opens(pilot)
        assert "! node: the node does not answer" in words_on(pilot)


async def test_a_good_offer_is_bought_and_a_bad_or_an_own_one_is_not() -> None:
    trading = Trading()
    own = replace(market_samples.TITLE, view=replace(market_samples.TITLE.view, mine=True))
    trading.services.market.found = replace(market_samples.OFFERS, offers=(market_samples.LOT, own, market_samples.BAD))
    async with trading.app.run_test(size=(120, 40)) as pilot:
        await trading.looks(pilot)
        await pilot.press("enter")
        form = await now(pilot, BuyForm)
        assert isinstance(form, BuyForm)
        assert form.query_one("#repository", Field).value == samples.GENESIS
        await pilot.press("escape", "a", "down", "b")
        await settled(pilot)
        assert trading.told("your own listing")
        await pilot.press("down", "b")
        await settled(pilot)
        assert trading.told("no unspent coin")
        await now(pilot, MarketScreen)


async def test_keys_open_what_belongs_to_the_line() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        screen = await trading.opens(pilot)
        for name, line, key, kind in (
            ("mine", 0, "enter", PaperScreen),
            ("mine", 3, "enter", TransactionScreen),
            ("bids", 0, "enter", PaperScreen),
            ("bids", 1, "enter", TransactionScreen),
            ("sales", 0, "enter", TransactionScreen),
            ("bids", 0, "x", CancelBidForm),
            ("bids", 0, "m", RebidForm),
            ("sales", 0, "m", SpeedUpForm),
            ("offers", 0, "i", AcceptForm),
        ):
            await at(pilot, screen, name, line)
            await pilot.press(key)
            await now(pilot, kind)
            await pilot.press("escape")
            await now(pilot, MarketScreen)


async def test_a_key_that_can_do_nothing_says_why() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        screen = await trading.opens(pilot)
        for name, line, key, why in (
            ("offers", 0, "b", "choose an offer first"),
            ("offers", 0, "x", "nothing here can be taken back"),
            ("sales", 0, "x", "nothing here can be taken back"),
            ("bids", 1, "x", "nothing here can be taken back"),
            ("mine", 0, "m", "nothing waits here"),
            ("sales", 1, "m", "nothing waits here"),
            ("bids", 0, "u", "choose one of your listings"),
        ):
            trading.app.clear_notifications()
            await at(pilot, screen, name, line)
            await pilot.press(key)
            await settled(pilot)
            assert trading.told(why), (name, line, key)
            assert pilot.app.screen is screen


async def test_a_listing_that_ended_has_nothing_to_take_back() -> None:
    trading = Trading()
    ended = tuple(one for one in market_samples.DESK.listings if one.view.sells == "title")
    trading.services.market.table = replace(market_samples.DESK, listings=ended)
    async with trading.app.run_test(size=SMALL) as pilot:
        await trading.opens(pilot, lists=1)
        await pilot.press("x")
        await settled(pilot)
        assert trading.told("has ended already")


async def test_one_listing_or_all_of_a_repository_are_forgotten_unless_somebody_thinks_better_of_it() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        await trading.opens(pilot, lists=1)
        for keys, withdrawn in (
            (("escape",), []),
            (("enter",), [("0001" * 16,)]),
            (("down", "enter"), [("0001" * 16,), ("0001" * 16, "0005" * 16)]),
        ):
            await pilot.press("x")
            await now(pilot, Choice)
            await pilot.press(*keys)
            await now(pilot, MarketScreen)
            assert trading.services.market.calls("withdraw") == withdrawn
        assert len(trading.services.market.calls("desk")) == 3, "what was changed is asked for again"


async def test_lots_at_a_shop_are_brought_back_and_cannot_be_forgotten() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        await trading.opens(pilot, lists=1)
        await pilot.press("down", "x")
        dialog = await now(pilot, Choice)
        assert isinstance(dialog, Choice)
        assert "forget this listing" not in words_on(pilot)
        await pilot.press("end", "enter")
        form = await now(pilot, RecallForm)
        assert isinstance(form, RecallForm)
        assert (form.name_recalled, form.genesis) == (samples.NAME, samples.GENESIS)


async def test_selling_asks_for_the_repository_and_the_one_at_hand_stands_there() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        await trading.opens(pilot, lists=1)
        for key, kind in (("s", SellForm), ("e", ExportForm)):
            await pilot.press(key)
            await now(pilot, OneLine)
            assert pilot.app.screen.query_one("#line", Field).value == samples.NAME
            await pilot.press("enter")
            form = await now(pilot, kind)
            assert isinstance(form, SellForm | ExportForm)
            assert form.genesis == samples.GENESIS, "another repository may go by the name"
            await pilot.press("escape")
            await now(pilot, MarketScreen)


async def test_the_board_is_published_again() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        await trading.opens(pilot, lists=1)
        await pilot.press("u")
        await settled(pilot)
        assert trading.services.market.calls("publish") == [samples.GENESIS]
        assert trading.told("shows 2 of your listings")


async def test_a_new_block_asks_again_for_the_desk_and_for_the_offers() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        screen = await trading.looks(pilot)
        before = len(trading.services.market.calls("desk"))
        screen.outdated()
        await settled(pilot)
        assert len(trading.services.market.calls("desk")) == before + 1
        assert len(trading.services.market.calls("offers")) == 2


async def test_bids_that_became_free_are_told() -> None:
    trading = Trading()
    trading.services.market.table = Desk(height=1_300, listings=(), bids=(), notes=("bid 91e4 expired",))
    async with trading.app.run_test(size=SMALL) as pilot:
        await trading.opens(pilot, lists=1)
        assert trading.told("bid 91e4 expired")
        assert "nothing of yours is listed" in words_on(pilot)


async def test_a_repository_leads_to_its_offers_and_to_its_sale() -> None:
    trading = Trading()
    async with trading.app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("2")
        await settled(pilot)
        pilot.app.screen.post_message(Opened(genesis=samples.GENESIS))
        await now(pilot, RepositoryScreen)
        await pilot.press("s")
        form = await now(pilot, SellForm)
        assert isinstance(form, SellForm)
        assert form.genesis == samples.GENESIS
        await pilot.press("escape")
        await now(pilot, RepositoryScreen)
        await pilot.press("o")
        screen = await now(pilot, MarketScreen)
        assert isinstance(screen, MarketScreen)
        await until(pilot, lambda: bool(screen.query_one("#offers", Listing).items))
        look = Look(genesis=parse_txid(samples.GENESIS), places=(OnBoard(samples.NAME),))
        assert trading.services.market.calls("offers") == [look]


async def test_what_waits_in_the_market_is_one_key_away_from_the_first_screen() -> None:
    trading = Trading()
    concern = Concern(level="note", text="1 bid waits for an answer", place="market")
    trading.services.money.glance = replace(samples.OVERVIEW, concerns=(concern,))
    async with trading.app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        pilot.app.screen.query_one("#concerns", Listing).focus()
        await pilot.press("enter")
        await now(pilot, MarketScreen)


async def test_secrets_that_are_due_are_told_and_have_their_keys() -> None:
    trading = Trading()
    async with trading.app.run_test(size=(120, 40)) as pilot:
        screen = await trading.opens(pilot, lists=3)
        await pilot.press("h")
        await settled(pilot)
        assert trading.told("no buyer waits for a secret")
        trading.services.market.table = replace(
            market_samples.DESK, owed=(samples.TXID,), awaited=(samples.SECOND, samples.TXID)
        )
        screen.outdated()
        await settled(pilot)
        assert "1 secret to hand over: h" in words_on(pilot)
        await pilot.press("h")
        form = await now(pilot, HandSecretForm)
        assert isinstance(form, HandSecretForm)
        assert form.txid == samples.TXID
        await pilot.press("escape")
        await at(pilot, screen, "bids", 0)
        assert "2 secrets to come: n takes it in" in words_on(pilot)
        await pilot.press("n")
        await now(pilot, TakeSecretForm)
