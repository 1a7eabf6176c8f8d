from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import IndexStateError
from assets.images.history import Ignored
from assets.images.record import RecordFlaw, Release
from assets.images.tag import TagKey, Tags, parse_tag, tag_key
from assets.model import Authorship, MovementKind, Position
from tests.assets.images.lineage import ALICE, BOB, GENESIS_HEIGHT, NAME, Lineage, digest
from wallet.hashes import sha256


def key(tag: str) -> TagKey:
    return tag_key(parse_tag(tag))


def release_bytes(image: str, *tags: str) -> bytes:
    return Release(digest=digest(image), tags=Tags.of(*tags)).serialize()


def test_a_genesis_alone_has_an_owner_a_name_and_no_tags() -> None:
    state = Lineage().state()
    assert state.owner == ALICE
    assert state.tags() == ()
    assert state.statement.name.matches(NAME)
    assert [step.kind for step in state.history] == [MovementKind.GENESIS]
    assert not state.frozen
    assert state.undecided is None


def test_tags_follow_the_newest_settled_release() -> None:
    state = Lineage().release("a", "1.0", "latest").release("b", "1.1", "latest").state()
    assert {binding.tag: binding.digest for binding in state.tags()} == {
        "1.0": digest("a"),
        "latest": digest("b"),
        "1.1": digest("b"),
    }
    settled = [(one.key, one.digest) for one in state.bindings if one.settled]
    assert (key("latest"), digest("a")) in settled
    assert (key("1.1"), digest("a")) not in settled
    assert state.released() == (digest("a"), digest("b"))


@pytest.mark.parametrize(("settled_height", "settled"), [(100, False), (101, True), (102, True)])
def test_a_record_is_settled_from_its_height_on(settled_height: int, settled: bool) -> None:
    state = Lineage().release("a", "1").state(settled_height)
    assert (state.current(key("1")) is not None) is settled
    assert (state.pending(key("1")) is None) is settled


def test_a_long_tag_and_its_text_are_one_tag() -> None:
    long_tag = "v" * 60
    state = Lineage().release("a", long_tag).release("b", long_tag).state()
    current = state.current(key(long_tag))
    assert current is not None
    assert current.digest == digest("b")
    assert current.tag is None


def test_records_of_a_transaction_that_changes_the_owner_are_ignored() -> None:
    state = Lineage().handover(BOB, release_bytes("evil", "1")).state()
    assert state.owner == BOB
    assert state.tags() == ()
    assert state.history[-1].ignored == Ignored.OWNER_CHANGED
    authorised_by_mistake = Lineage().step(release_bytes("evil", "1"), to=BOB, authorship=Authorship.AUTHORISED)
    assert authorised_by_mistake.state().tags() == ()


@pytest.mark.parametrize(
    "authorship",
    [one for one in Authorship if one is not Authorship.AUTHORISED],
)
def test_a_record_without_authority_never_counts(authorship: Authorship) -> None:
    state = Lineage().release("a", "1", authorship=authorship).revoke("a", authorship=authorship).state()
    assert state.bindings == ()
    assert state.revocations == ()
    assert state.history[-1].ignored == str(authorship)


def test_a_missing_witness_leaves_the_state_undecided_and_later_records_known() -> None:
    state = Lineage().release("a", "1").revoke("b", authorship=Authorship.UNPROVEN).release("c", "2").state()
    assert state.undecided is not None
    assert state.undecided.txid == state.history[2].txid
    assert state.revocations == ()
    assert state.current(key("2")) is not None


def test_a_final_tag_never_moves_and_the_other_tags_of_the_violation_do() -> None:
    state = Lineage().release("a", "1.0", final=True).release("b", "1.0", "latest").state()
    one, latest = state.current(key("1.0")), state.current(key("latest"))
    assert one is not None
    assert latest is not None
    assert (one.digest, latest.digest) == (digest("a"), digest("b"))
    assert one.final
    assert [(item.tag, item.digest, item.final_digest) for item in state.violations] == [
        ("1.0", digest("b"), digest("a"))
    ]
    assert state.history[-1].ignored is None


def test_the_same_digest_again_is_no_violation_of_a_final_tag() -> None:
    state = Lineage().release("a", "1", final=True).release("a", "1").release("a", "1", final=True).state()
    assert state.violations == ()
    assert len(state.bindings) == 3


def test_a_second_final_for_another_digest_is_a_violation_too() -> None:
    state = Lineage().release("a", "1", final=True).release("b", "1", final=True).release("b", "1").state()
    assert len(state.violations) == 2
    current = state.current(key("1"))
    assert current is not None
    assert current.digest == digest("a")


def test_a_tag_can_be_made_final_on_a_new_digest() -> None:
    state = Lineage().release("a", "1").release("b", "1", final=True).release("c", "1").state()
    current = state.current(key("1"))
    assert current is not None
    assert current.digest == digest("b")
    assert len(state.violations) == 1


def test_a_final_in_the_mempool_holds_against_what_comes_after_it_there() -> None:
    state = Lineage().release("a", "1").mempool().release("b", "1", final=True).release("c", "1").state()
    pending = state.pending(key("1"))
    assert pending is not None
    assert pending.digest == digest("b")


def test_a_revoke_stands_whatever_comes_after_it() -> None:
    lineage = Lineage().release("a", "1").revoke("a").handover(BOB).release("a", "1")
    assert [one.digest for one in lineage.state().revocations] == [digest("a")]
    assert [one.digest for one in Lineage().mempool().revoke("x").state().revocations] == [digest("x")]


