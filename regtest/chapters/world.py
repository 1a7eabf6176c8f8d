"""What the chapters of the story share: the parties, the images that were pushed, and the ways to ask and to act."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regtest.harness import Harness, Party
from regtest.image import BuiltImage, build_image, push
from regtest.story import Step, Story

PASSWORD = "only for the harness"  # noqa: S105 - wallets of a throw-away regtest chain
PLATFORMS = ("linux/amd64", "linux/arm64")


@dataclass(slots=True, kw_only=True)
class World:
    """The story, the network it plays on, and what has happened so far."""

    story: Story
    harness: Harness
    images: dict[str, BuiltImage] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The image repository that the story is about."""
        return f"{self.harness.registry.host}/acme/app"

    @property
    def publisher(self) -> Party:
        """Who issues the repository."""
        return self.harness.party("publisher")

    @property
    def consumer(self) -> Party:
        """Who runs the images."""
        return self.harness.party("consumer")

    @property
    def successor(self) -> Party:
        """Who takes the repository over."""
        return self.harness.party("successor")

    @property
    def stranger(self) -> Party:
        """Who would like to speak for the repository, and does not."""
        return self.harness.party("stranger")

    def password(self, party: Party) -> tuple[str, str]:
        """The option that gives a party's password."""
        return "--password-file", str(party.secret("password", PASSWORD))

    def words(self, party: Party) -> Path:
        """The file with a party's recovery words."""
        return party.home / "words"

    def open_wallet(self, party: Party) -> None:
        """A party makes a wallet; the words go to a file of its home."""
        with self.story.step(f"the {party.name} creates a wallet", who=party.name) as step:
            created = party.json(
                "wallet", "create", *self.password(party), "--words-out", str(self.words(party)), "--yes"
            )
            step.outcome = f"fingerprint {created['fingerprint']}, first address {created['address']}"

    def pay(self, party: Party, sats: int) -> None:
        """The miner pays a party, in a block."""
        with self.story.step(f"the {party.name} is paid {sats / 100_000_000:g} BTC", who=party.name) as step:
            address = party.json("wallet", "receive")["address"]
            txid = self.harness.node.fund(address, sats)
            self.harness.node.mine(1)
            self.story.expect("confirmed balance", party.json("wallet", "balance")["confirmed"], sats)
            step.outcome = f"received in {txid}"

    def push(self, *tags: str, text: str, who: str = "ci", heading: str = "") -> BuiltImage:
        """Build an image for two platforms and push it with skopeo under each tag."""
        heading = heading or f"an image for two platforms is built and pushed as {', '.join(tags)}"
        with self.story.step(heading, who=who) as step:
            image = self.build(text, tags[0])
            for tag in tags:
                push(image, f"{self.name}:{tag}")
            step.outcome = image.digest
        return image

    def build(self, text: str, tag: str) -> BuiltImage:
        """An image that says `text`."""
        folder = self.harness.folder / "images" / str(len(self.images))
        image = self.images[text] = build_image(folder, tag=tag, text=text, platforms=PLATFORMS)
        return image

    def act(self, heading: str, party: Party, *arguments: str) -> dict[str, Any]:
        """A step in which a party sends transactions."""
        with self.story.step(heading, who=party.name) as step:
            answer = party.json(*arguments, *self.password(party), "--yes")
            for transaction in answer["transactions"]:
                step.spent(transaction)
        return answer

    def release(self, party: Party, image: BuiltImage, tags: str) -> dict[str, Any]:
        """A party binds the digest that the builder printed to tags."""
        return self.act(
            f"the {party.name} releases {tags}",
            party,
            "image", "release", f"{self.name}:{tags}", "--digest", image.digest,
        )  # fmt: skip

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

    def asked(self, heading: str, what: str, verdict: str, code: int, *options: str) -> dict[str, Any]:
        """A step in which the consumer asks about `name` + `what`, such as `:1.0` or `:1.0@sha256:...`."""
        with self.story.step(heading, who="consumer") as step:
            return self.verify(step, f"{self.name}{what}", verdict, *options, code=code)
