"""A wallet that comes back from its words: on an empty machine, with any birth height, beside the old one."""

from dataclasses import dataclass
from typing import Any

import pytest

from assets.images.digest import Digest
from assets.images.verdict import Verdict
from assets.services.chain.claims import DEFINITION_TAG, DEFINITION_TYPE
from tests.attacks.ground import Ground
from tests.attacks.person import Person
from tests.regtest.people import KeepsKeys, asked, forgotten, issued, password, released, spent, with_wallet

pytestmark = [pytest.mark.node, pytest.mark.registry]

LONG = "acme/an-application-with-a-long-name"


@dataclass(frozen=True)
class Past:
    """What an owner left on the chain."""

    owner: Person
    fingerprint: str
    short: str
    long: str
    digest: Digest

    @property
    def words(self) -> tuple[str, str]:
        """The option that gives the owner's recovery words."""
        return "--words-file", str(self.owner.home / "words")


@pytest.fixture(scope="module")
def past(ground: Ground) -> Past:
    """Two repositories, one of which the chain knows by hash only, and a release."""
    owner = with_wallet(ground, "owner", sats=1_000_000, houses=KeepsKeys)
    short, long = issued(ground, owner, "acme/app"), issued(ground, owner, LONG)
    digest = released(ground, owner, short, "1.0", "latest")
    ground.node.mine(3)
    fingerprint = asked(owner, "wallet", "show")["fingerprint"]
    return Past(owner=owner, fingerprint=fingerprint, short=short, long=long, digest=digest)


def restored(ground: Ground, past: Past, name: str, *options: str) -> tuple[Person, str]:
    """The owner on an empty machine, with a node that never watched the wallet; and what the command said."""
    forgotten(ground.node, past.fingerprint)
    person = ground.person(name)
    said = person.run("wallet", "restore", *past.words, *password(person), *options)
    assert past.fingerprint in said.stdout
    return person, said.stderr


def facts(person: Person) -> tuple[Any, ...]:
    """Balance, history and coins, as far as they come from the chain."""
    person.run("chain", "sync")
    balance = asked(person, "wallet", "balance")
    history = asked(person, "wallet", "history")["transactions"]
    coins = asked(person, "wallet", "coins")["coins"]
    moved = [(one["txid"], one["sats"], one["height"], _word(one["kind"])) for one in history]
    held = [(one["outpoint"], one["sats"], one["holds"], one["path"]) for one in coins]
    return {key: balance[key] for key in balance if key != "wallet"}, moved, sorted(held)


def _word(kind: str) -> str:
    """What the journal calls a payment or an issuing coin cannot be told from the chain: it is bitcoin that moved."""
    return "bitcoin" if kind in {"send", "issuing coin", "sent", "internal", "received"} else kind


@pytest.mark.parametrize(
    ("name", "birth", "said"),
    [
        ("unknown", None, "BTC in"),
        ("right", "0", "BTC in"),
        ("late", "TIP", "is too late: a coin lies in block"),
        ("future", "9999999", "is too late: a coin lies in block"),
    ],
)
def test_money_units_and_history_come_back_whatever_birth_height_is_remembered(
    ground: Ground, past: Past, name: str, birth: str | None, said: str
) -> None:
    height = str(ground.node.height()) if birth == "TIP" else birth
    expected = facts(past.owner)
    person, notes = restored(ground, past, name, *(("--birth-height", height) if height is not None else ()))
    assert said in notes
    assert facts(person) == expected


def test_a_passphrase_that_was_forgotten_shows_an_empty_wallet_and_says_what_to_compare(
    ground: Ground, past: Past
) -> None:
    person = ground.person("forgetful")
    file = person.home / "passphrase"
    file.touch(mode=0o600)
    file.write_text("wrong")
    said = person.run("wallet", "restore", *past.words, *password(person), "--passphrase-file", str(file))
    assert past.fingerprint not in said.stdout
    assert "no coin lies on its first" in said.stderr


def test_repositories_come_back_by_name_or_by_hash_until_the_name_is_given(ground: Ground, past: Past) -> None:
    person, _ = restored(ground, past, "by-name")
    by_hash = {one["name"]: one for one in asked(person, "image", "list")["repositories"]}
    assert past.short in by_hash
    assert past.long not in by_hash
    assert sum(name.startswith("name with hash ") for name in by_hash) == 1
    assert all(one["owned"] and one["state"] == "held" for one in by_hash.values())
    tags = {tag["tag"]: tag["digest"] for tag in by_hash[past.short]["tags"]}
    assert (tags["1.0"], tags["latest"]) == (str(past.digest), str(past.digest))
    assert asked(person, "image", "show", past.long)["name"] == past.long
    assert {past.short, past.long} <= {one["name"] for one in asked(person, "image", "list")["repositories"]}


