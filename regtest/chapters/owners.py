"""A release is taken back; then the repository changes hands, and its consumers are asked whether they follow."""

from regtest.chapters.world import World
from regtest.image import BuiltImage


def revoke(world: World, bad: BuiltImage) -> None:
    """A REVOKE counts from the mempool on."""
    world.act(
        "the publisher revokes it",
        world.publisher, "image", "revoke", f"{world.name}@{bad.digest}", "--reason", "compromised",
    )  # fmt: skip
    world.asked("it is refused before the next block", f":1.1@{bad.digest}", "REVOKED", 12)
    world.harness.node.mine(1)
    fixed = world.push("1.2", "latest", text="hello from acme/app 1.2")
    world.release(world.publisher, fixed, "1.2,latest")
    world.harness.node.mine(1)
    world.asked("its successor verifies", ":latest", "VERIFIED", 0)


def hand_over(world: World) -> None:
    """The title goes to somebody else; the old owner can release nothing any more."""
    world.open_wallet(world.successor)
    address = world.successor.json("wallet", "receive", "--units")["address"]
    world.act("the publisher hands the repository over", world.publisher, "image", "transfer", world.name, address)
    world.harness.node.mine(1)
    late = world.push("1.3", text="too late")
    with world.story.step("the old owner tries to release 1.3", who="publisher") as step:
        refused = world.publisher.run(
            "image", "release", f"{world.name}:1.3", "--digest", late.digest,
            *world.password(world.publisher), "--yes", expect=3,
        )  # fmt: skip
        step.outcome = refused.stderr.splitlines()[0]
    with world.story.step("the new owner takes the definition over", who="successor"):
        world.successor.json("image", "publish", world.name)


def new_owner(world: World) -> None:
    """What the new owner releases is current, and counts for a consumer only once the owner was accepted."""
    second = world.push("2.0", "latest", text="hello from acme/app 2.0, under new management")
    world.release(world.successor, second, "2.0,latest")
    world.harness.node.mine(1)
    world.asked("the consumer has pinned another owner", ":2.0", "NEW_OWNER", 18)
    with world.story.step("the consumer accepts the new owner", who="consumer") as step:
        world.consumer.json("image", "pin", world.name, "--accept-owner", "--yes")
        world.verify(step, f"{world.name}:2.0", "VERIFIED", code=0)
