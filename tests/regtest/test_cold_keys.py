"""Owners whose keys lie on a machine without a node: PSBTs go there and back, over a real chain."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bitcoin.core import CTransaction
from embit.psbt import PSBT

from assets.services.spending.cold_drafts import HOLD_SECONDS
from tests.assets.registry.images import image, push_image
from tests.attacks.ground import Ground
from tests.attacks.person import Person
from tests.judge.simple_coloring import Repository, judge_chain
from tests.regtest.people import KeepsKeys, asked, issued, password, with_wallet
from tui.bootstrap import House
from wallet.psbt import from_text
from wallet.store.reservations import Reservation, Reservations

pytestmark = [pytest.mark.node, pytest.mark.registry]


class LaterHouse(KeepsKeys):
    """A house whose clock stands a little after a draft expired."""

    @staticmethod
    def now() -> int:
        """Unix seconds."""
        return House.now() + HOLD_SECONDS + 10


@dataclass(frozen=True)
class Owner:
    """One set of words in two homes: `online` with a node, `cold` with none."""

    ground: Ground
    online: Person
    cold: Person
    name: str
    genesis: str
    folder: Path

    def left(self, *arguments: str) -> Path:
        """The PSBT that a command left; no password is given, so that nothing can have been signed."""
        file = self.folder / f"{len(list(self.folder.iterdir()))}.psbt"
        asked(self.online, *arguments, "--psbt", str(file))
        assert file.stat().st_mode & 0o777 == 0o600
        return file

    def pushed(self, tag: str) -> str:
        """The digest of a new image under a tag."""
        return str(push_image(self.ground.client, self.name, image(f"cold {tag}"), tag))

    def release(self, tag: str) -> Path:
        """The PSBT of a release."""
        return self.left("image", "release", f"{self.name}:{tag}", "--digest", self.pushed(tag))

    def signed(self, file: Path, *options: str) -> Path:
        """What the cold machine makes of a PSBT, knowing no node."""
        out = file.with_suffix(".signed")
        said = self.cold.run("wallet", "sign", str(file), "--out", str(out), *password(self.cold), "--yes", *options)
        assert "CANNOT be checked" in said.stderr
        return out

    def sent(self, file: Path) -> str:
        """The txid of what came back and was broadcast, without a password."""
        return str(asked(self.online, "wallet", "sign", str(file), "--broadcast", "--yes")["txid"])

    def refused(self, file: Path) -> str:
        """What is said of a PSBT that must not go out."""
        said = self.online.run("wallet", "sign", str(file), "--broadcast", "--yes", expect=None)
        assert said.code not in (0, 1), said.stderr
        assert not self.ground.node.rpc("getrawmempool")
        return said.stderr

    def reserved(self) -> int:
        """How many coins a draft holds."""
        return len(reservations(self.online))

    def judged(self, txid: str) -> Repository:
        """The repository as the judge colours the whole chain, the transaction waiting in it."""
        assert txid in self.ground.node.rpc("getrawmempool")
        return self.judged_now()

    def judged_now(self) -> Repository:
        """The repository as the judge colours chain and mempool."""
        return judge_chain(self.ground.node).repositories[self.genesis]


@pytest.fixture(scope="module")
def owner(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Owner:
    online = with_wallet(ground, "online", sats=2_000_000, houses=KeepsKeys)
    name = issued(ground, online, "acme/cold")
    cold = ground.person("cold", houses=KeepsKeys, node_url="http://127.0.0.1:1")
    words = ("--words-file", str(online.home / "words"))
    cold.run("wallet", "restore", *words, *password(cold), "--birth-height", "0")
    return Owner(
        ground=ground,
        online=online,
        cold=cold,
        name=name,
        genesis=genesis_of(online, name),
        folder=tmp_path_factory.mktemp("psbts"),
    )


def reservations(person: Person) -> tuple[Reservation, ...]:
    """The coins that somebody's wallet holds back, by their clock."""
    with person.house() as house:
        held = Reservations(house.database).active(house.now())
        house.database.close()
    assert all(one.owner.startswith("psbt ") for one in held)
    return held


def key(tag: str) -> str:
    """A tag as the judge keeps it."""
    return hashlib.sha256(tag.encode()).hexdigest()


