"""Nothing is signed by accident: the review, the password, and drafts that no longer hold."""

import logging
import threading
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Checkbox, Input

from assets.services.read_models.wallet_views import SentView
from tests.tui.app import samples
from tests.tui.app.driving import app_of, settled, unlocked, until
from tests.tui.app.fake_services import PASSWORD, FakeLobby
from tests.tui.app.prepared_samples import said_otherwise
from tui.app.dialogs.review import REDRAFT, ReviewDialog
from tui.app.dialogs.trouble import TroubleDialog
from tui.app.messages import ReviewWanted
from tui.app.screens.overview import OverviewScreen
from tui.app.widgets.draft import draft_content
from tui.app.widgets.words import Words
from tui.verbs.image.requests import Issue, Release
from tui.verbs.prepared import StaleDraftError
from tui.verbs.wallet.requests import Send
from wallet.errors import ChainUnavailableError, InsufficientFundsError, KeptError, RpcError

ASK = Send(to=samples.ADDRESS, amount="0.01")


async def reviewing(pilot: Pilot[None], lobby: FakeLobby, ask: Send | Issue | Release = ASK) -> ReviewDialog:
    await unlocked(pilot)
    pilot.app.screen.post_message(ReviewWanted(lobby.services.drafts.draft(ask)))
    await until(pilot, lambda: isinstance(pilot.app.screen, ReviewDialog))
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, ReviewDialog)
    return screen


async def signed(pilot: Pilot[None], password: str = PASSWORD) -> None:
    pilot.app.screen.query_one("#password", Input).value = password
    await pilot.press("enter")
    await settled(pilot)


def said(dialog: ReviewDialog) -> str:
    return dialog.query_one("#said", Words).plain


def test_a_draft_shows_assets_warnings_fee_and_every_coin_with_its_role() -> None:
    text = draft_content((samples.DRAFT,)).plain
    for wanted in ("stands for", "! warning: latest stands for", "141 sat (1 sat/vB", "-0.00000141 BTC", "◆ the title"):
        assert wanted in text
    assert [line.split()[:2] for line in text.splitlines() if line[:3] in ("in ", "out")] == [
        ["in", "title"],
        ["out", "marker"],
        ["out", "title"],
    ]


def test_the_longest_honest_release_is_read_whole_before_it_is_signed() -> None:
    name, tag = f"registry.example/{'a' * 238}", "v" * 128
    assert len(name) == 255
    effect = f"{name}: {tag} stands for {samples.DIGEST}; the title stays"
    warning = f"{name}: {tag} stands for {samples.OLD_DIGEST} now, which will be superseded"
    text = draft_content((replace(samples.DRAFT, effects=(effect,), warnings=(warning,)),)).plain
    assert effect in text
    assert warning in text


async def test_the_right_password_sends_what_was_shown_once() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await reviewing(pilot, lobby)
        overviews = len(lobby.services.money.calls("overview"))
        await signed(pilot)
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
        await settled(pilot)
        assert lobby.services.drafts.calls("send") == [141]
        assert any("sent: release" in notice.message for notice in app._notifications)
        assert len(lobby.services.money.calls("overview")) > overviews, "the screens show what is now"


async def test_without_a_password_and_with_a_wrong_one_nothing_is_signed() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        await pilot.press("enter")
        await settled(pilot)
        assert "password is needed" in said(dialog)
        await signed(pilot, "wrong")
        assert "the password is wrong" in said(dialog)
        assert dialog.query_one("#password", Input).value == ""
        assert lobby.services.drafts.calls("send") == []
        await signed(pilot)
        assert lobby.services.drafts.calls("send") == [141]


async def test_leaving_signs_nothing() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        dialog.query_one("#password", Input).value = PASSWORD
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
        assert lobby.services.drafts.calls("send") == []


@pytest.mark.parametrize(
    "error",
    [
        StaleDraftError("the coin aa:0 was spent meanwhile", hint="nothing was signed; start again"),
        StaleDraftError("the usual fee rate went from 1 sat/vB to 9 sat/vB since this draft was made"),
        StaleDraftError("the chain was reorganised since this draft was made"),
    ],
    ids=["vanished coin", "changed fee", "reorg"],
)
async def test_a_stale_draft_is_refused_and_made_anew_and_needs_a_new_yes(error: StaleDraftError) -> None:
    lobby = FakeLobby(samples.CHOICE)
    drafts = lobby.services.drafts
    drafts.fees = [141, 999]
    drafts.fail("send", error)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        await signed(pilot)
        assert str(error) in said(dialog)
        assert "look at it again" in said(dialog)
        assert "999 sat" in dialog.query_one("#draft", Words).plain
        assert drafts.calls("draft") == [ASK, ASK]
        assert drafts.calls("send") == [141], "only the first was tried, and refused"
        assert dialog.query_one("#password", Input).value == ""
        await signed(pilot)
        assert drafts.calls("send") == [141, 999]


