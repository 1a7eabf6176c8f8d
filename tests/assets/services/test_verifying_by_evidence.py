"""Evidence in place of an index: the same verdicts where it is whole, and never a better one where it is not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.errors import IndexStateError, NotFoundError, RegistryUnavailableError
from assets.images.digest import Digest
from assets.images.evidence import Evidence, EvidenceStep, parse_evidence
from assets.images.reference import ImageReference
from assets.images.verdict import Verdict
from assets.index.evidence import prove
from assets.registry.media_types import EVIDENCE
from assets.services.chain.evidence import (
    EVIDENCE_TAG,
    evidence_access,
    fetch_evidence,
    loaded,
    make_evidence,
    publish_evidence,
)
from assets.services.trust.verifying import Answer, Question, verify
from assets.store.document_store import DocumentStore
from assets.store.passing_index import passing_index
from tests.assets.index.harness import out, spend
from tests.assets.registry.images import image
from tests.assets.services.image_world import Repository, World
from tests.builders import NAME, marker, pay, script
from wallet.errors import ChainError, ChainUnavailableError, EncodingError
from wallet.hashes import BlockHash, display
from wallet.network import REGTEST

ONE, TWO = image("one").manifest, image("two").manifest
FIRST, SECOND = Digest.of(ONE), Digest.of(TWO)
TAGGED = f"{NAME}:1.0"
STORE = partial(passing_index, REGTEST)
EVERYTHING = frozenset({Verdict.PENDING, Verdict.SUPERSEDED, Verdict.NEW_OWNER, Verdict.FROZEN, Verdict.UNPINNED})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty chain, an empty registry."""
    made = World(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def app(world: World) -> Repository:
    """A repository with 1.0 released in a block, among other transactions, and served under that tag."""
    made = world.publish()
    world.registry.put(NAME, "1.0", ONE)
    made.release(FIRST, "1.0")
    for number in range(5):
        world.chain.fund_unconfirmed(script(f"somebody {number}"), 1_000)
    world.chain.mine()
    return made


def evidence_of(world: World, app: Repository) -> Evidence:
    """What the publisher hands out now."""
    return make_evidence(app.txid, world.access)


def judged(
    world: World,
    app: Repository,
    evidence: Evidence | Callable[[], Evidence],
    *,
    reference: str = TAGGED,
    allow: frozenset[Verdict] = frozenset(),
) -> Answer:
    """What somebody with a pin and without an index is answered."""
    question = Question(
        reference=ImageReference.parse(reference),
        pins=app.pins("owner"),
        lock=None,
        genesis=None,
        confirmations=1,
        allow=allow,
    )
    load = evidence if callable(evidence) else lambda: evidence
    with evidence_access(
        load, REGTEST, world.chain, lambda: world.chain.tip().time + 600, partial(passing_index, REGTEST)
    ) as access:
        return verify(question, access, world.registry, DocumentStore(world.manifests))


def word(answer: Answer) -> Verdict:
    return answer.judgement.verdict


# Whole evidence says what the index says.


def released_again(world: World, app: Repository) -> None:
    app.release(SECOND, "1.0")
    world.chain.mine()


def revoked(world: World, app: Repository) -> None:
    app.revoke(FIRST)
    world.chain.mine()


def handed_over(world: World, app: Repository) -> None:
    app.hand_over("new owner")
    world.chain.mine()
    app.release(FIRST, "2.0")
    world.chain.mine()


def handed_over_with_treasury(world: World, app: Repository) -> None:
    """The treasury gave some units away before; what is left goes along."""
    treasury = out(app.genesis, 1)
    grant = spend([treasury], [marker([7, 999_993]), pay("holder", 330), pay("owner", 330)])
    world.chain.broadcast(grant)
    world.chain.mine()
    tx = spend([app.title, out(grant, 2)], [marker([1, 999_993]), pay("new owner", 9_000), pay("new owner", 330)])
    world.chain.broadcast(tx)
    world.chain.mine()
    app.owner, app.title = "new owner", out(tx, 1)


def revoked_in_the_mempool(world: World, app: Repository) -> None:
    app.revoke(FIRST)


def burnt(world: World, app: Repository) -> None:
    """The title is spent under a marker that is none of ours: no input could make that a closed transfer."""
    odd = marker([0, 0, 0, 0, 0, 1])
    world.chain.broadcast(spend([app.title], [odd, pay("owner", 9_000)]))
    world.chain.mine()


HISTORIES: dict[str, Callable[[World, Repository], None]] = {
    "released": lambda world, app: None,
    "released again": released_again,
    "revoked": revoked,
    "revoked in the mempool": revoked_in_the_mempool,
    "handed over": handed_over,
    "handed over with the treasury": handed_over_with_treasury,
    "burnt": burnt,
}


@pytest.mark.parametrize("name", HISTORIES)
def test_whole_evidence_says_what_an_index_says(world: World, app: Repository, name: str) -> None:
    HISTORIES[name](world, app)
    evidence = parse_evidence(evidence_of(world, app).serialize())
    by_evidence, by_index = judged(world, app, evidence), world.ask(TAGGED, app.pins("owner"))
    assert word(by_evidence) is word(by_index)
    assert by_evidence.judgement.findings == by_index.judgement.findings
    assert by_evidence.state == by_index.state


def test_the_document_comes_back_as_it_was(world: World, app: Repository) -> None:
    handed_over_with_treasury(world, app)
    evidence = evidence_of(world, app)
    document = evidence.serialize()
    assert parse_evidence(document) == evidence
    assert document.endswith(b"\n")
    assert len(evidence.steps) == 5, "the issuing coin, the genesis, the release, the grant, the hand-over"
    assert all(step.witness is not None for step in evidence.steps[1:])


# Evidence that leaves something out, or that is not what it seems, never says more than the whole.


@pytest.mark.parametrize("name", HISTORIES)
def test_no_part_of_the_evidence_gives_a_better_verdict(world: World, app: Repository, name: str) -> None:
    """Every step left out, and every tail cut off, with everything allowed that a person can allow."""
    HISTORIES[name](world, app)
    whole = evidence_of(world, app)
    truth = world.ask(TAGGED, app.pins("owner"), allow=EVERYTHING)
    count = len(whole.steps)
    parts = [tuple(step for at, step in enumerate(whole.steps) if at != gone) for gone in range(count)]
    parts += [whole.steps[:stop] for stop in range(count)]
    parts += [tuple(replace(step, witness=None) if at == bare else step for at, step in enumerate(whole.steps))
              for bare in range(count)]  # fmt: skip
    for steps in parts:
        answer = judged(world, app, replace(whole, steps=steps), allow=EVERYTHING)
        assert word(answer) in {Verdict.UNDECIDED, word(truth)}


def test_a_revocation_that_is_left_out_is_missed_by_nobody(world: World, app: Repository) -> None:
    before = evidence_of(world, app)
    revoked(world, app)
    stale = judged(world, app, before)
    assert word(stale) is Verdict.UNDECIDED
    assert "the title has moved since then" in stale.judgement.findings[0].reason
    cut = judged(world, app, replace(evidence_of(world, app), steps=before.steps))
    assert word(cut) is Verdict.UNDECIDED


def test_a_plain_payment_of_the_title_leaves_it_undecided(world: World, app: Repository) -> None:
    evidence = evidence_of(world, app)
    app.lose()
    world.chain.mine()
    assert word(world.ask(TAGGED, app.pins())) is Verdict.FROZEN
    assert word(judged(world, app, evidence)) is Verdict.UNDECIDED


def test_a_stripped_witness_leaves_it_undecided(world: World, app: Repository) -> None:
    """A txid does not cover the signature: without the witness nobody knows whether a record counts."""
    revoked(world, app)
    whole = evidence_of(world, app)
    steps = (*whole.steps[:-1], replace(whole.steps[-1], witness=None))
    assert word(judged(world, app, replace(whole, steps=steps))) is Verdict.UNDECIDED


def test_a_signature_that_was_changed_is_not_proven(world: World, app: Repository) -> None:
    revoked(world, app)
    whole = evidence_of(world, app)
    last = whole.steps[-1]
    forged = last.tx.replace(b"\x01\x21", b"\x02\x21")
    assert forged != last.tx, "the sighash byte in front of the public key"
    answer = judged(world, app, replace(whole, steps=(*whole.steps[:-1], replace(last, tx=forged))))
    assert word(answer) is Verdict.UNDECIDED


def spoilt(step: EvidenceStep, part: str) -> EvidenceStep:
    """A step with one part changed."""
    assert step.witness is not None
    other = b"\x5a" * 32
    changed = {
        "branch": replace(step, branch=(other, *step.branch[1:])),
        "longer branch": replace(step, branch=(*step.branch, other)),
        "index": replace(step, index=step.index ^ 1),
        "block": replace(step, block=BlockHash(other)),
        "transaction": replace(step, tx=step.tx[:-1] + b"\x01"),
        "cut transaction": replace(step, tx=step.tx[:-1]),
        "coinbase": replace(step, witness=replace(step.witness, coinbase=step.witness.coinbase[:-1] + b"\x01")),
        "coinbase that is none": replace(step, witness=replace(step.witness, coinbase=step.tx)),
        "coinbase branch": replace(step, witness=replace(step.witness, coinbase_branch=())),
        "witness branch": replace(step, witness=replace(step.witness, branch=(other, *step.witness.branch[1:]))),
        "witness branch of another depth": replace(step, witness=replace(step.witness, branch=())),
    }
    return changed[part]


@pytest.mark.parametrize(
    "part",
    [
        "branch", "longer branch", "index", "block", "transaction", "cut transaction", "coinbase",
        "coinbase that is none", "coinbase branch", "witness branch", "witness branch of another depth",
    ],
)  # fmt: skip
def test_a_step_with_a_part_changed_proves_nothing(world: World, app: Repository, part: str) -> None:
    whole = evidence_of(world, app)
    steps = (*whole.steps[:-1], spoilt(whole.steps[-1], part))
    answer = judged(world, app, replace(whole, steps=steps))
    assert word(answer) is Verdict.UNDECIDED


def test_a_coinbase_and_a_transaction_of_64_bytes_are_refused(world: World, app: Repository) -> None:
    """A pair of inner hashes has 64 bytes as well."""
    whole = evidence_of(world, app)
    last = whole.steps[-1]
    assert last.witness is not None
    coinbase = replace(last, tx=last.witness.coinbase, index=0, branch=last.witness.coinbase_branch)
    # version, one input without a script, one output whose script of 4 bytes fills the 64 up, lock time
    small = (
        b"\x01\0\0\0" + b"\1" + b"\x22" * 36 + b"\0" + b"\xff" * 4 + b"\1" + b"\0" * 8 + b"\4" + b"\x51" * 4 + b"\0" * 4
    )
    assert len(small) == 64
    for step in (coinbase, replace(last, tx=small)):
        with pytest.raises(ChainError, match="can move no units"):
            prove(replace(whole, steps=(step,)), world.chain.header)


def test_steps_out_of_order_or_twice_are_refused(world: World, app: Repository) -> None:
    whole = evidence_of(world, app)
    for steps in (whole.steps[::-1], (*whole.steps, whole.steps[-1])):
        assert word(judged(world, app, replace(whole, steps=steps))) is Verdict.UNDECIDED


def test_another_repositorys_evidence_is_told_apart(world: World, app: Repository) -> None:
    other = world.publish("registry.example/other/app", owner="stranger", issuer="stranger's issuer")
    answer = judged(world, app, evidence_of(world, other))
    assert word(answer) is Verdict.UNDECIDED
    assert f"the evidence is about genesis {display(other.txid)}" in answer.judgement.findings[0].reason


def test_evidence_of_two_repositories_at_once_is_refused(world: World, app: Repository) -> None:
    other = world.publish("registry.example/other/app", owner="stranger", issuer="stranger's issuer")
    ours, theirs = evidence_of(world, app), evidence_of(world, other)
    both = replace(theirs, steps=ours.steps + theirs.steps)
    answer = judged(world, app, both)
    assert word(answer) is Verdict.UNDECIDED
    assert "2 geneses" in answer.judgement.findings[0].reason


def test_evidence_of_blocks_that_left_the_chain_is_undecided_until_they_are_back(world: World, app: Repository) -> None:
    evidence = evidence_of(world, app)
    world.chain.reorg(1)
    assert word(judged(world, app, evidence)) is Verdict.UNDECIDED
    world.chain.mine()
    assert word(judged(world, app, evidence_of(world, app))) is Verdict.VERIFIED


def test_a_block_that_arrives_meanwhile_is_taken_into_account(world: World, app: Repository) -> None:
    evidence = evidence_of(world, app)
    with evidence_access(lambda: evidence, REGTEST, world.chain, lambda: 0, STORE) as access:
        access.catch_up()
        revoked(world, app)
        with pytest.raises(IndexStateError, match="moved since then"):
            access.catch_up()


def test_evidence_needs_its_genesis_in_a_block(world: World) -> None:
    waiting = world.publish(mine=False)
    with pytest.raises(IndexStateError, match="in no block"):
        make_evidence(waiting.txid, world.access)


# The document, and where it comes from.


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_document_with_any_byte_changed_is_refused_or_proves_no_more(
    world: World, app: Repository, data: st.DataObject
) -> None:
    document = bytearray(evidence_of(world, app).serialize())
    at = data.draw(st.integers(0, len(document) - 1))
    document[at] ^= data.draw(st.integers(1, 255))
    try:
        evidence = parse_evidence(bytes(document))
    except EncodingError:
        return
    assert word(judged(world, app, evidence)) in {Verdict.UNDECIDED, Verdict.VERIFIED}
    if word(judged(world, app, evidence)) is Verdict.VERIFIED:
        assert prove(evidence, world.chain.header) == prove(evidence_of(world, app), world.chain.header)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=100).map(lambda text: text.encode() + b"\n{}\n")))
