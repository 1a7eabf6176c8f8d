"""Attacks that need time: a chain that changes its mind, a title that changes hands, two devices with one wallet."""

from pathlib import Path

import pytest
from bitcoin.core import CTransaction

from assets.images.digest import Digest
from assets.images.record import Release, Revoke, RevokeReason
from assets.images.tag import Tags
from assets.images.verdict import Verdict
from tests.assets.index.signing_party import Signer, coin_of, signed
from tests.attacks.ground import Ground, Publication, title_move, to
from tests.attacks.person import Person
from tests.builders import marker
from tests.regtest.people import asked, issued, password, released, spent, with_wallet
from wallet.hashes import display, txid_of

pytestmark = [pytest.mark.node, pytest.mark.registry]


def release(digest: Digest, *tags: str, final: bool = False) -> bytes:
    """The bytes of a RELEASE, or of a FINAL."""
    return Release(digest=digest, tags=Tags.of(*tags), final=final).serialize()


def revoke(digest: Digest) -> bytes:
    """The bytes of a REVOKE."""
    return Revoke(digest=digest, reason=RevokeReason.COMPROMISED).serialize()


def written(ground: Ground, made: Publication, record: bytes) -> CTransaction:
    """The owner writes a record into a block."""
    tx = made.moved(title_move(made.title, record))
    ground.mine(tx)
    return tx


# C15


@pytest.mark.parametrize("others", [(), ("2.0",)], ids=["alone", "among others"])
def test_a_final_tag_is_never_bound_again_and_the_other_tags_of_the_record_are(
    ground: Ground, others: tuple[str, ...]
) -> None:
    """The owner's key is stolen after a FINAL: the tag stands, alone or among others, and the attempt is shown."""
    made = ground.victim(f"final/{len(others)}")
    written(ground, made, release(made.released["1.0"], "1.0", final=True))
    evil = ground.push(made.name, "1.0", "evil")
    for tag in others:
        ground.push(made.name, tag, "evil")
    written(ground, made, release(evil, "1.0", *others))
    answer = ground.consumer.verify(made["1.0"], expect=Verdict.MISMATCH)
    assert any("final tag 1.0" in note for note in answer["notes"])
    ground.consumer.verify(f"{made['1.0']}@{made.released['1.0']}", expect=Verdict.VERIFIED)
    for tag in others:
        ground.consumer.verify(made[tag], expect=Verdict.VERIFIED)
    ground.agreed(made.txid)


def test_a_final_tag_may_be_stated_again_for_the_same_digest(ground: Ground) -> None:
    """The same digest under a final tag is no violation, and shows none."""
    made = ground.victim("final/same")
    written(ground, made, release(made.released["1.0"], "1.0", final=True))
    written(ground, made, release(made.released["1.0"], "1.0"))
    answer = ground.consumer.verify(made["1.0"], expect=Verdict.VERIFIED)
    assert not any("final tag" in note for note in answer["notes"])


# C16


def gone(ground: Ground, first: CTransaction, depth: int = 1) -> None:
    """The last blocks give way to others without a transaction and all that hangs on it; nobody has them any more."""
    ground.node.reorg(depth, confirm=False)
    ground.node.evict(display(txid_of(first)))
    ground.node.mine()


def test_a_release_that_a_reorganisation_took_is_unreleased_and_said_to_be_gone(ground: Ground) -> None:
    """Whoever ran the image an hour ago must not be told that it is still released."""
    made = ground.victim("reorg/release")
    before = made.title
    digest = ground.push(made.name, "2.0", "one that does not last")
    tx = written(ground, made, release(digest, "2.0"))
    ground.consumer.verify(made["2.0"], expect=Verdict.VERIFIED)
    gone(ground, tx)
    told = ground.consumer.run("image", "verify", made["2.0"], expect=int(Verdict.UNRELEASED)).stderr
    assert f"the chain was reorganised: the record release 2.0 {digest} of {made.name} is in no block now" in told
    ground.consumer.verify(made["1.0"], expect=Verdict.VERIFIED)
    made.title = before
    other = ground.release(made, "2.0", seed="another")
    assert ground.consumer.verify(made["2.0"], expect=Verdict.VERIFIED)["digest"] == str(other)
    ground.consumer.verify(f"{made['2.0']}@{digest}", expect=Verdict.MISMATCH)
    ground.agreed(made.txid)


