from itertools import product

import pytest

from assets.images.contents import Contents
from assets.images.coverage import Coverage
from assets.images.pin import Pin
from assets.images.repository import RepositoryState
from assets.images.tag import parse_tag, tag_key
from assets.images.verdict import (
    ALLOWABLE,
    PRECEDENCE,
    Circumstances,
    Judgement,
    Verdict,
    judge,
    parse_allowed,
)
from assets.images.voucher import Voucher, VoucherKind, disagreements, voucher_of_genesis, voucher_of_pin
from assets.images.word import Word, Words
from assets.model import Authorship
from tests.assets.images.lineage import ALICE, BOB, GENESIS_HEIGHT, NAME, Lineage, digest
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, Txid

V = Verdict


def leaves(state: RepositoryState, *, besides: Contents | None = None) -> Contents:
    """Every digest that the repository names, and what `besides` holds, read, and no index but `besides`."""
    named = {*state.released(), *(one.digest for one in state.revocations)}
    named |= {one for seal in state.sealings for one in (seal.plaintext, seal.ciphertext)}
    named |= {part for held in (besides or {}).values() for part in held}
    return {**dict.fromkeys(named, ()), **(besides or {})}


def ask(
    lineage: Lineage,
    image: str,
    tag: str | None = "1",
    *,
    owners: tuple[bytes, ...] | None = (ALICE,),
    allow: str = "",
    settled_height: int | None = None,
    indexes: dict[str, str] | None = None,
    missing: str = "",
    **others: object,
) -> Judgement:
    """The verdict on an image under a tag for someone who accepted `owners`; None accepted nobody.

    `indexes` says of each index, by letter, which images it holds; `missing` are letters that cannot be read.
    """
    state = lineage.state(settled_height)
    besides = {digest(one): tuple(map(digest, held)) for one, held in (indexes or {}).items()}
    contents = {one: held for one, held in leaves(state, besides=besides).items() if one not in map(digest, missing)}
    vouchers = () if owners is None else (Voucher(kind=VoucherKind.PIN, genesis=lineage.txid, owners=owners),)
    circumstances = Circumstances(vouchers=vouchers, contents=contents, **others)  # type: ignore[arg-type]
    return judge(
        state=state,
        tag=None if tag is None else parse_tag(tag),
        digest=digest(image),
        circumstances=circumstances,
        allow=parse_allowed(allow) if allow else frozenset(),
    )


def released() -> Lineage:
    return Lineage().release("a", "1")


def test_the_exit_codes_are_those_of_the_table() -> None:
    assert {verdict.name: int(verdict) for verdict in Verdict} == {
        "VERIFIED": 0,
        "UNPINNED": 10,
        "SUPERSEDED": 11,
        "REVOKED": 12,
        "MISMATCH": 13,
        "UNRELEASED": 14,
        "PENDING": 15,
        "FROZEN": 16,
        "PIN_CHANGED": 17,
        "NEW_OWNER": 18,
        "UNDECIDED": 19,
        "UNAVAILABLE": 20,
        "NO_ASSET": 21,
    }
    assert [int(one) for one in PRECEDENCE[:5]] == [12, 20, 19, 21, 17]
    assert {int(one) for one in PRECEDENCE[5:9]} == {13, 11, 14, 15}
    assert [int(one) for one in PRECEDENCE[9:]] == [18, 16, 10, 0]


