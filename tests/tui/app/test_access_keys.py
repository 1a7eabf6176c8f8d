"""Backups, another password, signed texts, PSBTs: what keys do beside signing drafts."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Checkbox, Input, TextArea

from tests.tui.app import access_samples, samples
from tests.tui.app.driving import LARGE, SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import PASSWORD, FakeLobby
from tests.tui.app.prepared_samples import said_otherwise
from tui.app.dialogs.asking import OneLine, YesNo
from tui.app.dialogs.leaving import LeaveForCold
from tui.app.dialogs.review import ReviewDialog
from tui.app.dialogs.with_keys import WithKeys
from tui.app.messages import ReviewWanted
from tui.app.screens.backup import BackupForm
from tui.app.screens.coins import CoinsScreen
from tui.app.screens.cold import ColdScreen
from tui.app.screens.first_run import FirstRun
from tui.app.screens.messages_signed import MessagesScreen
from tui.app.screens.new_password import NewPasswordForm
from tui.app.screens.overview import OverviewScreen
from tui.app.screens.restore_backup import RestoreBackup
from tui.app.screens.send import SendScreen
from tui.app.screens.settings import SettingsScreen
from tui.app.screens.trace import TraceScreen
from tui.app.screens.transaction import TransactionScreen
from tui.app.screens.unlock import UnlockScreen
from tui.app.widgets.field import Field
from tui.app.widgets.listing import Listing
from tui.app.widgets.words import Facts, Words
from tui.verbs.image.requests import Issue
from tui.verbs.prepared import StaleDraftError
from tui.verbs.wallet.requests import GivenPsbt, Send, SendSigned
from wallet.errors import MissingKeyError, SigningError, StoreError
from wallet.hashes import parse_txid


async def from_settings(pilot: Pilot[None], key: str, kind: type) -> None:
    await unlocked(pilot)
    await pilot.press("0")
    await settled(pilot)
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind), kind.__name__)
    await settled(pilot)


async def fill(pilot: Pilot[None], **values: str) -> None:
    for name, text in values.items():
        pilot.app.screen.query_one(f"#{name.replace('_', '-')}", Field).value = text
    await pilot.pause()


async def gives_password(pilot: Pilot[None], password: str = PASSWORD) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, WithKeys), "the password dialog")
    pilot.app.screen.query_one("#password", Input).value = password
    await pilot.press("enter")
    await settled(pilot)


def said(pilot: Pilot[None]) -> str:
    return pilot.app.screen.query_one("#said", Words).plain


async def test_a_backup_goes_to_a_new_file_with_its_whole_path() -> None:
    lobby = FakeLobby(samples.CHOICE)
    keys = lobby.services.keys
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await from_settings(pilot, "b", BackupForm)
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert "this is needed" in app.screen.query_one("#file", Field).note
        await fill(pilot, file="wallet.backup")
        assert "not a full path" in app.screen.query_one("#file", Field).note
        keys.fail("backup", StoreError("/media/usb/a exists already", hint="choose another name"))
        await fill(pilot, file="/media/usb/a")
        await pilot.press("enter")
        await settled(pilot)
        assert "exists already - choose another name" in said(pilot)
        await fill(pilot, file="/media/usb/b")
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert keys.calls("backup") == ["/media/usb/a", "/media/usb/b"]
        assert isinstance(app.screen, SettingsScreen)


async def test_the_password_is_changed_by_the_present_one_and_neither_stays() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await from_settings(pilot, "p", NewPasswordForm)
        form = app.screen
        await fill(pilot, password="short", again="short")
        await pilot.press("ctrl+g")
        assert "at least 8 characters" in form.query_one("#password", Field).note
        await fill(pilot, password="a new password", again="another password")
        await pilot.press("ctrl+g")
        assert "differ" in form.query_one("#again", Field).note
        await fill(pilot, again="a new password")
        form.query_one("#keep", Checkbox).toggle()
        await pilot.press("ctrl+g")
        await gives_password(pilot, "wrong password")
        assert "the password is wrong" in said(pilot)
        await gives_password(pilot)
        assert lobby.services.keys.calls("renew") == [("a new password", True)]
        assert isinstance(app.screen, SettingsScreen)
        assert [field.value for field in form.query(Field)] in ([], ["", ""])


async def test_a_text_is_shown_line_by_line_before_it_is_signed() -> None:
    lobby = FakeLobby(samples.CHOICE)
    keys = lobby.services.keys
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await from_settings(pilot, "m", MessagesScreen)
        await pilot.press("ctrl+g")
        assert "this is needed" in app.screen.query_one("#address", Field).note
        keys.fail("own", MissingKeyError("this address is not this wallet's", hint="choose another"))
        await fill(pilot, address=samples.ADDRESS)
        app.screen.query_one("#text", TextArea).text = "I hold this\n[b]and that[/b]"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "not this wallet's" in said(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, WithKeys))
        await settled(pilot)
        about = app.screen.query_one("#about", Words).plain
        assert "│ I hold this\n│ " in about
        assert "Never sign a text that you do not understand" in about
        await gives_password(pilot)
        assert keys.calls("sign_message") == [(samples.ADDRESS, "I hold this\n[b]and that[/b]")]
        assert app.screen.query_one("#signature", TextArea).text == access_samples.SIGNATURE


@pytest.mark.parametrize(("valid", "words"), [(True, "✓ valid (BIP322)"), (False, "✗ not valid (BIP322): other key")])
async def test_a_signed_text_is_judged(valid: bool, words: str) -> None:
    lobby = FakeLobby(samples.CHOICE)
    keys = lobby.services.keys
    keys.judged = replace(access_samples.JUDGED, valid=valid, reason="" if valid else "other key")
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await from_settings(pilot, "m", MessagesScreen)
        app.screen.query_one("#tabs").active = "tab-check"  # type: ignore[attr-defined]
        await settled(pilot)
        await fill(pilot, their_address=samples.ADDRESS, their_signature="AAAA")
        app.screen.query_one("#their-text", TextArea).text = "hello"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert keys.calls("judge") == [(samples.ADDRESS, "hello", "AAAA")]
        assert words in app.screen.query_one("#verdict", Words).plain


async def review(pilot: Pilot[None], ask: Send | Issue) -> ReviewDialog:
    app = pilot.app
    app.screen.post_message(ReviewWanted(app.services.drafts.draft(ask)))  # type: ignore[attr-defined]
    await until(pilot, lambda: isinstance(app.screen, ReviewDialog), "the review")
    await settled(pilot)
    assert isinstance(app.screen, ReviewDialog)
    return app.screen


async def test_a_draft_is_left_for_a_cold_key_as_a_file_and_the_form_is_done() -> None:
    lobby = FakeLobby(samples.CHOICE)
    drafts = lobby.services.drafts
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("7")
        await settled(pilot)
        await fill(pilot, to=samples.ADDRESS, amount="0.01")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        await settled(pilot)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, LeaveForCold))
        await settled(pilot)
        await fill(pilot, file="release.psbt")
        await pilot.press("enter")
        assert drafts.calls("leave") == []
        drafts.fail("leave", StoreError("/media/usb/a exists already"))
        await fill(pilot, file="/media/usb/a")
        await pilot.press("enter")
        await settled(pilot)
        assert "exists already" in said(pilot)
        await fill(pilot, file="/media/usb/b")
        await pilot.press("enter")
        await settled(pilot)
        assert drafts.calls("leave")[-1] == (141, "/media/usb/b")
        assert "written to /media/usb/b" in app.screen.query_one("#about", Words).plain
        assert not app.screen.query_one("#text").display
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, SendScreen)
        assert app.screen.query_one("#to", Field).value == "", "the form has done its work"
        assert drafts.calls("send") == []


async def test_a_draft_left_as_text_is_shown_to_be_copied() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        dialog = await review(pilot, Send(to=samples.ADDRESS, amount="1"))
        dialog.query_one("#cold", Button).press()
        await until(pilot, lambda: isinstance(app.screen, LeaveForCold))
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert app.screen.query_one("#text", TextArea).text == access_samples.PSBT
        await pilot.press("ctrl+y")
        assert app.clipboard == access_samples.PSBT
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(app.screen, ReviewDialog)


async def test_a_stale_draft_is_not_left_and_leaving_can_be_left() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.drafts.fail("leave", StaleDraftError("the chain was reorganised"))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        dialog = await review(pilot, Send(to=samples.ADDRESS, amount="1"))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, LeaveForCold))
        await pilot.press("enter")
        await settled(pilot)
        assert "reorganised" in said(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert app.screen is dialog


async def test_drafts_that_belong_together_are_not_left() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        dialog = await review(pilot, Issue(name=samples.NAME))
        assert not dialog.query_one("#cold").display
        await pilot.press("ctrl+l")
        await settled(pilot)
        assert app.screen is dialog


async def test_a_draft_with_all_signatures_is_sent_without_a_password() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        made = lobby.services.drafts.draft(Send(to=samples.ADDRESS, amount="1"))
        app.screen.post_message(ReviewWanted(said_otherwise(made, signed=True, may_wait=False, deed="Send")))
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        await settled(pilot)
        assert not app.screen.query_one("#password").display
        assert app.focused is app.screen.query_one("#leave"), "a stray Enter sends nothing"
        app.screen.query_one("#sign", Button).press()
        await settled(pilot)
        assert lobby.services.drafts.calls("send") == [141]


async def at_psbt(pilot: Pilot[None]) -> ColdScreen:
    await from_settings(pilot, "g", ColdScreen)
    screen = pilot.app.screen
    assert isinstance(screen, ColdScreen)
    return screen


def is_on(screen: ColdScreen) -> list[str]:
    return [one.id or "" for one in screen.query(Button) if not one.disabled]


async def test_somebody_s_psbt_is_looked_at_signed_saved_and_copied() -> None:
    lobby = FakeLobby(samples.CHOICE)
    keys = lobby.services.keys
    app = app_of(lobby)
    async with app.run_test(size=LARGE) as pilot:
        screen = await at_psbt(pilot)
        assert is_on(screen) == ["look"]
        screen.query_one("#text", TextArea).text = access_samples.PSBT
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert keys.calls("look") == [GivenPsbt(text=access_samples.PSBT)]
        assert "somebody's transaction; this wallet signs 1 input of 1" in said(pilot)
        assert samples.NAME in screen.query_one("#draft", Words).plain
        assert is_on(screen) == ["look", "sign"]
        screen.query_one("#sign", Button).press()
        await gives_password(pilot, "wrong password")
        assert keys.calls("sign_psbt") == []
        await gives_password(pilot)
        assert keys.calls("sign_psbt") == [access_samples.PSBT]
        assert is_on(screen) == ["look", "save", "copy"]
        await pilot.press("ctrl+y")
        assert app.clipboard == access_samples.SIGNED.psbt
        screen.query_one("#save", Button).press()
        await until(pilot, lambda: isinstance(app.screen, OneLine))
        await settled(pilot)
        app.screen.query_one("#line", Field).value = "/media/usb/signed.psbt"
        await pilot.press("enter")
        await settled(pilot)
        assert keys.calls("write") == [(access_samples.SIGNED.psbt, "/media/usb/signed.psbt")]
        assert "written to /media/usb/signed.psbt" in said(pilot)


async def test_what_was_looked_at_is_forgotten_when_the_field_changes() -> None:
    app = app_of()
    async with app.run_test(size=LARGE) as pilot:
        screen = await at_psbt(pilot)
        await fill(pilot, file="/media/usb/a.psbt")
        await pilot.press("enter")
        await settled(pilot)
        assert is_on(screen) == ["look", "sign"]
        screen.query_one("#hand-over", Checkbox).toggle()
        await pilot.pause()
        assert is_on(screen) == ["look"]
        assert screen.query_one("#draft", Words).plain == ""


async def test_what_a_person_accepts_goes_along_with_the_psbt() -> None:
    lobby = FakeLobby(samples.CHOICE)
    keys = lobby.services.keys
    app = app_of(lobby)
    async with app.run_test(size=LARGE) as pilot:
        screen = await at_psbt(pilot)
        screen.query_one("#text", TextArea).text = access_samples.PSBT
        for tick in ("#hand-over", "#unjudged"):
            screen.query_one(tick, Checkbox).value = True
        screen.query_one("#replaces", Field).value = "ab" * 32
        await pilot.press("ctrl+g")
        await settled(pilot)
        accepted = GivenPsbt(text=access_samples.PSBT, hand_over=True, unjudged=True, replaces=parse_txid("ab" * 32))
        assert keys.calls("look") == [accepted]
        assert is_on(screen) == ["look", "sign"]
        screen.query_one("#replaces", Field).value = ""
        await settled(pilot)
        assert is_on(screen) == ["look"], "what was accepted is not what stands there now"


async def test_a_psbt_that_must_not_be_signed_says_why() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.keys.fail("look", SigningError("input 0 asks for sighash 0x83", hint="ask for SIGHASH_ALL"))
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at_psbt(pilot)
        await fill(pilot, file="/media/usb/a.psbt")
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "sighash 0x83 - ask for SIGHASH_ALL" in said(pilot)
        assert is_on(screen) == ["look"]


async def test_without_a_node_the_question_says_that_units_are_not_checked() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.keys.seen = replace(access_samples.PSBT_VIEW, checked=False)
    app = app_of(lobby)
    async with app.run_test(size=LARGE) as pilot:
        screen = await at_psbt(pilot)
        await fill(pilot, file="/media/usb/a.psbt")
        await pilot.press("ctrl+g")
        await settled(pilot)
        screen.query_one("#sign", Button).press()
        await until(pilot, lambda: isinstance(app.screen, WithKeys))
        await settled(pilot)
        assert "Sign it without that check?" in words_on(pilot)


async def test_a_draft_of_this_wallet_that_came_back_is_reviewed_and_sent() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.keys.seen = replace(access_samples.PSBT_VIEW, ours=True)
    app = app_of(lobby)
    async with app.run_test(size=LARGE) as pilot:
        screen = await at_psbt(pilot)
        await fill(pilot, file="/media/usb/a.psbt")
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "which came back" in said(pilot)
        screen.query_one("#send", Button).press()
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        assert lobby.services.drafts.calls("draft") == [SendSigned(given=GivenPsbt(text=access_samples.PSBT))]


async def test_a_waiting_draft_is_given_up_after_a_yes() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at_psbt(pilot)
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("g")
        await settled(pilot)
        screen = app.screen  # type: ignore[assignment]
        screen.query_one("#tabs").active = "tab-waiting"  # type: ignore[attr-defined]
        await settled(pilot)
        screen.query_one("#waiting", Listing).focus()
        assert "release" in screen.query_one("#waiting", Listing).texts()[0]
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await settled(pilot)
        await pilot.click("#yes")
        await settled(pilot)
        assert lobby.services.keys.calls("discard") == [samples.SECOND]
        assert screen.query_one("#waiting", Listing).items == ()


async def test_what_a_coin_carries_is_traced_back_to_its_genesis() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("t")
        await settled(pilot)
        assert lobby.services.money.calls("trace") == [], "plain bitcoin comes from its transaction"
        await until(pilot, lambda: isinstance(app.screen, TransactionScreen))
        await pilot.press("escape", "down", "t")
        await until(pilot, lambda: isinstance(app.screen, TraceScreen))
        await settled(pilot)
        assert lobby.services.money.calls("trace") == [f"{samples.TXID}:1"]
        assert "◆ the title of" in app.screen.query_one("#heading", Words).plain
        assert "3 coins on the way" in app.screen.query_one("#heading", Words).plain
        newest, *_, oldest = app.screen.query_one(Listing).texts()
        assert newest.split()[:3] == ["mempool", "0f2bd83…d836:1", "ours"]
        assert "genesis" in oldest
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TransactionScreen))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, CoinsScreen))


async def test_a_wallet_that_only_watches_is_opened_without_a_password() -> None:
    lobby = FakeLobby(replace(samples.CHOICE, watches=True))
    lobby.services.unlock = lambda password: samples.CARD  # type: ignore[method-assign]
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
        await settled(pilot)
        assert "main (watches, no password)" in words_on(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
        await settled(pilot)


async def test_the_first_run_takes_a_backup_with_its_password() -> None:
    lobby = FakeLobby()
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRun))
        await settled(pilot)
        app.screen.query_one("#backup", Button).press()
        await until(pilot, lambda: isinstance(app.screen, RestoreBackup))
        await settled(pilot)
        screen = app.screen
        await fill(pilot, file="wallet.backup", password="wrong password")
        await pilot.press("ctrl+g")
        assert "not a full path" in screen.query_one("#file", Field).note
        await fill(pilot, file="/media/usb/wallet.backup")
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "the password is wrong" in said(pilot)
        assert screen.query_one("#password", Field).value == ""
        await fill(pilot, password=PASSWORD)
        await pilot.press("enter")
        await settled(pilot)
        assert lobby.calls("restore_backup") == [("regtest", "default", "/media/usb/wallet.backup")]
        assert dict(screen.query_one("#card", Facts).pairs)["fingerprint"] == "73c5da0a"
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, UnlockScreen))
