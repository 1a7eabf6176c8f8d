"""One list feeds keys, footer, help and palette, and everything that the command line can do has its place in it."""

import inspect
from collections import Counter
from typing import Any

import pytest
from textual.binding import Binding

from tests.tui.app import samples
from tests.tui.app.driving import SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import FakeLobby
from tui.app import screens
from tui.app.app import DockchainsApp
from tui.app.commands import COMMANDS, DIALOG, EVERYWHERE, LISTS, WITHOUT_PLACE, bindings, commands_of, dialog_bindings
from tui.app.dialogs.asking import Choice, OneLine, YesNo
from tui.app.dialogs.help import HelpDialog
from tui.app.dialogs.review import ReviewDialog
from tui.app.dialogs.trouble import TroubleDialog
from tui.app.messages import Opened, ReviewWanted
from tui.app.places import places
from tui.app.screens.repository import RepositoryScreen
from tui.app.widgets.listing import Listing
from tui.app.widgets.work import Working
from tui.cli.nouns import NOUNS
from tui.verbs.wallet.requests import Send

CLI = {f"{noun.name} {verb.name}" for noun in NOUNS for verb in noun.verbs}
HERE = {name for one in COMMANDS for name in one.cli}
PLACES = sorted({one.place for one in COMMANDS})


def test_every_command_of_the_command_line_has_its_place_here_or_a_reason() -> None:
    assert sorted(CLI - HERE - set(WITHOUT_PLACE)) == []


def test_no_command_is_named_here_that_the_command_line_does_not_have() -> None:
    assert sorted(HERE - CLI) == []


def test_a_reason_is_only_given_where_there_is_no_place() -> None:
    assert sorted(set(WITHOUT_PLACE) & HERE) == []
    assert all(WITHOUT_PLACE.values())


@pytest.mark.parametrize("place", PLACES)
def test_no_key_means_two_things_in_one_place(place: str) -> None:
    keys = Counter(key for one in commands_of(place) for key in one.keys.split(","))
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("place", [place for place in PLACES if place not in (EVERYWHERE, LISTS)])
def test_no_place_takes_a_key_away_that_means_something_everywhere(place: str) -> None:
    everywhere = {key for one in commands_of(EVERYWHERE) for key in one.keys.split(",")}
    assert not everywhere & {key for one in commands_of(place) for key in one.keys.split(",")}


def test_names_are_unique_and_every_command_says_what_it_does() -> None:
    assert [name for name, times in Counter(one.name for one in COMMANDS).items() if times > 1] == []
    assert all(one.help.endswith(".") and one.label for one in COMMANDS)


def test_the_places_of_the_list_and_the_screens_are_the_same() -> None:
    services = FakeLobby(samples.CHOICE).services
    assert set(places(services, samples.CARD)) == {
        one.name.removeprefix("go-") for one in COMMANDS if one.name.startswith("go-")
    }


def working_screens() -> list[type[Working[object]]]:
    """Every screen class, however deep."""
    import importlib
    import pkgutil

    for module in pkgutil.iter_modules(screens.__path__):
        importlib.import_module(f"{screens.__name__}.{module.name}")
    found: list[type[Working[object]]] = []
    queue: list[Any] = [Working]
    while queue:
        kinds = queue.pop().__subclasses__()
        queue += kinds
        found += kinds
    return found


def test_every_action_is_there_and_documented() -> None:
    by_keys = {kind.keys: kind for kind in working_screens()}
    owners: dict[str, type] = {EVERYWHERE: DockchainsApp, LISTS: Listing, DIALOG: YesNo, **by_keys}
    for one in COMMANDS:
        owner: type = DockchainsApp if one.action.startswith("app.") else owners[one.place]
        method = getattr(owner, f"action_{one.action.removeprefix('app.').partition('(')[0]}", None)
        assert method is not None, f"{one.name}: {owner.__name__} has no {one.action}"
        assert inspect.getdoc(method) or method.__module__.startswith("textual"), one.name


