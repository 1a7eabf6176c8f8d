"""A consumer without a wallet: on which chain, whom to believe, and what a shell gets to see."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assets.images.digest import Digest
from assets.images.lock import serialize_lock
from assets.images.pin import Pins
from assets.images.verdict import Verdict
from assets.store.trust_store import PinStore
from regtest.harness import Harness
from tests.attacks.person import Person
from tests.regtest.workshop import Workshop, open_workshop, require_agreement
from tests.tui.cli.typist import converse
from wallet.network import REGTEST

pytestmark = [pytest.mark.node, pytest.mark.registry]

NO_NETWORK = {"DOCKCHAINS_NETWORK": ""}
CLOSED = "http://127.0.0.1:1"

Consumers = Callable[..., Person]


@dataclass(frozen=True, slots=True)
class Published:
    """A repository with 1.0 released in a block."""

    name: str
    digest: Digest
    genesis: str

    @property
    def tagged(self) -> str:
        """`name:1.0`."""
        return f"{self.name}:1.0"

    @property
    def image(self) -> str:
        """What verify prints."""
        return f"{self.name}@{self.digest}"


@pytest.fixture(scope="module")
def workshop(harness: Harness) -> Iterator[Workshop]:
    """A publisher with some bitcoin; at the end the judge looks at everything that was done."""
    made = open_workshop(harness)
    yield made
    require_agreement(made)
    made.client.close()


@pytest.fixture(scope="module")
def app(workshop: Workshop) -> Published:
    """The repository that most tests ask about."""
    return publish(workshop, "app")


@pytest.fixture(scope="module")
def consumers(harness: Harness) -> Consumers:
    """People with empty homes; keyword arguments are their environment variables."""
    numbers = itertools.count()

    def consumer(**settings: str) -> Person:
        name = f"consumer{next(numbers)}"
        home = harness.party(name).home
        return Person(name=name, home=home, node=harness.node, settings=settings)

    return consumer


def publish(workshop: Workshop, path: str) -> Published:
    """Issues, pushes and releases, in two blocks."""
    name = workshop.issue(path)
    digest = workshop.push(name, "1.0")
    workshop.release(name, "1.0", digest)
    workshop.harness.node.mine()
    return Published(name, digest, workshop.show(name)["genesis"])


def pins_of(person: Person) -> Pins:
    """What the pins file holds."""
    return PinStore(person.home / "dockchains" / "regtest" / "pins.json", REGTEST).load()


def lock_of(person: Person, app: Published, file: Path) -> Path:
    """A lock file with what the person pinned."""
    person.pin(app.name)
    with person.house() as house:
        file.write_bytes(serialize_lock(house.pins.load()))
    return file


# On which network.


def test_there_is_no_default_network_for_verifying(consumers: Consumers, app: Published) -> None:
    nobody = consumers(**NO_NETWORK)
    said = nobody.refused("image", "verify", app.tagged)
    assert "on which network?" in said
    settings = nobody.home / "dockchains" / "settings.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('network = "regtest"\n')
    assert "on which network?" in nobody.refused("image", "verify", app.tagged)
    nobody.verify(app.tagged, "--network", "regtest", expect=Verdict.UNPINNED)


def test_a_pin_decides_the_network(consumers: Consumers, app: Published) -> None:
    person = consumers(**NO_NETWORK)
    person.run("image", "pin", app.name, "--network", "regtest", "--yes")
    answer = person.verify(app.tagged, expect=Verdict.VERIFIED)
    assert (answer["network"], answer["image"]) == ("regtest", app.image)
    assert person.run("image", "unpin", app.name, "--yes").code == 0
    assert "on which network?" in person.refused("image", "verify", app.tagged)


def test_a_named_lock_file_vouches_and_decides_the_network(
    consumers: Consumers, app: Published, tmp_path: Path
) -> None:
    lock = lock_of(consumers(), app, tmp_path / "images.lock")
    by_flag = consumers(**NO_NETWORK).verify(app.tagged, "--lock", str(lock), expect=Verdict.VERIFIED)
    by_variable = consumers(**NO_NETWORK, DOCKCHAINS_LOCK=str(lock)).verify(app.tagged, expect=Verdict.VERIFIED)
    assert [one["kind"] for one in by_flag["vouchers"]] == ["lock file"]
    assert by_flag["vouchers"] == by_variable["vouchers"]


def test_a_lock_file_of_another_network_is_refused(consumers: Consumers, app: Published, tmp_path: Path) -> None:
    lock = lock_of(consumers(), app, tmp_path / "images.lock")
    said = consumers().refused("image", "verify", app.tagged, "--lock", str(lock), "--network", "signet")
    assert "is pinned for regtest, not signet" in said


def test_a_lock_file_that_is_not_there_is_an_error(consumers: Consumers, app: Published) -> None:
    assert "there is no lock file" in consumers().refused("image", "verify", app.tagged, "--lock", "nowhere.lock")


# What a shell sees.


def test_a_process_prints_the_image_and_one_line_feed_on_exit_0_alone(harness: Harness, app: Published) -> None:
    party = harness.party("shell")
    refused = party.run("image", "verify", app.tagged, expect=10)
    assert refused.stdout == ""
    assert refused.stderr.startswith("UNPINNED: nobody but the registry vouches for this genesis\n")
    accepted = party.run("image", "verify", app.tagged, "--allow", "unpinned")
    assert accepted.stdout == f"{app.image}\n"
    assert accepted.stderr.startswith("VERIFIED: accepted, since you allow unpinned\n")
    vouched = party.run("image", "verify", app.tagged, "--genesis", app.genesis)
    assert vouched.stdout == f"{app.image}\n"
    assert "block" in vouched.stderr
    answer = party.json("image", "verify", app.tagged, expect=10)
    assert (answer["verdict"], answer["exit_code"], answer["image"]) == ("UNPINNED", 10, app.image)
    assert answer["tip"]["age"] >= 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("{app}:9.9",), 3, "has no tag 9.9"),
        (("{app}@sha512:" + "0" * 128,), 3, "sha512"),
        (("{app}:" + "x" * 129,), 3, "128"),
        (("Not/A:Name",), 3, "upper-case"),
        (("{app}:1.0", "--allow", "revoked"), 3, "cannot be allowed"),
        (("{app}:1.0", "--allow", ""), 3, "cannot be allowed"),
        (("{app}:1.0", "--platform", "linux/s390x"), 3, "linux/s390x"),
        (("{app}:1.0", "--genesis", "12"), 3, "not a transaction id"),
        (("{app}:1.0", "--network", "othernet"), 3, "unknown network"),
        (
            (
                "{app}:1.0",
                "--nonsense",
            ),
            2,
            "No such option",
        ),
        ((), 2, "Missing argument"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_json_object_too(
    consumers: Consumers, app: Published, arguments: tuple[str, ...], code: int, words: str
) -> None:
    given = [one.format(app=app.name) for one in arguments]
    said = consumers().run("image", "verify", *given, "--json", expect=code)
    error = json.loads(said.stdout)["error"]
    assert words in error["message"]
    assert said.stdout.count("\n") == 1
    assert consumers().run("image", "verify", *given, expect=code).stdout == ""


def test_a_node_or_registry_that_is_away_is_unavailable(consumers: Consumers, app: Published) -> None:
    without_node = consumers(DOCKCHAINS_NODE_URL=CLOSED).verify(app.tagged, expect=Verdict.UNAVAILABLE)
    assert without_node["tip"] is None
    assert "nothing listens there" in without_node["reason"]
    without_registry = consumers().verify("127.0.0.1:1/acme/app:1.0", expect=Verdict.UNAVAILABLE)
    assert "does not answer" in without_registry["reason"]


def test_a_registry_that_is_away_does_not_matter_to_a_pinned_digest(
    consumers: Consumers, app: Published, harness: Harness
) -> None:
    person = consumers()
    person.pin(app.name)
    harness.registry.stop()
    try:
        person.verify(f"{app.tagged}@{app.digest}", expect=Verdict.VERIFIED)
        person.verify(app.tagged, expect=Verdict.UNAVAILABLE)
    finally:
        harness.registry.start()


def test_confirmations_are_a_setting(consumers: Consumers, workshop: Workshop) -> None:
    fresh = publish(workshop, "confirmed")
    careful = consumers(DOCKCHAINS_CONFIRMATIONS="2")
    answer = careful.verify(fresh.tagged, "--genesis", fresh.genesis, expect=Verdict.PENDING)
    assert answer["confirmations"] == 2
    careful.verify(fresh.tagged, "--genesis", fresh.genesis, "--allow", "pending", expect=Verdict.VERIFIED)
    workshop.harness.node.mine()
    careful.verify(fresh.tagged, "--genesis", fresh.genesis, expect=Verdict.VERIFIED)


def test_an_index_that_begins_too_late_says_how_to_mend_it(
    consumers: Consumers, app: Published, harness: Harness
) -> None:
    harness.node.mine()
    late = consumers(DOCKCHAINS_INDEX_START=str(harness.node.height()))
    answer = late.verify(app.tagged, "--genesis", app.genesis, expect=Verdict.UNDECIDED)
    (hint,) = [note for note in answer["notes"] if "chain reindex" in note]
    command = hint.split("`")[1].split()
    assert command[:3] == ["dockchains", "chain", "reindex"]
    late.run(*command[1:])
    late.verify(app.tagged, "--genesis", app.genesis, expect=Verdict.VERIFIED)


# Pins.


def test_a_pin_is_taken_shown_and_forgotten(consumers: Consumers, app: Published) -> None:
    person = consumers()
    assert person.run("image", "pins").stdout == "nothing is pinned\n"
    pinned = person.run("image", "pin", app.name, "--yes", "--json").document
    assert (pinned["name"], pinned["genesis"], len(pinned["owners"])) == (app.name, app.genesis, 1)
    listed = person.run("image", "pins", "--json").document["pins"]
    assert listed == [pinned]
    assert len(pins_of(person).pins) == 1
    assert person.run("image", "pin", app.name).stdout == f"{app.name} is pinned to genesis {app.genesis}\n"
    forgotten = person.run("image", "unpin", app.name, "--yes", "--json").document
    assert forgotten == pinned
    assert "is not pinned" in person.refused("image", "unpin", app.name, "--yes")


def test_a_pin_is_never_taken_without_a_yes(consumers: Consumers, app: Published, harness: Harness) -> None:
    person = consumers()
    unasked = person.run("image", "pin", app.name, expect=3)
    assert (unasked.stdout, pins_of(person).pins) == ("", ())
    assert "answer with --yes" in unasked.stderr
    environment = harness.party(person.name).environment
    question = r"Let this genesis, held by this owner, speak for the name\?"
    no = converse(["image", "pin", app.name], [(question, "no")], environment)
    assert (no.code, no.stdout, pins_of(person).pins) == (5, "", ())
    assert app.genesis in no.shown
    yes = converse(["image", "pin", app.name], [(question, "y")], environment)
    assert (yes.code, len(pins_of(person).pins)) == (0, 1)


def test_a_pin_is_never_replaced_by_another_genesis(consumers: Consumers, app: Published, workshop: Workshop) -> None:
    person = consumers()
    person.pin(app.name)
    before = pins_of(person)
    other = publish(workshop, "other")
    said = person.refused("image", "pin", app.name, "--genesis", other.genesis, "--yes")
    assert f"{app.name} is pinned to another genesis: {app.genesis}" in said or f"not for {app.name}" in said
    assert pins_of(person) == before


def test_what_cannot_be_pinned_is_refused(consumers: Consumers, app: Published, workshop: Workshop) -> None:
    person = consumers()
    other = publish(workshop, "different")
    waiting = workshop.issue("waiting", mine=False)
    for arguments, words in (
        ((app.name, "--genesis", other.genesis), f", not for {app.name}"),
        ((app.name, "--genesis", "ab" * 32), "is not in the node's chain"),
        ((app.name, "--accept-owner"), "is not pinned"),
        ((f"{app.name}:1.0",), "about the repository, not about one image of it"),
        ((workshop.name("unheard-of"),), "nothing in the registry speaks for"),
        ((waiting,), "has 0 of 1 confirmations"),
    ):
        said = person.refused("image", "pin", *arguments, "--yes")
        assert words in said, arguments
    assert pins_of(person).pins == ()


def test_a_repository_is_looked_at_without_a_wallet_and_with_several(
    consumers: Consumers, app: Published, harness: Harness
) -> None:
    person = consumers()
    seen = person.run("image", "show", app.name, "--json").document
    assert (seen["genesis"], seen["owned"]) == (app.genesis, False)
    assert [tag["tag"] for tag in seen["tags"]] == ["1.0"]
    secret = harness.party(person.name).secret("password", "only for the tests")
    for wallet in ("hot", "cold"):
        words = str(person.home / wallet)
        command = ("wallet", "create", "--wallet", wallet, "--password-file", str(secret), "--words-out", words)
        person.run(*command, "--yes")
    assert person.run("image", "show", app.name, "--json").document == seen
    kinds = [one["kind"] for one in person.run("image", "history", app.name, "--json").document["records"]]
    assert kinds == ["genesis", "release"]
    assert person.run("image", "show", app.name, "--wallet", "hot", "--json").document["owned"] is False
