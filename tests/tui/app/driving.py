"""Driving the app as a person does: keys, and waiting until the workers' answers are on the screen."""

import asyncio
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.app import samples
from tests.tui.app.fake_services import PASSWORD, FakeLobby
from tui.app.app import DockchainsApp
from tui.app.screens.page import Page
from tui.app.screens.unlock import UnlockScreen

SMALL, LARGE = (80, 24), (120, 40)
DEADLINE = 10.0
"""Seconds after which waiting is given up."""


def app_of(lobby: FakeLobby | None = None, **options: Any) -> DockchainsApp:
    """An app whose polls come only when a test wants them, and whose notices stay however slow the machine is."""
    app = DockchainsApp(lobby or FakeLobby(samples.CHOICE), **{"poll": 3_600.0, "idle_lock": 3_600.0} | options)
    vars(app)["NOTIFICATION_TIMEOUT"] = 3_600.0
    return app


async def until(pilot: Pilot[None], condition: Callable[[], bool], what: str = "") -> None:
    """Waits for a condition, letting the app work."""
    pause, waited = 0.005, 0.0
    while not _holds(condition):
        if waited > DEADLINE:
            raise AssertionError(f"never happened: {what or condition}")
        await asyncio.sleep(pause)
        await pilot.pause()
        waited += pause
        pause = min(pause * 1.5, 0.1)


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except Exception:  # noqa: BLE001 - a widget that is not there yet
        return False


async def settled(pilot: Pilot[None]) -> None:
    """Waits until no worker works."""
    await pilot.pause()
    await until(pilot, lambda: all(worker.is_finished for worker in pilot.app.workers), "workers at rest")
    await pilot.pause()


async def unlocked(pilot: Pilot[None]) -> None:
    """Types the password, and waits for the first place."""
    await until(pilot, lambda: isinstance(pilot.app.screen, UnlockScreen), "the unlock screen")
    await pilot.pause()
    pilot.app.screen.query_one("#password", Input).value = PASSWORD
    pilot.app.screen.query_one("#password", Input).focus()
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, Page), "the first place")
    await settled(pilot)


async def typed(pilot: Pilot[None], text: str) -> None:
    """Types a text, key by key."""
    names = {" ": "space", "/": "slash", ":": "colon", ".": "full_stop", "-": "minus", ",": "comma", "@": "at"}
    await pilot.press(*(names.get(char, char) for char in text))


def words_on(pilot: Pilot[None]) -> str:
    """Everything that the screen shows, as text."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
