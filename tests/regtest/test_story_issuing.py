"""Issuing: what it does, what it refuses before any money moves, and how it goes on after an accident."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest

from assets.errors import NotFoundError, RegistryUnavailableError
from assets.images.definition import Definition
from assets.images.digest import Digest
from assets.images.name import name_hash
from assets.registry.client import RegistryClient
from regtest.harness import Harness
from regtest.plugin import RegistryFactory
from regtest.registry import PasswordLogin
from tests.regtest.workshop import Workshop, open_workshop, require_agreement
from tests.tui.cli.typist import converse
from tui.bootstrap import House
from wallet.errors import SigningError
from wallet.signer import Signer

pytestmark = [pytest.mark.node, pytest.mark.registry]


@pytest.fixture(scope="module")
def workshop(harness: Harness) -> Iterator[Workshop]:
    """A publisher with some bitcoin; at the end the judge looks at everything that was done."""
    made = open_workshop(harness)
    yield made
    require_agreement(made)
    made.client.close()


def definition_in_registry(workshop: Workshop, name: str) -> Definition:
    """What consumers find."""
    kind = "application/vnd.dockchains.definition.v1+json"
    found = workshop.client.fetch_artifact(name, "dockchains", kind, 65_536)
    assert found is not None
    return Definition.parse(found.data)


def test_issuing_makes_a_title_a_treasury_and_a_definition(workshop: Workshop) -> None:
    name = workshop.name("issued")
    answer = workshop.json("image", "issue", name, "--units", "77", "--issuer", "Acme Ltd", "--description", "An app")
    assert answer["name"] == name
    assert answer["published"] is True
    assert [one["kind"] for one in answer["transactions"]] == ["issuing coin", "issue"]
    assert answer["transactions"][1]["txid"] == answer["genesis"]
    definition = definition_in_registry(workshop, name)
    assert (definition.hash.hex(), definition.claim.name) == (answer["definition"], name)
    assert (definition.fields.issuer, definition.fields.description) == ("Acme Ltd", "An app")
    assert workshop.show(name)["state"] == "pending"
    workshop.harness.node.mine()
    view = workshop.show(name)
    assert (view["state"], view["owned"], view["access_units"], view["title_sats"]) == ("held", True, 77, 10_000)
    assert (view["genesis"], view["asset"], view["definition"]) == (
        answer["genesis"], answer["asset"], answer["definition"],
    )  # fmt: skip


def test_the_genesis_needs_no_change_and_pays_its_rate(workshop: Workshop) -> None:
    answer = workshop.json("image", "issue", workshop.name("exact"), "--fee-rate", "3")
    decoded = workshop.harness.node.rpc("getrawtransaction", answer["genesis"], 1)
    assert [round(out["value"] * 10**8) for out in decoded["vout"]] == [10_000, 330, 0]
    assert len(decoded["vin"]) == 1
    for sent in answer["transactions"]:
        entry = workshop.harness.node.rpc("getmempoolentry", sent["txid"])
        assert sent["fee"] == round(entry["fees"]["base"] * 10**8)
        assert 3 * entry["vsize"] <= sent["fee"] <= 3 * (entry["vsize"] + 2) + 200


def test_a_dry_run_changes_nothing(workshop: Workshop) -> None:
    name = workshop.name("dry")
    before = workshop.state()
    answer = workshop.json("image", "issue", name, "--dry-run")
    assert [draft["kind"] for draft in answer["drafts"]] == ["issuing coin", "issue"]
    assert workshop.state() == before
    with pytest.raises(NotFoundError):
        workshop.client.tags(name)


@pytest.mark.parametrize("mined", [False, True], ids=["in the mempool", "in a block"])
def test_a_second_asset_for_the_same_name_is_refused(workshop: Workshop, mined: bool) -> None:
    name = workshop.issue(f"once-{mined}".lower(), mine=mined)
    error = workshop.error("image", "issue", name)
    assert error["message"].startswith(f"this wallet has issued {name} already: genesis ")
    assert "image show" in error["hint"]


def test_what_is_missing_is_said_and_in_which_account(harness: Harness) -> None:
    poor = open_workshop(harness, "poor", 4_000)
    error = poor.error("image", "issue", poor.name("poor"))
    poor.client.close()
    assert error["kind"] == "insufficient_funds"
    assert "are missing in the BTC account" in error["message"]
    assert error["needed"] > error["available"]
    assert "wallet receive" in error["hint"]


def test_a_registry_that_is_down_is_noticed_before_money_moves(workshop: Workshop) -> None:
    error = workshop.error("image", "issue", "127.0.0.1:1/acme/app")
    assert error["kind"] == "registry_unavailable"
    assert "does not answer" in error["message"]


def test_a_registry_that_wants_a_login_is_noticed_before_money_moves(
    workshop: Workshop, registry_factory: RegistryFactory
) -> None:
    closed = registry_factory(login=PasswordLogin())
    error = workshop.error("image", "issue", f"{closed.host}/acme/app")
    assert error["kind"] == "unauthorized"
    assert "docker login" in error["hint"]


def test_a_tag_that_is_in_use_is_neither_overwritten_nor_paid_for(workshop: Workshop) -> None:
    name = workshop.name("taken")
    digest = workshop.push(name, "dockchains")
    error = workshop.error("image", "issue", name)
    assert "is in use for something else" in error["message"]
    assert "--no-publish" in error["hint"]
    assert workshop.client.manifest(name, "dockchains").digest == digest
    answer = workshop.json("image", "issue", name, "--no-publish")
    assert answer["published"] is False


class Unlucky(House):
    """A house whose registry goes away after the genesis."""

    @cached_property
    def registry(self) -> RegistryClient:
        return _breaking(super().registry)


def _breaking(client: RegistryClient) -> RegistryClient:
    def push_artifact(*_: object, **__: object) -> Digest:
        raise RegistryUnavailableError("the registry does not answer", hint="see that it runs")

    client.push_artifact = push_artifact  # type: ignore[method-assign]
    return client


def test_a_definition_that_could_not_be_published_is_published_later(workshop: Workshop) -> None:
    name = workshop.name("unpublished")
    said = workshop.run("image", "issue", name, "--json", houses=Unlucky)
    assert said.document["published"] is False
    assert "the genesis is sent, but its definition could not be published" in said.stderr
    assert f"dockchains image publish {name}" in said.stderr
    published = workshop.person.run("image", "publish", name, "--json").document
    assert (published["genesis"], published["definition"]) == (said.document["genesis"], said.document["definition"])
    assert definition_in_registry(workshop, name).hash.hex() == said.document["definition"]


def test_only_the_owner_publishes(workshop: Workshop) -> None:
    said = workshop.person.run("image", "publish", workshop.name("nobodys"), "--json", expect=3)
    assert said.document["error"]["kind"] == "not_owner"


class Interrupted(House):
    """A house whose signer signs once and then fails, as if the machine had stopped between two signatures."""

    def signer(self, password: str) -> Signer:  # type: ignore[override]
        return _once(super().signer(password))


def _once(signer: Signer) -> Signer:
    signed: list[bytes] = []

    class Once:
        fingerprint = signer.fingerprint

        def sign(self, psbt: bytes) -> bytes:
            if signed:
                raise SigningError("the signer was switched off")
            signed.append(psbt)
            return signer.sign(psbt)

    return Once()


def waiting_coins(workshop: Workshop) -> list[dict[str, Any]]:
    """Unspent coins on issuing scripts."""
    coins = workshop.person.run("wallet", "coins", "--json").document["coins"]
    return [coin for coin in coins if coin["account"] == "issuing"]


def test_a_genesis_that_was_begun_goes_on_from_its_coin(workshop: Workshop) -> None:
    name = workshop.name("resumed")
    broken = workshop.run("image", "issue", name, expect=6, houses=Interrupted)
    assert "sent issuing coin" in broken.stderr
    assert broken.stdout == ""
    (coin,) = waiting_coins(workshop)
    answer = workshop.run("image", "issue", name, "--json")
    assert "an issuing coin is there from an attempt that was not finished" in answer.stderr
    (sent,) = answer.document["transactions"]
    assert (sent["kind"], waiting_coins(workshop)) == ("issue", [])
    spent = workshop.harness.node.rpc("getrawtransaction", sent["txid"], 1)["vin"][0]
    assert f"{spent['txid']}:{spent['vout']}" == coin["outpoint"]
    assert definition_in_registry(workshop, name).claim.name == name


def test_nothing_is_signed_without_a_yes(workshop: Workshop) -> None:
    before = workshop.state()
    arguments = ["image", "issue", workshop.name("declined"), *workshop.password]
    said = converse(arguments, [(r"Sign and send these 2 transactions\?", "n")], workshop.environment)
    assert (said.code, said.stdout) == (5, "")
    assert "title" in said.shown
    assert workshop.state() == before


def test_nothing_is_signed_where_nobody_can_be_asked(workshop: Workshop) -> None:
    before = workshop.state()
    said = workshop.person.run("image", "issue", workshop.name("unasked"), *workshop.password, expect=3)
    assert "answer with --yes" in said.stderr
    assert workshop.state() == before


def test_a_wrong_password_signs_nothing(workshop: Workshop) -> None:
    before = workshop.state()
    wrong = workshop.harness.party(workshop.person.name).secret("wrong", "not it")
    command = ("image", "issue", workshop.name("locked"), "--password-file", str(wrong), "--yes", "--json")
    said = workshop.person.run(*command, expect=4)
    assert said.document["error"]["kind"] == "wrong_password"
    assert workshop.state() == before


@pytest.mark.parametrize(
    ("name", "options", "code", "words"),
    [
        ("acme/App", (), 3, "upper-case"),
        ("acme/app:1.0", (), 3, "about the repository, not about one image of it"),
        ("acme/app", ("--units", "0"), 2, "0 is not in the range"),
        ("acme/app", ("--units", str(2**53)), 2, "is not in the range"),
        ("acme/app", ("--title-value", "545"), 2, "is not in the range"),
        ("acme/app", ("--fee-rate", "none"), 3, "fee rate"),
        ("acme/app", ("--terms", "sha512:00"), 3, "sha512"),
        ("acme/app", ("--gate", "http://gate.example"), 3, "gate"),
        ("acme/app", ("--description", "x" * 70_000), 3, "65536"),
    ],
)
def test_bad_input_is_refused(workshop: Workshop, name: str, options: tuple[str, ...], code: int, words: str) -> None:
    error = workshop.error("image", "issue", f"{workshop.harness.registry.host}/{name}", *options, expect=code)
    assert words in error["message"]
    assert error["hint"]


def test_a_long_name_is_carried_by_its_hash(workshop: Workshop) -> None:
    name = workshop.issue("a-name-that-has-more-than-twenty-nine-bytes")
    view = workshop.show(name)
    assert (view["name_hash"], view["state"]) == (name_hash(name).hex(), "held")
    assert "already" in workshop.error("image", "issue", name)["message"]
