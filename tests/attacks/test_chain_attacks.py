"""Attacks on the chain and on colour: what a hostile or careless transaction does to a title and its units.

Every transaction is in a real block. The product's verdict comes from the real command line, and the index must say of
each repository what the independent judge says.
"""

import pytest
from bitcoin.core import CTransaction, CTxOut
from bitcoin.core.script import CScript

from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.images.record import Release
from assets.images.reference import ImageReference
from assets.images.tag import Tags
from assets.images.verdict import Verdict
from assets.index.liveness import Liveness, held
from assets.model import Foreign, Genuine
from assets.protocols.open_assets.marker import Marker, marker_script
from assets.protocols.open_assets.rule import asset_id_of
from assets.protocols.table import RULE
from tests.assets.index.signing_party import Coin, Signer, coin_of, signed
from tests.assets.registry.images import image
from tests.attacks.ground import FEE, CountingSource, Ground, Publication, title_move, to
from tests.builders import marker
from wallet.hashes import display, txid_of

pytestmark = [pytest.mark.node, pytest.mark.registry]

EVIL = image("evil").digest
EVIL_RELEASE = Release(digest=EVIL, tags=Tags.of("1.0")).serialize()
THIEF = Signer("thief")


def mint(ground: Ground, quantity: int, holder: Signer, issuer: Signer | None = None) -> Coin:
    """Open Assets units that are no repository's, on a coin of `holder`."""
    issue = signed([ground.coin(issuer or Signer("mint"))], [to(holder, 1_000), marker([quantity])])
    ground.mine(issue)
    return coin_of(issue, 0, holder)


def frozen(ground: Ground, victim: Publication) -> None:
    """The title is lost by index and judge, verify says so, and nothing that was evil counts."""
    assert ground.agreed(victim.txid).frozen
    ground.consumer.verify(victim["1.0"], expect=Verdict.FROZEN)
    ground.consumer.verify(f"{victim['1.0']}@{EVIL}", expect=Verdict.MISMATCH)
    shown = ground.consumer.run("image", "show", victim.name, "--json").document
    assert (shown["state"], shown["owner"]) == ("frozen", bytes(victim.owner.script).hex())


def unharmed(ground: Ground, victim: Publication) -> None:
    """The title is where it was meant to be, what was released verifies, and nothing that was evil counts."""
    repository = ground.agreed(victim.txid)
    assert repository.title == (display(victim.title.outpoint.hash), victim.title.outpoint.n)
    ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)
    ground.consumer.verify(f"{victim['1.0']}@{EVIL}", expect=Verdict.MISMATCH)


def test_a_title_behind_an_older_foreign_asset_is_frozen_for_every_index(ground: Ground) -> None:
    """C1: an index that begins late cannot know the older asset in front, so its colour must not matter."""
    stranger = mint(ground, 5, THIEF)
    late = ground.person("late at C1", index_start=str(ground.node.height()))
    victim = ground.victim("acme/c1")
    late.pin(victim.name)
    late.verify(victim["1.0"], expect=Verdict.VERIFIED)
    outputs = [marker([1], EVIL_RELEASE), to(victim.owner, victim.title.value)]
    ground.mine(signed([stranger, victim.title], outputs))
    frozen(ground, victim)
    late.verify(victim["1.0"], expect=Verdict.FROZEN)


def test_a_foreign_asset_behind_the_title_changes_nothing_for_any_index(ground: Ground) -> None:
    """C1, the other way round: inputs after the run of genuine coins are never consulted."""
    stranger = mint(ground, 5, THIEF)
    late = ground.person("late behind C1", index_start=str(ground.node.height()))
    victim = ground.victim("acme/c1-behind")
    late.pin(victim.name)
    ground.mine(victim.moved(title_move(victim.title, more=[stranger])))
    unharmed(ground, victim)
    late.verify(victim["1.0"], expect=Verdict.VERIFIED)


def test_a_title_ahead_of_a_foreign_asset_that_is_to_be_shared_out_is_frozen(ground: Ground) -> None:
    """C1 again: quantities that only a later foreign input could cover end the units of the run."""
    stranger = mint(ground, 5, THIEF)
    victim = ground.victim("acme/c1-ahead")
    outputs = [marker([1, 5], EVIL_RELEASE), to(victim.owner, victim.title.value), to(THIEF, 700)]
    ground.mine(signed([victim.title, stranger], outputs))
    frozen(ground, victim)