def test_any_bytes_are_evidence_or_refused_with_a_hint(data: bytes) -> None:
    with pytest.raises(EncodingError) as refused:
        parse_evidence(data)
    assert refused.value.hint


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document[:-1],
        lambda document: document.replace(b"\n", b"\r\n"),
        lambda document: b"\xef\xbb\xbf" + document,
        lambda document: document.replace(b'{"block"', b'{"atest":1,"block"', 1),
        lambda document: document.replace(b'"wbranch":', b'"wbrunch":', 1),
        lambda document: document.replace(b'"index":1', b'"index":1.0', 1),
        lambda document: document.replace(b'"height":', b'"height": ', 1),
        lambda document: document + document,
    ],
    ids=["cut", "CRLF", "BOM", "unknown key", "renamed key", "fraction", "white space", "twice"],
)
def test_a_document_out_of_form_is_refused(world: World, app: Repository, change: Callable[[bytes], bytes]) -> None:
    document = evidence_of(world, app).serialize()
    spoilt_document = change(document)
    assert spoilt_document != document
    with pytest.raises(EncodingError):
        parse_evidence(spoilt_document)


def test_the_registry_hands_out_what_was_published(world: World, app: Repository) -> None:
    evidence = evidence_of(world, app)
    publish_evidence(NAME, app.txid, evidence, world.registry, REGTEST)
    assert fetch_evidence(NAME, world.registry, lambda _: None) == evidence
    with pytest.raises(NotFoundError, match="no evidence"):
        fetch_evidence("registry.example/other/app", world.registry, lambda _: None)