def test_screens_bind_exactly_the_keys_of_the_list() -> None:
    for kind in working_screens():
        own = kind.__dict__.get("BINDINGS")
        if own and kind.keys != EVERYWHERE:
            wanted = [(one.key, one.action) for one in bindings(kind.keys) if isinstance(one, Binding)]
            assert [(one.key, one.action) for one in own] == wanted, kind.__name__


@pytest.mark.parametrize("kind", [YesNo, OneLine, Choice, TroubleDialog, HelpDialog])
def test_dialogs_bind_the_keys_of_the_list_too(kind: type) -> None:
    wanted = [(one.key, one.action) for one in dialog_bindings() if isinstance(one, Binding)]
    assert [(one.key, one.action) for one in kind.__dict__["BINDINGS"]] == wanted
    for _, action in wanted:
        owner = DockchainsApp if action.startswith("app.") else kind
        assert inspect.getdoc(getattr(owner, f"action_{action.removeprefix('app.')}")), action


async def test_a_small_window_shows_the_way_out_and_to_the_help_in_every_place() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        for one in COMMANDS:
            if one.name.startswith("go-"):
                app.action_go(one.name.removeprefix("go-"))
                await settled(pilot)
                await until(pilot, lambda: words_on(pilot).splitlines()[-1].endswith("Help"), one.name)
        app.screen.post_message(Opened(genesis=samples.GENESIS))
        await until(pilot, lambda: isinstance(app.screen, RepositoryScreen))
        await settled(pilot)
        assert words_on(pilot).splitlines()[-1].endswith("Help")


async def test_in_a_form_the_help_names_the_key_that_leaves_a_field_and_says_its_sentences_whole() -> None:
    app = app_of()
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press("3", "f1")
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))
        await settled(pilot)
        listing = app.screen.query_one(Listing)
        assert any(line.startswith("here  esc  Leave field") for line in listing.texts())
        for number, one in enumerate(listing.items):
            listing.cursor = number
            await pilot.pause()
            assert one.help in " ".join(words_on(pilot).split()).replace(" │ │ ", " "), one.name
        await pilot.press("f1")
        await settled(pilot)
        assert not isinstance(app.screen, HelpDialog)


async def test_a_review_shows_its_own_keys() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        app.screen.post_message(ReviewWanted(lobby.services.drafts.draft(Send(to=samples.ADDRESS, amount="1"))))
        await until(pilot, lambda: isinstance(app.screen, ReviewDialog))
        await settled(pilot)
        last = words_on(pilot).splitlines()[-1]
        assert "^r Make anew" in last
        assert "^g" not in last, "the form below is out of reach"


async def test_the_help_screen_shows_the_keys_of_the_place_first() -> None:
    app = app_of()
    async with app.run_test(size=(120, 40)) as pilot:
        await unlocked(pilot)
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))
        listed = app.screen.query_one(Listing).texts()
        assert "Freeze" in listed[0]
        assert len(listed) == sum(one.place in ("coins", "page", EVERYWHERE, LISTS) for one in COMMANDS)


async def test_the_palette_offers_what_can_be_done_here() -> None:
    app = app_of()
    async with app.run_test() as pilot:
        await unlocked(pilot)
        await pilot.press("4")
        await settled(pilot)
        offered = {one.title: one for one in app.get_system_commands(app.screen)}
        assert {"Freeze", "Label", "Overview", "Lock"} <= set(offered)
        assert "Release" not in offered
        await offered["Send"].callback()
        await settled(pilot)
        assert app.current_mode == "send"


async def test_before_a_wallet_is_open_the_palette_leads_nowhere_inside() -> None:
    app = app_of()
    async with app.run_test() as pilot:
        await settled(pilot)
        titles = {one.title for one in app.get_system_commands(app.screen)}
        assert "Send" not in titles
        assert "Help" in titles
        app.action_go("send")
        await settled(pilot)
        assert "password" in words_on(pilot)
