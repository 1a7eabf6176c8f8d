"""A publisher at work: a wallet on a real node, images in a real registry, and everything typed as commands.

Every repository has a name of its own, so that tests can share a chain and run in any order. At the end the judge
colours the whole chain and must agree with the product.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from assets.images.digest import Digest
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from regtest.harness import Harness
from tests.assets.registry.images import image, push_image
from tests.attacks.person import Houses, Person, Said
from tests.judge.simple_coloring import Judged, judge_chain
from wallet.hashes import display

PASSWORD = "only for the tests"
FUNDS = 10_000_000

_ON_DISK = (
    "SELECT txid FROM journal ORDER BY txid",
    "SELECT * FROM reservation ORDER BY txid, vout",
    "SELECT * FROM frozen ORDER BY txid, vout",
    "SELECT * FROM label ORDER BY type, ref",
    "SELECT * FROM cursor ORDER BY account, chain",
)
"""What was signed, what is set aside, and which keys were handed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A person with a wallet, the chain and the registry that they work with."""

    person: Person
    harness: Harness
    client: RegistryClient

    @property
    def password(self) -> tuple[str, str]:
        """The option that gives the password."""
        return "--password-file", str(self.person.home / "password")

    @property
    def environment(self) -> dict[str, str]:
        """As a process of this person's has it."""
        return {**self.harness.party(self.person.name).environment, **self.person.settings}

    def name(self, path: str) -> str:
        """A repository in the registry."""
        return f"{self.harness.registry.host}/acme/{path}"

    def push(self, name: str, *tags: str, seed: str = "") -> Digest:
        """An image under these tags; its bytes follow from the seed, else from the name and the first tag."""
        made = image(seed or f"{name} {tags[:1]}")
        for tag in tags or (None,):
            push_image(self.client, name, made, tag)
        return made.digest

    def run(self, *arguments: str, expect: int | None = 0, houses: Houses | None = None) -> Said:
        """A command that asks for the password and for a yes."""
        person = self.person if houses is None else replace(self.person, houses=houses)
        return person.run(*arguments, *self.password, "--yes", expect=expect)

    def json(self, *arguments: str, houses: Houses | None = None) -> dict[str, Any]:
        """The same, answered for programs."""
        return self.run(*arguments, "--json", houses=houses).document

    def error(self, *arguments: str, expect: int = 3) -> dict[str, Any]:
        """The error document of a command that must refuse, and that changes nothing."""
        before = self.state()
        said = self.run(*arguments, "--json", expect=expect)
        error: dict[str, Any] = said.document["error"]
        assert error["message"] in said.stderr
        assert self.state() == before, "a refusal changes nothing"
        return error

    def issue(self, path: str, *options: str, mine: bool = True) -> str:
        """A repository of one's own, in a block unless told otherwise; its name."""
        name = self.name(path)
        self.json("image", "issue", name, *options)
        if mine:
            self.harness.node.mine()
        return name

    def release(self, name: str, tags: str, digest: Digest, *options: str) -> dict[str, Any]:
        """Binds a digest to tags; the transactions wait in the mempool."""
        return self.json("image", "release", f"{name}:{tags}", "--digest", str(digest), *options)

    def show(self, name: str) -> dict[str, Any]:
        """The repository as its owner sees it."""
        return self.person.run("image", "show", name, "--json").document

    def state(self) -> tuple[object, ...]:
        """Everything that a refusal must leave as it is: what waits at the node, and what the wallet has on disk."""
        (database,) = self.person.home.glob("dockchains/regtest/wallets/default/*.db")
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            rows = [tuple(connection.execute(query).fetchall()) for query in _ON_DISK]
        return sorted(self.harness.node.rpc("getrawmempool")), rows

    def journal(self) -> list[tuple[str, str, str, str]]:
        """Txid, kind, state and raw hex of everything that the wallet ever signed."""
        with self.person.house() as house:
            try:
                entries = house.session().journal.entries()
            finally:
                house.database.close()
        return [(display(one.txid), one.kind, str(one.state), one.tx.serialize().hex()) for one in entries]


def open_workshop(harness: Harness, name: str = "publisher", sats: int = FUNDS) -> Workshop:
    """Makes a wallet and pays it `sats` in four coins."""
    home = harness.party(name).home
    person = Person(name=name, home=home, node=harness.node)
    harness.party(name).secret("password", PASSWORD)
    made = Workshop(person=person, harness=harness, client=RegistryClient(CredentialFinder.nowhere()))
    made.json("wallet", "create", "--words-out", str(home / "words"))
    for _ in range(4 if sats else 0):
        harness.node.fund(person.run("wallet", "receive", "--json").document["address"], sats // 4)
    harness.node.mine()
    return made


def require_agreement(workshop: Workshop) -> None:
    """The node took every transaction that was signed, and the judge colours the chain as the product does.

    What the wallet still had to send is sent, and everything is mined first. Tests that sign nothing can be run alone:
    one repository is issued for the judge then.
    """
    node = workshop.harness.node
    if not workshop.journal():
        workshop.issue("judged")
    workshop.person.run("wallet", "history")
    node.mine()
    workshop.person.run("wallet", "history")
    for txid, kind, state, raw in workshop.journal():
        assert node.rpc("decoderawtransaction", raw)["txid"] == txid
        assert state == "confirmed", (kind, txid)
    judged = judge_chain(node)
    listed = workshop.person.run("image", "list", "--json").document["repositories"]
    assert listed, "there is something to judge"
    for view in listed:
        _require_equal(workshop, view, judged)


def _require_equal(workshop: Workshop, view: Mapping[str, Any], judged: Judged) -> None:
    """The index follows markers; a plain spend of access units is told by the node, which is asked here as well."""

    def unspent(txid: str, vout: int) -> bool:
        return workshop.harness.node.rpc("gettxout", txid, vout, False) is not None

    repository = judged.repositories[view["genesis"]]
    with workshop.person.house() as house, house.index.snapshot() as reader:
        genesis = bytes.fromhex(view["genesis"])[::-1]
        held = {
            (display(holding.outpoint.hash), holding.outpoint.n): (units.quantity, units.title)
            for holding, units in reader.holdings(genesis)  # type: ignore[arg-type]
            if unspent(display(holding.outpoint.hash), holding.outpoint.n)
        }
    if not repository.frozen:
        theirs = judged.holdings(view["genesis"])
        assert held == {coin: (units.quantity, units.title) for coin, units in theirs.items()}
    assert view["owner"] == repository.owner
    assert (view["state"] == "frozen") == repository.frozen
    bound = {_key(tag["tag"]): tag["digest"].removeprefix("sha256:") for tag in view["tags"]}
    assert bound == repository.bound()
    asked = workshop.person.run("image", "history", "--genesis", view["genesis"], "--json").document["records"]
    assert [one["txid"] for one in asked if one["counts"]] == [entry.txid for entry in repository.counted()]


def _key(tag: str) -> str:
    """The sha256 of a tag, in hex; a view has it where the chain has no more."""
    return tag.removeprefix("sha256:") if tag.startswith("sha256:") else Digest.of(tag.encode()).hex
