"""Sealed images from end to end: a real node, a real registry, everything typed as commands."""

import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assets.images.digest import Digest
from assets.images.verdict import Verdict
from assets.registry.client import RegistryClient
from assets.registry.credentials import CredentialFinder
from assets.registry.layout import LayoutReference, read_layout
from assets.registry.media_types import MANIFESTS_ARTIFACT
from assets.registry.referrers import attached
from regtest.errors import CommandError
from regtest.harness import Harness, settings_for
from regtest.image import BuiltImage, build_image, push
from regtest.skopeo import skopeo
from tests.attacks.cheating_sealers import OtherContent
from tests.attacks.person import Person

pytestmark = [pytest.mark.node, pytest.mark.registry]

PASSWORD = "only for the tests"
PLATFORMS = ("linux/amd64", "linux/arm64")


@dataclass(frozen=True, slots=True)
class World:
    """A publisher with a repository, a consumer who pinned it, and the images between them."""

    harness: Harness
    publisher: Person
    consumer: Person
    name: str
    folder: Path

    @property
    def password(self) -> tuple[str, ...]:
        return "--password-file", str(self.publisher.home / "password")

    def publish(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """A command of the publisher's that signs."""
        return self.publisher.run("image", *arguments, *self.password, "--yes", "--json", expect=expect).document

    def pull(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """What the consumer's pull answers."""
        return self.consumer.run("image", "pull", *arguments, "--json", expect=expect).document

    def build(self, text: str, platforms: tuple[str, ...] = PLATFORMS) -> BuiltImage:
        return build_image(self.folder / text.replace(" ", "-"), text=text, platforms=platforms)


@pytest.fixture(scope="module")
def world(harness: Harness, regtest_folder: Path) -> World:
    people = []
    for name in ("publisher", "consumer"):
        home = regtest_folder / name
        home.mkdir(mode=0o700)
        people.append(Person(name=name, home=home, node=harness.node))
    publisher, consumer = people
    made = World(harness, publisher, consumer, f"{harness.registry.host}/acme/sealed", regtest_folder / "images")
    secret = publisher.home / "password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD)
    publisher.run("wallet", "create", *made.password, "--words-out", str(publisher.home / "words"), "--yes")
    address = publisher.run("wallet", "receive", "--json").document["address"]
    harness.node.fund(address, 10_000_000)
    harness.node.mine(1)
    made.publish("issue", made.name)
    harness.node.mine(1)
    consumer.pin(made.name)
    return made


@dataclass(frozen=True, slots=True)
class Released:
    """An image that was released and sealed at once."""

    built: BuiltImage
    answer: dict[str, Any]

    @property
    def ciphertext(self) -> str:
        return str(self.answer["ciphertext"])


@pytest.fixture(scope="module")
def released(world: World) -> Released:
    built = world.build("released and sealed at once")
    answer = world.publish(
        "release", f"{world.name}:1.0,latest", "--sealed", "--layout", f"oci:{built.layout}:{built.tag}"
    )
    world.harness.node.mine(1)
    return Released(built, answer)


def content_key(world: World, digest: str) -> str:
    """The content key, recomputed from the publisher's words as a restore on another machine would."""
    from assets.images.content_key import repository_secret
    from wallet.hashes import parse_txid
    from wallet.keys.mnemonic import seed
    from wallet.secret_store import SeedSecrets

    words = (world.publisher.home / "words").read_text().strip()
    pinned = world.consumer.run("image", "pins", "--json").document["pins"]
    genesis = next(one["genesis"] for one in pinned if one["name"] == world.name)
    secrets = SeedSecrets(seed(words))
    return repository_secret(secrets, parse_txid(genesis)).content_key(Digest.parse(digest)).value.hex()


@pytest.fixture
def key_file(world: World, released: Released, tmp_path: Path) -> Path:
    path = tmp_path / "content.key"
    path.touch(mode=0o600)
    path.write_text(content_key(world, released.built.digest))
    return path


def test_the_registrys_tags_stand_for_the_sealed_form_and_verify_says_so(world: World, released: Released) -> None:
    answers = [world.consumer.verify(f"{world.name}:{tag}", expect=Verdict.VERIFIED) for tag in ("1.0", "latest")]
    assert [answer["digest"] for answer in answers] == [released.ciphertext] * 2
    assert answers[0]["reason"].startswith("the sealed form of what is released: the owner bound 1.0 to sha256:")
    assert released.built.digest in answers[0]["reason"]
    assert world.consumer.verify(f"{world.name}:1.0@{released.built.digest}", expect=Verdict.VERIFIED)
    assert [record["kind"] for record in answers[0]["history"]] == ["release", "seal"]


def test_an_image_that_was_sealed_twice_is_pending_until_its_seal_is_in_a_block(world: World) -> None:
    built = world.build("sealed later")
    push(built, f"{world.name}:2.0")
    world.publish("release", f"{world.name}:2.0", "--digest", built.digest)
    world.harness.node.mine(1)
    answer = world.publish("seal", f"{world.name}:2.0")
    world.consumer.verify(f"{world.name}:2.0", expect=Verdict.PENDING)
    world.harness.node.mine(1)
    assert world.consumer.verify(f"{world.name}:2.0", expect=Verdict.VERIFIED)["digest"] == answer["ciphertext"]
    key = world.publisher.home / "generation-2.pem"
    plain = ("image", "seal", f"{world.name}@{built.digest}", "--dry-run", "--json", *world.password)
    for options, told in (
        ((), "the new form has the SAME KEY, generation 1 of repository secret"),
        (("--generation", "2"), "generation 2, is derived from the SAME REPOSITORY SECRET"),
        (("--epoch", "2"), "it stays one, and its key opens it as before"),
    ):
        (draft,) = world.publisher.run(*plain, *options).document["drafts"]
        assert told in "; ".join(draft["warnings"])
        assert ("SAME" in "; ".join(draft["warnings"])) is (options != ("--epoch", "2"))
    sealing = ("seal", f"{world.name}@{built.digest}", "--generation", "2", "--key-out", str(key))
    again = world.publish(*sealing)
    world.harness.node.mine(1)
    assert key.stat().st_mode & 0o777 == 0o600
    assert "exists already" in world.publish(*sealing, expect=3)["error"]["message"]
    opened = f"oci:{world.folder}/opened-by-skopeo:1"
    skopeo(
        "copy", "--all", "--src-tls-verify=false", "--decryption-key", str(key), f"docker://{again['image']}", opened
    )
    assert again["key_sha256"] != answer["key_sha256"]
    for form in (answer, again):
        world.consumer.verify(form["image"], expect=Verdict.VERIFIED)


def test_the_holder_of_the_key_gets_exactly_the_released_image(
    world: World, released: Released, key_file: Path, tmp_path: Path
) -> None:
    answer = world.pull(f"{world.name}:1.0", "--key-file", str(key_file), "--to", f"oci:{tmp_path}/out")
    assert answer["digest"] == released.built.digest
    assert answer["sealed_form"] == released.ciphertext
    assert read_layout(LayoutReference(folder=tmp_path / "out", tag="1.0")).digest.hex == released.built.digest[7:]
    mine, theirs = (
        {path.name: path.read_bytes() for path in (folder / "blobs" / "sha256").iterdir()}
        for folder in (tmp_path / "out", released.built.layout)
    )
    assert mine == theirs


def test_the_publisher_opens_it_with_the_words(world: World, released: Released, tmp_path: Path) -> None:
    said = world.publisher.run(
        "image", "pull", f"{world.name}:1.0", *world.password, "--to", f"oci:{tmp_path}/out", "--network", "regtest",
        "--allow", "unpinned",
    )  # fmt: skip
    assert said.stdout.strip() == f"{world.name}@{released.built.digest}"


def test_one_platform_of_a_sealed_image_can_be_pulled(
    world: World, released: Released, key_file: Path, tmp_path: Path
) -> None:
    answer = world.pull(
        f"{world.name}:1.0", "--platform", "linux/arm64", "--key-file", str(key_file), "--to", f"oci:{tmp_path}/out"
    )
    assert answer["digest"] == released.built.children["linux/arm64"]


def test_a_stranger_gets_ciphertext_and_nothing_else(world: World, released: Released, tmp_path: Path) -> None:
    said = world.consumer.run("image", "pull", f"{world.name}:1.0", "--to", f"oci:{tmp_path}/out", expect=3)
    assert "is sealed, and there is no key for it here" in said.stderr
    assert not list(tmp_path.iterdir())
    kept = world.pull(f"{world.name}:1.0", "--keep-sealed", "--to", f"oci:{tmp_path}/out")
    assert kept["digest"] == released.ciphertext
    assert not kept["opened"]


def test_another_key_is_told_from_the_right_one_before_anything_is_opened(
    world: World, released: Released, tmp_path: Path
) -> None:
    path = tmp_path / "other.key"
    path.touch(mode=0o600)
    path.write_text("ab" * 32)
    said = world.consumer.run(
        "image", "pull", f"{world.name}:1.0", "--key-file", str(path), "--to", f"oci:{tmp_path}/out", expect=3
    )
    assert "commits to a key with another sha256" in said.stderr
    assert not (tmp_path / "out").exists()


def test_the_opened_image_loads_as_a_docker_archive(
    world: World, released: Released, key_file: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "image.tar"
    world.pull(f"{world.name}:1.0", "--key-file", str(key_file), "--to", f"docker-archive:{archive}")
    seen = json.loads(skopeo("inspect", "--config", f"docker-archive:{archive}"))
    assert seen["architecture"] == "amd64"
    raw = json.loads(skopeo("inspect", f"docker-archive:{archive}"))
    assert raw["Architecture"] == "amd64"


def test_the_opened_image_can_go_to_another_registry_with_its_digest(
    world: World, released: Released, key_file: Path
) -> None:
    target = f"{world.harness.registry.host}/private/copy"
    answer = world.pull(f"{world.name}:1.0", "--key-file", str(key_file), "--to", f"{target}:1.0")
    assert answer["to"] == f"{target}@{released.built.digest}"
    shown = skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{target}:1.0")
    assert "sha256:" + hashlib.sha256(shown.encode()).hexdigest() == released.built.digest


def test_a_mirror_gets_the_ciphertext_with_the_manifests_that_it_takes_to_open_it(
    world: World, released: Released
) -> None:
    mirror = f"{world.harness.registry.host}/mirror/app"
    answer = world.pull(f"{world.name}:1.0", "--keep-sealed", "--to", f"{mirror}:1.0")
    assert answer["to"] == f"{mirror}@{released.ciphertext}"
    with RegistryClient(CredentialFinder.nowhere()) as client:
        (artifact,) = attached(client, mirror, Digest.parse(released.ciphertext), MANIFESTS_ARTIFACT)
    digests = [str(layer.digest) for layer in artifact.layers]
    assert digests == [released.built.digest, *released.built.children.values()]


def test_an_open_image_pulls_without_any_key(world: World, tmp_path: Path) -> None:
    built = world.build("open to all")
    push(built, f"{world.name}:3.0")
    world.publish("release", f"{world.name}:3.0", "--digest", built.digest)
    world.harness.node.mine(1)
    answer = world.pull(f"{world.name}:3.0", "--to", f"oci:{tmp_path}/out:mine")
    assert (answer["digest"], answer["sealed_form"]) == (built.digest, None)
    assert read_layout(LayoutReference(folder=tmp_path / "out", tag="mine")).digest.hex == built.digest[7:]


def test_an_image_that_does_not_verify_is_not_fetched(world: World, tmp_path: Path) -> None:
    built = world.build("never released")
    push(built, f"{world.name}:9.9")
    said = world.consumer.run(
        "image", "pull", f"{world.name}:9.9", "--to", f"oci:{tmp_path}/out", expect=int(Verdict.UNRELEASED)
    )
    assert said.stdout == ""
    assert not list(tmp_path.iterdir())
    assert not list(world.consumer.home.rglob(built.digest[7:]))


def test_a_destination_that_holds_something_is_left_alone(world: World, released: Released, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").write_text("mine")
    said = world.consumer.run(
        "image", "pull", f"{world.name}:1.0", "--keep-sealed", "--to", f"oci:{tmp_path}/out", expect=3
    )
    assert "is there already" in said.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["precious"]


def stock(world: World) -> tuple[set[str], dict[str, str]]:
    """What the consumer would serve, and what not and why."""
    said = world.consumer.run("image", "serve", "--check", "--json").document
    return {one["image"] for one in said["served"]}, {one["image"]: one["why"] for one in said["refused"]}


def test_what_was_pulled_is_served_as_long_as_it_verifies(world: World, released: Released) -> None:
    first, second = world.build("served one"), world.build("served two")
    push(first, f"{world.name}:5.0")
    world.publish("release", f"{world.name}:5.0", "--digest", first.digest)
    world.harness.node.mine(1)
    world.pull(f"{world.name}:5.0")
    world.pull(f"{world.name}:1.0")
    mine, sealed = f"{world.name}:5.0@{first.digest}", f"{world.name}:1.0@{released.ciphertext}"
    assert {mine, sealed} <= stock(world)[0]
    told = world.consumer.run("image", "serve", "--check").stdout.splitlines()
    assert {f"serves {mine}", f"serves {sealed} (sealed)"} <= set(told)
    push(second, f"{world.name}:5.0")
    world.publish("release", f"{world.name}:5.0", "--digest", second.digest)
    world.harness.node.mine(1)
    served, refused = stock(world)
    assert sealed in served
    assert "SUPERSEDED" in refused[mine]


def test_the_plain_form_of_a_sealed_image_is_not_served(world: World, released: Released) -> None:
    push(released.built, f"{world.name}:plain")
    reference = f"{world.name}:1.0@{released.built.digest}"
    world.pull(reference)
    served, refused = stock(world)
    assert reference not in served
    assert "holders only" in refused[reference]


def test_container_tools_pull_from_the_local_registry(world: World, released: Released, tmp_path: Path) -> None:
    world.pull(f"{world.name}:1.0")
    served, refused = stock(world)
    assert f"{world.name}:1.0@{released.ciphertext}" in served, refused
    party = world.harness.party("peer")
    environment = {**party.environment, **settings_for(world.consumer.home, world.harness.node)}
    command = [sys.executable, "-m", "tui", "image", "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as serving:
        assert serving.stderr is not None
        try:
            said = next(line for line in serving.stderr if line.startswith("serving at "))
            address = said.removeprefix("serving at ").partition(";")[0]
            path = world.name.partition("/")[2]
            skopeo(
                "copy", "--all", "--preserve-digests", "--src-tls-verify=false",
                f"docker://{address}/{path}:1.0", f"oci:{tmp_path}/pulled:1.0",
            )  # fmt: skip
            with pytest.raises(CommandError, match="manifest unknown"):
                skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{address}/{path}@{released.built.digest}")
        finally:
            serving.send_signal(signal.SIGINT)
            serving.stderr.read()
    assert serving.returncode == 0
    pulled = read_layout(LayoutReference(folder=tmp_path / "pulled", tag="1.0"))
    assert str(pulled.digest) == released.ciphertext


def test_revoking_the_original_revokes_its_sealed_form(world: World, tmp_path: Path) -> None:
    built = world.build("soon revoked")
    answer = world.publish("release", f"{world.name}:4.0", "--sealed", "--layout", f"oci:{built.layout}:{built.tag}")
    world.harness.node.mine(1)
    world.consumer.verify(answer["image"], expect=Verdict.VERIFIED)
    world.publish("revoke", f"{world.name}@{built.digest}")
    world.harness.node.mine(1)
    world.consumer.verify(answer["image"], expect=Verdict.REVOKED)
    world.consumer.run("image", "pull", f"{world.name}:4.0", "--to", f"oci:{tmp_path}/out", expect=12)


def test_an_owner_who_seals_something_else_can_be_shown_to_anybody(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = world.build("what was promised", platforms=("linux/amd64",))
    with monkeypatch.context() as patched:
        patched.setattr("tui.verbs.image.seal.Sealer", OtherContent)
        sealed = world.publish(
            "release", f"{world.name}:6.6", "--sealed", "--layout", f"oci:{built.layout}:{built.tag}"
        )
    world.harness.node.mine(1)
    key, proof, kept = tmp_path / "key", tmp_path / "proof.json", f"oci:{tmp_path}/kept:6.6"
    key.touch(mode=0o600)
    key.write_text(content_key(world, built.digest))
    refused = world.pull(
        f"{world.name}:6.6", "--key-file", str(key), "--to", f"oci:{tmp_path}/out", "--proof", str(proof), expect=3
    )["error"]
    assert refused["kind"] == "broken_seal"
    assert "opens to something else than what was released" in refused["message"]
    assert f"check-proof {proof}" in refused["hint"]
    assert not (tmp_path / "out").exists()
    assert proof.stat().st_mode & 0o777 == 0o600
    home = tmp_path / "anybody"
    home.mkdir(mode=0o700)
    anybody = Person(name="anybody", home=home, node=world.harness.node)
    shown = anybody.run("image", "check-proof", str(proof), "--json").document
    assert (shown["proven"], shown["released"], shown["ciphertext"]) == (True, True, sealed["ciphertext"])
    assert shown["reason"] == refused["message"]
    world.pull(f"{world.name}:6.6", "--keep-sealed", "--to", kept)
    assert "sealed by" in anybody.run("image", "check-proof", str(proof), "--layout", kept).stdout
    honest = anybody.run("image", "check-proof", str(proof), "--network", "signet", expect=3)
    assert "the proof is about regtest" in honest.stderr


def test_a_holder_hands_the_key_to_skopeo_and_reads_it_back(
    world: World, released: Released, key_file: Path, tmp_path: Path
) -> None:
    pem, kept, opened = tmp_path / "key.pem", f"oci:{tmp_path}/kept:1", f"oci:{tmp_path}/opened:1"
    world.pull(f"{world.name}:1.0", "--keep-sealed", "--key-file", str(key_file), "--key-out", str(pem), "--to", kept)
    assert pem.stat().st_mode & 0o777 == 0o600
    skopeo("copy", "--all", "--decryption-key", str(pem), kept, opened)
    answer = world.pull(f"{world.name}:1.0", "--key-file", str(pem), "--to", f"oci:{tmp_path}/ours")
    assert answer["digest"] == released.built.digest
    again = world.pull(f"{world.name}:1.0", "--key-file", str(pem), "--key-out", str(pem), expect=3)
    assert "exists already" in again["error"]["message"]


def test_nothing_is_pushed_before_the_owner_agreed(world: World) -> None:
    built = world.build("asked first")
    layout = f"oci:{built.layout}:{built.tag}"
    asked = ("image", "release", f"{world.name}:7.0", "--sealed", "--layout", layout, *world.password)
    before = sorted(world.harness.registry.storage.rglob("*"))
    said = world.publisher.run(*asked, expect=3)
    assert "reads its config" in said.stderr
    assert "cannot ask without a terminal: Encrypt and push this image?" in said.stderr
    *_, record = world.publisher.run(*asked, "--dry-run", "--json").document["drafts"]
    assert "is the sealed form of" in record["effects"][0]
    assert sorted(world.harness.registry.storage.rglob("*")) == before
    assert not list(world.publisher.home.rglob("*.staging"))
