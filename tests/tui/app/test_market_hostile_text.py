"""What shops, sellers and registries write stays text in every list, form, review and notice of the market."""

import unicodedata
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import TabbedContent

from tests.tui.app import market_samples, samples
from tests.tui.app.driving import SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import FakeLobby
from tests.tui.app.prepared_samples import said_otherwise
from tests.tui.app.test_hostile_text_stays_text import HOSTILE, MIXED
from tui.app.dialogs.asking import Choice
from tui.app.dialogs.review import ReviewDialog
from tui.app.messages import ReviewWanted
from tui.app.screens.market_accept import AcceptForm
from tui.app.screens.market_buy import BuyForm
from tui.app.screens.market_paper import PaperScreen
from tui.app.screens.market_sell import SellForm
from tui.app.screens.page import Page
from tui.app.widgets.listing import Listing
from tui.verbs.market.views import CheckLine, Judgement
from tui.verbs.review import KeysFirst, SignedPaper
from tui.verbs.wallet.requests import Send
from wallet.errors import StateError

RUNS = {"mixed": MIXED, "long": HOSTILE["long"], "empty": ""}
OUTSIDE = ("name", "where", "shop", "bids_to", "gate", "terms", "note", "refusal", "why", "state", "sells")
"""Fields that others write, or that might quote what others wrote."""


def hostile(value: Any, text: str) -> Any:
    """A view with these fields replaced, however deep."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = ("state", "refusal", "sells") if not text else ()
        changes = {
            one.name: text if one.name in OUTSIDE and one.name not in kept else hostile(getattr(value, one.name), text)
            for one in fields(value)
        }
        return replace(value, **changes)
    return tuple(hostile(one, text) for one in value) if isinstance(value, tuple) else value


def lobby_full_of(text: str) -> FakeLobby:
    lobby = FakeLobby(samples.CHOICE)
    market = lobby.services.market
    market.found = replace(hostile(market_samples.OFFERS, text), notes=(text,))
    market.table = replace(hostile(market_samples.DESK, text), notes=(text,))
    market.goods = hostile(market_samples.STOCK, text)
    market.bid_paper = replace(market_samples.BID_PAPER, facts=((text, text), ("price", text)), shop="")
    market.judgement = Judgement(checks=(CheckLine(name=text, state="failed", why=text),), refusal=text or "no")
    return lobby


def assert_harmless(pilot: Pilot[None]) -> None:
    text = words_on(pilot)
    bad = {hex(ord(char)) for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl")}
    assert not bad, bad
    assert "[@click" not in text
    assert "[red]" not in text


async def over(pilot: Pilot[None], screen: Page) -> None:
    pilot.app.push_screen(screen)
    await until(pilot, lambda: pilot.app.screen is screen)
    await settled(pilot)
    assert_harmless(pilot)


@pytest.mark.parametrize("text", RUNS.values(), ids=list(RUNS))
async def test_lists_forms_and_documents_show_hostile_text_as_text(text: str) -> None:
    lobby = lobby_full_of(text)
    app, services = app_of(lobby), lobby.services
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("8")
        await settled(pilot)
        market = app.screen
        assert isinstance(market, Page)
        app.screen.query_one("#repository").value = samples.NAME  # type: ignore[attr-defined]
        await pilot.press("slash", "enter")
        await settled(pilot)
        await pilot.press("a")
        for tab in ("tab-offers", "tab-mine", "tab-bids", "tab-sales"):
            market.query_one("#tabs", TabbedContent).active = tab
            await settled(pilot)
            assert_harmless(pilot)
        market.query_one("#tabs", TabbedContent).active = "tab-mine"
        await pilot.pause()
        if market.query_one("#mine", Listing).items:
            market.query_one("#mine", Listing).focus()
            await pilot.press("x")
            await settled(pilot)
            assert_harmless(pilot)
            if isinstance(app.screen, Choice):
                await pilot.press("escape")
                await settled(pilot)
        await over(pilot, BuyForm(services, services.market.found.offers[0], text))
        await over(pilot, SellForm(services, samples.GENESIS, text))
        await over(pilot, PaperScreen(services, SignedPaper(kind="bid", ids=(market_samples.BID,))))
        form = AcceptForm(services)
        await over(pilot, form)
        form.query_one("#paste").text = market_samples.BID_PAPER.text  # type: ignore[attr-defined]
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert_harmless(pilot)


async def test_reviews_and_refusals_show_hostile_text_as_text() -> None:
    lobby = lobby_full_of(MIXED)
    app, services = app_of(lobby), lobby.services
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("8")
        await settled(pilot)
        services.market.fail("offers", StateError(MIXED, hint=MIXED))
        app.screen.query_one("#repository").value = samples.NAME  # type: ignore[attr-defined]
        await pilot.press("slash", "enter")
        await settled(pilot)
        assert_harmless(pilot)
        made: Any = services.drafts.draft(Send(to=samples.ADDRESS, amount="1"))
        draft = replace(made.review.drafts[0], notes=(MIXED,), warnings=(MIXED,))
        for one in (
            said_otherwise(made, drafts=(draft,), heading=MIXED, facts=((MIXED, MIXED),), warnings=(MIXED,)),
            said_otherwise(made, drafts=(), heading=MIXED, facts=((MIXED, MIXED),), warnings=(MIXED,)),
            KeysFirst(request=made.request, why=MIXED, deed=MIXED),
        ):
            app.screen.post_message(ReviewWanted(one))
            await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
            await settled(pilot)
            assert_harmless(pilot)
            await pilot.press("escape")
            await settled(pilot)