VERDICTS: list[tuple[str, Judgement, Verdict]] = [
    ("current and vouched for", ask(released(), "a"), V.VERIFIED),
    ("without a tag", ask(released(), "a", None), V.VERIFIED),
    ("nobody vouches", ask(released(), "a", owners=None), V.UNPINNED),
    ("the tag moved on", ask(released().release("b", "1"), "a"), V.SUPERSEDED),
    ("revoked", ask(released().revoke("a"), "a"), V.REVOKED),
    ("revoked in the mempool", ask(released().mempool().revoke("a"), "a"), V.REVOKED),
    ("revoked, never released", ask(released().revoke("x"), "x"), V.REVOKED),
    ("revoked, then released again", ask(released().revoke("a").release("a", "1"), "a"), V.REVOKED),
    ("another revoked", ask(released().revoke("x"), "a"), V.VERIFIED),
    ("the tag is bound to another", ask(released(), "x"), V.MISMATCH),
    ("the tag is bound to another, this one to another tag", ask(released().release("b", "2"), "b"), V.MISMATCH),
    ("the tag was never bound", ask(released(), "a", "2"), V.UNRELEASED),
    ("never bound to any tag", ask(released(), "x", None), V.UNRELEASED),
    ("in the mempool", ask(Lineage().mempool().release("a", "1"), "a"), V.PENDING),
    ("in the mempool, without a tag", ask(Lineage().mempool().release("a", "1"), "a", None), V.PENDING),
    ("too few confirmations", ask(released(), "a", settled_height=GENESIS_HEIGHT), V.PENDING),
    ("settled, a newer one pending", ask(released().mempool().release("b", "1"), "a"), V.VERIFIED),
    ("the newer one itself", ask(released().mempool().release("b", "1"), "b"), V.PENDING),
    ("pending, but not the newest", ask(Lineage().mempool().release("a", "1").release("b", "1"), "a"), V.UNRELEASED),
    (
        "pending, but not the newest, over a settled one",
        ask(released().mempool().release("b", "1").release("c", "1"), "b"),
        V.MISMATCH,
    ),
    ("superseded and pending again", ask(released().release("b", "1").mempool().release("a", "1"), "a"), V.PENDING),
    ("superseded here, current elsewhere", ask(released().release("a", "2").release("b", "1"), "a"), V.SUPERSEDED),
    ("the same without a tag", ask(released().release("a", "2").release("b", "1"), "a", None), V.VERIFIED),
    ("superseded everywhere, without a tag", ask(released().release("b", "1"), "a", None), V.SUPERSEDED),
    ("the title is lost", ask(released().lose(), "a"), V.FROZEN),
    ("the coin is gone without a marker", ask(released(), "a", lost=True), V.FROZEN),
    ("the title is at another script", ask(released().handover(BOB), "a"), V.NEW_OWNER),
    ("a handover is pending", ask(released().mempool().handover(BOB), "a"), V.VERIFIED),
    (
        "sold, released and handed back",
        ask(Lineage().handover(BOB).release("a", "1").handover(ALICE), "a"),
        V.NEW_OWNER,
    ),
    ("the new owner is accepted", ask(released().handover(BOB), "a", owners=(ALICE, BOB)), V.VERIFIED),
    (
        "the accepted owner released it again",
        ask(Lineage().handover(BOB).release("a", "1").handover(ALICE).release("a", "1"), "a"),
        V.VERIFIED,
    ),
    (
        "without a tag, one of its tags is by the accepted owner",
        ask(released().handover(BOB).release("a", "2").handover(ALICE), "a", None),
        V.VERIFIED,
    ),
    ("vouchers disagree", ask(released(), "a", disagreements=("the lock names another",)), V.PIN_CHANGED),
    ("stale tip", ask(released(), "a", undecided=("the tip is old",)), V.UNDECIDED),
    ("a witness is missing", ask(released().revoke("x", Authorship.UNPROVEN), "a"), V.UNDECIDED),
    ("node down", ask(released(), "a", unavailable=("no answer",)), V.UNAVAILABLE),
    ("node down, but revoked", ask(released().revoke("a"), "a", unavailable=("no answer",)), V.REVOKED),
    ("a final tag was bound again", ask(Lineage().release("a", "1", final=True).release("b", "1"), "a"), V.VERIFIED),
    ("the violation itself", ask(Lineage().release("a", "1", final=True).release("b", "1"), "b"), V.MISMATCH),
    ("a platform of the index", ask(released(), "p", indexes={"a": "pq"}), V.VERIFIED),
    ("no platform of the index", ask(released(), "r", indexes={"a": "pq"}), V.MISMATCH),
    ("a platform whose index is revoked", ask(released().revoke("a"), "p", indexes={"a": "pq"}), V.REVOKED),
    ("a platform that is revoked", ask(released().revoke("p"), "p", indexes={"a": "pq"}), V.REVOKED),
    ("the other platform", ask(released().revoke("p"), "q", indexes={"a": "pq"}), V.VERIFIED),
    ("the index of a revoked platform", ask(released().revoke("p"), "a", indexes={"a": "pq"}), V.REVOKED),
    (
        "a platform of the old index only",
        ask(released().release("b", "1"), "p", indexes={"a": "pq", "b": "r"}),
        V.SUPERSEDED,
    ),
    ("a platform of both", ask(released().release("b", "1"), "p", indexes={"a": "pq", "b": "pr"}), V.VERIFIED),
    ("a platform of an index in an index", ask(released(), "p", indexes={"a": "b", "b": "p"}), V.VERIFIED),
    (
        "released itself, inside of a revoked index",
        ask(Lineage().release("p", "1").release("a", "2").revoke("a"), "p", indexes={"a": "pq"}),
        V.REVOKED,
    ),
    (
        "an index under another tag could not be read",
        ask(released().release("b", "2"), "p", indexes={"a": "p"}, missing="b"),
        V.VERIFIED,
    ),
    (
        "the index that could hold it could not be read",
        ask(released().release("b", "1"), "p", indexes={"a": "p"}, missing="b"),
        V.UNDECIDED,
    ),
    ("itself current, another could not be read", ask(released().release("b", "2"), "a", missing="b"), V.VERIFIED),
    ("a revoked one could not be read", ask(released().release("b", "2").revoke("b"), "a", missing="b"), V.UNDECIDED),
    ("a revoked one was never released", ask(released().revoke("x"), "a", missing="x"), V.UNDECIDED),
    ("one revoked alone", ask(released().revoke("x", alone=True), "a", missing="x"), V.VERIFIED),
    (
        "an inner index could not be read",
        ask(released(), "p", indexes={"a": "b"}, missing="b"),
        V.UNDECIDED,
    ),
    ("the sealed form", ask(released().seal("a", "c"), "c"), V.VERIFIED),
    ("the sealed form, SEAL pending", ask(released().mempool().seal("a", "c"), "c"), V.PENDING),
    ("the sealed form of a superseded image", ask(released().release("b", "1").seal("a", "c"), "c"), V.SUPERSEDED),
    (
        "the same with the SEAL pending is no better",
        ask(released().release("b", "1").mempool().seal("a", "c"), "c", allow="pending"),
        V.SUPERSEDED,
    ),
    ("the sealed form of a revoked image", ask(released().seal("a", "c").revoke("a"), "c"), V.REVOKED),
    ("the plaintext of a revoked sealed form", ask(released().seal("a", "c").revoke("c"), "a"), V.REVOKED),
    ("sealed by a stranger in between", ask(released().handover(BOB).seal("a", "c").handover(ALICE), "c"), V.NEW_OWNER),
    ("a platform of the sealed index", ask(released().seal("a", "c"), "p", indexes={"c": "p"}), V.VERIFIED),
    (
        "a platform of a revoked sealed index",
        ask(released().seal("a", "c").revoke("a"), "p", indexes={"c": "p"}),
        V.REVOKED,
    ),
    ("seals in a circle", ask(released().seal("x", "y").seal("y", "x").seal("y", "x"), "x"), V.MISMATCH),
]