SECOND_MARKERS = {
    "another valid one": marker_script(Marker((1,), b"")),
    "one that the reference cannot parse": b"\x6a\x04\x4f\x41\x01\x00",
    "the tag somewhere in an OP_RETURN": b"\x6a\x08abcd\x4f\x41\x01\x00",
    "the tag past a broken push": b"\x6a\x4b\x4f\x41\x01\x00",
}


@pytest.mark.parametrize("case", SECOND_MARKERS)
@pytest.mark.parametrize("place", [1, 2])
def test_a_second_marker_ends_the_units(ground: Ground, case: str, place: int) -> None:
    """C2: which marker is "the first that succeeds" would depend on colours that not everybody knows."""
    victim = ground.victim(f"acme/c2-{place}{list(SECOND_MARKERS).index(case)}")
    outputs = [marker([1], EVIL_RELEASE), to(victim.owner, victim.title.value - FEE)]
    outputs.insert(place, CTxOut(0, CScript(SECOND_MARKERS[case])))
    ground.mine_any(signed([victim.title], outputs))
    frozen(ground, victim)


TAG = b"\x4f\x41\x01\x00"
METADATA = bytes([len(EVIL_RELEASE)]) + EVIL_RELEASE
GOOD = TAG + b"\x01\x01" + METADATA
LARGEST = b"\xff" * 8 + b"\x7f"


def pushed(payload: bytes) -> bytes:
    """OP_RETURN and the shortest push."""
    return b"\x6a" + (bytes([len(payload)]) if len(payload) < 76 else b"\x4c" + bytes([len(payload)])) + payload


ODD_MARKERS = {
    "padded LEB128": (pushed(TAG + b"\x01\x81\x00" + METADATA), True),
    "a long count": (pushed(TAG + b"\xfd\x01\x00\x01" + METADATA), True),
    "a long metadata length": (pushed(TAG + b"\x01\x01\xfd" + METADATA[:1] + b"\x00" + METADATA[1:]), True),
    "a trailing zero quantity": (pushed(TAG + b"\x02\x01\x00" + METADATA), True),
    "PUSHDATA1 for a short payload": (b"\x6a\x4c" + bytes([len(GOOD)]) + GOOD, True),
    "PUSHDATA2 for a short payload": (b"\x6a\x4d" + len(GOOD).to_bytes(2, "little") + GOOD, True),
    "PUSHDATA4 for a short payload": (b"\x6a\x4e" + len(GOOD).to_bytes(4, "little") + GOOD, True),
    "a byte after the metadata": (pushed(GOOD + b"\x00"), False),
    "a zero byte after the push": (pushed(GOOD) + b"\x00", False),
    "two pushes": (pushed(GOOD) + b"\x01\x01", False),
    "a payload in two pushes": (b"\x6a" + b"\x04" + TAG + bytes([len(GOOD) - 4]) + GOOD[4:], False),
    "a payload that ends early": (pushed(GOOD[:-1]), False),
    "more quantities than other outputs": (pushed(TAG + b"\x03\x00\x00\x01" + METADATA), False),
    "a sum over 2^63 - 1": (pushed(TAG + b"\x02\x01" + LARGEST + METADATA), False),
    "a quantity over 2^63 - 1": (pushed(TAG + b"\x01" + b"\x80" * 9 + b"\x01" + METADATA), False),
    "more units than were spent": (pushed(TAG + b"\x01\x02" + METADATA), False),
    "no quantity at all": (pushed(TAG + b"\x00" + METADATA), False),
}


@pytest.mark.parametrize("case", ODD_MARKERS)
def test_a_marker_in_any_but_the_one_form_ends_the_units(ground: Ground, case: str) -> None:
    """C3, C20: implementations differ on odd markers; units end, though an Open Assets wallet may still see them."""
    odd, still_seen = ODD_MARKERS[case]
    victim = ground.victim(f"acme/c3-{list(ODD_MARKERS).index(case)}")
    script = CScript(odd)
    value = victim.title.value - FEE - 700
    tx = signed([victim.title], [CTxOut(0, script), to(victim.owner, value), to(THIEF, 700)])
    ground.mine_any(tx)
    frozen(ground, victim)
    assert ((display(txid_of(tx)), 1) in ground.judged().colors) == still_seen
    color = ground.walker().color(coin_of(tx, 1, victim.owner).outpoint)
    assert color == (Foreign(asset=asset_id_of(victim.issuer.script), quantity=1) if still_seen else None)


