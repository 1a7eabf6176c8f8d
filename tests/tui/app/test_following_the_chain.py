"""New blocks, a node that dies and comes back, reorganisations, bugs: all screens learn of them by themselves."""

import threading
from dataclasses import replace

import pytest

from assets.errors import RegistryUnavailableError
from assets.services.read_models.wallet_views import FallenView
from tests.tui.app import samples
from tests.tui.app.driving import SMALL, app_of, settled, unlocked, until, words_on
from tests.tui.app.fake_services import FakeLobby, FakeServices
from tui.app.app import DockchainsApp
from tui.app.dialogs.trouble import TroubleDialog
from tui.app.following import Following
from tui.app.messages import ChainSeen, NodeLost, Synced
from tui.app.screens.page import NOT_READ
from tui.app.widgets.words import Facts
from tui.verbs.progress import StoppedError
from wallet.errors import ChainUnavailableError, StateError

DEAD = ChainUnavailableError("no answer from 127.0.0.1:18443", hint="is bitcoind running?")


def polled(app: DockchainsApp) -> None:
    app._look_at_chain()


async def test_a_new_block_brings_the_index_up_and_the_screen_up_to_date() -> None:
    lobby = FakeLobby(samples.CHOICE)
    services = lobby.services
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        syncs, overviews = len(services.chain.calls("sync")), len(services.money.calls("overview"))
        polled(app)
        await settled(pilot)
        assert len(services.chain.calls("sync")) == syncs, "the same tip is no news"
        services.chain.view = replace(samples.CHAIN, height=1_205, tip="ab" * 32)
        polled(app)
        await settled(pilot)
        assert len(services.chain.calls("sync")) == syncs + 1
        assert len(services.money.calls("overview")) > overviews
        assert "block 1,205" in words_on(pilot)


async def test_hidden_screens_ask_when_they_are_looked_at_again() -> None:
    lobby = FakeLobby(samples.CHOICE)
    services = lobby.services
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        await pilot.press("4")
        await settled(pilot)
        await pilot.press("1")
        await settled(pilot)
        asked = len(services.money.calls("coins"))
        services.chain.view = replace(samples.CHAIN, tip="ab" * 32)
        polled(app)
        await settled(pilot)
        assert len(services.money.calls("coins")) == asked, "nobody looks at the coins"
        await pilot.press("4")
        await settled(pilot)
        assert len(services.money.calls("coins")) == asked + 1


async def test_progress_is_shown_while_the_index_is_built_and_can_be_stopped() -> None:
    lobby = FakeLobby(samples.CHOICE)
    services = lobby.services
    gate = services.chain.waiting = threading.Event()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await until(pilot, lambda: bool(app.screen.query("#password")))
        app.screen.query_one("#password").value = "correct horse battery"  # type: ignore[attr-defined]
        app.screen.query_one("#password").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "reading blocks 49 %" in words_on(pilot), "progress in the status line")
        await until(pilot, lambda: any("49 %" in text for _, text in app.screen.query_one("#chain", Facts).pairs))
        await pilot.press("f4")
        assert app.following is not None
        assert app.following._stop.is_set()
        gate.set()
        await settled(pilot)
        assert "reading blocks" not in words_on(pilot)


async def test_a_dead_node_is_a_banner_on_every_screen_and_goes_when_it_is_back() -> None:
    lobby = FakeLobby(samples.CHOICE)
    services = lobby.services
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        services.chain.fail("status", DEAD)
        services.money.fail("coins", DEAD)
        polled(app)
        await settled(pilot)
        assert "! node: no answer from" in words_on(pilot)
        await pilot.press("4")
        await settled(pilot)
        assert "! node: no answer from" in words_on(pilot)
        polled(app)
        await settled(pilot)
        assert "! node" not in words_on(pilot)
        assert services.money.held.coins[0].outpoint[:7] in words_on(pilot), "the coins came when the node did"


@pytest.mark.parametrize(("key", "call"), [("4", "coins"), ("5", "history"), ("2", "repositories"), ("1", "overview")])
async def test_a_list_that_could_not_be_read_claims_nothing(key: str, call: str) -> None:
    lobby = FakeLobby(samples.CHOICE)
    services = lobby.services
    for fake in (services.money, services.images):
        fake.fail(call, *(DEAD,) * 20)
    app = app_of(lobby)
    async with app.run_test(size=SMALL) as pilot:
        await unlocked(pilot)
        await pilot.press(key)
        await settled(pilot)
        text = words_on(pilot)
        assert NOT_READ in text
        for claim in ("no coins", "nothing happened", "no repositories", "nothing does"):
            assert claim not in text


