"""Attacks on what owners do: two devices on one title, chains too long, unwanted titles, wrong addresses."""

from dataclasses import replace

import pytest
from bitcoin.core.script import CScript

from assets.images.digest import Digest
from assets.images.tag import parse_tag
from assets.services.chain.chain_access import ChainAccess
from assets.services.owning.releasing import ReleaseRequest, draft_release, release
from tests.attacks.ground import Ground
from tests.attacks.person import Person
from tests.attacks.publisher import Publisher, new_publisher
from tests.judge.simple_coloring import judge_chain
from tests.regtest.people import KeepsKeys, password
from wallet.errors import StateError
from wallet.hashes import parse_txid
from wallet.keys.address import unit_address_of
from wallet.network import MAINNET, REGTEST
from wallet.psbt import finalize, from_text

pytestmark = [pytest.mark.node, pytest.mark.registry]


@pytest.fixture(scope="module")
def publisher(ground: Ground) -> Publisher:
    """The owner, whose keystore is opened once."""
    return keeping_keys(new_publisher(ground))


def keeping_keys(made: Publisher) -> Publisher:
    """The same publisher; deriving a keystore's key takes long, and is tried elsewhere."""
    return replace(made, person=replace(made.person, houses=KeepsKeys))


@pytest.fixture(scope="module")
def twin(ground: Ground, publisher: Publisher) -> Publisher:
    """Another machine with the publisher's words, as a second runner has them."""
    person = ground.person("twin")
    words = ("--words-file", str(publisher.person.home / "words"))
    person.run("wallet", "restore", *words, *password(person))
    return keeping_keys(Publisher(person=person, ground=ground))


def waiting(ground: Ground) -> dict[str, list[str]]:
    """What waits in the mempool, and what each one spends."""
    pool = ground.node.rpc("getrawmempool")
    return {txid: ground.node.rpc("getmempoolentry", txid)["depends"] for txid in pool}


def agreed(ground: Ground, person: Person, name: str) -> dict[str, str]:
    """What the tags stand for, once the judge says the same."""
    view = person.run("image", "show", name, "--json").document
    repository = judge_chain(ground.node).repositories[view["genesis"]]
    tags = {one["tag"]: one["digest"] for one in view["tags"]}
    assert {Digest.of(tag.encode()).hex: digest.removeprefix("sha256:") for tag, digest in tags.items()} == (
        repository.bound()
    )
    return tags


# C17


def test_a_second_runner_builds_on_the_first_ones_release(
    ground: Ground, publisher: Publisher, twin: Publisher
) -> None:
    """Two runners release within one block: the second sees the first's move in the mempool and follows it."""
    name = publisher.issue("runners/after")
    first = publisher.release(name, "1.0")
    (earlier,) = waiting(ground)
    second = twin.release(name, "2.0")
    pool = waiting(ground)
    assert len(pool) == 2
    assert earlier in pool
    assert [earlier] in pool.values()
    ground.node.mine()
    assert agreed(ground, publisher.person, name) == {"1.0": first, "2.0": second}


@pytest.mark.parametrize("rate", ["2", "90"], ids=["cheaper", "dearer"])
def test_a_runner_that_drafted_too_early_never_replaces_the_others_release(
    ground: Ground, publisher: Publisher, twin: Publisher, rate: str
) -> None:
    """Both draft from one title coin. The second must not evict what the first reported as done, whatever it pays."""
    name = publisher.issue(f"runners/race{rate}")
    genesis = parse_txid(publisher.person.run("image", "show", name, "--json").document["genesis"])
    late = ground.push(name, "late", f"{name} late")
    with twin.session() as (session, unlock):
        with twin.person.house() as house:
            chain = ChainAccess(
                network=REGTEST, source=house.node, store=house.index, catch_up=ground.chain.catch_up, clock=house.now
            )
            twin.person.run("image", "list")
            request = ReleaseRequest(genesis=genesis, name=name, tags=(parse_tag("late"),), digest=late, rate=rate)
            draft = draft_release(request, session, chain, confirmations=1)
        first = publisher.release(name, "1.0")
        before = waiting(ground)
        with pytest.raises(StateError, match=r"spent meanwhile|is spent by") as refused:
            release(draft, unlock, session)
        assert "start again" in refused.value.hint
    assert waiting(ground) == before
    twin.signs("image", "release", f"{name}:late", "--digest", str(late))
    ground.node.mine()
    assert agreed(ground, publisher.person, name) == {"1.0": first, "late": str(late)}