def test_a_restored_wallet_issues_on_a_fresh_script_and_releases_what_is_its_own(ground: Ground, past: Past) -> None:
    person, _ = restored(ground, past, "working", "--birth-height", "1")
    third = issued(ground, person, "acme/third")
    ground.chain.catch_up()
    with ground.chain.store.snapshot() as reader:
        (fact,) = reader.geneses_named(third)
        assert len(reader.geneses_of_asset(fact.asset)) == 1
    digest = released(ground, person, past.short, "2.0")
    ground.node.mine()
    ground.consumer.pin(past.short)
    assert ground.consumer.verify(f"{past.short}:2.0", expect=Verdict.VERIFIED)["digest"] == str(digest)


def test_the_definition_comes_back_from_the_registry_and_can_be_published_again(ground: Ground, past: Past) -> None:
    person, _ = restored(ground, past, "publishing")
    asked(person, "image", "publish", past.short)
    ground.client.push_artifact(past.short, DEFINITION_TAG, DEFINITION_TYPE, b"{}", {})
    asked(person, "image", "publish", past.short)
    assert ground.person("newcomer").pin(past.short)


def test_words_are_restored_without_a_node_and_found_when_there_is_one(ground: Ground, past: Past) -> None:
    forgotten(ground.node, past.fingerprint)
    person = ground.person("offline")
    said = person.run("wallet", "restore", *past.words, *password(person), "--node-url", "http://127.0.0.1:1")
    assert "no node could be asked what the wallet holds" in said.stderr
    early = person.run("wallet", "history")
    assert "release" not in early.stdout
    assert "run `dockchains chain sync`" in early.stderr
    assert facts(person) == facts(past.owner)
    assert "chain sync" not in person.run("wallet", "history").stderr


def test_units_far_beyond_the_gap_are_found_by_the_index(ground: Ground, past: Past) -> None:
    """A wallet that searches too late still knows where units ever lay: the index reads the whole chain."""
    person, _ = restored(ground, past, "gap")
    names = {one["name"] for one in asked(person, "image", "list")["repositories"]}
    assert past.short in names
    assert spent(person, "image", "issue", ground.name("acme/fourth"))["transactions"]
    ground.node.mine()


def test_a_wallet_restored_beside_the_old_one_warns_and_destroys_nothing(ground: Ground, past: Past) -> None:
    person, _ = restored(ground, past, "twice")
    before = facts(person)
    again = person.run("wallet", "restore", *past.words, *password(person), expect=3)
    assert "there is a wallet 'default' on regtest already" in again.stderr
    said = person.run("wallet", "restore", *past.words, *password(person), "--wallet", "second")
    assert "the wallet default on this machine comes from the same words" in said.stderr
    assert {one["name"] for one in asked(person, "wallet", "list")["wallets"]} == {"default", "second"}
    first = asked(person, "wallet", "balance", "--wallet", "default")
    second = asked(person, "wallet", "balance", "--wallet", "second")
    assert {**first, "wallet": ""} == {**second, "wallet": ""}
    assert first["confirmed"] == before[0]["confirmed"]


def test_what_another_device_signed_is_sent_again_after_the_chain_lost_it(ground: Ground, past: Past) -> None:
    """The node goes on counting the title's coin as spent, so that a device without the journal would be stuck."""
    person, _ = restored(ground, past, "other-device")
    person.run("wallet", "balance")
    released(ground, past.owner, past.short, "8.0")
    (txid,) = ground.node.rpc("getrawmempool")
    ground.node.mine()
    ground.node.reorg(1, confirm=False)
    ground.node.evict(txid)
    said = person.run("wallet", "balance")
    assert f"sent again: {txid}" in said.stderr
    assert ground.node.rpc("getrawmempool") == [txid]
    released(ground, person, past.short, "8.1")
    ground.node.mine()
    ground.consumer.pin(past.short)
    for tag in ("8.0", "8.1"):
        ground.consumer.verify(f"{past.short}:{tag}", expect=Verdict.VERIFIED)
