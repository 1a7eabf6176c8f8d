"""Attacks with signatures: lifted ones, partial ones, and witnesses that a node leaves out or forges.

Whose word a record is hangs on the signature of input 0, which no txid covers. Signatures are real and are judged by
the real node; only the untrue witnesses of C19 come from a wrapper around it.
"""

from dataclasses import replace

import pytest
from bitcoin.core import CTransaction, CTxIn
from bitcoin.core.script import CScript

from assets.coloring.trace import MemoryCache
from assets.coloring.walk import ColorWalker
from assets.images.record import Genesis, RecordName, Release, Revoke, RevokeReason
from assets.images.tag import Tags
from assets.images.verdict import Verdict
from assets.model import Authorship, Foreign, Genuine, Unknown
from assets.protocols.table import RULE
from tests.assets.index.signing_party import Coin, Signer, coin_of, endpoint_of, signed
from tests.assets.registry.images import image
from tests.attacks.ground import FEE, Ground, Publication, definition_of, title_move, to
from tests.attacks.liars import Lies, LyingNode, lying, stripped, swapping
from tests.attacks.owners import DEFAULT, Branches, Checks, Pair, Taproot
from tests.attacks.person import Person
from tests.builders import ALL, ANYONECANPAY, NONE, SINGLE, marker, with_witnesses
from wallet.hashes import display, txid_of
from wallet.network import REGTEST
from wallet.transactions import RBF_SEQUENCE

pytestmark = [pytest.mark.node, pytest.mark.registry]

EVIL = image("evil").digest
EVIL_RELEASE = Release(digest=EVIL, tags=Tags.of("1.0")).serialize()
THIEF = Signer("thief")
PARTIAL = {
    "NONE": NONE,
    "SINGLE": SINGLE,
    "ALL|ANYONECANPAY": ALL | ANYONECANPAY,
    "NONE|ANYONECANPAY": NONE | ANYONECANPAY,
    "SINGLE|ANYONECANPAY": SINGLE | ANYONECANPAY,
}


def unsigned(coins: list[Coin], outputs: list[object]) -> CTransaction:
    """A transaction without witnesses."""
    return CTransaction([CTxIn(coin.outpoint, CScript(), RBF_SEQUENCE) for coin in coins], outputs, 0, 2)


def ignored(ground: Ground, victim: Publication, tx: CTransaction) -> None:
    """The title went on to its owner, and the record in `tx` counts for nothing by index, judge and verify."""
    repository = ground.agreed(victim.txid)
    assert repository.title == (display(victim.title.outpoint.hash), victim.title.outpoint.n)
    assert display(txid_of(tx)) not in [entry.txid for entry in repository.counted()]
    ground.consumer.verify(victim["1.0"], expect=Verdict.VERIFIED)
    ground.consumer.verify(f"{victim['1.0']}@{EVIL}", expect=Verdict.MISMATCH)


def test_a_lifted_single_signature_writes_no_release(ground: Ground) -> None:
    """C9: a listing signed SINGLE|ANYONECANPAY is lifted into a transaction that carries the lifter's own record."""
    victim = ground.victim("acme/c9")
    title, back = victim.title, to(victim.owner, 700)
    listing = unsigned([ground.coin(THIEF), title], [to(THIEF, 99_000), back])
    lifted = title.signer.witness(listing, 1, title.value, SINGLE | ANYONECANPAY)
    outputs = [back, marker([0, 1], EVIL_RELEASE), to(victim.owner, title.value - 700 - FEE)]
    attack = with_witnesses(unsigned([title], outputs), [lifted])
    ground.mine(victim.moved(attack, 2))
    ignored(ground, victim, attack)


def test_a_lifted_signature_that_leaves_the_outputs_open_writes_no_release(ground: Ground) -> None:
    """C9: lifted from a transaction without any record, and put under a RELEASE in the very form that would count."""
    victim = ground.victim("acme/c9-none")
    title = victim.title
    meant = unsigned([title], [marker([1]), to(victim.owner, title.value - FEE)])
    lifted = title.signer.witness(meant, 0, title.value, NONE | ANYONECANPAY)
    outputs = [marker([1], EVIL_RELEASE), to(victim.owner, title.value - FEE)]
    attack = with_witnesses(unsigned([title], outputs), [lifted])
    ground.mine(victim.moved(attack))
    ignored(ground, victim, attack)


@pytest.mark.parametrize("kind", PARTIAL)
def test_a_record_under_a_partial_signature_is_ignored(ground: Ground, kind: str) -> None:
    """C9, C11: whoever completes such a transaction would have a say in what the owner says."""
    victim = ground.victim(f"acme/c9-{PARTIAL[kind]:02x}")
    attack = title_move(victim.title, EVIL_RELEASE, sighash=PARTIAL[kind])
    ground.mine(victim.moved(attack))
    ignored(ground, victim, attack)
    shown = ground.consumer.run("image", "history", victim.name, "--json").document["records"][-1]
    assert (shown["counts"], shown["why_not"]) == (False, str(Authorship.PARTIAL_SIGNATURE))


