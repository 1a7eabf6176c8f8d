"""Access is sold by a shop to ten buyers, one of them sells it on, and at last the repository itself is sold."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regtest.chapters.world import PASSWORD, World
from regtest.errors import CommandError
from regtest.party import Party

BUYERS = 10
PRICE = "0.0005"
"""BTC for one access unit."""

FUNDS = 300_000
"""Sats that each buyer starts with."""

SELLERS_FUNDS = 50_000
"""Sats for making lots; what they sell for comes later."""

COLLECTORS_FUNDS = 3_000_000
"""Sats."""

TITLE_PRICE = "0.02"
_PASSWORD_FILE = "password"  # noqa: S105 - the name of a file


def sell_access(world: World, seller: Party) -> list[Party]:
    """The seller makes ten lots, hands their keys to a shop on another machine, and ten buyers come: these.

    The shop is told nothing of its seller's wallet, and the seller's wallet sees the sales in the chain.
    """
    world.pay(seller, SELLERS_FUNDS)
    sold = world.act(
        "the owner makes ten lots of one access unit each",
        seller,
        "market", "sell", world.name, "--access", "--copies", str(BUYERS), "--price", PRICE,
    )  # fmt: skip
    world.harness.node.mine(1)
    bundle = seller.home / "shop.json"
    with world.story.step("their keys, and no others, go to a shop's machine", who=seller.name) as step:
        exported = seller.json("market", "export-shop", world.name, str(bundle), *world.password(seller), "--yes")
        world.story.expect("lots at the shop", exported["lots"], BUYERS)
        step.outcome = f"{exported['lots']} lots in {bundle.stat().st_size:,} bytes"
    buyers = [_buyer(world, number) for number in range(BUYERS)]
    world.harness.node.mine(1)
    with shop(bundle, world.harness.party("shop")) as url:
        for buyer, ask in zip(buyers, sold["asks"], strict=True):
            _buy(world, buyer, url, ask["id"])
        _sold_out(world, buyers[0], url)
    world.harness.node.mine(1)
    with world.story.step("everybody sees ten sales", who=seller.name) as step:
        own = seller.json("market", "offers", world.name)["own"]
        states = [view["state"] for view in own if view["id"] in exported["asks"]]
        world.story.expect("states of the lots", states, ["sold"] * BUYERS)
        step.outcome = "each buyer holds one access unit"
        for buyer in buyers:
            world.story.expect("access units", _units(buyer), (1, False))
    return buyers


def resell(world: World, seller: Party, buyer: Party) -> None:
    """One buyer sells the unit on: by file, without any shop."""
    listing, bid = seller.home / "listing", buyer.home / "bid"
    with world.story.step(f"{seller.name} lists the access unit for sale", who=seller.name):
        seller.json(
            "market", "sell", world.name, "--access", "--copies", "1", "--price", PRICE, "--out", str(listing),
            *world.password(seller), "--yes",
        )  # fmt: skip
    with world.story.step(f"{buyer.name} bids by file", who=buyer.name):
        buyer.json("market", "buy", str(listing), "--out", str(bid), *world.password(buyer), "--yes")
    with world.story.step(f"{seller.name} accepts", who=seller.name) as step:
        step.spent(seller.json("market", "accept", str(bid), *world.password(seller), "--yes"))
    world.harness.node.mine(1)
    with world.story.step("the unit has moved on", who=buyer.name) as step:
        world.story.expect("the seller's units", _units(seller), (0, False))
        world.story.expect("the buyer's units", _units(buyer), (2, False))
        step.outcome = f"{seller.name} has none left, {buyer.name} holds two"


def collector(world: World) -> Party:
    """Somebody with the money for a whole repository."""
    buyer = world.harness.party("collector")
    world.open_wallet(buyer)
    world.pay(buyer, COLLECTORS_FUNDS)
    return buyer


def sell_repository(world: World, seller: Party, buyer: Party) -> None:
    """The title with its treasury changes hands for a price, in one transaction that both signed as a whole."""
    listing, bid = seller.home / "title.json", buyer.home / "title-bid.json"
    with world.story.step("the owner lists the repository with its treasury", who=seller.name) as step:
        listed = seller.json(
            "market", "sell", world.name, "--title", "--price", TITLE_PRICE, "--out", str(listing),
            *world.password(seller), "--yes",
        )  # fmt: skip
        (ask,) = listed["asks"]
        units = sum(coin["quantity"] for coin in ask["coins"]) - 1
        step.outcome = f"the title and {units:,} access units, for {ask['price']:,} sat"
    with world.story.step(f"the {buyer.name} checks it and bids", who=buyer.name) as step:
        made = buyer.json(
            "market", "buy", str(listing), "--name", world.name, "--out", str(bid), *world.password(buyer), "--yes"
        )
        step.outcome = f"bid {made['bid'][:16]}, {made['vsize']} vB, {made['fee']} sat"
    with world.story.step("the owner checks the bid, signs last and sends the sale", who=seller.name) as step:
        sale = seller.json("market", "accept", str(bid), *world.password(seller), "--yes")
        step.spent(sale)
    world.harness.node.mine(1)
    with world.story.step(f"the repository is the {buyer.name}'s", who=buyer.name) as step:
        owned = [one["name"] for one in buyer.json("image", "list")["repositories"] if one["owned"]]
        world.story.expect("what the buyer owns", owned, [world.name])
        units, title = _units(buyer)
        world.story.expect("units and title", (units > 0, title), (True, True))
        step.outcome = f"with {units:,} access units"
    _released_by(world, seller, buyer)


def _released_by(world: World, old: Party, new: Party) -> None:
    """Only the new owner can release, and whoever pinned the repository is asked before that counts for them."""
    image = world.push("4.0", text="hello from acme/app 4.0, which was paid for")
    with world.story.step("the old owner tries to release 4.0", who=old.name) as step:
        refused = old.run(
            "image", "release", f"{world.name}:4.0", "--digest", image.digest, *world.password(old), "--yes", expect=3
        )
        step.outcome = refused.stderr.splitlines()[0]
    world.release(new, image, "4.0")
    world.harness.node.mine(1)
    world.asked("the consumer has not accepted the buyer yet", ":4.0", "NEW_OWNER", 18)


def _buyer(world: World, number: int) -> Party:
    """Somebody with a wallet and some bitcoin, without a step of their own."""
    buyer = world.harness.party(f"buyer {number + 1}")
    secret = buyer.secret(_PASSWORD_FILE, PASSWORD)
    buyer.json("wallet", "create", "--password-file", str(secret), "--words-out", str(world.words(buyer)), "--yes")
    world.harness.node.fund(buyer.json("wallet", "receive")["address"], FUNDS)
    return buyer


def _buy(world: World, buyer: Party, url: str, ask: str) -> None:
    with world.story.step(f"{buyer.name} buys one from the shop", who=buyer.name) as step:
        bought = buyer.json("market", "buy", url, "--ask", ask, "--name", world.name, *world.password(buyer), "--yes")
        world.story.expect("the shop's answer", bought["state"], "sold, waiting for a block")
        step.spent(bought)


def _sold_out(world: World, late: Party, url: str) -> None:
    with world.story.step("the shop is sold out", who=late.name) as step:
        refused = late.run("market", "buy", url, "--name", world.name, *world.password(late), "--yes", expect=3)
        step.outcome = refused.stderr.splitlines()[0]


def _units(party: Party) -> tuple[int, bool]:
    found = party.json("wallet", "balance")["units"]
    return (found[0]["access_units"], found[0]["title"]) if found else (0, False)


@contextmanager
def shop(bundle: Path, keeper: Party) -> Iterator[str]:
    """A shop that serves a bundle, as a process of a party that has no wallet; its URL."""
    command = [sys.executable, "-m", "tui", "market", "serve", str(bundle), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=keeper.environment, cwd=keeper.home
    )
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            found = re.search(r"selling at (http://\S+)", line)
            if found is not None:
                yield found[1]
                return
        raise CommandError(f"{keeper.name}: the shop did not start\n{''.join(said)}")
    finally:
        process.terminate()
        process.wait(30)
        if process.stderr is not None:
            process.stderr.close()
