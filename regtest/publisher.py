"""A publisher who types commands on a harness's node and registry: for benchmarks of what they cost."""

from typing import Any

from regtest.harness import Harness
from regtest.image import BuiltImage, build_image, push
from regtest.party import Party

PASSWORD = "only for the benchmark"  # noqa: S105 - the wallet of a throw-away chain
FUNDS = 5_000_000


class Publisher:
    """A party with a wallet, some bitcoin, and one image after the other."""

    def __init__(self, harness: Harness, *, coins: int = 4) -> None:
        self.harness = harness
        self.party: Party = harness.party("publisher")
        self.name = f"{harness.registry.host}/acme/app"
        self._password = ("--password-file", str(self.party.secret("password", PASSWORD)))
        self.act("wallet", "create", "--words-out", str(self.party.home / "words"))
        for _ in range(coins):
            address = self.party.json("wallet", "receive")["address"]
            harness.node.fund(address, FUNDS // coins)
        harness.node.mine()

    def act(self, *arguments: str) -> dict[str, Any]:
        """A command that signs."""
        return self.party.json(*arguments, *self._password, "--yes")

    def issue(self, name: str | None = None, *options: str) -> dict[str, Any]:
        """The asset of a repository, in a block."""
        answer = self.act("image", "issue", name or self.name, *options)
        self.harness.node.mine()
        return answer

    def push(self, name: str, *tags: str, text: str = "hello") -> BuiltImage:
        """An image under these tags."""
        folder = self.harness.folder / "images" / f"{name.rpartition('/')[2]}-{tags[0]}"
        built = build_image(folder, tag=tags[0], text=f"{text} {tags[0]}")
        for tag in tags:
            push(built, f"{name}:{tag}")
        return built

    def release(self, name: str, *tags: str) -> dict[str, Any]:
        """An image for these tags, pushed and released; it waits in the mempool."""
        built = self.push(name, *tags)
        return self.act("image", "release", f"{name}:{','.join(tags)}", "--digest", built.digest)
