"""Releasing: where the digest may come from, what is refused, and what two machines or a killed one leave behind."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bitcoin.core import CTxOut

from assets.images.digest import Digest
from regtest.harness import Harness
from regtest.image import build_image, push
from tests.regtest.workshop import Workshop, open_workshop, require_agreement
from tests.tui.cli.typist import converse
from wallet.coins import AccountKind
from wallet.psbt import finalize, to_psbt
from wallet.transactions import Prevout, UnsignedTransaction, assemble

pytestmark = [pytest.mark.node, pytest.mark.registry]

NOWHERE = Digest.of(b"never pushed")


@pytest.fixture(scope="module")
def workshop(harness: Harness) -> Iterator[Workshop]:
    """A publisher with some bitcoin; at the end the judge looks at everything that was done."""
    made = open_workshop(harness)
    yield made
    require_agreement(made)
    made.client.close()


@pytest.fixture(scope="module")
def shared(workshop: Workshop) -> str:
    """A repository for what is refused: 1.0 is served and released, `other` is served with other bytes."""
    name = workshop.issue("shared")
    digest = workshop.push(name, "1.0", "same", seed="one")
    workshop.push(name, "other", seed="two")
    workshop.release(name, "1.0", digest)
    workshop.harness.node.mine()
    return name


def digest_of(workshop: Workshop, name: str, tag: str) -> Digest:
    """What the registry serves."""
    return workshop.client.manifest(name, tag).digest


def bound(workshop: Workshop, name: str) -> dict[str, str]:
    """What each tag is settled on."""
    return {tag["tag"]: tag["digest"] for tag in workshop.show(name)["tags"]}


def test_a_release_pays_its_own_fee_out_of_the_title(workshop: Workshop) -> None:
    name = workshop.issue("one")
    digest = workshop.push(name, "1.0")
    answer = workshop.release(name, "1.0", digest)
    (sent,) = answer["transactions"]
    assert answer["image"] == f"{name}@{digest}"
    decoded = workshop.harness.node.rpc("getrawtransaction", sent["txid"], 1)
    assert (len(decoded["vin"]), len(decoded["vout"])) == (1, 2)
    view = workshop.show(name)
    assert view["title_sats"] == 10_000 - sent["fee"]
    assert [(one["kind"], one["tags"]) for one in view["pending"] if one["kind"] == "release"] == [("release", ["1.0"])]
    workshop.harness.node.mine()
    assert bound(workshop, name) == {"1.0": str(digest)}


def test_the_digest_comes_from_a_layout_or_from_the_builders_file(workshop: Workshop, tmp_path: Path) -> None:
    name = workshop.issue("built")
    built = build_image(tmp_path / "layout", tag="1.0", text="hello")
    push(built, f"{name}:1.0")
    push(built, f"{name}:1.1")
    file = tmp_path / "build.json"
    file.write_text(json.dumps({"containerimage.digest": built.digest}))
    by_layout = workshop.json("image", "release", f"{name}:1.0", "--layout", f"oci:{built.layout}:1.0")
    by_file = workshop.json("image", "release", f"{name}:1.1", "--metadata-file", str(file))
    assert by_layout["digest"] == by_file["digest"] == built.digest
    file.write_text(json.dumps({"containerimage.digest": str(NOWHERE)}))
    error = workshop.error(
        "image", "release", f"{name}:1.0", "--layout", f"oci:{built.layout}:1.0", "--metadata-file", str(file)
    )
    assert error["message"].startswith("the digests differ")


def test_without_a_digest_a_person_is_asked_and_a_pipeline_is_refused(workshop: Workshop, shared: str) -> None:
    digest = digest_of(workshop, shared, "same")
    error = workshop.error("image", "release", f"{shared}:same")
    assert error["kind"] == "no_terminal"
    assert "--metadata-file" in error["hint"]
    arguments = ["image", "release", f"{shared}:same", *workshop.password]
    before = workshop.state()
    no = converse(arguments, [(rf"Release {digest}\?", "n")], workshop.environment)
    assert (no.code, no.stdout, workshop.state()) == (5, "", before)
    asked = [(rf"Release {digest}\?", "y"), (r"Sign and send this transaction\?", "yes")]
    said = converse(arguments, asked, workshop.environment)
    assert said.code == 0, said.shown
    assert f"the registry serves   {digest}" in said.shown
    assert said.stdout.strip() in workshop.harness.node.rpc("getrawmempool")


@pytest.mark.parametrize(
    ("tags", "digest", "words"),
    [
        ("1.0", str(NOWHERE), "the registry does not have"),
        ("other", "{one}", "and you release"),
        ("missing", "{one}", "the registry has no tag missing"),
        ("1.0", f"sha512:{'0' * 128}", "sha512"),
        ("1.0", "sha256:00", "sha256:00"),
        ("x" * 129, "{one}", "128"),
        ("1.0,", "{one}", "tag"),
        ("-rc", "{one}", "tag"),
        ("ünicode", "{one}", "tag"),
        ("1.0,1.0", "{one}", "is named twice"),
        ("1.0", "{one}", "already"),
    ],
)
def test_a_release_that_would_be_wrong_is_refused(
    workshop: Workshop, shared: str, tags: str, digest: str, words: str
) -> None:
    one = str(digest_of(workshop, shared, "1.0"))
    error = workshop.error("image", "release", f"{shared}:{tags}", "--digest", digest.format(one=one))
    assert words in error["message"]
    assert error["hint"]


def test_a_reference_without_a_tag_or_with_a_digest_is_refused(workshop: Workshop, shared: str) -> None:
    assert "no tag" in workshop.error("image", "release", shared, "--digest", str(NOWHERE))["message"]
    error = workshop.error("image", "release", f"{shared}:1.0@{NOWHERE}")
    assert "--digest" in error["message"] + error["hint"]


def test_a_registry_that_is_down_stops_a_release(workshop: Workshop) -> None:
    name = "127.0.0.1:1/acme/app"
    workshop.run("image", "issue", name, "--no-publish")
    error = workshop.error("image", "release", f"{name}:1.0", "--digest", str(NOWHERE))
    assert error["kind"] == "registry_unavailable"


def test_only_the_owner_releases(workshop: Workshop, shared: str, harness: Harness) -> None:
    stranger = open_workshop(harness, "stranger", 0)
    digest = str(digest_of(workshop, shared, "same"))
    error = stranger.error("image", "release", f"{shared}:same", "--digest", digest)
    stranger.client.close()
    assert error["kind"] == "not_owner"
    assert f"image issue {shared}" in error["hint"]


def test_tags_that_do_not_fit_into_one_record_take_several(workshop: Workshop) -> None:
    name = workshop.issue("many")
    tags = ("1", "1.0", "1.0.0-with-some-more-characters", "another-one-of-thirty-characters", "x" * 128)
    digest = workshop.push(name, *tags)
    answer = workshop.release(name, ",".join(tags), digest)
    assert 1 < len(answer["transactions"]) < len(tags)
    workshop.harness.node.mine()
    key = Digest.of(tags[-1].encode())
    assert bound(workshop, name) == dict.fromkeys((*tags[:-1], str(key)), str(digest))
    again = workshop.error("image", "release", f"{name}:{tags[-1]}", "--digest", str(digest))
    assert "already" in again["message"]
    verified = workshop.person.run("image", "verify", f"{name}:{tags[-1]}", "--json", expect=10).document
    assert (verified["verdict"], verified["tag"]) == ("UNPINNED", tags[-1])


def test_two_releases_fit_into_one_block(workshop: Workshop) -> None:
    name = workshop.issue("twice")
    first, second = workshop.push(name, "1.0"), workshop.push(name, "1.1")
    one = workshop.release(name, "1.0", first)["transactions"][0]["txid"]
    two = workshop.release(name, "1.1", second)["transactions"][0]["txid"]
    assert workshop.harness.node.rpc("getrawtransaction", two, 1)["vin"][0]["txid"] == one
    workshop.harness.node.mine()
    assert bound(workshop, name) == {"1.0": str(first), "1.1": str(second)}


def test_a_tag_moves_with_a_warning_and_a_final_one_never_again(workshop: Workshop) -> None:
    name = workshop.issue("moves")
    first = workshop.push(name, "1.0", seed="moves one")
    workshop.release(name, "1.0", first)
    second = workshop.push(name, "1.0", seed="moves two")
    moved = workshop.run("image", "release", f"{name}:1.0", "--digest", str(second), "--final")
    assert f"1.0 stands for {first} now, which will be superseded" in moved.stderr
    assert "for ever" in moved.stderr
    workshop.push(name, "1.0", seed="moves one")
    error = workshop.error("image", "release", f"{name}:1.0", "--digest", str(first))
    assert error["message"].startswith("1.0 is final")


def test_a_final_release_of_what_is_final_already_is_refused(workshop: Workshop) -> None:
    name = workshop.issue("final")
    digest = workshop.push(name, "1.0")
    workshop.release(name, "1.0", digest)
    workshop.release(name, "1.0", digest, "--final")
    error = workshop.error("image", "release", f"{name}:1.0", "--digest", str(digest), "--final")
    assert "already" in error["message"]


def test_a_title_that_has_little_is_filled_up_again(workshop: Workshop) -> None:
    name = workshop.issue("refill", "--title-value", "600")
    assert workshop.show(name)["title_sats"] == 600
    answer = workshop.release(name, "1.0", workshop.push(name, "1.0"))
    decoded = workshop.harness.node.rpc("getrawtransaction", answer["transactions"][0]["txid"], 1)
    assert (len(decoded["vin"]), len(decoded["vout"])) == (2, 3)
    assert workshop.show(name)["title_sats"] == 10_000


def test_a_dry_run_of_a_release_changes_nothing(workshop: Workshop, shared: str) -> None:
    digest = str(digest_of(workshop, shared, "other"))
    before = workshop.state()
    answer = workshop.json("image", "release", f"{shared}:other", "--digest", digest, "--dry-run")
    assert [one["role"] for one in answer["drafts"][0]["outputs"]][:2] == ["marker", "title"]
    assert workshop.state() == before


def spend_title_plainly(workshop: Workshop, name: str) -> None:
    """What another program would do with the title's coin: pay it away without a marker."""
    with workshop.person.house() as house:
        session = house.session()
        outpoint = workshop.show(name)["title"]
        coin = next(one for one in session.coins.coins() if one.path.account is AccountKind.UNITS and one.value > 1_000
                    and f"{one.outpoint.hash[::-1].hex()}:{one.outpoint.n}" == outpoint)  # fmt: skip
        away = CTxOut(coin.value - 500, session.account.script(coin.path))
        prevout = Prevout(outpoint=coin.outpoint, txout=coin.txout, path=coin.path)
        unsigned = UnsignedTransaction(tx=assemble(((coin.outpoint, 0xFFFFFFFD),), (away,)), prevouts=(prevout,))
        signer = house.signer("only for the tests")
        tx = finalize(signer.sign(to_psbt(unsigned, session.account)))
        house.database.close()
    workshop.harness.node.rpc("sendrawtransaction", tx.serialize().hex())
    workshop.harness.node.mine()


