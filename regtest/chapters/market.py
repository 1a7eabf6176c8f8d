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

TITLE_PRICE = "0.02"
_PASSWORD_FILE = "password"  # noqa: S105 - the name of a file


def sell_access(world: World, seller: Party) -> list[Party]:
    """The seller makes ten lots, hands them to a shop on another machine, and ten buyers come; the buyers."""
    sold = world.act(
        f"the {seller.name} makes ten lots of one access unit each",
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
    with world.story.step(f"the {seller.name} lists the access unit again", who=seller.name):
        seller.json(
            "market", "sell", world.name, "--access", "--copies", "1", "--price", PRICE, "--out", str(listing),
            *world.password(seller), "--yes",
        )  # fmt: skip
    with world.story.step(f"the {buyer.name} bids by file", who=buyer.name):
        buyer.json("market", "buy", str(listing), "--out", str(bid), *world.password(buyer), "--yes")
    with world.story.step(f"the {seller.name} accepts", who=seller.name) as step:
        step.spent(seller.json("market", "accept", str(bid), *world.password(seller), "--yes"))
    world.harness.node.mine(1)
    with world.story.step("the unit has moved on", who=buyer.name):
        world.story.expect("the seller's units", _units(seller), (0, False))
        held = _units(buyer)[0]
        world.story.expect("the buyer's units", held, max(held, 1))


def sell_repository(world: World, seller: Party, buyer: Party) -> None:
    """The title with its treasury changes hands for a price, in one transaction that both signed as a whole."""
    listing, bid = seller.home / "title.json", buyer.home / "title-bid.json"
    with world.story.step(f"the {seller.name} lists the repository with its treasury", who=seller.name) as step:
        listed = seller.json(
            "market", "sell", world.name, "--title", "--price", TITLE_PRICE, "--out", str(listing),
            *world.password(seller), "--yes",
        )  # fmt: skip
        (ask,) = listed["asks"]
        step.outcome = f"{ask['sells']}, {len(ask['coins'])} coins, {ask['price']:,} sat"
    with world.story.step(f"the {buyer.name} checks it and bids", who=buyer.name) as step:
        made = buyer.json(
            "market", "buy", str(listing), "--name", world.name, "--out", str(bid), *world.password(buyer), "--yes"
        )
        step.outcome = f"bid {made['bid'][:16]}, {made['vsize']} vB, {made['fee']} sat"
    with world.story.step(f"the {seller.name} checks the bid, signs last and sends the sale", who=seller.name) as step:
        sale = seller.json("market", "accept", str(bid), *world.password(seller), "--yes")
        step.spent(sale)
    world.harness.node.mine(1)
    with world.story.step(f"the repository is the {buyer.name}'s", who=buyer.name) as step:
        owned = [one["name"] for one in buyer.json("image", "list")["repositories"] if one["owned"]]
        world.story.expect("what the buyer owns", owned, [world.name])
        step.outcome = "the old owner can release no more"


def _buyer(world: World, number: int) -> Party:
    """Somebody with a wallet and some bitcoin, without a step of their own."""
    buyer = world.harness.party(f"buyer {number + 1}")
    secret = buyer.secret(_PASSWORD_FILE, PASSWORD)
    buyer.json("wallet", "create", "--password-file", str(secret), "--words-out", str(world.words(buyer)), "--yes")
    world.harness.node.fund(buyer.json("wallet", "receive")["address"], FUNDS)
    return buyer


def _buy(world: World, buyer: Party, url: str, ask: str) -> None:
    with world.story.step(f"the {buyer.name} buys one from the shop", who=buyer.name) as step:
        bought = buyer.json("market", "buy", url, "--ask", ask, "--name", world.name, *world.password(buyer), "--yes")
        world.story.expect("the shop's answer", bought["state"], "sold, waiting for a block")
        step.spent(bought)


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