def genesis_of(person: Person, name: str) -> str:
    """What a repository is."""
    return str(asked(person, "image", "show", name)["genesis"])


def rewritten(file: Path, change: Callable[[PSBT], None], name: str) -> Path:
    """The PSBT after somebody's tool had it."""
    psbt = PSBT.parse(file.read_bytes())
    change(psbt)
    out = file.with_name(f"{file.name}.{name}")
    out.write_bytes(psbt.serialize())
    return out


def as_version_2(psbt: PSBT) -> None:
    psbt.version = 2


@pytest.mark.parametrize("version", [0, 2])
def test_a_release_is_signed_by_a_machine_that_knows_no_node(owner: Owner, version: int) -> None:
    tag = f"{version}.0"
    file = owner.release(tag)
    assert owner.reserved() >= 1
    given = file if version == 0 else rewritten(file, as_version_2, "v2")
    txid = owner.sent(owner.signed(given))
    assert key(tag) in owner.judged(txid).bound()
    assert owner.reserved() == 0
    owner.ground.node.mine()
    history = asked(owner.online, "wallet", "history")["transactions"]
    assert [one["kind"] for one in history if one["txid"] == txid] == ["release"]


def test_with_a_node_the_keys_see_what_happens_to_units(owner: Owner) -> None:
    file = owner.release("seen")
    signed = asked(owner.online, "wallet", "sign", str(file), *password(owner.online), "--yes")
    assert signed["checked"]
    assert signed["complete"]
    assert any("RELEASE seen stands for" in effect for effect in signed["draft"]["effects"])
    back = file.with_suffix(".base64")
    back.write_text(signed["psbt"])
    assert key("seen") in owner.judged(owner.sent(back)).bound()
    owner.ground.node.mine()


def test_a_draft_on_standard_output_is_base64(owner: Owner) -> None:
    to = asked(owner.online, "wallet", "receive")["address"]
    said = owner.online.run("wallet", "send", to, "0.0001", "--psbt", "-")
    assert from_text(said.stdout).startswith(b"psbt\xff")
    file = owner.folder / "from-stdout.psbt"
    file.write_text(said.stdout)
    txid = owner.sent(owner.signed(file))
    assert txid in owner.ground.node.rpc("getrawmempool")
    owner.ground.node.mine()


def more_paid(psbt: PSBT) -> None:
    psbt.outputs[1].value -= 100


def another_input(psbt: PSBT) -> None:
    extra = PSBT.parse(bytes(psbt.serialize())).inputs[0]
    extra.vout += 1
    extra.non_witness_utxo = None
    psbt.inputs.append(extra)


def sighash_single(psbt: PSBT) -> None:
    for scope in psbt.inputs:
        scope.partial_sigs = {key: value[:-1] + b"\x03" for key, value in scope.partial_sigs.items()}


def test_a_psbt_that_came_back_changed_is_refused_and_nothing_is_lost(owner: Owner) -> None:
    file = owner.release("changed")
    before = owner.reserved()
    signed = owner.signed(file)
    assert "output 1 holds" in owner.refused(owner.signed(rewritten(file, more_paid, "less")))
    assert "inputs instead of" in owner.refused(rewritten(signed, another_input, "more"))
    assert "does not commit to the whole transaction" in owner.refused(rewritten(signed, sighash_single, "single"))
    assert "not signed yet" in owner.refused(file)
    assert owner.reserved() == before
    over = owner.online.run("wallet", "send", "x", "1", "--psbt", str(file), expect=None)
    assert over.code not in (0, 1)
    txid = owner.sent(signed)
    assert key("changed") in owner.judged(txid).bound()
    assert "was sent already" in owner.online.run("wallet", "sign", str(signed), "--broadcast", expect=None).stderr
    owner.ground.node.mine()


