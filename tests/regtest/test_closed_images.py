"""Closed images from end to end: real node, registry and gate, everything typed as commands, unmodified skopeo."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from regtest.chapters import closed_images
from regtest.chapters.closed_images import Closed
from regtest.chapters.world import PASSWORD, World
from regtest.gated import GatedRegistry, skopeo_of
from regtest.harness import Harness
from regtest.image import build_image, push
from regtest.party import Completed, Party
from regtest.story import Story
from tests.attacks.person import Person, Said
from tests.tui.cli.typist import converse

pytestmark = [pytest.mark.node, pytest.mark.registry]

TOOLS = (".docker/config.json", ".config/containers/auth.json")


@pytest.fixture(scope="module")
def closed(harness: Harness) -> Iterator[Closed]:
    """A studio with a sealed and gated image; the gate runs from its bundle."""
    world = World(story=Story(Console(file=io.StringIO())), harness=harness)
    with closed_images.closed_registry(world) as closed:
        closed_images.release(closed)
        yield closed


@dataclass(frozen=True, slots=True)
class Typist:
    """A party whose commands run in this process, which is quicker; skopeo runs with the same home."""

    closed: Closed
    party: Party

    @property
    def home(self) -> Path:
        return self.party.home

    def run(self, *arguments: str, expect: int | None = 0) -> Said:
        person = Person(name=self.party.name, home=self.home, node=self.closed.world.harness.node)
        return person.run(*arguments, expect=expect)

    def json(self, *arguments: str) -> dict[str, Any]:
        return self.run(*arguments, "--json").document

    @property
    def password(self) -> tuple[str, str]:
        return self.closed.world.password(self.party)

    def log_in(self, *options: str, expect: int = 0) -> Said:
        return self.run("access", "login", self.closed.name, *self.password, "--yes", *options, expect=expect)


def typist(closed: Closed, name: str) -> Typist:
    return Typist(closed, closed.world.harness.party(name))


def funded(someone: Typist) -> Typist:
    """The same with a wallet and some bitcoin in a block."""
    node = someone.closed.world.harness.node
    someone.json("wallet", "create", *someone.password, "--words-out", str(someone.home / "words"), "--yes")
    node.fund(someone.json("wallet", "receive")["address"], 100_000)
    node.mine(1)
    return someone


def holder(closed: Closed, name: str) -> Typist:
    """Somebody with a wallet and one access unit in a block."""
    node, made = closed.world.harness.node, funded(typist(closed, name))
    address = made.json("wallet", "receive", "--units")["address"]
    studio = Typist(closed, closed.studio)
    studio.json("access", "grant", closed.name, address, *studio.password, "--yes")
    node.mine(1)
    return made


def copied(someone: Typist, reference: str = "") -> Completed:
    """What skopeo says to pulling the closed image."""
    source, target = reference or f"{someone.closed.name}:1.0", someone.home / "copied"
    return skopeo_of(someone.party, "copy", "--src-tls-verify=false", f"docker://{source}", f"dir:{target}")


def give_back(closed: Closed, holder: Typist) -> None:
    """The unit is sold to the studio; no block has it yet."""
    studio = Typist(closed, closed.studio)
    listing, bid = holder.home / "ask.json", studio.home / f"bid of {holder.party.name}"
    holder.run(
        "market", "sell", closed.name, "--access", "--copies", "1", "--price", "0.0001", "--out", str(listing),
        *holder.password, "--yes",
    )  # fmt: skip
    studio.run("market", "buy", str(listing), "--name", closed.name, "--out", str(bid), *studio.password, "--yes")
    holder.run("market", "accept", str(bid), *holder.password, "--yes")


def test_a_holder_pulls_from_the_login_until_the_unit_moves_on(closed: Closed) -> None:
    reader = holder(closed, "reader")
    before = copied(reader)
    assert (before.code, closed_images.DENIED in before.stderr) == (1, True)

    reader.log_in()
    assert copied(reader).code == 0
    mirrored = skopeo_of(
        reader.party, "copy", "--dest-tls-verify=false", f"dir:{reader.home / 'copied'}", f"docker://{closed.name}:9.9"
    )
    assert (mirrored.code, closed_images.DENIED in mirrored.stderr) == (1, True), "holders do not push"
    listed = skopeo_of(reader.party, "list-tags", "--tls-verify=false", f"docker://{closed.place.host}/other/app")
    assert listed.code == 1, "nor pull what they hold nothing of"

    reader.json("image", "pin", closed.name, "--yes")
    target = reader.home / "film"
    assert reader.json("image", "pull", f"{closed.name}:1.0", "--to", f"oci:{target}")["opened"]

    stolen = (reader.home / "dockchains" / "logins" / f"{closed.place.host}.json").read_bytes()
    give_back(closed, reader)
    gone = copied(reader)
    assert (gone.code, closed_images.DENIED in gone.stderr) == (1, True), "a unit that the mempool spends is not held"
    closed.world.harness.node.mine(1)
    gone = copied(reader)
    assert (gone.code, closed_images.DENIED in gone.stderr) == (1, True)
    key = reader.run("image", "pull", f"{closed.name}:1.0", "--to", f"oci:{reader.home / 'again'}", expect=None)
    assert key.code != 0
    assert not (reader.home / "again").exists()

    out = reader.run("access", "logout", closed.name)
    assert "the gate has forgotten the session" in out.stderr
    assert not any((reader.home / file).exists() for file in TOOLS)
    _thief_is_refused(closed, stolen)


def _thief_is_refused(closed: Closed, stolen: bytes) -> None:
    """A copy of the session's file opens nothing after the logout: the gate refuses it by name."""
    thief = typist(closed, "thief")
    folder = thief.home / "dockchains" / "logins"
    folder.mkdir(parents=True, mode=0o700)
    file = folder / f"{closed.place.host}.json"
    file.touch(mode=0o600)
    file.write_bytes(stolen)
    auth = thief.home / ".docker" / "config.json"
    auth.parent.mkdir()
    auth.write_text(json.dumps({"credHelpers": {closed.place.host: "dockchains"}}))
    done = copied(thief)
    assert done.code == 1
    assert "unauthorized" in done.stderr


