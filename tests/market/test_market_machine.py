"""Two traders, any order of listing, bidding, accepting, cancelling, bumping, restarts and reorganisations.

After each step everything is coloured anew by the judge, which shares no code with the program, and compared with what
wallets and index say.
"""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import rule

from assets.images.canonical import encode
from tests.attacks.ground import Ground
from tests.attacks.person import Person
from tests.regtest.people import KeepsKeys, asked, with_wallet
from tests.regtest.test_time_machine import DONE, FUNDS, Years, run

pytestmark = [pytest.mark.node, pytest.mark.registry]

WEIGHTS = {
    "buy": 7,
    "accept": 7,
    "mine": 5,
    "lots": 3,
    "title": 3,
    "cancel": 2,
    "rebid": 2,
    "recall": 1,
    "release": 2,
    "grant": 1,
    "bump": 1,
    "reorganise": 2,
    "restart": 1,
}
TRADES = ("lots", "title", "buy", "accept")


class Trades(Years):
    """What two traders do; every step is typed at the command line."""

    def __init__(self) -> None:
        super().__init__()
        self.asks: list[tuple[int, str, dict[str, Any]]] = []
        self.bids: list[tuple[int, str, dict[str, Any]]] = []
        self.files = 0

    @rule(seed=st.integers(0, 2**32 - 1))
    def step(self, seed: int) -> None:
        """One thing that may happen, drawn by its weight."""
        self.steps += 1
        chance = random.Random(f"{seed} {self.steps}")
        (what,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        note(f"step {seed}: {what}")
        self.trade(what, chance)

    def trade(self, what: str, chance: random.Random) -> None:
        """The thing, with everything else about it left to chance."""
        name = chance.choice(self.names)
        who = self.holders[name] if chance.random() < 0.9 else chance.randint(0, 1)
        price = f"0.000{chance.randint(1, 9)}"
        match what:
            case "lots":
                self.listed(who, name, "--access", "--copies", str(chance.randint(1, 3)), "--price", price)
            case "title":
                self.listed(who, name, "--title", "--keep-lots", "--price", price)
            case "buy" if self.asks:
                seller, _, ask = chance.choice(self.asks[-6:])
                self.buy(1 - seller, ask, chance.randint(1, 3))
            case "accept" if self.bids:
                self.accept(*chance.choice(self.bids[-6:]))
            case "cancel" if self.bids:
                buyer, _, bid = chance.choice(self.bids[-6:])
                self.typed("cancel", buyer, "market", "cancel", bid["bid"][:20], "--fee-rate", "3")
            case "rebid" if self.bids:
                buyer, made_for, bid = chance.choice(self.bids[-6:])
                rate = str(chance.randint(3, 9))
                said = self.typed("rebid", buyer, "market", "buy", "--bump", bid["bid"][:20], "--fee-rate", rate)
                if said is not None:
                    self.bids.append((buyer, made_for, said.document))
            case "recall":
                self.typed("recall", who, "market", "cancel", name, "--lots", "--fee-rate", "2")
            case _:
                self.happen(what, chance)

    def listed(self, who: int, name: str, *options: str) -> None:
        """A listing, or some."""
        said = self.typed("lots" if "--access" in options else "title", who, "market", "sell", name, *options)
        if said is not None:
            self.asks.extend((who, name, ask) for ask in said.document["asks"])

    def buy(self, who: int, ask: dict[str, Any], rate: int) -> None:
        """A bid on a listing that may be long gone."""
        path = self.document(who, encode({key: value for key, value in ask.items() if key != "id"}))
        said = self.typed("buy", who, "market", "buy", path, "--fee-rate", str(rate), "--expires", "20")
        if said is not None:
            self.bids.append((who, ask["sells"], said.document))

    def accept(self, buyer: int, sells: str, bid: dict[str, Any]) -> None:
        """The other one completes a bid that may be long gone."""
        path = self.document(1 - buyer, bid["package"].encode())
        done = self.typed("accept", 1 - buyer, "market", "accept", path)
        if done is not None and sells != "access":
            self.follow_titles()

    def follow_titles(self) -> None:
        """Who holds what now: the next steps should mostly be possible ones."""
        for who, person in enumerate(self.people):
            for one in asked(person, "wallet", "balance")["units"]:
                if one["title"] and one["name"] in self.holders:
                    self.holders[one["name"]] = who

    def document(self, who: int, data: bytes) -> str:
        """A file in somebody's home."""
        self.files += 1
        path: Path = self.people[who].home / f"paper-{self.run_number}-{self.files}"
        path.write_bytes(data + b"\n")
        return str(path)

    def confirmed_coins_are_complete(self, person: Person, held: list[dict[str, Any]]) -> None:
        """As for any wallet, with the keys of lots, which are no ranges."""
        with person.house() as house:
            descriptors = [one.text for one in house.account.descriptors()]
            house.database.close()
        wanted = [{"desc": one, "range": 80} if "*" in one else {"desc": one} for one in descriptors]
        scan = self.ground.node.rpc("scantxoutset", "start", wanted)
        there = [{"txid": one["txid"], "vout": one["vout"]} for one in scan["unspents"]]
        spending = self.ground.node.rpc("gettxspendingprevout", there) if there else []
        free = {f"{one['txid']}:{one['vout']}" for one in spending if "spendingtxid" not in one}
        assert {coin["outpoint"] for coin in held if coin["confirmations"] > 0} == free


@pytest.fixture(scope="module")
def trades(ground: Ground) -> type[Trades]:
    """The machine on its chain, with two traders who have several coins each."""
    traders = tuple(with_wallet(ground, name, houses=KeepsKeys) for name in ("anne", "bert"))
    for trader in traders:
        for _ in range(6):
            ground.node.fund(asked(trader, "wallet", "receive")["address"], FUNDS)
    ground.node.mine(6)

    class OnThisGround(Trades):
        pass

    OnThisGround.ground = ground
    OnThisGround.people = (traders[0], traders[1])
    OnThisGround.funded = ground.node.height()
    return OnThisGround


def test_wallets_and_index_follow_the_chain_whatever_is_traded(trades: type[Trades]) -> None:
    DONE.clear()
    run(trades, examples=2, steps=16)
    print(json.dumps(DONE, indent=1))
    assert sum(DONE[step] for step in TRADES) > 0, DONE


@pytest.mark.slow
def test_wallets_and_index_follow_the_chain_for_many_trades(trades: type[Trades]) -> None:
    DONE.clear()
    run(trades, examples=5, steps=40)
    assert all(DONE[step] > 0 for step in (*TRADES, "cancel", "rebid")), Counter(DONE)
