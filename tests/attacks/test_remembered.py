"""Attacks by a reorganisation on what programs that run long, or ran before, remember of the chain.

The seller of units has mined two geneses of one txid: one that is signed for everything, and one that is not. Whoever
remembers the first after the second took its place pays for units that no verifier counts.
"""

from dataclasses import replace

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxOut

from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.images.definition import Definition
from assets.images.digest import Digest
from assets.images.record import Define, Genesis, RecordName, Release
from assets.images.tag import Tags
from assets.images.verdict import Verdict
from assets.model import CoinColor, Foreign, Genuine
from assets.protocols.open_assets.rule import asset_id_of
from assets.protocols.table import RULE
from assets.services.chain.entitlement_open import OpenRepositories
from tests.assets.index.signing_party import Coin, Signer, coin_of, signed
from tests.attacks.ground import FEE, Ground, definition_of, issuing_change, title_move, to
from tests.attacks.person import Person
from tests.builders import ANYONECANPAY, NONE, marker
from tests.regtest.people import asked, with_wallet
from tui.app.house.news import News
from tui.verbs.workplace import Workplace
from wallet.hashes import display, txid_of
from wallet.keys.address import parse_unit_address
from wallet.network import REGTEST

pytestmark = [pytest.mark.node, pytest.mark.registry]


def two_geneses(ground: Ground, name: str, issuing: Coin, buyer: Signer) -> tuple[CTransaction, CTransaction]:
    """One txid, two witnesses: a genesis whose units go to the buyer, and what is no genesis."""
    record = Genesis(definition=Digest.of(definition_of(name, issuing).document).raw, name=RecordName.of(name))
    outputs = [to(Signer(f"owner of {name}"), 10_000), to(buyer, 600), marker([1, 500], record.serialize())]
    outputs.append(to(issuing_change(issuing), issuing.value - 10_600 - FEE))
    good, bad = signed([issuing], outputs), signed([issuing], outputs, NONE | ANYONECANPAY)
    assert txid_of(good) == txid_of(bad)
    return good, bad


# C24


def test_c24_a_colour_that_an_orphaned_block_said_is_believed_by_nobody(ground: Ground) -> None:
    """The wallet's session and the shop were open all the time; the cache on disk serves the commands that follow."""
    buyer = with_wallet(ground, "buyer of two geneses")
    script = parse_unit_address(asked(buyer, "wallet", "receive", "--units")["address"], REGTEST)
    issuing, seller = ground.coin(Signer("issuer of two geneses")), Signer("seller of two geneses")
    fees = ground.coin(Signer("fees of c24"), 5_000)
    ground.node.mine()
    good, bad = two_geneses(ground, ground.name("c24/two"), issuing, seller)
    treasury = coin_of(good, 1, seller)
    handed = signed([treasury, fees], [marker([500]), CTxOut(600, script)])
    bought = COutPoint(txid_of(handed), 1)
    with buyer.house() as house:
        session, shop = house.session(), ColorWalker(RULE, house.node, MemoryCache(), 2_000).color

        def colors() -> set[CoinColor]:
            return {ask(coin) for ask in (session.color_of, shop) for coin in (treasury.outpoint, bought)}

        ground.force(good)
        ground.mine(handed)
        assert colors() == {Genuine(genesis=txid_of(good), quantity=500, title=False)}
        assert held(buyer) == [500]
        ground.node.reorg(2, with_transactions=[bad.serialize().hex(), handed.serialize().hex()], resurrect=False)
        assert colors() == {Foreign(asset=asset_id_of(issuing.signer.script), quantity=500)}
        assert held(buyer) == []
    assert display(txid_of(good)) not in ground.judged().repositories


def test_c24_a_coin_of_a_good_genesis_is_coloured_again_once_its_block_is_back(ground: Ground) -> None:
    """The other way round: what was found foreign in one chain is genuine in the other."""
    issuing, seller = ground.coin(Signer("issuer of c24 back")), Signer("seller of c24 back")
    ground.node.mine()
    good, bad = two_geneses(ground, ground.name("c24/back"), issuing, seller)
    color = ground.walker().color
    ground.force(bad)
    coin = coin_of(bad, 1, seller).outpoint
    assert isinstance(color(coin), Foreign)
    ground.node.reorg(1, with_transactions=[good.serialize().hex()], resurrect=False)
    assert color(coin) == Genuine(genesis=txid_of(good), quantity=500, title=False)


def held(person: Person) -> list[int]:
    """The genuine access units of each repository that a wallet says it has."""
    return [one["access_units"] for one in asked(person, "wallet", "balance")["units"]]


# C25


