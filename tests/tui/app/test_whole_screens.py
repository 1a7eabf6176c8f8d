"""Pictures of whole screens, compared with the ones that were looked at and found good."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.app.driving import LARGE, SMALL, app_of
from tests.tui.app.fake_services import FakeLobby
from tests.tui.app.scenes import SCENES

SIZES = {"80x24": SMALL, "120x40": LARGE}
SMALL_ONLY = ("first-run", "receive", "settings")
"""Scenes whose large form shows nothing that the small one does not."""


@pytest.mark.parametrize(
    ("scene", "size"),
    [(scene, size) for scene in SCENES for size in SIZES if size == "80x24" or scene not in SMALL_ONLY],
)
def test_the_screen_looks_as_it_did(snap_compare: Any, scene: str, size: str) -> None:
    wallets, act = SCENES[scene]
    app = app_of(FakeLobby(*wallets))

    async def before(pilot: Pilot[None]) -> None:
        await act(pilot)

    run: Callable[[Pilot[None]], Awaitable[None]] = before
    assert snap_compare(app, terminal_size=SIZES[size], run_before=run)