def test_the_26th_unconfirmed_release_stops_with_a_clear_message(ground: Ground, publisher: Publisher) -> None:
    """Nodes take in 25 that follow one another: the next one is refused before anything is signed."""
    name = publisher.issue("runners/many")
    tags = [f"{number:02}" + "x" * 34 for number in range(26)]
    digest = Digest.of(b"")
    for tag in tags:
        digest = ground.push(name, tag, f"{name} many")
    every = publisher.refuses("image", "release", f"{name}:{','.join(tags)}", "--digest", str(digest))
    assert "nodes take in 25" in every.stderr
    publisher.signs("image", "release", f"{name}:{','.join(tags[:25])}", "--digest", str(digest))
    assert len(waiting(ground)) == 25
    before = publisher.what_is_there()
    for command in (
        ("image", "release", f"{name}:{tags[25]}", "--digest", str(digest)),
        ("image", "revoke", f"{name}@{digest}"),
        ("image", "define", name, "--issuer", "Acme"),
    ):
        said = publisher.refuses(*command)
        assert "25 unconfirmed transactions" in said.stderr
        assert "wait for the next block" in said.stderr
    assert publisher.what_is_there() == before
    ground.node.mine()
    publisher.signs("image", "release", f"{name}:{tags[25]}", "--digest", str(digest))
    ground.node.mine()
    assert agreed(ground, publisher.person, name) == dict.fromkeys(tags, str(digest))


def test_what_the_other_machine_got_into_a_block_first_holds_no_coin_back(
    ground: Ground, publisher: Publisher, twin: Publisher
) -> None:
    """C17: the payment that lost is void, which is said once, and the coins that it would have spent can pay again."""
    for _ in range(2):
        ground.node.fund(publisher.person.run("wallet", "receive", "--json").document["address"], 300_000)
    ground.node.mine()
    to = str(ground.node.miner("getnewaddress"))
    assert len(spendable(publisher.person)) >= 2, "one for the payment that wins, others for the one that loses"
    draft = twin.person.home / "won.psbt"
    won = twin.person.run("wallet", "send", to, "0.0005", "--psbt", str(draft), "--json").document["txid"]
    signed = finalize(from_text(twin.signs("wallet", "sign", str(draft))["psbt"]))
    lost = publisher.signs("wallet", "send", to, "--all")["txid"]
    ground.node.mine_only([signed.serialize().hex()])
    assert lost not in ground.node.rpc("getrawmempool")
    said = publisher.person.run("wallet", "coins", "--json")
    assert f"{lost} is void: a block holds another transaction that spends its coins" in said.stderr
    assert {one["state"] for one in said.document["coins"] if one["account"] == "btc"} == {"spendable"}
    assert "is void" not in publisher.person.run("wallet", "coins").stderr
    rows = publisher.person.run("wallet", "history", "--json").document["transactions"]
    history = {one["txid"]: one["state"] for one in rows}
    assert (history[won], history[lost]) == ("confirmed", "dead")
    assert publisher.signs("wallet", "send", to, "0.0005")["txid"] in ground.node.rpc("getrawmempool")
    ground.node.mine()


def spendable(person: Person) -> list[str]:
    """The coins that may pay."""
    coins = person.run("wallet", "coins", "--json").document["coins"]
    return [one["outpoint"] for one in coins if one["state"] == "spendable"]


# S19


@pytest.mark.parametrize("what", ["plain", "link", "mainnet", "unit link"])
def test_only_a_unit_address_of_this_network_gets_a_title_or_units(
    ground: Ground, publisher: Publisher, what: str
) -> None:
    """A wallet that knows no colour would burn what it gets: its addresses are refused, and so are other networks'."""
    name = publisher.issue(f"addresses/{what.replace(' ', '-')}")
    plain = ground.node.miner("getnewaddress", "", "bech32")
    script = CScript(bytes.fromhex(ground.node.rpc("validateaddress", plain)["scriptPubKey"]))
    address = {
        "plain": plain,
        "link": f"bitcoin:{plain}",
        "mainnet": unit_address_of(script, MAINNET),
        "unit link": f"dockchains:{plain}",
    }[what]
    before = publisher.what_is_there()
    for command in (("image", "transfer", name, address), ("access", "grant", name, address)):
        publisher.refuses(*command)
        said = publisher.refuses(*command, "--dry-run")
        assert "address" in said.stderr or "link" in said.stderr, said.stderr
    assert publisher.what_is_there() == before