def test_a_gated_repositorys_evidence_is_read_in_the_public_sibling(world: World, app: Repository) -> None:
    evidence = evidence_of(world, app)
    publish_evidence(f"{NAME}/dockchains", app.txid, evidence, world.registry, REGTEST)
    assert fetch_evidence(NAME, world.registry, lambda _: None) == evidence


@pytest.mark.parametrize(
    ("trouble", "verdict"),
    [
        (RegistryUnavailableError("the registry is down"), Verdict.UNAVAILABLE),
        (NotFoundError("there is none"), Verdict.UNDECIDED),
        (EncodingError("it is cut off"), Verdict.UNDECIDED),
    ],
    ids=["down", "none", "damaged"],
)
def test_a_registrys_trouble_with_evidence_is_a_verdict(
    world: World, app: Repository, trouble: Exception, verdict: Verdict
) -> None:
    def fetch() -> Evidence:
        raise trouble

    answer = judged(world, app, lambda: loaded(fetch))
    assert word(answer) is verdict
    assert str(trouble) in answer.judgement.findings[0].reason


def test_a_node_that_is_down_makes_it_unavailable(world: World, app: Repository) -> None:
    evidence = evidence_of(world, app)
    pins = app.pins("owner")
    world.chain.down = True
    question = Question(
        reference=ImageReference.parse(f"{NAME}@{FIRST}"), pins=pins, lock=None, genesis=None, confirmations=1
    )
    with evidence_access(lambda: evidence, REGTEST, world.chain, lambda: 0, STORE) as access:
        assert word(verify(question, access, world.registry, DocumentStore(world.manifests))) is Verdict.UNAVAILABLE
        with pytest.raises(ChainUnavailableError):
            access.catch_up()