async def test_a_draft_that_cannot_be_made_anew_cannot_be_signed() -> None:
    lobby = FakeLobby(samples.CHOICE)
    drafts = lobby.services.drafts
    drafts.fail("send", StaleDraftError("the coin aa:0 was spent meanwhile"))
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        drafts.fail("draft", InsufficientFundsError("nothing can be spent", needed=1, available=0))
        await signed(pilot)
        assert "cannot be made anew: nothing can be spent" in said(dialog)
        assert dialog.query_one("#sign", Button).disabled
        await signed(pilot)
        assert drafts.calls("send") == [141]


async def test_what_is_signed_and_not_sent_is_said_and_cannot_be_signed_once_more() -> None:
    lobby = FakeLobby(samples.CHOICE)
    kept = KeptError("signed and kept as aa, not yet sent (no answer)", kept=("aa",), hint="do not pay again")
    lobby.services.drafts.fail("send", kept)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        await signed(pilot)
        assert app.screen is dialog
        assert "signed and kept as aa" in said(dialog)
        assert "do not pay again" in said(dialog)
        assert dialog.query_one("#sign", Button).disabled
        await signed(pilot)
        assert lobby.services.drafts.calls("send") == [141]
        assert lobby.services.drafts.calls("draft") == [ASK], "nothing is made anew by itself"


async def test_a_second_time_wants_a_second_yes() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        box = dialog.query_one("#twice", Checkbox)
        assert box.display is False
        dialog.answered(REDRAFT, said_otherwise(dialog.offered, twice="the same send is signed and kept as aa"))
        await settled(pilot)
        assert dialog.query_one("#twice", Checkbox).display
        assert "a second time: the same send is signed and kept as aa" in dialog.query_one("#draft", Words).plain
        await signed(pilot)
        assert lobby.services.drafts.calls("send") == []
        assert "say first that it is to be done a second time" in said(dialog)
        box.value = True
        dialog.query_one("#password", Input).focus()
        await signed(pilot)
        assert len(lobby.services.drafts.calls("send")) == 1


async def test_a_person_can_have_the_draft_made_anew() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.drafts.fees = [141, 150]
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        await pilot.press("ctrl+r")
        await settled(pilot)
        assert "150 sat" in dialog.query_one("#draft", Words).plain


async def test_a_node_that_refuses_leaves_the_review_open_with_its_reason() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.drafts.fail("send", RpcError("the node would refuse it: min relay fee not met", code=-26))
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        await signed(pilot)
        assert app.screen is dialog
        assert "min relay fee not met" in said(dialog)


@pytest.mark.parametrize("error", [ChainUnavailableError("no answer"), ZeroDivisionError("a bug")])
async def test_a_sending_that_breaks_off_says_where_to_see_how_far_it_came(error: Exception) -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.drafts.fail("send", error)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        seen = len(lobby.services.money.calls("overview"))
        await signed(pilot)
        if isinstance(app.screen, TroubleDialog):
            await pilot.press("escape")
        await settled(pilot)
        assert app.screen is dialog
        assert said(dialog).endswith("Transactions says what was signed, and what was sent.")
        await pilot.press("escape")
        await settled(pilot)
        assert len(lobby.services.money.calls("overview")) > seen, "the pages behind are read anew"


async def test_two_enters_sign_once_and_there_is_no_leaving_meanwhile() -> None:
    lobby = FakeLobby(samples.CHOICE)
    gate = lobby.services.drafts.waiting = threading.Event()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        dialog.query_one("#password", Input).value = PASSWORD
        await pilot.press("enter", "enter", "escape")
        dialog._sign()
        await pilot.pause()
        assert app.screen is dialog
        gate.set()
        await settled(pilot)
        assert lobby.services.drafts.calls("send") == [141]


async def test_drafts_that_belong_together_are_shown_together_with_their_notes() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby, Issue(name=samples.NAME))
        text = dialog.query_one("#draft", Words).plain
        assert "issuing coin 1 of 2" in text
        assert "issue 2 of 2" in text
        assert "282 sat of fees" in dialog.query_one("#heading", Words).plain
        await signed(pilot)
        assert any("definition is published" in notice.message for notice in app._notifications)


async def test_the_password_is_in_no_message_no_log_and_no_representation(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    lobby = FakeLobby(samples.CHOICE)
    seen: list[str] = []
    app = app_of(lobby)
    original = type(app).on_event

    async def remembering(self: object, event: object) -> None:
        seen.append(repr(event))
        await original(app, event)  # type: ignore[arg-type]

    monkeypatch.setattr(type(app), "on_event", remembering)
    async with app.run_test() as pilot:
        dialog = await reviewing(pilot, lobby)
        await signed(pilot)
        workers = [repr(worker) for worker in app.workers]
        assert PASSWORD not in "".join((*seen, *workers, caplog.text, repr(dialog.offered), repr(dialog)))
        assert PASSWORD not in repr(SentView(kind="send", txid="", fee=0, vsize=0))