def held_by(ground: Ground, path: str, owner: Signer) -> Publication:
    """A repository of an owner with another kind of script, pinned by the consumer."""
    issuing = ground.coin(Signer(f"issuer of {path}"))
    made = ground.genesis(ground.name(path), issuing, owner)
    ground.mine(made.genesis)
    ground.publish(made)
    assert ground.consumer.pin(made.name) == display(made.txid)
    return made


SCRIPTS: dict[str, tuple[Signer, int, bool]] = {
    "P2WSH, both ALL": (Pair("both"), ALL, True),
    "P2WSH, the first NONE": (Pair("first"), NONE, False),
    "P2WSH, the second SINGLE|ANYONECANPAY": (Pair("second", SINGLE | ANYONECANPAY), ALL, False),
    "P2WSH, two signatures in a script of another form": (Checks("checks"), ALL, False),
    "P2WSH, a script with a choice": (Branches("branches"), ALL, False),
    "P2TR, 64 bytes": (Taproot("default"), DEFAULT, True),
    "P2TR, 65 bytes with ALL": (Taproot("all"), ALL, True),
    "P2TR, NONE": (Taproot("none"), NONE, False),
    "P2TR, SINGLE": (Taproot("single"), SINGLE, False),
    "P2TR, ALL|ANYONECANPAY": (Taproot("anyone"), ALL | ANYONECANPAY, False),
    "P2TR, SINGLE|ANYONECANPAY": (Taproot("lifted"), SINGLE | ANYONECANPAY, False),
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_under_any_script_only_signatures_for_everything_speak(ground: Ground, case: str) -> None:
    """C9: the rule for titles on P2WSH and taproot scripts, where one partial signature among several is enough."""
    owner, sighash, counts = SCRIPTS[case]
    made = held_by(ground, f"acme/c9-scripts-{list(SCRIPTS).index(case)}", owner)
    digest = ground.push(made.name, "1.0", case)
    record = Release(digest=digest, tags=Tags.of("1.0")).serialize()
    outputs = [marker([1], record), to(owner, made.title.value - FEE)]
    tx = signed([made.title], outputs, sighash)
    ground.mine(made.moved(tx))
    assert ground.agreed(made.txid).title == (display(txid_of(tx)), 1)
    ground.consumer.verify(made["1.0"], expect=Verdict.VERIFIED if counts else Verdict.UNRELEASED)


def test_a_genesis_around_a_lifted_signature_is_none(ground: Ground) -> None:
    """C10: a signature for a sale, moved to input 0, would make its owner the issuer of somebody else's asset."""
    name, issuer, seller = ground.name("acme/c10"), Signer("issuer of acme/c10"), Signer("seller")
    coin = ground.coin(issuer)
    price = to(seller, 20_000)
    sale = unsigned([ground.coin(THIEF), coin], [to(THIEF, 99_000), price])
    lifted = issuer.witness(sale, 1, coin.value, SINGLE | ANYONECANPAY)
    definition = definition_of(name, coin)
    record = Genesis(definition=definition.hash, name=RecordName.of(name)).serialize()
    outputs = [price, to(THIEF, 1_000), marker([1, 1_000_000], record), to(THIEF, 70_000)]
    attack = with_witnesses(unsigned([coin], outputs), [lifted])
    ground.mine(attack)
    ground.chain.catch_up()
    with ground.chain.store.snapshot() as reader:
        assert reader.genesis(txid_of(attack)) is None
        assert reader.geneses_named(name) == ()
    assert display(txid_of(attack)) not in ground.judged().repositories
    reference = f"{name}@{ground.push(name, '1.0', 'lifted genesis')}"
    genesis = display(txid_of(attack))
    ground.consumer.verify(reference, "--genesis", genesis, expect=Verdict.UNDECIDED)
    ground.consumer.verify(reference, expect=Verdict.NO_ASSET)
    assert genesis in ground.consumer.refused("image", "pin", name, "--genesis", genesis, "--yes")


@pytest.mark.parametrize("what", ["the treasury", "foreign bitcoin"])
def test_a_record_whose_input_0_is_not_the_title_is_nobodys(ground: Ground, what: str) -> None:
    """C10: the form of a RELEASE, signed ALL, by somebody who has units or money but no title."""
    victim = ground.victim(f"acme/c10-{len(what)}")
    coin = victim.treasury if what == "the treasury" else ground.coin(THIEF)
    outputs = [marker([1], EVIL_RELEASE), to(coin.signer, 350)]
    attack = signed([coin], outputs)
    ground.mine(attack)
    ignored(ground, victim, attack)


def test_an_input_put_in_front_of_the_title_freezes_and_says_nothing(ground: Ground) -> None:
    """C11: under ALL|ANYONECANPAY anybody can insert an input; the signature stays valid, the title is lost."""
    victim = ground.victim("acme/c11")
    title = victim.title
    outputs = [marker([1], EVIL_RELEASE), to(victim.owner, title.value - FEE)]
    lifted = title.signer.witness(unsigned([title], outputs), 0, title.value, ALL | ANYONECANPAY)
    coin = ground.coin(THIEF, 1_000)
    widened = unsigned([coin, title], outputs)
    ground.mine(with_witnesses(widened, [THIEF.witness(widened, 0, coin.value), lifted]))
    assert ground.agreed(victim.txid).frozen
    ground.consumer.verify(victim["1.0"], expect=Verdict.FROZEN)
    ground.consumer.verify(f"{victim['1.0']}@{EVIL}", expect=Verdict.MISMATCH)


def revoked(ground: Ground, path: str) -> tuple[Publication, CTransaction, Person]:
    """A release that its owner revoked, and a person who pinned it before and has not looked since."""
    victim = ground.victim(path)
    person = ground.person(f"reader of {path.rpartition('/')[2]}")
    person.pin(victim.name)
    person.verify(victim["1.0"], expect=Verdict.VERIFIED)
    record = Revoke(digest=victim.released["1.0"], reason=RevokeReason.COMPROMISED).serialize()
    revoke = victim.moved(title_move(victim.title, record))
    ground.mine(revoke)
    ground.consumer.verify(victim["1.0"], expect=Verdict.REVOKED)
    return victim, revoke, person


def forged(tx: CTransaction, sighash: int) -> CTransaction:
    """The same txid, and another sighash byte in the signature of input 0."""
    signature, public_key = tx.wit.vtxinwit[0].scriptWitness.stack
    return with_witnesses(tx, [(signature[:-1] + bytes([sighash]), public_key)])


@pytest.mark.parametrize("lie", ["its witness stripped", "a forged sighash byte", "the whole block stripped"])
def test_a_revoke_that_comes_with_an_untrue_witness_is_undecided(ground: Ground, lie: str) -> None:
    """C19: the same txid and the same Merkle proof would read as "record ignored", and the image as VERIFIED."""
    victim, revoke, person = revoked(ground, f"acme/c19-{len(lie)}")
    lies = {
        "its witness stripped": swapping(revoke, with_witnesses(revoke, [()])),
        "a forged sighash byte": swapping(revoke, forged(revoke, SINGLE | ANYONECANPAY)),
        "the whole block stripped": Lies(block=stripped),
    }[lie]
    deceived = replace(person, houses=lying(lies))
    answer = deceived.verify(victim["1.0"], expect=Verdict.UNDECIDED)
    assert "witness" in answer["reason"]
    deceived.verify(victim["1.0"], "--allow", "pending,superseded,new-owner,frozen,unpinned", expect=Verdict.UNDECIDED)
    person.verify(victim["1.0"], expect=Verdict.UNDECIDED)
    person.run("chain", "reindex")
    person.verify(victim["1.0"], expect=Verdict.REVOKED)


def test_a_forged_sighash_byte_does_not_make_a_foreign_release_count(ground: Ground) -> None:
    """C19: the lifted RELEASE of C9, served with a 01 at the end of its signature, must not become the owner's word."""
    victim = ground.victim("acme/c19-foreign")
    person = ground.person("reader of c19-foreign")
    person.pin(victim.name)
    lifted = title_move(victim.title, EVIL_RELEASE, sighash=NONE | ANYONECANPAY)
    ground.mine(victim.moved(lifted))
    ignored(ground, victim, lifted)
    deceived = replace(person, houses=lying(swapping(lifted, forged(lifted, ALL))))
    deceived.verify(f"{victim['1.0']}@{EVIL}", expect=Verdict.UNDECIDED)
    deceived.verify(victim["1.0"], expect=Verdict.UNDECIDED)


@pytest.mark.parametrize("lie", ["stripped", "forged"])
def test_a_genesis_with_an_untrue_witness_gives_no_genuine_units(ground: Ground, lie: str) -> None:
    """C19: the backward walk does not believe in a genesis whose signature it cannot judge; the coin stays apart."""
    victim = ground.victim(f"acme/c19-genesis-{lie}")
    genesis, title = victim.genesis, coin_of(victim.genesis, 0, victim.owner).outpoint
    assert ground.walker().color(title) == Genuine(genesis=victim.txid, quantity=1, title=True)
    served = with_witnesses(genesis, [()]) if lie == "stripped" else forged(genesis, SINGLE | ANYONECANPAY)
    liar = LyingNode.at(endpoint_of(ground.node), REGTEST)
    liar.lies = swapping(genesis, served)
    color = ColorWalker(RULE, liar, MemoryCache()).color(title)
    liar.close()
    assert isinstance(color, Unknown if lie == "stripped" else Foreign)
