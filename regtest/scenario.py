"""The story that `make demo` tells: publishers and a consumer, a real node, a real registry, real images.

Everything goes through the `dockchains` command, as a person or a pipeline would type it. The chapters are in
`regtest/chapters`.
"""

import sys
from pathlib import Path

from rich.console import Console

from regtest.chapters import closed_images, first_release, market, owners, thieves, time
from regtest.chapters.world import World
from regtest.harness import Harness
from regtest.party import DOCKCHAINS
from regtest.story import Story, StoryError
from regtest.transcript import write_into

WIDTH = 132
"""Columns of the story where it is written to a file."""


def run(console: Console | None = None, *, readme: Path | None = None, program: tuple[str, ...] = DOCKCHAINS) -> int:
    """Tell the whole story; 0 where every step turned out as it should, 1 otherwise.

    A story that went well is written into `readme` as a table, where one is named. `program` is what everybody types.
    """
    console = console or _console()
    story = Story(console)
    with Harness(program=program) as harness:
        try:
            tell(World(story=story, harness=harness))
        except Exception as error:  # noqa: BLE001 - whatever breaks the story is told, and fails the command
            console.print(f"[bold red]The story broke[/] in step {len(story.steps)}: {error}", highlight=False)
            if not isinstance(error, StoryError):
                console.print_exception()
            return 1
        finally:
            if story.steps:
                console.print(story.table())
    console.print("Every step turned out as it should.")
    if readme is not None:
        write_into(readme, story.steps)
    return 0


def tell(world: World) -> None:
    """All chapters, in order."""
    first_release.open_wallets(world)
    first_release.issue_and_release(world)
    first_release.pin_and_run(world)
    second = first_release.supersede(world)
    thieves.overwritten(world)
    thieves.never_released(world)
    owners.revoke(world, second)
    owners.hand_over(world)
    owners.new_owner(world)
    thieves.rival(world, "2.0")
    thieves.replaced_claim(world, "2.0")
    restored = time.restore(world)
    time.reorganise(world, restored)
    buyers = market.sell_access(world, restored)
    market.resell(world, buyers[0], buyers[1])
    market.sell_repository(world, restored, market.collector(world))
    closed_images.tell(world)


def _console() -> Console:
    """The terminal's own width, and a width at which the table is readable where there is no terminal."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH)