def test_a_revoke_that_a_reorganisation_took_counts_no_more_unless_it_waits_again(ground: Ground) -> None:
    """Back in the mempool it still refuses; gone from both, the image verifies again and the note says why."""
    made = ground.victim("reorg/revoke")
    before = made.title
    tx = written(ground, made, revoke(made.released["1.0"]))
    ground.consumer.verify(made["1.0"], expect=Verdict.REVOKED)
    ground.node.reorg(1, confirm=False)
    assert "is in no block now" in ground.consumer.run("chain", "sync").stderr
    ground.consumer.verify(made["1.0"], expect=Verdict.REVOKED)
    ground.node.mine()
    ground.consumer.verify(made["1.0"], expect=Verdict.REVOKED)
    gone(ground, tx)
    assert "the record revoke compromised" in ground.consumer.run("image", "verify", made["1.0"]).stderr
    made.title = before
    ground.consumer.verify(made["1.0"], expect=Verdict.VERIFIED)
    ground.agreed(made.txid)


def test_a_handover_that_a_reorganisation_took_gives_the_title_back(ground: Ground) -> None:
    """The buyer's release hangs on the hand-over and falls with it; the first owner speaks again."""
    made = ground.victim("reorg/handover")
    before, buyer = made.title, Signer("buyer in a hurry")
    tx = title_move(made.title, target=buyer)
    ground.mine(tx)
    bought = coin_of(tx, 1, buyer)
    ground.mine(title_move(bought, release(ground.push(made.name, "6.6", "buyer's"), "6.6")))
    ground.consumer.verify(made["6.6"], expect=Verdict.NEW_OWNER)
    gone(ground, tx, 2)
    said = ground.consumer.run("chain", "sync", "--json")
    fell = [one["what"] for one in said.document["fell_out"]]
    assert [what.partition(" 6.6")[0] for what in fell] == ["a hand-over", "the record release"]
    ground.consumer.verify(made["6.6"], expect=Verdict.UNRELEASED)
    made.title = before
    ground.release(made, "2.0")
    ground.consumer.verify(made["2.0"], expect=Verdict.VERIFIED)
    assert ground.agreed(made.txid).owner == made.owner.script.hex()


def test_a_grant_that_a_reorganisation_took_leaves_the_units_where_they_were(ground: Ground) -> None:
    """An access unit that was let in for ten minutes is no longer held."""
    made, friend = ground.victim("reorg/grant"), Signer("friend")
    outputs = [marker([10, 990]), to(friend, 330), to(made.owner, made.treasury.value)]
    tx = signed([made.treasury, ground.coin(Signer("fees"), 5_000)], outputs)
    ground.mine(tx)
    ground.agreed(made.txid)
    assert ground.units(made.txid)[display(txid_of(tx)), 1].quantity == 10
    gone(ground, tx)
    ground.agreed(made.txid)
    assert ground.units(made.txid)[display(made.txid), 1].quantity == 1_000


def test_a_pinned_genesis_that_a_reorganisation_took_is_undecided_until_it_comes_back(ground: Ground) -> None:
    """The pin stays; it never verifies by a genesis that no block holds, and follows it into another block."""
    made = ground.issue("reorg/genesis")
    ground.release(made, "1.0")
    assert ground.consumer.pin(made.name) == display(made.txid)
    pinned = asked(ground.consumer, "image", "pins")["pins"]
    gone(ground, made.genesis, 2)
    assert "the genesis of" in ground.consumer.run("chain", "sync").stderr
    answer = ground.consumer.verify(made["1.0"], expect=Verdict.UNDECIDED)
    assert display(made.txid) in answer["reason"]
    assert asked(ground.consumer, "image", "pins")["pins"] == pinned
    ground.mine(made.genesis)
    made.title = coin_of(made.genesis, 0, made.owner)
    ground.release(made, "1.0")
    moved = ground.consumer.verify(made["1.0"], expect=Verdict.VERIFIED)
    assert any("another block" in note for note in moved["notes"])
    ground.consumer.pin(made.name)
    assert not any("another block" in n for n in ground.consumer.verify(made["1.0"], expect=Verdict.VERIFIED)["notes"])


# C22


