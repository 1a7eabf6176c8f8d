"""Paying more for what waits, on a real node: it takes the replacement, and the judge finds every unit in its place."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from assets.services.wallets.opening import NewWallet, create
from regtest.errors import RpcFailure
from regtest.harness import Harness
from regtest.image import build_image, push
from regtest.party import Party
from tests.judge.simple_coloring import Repository, judge_chain
from wallet.keys.keystore import KdfCost
from wallet.keys.mnemonic import generate
from wallet.network import REGTEST

pytestmark = [pytest.mark.node, pytest.mark.registry]

COIN = 100_000_000
CHEAP = KdfCost(passes=1, memory=8 * 1024, lanes=1)
"""A keystore that opens at once; one of full strength costs each signature a second."""


class Publisher:
    """Somebody who types commands, with funds and a password file."""

    def __init__(self, harness: Harness, name: str = "publisher") -> None:
        self.harness = harness
        self.node = harness.node
        self.party: Party = harness.party(name)
        self.password = ("--password-file", str(self.party.secret("password", "correct horse")))
        folder = Path(self.party.settings["DOCKCHAINS_HOME"]) / "regtest" / "wallets" / "default"
        words = generate(os.urandom(16))
        new = NewWallet(name="default", network=REGTEST, words=words, passphrase="", birth_height=0)
        create(new, folder, password="correct horse", now=1, cost=CHEAP)
        for _ in range(4):
            self.node.fund(self.party.json("wallet", "receive")["address"], 1_000_000)
        self.node.mine(1)

    def bump(self, txid: str, rate: str) -> dict[str, Any]:
        """A replacement that was sent, held against what the node says of it."""
        old = self.node.rpc("getmempoolentry", txid)
        done = self.party.json("wallet", "bump", txid, "--fee-rate", rate, "--yes", *self.password)
        entry = self.node.rpc("getmempoolentry", done["txid"])
        assert done["replaces"] == txid
        assert txid not in self.node.rpc("getrawmempool")
        assert round(entry["fees"]["base"] * COIN) == done["fee"]
        assert done["fee"] > round(old["fees"]["base"] * COIN)
        assert done["fee"] >= float(rate) * entry["vsize"]
        return done

    def refused(self, *arguments: str) -> dict[str, str]:
        """The error of a command that must fail; the mempool stays as it was."""
        before = self.node.rpc("getrawmempool")
        error: dict[str, str] = json.loads(self.party.run(*arguments, "--json", expect=3).stdout)["error"]
        assert self.node.rpc("getrawmempool") == before
        return error

    def outputs(self, txid: str) -> list[tuple[str, int]]:
        """Scripts and sats of a transaction."""
        decoded = self.node.rpc("getrawtransaction", txid, True)
        return [(one["scriptPubKey"]["hex"], round(one["value"] * COIN)) for one in decoded["vout"]]

    def repository(self, genesis: str) -> Repository:
        """What the independent judge says of a repository, mempool included."""
        found: Repository = judge_chain(self.node).repositories[genesis]
        return found


@pytest.fixture(scope="module")
def publisher(harness: Harness) -> Publisher:
    return Publisher(harness)


@pytest.fixture(scope="module")
def name(harness: Harness) -> str:
    return f"{harness.registry.host}/acme/app"


@pytest.fixture(scope="module")
def issued(publisher: Publisher, name: str) -> str:
    """A genesis that was replaced before its first block."""
    answer = publisher.party.json(
        "image", "issue", name, "--no-publish", "--fee-rate", "1", "--yes", *publisher.password
    )
    funding, genesis = (one["txid"] for one in answer["transactions"])
    error = publisher.refused("wallet", "bump", funding, "--fee-rate", "20", "--yes", *publisher.password)
    assert f"{genesis} is built on it and would be lost" in error["message"]
    assert error["hint"].endswith(f"dockchains wallet bump {genesis}")
    before = publisher.outputs(genesis)
    done = publisher.bump(genesis, "20")
    assert publisher.outputs(done["txid"])[:3] == before
    repositories = judge_chain(publisher.node).repositories
    assert done["txid"] in repositories
    assert genesis not in repositories
    publisher.node.mine(1)
    shown = publisher.party.json("image", "list")["repositories"]
    assert [one["genesis"] for one in shown] == [done["txid"]]
    return str(done["txid"])


def test_a_payment_is_replaced_and_the_recipient_gets_the_same(publisher: Publisher) -> None:
    to = str(publisher.node.miner("getnewaddress"))
    sent = publisher.party.json("wallet", "send", to, "0.001", "--fee-rate", "1", "--yes", *publisher.password)
    error = publisher.refused("wallet", "bump", sent["txid"], "--fee-rate", "1", "--yes", *publisher.password)
    assert "choose a higher rate" in error["hint"]
    shown = publisher.party.run("wallet", "bump", sent["txid"], "--fee-rate", "9", "--dry-run").stdout
    assert f"note: in place of {sent['txid']}: the fee rises from {sent['fee']:,} sat" in shown
    done = publisher.bump(sent["txid"], "9")
    assert publisher.outputs(done["txid"])[0][1] == 100_000
    rows = {row["txid"]: row for row in publisher.party.json("wallet", "history")["transactions"]}
    assert rows[done["txid"]]["state"] == "pending"
    assert rows[sent["txid"]]["state"] == "replaced"
    publisher.node.mine(1)
    assert publisher.party.json("wallet", "history")["transactions"][0]["confirmations"] == 1
    error = publisher.refused("wallet", "bump", done["txid"], "--fee-rate", "30", "--yes", *publisher.password)
    assert "in block" in error["message"]


def test_releases_are_sped_up_at_the_end_of_their_chain(
    publisher: Publisher, issued: str, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    digests = []
    for tag in ("1.0", "1.1"):
        image = build_image(tmp_path_factory.mktemp("image") / tag, tag=tag, text=f"hello {tag}")
        push(image, f"{name}:{tag}")
        digests.append(image.digest)
    sent = [
        publisher.party.json(
            "image", "release", f"{name}:{tag}", "--digest", digest, "--fee-rate", "1", "--yes", *publisher.password
        )["transactions"][-1]["txid"]
        for tag, digest in zip(("1.0", "1.1"), digests, strict=True)
    ]
    error = publisher.refused("wallet", "bump", sent[0], "--fee-rate", "20", "--yes", *publisher.password)
    assert sent[1] in error["message"]
    marker, title = publisher.outputs(sent[1])
    done = publisher.bump(sent[1], "12")
    package = [publisher.node.rpc("getmempoolentry", txid) for txid in (sent[0], done["txid"])]
    together = sum(round(entry["fees"]["base"] * COIN) for entry in package)
    assert together >= 12 * sum(entry["vsize"] for entry in package)
    outputs = publisher.outputs(done["txid"])
    assert (outputs[0], outputs[1][0]) == (marker, title[0])
    judged = publisher.repository(issued)
    assert judged.title == (done["txid"], 1)
    assert [entry.txid for entry in judged.counted()][1:] == [sent[0], done["txid"]]
    publisher.node.mine(1)
    code = publisher.party.run("image", "verify", f"{name}:1.1", "--genesis", issued, expect=0)
    assert code.stdout.strip() == f"{name}@{digests[1]}"


def test_the_old_one_may_be_mined_and_the_wallet_follows(publisher: Publisher) -> None:
    publisher.node.mine()
    to = str(publisher.node.miner("getnewaddress"))
    sent = publisher.party.json("wallet", "send", to, "0.001", "--fee-rate", "1", "--yes", *publisher.password)
    raw = publisher.node.rpc("getrawtransaction", sent["txid"])
    done = publisher.bump(sent["txid"], "5")
    publisher.node.mine_only([raw])
    said = publisher.party.run("wallet", "history")
    assert f"{done['txid']} is void: the one that it replaced was mined instead" in said.stderr
    assert "void" not in publisher.party.run("wallet", "history").stderr
    rows = {row["txid"]: row for row in publisher.party.json("wallet", "history")["transactions"]}
    assert (rows[sent["txid"]]["confirmations"], rows[sent["txid"]]["kind"]) == (1, "send")
    assert rows[done["txid"]]["state"] == "replaced"


def test_the_nodes_own_wallet_can_neither_bump_nor_spend_and_files_tell_others_to_leave_units_alone(
    publisher: Publisher, issued: str
) -> None:
    """S20: a wallet that knows no colour would spend a title, or a title's fee bump would lose it."""
    to = str(publisher.node.miner("getnewaddress"))
    sent = publisher.party.json("wallet", "send", to, "0.001", "--fee-rate", "1", "--yes", *publisher.password)
    watching = f"dockchains-regtest-{publisher.party.json('wallet', 'show')['fingerprint']}"
    for call in (("bumpfee", sent["txid"]), ("sendtoaddress", to, 0.001)):
        with pytest.raises(RpcFailure):
            publisher.node.rpc(*call, wallet=watching)
    assert publisher.node.rpc("getwalletinfo", wallet=watching)["private_keys_enabled"] is False
    file = publisher.party.home / "labels.jsonl"
    publisher.party.run("wallet", "label", "--export", str(file))
    lines = {line["ref"]: line for line in map(json.loads, Path(file).read_text().splitlines())}
    held = judge_chain(publisher.node).holdings(issued)
    assert len(held) == 2
    for txid, vout in held:
        assert lines[f"{txid}:{vout}"]["spendable"] is False
        assert issued in lines[f"{txid}:{vout}"]["label"]
    assert "wpkh(" in publisher.party.run("wallet", "show", "--descriptors").stdout
    whole = publisher.party.run("wallet", "show").stdout.splitlines()
    assert sum("not for other wallets" in line for line in whole if "17475h" in line or "17476h" in line) == 2
    assert "17475h" not in publisher.party.run("wallet", "show", "--descriptors").stdout


