"""What an owner does over the years: hand over, revoke, redefine, grant, count holders, wait for blocks.

Everything is typed as commands on one chain. At the end the node has decoded every transaction, and the judge colours
the chain as the program does.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bitcoin.core.script import CScript

from assets.images.canonical import encode
from assets.images.digest import Digest
from regtest.harness import Harness
from tests.regtest.people import KeepsKeys, spend_plainly
from tests.regtest.workshop import Workshop, open_workshop, require_agreement
from wallet.keys.address import unit_address_of
from wallet.network import REGTEST

pytestmark = [pytest.mark.node, pytest.mark.registry]

ISSUED = 1_000_000
ELSEWHERE = "aa" * 32
NOWHERE = Digest.of(b"never pushed, never released")


@pytest.fixture(scope="module")
def workshop(harness: Harness) -> Iterator[Workshop]:
    """The owner; at the end the judge looks at everything that was done."""
    made = opened(harness, "publisher")
    yield made
    require_agreement(made)
    made.client.close()


@pytest.fixture(scope="module")
def buyer(harness: Harness) -> Iterator[Workshop]:
    """Who takes repositories over."""
    made = opened(harness, "buyer")
    yield made
    made.client.close()


def opened(harness: Harness, name: str) -> Workshop:
    """A wallet with bitcoin, whose keystore is opened once."""
    made = open_workshop(harness, name)
    return replace(made, person=replace(made.person, houses=KeepsKeys))


def unit_address(who: Workshop, *options: str) -> str:
    """A fresh unit address, or a link where the options ask for something."""
    answer = who.person.run("wallet", "receive", "--units", *options, "--json").document
    return str(answer["uri" if options else "address"])


def owner_address(who: Workshop, name: str) -> str:
    """The title's own script as a unit address."""
    return unit_address_of(CScript(bytes.fromhex(who.show(name)["owner"])), REGTEST)


def holders(who: Workshop, name: str) -> dict[str, Any]:
    """Who holds access units."""
    return who.person.run("access", "holders", name, "--json").document


def released(who: Workshop, name: str, *tags: str) -> Digest:
    """An image that is pushed and released; it waits in the mempool."""
    digest = who.push(name, *tags)
    who.release(name, ",".join(tags), digest)
    return digest


def definition_of(who: Workshop, name: str) -> dict[str, Any]:
    """The newest definition as it lies on the owner's machine."""
    (folder,) = who.person.home.glob("dockchains/regtest/definitions")
    wanted = who.show(name)["definition"].removeprefix("sha256:")
    found = [
        file.read_bytes() for file in folder.rglob("*") if file.is_file() and Digest.of(file.read_bytes()).hex == wanted
    ]
    document: dict[str, Any] = json.loads(found[0])
    return document


# Handing over.


def test_a_title_goes_over_with_the_treasury_and_only_the_new_owner_releases(
    workshop: Workshop, buyer: Workshop
) -> None:
    name = workshop.issue("over")
    to = unit_address(buyer)
    answer = workshop.json("image", "transfer", name, to)
    assert (answer["to"], answer["access_units"]) == (to, ISSUED)
    workshop.harness.node.mine()
    error = workshop.error("image", "release", f"{name}:1.0", "--digest", str(workshop.push(name, "1.0")))
    assert (error["kind"], "has left this wallet" in error["message"]) == ("not_owner", True)
    assert "has left this wallet" in workshop.error("image", "transfer", name, to)["message"]
    assert owner_address(buyer, name) == to
    found = holders(workshop, name)
    assert (found["treasury"], found["circulating"], found["ended"]) == (ISSUED, 0, 0)
    digest = released(buyer, name, "2.0")
    workshop.harness.node.mine()
    assert {tag["tag"]: tag["digest"] for tag in buyer.show(name)["tags"]} == {"2.0": str(digest)}


def test_a_title_goes_over_alone_and_the_units_stay(workshop: Workshop, buyer: Workshop) -> None:
    name = workshop.issue("alone")
    said = workshop.run("image", "transfer", name, unit_address(buyer), "--no-treasury")
    assert f"warning: {ISSUED:,} access units stay with this wallet" in said.stderr
    workshop.harness.node.mine()
    found = holders(buyer, name)
    assert (found["treasury"], found["circulating"]) == (0, ISSUED)
    assert "holds 0" in buyer.error("access", "grant", name, unit_address(workshop))["message"]


