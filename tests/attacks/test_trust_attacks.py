"""Attacks on trust: stolen push rights, copied names, moved tags, nodes that know too little.

The thief may push whatever they like and may issue assets of their own; exit 0 needs a voucher of the user's own.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from assets.images.pin import Pin
from assets.images.record import Revoke, RevokeReason
from assets.images.reference import ImageReference
from assets.images.verdict import Verdict
from assets.services.chain.lineage import staleness
from regtest.harness import settings_for
from regtest.node import Node
from regtest.plugin import NodeFactory
from regtest.server import free_port
from regtest.skopeo import skopeo
from tests.assets.index.signing_party import Signer, signed
from tests.assets.registry.images import image
from tests.attacks.ground import Ground, Publication, title_move, to
from tests.attacks.liars import Lies, lying
from tests.attacks.person import Person
from wallet.hashes import display, parse_block_hash
from wallet.network import MAINNET, REGTEST

pytestmark = [pytest.mark.node, pytest.mark.registry]

THIEF = Signer("thief")
EVIL = image("evil").digest


def takeover(ground: Ground, victim: Publication) -> Publication:
    """Stolen push rights: a fresh asset for the victim's name, an evil image released by it, and the claim replaced."""
    coin = ground.coin(Signer(f"thief's issuer for {victim.name}"))
    stolen = ground.genesis(victim.name, coin, THIEF)
    ground.mine(stolen.genesis)
    ground.release(stolen, "1.0", seed="evil")
    ground.publish(stolen)
    return stolen


def lock_file(person: Person, victim: Publication, ground: Ground) -> str:
    """A lock file that names the victim's genesis and owner."""
    block = ground.node.rpc("getrawtransaction", display(victim.txid), 1)["blockhash"]
    header = ground.node.rpc("getblockheader", block)
    pin = Pin(
        name=victim.name,
        network=REGTEST.genesis,
        genesis=victim.txid,
        owners=(victim.owner.script,),
        height=header["height"],
        block=parse_block_hash(block),
    )
    lines = ["version = 1", "", "[[repository]]"]
    for key, value in pin.document().items():
        shown = [f'"{one}"' for one in value] if isinstance(value, list) else None
        lines.append(f"{key} = [{', '.join(shown)}]" if shown else f"{key} = {_toml(value)}")
    path = person.home / "named.lock"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def _toml(value: object) -> str:
    return str(value) if isinstance(value, int) else f'"{value}"'


def test_stolen_push_rights_never_make_exit_0(ground: Ground) -> None:
    """T1: a malicious image, a fresh asset and a new claim are all in order; only a voucher from outside tells."""
    victim = ground.victim("acme/t1")
    good = victim.released["1.0"]
    ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)
    stolen = takeover(ground, victim)
    fresh = ground.person("fresh runner of T1")
    answer = fresh.verify(victim["1.0"], expect=Verdict.UNPINNED)
    assert (answer["genesis"], answer["digest"]) == (display(stolen.txid), str(EVIL))
    for reference in (victim["1.0"], f"{victim['1.0']}@{EVIL}", f"{victim['1.0']}@{good}", f"{victim.name}@{EVIL}"):
        ground.consumer.verify(reference, expect=Verdict.PIN_CHANGED)
    fresh.verify(victim["1.0"], "--genesis", display(victim.txid), expect=Verdict.PIN_CHANGED)
    fresh.verify(victim["1.0"], "--lock", lock_file(fresh, victim, ground), expect=Verdict.PIN_CHANGED)
    allow = ("--allow", "pending,superseded,new-owner,frozen,unpinned")
    ground.consumer.verify(victim["1.0"], *allow, expect=Verdict.PIN_CHANGED)
    assert "cannot be allowed" in ground.consumer.refused("image", "verify", victim["1.0"], "--allow", "pin-changed")
    assert display(victim.txid) in ground.consumer.refused("image", "pin", victim.name, "--yes")


def test_a_registry_that_tells_everybody_something_else_convinces_nobody(ground: Ground) -> None:
    """T2: the claim is good for one client and the thief's for the next; neither alone leads to exit 0."""
    victim = ground.victim("acme/t2")
    stolen = takeover(ground, victim)
    first, second = ground.person("first client of T2"), ground.person("second client of T2")
    told = first.verify(victim["1.0"], expect=Verdict.UNPINNED)
    ground.publish(victim)
    told_otherwise = second.verify(f"{victim['1.0']}@{victim.released['1.0']}", expect=Verdict.UNPINNED)
    assert (told["genesis"], told_otherwise["genesis"]) == (display(stolen.txid), display(victim.txid))
    second.verify(victim["1.0"], expect=Verdict.MISMATCH)
    assert second.pin(victim.name) == display(victim.txid)
    ground.publish(stolen)
    second.verify(victim["1.0"], expect=Verdict.PIN_CHANGED)
    vouchers = ("--genesis", display(stolen.txid))
    second.verify(victim["1.0"], *vouchers, expect=Verdict.PIN_CHANGED)


