"""A closed image: whoever buys access pulls it with the tools that people have, and whoever sells it on cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from regtest.chapters.market import shop
from regtest.chapters.world import World
from regtest.gated import GatedRegistry, skopeo_of
from regtest.party import Completed, Party

FUNDS = 2_000_000
"""Sats that the studio and its viewers start with."""

PRICE = "0.0005"
"""BTC for one access unit."""

DENIED = "requested access to the resource is denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A closed repository, who publishes it, and where it lies."""

    world: World
    place: GatedRegistry
    studio: Party

    @property
    def name(self) -> str:
        """The repository, at a registry that asks the gate."""
        return f"{self.place.host}/studio/film"


def tell(world: World) -> None:
    """The whole chapter."""
    with closed_registry(world) as closed:
        digest = release(closed)
        refused(closed, world.stranger, "a stranger pulls it with skopeo, and is refused")
        first, second = _viewer(closed, "viewer"), _viewer(closed, "second viewer")
        buy(closed, first)
        log_in(closed, first)
        pulled(closed, first, "docker's and podman's tools pull it now: skopeo copy")
        opened(closed, first, digest)
        sell_on(closed, first, second)
        refused(closed, first, "the one who sold it pulls again, and is refused")
        log_in(closed, second)
        pulled(closed, second, "the one who bought it pulls it")
        log_out(closed, first)


@contextmanager
def closed_registry(world: World) -> Iterator[Closed]:
    """The studio issues a repository whose definition names a gate, and somebody without a wallet runs the gate."""
    studio, keeper = world.harness.party("studio"), world.harness.party("gate")
    with GatedRegistry(world.harness.folder / "closed", keeper) as place:
        closed = Closed(world=world, place=place, studio=studio)
        world.open_wallet(studio)
        world.pay(studio, FUNDS)
        world.act(
            "the studio issues a repository whose definition names a gate",
            studio, "image", "issue", closed.name, "--gate", place.origin, "--no-publish",
        )  # fmt: skip
        world.harness.node.mine(1)
        with world.story.step("a gate and a registry start from a bundle without words", who="gate") as step:
            genesis = studio.json("image", "list")["repositories"][0]["genesis"]
            studio.json("image", "pin", closed.name, "--genesis", genesis, "--yes")
            studio.json(
                "access", "export-gate", str(place.bundle), "--origin", place.origin, *world.password(studio)
            )  # fmt: skip
            place.start()
            step.outcome = "no accounts: the chain says who may pull and push"
        log_in(closed, studio)
        with world.story.step("the definition goes where everybody can read it", who="studio") as step:
            studio.json("image", "publish", closed.name)
            step.outcome = "the public sibling, studio/film/dockchains"
        yield closed


def release(closed: Closed) -> str:
    """The image is sealed and released, and the gate gets its key; the digest of the image."""
    world, studio = closed.world, closed.studio
    image = world.build("a film for those who paid", "1.0")
    world.act(
        "the studio encrypts, pushes, seals and releases 1.0",
        studio, "image", "release", f"{closed.name}:1.0", "--sealed", "--layout", f"oci:{image.layout}:{image.tag}",
    )  # fmt: skip
    world.harness.node.mine(1)
    with world.story.step("the gate gets the key of 1.0", who="studio") as step:
        exported = studio.json("access", "export-gate", str(closed.place.bundle), "--keep-key", *world.password(studio))
        world.story.expect("what the bundle lacks", exported["missing"], {})
        closed.place.start_gate()
        step.outcome = "by a new export of its bundle"
    return image.digest


def buy(closed: Closed, viewer: Party) -> None:
    """One access unit, from a shop."""
    world, studio = closed.world, closed.studio
    sold = world.act(
        "the studio makes one lot of access",
        studio, "market", "sell", closed.name, "--access", "--copies", "1", "--price", PRICE,
    )  # fmt: skip
    world.harness.node.mine(1)
    bundle = studio.home / "lots.json"
    studio.json("market", "export-shop", closed.name, str(bundle), *world.password(studio), "--yes")
    heading = f"the {viewer.name} buys it from the shop"
    with shop(bundle, world.harness.party("box office")) as url, world.story.step(heading, who=viewer.name) as step:
        bought = viewer.json(
            "market", "buy", url, "--ask", sold["asks"][0]["id"], "--name", closed.name,
            *world.password(viewer), "--yes",
        )  # fmt: skip
        step.spent(bought)
    world.harness.node.mine(1)


