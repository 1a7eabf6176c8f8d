"""What years bring: a machine that is lost, and a chain that changes its mind."""

from regtest.chapters.world import World
from regtest.harness import Party


def restore(world: World) -> Party:
    """Twelve words on an empty machine bring back money, repositories and the right to release."""
    restored = world.harness.party("successor restored")
    with world.story.step(
        "the new owner's laptop is lost; the words restore everything elsewhere", who="successor"
    ) as step:
        restored.json("wallet", "restore", "--words-file", str(world.words(world.successor)), *world.password(restored))
        (repository,) = restored.json("image", "list")["repositories"]
        world.story.expect("the restored repository", (repository["name"], repository["owned"]), (world.name, True))
        step.outcome = f"{repository['name']}, owned, tags {', '.join(tag['tag'] for tag in repository['tags'])}"
    return restored


def reorganise(world: World, restored: Party) -> None:
    """A reorganisation takes a release away, and the next blocks bring another for the same tag.

    The owner's wallet sends what fell out again before it builds on it, so that the chain tells both in order.
    """
    first = world.push("3.0", text="hello from acme/app 3.0, which did not last")
    world.release(world.successor, first, "3.0")
    world.harness.node.mine(1)
    world.asked("it verifies", ":3.0", "VERIFIED", 0)
    with world.story.step("a reorganisation takes its block away, and the release with it", who="chain") as step:
        world.harness.node.reorg(1, resurrect=False)
        world.verify(step, f"{world.name}:3.0@{first.digest}", "UNRELEASED", code=14)
    second = world.push("3.0", text="hello from acme/app 3.0, which stayed")
    world.release(restored, second, "3.0")
    world.harness.node.mine(1)
    world.asked("the other release of 3.0 verifies", ":3.0", "VERIFIED", 0)
    world.asked("the first one came back in front of it", f":3.0@{first.digest}", "SUPERSEDED", 11)