def test_a_discarded_draft_frees_the_title(owner: Owner) -> None:
    file = owner.release("given-up")
    signed = owner.signed(file)
    txid = CTransaction.deserialize(bytes(PSBT.parse(file.read_bytes()).tx.serialize())).GetTxid()[::-1].hex()
    bad = f"{owner.name}@{owner.pushed('bad')}"
    held = owner.online.run("image", "revoke", bad, "--psbt", str(owner.folder / "held.psbt"), expect=None)
    assert held.code not in (0, 1)
    assert "reserved by psbt" in held.stderr
    assert f"--discard {txid}" in held.stderr
    assert asked(owner.online, "wallet", "sign", "--discard", txid)["kind"] == "release"
    assert owner.reserved() == 0
    assert "left no draft" in owner.refused(signed)
    revoked = owner.sent(owner.signed(owner.left("image", "revoke", bad, "--reason", "broken")))
    assert bad.rpartition(":")[2] in owner.judged(revoked).revoked()
    owner.ground.node.mine()


def test_an_expired_draft_holds_its_coins_no_longer(owner: Owner) -> None:
    file = owner.release("late")
    assert owner.reserved() >= 1
    later = Person(
        name="later", home=owner.online.home, node=owner.ground.node, houses=LaterHouse, settings=owner.online.settings
    )
    assert reservations(later) == ()
    said = later.run("wallet", "sign", str(owner.signed(file)), "--broadcast", "--yes", "--json")
    assert key("late") in owner.judged(said.document["txid"]).bound()
    owner.ground.node.mine()


def test_a_title_is_handed_over_by_the_cold_key(owner: Owner) -> None:
    buyer = with_wallet(owner.ground, "buyer", houses=KeepsKeys)
    to = asked(buyer, "wallet", "receive", "--units")["address"]
    name = issued(owner.ground, owner.online, "acme/sold")
    owner = replace(owner, name=name, genesis=genesis_of(owner.online, name))
    file = owner.left("image", "transfer", name, to)
    unasked = owner.online.run("wallet", "sign", str(file), *password(owner.online), "--yes", expect=None)
    assert "takes the title of" in unasked.stderr
    before = owner.judged_now().owner
    txid = owner.sent(owner.signed(file, "--hand-over"))
    assert owner.judged(txid).owner != before
    assert not owner.judged(txid).frozen
    owner.ground.node.mine()
    buyer.run("chain", "sync")
    repositories = asked(buyer, "image", "list")["repositories"]
    assert [one["owned"] for one in repositories if one["name"] == name] == [True]


def test_units_and_definitions_are_given_by_the_cold_key_too(owner: Owner) -> None:
    holder = with_wallet(owner.ground, "holder", houses=KeepsKeys)
    to = asked(holder, "wallet", "receive", "--units")["address"]
    granted = owner.sent(owner.signed(owner.left("access", "grant", owner.name, f"{to}=5")))
    owner.judged(granted)
    held = judge_chain(owner.ground.node).holdings(owner.genesis).values()
    assert min(units.quantity for units in held if not units.title) == 5
    owner.ground.node.mine()
    defined = owner.sent(owner.signed(owner.left("image", "define", owner.name, "--description", "cold and calm")))
    (entry,) = [one for one in owner.judged(defined).counted() if one.txid == defined]
    assert entry.record is not None
    assert entry.record.kind == "DEFINE"
    owner.ground.node.mine()
    asked(owner.online, "image", "publish", owner.name)
    assert not owner.reserved()


def test_a_wrong_draft_reserves_nothing(owner: Owner) -> None:
    to = asked(owner.online, "wallet", "receive")["address"]
    missing = str(owner.folder / "no folder" / "x.psbt")
    said = owner.online.run("wallet", "send", to, "0.0001", "--psbt", missing, expect=None)
    assert "there is no folder" in said.stderr
    assert owner.reserved() == 0
    taken = owner.left("wallet", "send", to, "0.0001")
    txid = reservations(owner.online)[0].owner.removeprefix("psbt ")
    said = owner.online.run("wallet", "send", to, "0.00002", "--psbt", str(taken), expect=None)
    assert "exists already" in said.stderr
    assert {one.owner for one in reservations(owner.online)} == {f"psbt {txid}"}
    asked(owner.online, "wallet", "sign", "--discard", txid)
    dry = asked(owner.online, "wallet", "send", to, "0.00002", "--psbt", str(owner.folder / "dry.psbt"), "--dry-run")
    assert dry["draft"]["kind"] == "send"
    assert not (owner.folder / "dry.psbt").exists()
    assert owner.reserved() == 0
