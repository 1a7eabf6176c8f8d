"""Names, gates, notes and signed texts from outside stay text in the places of access and of keys."""

import unicodedata
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from assets.errors import ImageError
from tests.tui.app import access_samples, samples
from tests.tui.app.driving import SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import FakeLobby
from tests.tui.app.test_hostile_text_stays_text import MIXED, RUNS
from tui.app.dialogs.asking import YesNo
from tui.app.dialogs.review import ReviewDialog
from tui.app.dialogs.with_keys import WithKeys
from tui.app.screens.access_pull import PullForm
from tui.app.screens.cold import ColdScreen
from tui.app.screens.messages_signed import MessagesScreen
from tui.app.screens.trace import TraceScreen
from tui.app.widgets.field import Field
from tui.verbs.access.holdings import HoldingsView
from tui.verbs.image.pull import PullView


def assert_harmless(pilot: Pilot[None]) -> None:
    text = words_on(pilot)
    bad = {hex(ord(char)) for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl")}
    assert not bad, bad
    assert "[@click" not in text
    assert "[red]" not in text


def lobby_full_of(text: str) -> FakeLobby:
    lobby = FakeLobby(samples.CHOICE)
    services = lobby.services
    line = replace(access_samples.OWNED, name=text, gate=text, why=text)
    kept = replace(access_samples.KEPT, name=text, tag=text)
    login = replace(access_samples.LOGIN, host=text, gate=text, image=text, files=(text,))
    access = services.access
    access.view = HoldingsView(now=samples.TIME, held=(line,), kept=(kept,), logins=(login,))
    verdict = replace(samples.VERIFICATION, reason=text)
    pulled = access_samples.PULLED.pulled
    assert pulled is not None
    access.pulled = PullView(verification=verdict, pulled=replace(pulled, image=text, to=text), notes=(text,))
    services.keys.left = [replace(access_samples.WAITING, kind=text, summary=text)]
    draft = replace(samples.DRAFT, kind=text, effects=(text,), warnings=(text,), rate_source=text)
    services.keys.seen = replace(access_samples.PSBT_VIEW, draft=draft)
    services.keys.judged = replace(access_samples.JUDGED, valid=False, reason=text)
    return lobby


@pytest.mark.parametrize("text", RUNS.values(), ids=list(RUNS))
async def test_the_access_place_shows_hostile_text_as_text(text: str) -> None:
    lobby = lobby_full_of(text)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("9")
        await settled(pilot)
        assert_harmless(pilot)
        await pilot.press("l")
        await settled(pilot)
        assert_harmless(pilot)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await settled(pilot)
        assert_harmless(pilot)
        await pilot.click("#yes")
        await settled(pilot)
        assert_harmless(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PullForm))
        await settled(pilot)
        app.screen.query_one("#reference", Field).value = f"{samples.NAME}:1.0"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert_harmless(pilot)
        lobby.services.access.fail("pull", ImageError(text, hint=text))
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert_harmless(pilot)


async def test_a_login_that_a_gate_described_shows_hostile_text_as_text() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.drafts.login = replace(
        access_samples.LOGIN_REVIEW,
        heading=MIXED,
        facts=((MIXED, MIXED),),
        warnings=(MIXED,),
        deed=f"Log in at {MIXED}",
    )
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("9")
        await settled(pilot)
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        await settled(pilot)
        assert_harmless(pilot)


async def test_psbts_signed_texts_and_traces_show_hostile_text_as_text() -> None:
    lobby = lobby_full_of(MIXED)
    steps = tuple(replace(one, what=MIXED, holds=MIXED) for one in access_samples.TRACE.steps)
    trace = replace(access_samples.TRACE, holds=MIXED, steps=steps)
    lobby.services.money.trace = lambda outpoint: trace  # type: ignore[method-assign]
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("0")
        await settled(pilot)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, ColdScreen))
        await settled(pilot)
        app.screen.query_one("#file", Field).value = "/media/usb/a.psbt"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert_harmless(pilot)
        app.screen.query_one("#tabs").active = "tab-waiting"  # type: ignore[attr-defined]
        await settled(pilot)
        assert_harmless(pilot)
        await pilot.press("escape", "m")
        await until(pilot, lambda: isinstance(app.screen, MessagesScreen))
        await settled(pilot)
        app.screen.query_one("#address", Field).value = samples.ADDRESS
        app.screen.query_one("#text", TextArea).text = MIXED
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, WithKeys))
        await settled(pilot)
        assert_harmless_dialog(pilot)
        await pilot.press("escape")
        app.screen.query_one("#text", TextArea).text = ""
        app.screen.query_one("#tabs").active = "tab-check"  # type: ignore[attr-defined]
        await settled(pilot)
        app.screen.query_one("#their-address", Field).value = samples.ADDRESS
        app.screen.query_one("#their-signature", Field).value = "AAAA"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert_harmless(pilot)
        await pilot.press("escape", "4")
        await settled(pilot)
        await pilot.press("down", "t")
        await until(pilot, lambda: isinstance(app.screen, TraceScreen))
        await settled(pilot)
        assert_harmless(pilot)


def assert_harmless_dialog(pilot: Pilot[None]) -> None:
    """What the question says; the field below it shows what the person typed, as typed."""
    text = pilot.app.screen.query_one("#about").plain  # type: ignore[attr-defined]
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in text if char != "\n")
    assert "[@click" not in text