def test_a_handover_within_the_wallet_is_told(workshop: Workshop) -> None:
    name = workshop.issue("within")
    said = workshop.run("image", "transfer", name, unit_address(workshop))
    assert "one of this wallet's own" in said.stderr
    workshop.harness.node.mine()
    assert workshop.show(name)["state"] != "frozen"


@pytest.fixture(scope="module")
def kept(workshop: Workshop) -> str:
    """A repository that stays where it is: everything that is refused is tried on it."""
    name = workshop.issue("kept")
    released(workshop, name, "1.0")
    workshop.harness.node.mine()
    return name


def test_a_transfer_to_where_the_title_is_is_refused(workshop: Workshop, kept: str) -> None:
    error = workshop.error("image", "transfer", kept, owner_address(workshop, kept))
    assert "on this script already" in error["message"]


def test_units_go_to_unit_addresses_only(workshop: Workshop, buyer: Workshop, kept: str) -> None:
    plain = buyer.person.run("wallet", "receive", "--json").document["address"]
    for command in (("image", "transfer", kept, plain), ("access", "grant", kept, plain)):
        assert workshop.error(*command)["kind"] == "encoding"
        drafted = workshop.json(*command, "--plain-address", "--dry-run")["drafts"]
        assert any(out["address"] == plain for out in drafted[0]["outputs"])


def test_the_wallets_own_bitcoin_address_never_gets_units(workshop: Workshop, kept: str) -> None:
    own = workshop.person.run("wallet", "receive", "--json").document["address"]
    for command in (("image", "transfer", kept, own), ("access", "grant", kept, own)):
        error = workshop.error(*command, "--plain-address")
        assert "would be spent or get stuck" in error["message"]


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--genesis", ELSEWHERE), "another repository"), (("--amount", "5"), "gives the whole repository away")],
)
def test_a_link_that_asks_for_something_else_gets_no_title(
    workshop: Workshop, buyer: Workshop, kept: str, options: tuple[str, ...], words: str
) -> None:
    assert words in workshop.error("image", "transfer", kept, unit_address(buyer, *options))["message"]


def test_a_title_that_moved_in_no_block_yet_is_not_handed_over(workshop: Workshop, buyer: Workshop) -> None:
    name = workshop.issue("fresh", mine=False)
    to = unit_address(buyer)
    assert "which no block holds yet" in workshop.error("image", "transfer", name, to)["message"]
    workshop.harness.node.mine()
    released(workshop, name, "1.0")
    assert "which no block holds yet" in workshop.error("image", "transfer", name, to)["message"]
    workshop.harness.node.mine()
    workshop.json("image", "transfer", name, to, "--dry-run")


def test_a_treasury_that_waits_for_a_block_is_not_handed_over(workshop: Workshop, buyer: Workshop) -> None:
    name = workshop.issue("waiting")
    workshop.json("access", "grant", name, f"{unit_address(buyer)}=10")
    error = workshop.error("image", "transfer", name, unit_address(buyer))
    assert f"{ISSUED - 10:,} access units of the treasury are not in a block yet" in error["message"]
    alone = workshop.json("image", "transfer", name, unit_address(buyer), "--no-treasury", "--dry-run")
    assert f"{ISSUED - 10:,} access units stay with this wallet" in " ".join(alone["drafts"][0]["warnings"])
    workshop.harness.node.mine()
    workshop.json("image", "transfer", name, unit_address(buyer), "--dry-run")


def test_a_title_that_the_user_froze_stays(workshop: Workshop, buyer: Workshop, kept: str) -> None:
    title = workshop.show(kept)["title"]
    workshop.person.run("wallet", "freeze", title)
    try:
        coins = workshop.person.run("wallet", "coins", "--json").document["coins"]
        assert [(one["state"], one["because"]) for one in coins if one["outpoint"] == title] == [
            ("frozen", "frozen by you")
        ]
        commands = (
            ("image", "transfer", kept, unit_address(buyer)),
            ("image", "revoke", f"{kept}:1.0"),
            ("image", "define", kept, "--issuer", "Somebody"),
        )
        for command in commands:
            refused = workshop.error(*command)
            assert "the title is set aside: frozen by you" in refused["message"]
            assert "wallet unfreeze" in refused["hint"]
    finally:
        workshop.person.run("wallet", "unfreeze", title)