def test_c25_a_notice_of_a_reorganisation_goes_when_the_record_is_back(ground: Ground) -> None:
    """The app that saw it fall out shows a problem, and none any more once a block holds the record again."""
    made = ground.victim("c25/back")
    digest = ground.push(made.name, "2.0", "one that comes back")
    tx = made.moved(title_move(made.title, Release(digest=digest, tags=Tags.of("2.0")).serialize()))
    ground.mine(tx)
    with ground.consumer.house() as house:
        news = News()
        place = Workplace(house=house, fell_out=news.fell_out)
        place.catch_up()
        ground.node.reorg(1, resurrect=False)
        place.catch_up()
        assert [one.txid for one in news.fallen(place)] == [display(txid_of(tx))]
        ground.send(tx)
        place.catch_up()
        assert [one.txid for one in news.fallen(place)] == [display(txid_of(tx))], "the mempool is no block"
        ground.node.mine()
        place.catch_up()
        assert [one.txid for one in news.fallen(place)] == []
    ground.consumer.verify(made["2.0"], expect=Verdict.VERIFIED)


# C26


def test_c26_an_index_that_begins_late_is_undecided_until_its_remedy_was_run(ground: Ground) -> None:
    """The claim is not there, or its genesis is not: that nothing speaks for a name wants a search from the start."""
    made = ground.issue("c26/early")
    nobodys = ground.name("c26/nobody")
    ground.push(made.name, "1.0", "c26")
    ground.push(nobodys, "1.0", "c26")
    ground.node.mine(3)
    late = ground.person("late", index_start=str(ground.node.height()))
    for reference in (made["1.0"], f"{nobodys}:1.0"):
        answer = late.verify(reference, expect=Verdict.UNDECIDED)
        assert "the genesis may lie before it" in answer["reason"]
        assert any("dockchains chain reindex --from 0" in note for note in answer["notes"])
    late.run("chain", "reindex", "--from", "0")
    late.verify(made["1.0"], expect=Verdict.UNRELEASED)
    late.verify(f"{nobodys}:1.0", expect=Verdict.NO_ASSET)


def test_c26_a_changed_first_block_says_what_makes_it_count_and_then_counts(ground: Ground) -> None:
    """Earlier and later, from the file and from the environment."""
    person = ground.person("mover")
    height = ground.node.height()
    assert begins(person) == (None, "")
    person.run("chain", "sync")
    assert begins(person) == (0, "")
    for asked_for in (height - 1, height - 3):
        told = person.run("settings", "set", "index_start", str(asked_for)).stderr
        assert f"index_start asks for block {asked_for}" in told
        assert "`dockchains chain reindex`" in told
        assert f"asks for block {asked_for}" in begins(person)[1]
        assert f"asks for block {asked_for}" in person.run("chain", "sync").stderr
        person.run("chain", "reindex")
        assert begins(person) == (asked_for, "")
        assert "index_start" not in person.run("settings", "set", "index_start", str(asked_for)).stderr
    by_environment = replace(person, settings={"DOCKCHAINS_INDEX_START": str(height - 2)})
    assert f"asks for block {height - 2}" in begins(by_environment)[1]
    by_environment.run("chain", "reindex")
    assert begins(by_environment) == (height - 2, "")


def begins(person: Person) -> tuple[int | None, str]:
    """Where an index begins, and what `chain status` says about that."""
    status = asked(person, "chain", "status")
    assert status["index_remark"] in person.run("chain", "status").stderr
    return status["index_start"], status["index_remark"]


# C27


def test_c27_a_gate_opens_nothing_by_a_definition_that_only_an_orphaned_block_carried(ground: Ground) -> None:
    """The owner took the gate out of the definition and a reorganisation took that back: holders only, at once."""
    name, issuing, owner = ground.name("c27/closed"), ground.coin(Signer("issuer of c27")), Signer("owner of c27")
    opened = definition_of(name, issuing)
    closed = Definition.build(opened.fields, replace(opened.claim, gate="https://gate.example"))
    made = ground.genesis(name, issuing, owner, document=closed.document)
    ground.mine(made.genesis)
    ground.publish(made, f"{name}/dockchains")
    gate = OpenRepositories([(name, made.txid)], ground.chain.store.snapshot, ground.client)
    ground.chain.catch_up()
    gate.refresh()
    assert not gate.is_open(made.txid)
    ground.publish(made, name, opened.document)
    record = Define(definition=Digest.of(opened.document).raw, name=RecordName.of(name)).serialize()
    tx = made.moved(title_move(made.title, record))
    ground.mine(tx)
    ground.chain.catch_up()
    gate.refresh()
    assert gate.is_open(made.txid)
    ground.node.reorg(1, resurrect=False)
    ground.chain.catch_up()
    assert not gate.is_open(made.txid)
    ground.mine(tx)
    ground.chain.catch_up()
    assert gate.is_open(made.txid), "the document was read before"