def test_a_revoke_counts_while_it_stands_in_the_mempool_and_not_after_it_left(ground: Ground) -> None:
    """A REVOKE that was evicted, or that another transaction replaced, is in no answer any more."""
    made = ground.victim("revoke/evicted")
    money = ground.coin(made.owner, 4_000)
    ground.node.mine()
    ground.send(title_move(made.title, revoke(made.released["1.0"])))
    ground.consumer.verify(made["1.0"], expect=Verdict.REVOKED)
    (txid,) = [one for one in ground.node.rpc("getrawmempool") if _spends(ground, one, made)]
    ground.node.evict(txid)
    ground.consumer.verify(made["1.0"], expect=Verdict.VERIFIED)
    ground.send(title_move(made.title, revoke(made.released["1.0"])))
    ground.consumer.verify(made["1.0"], expect=Verdict.REVOKED)
    replacing = title_move(made.title, release(made.released["1.0"], "1.1"), more=[money])
    ground.send(replacing)
    made.moved(replacing)
    ground.consumer.verify(made["1.0"], expect=Verdict.VERIFIED)
    ground.node.mine()
    ground.agreed(made.txid)


def _spends(ground: Ground, txid: str, made: Publication) -> bool:
    spent_by = ground.node.rpc("getrawtransaction", txid, 1)["vin"]
    coin = made.title.outpoint
    return any((vin["txid"], vin["vout"]) == (display(coin.hash), coin.n) for vin in spent_by)


# C23


def test_two_devices_with_the_same_words_never_issue_on_one_script(ground: Ground) -> None:
    """The second device sees what the first one set apart, and neither issues twice on one script."""
    first = with_wallet(ground, "first-device", sats=2_000_000)
    second = ground.person("second-device")
    words = ("--words-file", str(first.home / "words"))
    second.run("wallet", "restore", *words, *password(second))
    one, two = ground.name("devices/one"), ground.name("devices/two")
    spent(first, "image", "issue", one)
    spent(second, "image", "issue", two)
    ground.node.mine()
    ground.chain.catch_up()
    with ground.chain.store.snapshot() as reader:
        assets = [reader.geneses_named(name)[0].asset for name in (one, two)]
        assert [len(reader.geneses_of_asset(asset)) for asset in assets] == [1, 1]
    assert len(set(assets)) == 2


def test_an_issuing_script_that_two_devices_paid_is_used_up_and_both_coins_come_back(ground: Ground) -> None:
    """Both set a coin apart on one script before either saw the other: no genesis is made there, nothing is lost."""
    owner = with_wallet(ground, "raced", sats=2_000_000)
    draft = asked(owner, "image", "issue", ground.name("race/app"), "--dry-run")["drafts"][0]
    script_address = draft["outputs"][0]["address"]
    for _ in range(2):
        ground.node.fund(script_address, draft["outputs"][0]["sats"])
    ground.node.mine()
    fresh = asked(owner, "image", "issue", ground.name("race/app"), "--dry-run")["drafts"]
    assert len(fresh) == 2
    assert fresh[0]["outputs"][0]["address"] != script_address
    before = asked(owner, "wallet", "balance")
    sent = spent(owner, "image", "issue", "--cancel")
    ground.node.mine()
    after = asked(owner, "wallet", "balance")
    assert after["reserved"] == 0
    assert after["confirmed"] == before["confirmed"] + before["reserved"] - sent["fee"]
    assert "no coin is set apart" in owner.refused("image", "issue", "--cancel", *password(owner), "--yes")


def test_a_genesis_that_a_crash_cut_off_is_resumed_or_cancelled(ground: Ground) -> None:
    """Between the two transactions of issuing the machine dies: the coin is resumed, here or from the words."""
    owner = with_wallet(ground, "crashed", sats=2_000_000)
    name = ground.name("crash/app")
    draft = asked(owner, "image", "issue", name, "--dry-run")["drafts"][0]
    ground.node.fund(draft["outputs"][0]["address"], draft["outputs"][0]["sats"])
    ground.node.mine()
    resumed = asked(owner, "image", "issue", name, "--dry-run")["drafts"]
    assert [one["kind"] for one in resumed] == ["issue"]
    issued(ground, owner, "crash/app")
    assert [one["name"] for one in asked(owner, "image", "list")["repositories"]] == [name]


# T4, T11


def handed_over(ground: Ground, made: Publication, buyer: Signer) -> None:
    """The title goes to another script."""
    tx = title_move(made.title, target=buyer)
    ground.mine(tx)
    made.title = coin_of(tx, 1, buyer)