def test_the_owner_pushes_with_skopeo_by_the_login_also_while_a_release_waits(closed: Closed, tmp_path: Path) -> None:
    studio, node = Typist(closed, closed.studio), closed.world.harness.node
    image = build_image(tmp_path / "plain", tag="2.0", text="gated, and not sealed")

    def push_as(tag: str) -> None:
        source, target = f"oci:{image.layout}:{image.tag}", f"docker://{closed.name}:{tag}"
        done = skopeo_of(studio.party, "copy", "--all", "--preserve-digests", "--dest-tls-verify=false", source, target)
        assert done.code == 0, done.stderr

    push_as("2.0")
    studio.run("image", "release", f"{closed.name}:2.0", "--digest", image.digest, *studio.password, "--yes")
    push_as("2.0-again")
    node.mine(1)
    reader = holder(closed, "reader of a plain image")
    refused = reader.run("image", "pull", f"{closed.name}:2.0", "--allow", "unpinned", expect=None)
    assert (refused.code != 0, "access login" in refused.stderr) == (True, True)
    reader.log_in()
    reader.json("image", "pin", closed.name, "--yes")
    pulled = reader.json("image", "pull", f"{closed.name}:2.0", "--to", f"oci:{reader.home / 'plain'}")
    assert (pulled["digest"], pulled["opened"]) == (image.digest, False)


def test_the_gate_may_be_away(closed: Closed, tmp_path: Path) -> None:
    reader = holder(closed, "patient reader")
    reader.log_in()
    open_image = build_image(tmp_path / "open", tag="1.0", text="open to everybody")
    push(open_image, f"{closed.world.harness.registry.host}/open/app:1.0")
    before = {file: (reader.home / file).read_bytes() for file in TOOLS}
    closed.place.stop_gate()
    try:
        assert copied(reader).code == 1
        assert copied(reader, f"{closed.world.harness.registry.host}/open/app:1.0").code == 0
        renewed = reader.log_in(expect=3)
        assert "does not answer" in renewed.stderr
        assert {file: (reader.home / file).read_bytes() for file in TOOLS} == before
    finally:
        closed.place.start_gate()
    assert copied(reader).code == 0, "a gate that comes back knows its sessions"
    closed.place.stop_gate()
    try:
        out = reader.run("access", "logout", "--all")
        assert "the gate could not be told" in out.stderr
        assert not any((reader.home / file).exists() for file in TOOLS)
        assert reader.json("access", "login")["logins"] == []
    finally:
        closed.place.start_gate()