def test_a_lost_title_can_do_nothing_more_and_the_treasury_still_counts(workshop: Workshop, buyer: Workshop) -> None:
    name = workshop.issue("lost")
    digest = released(workshop, name, "1.0")
    workshop.harness.node.mine()
    workshop.json("image", "transfer", name, unit_address(workshop))
    workshop.harness.node.mine()
    spend_plainly(workshop.person, workshop.show(name)["title"])
    for command in (
        ("image", "transfer", name, unit_address(buyer)),
        ("image", "revoke", f"{name}@{digest}"),
        ("image", "define", name, "--issuer", "Somebody"),
        ("access", "grant", name, unit_address(buyer)),
    ):
        assert "is frozen: its title is lost" in workshop.error(*command)["message"]
    found = holders(workshop, name)
    assert (found["treasury"], found["circulating"]) == (ISSUED, 0)


def test_only_the_owner_has_a_say(workshop: Workshop, buyer: Workshop, kept: str) -> None:
    to = unit_address(buyer)
    for command in (
        ("image", "transfer", kept, to),
        ("image", "revoke", f"{kept}:1.0"),
        ("image", "define", kept, "--issuer", "Mallory"),
        ("access", "grant", kept, to),
    ):
        assert buyer.error(*command)["kind"] == "not_owner"
    assert holders(buyer, kept)["treasury"] == ISSUED


# Revoking.


def test_what_a_tag_stands_for_now_is_revoked_from_the_mempool_on(workshop: Workshop) -> None:
    name = workshop.issue("revoked")
    old = released(workshop, name, "1.0")
    new = workshop.push(name, "1.0", seed="second")
    workshop.release(name, "1.0", new)
    answer = workshop.json("image", "revoke", f"{name}:1.0", "--reason", "Compromised")
    assert (answer["digest"], answer["reason"], answer["tags"]) == (str(new), "compromised", ["1.0"])
    workshop.person.run("image", "verify", f"{name}:1.0", "--json", expect=12)
    error = workshop.error("image", "revoke", f"{name}@{new}")
    assert "was revoked already" in error["message"]
    assert "wallet bump" in error["hint"]
    workshop.harness.node.mine()
    assert "it stands for ever" in workshop.error("image", "revoke", f"{name}:1.0")["hint"]
    by_digest = workshop.json("image", "revoke", f"{name}:1.0@{old}")
    assert (by_digest["digest"], by_digest["tags"], by_digest["released"]) == (str(old), [], True)


def test_what_was_never_released_is_revoked_after_a_warning(workshop: Workshop, kept: str) -> None:
    said = workshop.run("image", "revoke", f"{kept}@{NOWHERE}", "--reason", "broken", "--json")
    assert f"warning: this digest was never released as {kept}" in said.stderr
    assert said.document["released"] is False
    without = workshop.person.run("image", "revoke", f"{kept}@{Digest.of(b'other')}", *workshop.password, expect=3)
    assert "cannot ask without a terminal" in without.stderr


@pytest.mark.parametrize(
    ("tail", "options", "words"),
    [
        (":1.0", ("--reason", "boredom"), "not a reason"),
        (":7.0", (), "was never released"),
        (f":1.0@{NOWHERE}", (), "never stood for"),
        ("", (), "which image is revoked?"),
    ],
)
def test_a_revocation_that_names_nothing_is_refused(
    workshop: Workshop, kept: str, tail: str, options: tuple[str, ...], words: str
) -> None:
    assert words in workshop.error("image", "revoke", f"{kept}{tail}", *options)["message"]


# Redefining.