def test_more_quantities_than_outputs_end_the_units_that_would_cover_them(ground: Ground) -> None:
    """C20: the treasury covers a quantity for an output that is not there; the title in front must not move."""
    victim = ground.victim("acme/c20-many")
    outputs = [marker([1, 0, 5], EVIL_RELEASE), to(victim.owner, 9_000), to(THIEF, 700)]
    ground.mine(signed([victim.title, victim.treasury], outputs))
    frozen(ground, victim)
    assert ground.units(victim.txid) == {}


def test_a_quantity_for_an_output_before_the_marker_ends_the_units(ground: Ground) -> None:
    """C20: an output before the marker issues an asset of the spender's own, and is no transfer."""
    victim = ground.victim("acme/c20-before")
    ground.mine(signed([victim.title], [to(victim.owner, 9_000), marker([1], EVIL_RELEASE)]))
    frozen(ground, victim)


@pytest.mark.parametrize("head", [b"\x00\x20", b"\x51\x20"], ids=["P2WSH", "P2TR"])
def test_tag_bytes_inside_an_ordinary_output_are_no_second_marker(ground: Ground, head: bytes) -> None:
    """C20: a stranger whose program happens to hold the tag must not be able to end a title by being paid."""
    victim = ground.victim(f"acme/c20-{head.hex()}")
    digest = ground.push(victim.name, "2.0", "tag bytes")
    record = Release(digest=digest, tags=Tags.of("2.0")).serialize()
    stranger = CTxOut(700, CScript(head + TAG * 8))
    outputs = [marker([1], record), to(victim.owner, victim.title.value - FEE - 700), stranger]
    ground.mine(victim.moved(signed([victim.title], outputs)))
    unharmed(ground, victim)
    ground.consumer.verify(victim["2.0"], expect=Verdict.VERIFIED)


def test_two_geneses_from_one_script_stay_two_repositories_for_every_index(ground: Ground) -> None:
    """C4: the older genesis of one script is hidden from whoever begins to read later; the txid tells them apart."""
    shared, name = Signer("shared issuer"), ground.name("acme/c4")
    older = ground.genesis(name, ground.coin(shared), THIEF)
    ground.mine(older.genesis)
    late = ground.person("late at C4", index_start=str(ground.node.height() + 1))
    newer = ground.genesis(name, ground.coin(shared), Signer("owner of acme/c4"))
    ground.mine(newer.genesis)
    ground.publish(newer)
    ground.release(newer, "1.0")
    ground.mine(title_move(older.title, EVIL_RELEASE))
    for reader in (ground.consumer, late):
        assert reader.pin(name) == display(newer.txid)
        reader.verify(newer["1.0"], expect=Verdict.VERIFIED)
        reader.verify(f"{newer['1.0']}@{EVIL}", expect=Verdict.MISMATCH)
    answer = ground.consumer.verify(newer["1.0"], expect=Verdict.VERIFIED)
    assert any("2 geneses were issued from one script" in note for note in answer["notes"])
    assert [rival["genesis"] for rival in answer["rivals"]] == [display(older.txid)]
    ground.agreed(older.txid)
    ground.agreed(newer.txid)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_copied_definition_hash_claims_nothing_for_another_genesis(ground: Ground, when: str) -> None:
    """C5: the hash can be copied and mined first, but the document names the coin that the real genesis spends."""
    name = ground.name(f"acme/c5-{when}")
    real = ground.genesis(name, ground.coin(Signer(f"issuer {when}")), Signer(f"owner {when}"))
    copied = ground.genesis(name, ground.coin(Signer(f"copier {when}")), THIEF, document=real.document)
    for one in (copied, real) if when == "before" else (real, copied):
        ground.mine(one.genesis)
    ground.mine(title_move(copied.title, EVIL_RELEASE))
    ground.publish(real)
    ground.release(real, "1.0")
    ground.push(name, "1.0", "evil")
    fresh = ground.person(f"fresh at C5 {when}")
    answer = fresh.verify(f"{name}:1.0", expect=Verdict.MISMATCH)
    assert (answer["claimed"], answer["genesis"]) == (display(real.txid),) * 2
    assert [rival["genesis"] for rival in answer["rivals"]] == [display(copied.txid)]
    assert fresh.pin(name) == display(real.txid)
    fresh.verify(f"{name}:1.0@{real.released['1.0']}", expect=Verdict.VERIFIED)
    assert ground.agreed(copied.txid).title is not None


