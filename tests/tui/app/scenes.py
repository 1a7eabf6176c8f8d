"""Scenes of the app on frozen data, by name: for pictures in tests and for those in `docs/screens`."""

from collections.abc import Awaitable, Callable, Mapping

from textual.pilot import Pilot

from tests.tui.app import samples
from tests.tui.app.driving import settled, unlocked, until
from tui.app.dialogs.review import ReviewDialog
from tui.app.messages import Opened
from tui.app.screens.first_run import FirstRun
from tui.app.screens.market_sell import SellForm
from tui.app.screens.release import ReleaseForm
from tui.app.screens.repository import RepositoryScreen
from tui.app.views import WalletChoice
from tui.app.widgets.field import Field

Act = Callable[[Pilot[None]], Awaitable[None]]


async def first_run(pilot: Pilot[None]) -> None:
    """No wallet yet."""
    await until(pilot, lambda: isinstance(pilot.app.screen, FirstRun))
    await settled(pilot)


def at(key: str) -> Act:
    """A place, by its key."""

    async def act(pilot: Pilot[None]) -> None:
        await unlocked(pilot)
        await pilot.press(key)
        await settled(pilot)

    return act


async def repository(pilot: Pilot[None]) -> None:
    """One repository with its timeline."""
    await unlocked(pilot)
    await pilot.press("2")
    await settled(pilot)
    pilot.app.screen.post_message(Opened(genesis=samples.GENESIS))
    await until(pilot, lambda: isinstance(pilot.app.screen, RepositoryScreen))
    await settled(pilot)


async def release(pilot: Pilot[None]) -> None:
    """Tags, old and new digests."""
    await repository(pilot)
    await pilot.press("n")
    await until(pilot, lambda: isinstance(pilot.app.screen, ReleaseForm))
    await settled(pilot)
    pilot.app.screen.query_one("#tags", Field).value = "1.1 latest"
    pilot.app.screen.query_one("#build", Field).value = samples.DIGEST
    await settled(pilot)


async def review(pilot: Pilot[None]) -> None:
    """The last look before signing."""
    await release(pilot)
    await pilot.press("ctrl+g")
    await until(pilot, lambda: isinstance(pilot.app.screen, ReviewDialog))
    await settled(pilot)


async def verify(pilot: Pilot[None]) -> None:
    """A verdict with its evidence."""
    await at("3")(pilot)
    pilot.app.screen.query_one("#reference", Field).value = f"{samples.NAME}:1.0"
    await pilot.press("enter")
    await settled(pilot)


async def receive(pilot: Pilot[None]) -> None:
    """An address and its code."""
    await at("6")(pilot)
    await pilot.press("ctrl+g")
    await settled(pilot)


async def market(pilot: Pilot[None]) -> None:
    """What is for sale of a repository, and why one of them is left out."""
    await at("8")(pilot)
    pilot.app.screen.query_one("#repository", Field).value = samples.NAME
    await pilot.press("slash", "enter")
    await settled(pilot)
    await pilot.press("a", "end")
    await settled(pilot)


async def sell(pilot: Pilot[None]) -> None:
    """What is sold, and for how much."""
    await repository(pilot)
    await pilot.press("s")
    await until(pilot, lambda: isinstance(pilot.app.screen, SellForm))
    await settled(pilot)
    pilot.app.screen.query_one("#price", Field).value = "0.02"
    await settled(pilot)


ONE: tuple[WalletChoice, ...] = (samples.CHOICE,)

SCENES: Mapping[str, tuple[tuple[WalletChoice, ...], Act]] = {
    "first-run": ((), first_run),
    "overview": (ONE, at("1")),
    "repository": (ONE, repository),
    "release": (ONE, release),
    "review": (ONE, review),
    "verify": (ONE, verify),
    "market": (ONE, market),
    "access": (ONE, at("9")),
    "sell": (ONE, sell),
    "coins": (ONE, at("4")),
    "receive": (ONE, receive),
    "settings": (ONE, at("0")),
}
"""The wallets that there are, and what is done until the picture is taken."""
