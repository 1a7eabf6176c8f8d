"""T21: a stranger issues an asset for the owner's name and gives it to the owner, whose script the chain shows.

The owner's commands then find two repositories of one name. None is chosen: each command lists both and says how to
name one, and what is named is what is acted on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from assets.images.verdict import Verdict
from tests.assets.index.signing_party import Signer
from tests.attacks.ground import Ground
from tests.attacks.publisher import Publisher, new_publisher
from tests.regtest.people import KeepsKeys, spend_plainly
from wallet.keys.address import unit_address_of
from wallet.network import REGTEST

NOWHERE = "ab" * 32


def keeping_keys(made: Publisher) -> Publisher:
    """The same publisher; deriving a keystore's key takes long, and is tried elsewhere."""
    return replace(made, person=replace(made.person, houses=KeepsKeys))


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Two repositories of one name: the owner's, and the one that mallory gave the owner."""

    owner: Publisher
    name: str
    own: str
    given: str
    digest: str

    def waiting(self) -> list[str]:
        """What waits for a block."""
        return list(self.owner.ground.node.rpc("getrawmempool"))

    def address(self, of: Publisher) -> str:
        """Where somebody takes units."""
        return address_of(of)


@pytest.fixture(scope="module")
def mallory(ground: Ground) -> Publisher:
    return keeping_keys(new_publisher(ground, "mallory"))


@pytest.fixture(scope="module")
def twins(ground: Ground, mallory: Publisher) -> Twins:
    """Two repositories of one name, for tests that change nothing."""
    return new_twins(ground, mallory, "owner")


def new_twins(ground: Ground, mallory: Publisher, who: str) -> Twins:
    """The owner has released, and has a lot for sale; mallory's gift is in a block."""
    owner = keeping_keys(new_publisher(ground, who))
    name = owner.issue(f"gift/{who}")
    digest = owner.release(name, "1.0")
    ground.node.mine()
    own = genesis_of(owner, name)
    owner.signs("market", "sell", name, "--access", "--copies", "1", "--price", "0.001")
    ground.node.mine()
    given = gives_title(mallory, name, address_of(owner))
    return Twins(owner=owner, name=name, own=own, given=given, digest=digest)


def address_of(publisher: Publisher) -> str:
    """A unit address of somebody."""
    return str(publisher.person.run("wallet", "receive", "--units", "--json").document["address"])


def genesis_of(publisher: Publisher, name: str) -> str:
    """The only repository of a name."""
    return str(publisher.person.run("image", "show", name, "--json").document["genesis"])


def issues(publisher: Publisher, name: str) -> str:
    """An asset of a name, in a block; its genesis."""
    genesis = str(publisher.signs("image", "issue", name, "--no-publish")["genesis"])
    publisher.ground.node.mine()
    return genesis


def gives_title(mallory: Publisher, name: str, address: str) -> str:
    """A title of a name, and its treasury."""
    given = issues(mallory, name)
    mallory.signs("image", "transfer", name, "--genesis", given, address)
    mallory.ground.node.mine()
    return given


def counted(publisher: Publisher, genesis: str) -> list[str]:
    """The kinds of the records that count in a repository, oldest first."""
    records = publisher.person.run("image", "history", "--genesis", genesis, "--json").document["records"]
    return [one["kind"] for one in records if one["counts"]]


SIGNING: dict[str, Callable[[Twins], tuple[str, ...]]] = {
    "release": lambda one: ("image", "release", f"{one.name}:1.0", "--digest", one.digest, "--final"),
    "revoke": lambda one: ("image", "revoke", f"{one.name}@{one.digest}"),
    "revoke by tag": lambda one: ("image", "revoke", f"{one.name}:1.0"),
    "define": lambda one: ("image", "define", one.name, "--issuer", "Mine Ltd"),
    "transfer": lambda one: ("image", "transfer", one.name, one.address(one.owner)),
    "seal": lambda one: ("image", "seal", f"{one.name}:1.0"),
    "release sealed": lambda one: ("image", "release", f"{one.name}:1.0", "--digest", one.digest, "--sealed"),
    "grant": lambda one: ("access", "grant", one.name, one.address(one.owner)),
    "login": lambda one: ("access", "login", one.name),
    "sell the title": lambda one: ("market", "sell", one.name, "--title", "--price", "0.5"),
    "sell access": lambda one: ("market", "sell", one.name, "--access", "--copies", "1", "--price", "0.5"),
    "relist": lambda one: ("market", "sell", one.name, "--access", "--relist"),
    "cancel": lambda one: ("market", "cancel", one.name),
    "recall": lambda one: ("market", "cancel", one.name, "--lots"),
    "export": lambda one: ("market", "export-shop", one.name, str(one.owner.person.home / "never.json")),
}
LOOKING: dict[str, Callable[[Twins], tuple[str, ...]]] = {
    "show": lambda one: ("image", "show", one.name),
    "history": lambda one: ("image", "history", one.name),
    "publish": lambda one: ("image", "publish", one.name),
    "holders": lambda one: ("access", "holders", one.name),
    "offers": lambda one: ("market", "offers", one.name),
}