def test_a_rename_is_followed_once_it_is_settled() -> None:
    lineage = Lineage().define("registry.example/new/name")
    assert lineage.state().statement.name.matches("registry.example/new/name")
    assert lineage.state(GENESIS_HEIGHT).statement.name.matches(NAME)


def test_a_lost_title_freezes_and_leaves_the_last_holder_as_owner() -> None:
    state = Lineage().release("a", "1").handover(BOB).lose(release_bytes("b", "1")).state()
    assert state.frozen
    assert state.owner == BOB
    assert state.history[-1].ignored == Ignored.TITLE_LOST
    current = state.current(key("1"))
    assert current is not None
    assert current.digest == digest("a")


def test_a_loss_in_the_mempool_has_not_frozen_anything_yet() -> None:
    state = Lineage().mempool().lose().state()
    assert state.lost is not None
    assert not state.frozen


def test_the_settled_holder_and_the_present_one_are_told_apart() -> None:
    state = Lineage().mempool().handover(BOB).state()
    assert state.owner == ALICE
    assert state.present.script == BOB


@pytest.mark.parametrize(
    ("attachment", "why"),
    [
        (b"DC\x02\x02" + b"x" * 33, RecordFlaw.UNKNOWN_VERSION),
        (b"DC\x01\x08" + b"x" * 33, RecordFlaw.RESERVED_KIND),
        (b"DC\x01\x02" + b"x" * 32, RecordFlaw.TOO_SHORT),
        (b"DC\x01\x02" + b"x" * 70, RecordFlaw.TOO_LONG),
        (b"hello", RecordFlaw.FOREIGN),
        (b"DC\x01\x01" + b"x" * 32 + b"r.e/app", Ignored.SECOND_GENESIS),
    ],
)
def test_what_is_no_record_moves_the_title_and_is_shown(attachment: bytes, why: str) -> None:
    state = Lineage().step(attachment).release("a", "1").state()
    assert state.history[1].ignored == why
    assert state.history[1].counted is None
    assert state.current(key("1")) is not None
    assert len(state.statements) == 1


def test_movements_of_access_units_and_of_the_genesis_are_passed_over() -> None:
    lineage = Lineage().release("a", "1")
    access = replace(lineage.movements[0], title=False, attachment=release_bytes("b", "1"))
    own = replace(
        lineage.movements[0], kind=MovementKind.GENESIS, source=None, txid=lineage.txid, target=lineage.genesis.title
    )
    lineage.movements = [own, access, *lineage.movements]
    assert lineage.state() == replace(lineage.state(), history=lineage.state().history)
    assert [binding.digest for binding in lineage.state().bindings] == [digest("a")]
    assert len(lineage.state().history) == 2


@pytest.mark.parametrize("authorship", [Authorship.UNPROVEN, Authorship.PARTIAL_SIGNATURE])
def test_a_genesis_without_proven_author_leaves_everything_undecided(authorship: Authorship) -> None:
    lineage = Lineage().release("a", "1")
    own = replace(
        lineage.movements[0],
        kind=MovementKind.GENESIS,
        source=None,
        txid=lineage.txid,
        authorship=authorship,
    )
    lineage.movements.insert(0, own)
    assert lineage.state().undecided is not None


def test_a_broken_lineage_is_refused() -> None:
    whole = Lineage().release("a", "1").release("b", "1").release("c", "1")
    gap = [whole.movements[0], whole.movements[2]]
    swapped = [whole.movements[1], whole.movements[0]]
    stranger = Lineage("other").release("a", "1").movements
    buried = [replace(whole.movements[0], position=Position(height=None, index=0)), *whole.movements[1:]]
    after_the_end = [*Lineage().lose().movements, whole.movements[1]]
    endless = [replace(whole.movements[0], kind=MovementKind.LOSS)]
    for movements in (gap, swapped, stranger, buried, after_the_end, endless):
        whole.movements = movements
        with pytest.raises(IndexStateError) as caught:
            whole.state()
        assert caught.value.hint


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["release", "final", "revoke", "handover", "seal", "junk"]),
        st.sampled_from("abc"),
        st.sampled_from(["1", "2", "latest"]),
    ),
    max_size=12,
)


@given(STEPS, st.integers(0, 14))
def test_whatever_happens_the_tags_are_those_of_a_plain_replay(steps: list[tuple[str, str, str]], deep: int) -> None:
    lineage, tags, final = Lineage(), dict[str, str](), dict[str, str]()
    for number, (kind, image, tag) in enumerate(steps):
        match kind:
            case "release" | "final":
                lineage.release(image, tag, final=kind == "final")
                if final.get(tag, image) == image:
                    if kind == "final":
                        final[tag] = image
                    if number < deep:
                        tags[tag] = image
            case "revoke":
                lineage.revoke(image)
            case "seal":
                lineage.seal(image, tag)
            case "handover":
                lineage.handover(BOB if lineage.title.script == ALICE else ALICE)
            case _:
                lineage.step(b"DC" + sha256(image.encode()))
    state = lineage.state(GENESIS_HEIGHT + deep)
    assert {binding.tag: binding.digest for binding in state.tags()} == {
        tag: digest(image) for tag, image in tags.items()
    }
    assert len(state.history) == len(steps) + 1