def test_the_artifact_is_of_its_own_type(world: World, app: Repository) -> None:
    publish_evidence(NAME, app.txid, evidence_of(world, app), world.registry, REGTEST)
    found = world.registry.fetch_artifact(NAME, EVIDENCE_TAG, EVIDENCE, 10**6, lambda _: None)
    assert found is not None
    notes: list[str] = []
    assert world.registry.fetch_artifact(NAME, EVIDENCE_TAG, "application/x-other", 10**6, notes.append) is None
    assert notes, "whoever asks for another type is told"


# Manifests of revoked lists.


def test_evidence_carries_documents_before_its_last_line(world: World, app: Repository) -> None:
    evidence = replace(evidence_of(world, app), documents=(b"one", b"{}"))
    document = evidence.serialize()
    assert [line[:13] for line in document.split(b"\n")[-4:-2]] == [b'{"document":"'] * 2
    assert parse_evidence(document) == evidence


@pytest.mark.parametrize("text", ["", "!", "YQ", "YQ==\\n", "YR==", "YQ== "])
def test_a_document_that_is_no_base64_in_its_one_form_is_refused(world: World, app: Repository, text: str) -> None:
    lines = evidence_of(world, app).serialize().split(b"\n")
    lines.insert(-2, f'{{"document":"{text}"}}'.encode())
    with pytest.raises(EncodingError):
        parse_evidence(b"\n".join(lines))


def test_a_document_between_steps_is_refused(world: World, app: Repository) -> None:
    lines = evidence_of(world, app).serialize().split(b"\n")
    with pytest.raises(EncodingError):
        parse_evidence(b"\n".join([b'{"document":"YQ=="}', *lines]))


def test_evidence_of_either_version_takes_the_place_of_the_other(world: World, app: Repository) -> None:
    plain = evidence_of(world, app)
    for evidence in (plain, replace(plain, documents=(b"{}",)), plain):
        publish_evidence(NAME, app.txid, evidence, world.registry, REGTEST)
        assert fetch_evidence(NAME, world.registry, lambda _: None) == evidence
