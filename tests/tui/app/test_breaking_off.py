"""What nobody expected is told in a sentence: no password in it, and no screen without a way out."""

import logging

import pytest
from textual.widgets import Input

from tests.tui.app import samples
from tests.tui.app.driving import app_of, settled, until, words_on
from tests.tui.app.fake_services import PASSWORD, FakeLobby
from tui.app.dialogs.trouble import TroubleDialog
from tui.app.screens.unlock import UnlockScreen
from tui.app.views import WalletChoice
from tui.app.widgets.words import Words
from wallet.errors import StoreError


async def test_a_bug_that_ends_the_app_prints_no_values_of_variables(caplog: pytest.LogCaptureFixture) -> None:
    app = app_of()
    caplog.set_level(logging.ERROR)
    async with app.run_test():
        password = PASSWORD
        try:
            raise ZeroDivisionError(len(password))
        except ZeroDivisionError as error:
            app._exception = error
            app._fatal_error()
            app._exception = None
        printed = "".join(app.console.render_str(str(one)).plain for one in app._exit_renderables)
        app._exit_renderables.clear()
    assert printed == "dockchains: this is a bug in the program: ZeroDivisionError"
    assert PASSWORD not in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_wallet_that_cannot_be_opened_says_why_and_the_next_try_opens_it() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.fail("open", StoreError("cannot read the wallet's folder"), ZeroDivisionError("a bug"))
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        for said in ("cannot read the wallet's folder", "a bug"):
            app.screen.query_one("#password", Input).value = PASSWORD
            app.screen.query_one("#password", Input).focus()
            await pilot.press("enter")
            await settled(pilot)
            if isinstance(app.screen, TroubleDialog):
                await pilot.press("escape")
                await settled(pilot)
            assert said in app.screen.query_one("#said", Words).plain


async def test_wallets_that_cannot_be_listed_are_asked_for_again() -> None:
    class Locked(FakeLobby):
        broken = True

        def wallets(self) -> tuple[WalletChoice, ...]:
            if self.broken:
                raise PermissionError("[Errno 13] the folder is not yours")
            return super().wallets()

    lobby = Locked(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, TroubleDialog))
        await pilot.pause()
        assert "the folder is not yours" in words_on(pilot)
        assert "bug" not in words_on(pilot)
        lobby.broken = False
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