def test_a_plainly_spent_title_never_verifies_again_though_no_block_shows_a_marker(ground: Ground) -> None:
    """C6: a payment that carries no marker is invisible to whoever looks for markers alone."""
    victim = ground.victim("acme/c6")
    ground.mine(signed([victim.title], [to(THIEF, 9_000)]))
    frozen(ground, victim)
    allowed = ground.consumer.verify(victim["1.0"], "--allow", "frozen", expect=Verdict.VERIFIED)
    assert [one["verdict"] for one in allowed["allowed"]] == ["FROZEN"]
    ground.person("fresh at C6").verify(victim["1.0"], expect=Verdict.FROZEN)


def test_a_plain_spend_of_a_title_freezes_with_its_block_and_not_before(ground: Ground) -> None:
    """C6: what waits in the mempool may never come; from its block on the title is gone for good."""
    victim = ground.victim("acme/c6-mempool")
    ground.send(signed([victim.title], [to(THIEF, 9_000)]))
    ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)
    ground.node.mine()
    frozen(ground, victim)


def test_a_plainly_spent_access_coin_is_held_by_nobody(ground: Ground) -> None:
    """C6: an index by marker alone would let its former holder in for ever."""
    victim = ground.victim("acme/c6-access")
    ground.mine(signed([victim.treasury], [to(THIEF, 300)]))
    ground.agreed(victim.txid)
    with ground.chain.store.snapshot() as reader:
        assert reader.unit(victim.treasury.outpoint) is not None
        assert held(ground.source, reader, victim.treasury.outpoint) is Liveness.FROZEN
    unharmed(ground, victim)


def _into_more(victim: Publication) -> CTransaction:
    outputs = [marker([1_001]), to(victim.owner, 9_000)]
    return signed([victim.title, victim.treasury], outputs)


def _behind(victim: Publication) -> CTransaction:
    outputs = [marker([1_000, 1]), to(victim.owner, 600), to(victim.owner, 9_000)]
    return signed([victim.treasury, victim.title], outputs)


def _mixed_in_front(victim: Publication) -> CTransaction:
    outputs = [marker([999, 2]), to(victim.owner, 600), to(victim.owner, 9_000)]
    return signed([victim.title, victim.treasury], outputs)


MERGED = {"into an output of more units": _into_more, "behind other units": _behind, "among others": _mixed_in_front}


@pytest.mark.parametrize("case", MERGED)
def test_a_title_that_is_merged_with_other_units_is_frozen(ground: Ground, case: str) -> None:
    """C7: nobody could say any more which of the units is the title."""
    victim = ground.victim(f"acme/c7-{list(MERGED).index(case)}")
    merged = MERGED[case](victim)
    ground.mine(merged)
    frozen(ground, victim)
    assert sum(one.quantity for one in ground.units(victim.txid).values()) == 1_001
    last = len(merged.vout) - 1
    ground.mine(title_move(coin_of(merged, last, victim.owner), EVIL_RELEASE))
    frozen(ground, victim)


def test_of_two_titles_in_one_transaction_the_second_is_frozen(ground: Ground) -> None:
    """C7: the run of genuine coins ends at the other repository's title."""
    first, second = ground.victim("acme/c7-first"), ground.victim("acme/c7-second")
    ground.mine(first.moved(title_move(first.title, more=[second.title])))
    unharmed(ground, first)
    frozen(ground, second)


def test_two_titles_that_are_to_stay_two_are_both_frozen(ground: Ground) -> None:
    """C7: quantities for both are more than the first repository's run holds."""
    first, second = ground.victim("acme/c7-third"), ground.victim("acme/c7-fourth")
    outputs = [marker([1, 1]), to(first.owner, 9_000), to(second.owner, 9_000)]
    ground.mine(signed([first.title, second.title], outputs))
    frozen(ground, first)
    frozen(ground, second)


def test_a_foreign_mint_of_the_same_asset_is_never_genuine(ground: Ground) -> None:
    """C8: whoever has the issuing key can mint the same asset id for ever; it opens no door and moves no title."""
    victim = ground.victim("acme/c8")
    foreign = mint(ground, 1_000_000, THIEF, issuer=victim.issuer)
    title = mint(ground, 1, THIEF, issuer=victim.issuer)
    asset = asset_id_of(victim.issuer.script)
    assert ground.walker().color(foreign.outpoint) == Foreign(asset=asset, quantity=1_000_000)
    outputs = [marker([1], EVIL_RELEASE), to(THIEF, 700)]
    ground.mine(signed([title], outputs))
    moved = signed([foreign], [marker([400_000, 600_000]), to(THIEF, 350), to(victim.owner, 350)])
    ground.mine(moved)
    unharmed(ground, victim)
    with ground.chain.store.snapshot() as reader:
        assert reader.unit(coin_of(moved, 1, THIEF).outpoint) is None
        assert reader.unit(coin_of(moved, 2, victim.owner).outpoint) is None
    assert ground.judged().balances(bytes(THIEF.script))[asset.hex()] == 400_001


