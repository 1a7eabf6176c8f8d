"""Two owners, any order of what they can do, restarts and reorganisations: wallet and index never leave the chain.

After each step everything is coloured anew from the first block on by the judge, which shares no code with the program,
and compared with what index and wallets say, and with the node's own UTXO set.
"""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.attacks.ground import Ground
from tests.attacks.person import Person, Said
from tests.judge.simple_coloring import Judged, Units, judge_chain
from tests.regtest.people import KeepsKeys, asked, password, with_wallet
from wallet.hashes import parse_txid

pytestmark = [pytest.mark.node, pytest.mark.registry, pytest.mark.long]

FUNDS = 3_000_000
REFUSED = 3
ADDRESSES = 500
"""More of each kind than years of grants and hand-overs use up."""

WEIGHTS = {
    "release": 5,
    "mine": 4,
    "grant": 3,
    "transfer": 3,
    "bump": 3,
    "reorganise": 3,
    "revoke": 2,
    "define": 2,
    "issue": 1,
    "restart": 1,
}
DONE: Counter[str] = Counter()
"""How often each step did what it is for, in the whole run."""


def held_words(units: Units) -> str:
    """What a wallet says of a coin with these units."""
    if units.title:
        return f"the title of {units.genesis}"
    return f"{units.quantity:,} access units of {units.genesis}"