@pytest.mark.parametrize(("judgement", "verdict"), [pytest.param(j, v, id=i) for i, j, v in VERDICTS])
def test_the_verdict_is(judgement: Judgement, verdict: Verdict) -> None:
    assert judgement.verdict is verdict
    assert (judgement.exit_code == 0) == (verdict is V.VERIFIED)
    assert all(finding.reason for finding in judgement.findings)
    order = [PRECEDENCE.index(finding.verdict) for finding in judgement.findings]
    assert order == sorted(order)


def troubled(*troubles: Verdict) -> tuple[Lineage, dict[str, object]]:
    """A repository and circumstances in which all of these apply to image `a` under tag 1."""
    lineage, others = Lineage(), dict[str, object]()
    if V.SUPERSEDED in troubles:
        lineage.release("a", "1").release("b", "1")
    elif V.MISMATCH in troubles:
        lineage.release("b", "1")
    elif V.UNRELEASED not in troubles and V.PENDING not in troubles:
        lineage.release("a", "1")
    if V.REVOKED in troubles:
        lineage.revoke("a")
    if V.NEW_OWNER in troubles:
        lineage.handover(BOB)
    if V.PENDING in troubles:
        lineage.mempool().release("a", "1")
    if V.FROZEN in troubles:
        others["lost"] = True
    for verdict, name in ((V.PIN_CHANGED, "disagreements"), (V.UNDECIDED, "undecided"), (V.UNAVAILABLE, "unavailable")):
        if verdict in troubles:
            others[name] = ("because",)
    if V.UNPINNED in troubles:
        others["owners"] = None
    return lineage, others


