"""What a list has to cut at 80 cells is read whole below it, and a key that has nothing to do says so."""

from dataclasses import replace

import pytest

from tests.tui.app import samples
from tests.tui.app.driving import SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import FakeLobby
from tui.app.dialogs.asking import OneLine
from tui.app.kinds import Kind
from tui.app.messages import Opened
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.transaction import TransactionScreen
from tui.app.widgets.field import Field
from tui.app.widgets.words import Words
from wallet.errors import ChainUnavailableError

LABEL = "paid back by the landlord in October"


@pytest.mark.parametrize("key", ["4", "5"])
async def test_a_label_is_read_in_a_small_window(key: str) -> None:
    lobby = FakeLobby(samples.CHOICE)
    money = lobby.services.money
    money.held = replace(samples.COINS, coins=(replace(samples.COINS.coins[0], label=LABEL),))
    money.past = replace(samples.HISTORY, transactions=(replace(samples.PENDING, label=LABEL),))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press(key)
        await settled(pilot)
        assert LABEL in words_on(pilot)


async def test_the_overview_says_how_much_it_leaves_out() -> None:
    lobby = FakeLobby(samples.CHOICE)
    owned, access = tuple(f"registry.example/{at}" for at in range(7)), tuple(f"{at} of x" for at in range(5))
    lobby.services.money.glance = replace(samples.OVERVIEW, owned=owned, access=access)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        assert "and 5 more" in words_on(pilot)
        assert "and 3 more" in words_on(pilot)


async def test_outputs_are_reached_below_a_long_meaning_and_their_addresses_are_whole() -> None:
    lobby = FakeLobby(samples.CHOICE)
    ask = lobby.services.money.transaction
    lobby.services.money.transaction = lambda txid: replace(ask(txid), effects=("x" * 300,) * 4)  # type: ignore[method-assign]
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        app.screen.post_message(Opened(txid=samples.SECOND))
        await until(pilot, lambda: isinstance(app.screen, TransactionScreen))
        await settled(pilot)
        await pilot.press("tab", "down")
        await settled(pilot)
        assert app.focused is not None
        assert app.focused.id == "outputs"
        assert "title" in words_on(pilot)
        await pilot.press("tab")
        app.screen.query_one("#body").scroll_end(animate=False)
        await settled(pilot)
        assert samples.ADDRESS in words_on(pilot)


async def test_a_release_is_read_with_its_whole_digest_and_a_holder_with_the_whole_address() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        app.screen.post_message(Opened(genesis=samples.GENESIS))
        await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
        await settled(pilot)
        assert samples.DIGEST.removeprefix("sha256:") in words_on(pilot)
        app.screen.query_one("#tabs").active = "tab-holders"  # type: ignore[attr-defined]
        await settled(pilot)
        app.screen.query_one("#holders").focus()
        await pilot.press("down")
        await settled(pilot)
        assert samples.SOLD.owner_address in words_on(pilot)
        lobby.services.images.asked.clear()
        app._outdate()
        await settled(pilot)
        assert lobby.services.images.calls("holders") == [samples.GENESIS], "a new block has other holders"


async def test_the_end_of_a_long_line_of_the_log_is_read() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.machine.written = replace(samples.LOG, lines=("2026-11-20 WARNING " + "w " * 40 + "the reason",))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("f8")
        await settled(pilot)
        assert "the reason" in words_on(pilot)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("4 f", "no coin is marked"),
        ("4 e", "no coin is marked"),
        ("4 t", "no coin is marked"),
        ("5 b", "no transaction is marked"),
        ("6 ctrl+y", "make an address first"),
        ("0 m ctrl+y", "sign a text first"),
        ("0 g ctrl+y", "look at a PSBT first"),
        ("2 enter n", "not read yet"),
        ("2 enter s", "not read yet"),
        ("2 enter p", "not read yet"),
    ],
)
async def test_a_key_that_has_nothing_to_do_says_so(keys: str, said: str) -> None:
    lobby = FakeLobby(samples.CHOICE)
    services = lobby.services
    services.money.held = replace(samples.COINS, coins=())
    services.money.past = replace(samples.HISTORY, transactions=())
    services.images.fail("repository", *(ChainUnavailableError("no answer from the node"),) * 20)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        for key in keys.split():
            await pilot.press(key)
            await settled(pilot)
        assert any(said in notice.message for notice in app._notifications)


async def test_a_setting_is_judged_while_it_is_typed_and_enter_asks_for_it() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("0")
        await settled(pilot)
        await pilot.press("end", "enter")
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        field = app.screen.query_one(Field)
        assert field.kind is Kind.SETTING
        field.value = "cheap"
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, OneLine)
        assert "not a fee rate" in field.note
        field.value = "2.5"
        await pilot.press("enter")
        await settled(pilot)
        assert lobby.services.machine.calls("set") == [("fee_rate", "2.5")]


async def test_enter_on_a_pin_shows_its_repository() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("0")
        await settled(pilot)
        app.screen.query_one("#tabs").active = "tab-pins"  # type: ignore[attr-defined]
        app.screen.query_one("#pins").focus()
        await settled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
        await settled(pilot)
        assert app.screen.query_one("#name", Words).plain == samples.NAME