def test_another_repositorys_definition_and_release_do_not_speak_for_this_name(ground: Ground) -> None:
    """T3: an old, vulnerable and properly released image of another repository, definition included."""
    old, victim = ground.victim("acme/t3-old"), ground.victim("acme/t3")
    ground.push(victim.name, "1.0", f"{old.name} 1.0 {display(old.txid)}")
    ground.publish(old, victim.name)
    fresh = ground.person("fresh at T3")
    answer = fresh.verify(victim["1.0"], expect=Verdict.NO_ASSET)
    assert answer["digest"] == str(old.released["1.0"])
    assert f"the registry's definition is for another name: {old.name}" in answer["notes"]
    assert old.name in fresh.refused("image", "pin", victim.name, "--yes")
    assert old.name in fresh.refused("image", "pin", victim.name, "--genesis", display(old.txid), "--yes")
    ground.consumer.verify(victim["1.0"], expect=Verdict.MISMATCH)
    good = f"{victim['1.0']}@{victim.released['1.0']}"
    assert ground.consumer.verify(good, expect=Verdict.VERIFIED)["claimed"] is None


def test_a_definition_that_no_record_carries_claims_nothing(ground: Ground) -> None:
    """T3: the right genesis under words of the thief's own; the record's hash is over every byte."""
    victim = ground.victim("acme/t3-words")
    document = victim.document.replace(b'"issuer":"Acme"', b'"issuer":"Evil"')
    assert document != victim.document
    ground.publish(victim, document=document)
    fresh = ground.person("fresh at T3, words")
    fresh.verify(victim["1.0"], expect=Verdict.NO_ASSET)
    fresh.refused("image", "pin", victim.name, "--yes")
    ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)


def test_what_verify_prints_stays_what_was_verified_when_the_tag_moves(ground: Ground) -> None:
    """T6: between verify and run the tag moves; who runs what was printed runs the digest that was judged."""
    victim = ground.victim("acme/t6")
    printed = ground.consumer.run("image", "verify", victim["1.0"]).stdout.strip()
    assert printed == f"{victim.name}@{victim.released['1.0']}"
    ground.push(victim.name, "1.0", "evil")
    assert ground.client.resolve(ImageReference.parse(victim["1.0"])).digest == EVIL
    assert ground.client.resolve(ImageReference.parse(printed)).digest == victim.released["1.0"]
    raw = skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{printed}")
    assert raw == image(f"{victim.name} 1.0 {display(victim.txid)}").manifest.decode()
    ground.consumer.verify(victim["1.0"], expect=Verdict.MISMATCH)
    ground.consumer.verify(printed, expect=Verdict.VERIFIED)


def follow(node: Node, behind: Node, *, blocks: int) -> None:
    """Gives a second node the first `blocks` blocks of the chain, and of all others the headers alone."""
    for height in range(1, node.height() + 1):
        block = node.rpc("getblockhash", height)
        if height <= blocks:
            assert behind.rpc("submitblock", node.rpc("getblock", block, 0)) is None
        else:
            behind.rpc("submitheader", node.rpc("getblockheader", block, False))


def test_a_node_that_was_cut_off_before_a_revoke_is_undecided_as_soon_as_it_knows_of_more(
    ground: Ground, node_factory: NodeFactory
) -> None:
    """T7: a real second node with the chain up to the block before the REVOKE, and the headers of what follows."""
    victim = ground.victim("acme/t7")
    seen = ground.node.height()
    revoke = Revoke(digest=victim.released["1.0"], reason=RevokeReason.COMPROMISED).serialize()
    ground.mine(victim.moved(title_move(victim.title, revoke)))
    ground.node.mine(2)
    ground.consumer.verify(victim["1.0"], expect=Verdict.REVOKED)
    behind = node_factory()
    late = ground.person("reader of a late node", node=behind)
    vouched = ("--genesis", display(victim.txid))
    answer = late.verify(victim["1.0"], *vouched, expect=Verdict.UNDECIDED)
    assert any("still downloads" in finding["reason"] for finding in answer["findings"])
    follow(ground.node, behind, blocks=seen)
    answer = late.verify(victim["1.0"], *vouched, expect=Verdict.UNDECIDED)
    assert f"it has block {seen} and knows of {seen + 3}" in answer["reason"]
    late.verify(victim["1.0"], *vouched, "--allow", "pending,frozen,unpinned", expect=Verdict.UNDECIDED)
    assert "behind" in late.refused("image", "pin", victim.name, "--yes")
    for height in range(seen + 1, ground.node.height() + 1):
        behind.rpc("submitblock", ground.node.rpc("getblock", ground.node.rpc("getblockhash", height), 0))
    late.verify(victim["1.0"], *vouched, expect=Verdict.REVOKED)


