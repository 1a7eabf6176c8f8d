"""A publisher issues a repository and releases an image; a consumer pins it, verifies it and runs it."""

from regtest.chapters.world import World
from regtest.image import BuiltImage, run_image

FUNDS = 5_000_000
"""Sats that the publisher starts with."""

SAYS = "hello from acme/app 1.0"


def open_wallets(world: World) -> None:
    """Two parties who share nothing but the chain and the registry."""
    world.open_wallet(world.publisher)
    world.open_wallet(world.consumer)
    world.pay(world.publisher, FUNDS)


def issue_and_release(world: World) -> None:
    """PENDING until a block holds the release, then UNPINNED until somebody but the registry vouches."""
    first = world.push("1.0", "latest", text=SAYS)
    issued = world.act(f"the publisher issues the asset of {world.name}", world.publisher, "image", "issue", world.name)
    world.story.steps[-1].outcome = f"asset {issued['asset']}"
    world.harness.node.mine(1)
    world.release(world.publisher, first, "1.0,latest")
    world.asked("before its first block the release is pending", ":1.0", "PENDING", 15)
    world.harness.node.mine(1)
    answer = world.asked("in a block, and nobody but the registry vouches", ":1.0", "UNPINNED", 10)
    world.story.expect("digest", answer["digest"], first.digest)


def pin_and_run(world: World) -> None:
    """The consumer decides once whom the name belongs to; VERIFIED whole and by platform from then on."""
    first = world.images[SAYS]
    with world.story.step("the consumer pins the repository", who="consumer") as step:
        pinned = world.consumer.json("image", "pin", world.name, "--yes")
        step.outcome = f"genesis {pinned['genesis']}"
    world.asked("the pinned release verifies", ":1.0", "VERIFIED", 0)
    for platform, child in first.children.items():
        world.asked(f"its manifest for {platform} verifies", f":1.0@{child}", "VERIFIED", 0)
    _run(world, SAYS)


def _run(world: World, says: str) -> None:
    with world.story.step("the image runs by the digest that verify printed", who="consumer") as step:
        printed = world.consumer.run("image", "verify", f"{world.name}:1.0").stdout.strip()
        said = run_image(printed, world.harness.folder / "run").strip()
        world.story.expect("what the image says", said, says)
        step.outcome = f"it says: {said}"


def supersede(world: World) -> BuiltImage:
    """The newer release is current, the older one no longer is for `latest`, and still is for `1.0`."""
    first = world.images[SAYS]
    second = world.push("1.1", "latest", text="hello from acme/app 1.1")
    world.release(world.publisher, second, "1.1,latest")
    world.harness.node.mine(1)
    answer = world.asked("the new release verifies as latest", ":latest", "VERIFIED", 0)
    world.story.expect("digest", answer["digest"], second.digest)
    world.asked("the old digest is superseded for latest", f":latest@{first.digest}", "SUPERSEDED", 11)
    world.asked("the old digest still is 1.0", f":1.0@{first.digest}", "VERIFIED", 0)
    return second