@pytest.mark.parametrize("order", ["genuine first", "foreign first"])
def test_genuine_units_mixed_with_foreign_ones_end(ground: Ground, order: str) -> None:
    """C8: an output of 1,000 genuine and 500 foreign units would sell as 1,500 genuine ones."""
    victim = ground.victim(f"acme/c8-{order[:7].strip()}")
    foreign = mint(ground, 500, victim.owner, issuer=victim.issuer)
    coins = [victim.treasury, foreign] if order == "genuine first" else [foreign, victim.treasury]
    mixed = signed(coins, [marker([1_500]), to(victim.owner, 700)])
    ground.mine(mixed)
    unharmed(ground, victim)
    assert list(ground.units(victim.txid).values()) == [(display(victim.txid), 1, True)]
    color = ground.walker().color(coin_of(mixed, 1, victim.owner).outpoint)
    assert color == Foreign(asset=asset_id_of(victim.issuer.script), quantity=1_500)


def test_a_record_in_a_handover_speaks_for_nobody(ground: Ground) -> None:
    """C12: in a sale it is unclear whose word it would be, so it is nobody's."""
    victim = ground.victim("acme/c12")
    ground.mine(title_move(victim.title, EVIL_RELEASE, target=THIEF))
    repository = ground.agreed(victim.txid)
    assert (repository.frozen, repository.owner) == (False, bytes(THIEF.script).hex())
    ground.consumer.verify(victim["1.0"], expect=Verdict.NEW_OWNER)
    answer = ground.consumer.verify(f"{victim['1.0']}@{EVIL}", expect=Verdict.MISMATCH)
    ignored = answer["history"][-1]
    assert (ignored["kind"], ignored["counts"], bool(ignored["why_not"])) == ("release", False, True)


def ignored_records(ground: Ground, victim: Publication, records: list[bytes]) -> None:
    """Writes each record as the owner; each moves the title, is shown with its reason, and counts for nothing."""
    txs = [victim.moved(title_move(victim.title, record)) for record in records]
    ground.force(*txs)
    unharmed(ground, victim)
    history = ground.consumer.run("image", "history", victim.name, "--json").document["records"]
    shown = {record["txid"]: record for record in history}
    for tx, record in zip(txs, records, strict=True):
        entry = shown[display(txid_of(tx))]
        assert not entry["counts"], record
        assert entry["why_not"], record


def test_tags_out_of_grammar_bind_nothing(ground: Ground) -> None:
    """C13: tags that look alike, or that readers split in different ways, are flaws."""
    tags = ["1.0\u202e", "1.0\u200b", "1\u20240", "caf\u00e9", "cafe\u0301", "\u0661.\u0660", "1.0 ", "1.0\n", "\t1.0"]
    bodies = [tag.encode() for tag in tags]
    bodies += [b"1.0,", b",1.0", b"1.0,,2.0", b"1.0,1.0", b"", b"-1.0", b".1.0", b"1/0", b"1.0\x00", b"\x00" + b"1.0"]
    ignored_records(ground, ground.victim("acme/c13"), [b"DC\x01\x02" + EVIL.raw + body for body in bodies])


def test_names_that_are_not_canonical_make_no_genesis(ground: Ground) -> None:
    """C13: one repository has one name, so that nobody can claim it a second time by writing it otherwise."""
    names = ["nginx", "index.docker.io/library/nginx", "docker.io/nginx", "Registry.example/acme/app", "r.example/Acme"]
    names += ["r.example:443/acme", "r.example./acme", "r.example/\u0430cme", "r.example/acme\u200b", "r.example:080/a"]
    txs = []
    for number, name in enumerate(names):
        record = b"DC\x01\x01" + EVIL.raw + name.encode()
        assert len(name.encode()) <= 29
        coin = ground.coin(Signer(f"issuer {number} of C13"))
        txs.append(signed([coin], [to(THIEF, 10_000), to(THIEF, 600), marker([1, 10], record), to(THIEF, 80_000)]))
    ground.mine(*txs)
    ground.chain.catch_up()
    with ground.chain.store.snapshot() as reader:
        assert [reader.genesis(txid_of(tx)) for tx in txs] == [None] * len(txs)
    assert not {display(txid_of(tx)) for tx in txs} & ground.judged().repositories.keys()