def log_in(closed: Closed, party: Party) -> None:
    """A session key is vouched for once; words and password stay where they are."""
    with closed.world.story.step(f"the {party.name} logs in with the wallet", who=party.name) as step:
        login = party.json("access", "login", closed.name, *closed.world.password(party), "--yes")
        closed.world.story.expect("the gate", login["gate"], closed.place.origin)
        closed.world.story.expect("files of container tools", len(login["files"]), 2)
        step.outcome = f"for {login['days_left']} days, in docker's and podman's files"


def pulled(closed: Closed, party: Party, heading: str) -> None:
    """Unmodified skopeo copies the image, by the credential helper."""
    with closed.world.story.step(heading, who=party.name) as step:
        done = _copy(closed, party)
        closed.world.story.expect("skopeo's exit code", (done.code, done.stderr), (0, ""))
        step.verdict, step.outcome = "pulled", "copied"


def refused(closed: Closed, party: Party, heading: str) -> None:
    """The registry gives nothing."""
    with closed.world.story.step(heading, who=party.name) as step:
        done = _copy(closed, party)
        said = DENIED if DENIED in done.stderr else done.stderr
        closed.world.story.expect("skopeo's answer", (done.code, said), (1, DENIED))
        step.verdict, step.outcome = "denied", DENIED


def opened(closed: Closed, viewer: Party, digest: str) -> None:
    """`image pull` verifies the image, has its key from the gate, and hands over what was released, byte for byte."""
    with closed.world.story.step(f"the {viewer.name} pulls it verified and opened", who=viewer.name) as step:
        viewer.json("image", "pin", closed.name, "--yes")
        got = viewer.json("image", "pull", f"{closed.name}:1.0", "--to", f"oci:{viewer.home / 'film'}")
        closed.world.story.expect("the image", (got["digest"], got["opened"]), (digest, True))
        step.verdict = "VERIFIED"
        step.outcome = "the released digest, by the gate's key"


def sell_on(closed: Closed, seller: Party, buyer: Party) -> None:
    """The unit goes to somebody else by file."""
    world = closed.world
    listing, bid = seller.home / "film.json", buyer.home / "film-bid.json"
    with world.story.step(f"the {seller.name} sells the unit to the {buyer.name}", who=seller.name) as step:
        seller.json(
            "market", "sell", closed.name, "--access", "--copies", "1", "--price", PRICE, "--out", str(listing),
            *world.password(seller), "--yes",
        )  # fmt: skip
        buyer.json(
            "market", "buy", str(listing), "--name", closed.name, "--out", str(bid), *world.password(buyer), "--yes"
        )  # fmt: skip
        step.spent(seller.json("market", "accept", str(bid), *world.password(seller), "--yes"))
    world.harness.node.mine(1)


def log_out(closed: Closed, party: Party) -> None:
    """Nothing of the login is left."""
    with closed.world.story.step(f"the {party.name} logs out", who=party.name) as step:
        party.json("access", "logout", closed.name)
        left = [
            file for file in (".docker/config.json", ".config/containers/auth.json") if (party.home / file).exists()
        ]
        closed.world.story.expect("files that the login had made", left, [])
        closed.world.story.expect("logins", party.json("access", "login")["logins"], [])
        step.outcome = "session, key and entries are gone"


def _viewer(closed: Closed, name: str) -> Party:
    """Somebody with a wallet and some bitcoin, without a step of their own."""
    world = closed.world
    viewer = world.harness.party(name)
    viewer.json("wallet", "create", *world.password(viewer), "--words-out", str(world.words(viewer)), "--yes")
    world.harness.node.fund(viewer.json("wallet", "receive")["address"], FUNDS)
    world.harness.node.mine(1)
    return viewer


def _copy(closed: Closed, party: Party) -> Completed:
    target = party.home / "copied"
    return skopeo_of(
        party, "copy", "--all", "--src-tls-verify=false", f"docker://{closed.name}:1.0", f"oci:{target}:1.0"
    )