def test_a_frozen_repository_takes_no_release_and_its_old_ones_stand(workshop: Workshop) -> None:
    name = workshop.issue("frozen")
    digest = workshop.push(name, "1.0", "1.1")
    workshop.release(name, "1.0", digest)
    workshop.harness.node.mine()
    spend_title_plainly(workshop, name)
    error = workshop.error("image", "release", f"{name}:1.1", "--digest", str(digest))
    assert "is frozen: its title is lost" in error["message"]
    assert workshop.show(name)["state"] == "frozen"
    verified = workshop.person.run("image", "verify", f"{name}:1.0", "--json", expect=16).document
    assert verified["verdict"] == "FROZEN"
    allowed = workshop.person.run("image", "verify", f"{name}:1.0", "--allow", "frozen,unpinned")
    assert allowed.stdout == f"{name}@{digest}\n"
    assert "VERIFIED: accepted, since you allow frozen, unpinned" in allowed.stderr


def test_two_releases_at_the_same_moment_lose_nothing(workshop: Workshop) -> None:
    name = workshop.issue("race")
    digests = {tag: workshop.push(name, tag) for tag in ("a", "b")}
    commands = {
        tag: ("image", "release", f"{name}:{tag}", "--digest", str(digest), *workshop.password, "--yes", "--json")
        for tag, digest in digests.items()
    }
    running = {tag: _start(workshop, command) for tag, command in commands.items()}
    ended = {tag: (process.communicate(timeout=120), process.returncode) for tag, process in running.items()}
    assert 0 in [code for _, code in ended.values()]
    for tag, ((stdout, _), code) in ended.items():
        if code:
            assert code == 3
            assert json.loads(stdout)["error"]["kind"] in ("busy", "state", "coin_taken")
            workshop.release(name, tag, digests[tag])
    workshop.harness.node.mine()
    assert bound(workshop, name) == {tag: str(digest) for tag, digest in digests.items()}


