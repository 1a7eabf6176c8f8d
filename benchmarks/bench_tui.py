"""How long the app takes to its first picture, and from a key to its picture with a large wallet.

Frozen data instead of a chain, so that what is measured is the app alone.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from textual.pilot import Pilot  # noqa: E402
from textual.widgets import Input  # noqa: E402

from assets.services.read_models.lineage_views import ReleaseLine  # noqa: E402
from tests.tui.app import samples  # noqa: E402
from tests.tui.app.driving import app_of, settled, unlocked, until  # noqa: E402
from tests.tui.app.fake_services import FakeLobby  # noqa: E402
from tui.app.messages import Opened  # noqa: E402
from tui.app.screens.repository import RepositoryScreen  # noqa: E402
from tui.app.widgets.listing import Listing  # noqa: E402

COINS, RELEASES = 100_000, 10_000
KEYS = 40
FIRST_LIMIT, KEY_LIMIT = 1.5, 0.1
"""Seconds that a person notices."""

_FIRST = """
import sys, time
start = float(sys.argv[1])
sys.path.insert(0, sys.argv[2])
import asyncio
from tests.tui.app.driving import app_of
async def main():
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        print(time.time() - start)
asyncio.run(main())
"""


def first_picture() -> float:
    """Seconds from starting Python to a picture on the screen, in a process of its own; the best of three."""
    times = []
    for _ in range(3):
        command = [sys.executable, "-c", _FIRST, str(time.time()), str(ROOT)]
        times.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return min(times)


def large_lobby() -> FakeLobby:
    """A wallet with more than anybody has."""
    lobby = FakeLobby(samples.CHOICE)
    coin = samples.COINS.coins[0]
    coins = tuple(replace(coin, outpoint=f"{number:064x}:0", sats=number) for number in range(COINS))
    lobby.services.money.held = replace(samples.COINS, coins=coins)
    releases = tuple(
        ReleaseLine(tag=f"1.{number}", digest=samples.DIGEST, height=number, txid=f"{number:064x}", word="superseded")
        for number in range(RELEASES)
    )
    lobby.services.images.details[samples.GENESIS] = replace(samples.DETAIL, releases=releases)
    return lobby


def state(pilot: Pilot[None]) -> tuple[object, ...]:
    """What a key changes: the cursors, the number of lines, the texts of inputs, the focus."""
    screen = pilot.app.screen
    lists = [(one.cursor, len(one.items)) for one in screen.query(Listing)]
    return (*lists, *(one.value for one in screen.query(Input)), screen.focused)


async def timed_keys(pilot: Pilot[None], keys: list[str]) -> list[float]:
    """Seconds from each key to the picture that shows what it changed."""
    times = []
    for key in keys:
        before, painted = state(pilot), asyncio.Event()
        start = time.perf_counter()
        pilot.app.simulate_key(key)
        while state(pilot) == before and time.perf_counter() - start < 5:
            await asyncio.sleep(0)
        pilot.app.screen.call_after_refresh(painted.set)
        await painted.wait()
        times.append(time.perf_counter() - start)
    return times


async def in_coins(pilot: Pilot[None]) -> None:
    """The list of coins."""
    await pilot.press("4")
    await settled(pilot)
    await until(pilot, lambda: len(pilot.app.screen.query_one(Listing).items) == COINS)


async def in_releases(pilot: Pilot[None]) -> None:
    """The timeline of a repository."""
    pilot.app.screen.post_message(Opened(genesis=samples.GENESIS))
    await until(pilot, lambda: isinstance(pilot.app.screen, RepositoryScreen))
    await settled(pilot)
    await until(pilot, lambda: len(pilot.app.screen.query_one("#releases", Listing).items) == RELEASES)


async def measured(go: Callable[[Pilot[None]], Awaitable[None]], keys: list[str]) -> tuple[float, float, float]:
    """Seconds to open the place, the median key, the slowest key."""
    app = app_of(large_lobby())
    async with app.run_test(size=(120, 40)) as pilot:
        await unlocked(pilot)
        start = time.perf_counter()
        await go(pilot)
        opened = time.perf_counter() - start
        times = await timed_keys(pilot, keys)
        return opened, statistics.median(times), max(times)


def main() -> int:
    """Prints each figure beside its limit; 1 where one is above."""
    moves = ["down", "pagedown", "end", "up", "pageup", "home"] * (KEYS // 6)
    first = first_picture()
    print(
        f"first picture             {first * 1000:8.0f} ms   limit {FIRST_LIMIT * 1000:.0f} ms, Python's start included"
    )
    slow = first > FIRST_LIMIT
    cases = (
        (f"{COINS:,} coins, moving", in_coins, moves),
        (f"{COINS:,} coins, searching", in_coins, ["slash", *"abc 01"]),
        (f"{RELEASES:,} releases, moving", in_releases, moves),
    )
    for label, go, keys in cases:
        opened, middle, worst = asyncio.run(measured(go, keys))
        limit = f"limit {KEY_LIMIT * 1000:.0f} ms a key"
        print(f"{label:<25} {middle * 1000:8.1f} ms   {limit}; slowest {worst * 1000:.0f} ms, opened in {opened:.1f} s")
        slow = slow or middle > KEY_LIMIT
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