@pytest.mark.parametrize(
    "written",
    ["nginx", "docker.io/nginx", "index.docker.io/library/nginx", "docker.io:443/library/nginx", "DOCKER.IO/nginx"],
)
def test_every_way_to_write_a_name_is_one_name(written: str) -> None:
    """C13: a pin for one way of writing is a pin for all of them, so that no second claim slips in beside it."""
    assert ImageReference.parse(f"{written}:1.0").name == "docker.io/library/nginx"


@pytest.mark.parametrize(
    "twin",
    [
        "acme/C13:1.0",
        "acme/c13:1.0\u202e",
        "acme/c13\u200b:1.0",
        "acme/\u044113:1.0",
        "acme//c13:1.0",
        "../c13",
    ],
)
def test_a_reference_that_only_looks_like_another_is_refused(ground: Ground, twin: str) -> None:
    """C13: what a person cannot tell apart must not resolve to two things."""
    assert "error: " in ground.consumer.refused("image", "verify", ground.name(twin))


def test_records_of_any_other_body_are_ignored_and_shown(ground: Ground) -> None:
    """C14: too long, too short, an unknown or reserved kind, another version: the title moves and nothing counts."""
    digest = EVIL.raw
    records = [b"DC\x01" + bytes([kind]) + digest + b"1.0" for kind in (0, 4, 6, 8, 10, 255)]
    records += [b"DC\x02\x02" + digest + b"1.0", b"DC\x00\x02" + digest + b"1.0", b"dc\x01\x02" + digest + b"1.0"]
    records += [b"DC\x01\x02" + digest[:-1], b"DC\x01\x02", b"DC", b"DC\x01\x02" + digest + b"1.0," + b"x" * 34]
    records += [b"DC\x01\x02" + digest + b"\x00" + digest + b"\x00", b"DC\x01\x02" + digest + b"1.0" + bytes(300)]
    records += [b"DC\x01\x03" + digest, b"DC\x01\x03" + digest + b"\x00\x00"]
    records += [b"DC\x01\x07" + digest + digest[:-1], b"DC\x01\x05" + digest, b"DC\x01\x05" + digest + b"no name"]
    records += [b"DC\x01\x01" + digest + b"registry.example/app"]
    ignored_records(ground, ground.victim("acme/c14"), records)


def test_a_deep_lineage_and_sixty_stacked_diamonds_are_walked(ground: Ground) -> None:
    """C18: depth must not blow the stack, and shared ancestors must not be fetched again and again."""
    victim = ground.victim("acme/c18")
    holder = victim.owner
    funds = ground.coin(holder, 1_000_000)
    first = signed([victim.treasury, funds], [marker([1_000]), to(holder, 900_000)])
    txs, coin = [first], coin_of(first, 1, holder)
    for _ in range(60):
        half = (coin.value - FEE) // 2
        split = signed([coin], [marker([500, 500]), to(holder, half), to(holder, half)])
        halves = [coin_of(split, 1, holder), coin_of(split, 2, holder)]
        joined = signed(halves, [marker([1_000]), to(holder, 2 * half - FEE)])
        coin = coin_of(joined, 1, holder)
        txs += [split, joined]
    for _ in range(25):
        txs.append(victim.moved(title_move(victim.title)))
    ground.force(*txs)
    unharmed(ground, victim)
    asked = CountingSource(ground.source)
    color = ColorWalker(RULE, asked, MemoryCache()).color(coin.outpoint)
    assert color == Genuine(genesis=victim.txid, quantity=1_000, title=False)
    assert ground.units(victim.txid)[display(coin.outpoint.hash), 1].quantity == 1_000
    assert set(asked.times.values()) == {1}


def test_the_owners_own_pending_release_neither_freezes_nor_locks_out(ground: Ground) -> None:
    """C21: `gettxout` with the mempool says that the title's coin is gone while its owner's release waits."""
    victim = ground.victim("acme/c21")
    second = ground.release(victim, "2.0", mine=False)
    assert ground.agreed(victim.txid).title is not None
    ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)
    ground.consumer.verify(victim["2.0"], expect=Verdict.PENDING)
    ground.release(victim, "3.0", mine=False)
    ground.consumer.verify(victim["3.0"], expect=Verdict.PENDING)
    ground.node.mine()
    unharmed(ground, victim)
    assert ground.consumer.verify(victim["2.0"], expect=Verdict.VERIFIED)["digest"] == str(second)
