"""The story that `make demo` tells: a publisher and a consumer, a real node, a real registry, real images.

Everything goes through the `dockchains` command, as a person or a pipeline would type it.
"""

import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from regtest.harness import Harness
from regtest.image import BuiltImage, build_image, push, run_image
from regtest.story import Step, Story, StoryError

PASSWORD = "only for the harness"  # noqa: S105 - wallets of a throw-away regtest chain
PLATFORMS = ("linux/amd64", "linux/arm64")
FUNDS = 5_000_000
"""Sats that the publisher starts with."""
WIDTH = 132
"""Columns of the story where it is written to a file."""


def run(console: Console | None = None) -> int:
    """Tell the whole story; 0 where every step turned out as it should, 1 otherwise."""
    console = console or _console()
    story = Story(console)
    with Harness() as harness:
        try:
            Telling(story, harness).tell()
        except Exception as error:  # noqa: BLE001 - whatever breaks the story is told, and fails the command
            console.print(f"[bold red]The story broke[/] in step {len(story.steps)}: {error}", highlight=False)
            if not isinstance(error, StoryError):
                console.print_exception()
            return 1
        finally:
            if story.steps:
                console.print(story.table())
    console.print("Every step turned out as it should.")
    return 0


def _console() -> Console:
    """The terminal's own width, and a width at which the table is readable where there is no terminal."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH)


class Telling:
    """The story's steps, in order, with what they share."""

    def __init__(self, story: Story, harness: Harness) -> None:
        self.story = story
        self.harness = harness
        self.publisher = harness.party("publisher")
        self.consumer = harness.party("consumer")
        self.name = f"{harness.registry.host}/acme/app"
        self.folder: Path = harness.folder / "images"
        self.password: tuple[str, ...] = ()

    def tell(self) -> None:
        """All of it."""
        self.open_wallets()
        first = self.push("1.0", "latest", text="hello from acme/app 1.0")
        self.issue()
        self.release(first, "1.0,latest")
        self.before_and_after_the_block(first)
        self.pin()
        self.run_by_digest(first)
        second = self.push("1.1", "latest", text="hello from acme/app 1.1")
        self.release(second, "1.1,latest")
        self.superseded(first, second)
        self.overwritten()
        self.never_released()

    def open_wallets(self) -> None:
        """Two parties who share nothing but the chain and the registry."""
        for party in (self.publisher, self.consumer):
            with self.story.step(f"the {party.name} creates a wallet", who=party.name) as step:
                secret = party.secret("password", PASSWORD)
                self.password = ("--password-file", str(secret))
                created = party.json(
                    "wallet", "create", *self.password, "--words-out", str(party.home / "words"), "--yes"
                )
                step.outcome = f"fingerprint {created['fingerprint']}, first address {created['address']}"
        self.password = ("--password-file", str(self.publisher.secret("password", PASSWORD)))
        with self.story.step("the publisher is paid 0.05 BTC", who="publisher") as step:
            address = self.publisher.json("wallet", "receive")["address"]
            txid = self.harness.node.fund(address, FUNDS)
            self.harness.node.mine(1)
            balance = self.publisher.json("wallet", "balance")
            self.story.expect("confirmed balance", balance["confirmed"], FUNDS)
            step.outcome = f"received in {txid}"

    def push(self, *tags: str, text: str) -> BuiltImage:
        """Build a two-arch image and push it with skopeo under each tag."""
        with self.story.step(f"an image for two platforms is built and pushed as {', '.join(tags)}", who="ci") as step:
            image = build_image(self.folder / tags[0], tag=tags[0], text=text, platforms=PLATFORMS)
            for tag in tags:
                push(image, f"{self.name}:{tag}")
            step.outcome = image.digest
        return image

    def issue(self) -> None:
        """One asset for the repository; its definition goes to the registry."""
        with self.story.step(f"the publisher issues the asset of {self.name}", who="publisher") as step:
            answer = self.publisher.json("image", "issue", self.name, *self.password, "--yes")
            for transaction in answer["transactions"]:
                step.spent(transaction)
            step.outcome = f"asset {answer['asset']}"
        self.harness.node.mine(1)

    def release(self, image: BuiltImage, tags: str) -> None:
        """Bind the digest that the builder printed to tags."""
        with self.story.step(f"the publisher releases {tags}", who="publisher") as step:
            answer = self.publisher.json(
                "image", "release", f"{self.name}:{tags}", "--digest", image.digest, *self.password, "--yes"
            )
            for transaction in answer["transactions"]:
                step.spent(transaction)

    def verify(self, step: Step, reference: str, verdict: str, *options: str, code: int) -> dict[str, Any]:
        """Ask as the consumer, once for people and once for programs, and hold both against what must be."""
        spoken = self.consumer.run("image", "verify", reference, *options, expect=code)
        answer = self.consumer.json("image", "verify", reference, *options, expect=code)
        step.verdict = str(answer["verdict"])
        self.story.expect("verdict", answer["verdict"], verdict)
        if code:
            self.story.expect("standard output of a refusal", spoken.stdout, "")
        else:
            self.story.expect("standard output", spoken.stdout.strip(), f"{self.name}@{answer['digest']}")
        return answer

    def before_and_after_the_block(self, image: BuiltImage) -> None:
        """PENDING until a block holds it, then UNPINNED until somebody but the registry vouches."""
        with self.story.step("before its first block the release is pending", who="consumer") as step:
            self.verify(step, f"{self.name}:1.0", "PENDING", code=15)
        self.harness.node.mine(1)
        with self.story.step("in a block, and nobody but the registry vouches", who="consumer") as step:
            answer = self.verify(step, f"{self.name}:1.0", "UNPINNED", code=10)
            self.story.expect("digest", answer["digest"], image.digest)

    def pin(self) -> None:
        """The consumer decides once whom the name belongs to."""
        with self.story.step("the consumer pins the repository", who="consumer") as step:
            pinned = self.consumer.json("image", "pin", self.name, "--yes")
            step.outcome = f"genesis {pinned['genesis']}"

    def run_by_digest(self, image: BuiltImage) -> None:
        """VERIFIED whole and by platform, and what runs is what verify printed."""
        with self.story.step("the pinned release verifies", who="consumer") as step:
            self.verify(step, f"{self.name}:1.0", "VERIFIED", code=0)
        for platform, child in image.children.items():
            with self.story.step(f"its manifest for {platform} verifies", who="consumer") as step:
                self.verify(step, f"{self.name}:1.0@{child}", "VERIFIED", code=0)
        with self.story.step("the image runs by the digest that verify printed", who="consumer") as step:
            printed = self.consumer.run("image", "verify", f"{self.name}:1.0").stdout.strip()
            said = run_image(printed, self.harness.folder / "run").strip()
            self.story.expect("what the image says", said, "hello from acme/app 1.0")
            step.outcome = f"it says: {said}"

    def superseded(self, first: BuiltImage, second: BuiltImage) -> None:
        """The newer release is current, the older one no longer is for `latest`, and still is for `1.0`."""
        self.harness.node.mine(1)
        with self.story.step("the new release verifies as latest", who="consumer") as step:
            answer = self.verify(step, f"{self.name}:latest", "VERIFIED", code=0)
            self.story.expect("digest", answer["digest"], second.digest)
        with self.story.step("the old digest is superseded for latest", who="consumer") as step:
            self.verify(step, f"{self.name}:latest@{first.digest}", "SUPERSEDED", code=11)
        with self.story.step("the old digest still is 1.0", who="consumer") as step:
            self.verify(step, f"{self.name}:1.0@{first.digest}", "VERIFIED", code=0)

    def overwritten(self) -> None:
        """Whoever can push can move a tag in the registry, but not on the chain."""
        with self.story.step("somebody overwrites the tag 1.0 in the registry", who="thief") as step:
            evil = build_image(self.folder / "evil", tag="evil", text="something else", platforms=PLATFORMS)
            push(evil, f"{self.name}:1.0")
            self.verify(step, f"{self.name}:1.0", "MISMATCH", code=13)

    def never_released(self) -> None:
        """A tag that the owner never spoke of."""
        with self.story.step("an image that was never released is pushed as 2.0", who="thief") as step:
            other = build_image(self.folder / "other", tag="2.0", text="not released", platforms=PLATFORMS)
            push(other, f"{self.name}:2.0")
            self.verify(step, f"{self.name}:2.0", "UNRELEASED", code=14)
