"""Unlocking, locking, locking by itself, several wallets: what is behind the lock is gone from the screen."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from assets.services.read_models.wallet_views import SentView, WalletCard
from tests.tui.app import samples
from tests.tui.app.driving import app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import PASSWORD, FakeLobby, FakeServices
from tui.app.dialogs.review import ReviewDialog
from tui.app.dialogs.unfinished import Unfinished
from tui.app.messages import ReviewWanted
from tui.app.screens.overview import OverviewScreen
from tui.app.screens.unlock import UnlockScreen
from tui.app.views import WalletChoice
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Words
from tui.verbs.prepared import Prepared
from tui.verbs.review import Outcome
from tui.verbs.wallet.requests import Send
from wallet.errors import StateError


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
        offered = services.drafts.draft(Send(to=samples.ADDRESS, amount="1"))
        assert isinstance(offered, Prepared)
        app.screen.post_message(ReviewWanted(offered))
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
        assert isinstance(app.screen, Unfinished)
        app.screen.query_one("#wait", Button).press()
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


class Signing:
    """An app in whose review the password was given, and whose services have not answered yet."""

    def __init__(self) -> None:
        self.lobby = FakeLobby(samples.CHOICE)
        self.answer = self.lobby.services.drafts.waiting = threading.Event()
        self.now = [0.0]
        self.app = app_of(self.lobby, idle_lock=600.0, clock=lambda: self.now[0])

    async def signs(self, pilot: Pilot[None]) -> None:
        await unlocked(pilot)
        review = self.lobby.services.drafts.draft(Send(to=samples.ADDRESS, amount="1"))
        self.app.screen.post_message(ReviewWanted(review))
        await until(pilot, lambda: isinstance(self.app.screen, ReviewDialog))
        self.app.screen.query_one("#password", Input).value = PASSWORD
        await pilot.press("enter")
        await until(pilot, lambda: bool(self.lobby.services.drafts.calls("send")))

    async def asks(self, pilot: Pilot[None], key: str) -> Unfinished:
        await pilot.press(key)
        await until(pilot, lambda: isinstance(self.app.screen, Unfinished), "a question")
        await pilot.pause()
        assert isinstance(self.app.screen, Unfinished)
        return self.app.screen


def said_by(dialog: Unfinished) -> str:
    return dialog.query_one("#sent", Words).plain


@pytest.mark.parametrize("key", ["ctrl+q", "f9", "f7"])
async def test_t23_nobody_leaves_silently_between_a_signature_and_its_answer(key: str) -> None:
    signing = Signing()
    app = signing.app
    async with app.run_test() as pilot:
        await signing.signs(pilot)
        dialog = await signing.asks(pilot, key)
        assert "no transaction was sent yet" in said_by(dialog)
        await pilot.press("ctrl+q", "ctrl+q")
        assert len([one for one in app.screen_stack if isinstance(one, Unfinished)]) == 1, "asked once"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        dialog = await signing.asks(pilot, key)
        signing.answer.set()
        await until(pilot, lambda: samples.DRAFT.txid in said_by(dialog), "what was sent, in full")
        assert app.screen is dialog, "leaving is still a person's word"
        assert app.services is not None
        await pilot.press("escape")
        await settled(pilot)
        assert not [one for one in app.screen_stack if isinstance(one, ReviewDialog | Unfinished)], (
            "not to be signed again"
        )
        assert not app._exit
        assert len(signing.lobby.services.drafts.calls("send")) == 1


async def test_t23_leaving_waits_for_the_answer_and_prints_what_was_sent() -> None:
    signing = Signing()
    app = signing.app
    async with app.run_test() as pilot:
        await signing.signs(pilot)
        dialog = await signing.asks(pilot, "ctrl+q")
        dialog.query_one("#wait", Button).press()
        await until(pilot, lambda: "waiting for the answer" in said_by(dialog))
        assert not app._exit
        signing.answer.set()
        await until(pilot, lambda: app._exit, "the end")
        printed = [str(one) for one in app._exit_renderables]
        app._exit_renderables.clear()
    assert printed == [f"sent: {samples.DRAFT.kind} {samples.DRAFT.txid}"]


async def test_t23_leaving_says_that_nothing_was_sent_where_the_node_refused() -> None:
    signing = Signing()
    app, drafts = signing.app, signing.lobby.services.drafts

    def refuse(prepared: Prepared[Any], password: str, told: Callable[[SentView], None]) -> Outcome[Any]:
        drafts.heard("send", prepared.review.drafts[0].fee)
        signing.answer.wait(10)
        raise StateError("the node refused it")

    drafts.send = refuse  # type: ignore[method-assign]
    async with app.run_test() as pilot:
        await signing.signs(pilot)
        dialog = await signing.asks(pilot, "ctrl+q")
        signing.answer.set()
        await until(pilot, lambda: "the node refused it" in said_by(dialog))
        assert said_by(dialog).startswith("no transaction was sent; ")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))


async def test_t23_a_lock_that_nobody_saw_says_what_was_sent_before_it() -> None:
    signing = Signing()
    app = signing.app
    async with app.run_test(size=(120, 40)) as pilot:
        await signing.signs(pilot)
        signing.now[0] += 601
        app._lock_if_idle()
        await pilot.pause()
        assert app.services is not None, "not between a signature and its answer"
        signing.answer.set()
        await settled(pilot)
        app._lock_if_idle()
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        await settled(pilot)
        assert samples.DRAFT.txid in "".join(words_on(pilot).split())


async def test_t23_a_terminal_that_is_closed_ends_the_app_only_after_the_answer() -> None:
    signing = Signing()
    app = signing.app
    async with app.run_test() as pilot:
        await signing.signs(pilot)
        app._end_by_signal()
        await pilot.pause(0.3)
        assert not app._exit
        signing.answer.set()
        await until(pilot, lambda: app._exit, "the end")
        assert samples.DRAFT.txid in app.underway.words, "which is printed at the very end"


async def test_ctrl_q_leaves_at_once_where_nothing_is_signed() -> None:
    app = app_of()
    async with app.run_test() as pilot:
        await unlocked(pilot)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
        assert app._exit_renderables == []