def test_a_repository_is_renamed_and_the_old_pin_goes_on_with_a_note(workshop: Workshop, buyer: Workshop) -> None:
    old, new = workshop.issue("old-name"), workshop.name("new-name")
    digest = released(workshop, old, "1.0")
    workshop.harness.node.mine()
    buyer.person.pin(old)
    answer = workshop.json("image", "define", old, "--name", new)
    assert (answer["name"], answer["old_name"], answer["published"]) == (new, old, True)
    workshop.harness.node.mine()
    assert buyer.person.run("image", "verify", f"{old}:1.0").stdout == f"{old}@{digest}\n"
    assert f"(now: {new})" in workshop.error("image", "define", old, "--issuer", "X")["message"]
    buyer.person.pin(new)
    released(workshop, new, "1.1")
    workshop.harness.node.mine()
    buyer.person.run("image", "verify", f"{new}:1.1")


def test_links_are_set_and_taken_away_and_what_is_not_ours_is_kept(workshop: Workshop, tmp_path: Path) -> None:
    name = workshop.issue("links")
    present = definition_of(workshop, name)
    terms = str(Digest.of(b"terms"))
    foreign = {**present, "contract_url": "https://acme.example/contract", "dockchains": {**present["dockchains"]}}
    file = tmp_path / "definition.json"
    file.write_bytes(encode(foreign))
    workshop.json("image", "define", name, "--document", str(file))
    links = ("--gate", "https://gate.example", "--terms", terms, "--source", "https://git.example/app")
    workshop.json("image", "define", name, *links, "--issuer", "Acme", "--description", "An app")
    now = definition_of(workshop, name)
    assert now["contract_url"] == "https://acme.example/contract"
    assert (now["issuer"], now["description"], now["dockchains"]["terms"]) == ("Acme", "An app", terms)
    workshop.json("image", "define", name, "--gate", "", "--terms", "")
    now = definition_of(workshop, name)["dockchains"]
    assert (now.get("gate"), now.get("terms"), now["source"]) == (None, None, "https://git.example/app")
    assert now["genesis_input"] == present["dockchains"]["genesis_input"]


def test_a_definition_that_cannot_stand_is_refused(workshop: Workshop, kept: str, tmp_path: Path) -> None:
    other = workshop.issue("other")
    file = tmp_path / "other.json"
    file.write_bytes(encode(definition_of(workshop, other)))
    document = ("--document", str(file))
    assert "no definition of the repository" in workshop.error("image", "define", kept, *document)["message"]
    assert "changes beside it" in workshop.error("image", "define", kept, *document, "--issuer", "X")["message"]
    assert "says this already" in workshop.error("image", "define", kept)["message"]
    assert "goes by" in workshop.error("image", "define", kept, "--name", other)["message"]
    assert workshop.error("image", "define", kept, "--gate", "ftp://gate.example")["kind"] == "encoding"
    assert workshop.error("image", "define", kept, "--document", str(tmp_path / "none"))["kind"] == "encoding"
    file.write_bytes(b"{")
    assert workshop.error("image", "define", kept, *document)["kind"] == "encoding"


def test_a_definition_that_could_not_be_published_is_told(workshop: Workshop) -> None:
    name = workshop.issue("unpublished")
    workshop.harness.registry.stop()
    try:
        said = workshop.run("image", "define", name, "--description", "Later", "--json")
    finally:
        workshop.harness.registry.start()
    assert said.document["published"] is False
    assert f"try again with: dockchains image publish {name}" in said.stderr
    workshop.harness.node.mine()
    workshop.person.run("image", "publish", name)


def test_a_whole_definition_helps_where_the_present_one_is_lost(workshop: Workshop, tmp_path: Path) -> None:
    name = workshop.issue("forgotten")
    present = definition_of(workshop, name)
    (folder,) = workshop.person.home.glob("dockchains/regtest/definitions")
    kept_files = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    file = tmp_path / "whole.json"
    file.write_bytes(encode({**present, "issuer": "Acme"}))
    workshop.harness.registry.stop()
    try:
        for one in kept_files:
            one.unlink()
        workshop.error("image", "define", name, "--issuer", "Acme")
        workshop.json("image", "define", name, "--document", str(file), "--no-publish")
    finally:
        workshop.harness.registry.start()
        for one, data in kept_files.items():
            one.write_bytes(data)
    assert definition_of(workshop, name)["issuer"] == "Acme"


# Granting and holders.