def test_a_node_that_says_that_it_still_downloads_is_undecided(ground: Ground) -> None:
    """T7: what a node has not read it cannot tell, however well the rest fits."""
    victim = ground.victim("acme/t7-syncing")
    downloading = replace(ground.consumer, houses=lying(Lies(tip=lambda tip: replace(tip, syncing=True))))
    answer = downloading.verify(victim["1.0"], expect=Verdict.UNDECIDED)
    assert "still downloads the chain" in answer["reason"]
    downloading.verify(victim["1.0"], "--allow", "unpinned,frozen,pending", expect=Verdict.UNDECIDED)


@pytest.mark.parametrize("network", ["mainnet", "signet", "testnet4"])
def test_a_node_of_another_chain_is_undecided(ground: Ground, network: str) -> None:
    """T7: block 0 is compared, so that a chain that costs nothing cannot stand in for another."""
    victim = ground.victim(f"acme/t7-{network}")
    elsewhere = ground.person(f"reader of {network}")
    options = ("--network", network, "--genesis", display(victim.txid))
    answer = elsewhere.verify(victim["1.0"], *options, expect=Verdict.UNDECIDED)
    assert network in answer["reason"]


def test_an_old_tip_is_undecided_on_mainnet_and_its_age_is_always_told(ground: Ground) -> None:
    """T7: a node that is cut off from everybody knows of no newer headers; its last block gets old."""
    victim = ground.victim("acme/t7-age")
    tip = ground.source.tip()

    def after(hours: float, network: object) -> str | None:
        late = replace(ground.chain, network=network, clock=lambda: tip.time + int(hours * 3600))  # type: ignore[arg-type]
        return staleness(late, tip)

    assert "minutes old" in str(after(3.1, MAINNET))
    assert after(2.9, MAINNET) is None
    assert after(30, REGTEST) is None
    said = ground.consumer.run("image", "verify", victim["1.0"])
    assert f"block {tip.height} on regtest, " in said.stderr
    answer = ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)
    assert answer["tip"].keys() >= {"height", "hash", "time", "age"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_strangers_genesis_for_the_name_is_told_and_decides_nothing(ground: Ground, when: str) -> None:
    """T13: anybody can claim any name for a few sats, also before its owner does."""
    name = ground.name(f"acme/t13-{when}")
    stranger = ground.genesis(name, ground.coin(Signer(f"stranger {when}")), THIEF)
    if when == "before":
        ground.mine(stranger.genesis)
    victim = ground.victim(f"acme/t13-{when}")
    if when == "after":
        ground.mine(stranger.genesis)
    ground.release(stranger, "1.0", seed="evil")
    fresh = ground.person(f"fresh at T13 {when}")
    good, evil = f"{victim['1.0']}@{victim.released['1.0']}", f"{victim['1.0']}@{EVIL}"
    assert fresh.verify(good, expect=Verdict.UNPINNED)["genesis"] == display(victim.txid)
    fresh.verify(evil, expect=Verdict.MISMATCH)
    said = ground.consumer.run("image", "verify", good).stderr
    assert f"rival: genesis {display(stranger.txid)} " in said
    assert "it decides nothing" in said
    ground.consumer.verify(good, expect=Verdict.VERIFIED)
    ground.consumer.verify(evil, expect=Verdict.MISMATCH)


def test_deleting_the_tag_dockchains_breaks_nothing_for_who_vouches(ground: Ground) -> None:
    """T14: whoever may delete could otherwise stop every verification; with a voucher no document is needed."""
    victim = ground.victim("acme/t14")
    ground.delete(victim.name, ground.client.manifest(victim.name, "dockchains").digest)
    fresh = ground.person("fresh at T14")
    fresh.verify(victim["1.0"], expect=Verdict.NO_ASSET)
    ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)
    fresh.verify(victim["1.0"], "--genesis", display(victim.txid), expect=Verdict.VERIFIED)
    fresh.verify(victim["1.0"], "--lock", lock_file(fresh, victim, ground), expect=Verdict.VERIFIED)
    assert fresh.pin(victim.name, "--genesis", display(victim.txid)) == display(victim.txid)
    fresh.verify(victim["1.0"], expect=Verdict.VERIFIED)