def test_a_sealed_image_at_a_public_registry_opens_by_a_login_for_keys_alone(closed: Closed, tmp_path: Path) -> None:
    harness = closed.world.harness
    press, reader = funded(typist(closed, "press")), funded(typist(closed, "subscriber"))
    name = f"{harness.registry.host}/press/paper"
    with GatedRegistry(harness.folder / "press", harness.party("press gate")) as place:
        press.run("image", "issue", name, "--gate", place.origin, *press.password, "--yes")
        harness.node.mine(1)
        press.run("image", "pin", name, "--yes")
        image = build_image(tmp_path / "paper", tag="1.0", text="for subscribers")
        sealed = press.run(
            "image", "release", f"{name}:1.0", "--sealed", "--layout", f"oci:{image.layout}:{image.tag}",
            *press.password, "--yes",
        )  # fmt: skip
        assert f"no key for it from the gate {place.origin}" in sealed.stderr
        address = reader.json("wallet", "receive", "--units")["address"]
        press.run("access", "grant", name, address, *press.password, "--yes")
        harness.node.mine(1)
        press.run("access", "export-gate", str(place.bundle), "--origin", place.origin, *press.password)
        place.start_gate()
        reader.run("image", "pin", name, "--yes")
        refused = reader.run("image", "pull", f"{name}:1.0", "--to", f"oci:{reader.home / 'paper'}", expect=3)
        assert f"dockchains access login {name}" in refused.stderr
        login = reader.run("access", "login", name, *reader.password, "--yes", "--json")
        assert (login.document["files"], "container tools are told nothing" in login.stderr) == ([], True)
        assert not any((reader.home / file).exists() for file in TOOLS)
        assert copied(reader, f"{name}:1.0").code == 0, "the ciphertext is for everybody"
        pulled = reader.json("image", "pull", f"{name}:1.0", "--to", f"oci:{reader.home / 'paper'}")
        assert (pulled["digest"], pulled["opened"]) == (image.digest, True)
        mirror = f"{harness.registry.host}/mirror/paper"
        reader.run("image", "pull", f"{name}:1.0", "--keep-sealed", "--to", f"{mirror}:1.0")
        genesis = reader.json("image", "pins")["pins"][0]["genesis"]
        again = reader.json(
            "image", "pull", f"{mirror}:1.0", "--genesis", genesis, "--to", f"oci:{reader.home / 'mirrored'}"
        )
        assert (again["digest"], again["opened"]) == (image.digest, True), "the gate is the repository's own"
        assert "has forgotten the session" in reader.run("access", "logout", name).stderr


def test_every_refusal_says_what_to_do_next(closed: Closed) -> None:
    stranger, studio = typist(closed, "passer-by"), Typist(closed, closed.studio)
    password = studio.password
    nobody = stranger.run("access", "login", closed.name, expect=None)
    assert "dockchains wallet create" in nobody.stderr
    wrong = closed.studio.secret("wrong", "not the password")
    for arguments, code, said in (
        (("access", "login", closed.name, *password), 3, "answer with --yes"),
        (("access", "login", closed.name, "--yes"), 4, "--password-file"),
        (("access", "login", closed.name, "--yes", "--password-file", str(wrong)), 4, "password"),
        (("access", "login", closed.name, *password, "--days", "31"), 3, "from 1 to 30"),
        (("access", "login", f"{closed.place.host}/nobody/knows", *password), 3, "check the name"),
        (("access", "logout", "registry.example/acme/app"), 3, "is not logged in"),
        (("access", "logout"), 2, "--all"),
        (("access", "logout", closed.name, "--all"), 2, "--all"),
    ):
        refused = studio.run(*arguments, expect=None)
        assert refused.code == code, (arguments, refused.stderr)
        assert said in refused.stderr, (arguments, refused.stderr)
    assert studio.json("access", "login")["logins"][0]["image"] == closed.name, "the old login is as it was"


def test_a_dry_run_says_what_the_gate_would_learn_and_signs_nothing(closed: Closed) -> None:
    studio = Typist(closed, closed.studio)
    before = studio.json("access", "login")
    shown = studio.json("access", "login", closed.name, "--dry-run")
    assert (shown["gate"], shown["repositories"], shown["for_tools"]) == (closed.place.origin, [closed.name], True)
    assert shown["scripts"]
    after = studio.json("access", "login")
    assert [one["session"] for one in after["logins"]] == [one["session"] for one in before["logins"]]


def test_at_a_terminal_it_asks_before_it_signs(closed: Closed) -> None:
    studio = Typist(closed, closed.studio)
    before = studio.json("access", "login")["logins"][0]["session"]
    asked = ["access", "login", closed.name]
    declined = converse(asked, [("Log in at http://.*", "n")], closed.studio.environment)
    assert (declined.code, declined.stdout) == (5, "")
    assert studio.json("access", "login")["logins"][0]["session"] == before
    done = converse(asked, [("Log in at http://.*", "y"), ("Password of", PASSWORD)], closed.studio.environment)
    assert done.code == 0, done.shown
    assert "this replaces the login for" in done.shown
    assert PASSWORD not in done.shown + done.stdout
    assert studio.json("access", "login")["logins"][0]["session"] != before


def test_a_stranger_sees_whose_it_is_and_cannot_have_it(closed: Closed) -> None:
    stranger = typist(closed, "curious")
    pinned = stranger.json("image", "pin", closed.name, "--yes")
    assert pinned["name"] == closed.name
    refused = stranger.run("image", "pull", f"{closed.name}:1.0", expect=None)
    assert refused.code != 0
    assert f"dockchains access login {closed.name}" in refused.stderr
