"""What whoever can push to the registry, or pay for a transaction, can do, and what it changes: nothing."""

from regtest.chapters.world import World

STRANGERS_FUNDS = 200_000
"""Sats; a genesis of one's own costs next to nothing."""


def overwritten(world: World) -> None:
    """Whoever can push can move a tag in the registry, but not on the chain."""
    world.push("1.0", text="something else", who="thief", heading="somebody overwrites the tag 1.0 in the registry")
    world.asked("what is served as 1.0 now was never released as that", ":1.0", "MISMATCH", 13)


def never_released(world: World) -> None:
    """A tag that the owner never spoke of."""
    world.push("9.9", text="not released", who="thief", heading="an image that was never released is pushed as 9.9")
    world.asked("nobody released it", ":9.9", "UNRELEASED", 14)


def rival(world: World, tag: str) -> None:
    """A stranger's genesis for the name is a line in the answer, and decides nothing."""
    world.open_wallet(world.stranger)
    world.pay(world.stranger, STRANGERS_FUNDS)
    world.act(
        "a stranger issues an asset for the same name",
        world.stranger, "image", "issue", world.name, "--no-publish",
    )  # fmt: skip
    world.harness.node.mine(1)
    answer = world.asked("the stranger's genesis changes nothing", f":{tag}", "VERIFIED", 0)
    world.story.expect("rival geneses", len(answer["rivals"]), 1)


def replaced_claim(world: World, tag: str) -> None:
    """Stolen push rights replace the registry's claim: the consumer's pin disagrees, until the owner mends it."""
    with world.story.step("the stranger replaces the registry's claim", who="stranger"):
        world.stranger.json("image", "publish", world.name)
    world.asked("the registry contradicts the pin", f":{tag}", "PIN_CHANGED", 17)
    with world.story.step("the owner publishes the definition again", who="successor") as step:
        world.successor.json("image", "publish", world.name)
        world.verify(step, f"{world.name}:{tag}", "VERIFIED", code=0)