def test_names_frozen_coins_and_keys_survive_in_a_backup(harness: Harness) -> None:
    publisher = Publisher(harness, "keeper")
    party, file = publisher.party, publisher.party.home / "wallet.backup"
    coin = next(one for one in party.json("wallet", "coins")["coins"] if one["state"] == "spendable")
    party.run("wallet", "freeze", coin["outpoint"])
    party.run("wallet", "label", coin["outpoint"], "savings")
    frozen = {one["outpoint"]: one for one in party.json("wallet", "coins")["coins"]}[coin["outpoint"]]
    assert (frozen["state"], frozen["label"]) == ("frozen", "savings")
    party.run("wallet", "backup", str(file))
    assert "exists already" in publisher.refused("wallet", "backup", str(file))["message"]
    new = str(party.secret("new", "battery staple"))
    party.run("wallet", "password", *publisher.password, "--new-password-file", new)
    text = ("wallet", "sign-message", coin["address"], "mine")
    assert party.run(*text, *publisher.password, expect=4).stdout == ""
    signature = party.run(*text, "--password-file", new).stdout.strip()
    assert party.run("wallet", "verify-message", coin["address"], signature, "mine").stdout == "valid (BIP322)\n"
    assert party.run("wallet", "verify-message", coin["address"], signature, "yours", expect=3).stdout == ""
    again = harness.party("elsewhere")
    restored = again.json("wallet", "restore", "--backup", str(file), *publisher.password)
    assert restored["fingerprint"] == party.json("wallet", "show")["fingerprint"]
    assert {one["outpoint"]: one for one in again.json("wallet", "coins")["coins"]}[coin["outpoint"]] == frozen
    again.run("wallet", "unfreeze", coin["outpoint"])
    twin = party.run("wallet", "restore", "--backup", str(file), *publisher.password, "--wallet", "twin")
    assert "comes from the same words" in twin.stderr