def test_units_are_given_and_counted_and_end_with_a_plain_payment(workshop: Workshop, buyer: Workshop) -> None:
    name = workshop.issue("given")
    to = unit_address(buyer)
    before = workshop.state()
    drafted = workshop.json("access", "grant", name, f"{to}=7", "--dry-run")
    assert workshop.state() == before
    assert len(drafted["drafts"]) == 1
    answer = workshop.json("access", "grant", name, f"{to}=7")
    assert (answer["given"], answer["left"]) == (7, ISSUED - 7)
    asked = unit_address(buyer, "--genesis", answer["genesis"], "--amount", "5")
    workshop.json("access", "grant", name, asked)
    workshop.harness.node.mine()
    found = holders(buyer, name)
    assert (found["treasury"], found["circulating"], found["ended"]) == (ISSUED - 12, 12, 0)
    assert [one["units"] for one in found["holders"]] == [ISSUED - 12, 7, 5]
    assert found["holders"][0]["treasury"] is True
    coins = buyer.person.run("wallet", "coins", "--json").document["coins"]
    coin = next(one["outpoint"] for one in coins if "7 access units" in str(one) and answer["genesis"] in str(one))
    spend_plainly(buyer.person, coin)
    found = holders(workshop, name)
    assert (found["treasury"], found["circulating"], found["ended"]) == (ISSUED - 12, 5, 7)
    assert "7 ended" in workshop.person.run("access", "holders", name).stdout


def addresses(start: int, count: int) -> list[str]:
    """Unit addresses of nobody in particular."""
    return [
        unit_address_of(CScript(b"\x00\x14" + number.to_bytes(20)), REGTEST) for number in range(start, start + count)
    ]


def test_two_hundred_recipients_take_a_few_transactions_in_a_row(workshop: Workshop, tmp_path: Path) -> None:
    name = workshop.issue("many")
    listed = addresses(1, 200)
    file = tmp_path / "recipients"
    file.write_text("# holders\n" + "".join(f"{to} {number % 3 + 1}\n" for number, to in enumerate(listed)))
    given = sum(number % 3 + 1 for number in range(200))
    answer = workshop.json("access", "grant", name, "--file", str(file))
    assert (answer["given"], answer["left"]) == (given, ISSUED - given)
    assert 2 < len(answer["transactions"]) < 6
    workshop.harness.node.mine()
    found = holders(workshop, name)
    assert (found["treasury"], found["circulating"], len(found["holders"])) == (ISSUED - given, given, 201)
    theirs = {one["address"]: one["units"] for one in found["holders"] if not one["treasury"]}
    assert sum(theirs.values()) == given
    again = workshop.json("access", "grant", name, "--file", str(file), addresses(900, 1)[0], "--dry-run")["drafts"]
    assert "200 of the 201 have access units of it already" in " ".join(again[0]["warnings"])
    assert not again[1]["warnings"]


def test_a_list_that_nodes_would_take_in_by_half_is_refused_whole(
    workshop: Workshop, kept: str, tmp_path: Path
) -> None:
    file = tmp_path / "thousands"
    file.write_text("".join(f"{to}\n" for to in addresses(1_000, 2_500)))
    error = workshop.error("access", "grant", kept, "--file", str(file))
    assert "nodes take in 25" in error["message"]
    assert "recipients fit before the next block" in error["hint"]


def test_more_than_there_is_is_refused_with_the_figures(workshop: Workshop, buyer: Workshop, kept: str) -> None:
    error = workshop.error("access", "grant", kept, f"{unit_address(buyer)}={ISSUED + 1}")
    assert error["kind"] == "insufficient_quantity"
    assert f"{ISSUED + 1:,}" in error["message"]
    assert f"{ISSUED:,}" in error["message"]


def test_a_treasury_that_the_user_froze_is_told_from_one_that_is_empty(
    workshop: Workshop, buyer: Workshop, kept: str
) -> None:
    coins = workshop.person.run("wallet", "coins", "--json").document["coins"]
    genesis = workshop.show(kept)["genesis"]
    full = [one["outpoint"] for one in coins if f"access units of {genesis}" in one["holds"]]
    workshop.person.run("wallet", "freeze", *full)
    try:
        error = workshop.error("access", "grant", kept, unit_address(buyer))
        assert "set aside" in error["message"]
        assert "wallet unfreeze" in error["hint"]
    finally:
        workshop.person.run("wallet", "unfreeze", *full)