WORDS = {V.SUPERSEDED, V.MISMATCH, V.UNRELEASED, V.PENDING}
TROUBLES = [one for one in Verdict if one not in (V.VERIFIED, V.NO_ASSET)]
PAIRS = [
    (one, other)
    for one, other in product(TROUBLES, repeat=2)
    if one < other and not {one, other} <= WORDS and {one, other} != {V.UNPINNED, V.NEW_OWNER}
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_two_that_apply_the_one_of_higher_rank_decides(one: Verdict, other: Verdict) -> None:
    lineage, others = troubled(one, other)
    judgement = ask(lineage, "a", **others)  # type: ignore[arg-type]
    applying = {finding.verdict for finding in judgement.findings}
    assert {one, other} <= applying
    assert judgement.verdict is min((one, other), key=PRECEDENCE.index)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_allowing_skips_exactly_what_may_be_allowed(trouble: Verdict) -> None:
    lineage, others = troubled(trouble)
    refused = ask(lineage, "a", **others)  # type: ignore[arg-type]
    assert refused.verdict is trouble
    everything = ",".join(verdict.word for verdict in ALLOWABLE)
    allowed = ask(lineage, "a", allow=everything, **others)  # type: ignore[arg-type]
    assert allowed.verdict is (V.VERIFIED if trouble in ALLOWABLE else trouble)
    assert {finding.verdict for finding in allowed.findings} == {finding.verdict for finding in refused.findings}
    assert {finding.verdict for finding in allowed.allowed} == {trouble} & ALLOWABLE


@pytest.mark.parametrize(
    ("allow", "verdict"),
    [("pending", V.NEW_OWNER), ("pending,new-owner", V.FROZEN), ("pending,new-owner,frozen", V.VERIFIED)],
)
def test_an_allowed_verdict_uncovers_the_next(allow: str, verdict: Verdict) -> None:
    lineage, others = troubled(V.PENDING, V.NEW_OWNER, V.FROZEN)
    assert ask(lineage, "a", allow=allow, **others).verdict is verdict  # type: ignore[arg-type]


def test_a_pending_record_of_an_unaccepted_author_needs_both_allowances() -> None:
    lineage = Lineage().mempool().handover(BOB).release("a", "1")
    assert ask(lineage, "a", allow="pending").verdict is V.NEW_OWNER
    assert ask(lineage, "a", allow="pending,new-owner").verdict is V.VERIFIED


@pytest.mark.parametrize("text", ["revoked", "mismatch", "pending,undecided", "", "PENDING", "pending;frozen", "all"])
def test_what_must_not_be_allowed_is_refused(text: str) -> None:
    with pytest.raises(EncodingError, match="cannot be allowed") as caught:
        parse_allowed(text)
    assert "new-owner" in caught.value.hint


def test_a_verdict_that_must_not_be_allowed_is_not_even_if_asked_for() -> None:
    lineage = released().revoke("a")
    circumstances = Circumstances(vouchers=(voucher_of_genesis(lineage.genesis),), contents=leaves(lineage.state()))
    judgement = judge(
        state=lineage.state(),
        tag=None,
        digest=digest("a"),
        circumstances=circumstances,
        allow=frozenset(Verdict),
    )
    assert judgement.verdict is V.REVOKED


def test_no_asset_is_what_is_left_when_nothing_speaks_for_a_name() -> None:
    def nothing(**others: tuple[str, ...]) -> Verdict:
        circumstances = Circumstances(**others)  # type: ignore[arg-type]
        return judge(state=None, tag=None, digest=digest("a"), circumstances=circumstances).verdict

    assert nothing() is V.NO_ASSET
    assert nothing(unavailable=("node",)) is V.UNAVAILABLE
    assert nothing(undecided=("index",)) is V.UNDECIDED
    assert nothing(disagreements=("pins",)) is V.NO_ASSET


def test_an_unknown_digest_is_never_verified() -> None:
    lineage = released()
    circumstances = Circumstances(vouchers=(voucher_of_genesis(lineage.genesis),))
    judgement = judge(state=lineage.state(), tag=None, digest=None, circumstances=circumstances, allow=ALLOWABLE)
    assert judgement.verdict is V.UNDECIDED


def test_manifests_that_nobody_offered_leave_the_answer_undecided() -> None:
    lineage = released().release("b", "2")
    circumstances = Circumstances(vouchers=(voucher_of_genesis(lineage.genesis),))
    judgement = judge(state=lineage.state(), tag=parse_tag("1"), digest=digest("p"), circumstances=circumstances)
    assert judgement.verdict is V.UNDECIDED


def test_every_voucher_must_name_this_genesis_and_accept_the_owner() -> None:
    lineage = released()
    pin = Voucher(kind=VoucherKind.PIN, genesis=lineage.txid, owners=(ALICE,))
    narrower = Voucher(kind=VoucherKind.LOCK, genesis=lineage.txid, owners=(BOB,))
    stranger = Voucher(kind=VoucherKind.LOCK, genesis=Txid(bytes(32)), owners=(ALICE,))

    def verdict(*vouchers: Voucher) -> Verdict:
        circumstances = Circumstances(vouchers=vouchers, contents=leaves(lineage.state()))
        return judge(state=lineage.state(), tag=None, digest=digest("a"), circumstances=circumstances).verdict

    assert verdict(pin) is V.VERIFIED
    assert verdict(pin, narrower) is V.NEW_OWNER
    assert verdict(pin, stranger) is V.PIN_CHANGED


def test_disagreements_are_told_in_words() -> None:
    lineage = released()
    pin = Pin(
        name=NAME,
        network=BlockHash(bytes(32)),
        genesis=lineage.txid,
        owners=(ALICE,),
        height=1,
        block=BlockHash(bytes(32)),
    )
    one, other = voucher_of_pin(pin), Voucher(kind=VoucherKind.GENESIS, genesis=Txid(b"\x01" * 32), owners=(ALICE,))
    assert disagreements(()) == ()
    assert disagreements((), Txid(bytes(32))) == ()
    assert disagreements((one, one), lineage.txid) == ()
    assert len(disagreements((one, other))) == 1
    assert "the registry claims" in disagreements((one,), Txid(bytes(32)))[0]


def test_a_finding_says_where_on_the_chain_it_comes_from() -> None:
    lineage = released().revoke("a")
    (revoked,) = (one for one in ask(lineage, "a").findings if one.verdict is V.REVOKED)
    assert (revoked.txid, revoked.height) == (lineage.movements[1].txid, GENESIS_HEIGHT + 2)
    (pending,) = (one for one in ask(Lineage().mempool().release("a", "1"), "a").findings)
    assert pending.height is None


def test_many_seals_and_indexes_are_judged_without_an_explosion() -> None:
    lineage = released()
    for _ in range(40):
        lineage.seal("a", "b").seal("b", "a")
    state = lineage.state()
    layers = {digest(f"i{n}"): (digest(f"i{n + 1}"), digest(f"i{n + 2}")) for n in range(60)}
    contents = {**leaves(state), **layers, digest("a"): (digest("i0"),)}
    words = Words(Coverage(state, contents), tag_key(parse_tag("1")))
    assert words.rule(digest("i6"))[0].word is Word.CURRENT
    assert words.rule(digest("i61"))[0].word is Word.MISMATCH, "deeper than lists are followed"