def test_what_a_buyer_of_the_title_releases_is_refused_until_the_owner_was_accepted(ground: Ground) -> None:
    """The browser-extension pattern: the title is bought, malware is released under the trusted name."""
    made, buyer = ground.victim("bought/app"), Signer("buyer of bought/app")
    handed_over(ground, made, buyer)
    ground.consumer.verify(made["1.0"], expect=Verdict.NEW_OWNER)
    malware = ground.push(made.name, "1.1", "malware")
    ground.mine(title_move(made.title, release(malware, "1.1")))
    answer = ground.consumer.verify(made["1.1"], expect=Verdict.NEW_OWNER)
    assert answer["owner"] == buyer.script.hex()
    assert "new owner" in ground.consumer.refused("image", "pin", made.name, "--yes")
    ground.consumer.verify(made["1.1"], expect=Verdict.NEW_OWNER)
    ground.consumer.run("image", "pin", made.name, "--accept-owner", "--yes")
    ground.consumer.verify(made["1.1"], expect=Verdict.VERIFIED)


def test_a_release_by_an_owner_in_between_is_refused_though_the_title_came_back(ground: Ground) -> None:
    """Sold and handed back: the present owner is accepted, the one who wrote the deciding record is not."""
    made, buyer = ground.victim("returned/app"), Signer("buyer of returned/app")
    handed_over(ground, made, buyer)
    malware = ground.push(made.name, "1.1", "malware in between")
    tx = title_move(made.title, release(malware, "1.1"))
    ground.mine(tx)
    made.title = coin_of(tx, 1, buyer)
    handed_over(ground, made, made.owner)
    ground.consumer.verify(made["1.0"], expect=Verdict.VERIFIED)
    answer = ground.consumer.verify(made["1.1"], expect=Verdict.NEW_OWNER)
    assert answer["owner"] == made.owner.script.hex()
    assert any("written by an owner who has not been accepted" in one["reason"] for one in answer["findings"])


# T5


def test_a_release_never_takes_the_registrys_word_for_the_digest(ground: Ground) -> None:
    """The registry answers with its own digest for the tag: nothing is signed without the builder's."""
    owner = with_wallet(ground, "builder", sats=1_000_000)
    name = issued(ground, owner, "builder/app")
    built = released(ground, owner, name, "1.0")
    ground.push(name, "2.0", "planted by the registry")
    before = asked(owner, "wallet", "history")["transactions"]
    said = owner.run("image", "release", f"{name}:2.0", *password(owner), "--yes", expect=None)
    assert (said.code in (2, 3), said.stdout) == (True, "")
    refused = owner.refused("image", "release", f"{name}:2.0", "--digest", str(built), *password(owner), "--yes")
    assert "the registry serves" in refused
    assert asked(owner, "wallet", "history")["transactions"] == before


# T12


def locked(person: Person, made: Publication, file: Path) -> str:
    """A lock file that vouches for a repository."""
    person.run("image", "pin", made.name, "--yes", "--lock", str(file))
    return file.read_text()


def test_a_lock_file_is_read_only_where_somebody_named_it(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cloned folder brings a lock file along: it vouches for nothing unless a person or a pipeline named it."""
    made = ground.issue("locked/app")
    ground.release(made, "1.0")
    lock = tmp_path / "dockchains.lock"
    locked(ground.person("maintainer"), made, lock)
    runner = ground.person("runner")
    for name in ("dockchains.lock", ".dockchains.lock", "dockchains.toml", "pins.json"):
        (tmp_path / name).write_bytes(lock.read_bytes())
    monkeypatch.chdir(tmp_path)
    runner.verify(made["1.0"], expect=Verdict.UNPINNED)
    runner.verify(made["1.0"], "--lock", "dockchains.lock", expect=Verdict.VERIFIED)
    named = ground.person("named", lock=str(lock))
    assert named.verify(made["1.0"], expect=Verdict.VERIFIED)["vouchers"][0]["kind"] == "lock file"
    named.verify(made["1.0"], "--lock", "dockchains.lock", expect=Verdict.VERIFIED)


def test_a_lock_file_and_a_pin_that_disagree_are_never_settled_in_silence(ground: Ground, tmp_path: Path) -> None:
    """A lock file that was changed in a pull request names another genesis than the one that was pinned."""
    made, other = ground.victim("twice/app"), ground.issue("twice/other")
    lock = tmp_path / "lock"
    text = locked(ground.person("author"), made, lock)
    lock.write_text(text.replace(display(made.txid), display(other.txid)))
    ground.consumer.verify(made["1.0"], "--lock", str(lock), expect=Verdict.PIN_CHANGED)
    refused = ground.consumer.refused("image", "pin", made.name, "--lock", str(lock), "--yes")
    assert display(other.txid) in refused
    assert lock.read_text() == text.replace(display(made.txid), display(other.txid))