def test_recipients_that_make_no_sense_are_refused(workshop: Workshop, kept: str, tmp_path: Path) -> None:
    one, two = addresses(5_000, 2)
    assert f"named twice: {one}" in workshop.error("access", "grant", kept, one, two, f"{one}=3")["message"]
    treasury = owner_address(workshop, kept)
    assert "is the treasury itself" in workshop.error("access", "grant", kept, f"{treasury}=3")["message"]
    link = f"dockchains:{one}?amount=5"
    file = tmp_path / "bad"
    for text, words in (
        (f"{one} 1\n\n{two} nothing\n", "line 3: not a number of access units"),
        (f"{one} 0\n", "line 1: not a number of access units"),
        (f"# nobody\n{one} 1 2\n", "line 2: more than an address and a quantity"),
        (f"{one}\nnobody 1\n", "line 2: "),
        (f"{link} 6\n", "line 1: the link asks for 5 access units, and 6 are named"),
        ("# nobody\n", "the list names nobody"),
    ):
        file.write_text(text)
        assert words in workshop.error("access", "grant", kept, "--file", str(file))["message"]
    file.write_text(f"{link} 5\n{two} 2\n")
    drafted = workshop.json("access", "grant", kept, "--file", str(file), "--dry-run")["drafts"]
    assert "7 access units go to 2 holders" in drafted[0]["effects"][0]
    workshop.error("access", "grant", kept, f"dockchains:{one}?genesis={ELSEWHERE}")


# Waiting for blocks.


class Mining(KeepsKeys):
    """A house in which a block is found whenever somebody waits."""

    harness: Harness
    slept: int = 0

    def sleep(self, seconds: float) -> None:  # type: ignore[override]
        """No time passes, a block is mined."""
        assert seconds > 0
        type(self).slept += 1
        self.harness.node.mine()


class Interrupted(KeepsKeys):
    """A house in which a person presses Ctrl-C while waiting."""

    @staticmethod
    def sleep(seconds: float) -> None:
        """Not for long."""
        raise KeyboardInterrupt


@pytest.fixture
def mining(harness: Harness) -> type[Mining]:
    """Houses on this chain."""
    return type("MiningHere", (Mining,), {"harness": harness})


def test_every_command_of_an_owner_can_wait_for_its_confirmations(
    workshop: Workshop, buyer: Workshop, mining: type[Mining]
) -> None:
    name = workshop.issue("waits")
    digest = workshop.push(name, "1.0")
    for command, wait in (
        (("image", "release", f"{name}:1.0", "--digest", str(digest)), 2),
        (("image", "define", name, "--issuer", "Acme"), 1),
        (("image", "seal", f"{name}:1.0"), 2),
        (("access", "grant", name, unit_address(buyer)), 2),
        (("image", "revoke", f"{name}:1.0"), 1),
        (("image", "transfer", name, unit_address(buyer)), 3),
    ):
        mining.slept = 0
        answer = workshop.json(*command, "--wait", str(wait), houses=mining)
        (sent,) = answer["transactions"]
        found = workshop.harness.node.rpc("getrawtransaction", sent["txid"], True)
        assert found["confirmations"] == wait == mining.slept


def test_nobody_waits_for_what_is_only_drafted(workshop: Workshop, kept: str, tmp_path: Path) -> None:
    file = tmp_path / "draft.psbt"
    error = workshop.error("image", "define", kept, "--issuer", "X", "--wait", "1", "--psbt", str(file), expect=2)
    assert "--psbt sends nothing" in error["message"]
    error = workshop.error(
        "access", "grant", kept, unit_address(workshop), "--wait", "1", "--psbt", str(file), expect=2
    )
    assert "--psbt sends nothing" in error["message"]
    assert not file.exists()


def test_who_stops_waiting_leaves_the_release_in_place(workshop: Workshop) -> None:
    name = workshop.issue("stopped")
    digest = workshop.push(name, "1.0")
    said = workshop.run(
        "image", "release", f"{name}:1.0", "--digest", str(digest), "--wait", "1", houses=Interrupted, expect=130
    )
    assert "stopped waiting; what was sent stays" in said.stderr
    assert said.stdout == ""
    workshop.harness.node.mine()
    assert [tag["digest"] for tag in workshop.show(name)["tags"]] == [str(digest)]
