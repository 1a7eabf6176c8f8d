"""Which repositories a gate leaves open: by the definition that the chain carries, and closed until it was read."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bitcoin.core import COutPoint, CTransaction

from assets.images.definition import AssetFields, Claim, Definition
from assets.images.digest import Digest
from assets.images.record import Define, RecordName
from assets.model import AssetId
from assets.registry.fake import FakeRegistry
from assets.services.chain.claims import DEFINITION_TAG, DEFINITION_TYPE
from assets.services.chain.entitlement_open import OpenRepositories
from tests.assets.index.harness import Indexed, out, record, spend
from tests.builders import NAME, genesis_record, marker, pay, script
from wallet.hashes import Txid, txid_of
from wallet.network import REGTEST


def document(gate: str | None = None, description: str = "An app") -> bytes:
    """A definition; the gate looks at its sha256 and its `gate` alone."""
    claim = Claim(
        network=REGTEST.genesis,
        challenge=None,
        asset=AssetId(bytes(20)),
        genesis_input=COutPoint(bytes(32), 0),
        name=NAME,
        gate=gate,
    )
    fields = AssetFields(asset_id="x", name_short="app", name="App", issuer="Acme", description=description)
    return Definition.build(fields, claim).document


class World:
    """A repository with an open definition in a block, a registry, and the list of what is open."""

    def __init__(self, folder: Path) -> None:
        self.indexed = Indexed(folder)
        coin = self.indexed.chain.fund(script("issuer"), 100_000)
        name_record = genesis_record(definition=Digest.of(document()).raw)
        self.born = spend([coin], [pay("owner", 10_000), pay("owner", 330), marker([1, 9], name_record), pay("x")])
        self.indexed.mine(self.born)
        self.indexed.sync()
        self.registry = FakeRegistry()
        self.list = OpenRepositories([(NAME, self.id)], self.indexed.store.snapshot, self.registry)

    @property
    def id(self) -> Txid:
        """What the repository is."""
        return txid_of(self.born)

    def publish(self, data: bytes, place: str = NAME) -> None:
        """A document under the tag."""
        self.registry.push_artifact(place, DEFINITION_TAG, DEFINITION_TYPE, data, {})

    def is_open(self) -> bool:
        """After another look."""
        self.list.refresh()
        return self.list.is_open(self.id)

    def define(self, title: COutPoint, data: bytes) -> CTransaction:
        """A DEFINE for another document, in a block."""
        made = Define(definition=Digest.of(data).raw, name=RecordName.of(NAME)).serialize()
        tx = record(title, made)
        self.indexed.mine(tx)
        self.indexed.sync()
        return tx


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.indexed.store.close()


def test_a_repository_is_closed_until_its_definition_was_read(world: World) -> None:
    assert not world.list.is_open(world.id)
    assert not world.is_open()
    world.publish(document())
    assert world.is_open()
    assert not world.list.is_open(Txid(bytes(32)))


def test_the_public_sibling_speaks_as_well(world: World) -> None:
    world.publish(document(), f"{NAME}/dockchains")
    assert world.is_open()


def test_a_document_that_the_chain_does_not_carry_opens_nothing(world: World) -> None:
    world.publish(document(description="Another"))
    assert not world.is_open()
    world.publish(b"{}", f"{NAME}/dockchains")
    assert not world.is_open()


def test_a_gate_in_the_present_definition_closes_and_an_earlier_document_does_not_open(world: World) -> None:
    world.publish(document())
    assert world.is_open()
    closed = document("https://gate.example")
    first = world.define(out(world.born, 0), closed)
    assert not world.is_open(), "closed at once, before the new document was seen"
    world.publish(closed, f"{NAME}/dockchains")
    assert not world.is_open()
    world.define(out(first, 1), document())
    assert world.is_open(), "a document that was read once is not asked for again"


def test_a_definition_that_a_reorganisation_took_opens_nothing_from_the_next_answer_on(world: World) -> None:
    """Nobody has looked after the definitions again: the answer alone asks the index of the present chain."""
    closed = document("https://gate.example")
    world.publish(closed, f"{NAME}/dockchains")
    first = world.define(out(world.born, 0), closed)
    assert not world.is_open()
    world.publish(document())
    world.define(out(first, 1), document())
    assert world.is_open()
    world.indexed.chain.reorg(1, resurrect=False)
    world.indexed.sync()
    assert not world.list.is_open(world.id)


def test_another_gates_repository_is_not_open_either(world: World) -> None:
    closed = document("https://another.example")
    world.define(out(world.born, 0), closed)
    world.publish(closed)
    assert not world.is_open()


def test_a_registry_that_does_not_answer_opens_nothing_new(world: World) -> None:
    junk = json.dumps({"not": "a definition"}).encode()
    world.define(out(world.born, 0), junk)
    world.publish(junk)
    assert not world.is_open()