class Years(RuleBasedStateMachine):
    """What two owners do; every step is typed at the command line."""

    ground: Ground
    people: tuple[Person, Person]
    funded: int
    run_number = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).run_number += 1
        self.shaken = False
        self.steps = 0
        self.names: list[str] = []
        self.digests: dict[str, list[str]] = {}
        self.holders: dict[str, int] = {}

    # What the owners do.

    def typed(self, step: str, who: int, *arguments: str) -> Said | None:
        """A command that may be refused for a good reason, and never fails otherwise; None where it was refused."""
        person = self.people[who]
        said = person.run(*arguments, *password(person), "--yes", "--json", expect=None)
        assert said.code in (0, REFUSED), f"{arguments} ended with {said.code}\n{said.stdout}{said.stderr}"
        if said.code == REFUSED:
            assert said.document["error"]["message"]
            DONE[f"{step} refused: {said.document['error']['message'].split(':')[0][:50]}"] += 1
            return None
        DONE[step] += 1
        return said

    @initialize()
    def begin(self) -> None:
        """Each owner has a repository, so that there is something to do."""
        for who in (0, 1):
            self.issue(who)
        self.mine(1)

    @rule(seed=st.integers(0, 2**32 - 1))
    def step(self, seed: int) -> None:
        """One thing that may happen, drawn by its weight: Hypothesis by itself hardly ever comes to the later rules."""
        self.steps += 1
        chance = random.Random(f"{seed} {self.steps}")  # small numbers and repetitions are drawn more often
        (what,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        note(f"step {seed}: {what}")
        self.happen(what, chance)

    def happen(self, what: str, chance: random.Random) -> None:
        """The thing, with everything else about it left to chance."""
        name = chance.choice(self.names)
        who = self.holders[name] if chance.random() < 0.9 else chance.randint(0, 1)
        match what:
            case "issue":
                self.issue(who)
            case "release":
                self.release(who, name, chance.choice(("1.0", "latest")), final=chance.random() < 0.2)
            case "revoke" if self.digests[name]:
                digest = chance.choice(self.digests[name])
                self.typed("revoke", who, "image", "revoke", f"{name}@{digest}", "--reason", "broken")
            case "define":
                text = f"text {chance.randint(0, 99)}"
                self.typed("define", who, "image", "define", name, "--description", text)
            case "grant":
                share = f"{self.address(1 - who)}={chance.randint(1, 1_000)}"
                self.typed("grant", who, "access", "grant", name, share)
            case "transfer":
                options = chance.choice(((), ("--no-treasury",)))
                if self.typed("transfer", who, "image", "transfer", name, self.address(1 - who), *options):
                    self.holders[name] = 1 - who
            case "bump":
                self.bump(who, chance.randint(2, 6))
            case "restart":
                self.ground.node.restart()
                DONE["restart"] += 1
            case "reorganise":
                self.reorganise(chance.randint(1, 6), chance.choice(("mined again", "waiting", "gone")))
            case _:
                self.mine(chance.randint(1, 3))

    def address(self, who: int) -> str:
        """A fresh unit address."""
        return str(asked(self.people[who], "wallet", "receive", "--units")["address"])

    def issue(self, who: int) -> None:
        """A new repository, published."""
        name = self.ground.name(f"years/{self.run_number}/{len(self.names)}")
        if self.typed("issue", who, "image", "issue", name):
            self.names.append(name)
            self.digests[name] = []
            self.holders[name] = who

    def release(self, who: int, name: str, tag: str, *, final: bool) -> None:
        """A new image under a tag."""
        digest = str(self.ground.push(name, tag, f"{name} {len(self.digests[name])} {who}"))
        options = ("--final",) if final else ()
        if self.typed("release", who, "image", "release", f"{name}:{tag}", "--digest", digest, *options):
            self.digests[name].append(digest)

    def bump(self, who: int, rate: int) -> None:
        """The newest transaction that waits pays more."""
        waiting = asked(self.people[who], "wallet", "history")["transactions"]
        pending = [one for one in waiting if one["state"] == "pending" and one["kind"] != "received"]
        if pending:
            self.typed("bump", who, "wallet", "bump", pending[0]["txid"], "--fee-rate", str(rate))

    def mine(self, count: int) -> None:
        """Blocks with all that waits."""
        self.ground.node.mine(count)
        DONE["mine"] += 1

    def reorganise(self, depth: int, kind: str) -> None:
        """The last blocks give way; the money that both began with is not undone."""
        depth = min(depth, self.ground.node.height() - self.funded)
        if depth >= 1:
            self.ground.node.reorg(depth, confirm=kind == "mined again", resurrect=kind != "gone")
            DONE[f"reorg, {kind}"] += 1
            self.shaken = True

    # What must be so after each step.

    @invariant()
    def agree(self) -> None:
        """Wallets first: they send again what fell out, so that the mempool is settled when the judge reads it."""
        for person in self.people if self.shaken else ():
            asked(person, "wallet", "history")
        self.shaken = False
        coins = [asked(person, "wallet", "coins")["coins"] for person in self.people]
        judged = judge_chain(self.ground.node)
        for person, held in zip(self.people, coins, strict=True):
            self.coins_exist(held)
            self.confirmed_coins_are_complete(person, held)
        self.units_agree(judged, [coin for held in coins for coin in held])
        for genesis in judged.repositories:
            self.ground.agreed(parse_txid(genesis), judged)

    def coins_exist(self, held: list[dict[str, Any]]) -> None:
        """The node has every coin of a wallet, with its value."""
        for coin in held:
            txid, _, vout = coin["outpoint"].partition(":")
            found = self.ground.node.rpc("gettxout", txid, int(vout))
            assert found is not None, coin
            assert round(float(found["value"]) * 1e8) == coin["sats"]
            assert found["confirmations"] == coin["confirmations"]

    def confirmed_coins_are_complete(self, person: Person, held: list[dict[str, Any]]) -> None:
        """The wallet misses no coin of its descriptors that is in a block and that the mempool does not spend."""
        descriptors = [one["descriptor"] for one in asked(person, "wallet", "show")["descriptors"]]
        scan = self.ground.node.rpc("scantxoutset", "start", [{"desc": one, "range": ADDRESSES} for one in descriptors])
        there = [{"txid": one["txid"], "vout": one["vout"]} for one in scan["unspents"]]
        spending = self.ground.node.rpc("gettxspendingprevout", there) if there else []
        free = {f"{one['txid']}:{one['vout']}" for one in spending if "spendingtxid" not in one}
        assert {coin["outpoint"] for coin in held if coin["confirmations"] > 0} == free

    def units_agree(self, judged: Judged, held: list[dict[str, Any]]) -> None:
        """Both wallets together hold every genuine unit that they ever made, as the judge has it."""
        ours = {
            f"{txid}:{vout}": held_words(units)
            for (txid, vout), units in judged.genuine.items()
            if (txid, vout) not in judged.spent
        }
        said = {coin["outpoint"]: coin["holds"] for coin in held if coin["holds"]}
        assert said == ours


@pytest.fixture(scope="module")
def years(ground: Ground) -> type[Years]:
    """The machine on its chain, with two owners who were paid."""
    owners = tuple(with_wallet(ground, name, sats=FUNDS, houses=KeepsKeys) for name in ("anne", "bert"))
    ground.node.mine(6)

    class OnThisGround(Years):
        pass

    OnThisGround.ground = ground
    OnThisGround.people = (owners[0], owners[1])
    OnThisGround.funded = ground.node.height()
    return OnThisGround


def run(machine: type[Years], *, examples: int, steps: int) -> None:
    """Plays some runs; each goes on with the chain and the wallets of the one before."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )


def test_wallet_and_index_follow_the_chain_whatever_happens(years: type[Years]) -> None:
    DONE.clear()
    run(years, examples=4, steps=12)
    assert DONE, "nothing happened"


@pytest.mark.slow
def test_wallet_and_index_follow_the_chain_for_years(years: type[Years]) -> None:
    DONE.clear()
    run(years, examples=30, steps=40)
    for step in ("issue", "release", "revoke", "define", "grant", "transfer", "bump", "restart", "mine"):
        assert DONE[step] > 0, DONE