@pytest.mark.parametrize("verb", SIGNING)
def test_t21_no_command_chooses_between_two_repositories_of_a_name(twins: Twins, verb: str) -> None:
    owner = twins.owner
    said = owner.refuses(*SIGNING[verb](twins)).stderr
    assert "fits 2 repositories" in said
    assert "--genesis TXID" in said
    assert f"genesis {twins.own} (since block" in said
    assert f"genesis {twins.given} (since block" in said
    assert "owned, issued by this wallet" in said
    assert "owned, received from somebody else" in said
    assert not twins.waiting()
    assert not (owner.person.home / "never.json").exists()


def test_t21_a_gift_stops_neither_an_issue_nor_a_pipeline(ground: Ground, mallory: Publisher) -> None:
    """330 sat buy a stranger no name: the owner issues all the same, once, and each refusal says the very command."""
    owner = keeping_keys(new_publisher(ground, "late"))
    name = ground.name("gift/late")
    given = gives_title(mallory, name, address_of(owner))
    gift = counted(owner, given)
    said = owner.refuses("image", "issue", name, "--no-publish").stderr
    assert f"holds the title of {name} already: genesis {given}" in said
    assert f"dockchains image issue {name} --rival" in said
    assert not ground.node.rpc("getrawmempool")
    own = str(owner.signs("image", "issue", name, "--no-publish", "--rival")["genesis"])
    ground.node.mine()
    assert f"has issued {name} already: genesis {own}" in owner.refuses("image", "issue", name, "--rival").stderr
    digest = str(ground.push(name, "1.0", "mine"))
    error = owner.person.run(
        "image", "release", f"{name}:1.0", "--digest", digest, "--json", "--yes", expect=3
    ).document["error"]
    assert f"{name}:1.0 --digest {digest} --json --yes --genesis {own}" in error["hint"]
    assert owner.signs("image", "release", f"{name}:1.0", "--digest", digest, "--genesis", own)["genesis"] == own
    ground.node.mine()
    assert counted(owner, given) == gift


@pytest.mark.parametrize("verb", LOOKING)
def test_t21_what_only_looks_chooses_no_more_than_what_signs(twins: Twins, verb: str) -> None:
    person = twins.owner.person
    arguments = LOOKING[verb](twins)
    said = person.refused(*arguments)
    assert twins.own in said
    assert twins.given in said
    error = person.run(*arguments, "--json", expect=3).document["error"]
    assert error["kind"] == "ambiguous_name"
    found = [(one["genesis"], one["owned"], one["issued"]) for one in error["repositories"]]
    assert found == [(twins.own, True, True), (twins.given, True, False)]
    assert all(isinstance(one["height"], int) for one in error["repositories"])
    if verb != "publish":
        shown = person.run(*arguments, "--genesis", twins.given, "--json").stdout
        assert twins.given in shown


def test_t21_a_genesis_of_another_name_is_refused(twins: Twins, mallory: Publisher) -> None:
    """Name and genesis are both said: they have to belong together."""
    other = issues(mallory, f"{twins.name}/other")
    owner = twins.owner
    for verb in (SIGNING["release"], SIGNING["define"], SIGNING["transfer"], LOOKING["show"]):
        said = owner.person.run(*verb(twins), "--genesis", other, expect=3).stderr
        assert f"never went by {twins.name}" in said
        said = owner.person.run(*verb(twins), "--genesis", NOWHERE, expect=3).stderr
        assert "is not in the node's chain" in said
    assert not twins.waiting()


def test_t21_what_is_named_is_acted_on_and_the_other_stays_as_it_was(ground: Ground, mallory: Publisher) -> None:
    """Everything that an owner does, with the gift lying there; at the end the gift is handed back."""
    twins = new_twins(ground, mallory, "busy")
    owner, named = twins.owner, ("--genesis", twins.own)
    gift = counted(owner, twins.given)
    for verb in ("define", "grant", "release", "relist", "recall"):
        owner.signs(*SIGNING[verb](twins), *named)
        ground.node.mine()
    owner.person.run("image", "publish", twins.name, *named)
    sealed = owner.signs("image", "seal", f"{twins.name}:1.0", "--keep-tag", *named)
    ground.node.mine()
    assert sealed["plaintext"] == twins.digest
    assert counted(owner, twins.own) == ["genesis", "release", "define", "final", "seal"]
    assert counted(owner, twins.given) == gift == ["genesis"]
    listed = {
        one["genesis"]: one["owned"] for one in owner.person.run("image", "list", "--json").document["repositories"]
    }
    assert listed == {twins.own: True, twins.given: True}, "both are shown, each by its genesis"
    owner.signs(*SIGNING["revoke"](twins), *named)
    ground.consumer.pin(twins.name, *named)
    ground.consumer.verify(f"{twins.name}:1.0", expect=Verdict.REVOKED)
    owner.signs("image", "transfer", twins.name, twins.address(mallory), "--genesis", twins.given)
    ground.node.mine()
    listed = {
        one["genesis"]: one["owned"] for one in owner.person.run("image", "list", "--json").document["repositories"]
    }
    assert listed == {twins.own: True, twins.given: False}
    said = owner.refuses(*SIGNING["define"](twins)).stderr
    assert f"genesis {twins.given} (since block" in said, "what was here once still makes the name mean two"
    assert "not owned, received from somebody else" in said