async def test_a_dead_registry_is_a_banner_until_it_answers() -> None:
    lobby = FakeLobby(samples.CHOICE)
    services = lobby.services
    services.images.fail("repositories", RegistryUnavailableError("no answer from registry.example"))
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        await pilot.press("2")
        await settled(pilot)
        assert "! registry: no answer from registry.example" in words_on(pilot)
        app.screen.action_refresh()  # type: ignore[attr-defined]
        await settled(pilot)
        assert "! registry" not in words_on(pilot)
        assert samples.NAME in words_on(pilot)


async def test_what_a_reorganisation_took_away_is_said() -> None:
    lobby = FakeLobby(samples.CHOICE)
    fallen = FallenView(txid=samples.TXID, genesis=samples.GENESIS, name=samples.NAME, what="the record release 1.0")
    lobby.services.chain.report = replace(samples.SYNC, disconnected=2, fell_out=(fallen,))
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        assert any("the record release 1.0" in notice.message for notice in app._notifications)


async def test_a_bug_is_told_and_ends_nothing() -> None:
    lobby = FakeLobby(samples.CHOICE)
    lobby.services.money.fail("coins", ZeroDivisionError("[bold]division[/] by zero"))
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        await pilot.press("4")
        await until(pilot, lambda: isinstance(app.screen, TroubleDialog))
        await pilot.pause()
        assert "division" in words_on(pilot)
        assert "Nothing was signed" not in words_on(pilot), "nobody knows what a bug did"
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("5")
        await settled(pilot)
        assert app.current_mode == "transactions"


@pytest.mark.parametrize("kind", ["seen", "lost", "synced"])
async def test_news_for_another_wallet_changes_nothing_here(kind: str) -> None:
    app = app_of()
    async with app.run_test() as pilot:
        await unlocked(pilot)
        before, other = app.status, FakeServices()
        view = replace(samples.CHAIN, height=9_999_999)
        app.post_message(
            {
                "seen": ChainSeen(view, other),
                "lost": NodeLost("gone", other),
                "synced": Synced(samples.SYNC, other),
            }[kind]
        )
        await settled(pilot)
        assert app.status == before


def test_a_poll_that_waits_for_its_answer_is_not_doubled() -> None:
    services = FakeServices()
    posted: list[object] = []

    class Target:
        def post_message(self, message: object) -> None:
            posted.append(message)

    following = Following(services, Target())  # type: ignore[arg-type]
    following._polling.acquire()
    following.poll()
    assert services.chain.calls("status") == []
    following._polling.release()
    following.poll()
    assert len(services.chain.calls("status")) == len(posted) == 1
    assert following.is_new("aa")
    assert not following.is_new("aa")


async def test_an_index_that_was_busy_is_tried_again_by_the_next_poll() -> None:
    lobby = FakeLobby(samples.CHOICE)
    chain = lobby.services.chain
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        chain.fail("sync", StateError("another program reads blocks into the index"))
        chain.view = replace(samples.CHAIN, height=1_205, tip="ab" * 32)
        polled(app)
        await settled(pilot)
        assert "another program reads blocks" in words_on(pilot)
        syncs = len(chain.calls("sync"))
        polled(app)
        await settled(pilot)
        assert len(chain.calls("sync")) == syncs + 1
        assert "another program reads blocks" not in words_on(pilot)


async def test_a_bug_of_every_poll_is_a_banner_and_no_heap_of_dialogs() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        lobby.services.chain.fail("status", ZeroDivisionError("one"), ZeroDivisionError("two"))
        for text in ("one", "two"):
            polled(app)
            await settled(pilot)
            assert not isinstance(app.screen, TroubleDialog)
            assert f"! bug: {text}" in words_on(pilot)
        polled(app)
        await settled(pilot)
        assert "! bug" not in words_on(pilot)


async def test_reading_the_chain_anew_is_ended_by_a_key() -> None:
    lobby = FakeLobby(samples.CHOICE)
    chain = lobby.services.chain
    chain.waiting = threading.Event()
    chain.waiting.set()
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        await pilot.press("0")
        await settled(pilot)
        chain.waiting.clear()
        await pilot.press("x", "tab", "enter")
        await until(pilot, lambda: bool(chain.calls("reindex")))
        await pilot.press("f4")
        chain.waiting.set()
        await settled(pilot)
        assert any("what was read so far stays" in notice.message for notice in app._notifications)
        assert not isinstance(app.screen, TroubleDialog)


async def test_a_sync_that_was_ended_by_a_person_is_no_bug_and_no_banner() -> None:
    lobby = FakeLobby(samples.CHOICE)
    app = app_of(lobby)
    async with app.run_test() as pilot:
        await unlocked(pilot)
        lobby.services.chain.fail("sync", StoppedError("stopped; what was read so far stays"))
        await pilot.press("f5")
        await settled(pilot)
        assert not isinstance(app.screen, TroubleDialog)
        assert app.status.banners == ()
        assert any("what was read so far stays" in notice.message for notice in app._notifications)