# One case for each verdict: who asks, the reference, and options.
Asked = tuple[Person, str, tuple[str, ...]]


def _verified(ground: Ground) -> Asked:
    return ground.consumer, ground.victim("acme/t15-verified")["1.0"], ()


def _unpinned(ground: Ground) -> Asked:
    return ground.person("fresh at T15"), ground.victim("acme/t15-unpinned")["1.0"], ()


def _superseded(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-superseded")
    old = ground.release(victim, "latest", seed="old")
    ground.release(victim, "latest", seed="new")
    return ground.consumer, f"{victim['latest']}@{old}", ()


def _revoked(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-revoked")
    revoke = Revoke(digest=victim.released["1.0"], reason=RevokeReason.BROKEN).serialize()
    ground.send(victim.moved(title_move(victim.title, revoke)))
    return ground.consumer, victim["1.0"], ()


def _mismatch(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-mismatch")
    ground.push(victim.name, "1.0", "evil")
    return ground.consumer, victim["1.0"], ()


def _unreleased(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-unreleased")
    ground.push(victim.name, "2.0", "not released")
    return ground.consumer, victim["2.0"], ()


def _pending(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-pending")
    ground.release(victim, "2.0", mine=False)
    return ground.consumer, victim["2.0"], ()


def _frozen(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-frozen")
    ground.mine(signed([victim.title], [to(THIEF, 9_000)]))
    return ground.consumer, victim["1.0"], ()


def _pin_changed(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-changed")
    takeover(ground, victim)
    return ground.consumer, victim["1.0"], ()


def _new_owner(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-owner")
    ground.mine(title_move(victim.title, target=THIEF))
    return ground.consumer, victim["1.0"], ()


def _undecided(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-undecided")
    return ground.consumer, victim["1.0"], ("--genesis", "ab" * 32)


def _unavailable(ground: Ground) -> Asked:
    victim = ground.victim("acme/t15-unavailable")
    return ground.consumer, victim["1.0"], ("--node-url", f"http://127.0.0.1:{free_port()}")


def _no_asset(ground: Ground) -> Asked:
    ground.push(ground.name("acme/t15-nobodys"), "1.0", "nobody's")
    return ground.consumer, ground.name("acme/t15-nobodys:1.0"), ()


CASES: dict[Verdict, Callable[[Ground], Asked]] = {
    Verdict.VERIFIED: _verified,
    Verdict.UNPINNED: _unpinned,
    Verdict.SUPERSEDED: _superseded,
    Verdict.REVOKED: _revoked,
    Verdict.MISMATCH: _mismatch,
    Verdict.UNRELEASED: _unreleased,
    Verdict.PENDING: _pending,
    Verdict.FROZEN: _frozen,
    Verdict.PIN_CHANGED: _pin_changed,
    Verdict.NEW_OWNER: _new_owner,
    Verdict.UNDECIDED: _undecided,
    Verdict.UNAVAILABLE: _unavailable,
    Verdict.NO_ASSET: _no_asset,
}


@pytest.mark.parametrize("verdict", CASES, ids=lambda verdict: verdict.name)
def test_a_shell_gets_nothing_to_run_from_a_refusal(ground: Ground, verdict: Verdict) -> None:
    """T15: `docker run "$(dockchains image verify ...)"`: the shell drops the exit code, so that nothing is printed."""
    person, reference, options = CASES[verdict](ground)
    answer = person.verify(reference, *options, expect=verdict)
    command = (sys.executable, "-m", "tui", "image", "verify", reference, *options)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DOCKCHAINS_")}
    done = subprocess.run(
        ["sh", "-c", 'printf "[%s]" "$("$@")"', "sh", *command],
        capture_output=True,
        text=True,
        env={**inherited, **settings_for(person.home, person.node), "HOME": str(person.home)},
        cwd=person.home,
        timeout=120,
    )
    assert done.stdout == (f"[{answer['image']}]" if verdict is Verdict.VERIFIED else "[]")
    assert done.stderr.startswith(f"{verdict.name}: ")


def test_every_verdict_has_its_case() -> None:
    """T15: a verdict that is added later must be added here."""
    assert set(CASES) == set(Verdict)