@pytest.mark.parametrize("what", ["left", "frozen"])
def test_t21_a_repository_that_left_or_froze_is_not_overlooked(
    ground: Ground, mallory: Publisher, publisher: Publisher, what: str
) -> None:
    """The owner's own one is gone, and the only title of the name that is here is the stranger's."""
    publisher = keeping_keys(publisher)
    name = publisher.issue(f"gift/{what}")
    shown = publisher.person.run("image", "show", name, "--json").document
    own = shown["genesis"]
    if what == "left":
        publisher.signs("image", "transfer", name, unit_address_of(Signer("somebody").script, REGTEST))
    else:
        spend_plainly(publisher.person, shown["title"])
    ground.node.mine()
    given = gives_title(mallory, name, address_of(publisher))
    before = publisher.what_is_there()
    said = publisher.refuses("image", "define", name, "--issuer", "Mine Ltd").stderr
    assert f"genesis {own} (since block" in said
    assert f"not owned, issued by this wallet{', frozen' if what == 'frozen' else ''}" in said
    assert given in said
    said = publisher.refuses("image", "define", name, "--issuer", "Mine Ltd", "--genesis", own).stderr
    assert ("has left this wallet" if what == "left" else "its title is lost") in said
    assert publisher.what_is_there() == before


@pytest.mark.parametrize("gift", ["an access unit", "a renamed one", "a pin"])
def test_t21_no_other_way_makes_a_stranger_s_repository_the_one_that_is_meant(
    ground: Ground, mallory: Publisher, publisher: Publisher, gift: str
) -> None:
    publisher = keeping_keys(publisher)
    name = publisher.issue(f"gift/{gift.replace(' ', '-')}")
    own, address = genesis_of(publisher, name), address_of(publisher)
    if gift == "an access unit":
        given = issues(mallory, name)
        mallory.signs("access", "grant", name, address, "--genesis", given)
    elif gift == "a renamed one":
        given = issues(mallory, f"{name}/x")
        mallory.signs("image", "define", f"{name}/x", "--name", name, "--no-publish")
        ground.node.mine()
        mallory.signs("image", "transfer", name, address, "--genesis", given)
    else:
        given = issues(mallory, name)
        publisher.person.pin(name, "--genesis", given)
    ground.node.mine()
    digest = str(ground.push(name, "1.0", name))
    release = ("image", "release", f"{name}:1.0", "--digest", digest)
    said = publisher.refuses(*release).stderr
    assert own in said
    assert given in said
    assert not ground.node.rpc("getrawmempool")
    publisher.signs(*release, "--genesis", own)
    ground.node.mine()
    assert counted(publisher, own) == ["genesis", "release"]


def test_t21_a_stranger_s_genesis_that_gave_nothing_changes_nothing(
    ground: Ground, mallory: Publisher, publisher: Publisher
) -> None:
    """Anybody can claim a name on the chain: without a gift or a pin it is no candidate."""
    publisher = keeping_keys(publisher)
    name = publisher.issue("gift/claimed")
    issues(mallory, name)
    digest = publisher.release(name, "1.0")
    ground.node.mine()
    own = genesis_of(publisher, name)
    assert counted(publisher, own) == ["genesis", "release"]
    assert publisher.person.run("image", "show", name, "--json").document["tags"][0]["digest"] == digest


def test_t21_two_bought_repositories_of_a_name_are_told_apart(ground: Ground, mallory: Publisher) -> None:
    """Neither was issued by this wallet: the new owner still revokes in the one that is meant."""
    seller, buyer = keeping_keys(new_publisher(ground, "seller")), keeping_keys(new_publisher(ground, "buyer"))
    name = seller.issue("gift/bought")
    digest = seller.release(name, "1.0")
    ground.node.mine()
    genesis = genesis_of(seller, name)
    seller.signs("image", "transfer", name, address_of(buyer))
    given = gives_title(mallory, name, address_of(buyer))
    revoke = ("image", "revoke", f"{name}@{digest}")
    assert "fits 2 repositories" in buyer.refuses(*revoke).stderr
    buyer.signs(*revoke, "--genesis", genesis)
    ground.node.mine()
    assert counted(buyer, genesis)[-1] == "revoke"
    assert counted(buyer, given) == ["genesis"]
