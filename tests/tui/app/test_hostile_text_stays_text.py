"""Names, tags, errors and links from outside are never markup, never control characters, and never run an action."""

import unicodedata
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.app import samples
from tests.tui.app.driving import SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import FakeLobby
from tests.tui.app.prepared_samples import said_otherwise
from tui.app.app import DockchainsApp
from tui.app.dialogs.asking import YesNo
from tui.app.dialogs.review import ReviewDialog
from tui.app.messages import Opened, ReviewWanted
from tui.app.screens.repository import RepositoryScreen
from tui.app.screens.transaction import TransactionScreen
from tui.app.text import WHOLE, color_text, grouped, short, short_digest, shown, told
from tui.app.widgets.field import Field
from tui.verbs.wallet.requests import Send
from wallet.errors import RpcError, StateError

HOSTILE = {
    "markup": "[@click=app.lock]CLICK[/] [red]x[/red]",
    "escape": "\x1b[2J\x1b]0;gone\x07\x9b31m",
    "right to left": "\u202egnp.exe\u2066",
    "zero width": "acme\u200b/\ufeffapp",
    "long": "x" * 10_000,
    "lines": "one\ntwo\r\nthree\ttab",
    "empty": "",
    "combining": "a" + "\u0301" * 500,
    "surrogate": "a\udcff",
}
MIXED = " ".join(text for name, text in HOSTILE.items() if name not in ("long", "empty"))
RUNS = {"mixed": MIXED, "long": HOSTILE["long"], "empty": ""}
"""Texts for runs of the whole app; one by one they go through every function below."""

SHOWN_TEXTS = ("name", "text", "reason", "detail", "description", "issuer", "label", "kind", "tag", "why", "why_not")


def hostile(value: Any, text: str) -> Any:
    """A view whose free texts are all replaced."""
    if is_dataclass(value) and not isinstance(value, type):
        changes = {
            one.name: text if one.name in SHOWN_TEXTS else hostile(getattr(value, one.name), text)
            for one in fields(value)
            if one.init
        }
        return replace(value, **changes)
    if isinstance(value, tuple):
        return tuple(hostile(one, text) for one in value)
    return value


def lobby_full_of(text: str) -> FakeLobby:
    lobby = FakeLobby(samples.CHOICE)
    services = lobby.services
    services.images.view = hostile(samples.REPOSITORIES, text)
    services.images.details = {samples.GENESIS: hostile(samples.DETAIL, text)}
    services.images.verification = replace(
        hostile(samples.VERIFICATION, text), verdict="UNPINNED", notes=(text,), vouchers=()
    )
    services.images.proposal = replace(hostile(samples.PROPOSAL, text), warnings=(text,))
    services.money.glance = hostile(samples.OVERVIEW, text)
    services.money.held = hostile(samples.COINS, text)
    services.money.past = hostile(samples.HISTORY, text)
    services.machine.written = replace(samples.LOG, lines=(text, text))
    return lobby


def assert_harmless(pilot: Pilot[None]) -> None:
    text = words_on(pilot)
    bad = {hex(ord(char)) for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl")}
    assert not bad, bad
    assert "[@click" not in text
    assert "[red]" not in text


@pytest.mark.parametrize("text", RUNS.values(), ids=list(RUNS))
async def test_every_place_shows_hostile_text_as_text(text: str) -> None:
    lobby = lobby_full_of(text)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        assert_harmless(pilot)
        for key in ("2", "4", "5", "f8"):
            await pilot.press(key)
            await settled(pilot)
            assert_harmless(pilot)
        app.screen.post_message(Opened(genesis=samples.GENESIS))
        await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
        await settled(pilot)
        assert_harmless(pilot)
        for tab in ("tab-history", "tab-definition"):
            app.screen.query_one("#tabs").active = tab  # type: ignore[attr-defined]
            await settled(pilot)
            assert_harmless(pilot)
        app.screen.post_message(Opened(txid=samples.TXID))
        await until(pilot, lambda: isinstance(app.screen, TransactionScreen))
        await settled(pilot)
        assert_harmless(pilot)


async def test_verdicts_proposals_drafts_errors_and_notices_show_hostile_text_as_text() -> None:
    text = MIXED
    lobby = lobby_full_of(text)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("3")
        await settled(pilot)
        app.screen.query_one("#reference", Field).value = f"{samples.NAME}:1.0"
        await pilot.press("enter")
        await settled(pilot)
        assert_harmless(pilot)
        lobby.services.images.verification = replace(lobby.services.images.verification, name=samples.NAME)
        await pilot.press("ctrl+g")
        await settled(pilot)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: isinstance(app.screen, YesNo))
        await settled(pilot)
        assert_harmless(pilot)
        await pilot.press("escape")
        lobby.services.money.fail("coins", StateError(text, hint=text))
        await pilot.press("escape", "4")
        await settled(pilot)
        assert_harmless(pilot)
        made: Any = lobby.services.drafts.draft(Send(to=samples.ADDRESS, amount="1"))
        draft = replace(made.review.drafts[0], kind=text, effects=(text,), warnings=(text,), rate_source=text)
        lobby.services.drafts.fail("send", RpcError(text, code=-26))
        app.screen.post_message(ReviewWanted(said_otherwise(made, drafts=(draft,))))
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        await settled(pilot)
        assert_harmless(pilot)
        app.screen.query_one("#password").value = "correct horse battery"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settled(pilot)
        assert_harmless(pilot)


async def test_a_click_on_markup_in_a_name_runs_nothing() -> None:
    app = app_of(lobby_full_of(HOSTILE["markup"]))
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        for x in range(2, 60, 14):
            await pilot.click(offset=(x, 9))
            await pilot.click(offset=(x, 15))
        await settled(pilot)
        assert isinstance(app, DockchainsApp)
        assert app.services is not None, "nothing locked the app"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_every_way_to_write_outside_text_makes_it_one_harmless_line(text: str) -> None:
    ways = (shown, color_text, grouped, short, short_digest, lambda one: told(StateError(one, hint=one)))
    for way in ways:
        line = way(text)
        assert "\n" not in line
        assert "[" not in line
        assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in line)
        assert len(line) <= WHOLE + len(" - ") + 400
