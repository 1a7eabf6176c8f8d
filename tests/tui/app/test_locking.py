"""Unlocking, locking, locking by itself, several wallets: what is behind the lock is gone from the screen."""

import threading

import pytest
from textual.widgets import Input

from assets.services.read_models.wallet_views import WalletCard
from tests.tui.app import samples
from tests.tui.app.driving import app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import PASSWORD, FakeLobby, FakeServices
from tui.app.asks import Send
from tui.app.dialogs.review import ReviewDialog
from tui.app.messages import ReviewWanted
from tui.app.screens.overview import OverviewScreen
from tui.app.screens.unlock import UnlockScreen
from tui.app.views import WalletChoice
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Words


async def test_a_wrong_password_opens_nothing_and_is_not_kept() -> None:
    app = app_of()
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        field = app.screen.query_one("#password", Input)
        field.value = "wrong"
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "the password is wrong" in app.screen.query_one("#said", Words).plain
        assert field.value == ""
        await unlocked(pilot)
        assert isinstance(app.screen, OverviewScreen)


async def test_a_password_that_is_typed_while_another_is_tried_is_not_lost() -> None:
    lobby = FakeLobby(samples.CHOICE)
    ask, tried = lobby.services.unlock, threading.Event()

    def slow(password: str) -> WalletCard:
        tried.wait(10)
        return ask(password)

    lobby.services.unlock = slow  # type: ignore[method-assign]
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        field = app.screen.query_one("#password", Input)
        field.value = "wrong"
        await pilot.press("enter")
        field.value = PASSWORD
        await pilot.press("enter")
        assert field.value == PASSWORD
        tried.set()
        await settled(pilot)
        assert "the password is wrong" in app.screen.query_one("#said", Words).plain
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen))


async def test_an_empty_password_asks_nobody() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        await pilot.press("enter")
        await settled(pilot)
        assert lobby.calls("open") == []


async def test_of_several_wallets_the_marked_one_is_opened() -> None:
    lobby = FakeLobby(samples.CHOICE, WalletChoice(network="signet", name="cold"))
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        app.screen.query_one(Listing).focus()
        await pilot.press("down", "enter")
        assert app.focused is app.screen.query_one("#password")
        await unlocked(pilot)
        assert lobby.calls("open") == [WalletChoice(network="signet", name="cold")]
        assert "cold · signet" in words_on(pilot)


async def test_locking_takes_the_wallet_off_the_screen_and_closes_it() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        assert "0.04986120" in words_on(pilot)
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        await settled(pilot)
        assert "0.04986120" not in words_on(pilot)
        assert "locked" in words_on(pilot)
        assert app.services is None
        assert lobby.services.closed
        assert app._pages() == ()
        await pilot.press("escape", "4")
        assert isinstance(app.screen, UnlockScreen)
        await unlocked(pilot)
        assert "0.04986120" in words_on(pilot)


async def test_a_dialog_with_a_typed_password_does_not_outlive_the_lock() -> None:
    app = app_of()
    async with app.run_test() as pilot:
        await unlocked(pilot)
        services = app.services
        assert services is not None
        app.screen.post_message(ReviewWanted(services.drafts.draft(Send(to=samples.ADDRESS, amount="1"))))
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        app.screen.query_one("#password", Input).value = PASSWORD
        app.action_lock()
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        await settled(pilot)
        kept = [one for stack in app._screen_stacks.values() for screen in stack for one in screen.query(Input)]
        assert [one.value for one in kept] == [""]


async def test_nothing_locks_while_something_is_being_signed() -> None:
    lobby = FakeLobby(samples.CHOICE)
    gate = lobby.services.drafts.waiting = threading.Event()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        review = lobby.services.drafts.draft(Send(to=samples.ADDRESS, amount="1"))
        app.screen.post_message(ReviewWanted(review))
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        app.screen.query_one("#password", Input).value = PASSWORD
        await pilot.press("enter")
        await until(pilot, lambda: bool(lobby.services.drafts.calls("send")))
        app.action_lock()
        await pilot.pause()
        assert app.services is not None
        gate.set()
        await settled(pilot)
        app.action_lock()
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))


@pytest.mark.parametrize("idle", [True, False])
async def test_the_app_locks_itself_only_where_nobody_is(idle: bool) -> None:
    now = [0.0]
    app = app_of(idle_lock=600.0, clock=lambda: now[0])
    async with app.run_test() as pilot:
        await unlocked(pilot)
        now[0] += 599
        if not idle:
            await pilot.press("r")
        now[0] += 2
        app._lock_if_idle()
        await settled(pilot)
        assert isinstance(app.screen, UnlockScreen) is idle


async def test_another_wallet_gets_nothing_of_the_one_before() -> None:
    lobby = FakeLobby(samples.CHOICE, WalletChoice(network="regtest", name="other"))
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        before, lobby.services = lobby.services, FakeServices()
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        await unlocked(pilot)
        assert app.services is lobby.services
        assert all(page.services is not before for page in app._pages())