def _start(workshop: Workshop, arguments: tuple[str, ...]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=workshop.environment,
    )


KILLED = """
import os, signal, sys
from functools import cached_property
from tui.bootstrap import House
from tui.cli.run import run

class Killed(House):
    @cached_property
    def node(self):
        node = super().node
        class Dying(type(node)):
            def broadcast(self, tx):
                os.kill(os.getpid(), signal.SIGKILL)
        node.__class__ = Dying
        return node

run(sys.argv[1:], Killed)
"""


def test_a_kill_between_journal_and_network_loses_nothing(workshop: Workshop) -> None:
    name = workshop.issue("killed")
    digest = workshop.push(name, "1.0")
    command = ("image", "release", f"{name}:1.0", "--digest", str(digest), *workshop.password, "--yes")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *command], env=workshop.environment, capture_output=True, text=True, timeout=120
    )
    assert killed.returncode == -9, killed.stderr
    signed = [txid for txid, kind, state, _ in workshop.journal() if (kind, state) == ("release", "signed")]
    assert len(signed) == 1
    assert signed[0] not in workshop.harness.node.rpc("getrawmempool")
    said = workshop.person.run("image", "list")
    assert f"sent again: {signed[0]}" in said.stderr
    assert signed[0] in workshop.harness.node.rpc("getrawmempool")
    workshop.harness.node.mine()
    assert bound(workshop, name) == {"1.0": str(digest)}
