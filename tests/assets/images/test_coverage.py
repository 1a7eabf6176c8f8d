"""What a REVOKE covers, sentence by sentence of the rule."""

import cProfile
import time
from collections.abc import Mapping
from itertools import pairwise

import pytest

from assets.images.contents import MAX_DEPTH, MAX_MANIFESTS, Contents
from assets.images.coverage import Coverage
from assets.images.digest import Digest
from assets.images.tag import parse_tag, tag_key
from assets.images.verdict import Circumstances, Judgement, Verdict, judge
from assets.images.voucher import voucher_of_genesis
from assets.services.trust.manifests import gather
from tests.assets.images.lineage import BOB, Lineage, digest

V = Verdict


def documents(lists: Mapping[str, str], *others: str, missing: str = "") -> Contents:
    """What is known: each list, by letter, with the letters that it holds, and every other letter as an image."""
    letters = {*lists, *(part for held in lists.values() for part in held), *others}
    return {digest(letter): tuple(map(digest, lists.get(letter, ""))) for letter in letters if letter not in missing}


def ask(
    lineage: Lineage,
    image: str,
    tag: str | None = "1",
    *,
    others: str = "",
    missing: str = "",
    settled_height: int | None = None,
    **lists: str,
) -> Judgement:
    """The judgement on an image, for someone who accepts the first owner. `others` are known images in no list."""
    state = lineage.state(settled_height)
    named = "".join(chr(number) for number in range(ord("A"), ord("z")))
    everything = [one for one in named if digest(one) in _named(lineage)]
    return judge(
        state=state,
        tag=None if tag is None else parse_tag(tag),
        digest=digest(image),
        circumstances=Circumstances(
            vouchers=(voucher_of_genesis(lineage.genesis),),
            contents=documents(lists, *everything, *others, image, missing=missing),
        ),
    )


def _named(lineage: Lineage) -> set[Digest]:
    state = lineage.state()
    found = {*state.released(), *(one.digest for one in state.revocations)}
    return found | {end for one in state.sealings for end in (one.plaintext, one.ciphertext)}


def verdict(lineage: Lineage, image: str, tag: str | None = "1", **more: object) -> Verdict:
    """The word alone."""
    return ask(lineage, image, tag, **more).verdict  # type: ignore[arg-type]


def released() -> Lineage:
    """L, a list, as 1."""
    return Lineage().release("L", "1")


# Named.


@pytest.mark.parametrize("alone", [False, True])
def test_what_a_revoke_has_is_revoked_whatever_is_bound_later(alone: bool) -> None:
    lineage = Lineage().release("a", "1").revoke("a", alone=alone).release("a", "1")
    assert verdict(lineage, "a") is V.REVOKED
    assert verdict(lineage, "a", None) is V.REVOKED


@pytest.mark.parametrize("alone", [False, True])
def test_what_was_never_released_is_revoked_as_well(alone: bool) -> None:
    assert verdict(Lineage().revoke("x", alone=alone), "x", None) is V.REVOKED


@pytest.mark.parametrize("alone", [False, True])
def test_a_list_is_as_good_as_its_worst_image(alone: bool) -> None:
    lineage = released().revoke("p", alone=alone)
    assert verdict(lineage, "L", L="pq") is V.REVOKED
    assert verdict(lineage, "L", None, L="pq") is V.REVOKED
    assert verdict(lineage.release("L", "1"), "L", L="pq") is V.REVOKED, "a new binding of the list mends no image"


def test_an_image_at_any_depth_takes_the_outermost_list_along() -> None:
    assert verdict(released().revoke("p"), "L", L="Mq", M="Nr", N="p") is V.REVOKED


def test_a_list_that_is_revoked_for_what_it_holds_says_nothing_of_its_other_images() -> None:
    lineage = released().revoke("p")
    assert verdict(lineage, "q", L="pq") is V.VERIFIED
    assert verdict(lineage, "p", L="pq") is V.REVOKED


def test_one_bad_image_does_not_spread_from_list_to_list() -> None:
    """As a closure, one revoked list would take along most of what was ever released."""
    lineage = released().release("M", "2").revoke("p")
    assert verdict(lineage, "M", "2", L="pq", M="qr") is V.VERIFIED
    lineage = released().release("M", "2").revoke("L")
    assert verdict(lineage, "M", "2", L="pq", M="qr") is V.REVOKED, "q is reached"
    assert verdict(lineage, "r", "2", L="pq", M="qr") is V.VERIFIED


def test_an_inner_list_that_is_named_alone_is_no_image_of_the_outer_one() -> None:
    lineage = released().revoke("M", alone=True)
    assert verdict(lineage, "M", L="Mq", M="p") is V.REVOKED
    assert verdict(lineage, "L", L="Mq", M="p") is V.VERIFIED
    assert verdict(lineage, "p", L="Mq", M="p") is V.VERIFIED


# Reached.


def test_what_a_revoked_list_holds_is_reached_at_any_depth() -> None:
    lineage = released().revoke("L")
    for image in "LMpq":
        assert verdict(lineage, image, L="Mq", M="p") is V.REVOKED


def test_alone_reaches_nothing() -> None:
    lineage = released().revoke("L", alone=True)
    assert verdict(lineage, "L", L="pq") is V.REVOKED
    assert verdict(lineage, "p", L="pq") is V.VERIFIED


def test_a_list_that_was_pushed_and_never_released_reaches_what_it_holds() -> None:
    lineage = Lineage().release("p", "1").revoke("X")
    assert verdict(lineage, "p", X="pq") is V.REVOKED
    assert verdict(lineage, "q", None, X="pq") is V.REVOKED, "there is no binding"


def test_a_binding_that_came_after_the_revoke_knows_of_it() -> None:
    lineage = released().revoke("L").release("p", "2").release("M", "3")
    assert verdict(lineage, "p", "2", L="pq", M="q") is V.VERIFIED
    assert verdict(lineage, "q", "3", L="pq", M="q") is V.VERIFIED
    assert verdict(lineage, "M", "3", L="pq", M="q") is V.VERIFIED
    assert verdict(lineage, "q", "1", L="pq", M="q") is V.REVOKED, "the best word of 1 is by the older binding"


def test_the_same_list_bound_anew_frees_its_images_and_not_itself() -> None:
    lineage = released().revoke("L").release("L", "1")
    assert verdict(lineage, "L", L="pq") is V.REVOKED
    assert verdict(lineage, "p", L="pq") is V.VERIFIED


def test_another_list_that_holds_it_does_not_free_what_was_reached() -> None:
    assert verdict(released().release("M", "2").revoke("L"), "p", "2", L="pq", M="p") is V.REVOKED


def test_in_the_mempool_too_the_records_of_a_title_have_an_order() -> None:
    lineage = released().mempool().revoke("L").release("p", "2")
    assert verdict(lineage, "p", "1", L="pq") is V.REVOKED, "it counts from the mempool on"
    assert verdict(lineage, "p", "2", L="pq") is V.PENDING
    assert verdict(Lineage().mempool().release("p", "2").revoke("L"), "p", "2", L="pq") is V.REVOKED


# The best word, and the bindings that give it.


def test_one_free_binding_of_the_best_word_is_enough() -> None:
    lineage = Lineage().release("p", "1").revoke("L").release("p", "2")
    assert verdict(lineage, "p", "1", L="p") is V.REVOKED
    assert verdict(lineage, "p", None, L="p") is V.VERIFIED


def test_the_best_word_comes_first_even_where_a_worse_one_is_free() -> None:
    """Current by a binding before the REVOKE, superseded by one after it: the word is current, so it is revoked."""
    lineage = Lineage().release("p", "1").revoke("L").release("p", "2").release("b", "2")
    assert verdict(lineage, "p", None, L="p") is V.REVOKED
    assert verdict(lineage, "p", "2", L="p") is V.SUPERSEDED


def test_of_several_settled_bindings_the_newest_counts() -> None:
    lineage = Lineage().release("p", "1").revoke("L").release("p", "1").release("b", "1")
    assert verdict(lineage, "p", "1", L="p") is V.SUPERSEDED
    lineage = Lineage().release("p", "1").release("b", "1").revoke("L")
    assert verdict(lineage, "p", "1", L="p") is V.REVOKED


def test_a_mismatch_is_no_binding_of_this_image() -> None:
    lineage = Lineage().revoke("L").release("b", "1")
    assert verdict(lineage, "p", "1", L="p") is V.REVOKED
    assert verdict(lineage, "q", "1", L="p", others="q") is V.MISMATCH


def test_the_free_binding_is_the_one_whose_author_is_asked_for() -> None:
    """Of one word the free binding decides, though the other one's author would be accepted."""
    lineage = Lineage().release("p", "1").revoke("L").handover(BOB).release("p", "2").handover(Lineage().title.script)
    assert verdict(lineage, "p", None, L="p") is V.NEW_OWNER


# A plaintext and its sealed form.


def sealed() -> Lineage:
    """L, a list of p and q, as 1, sealed as C, a list of x and y."""
    return released().seal("L", "C")


BOTH = {"L": "pq", "C": "xy"}


@pytest.mark.parametrize(
    ("revoked", "covered", "free"), [("p", "pxLC", "qy"), ("x", "pxLC", "qy"), ("y", "qyLC", "px")]
)
def test_the_entries_of_a_seal_are_paired_by_position(revoked: str, covered: str, free: str) -> None:
    lineage = sealed().revoke(revoked, alone=True)
    assert {one: verdict(lineage, one, **BOTH) for one in covered} == dict.fromkeys(covered, V.REVOKED)
    assert {one: verdict(lineage, one, **BOTH) for one in free} == dict.fromkeys(free, V.VERIFIED)


@pytest.mark.parametrize("revoked", "LC")
@pytest.mark.parametrize("alone", [False, True])
def test_a_revoke_of_one_whole_is_one_of_the_other(revoked: str, alone: bool) -> None:
    lineage = sealed().revoke(revoked, alone=alone)
    assert verdict(lineage, "L", **BOTH) is verdict(lineage, "C", **BOTH) is V.REVOKED
    assert {verdict(lineage, one, **BOTH) for one in "pqxy"} == {V.VERIFIED if alone else V.REVOKED}
    if not alone:
        lineage.release("L", "1")
        assert {verdict(lineage, one, **BOTH) for one in "pqxy"} == {V.VERIFIED}, "bound anew"


def test_lists_within_lists_are_paired_as_well() -> None:
    lists = {"L": "Mq", "M": "pr", "C": "Ny", "N": "xz"}
    lineage = sealed().revoke("p")
    assert {one: verdict(lineage, one, **lists) for one in "pxMNLC"} == dict.fromkeys("pxMNLC", V.REVOKED)
    assert {one: verdict(lineage, one, **lists) for one in "rzqy"} == dict.fromkeys("rzqy", V.VERIFIED)


@pytest.mark.parametrize(
    "lists",
    [
        {"L": "pq", "C": "x"},
        {"L": "pqx"},
        {"L": "p", "C": "xy"},
        {"L": "Mp", "M": "q", "C": "xy"},
        {"L": "Mp", "M": "q", "C": "Nx", "N": "yz"},
    ],
)
@pytest.mark.parametrize("revoked", "px")
def test_where_length_or_shape_differ_one_of_any_part_is_one_of_both(lists: dict[str, str], revoked: str) -> None:
    lineage = sealed().revoke(revoked, alone=True)
    assert verdict(lineage, "L", **lists) is verdict(lineage, "C", **lists) is V.REVOKED


def test_where_length_differs_a_revoke_reaches_whatever_the_other_side_holds() -> None:
    """x is the sealed form of p or of q, and nobody knows of which."""
    lineage, lists = sealed().revoke("q", alone=True), {"L": "pq", "C": "x", "M": "Cz"}
    assert verdict(lineage, "x", **lists) is V.REVOKED
    assert verdict(lineage.release("M", "2").revoke("q", alone=True), "M", "2", **lists) is V.REVOKED
    assert verdict(lineage, "p", **lists) is V.VERIFIED, "on its own side the revocation goes no further"
    assert verdict(lineage.release("L", "1"), "x", **lists) is V.VERIFIED, "bound anew"


def test_all_sealed_forms_of_an_image_are_alike() -> None:
    lineage = Lineage().release("a", "1").seal("a", "c").seal("a", "d").revoke("c")
    assert verdict(lineage, "a") is verdict(lineage, "d") is V.REVOKED


def test_a_part_of_a_sealed_list_has_the_word_of_its_original() -> None:
    """q is current by another list, its sealed form y only by a superseded one."""
    lineage = sealed().release("M", "1")
    assert verdict(lineage, "x", M="qr", **BOTH) is V.SUPERSEDED
    assert verdict(lineage, "y", M="qr", **BOTH) is V.VERIFIED
    assert verdict(released().release("M", "1").mempool().seal("L", "C"), "y", M="qr", **BOTH) is V.PENDING


# What cannot be had.


def test_the_images_own_document_is_needed_where_another_digest_was_revoked() -> None:
    assert verdict(released(), "L", missing="L") is V.VERIFIED
    for alone in (False, True):
        assert verdict(released().revoke("x", alone=alone).release("L", "1"), "L", missing="L") is V.UNDECIDED
    assert verdict(released().revoke("L"), "L", missing="L") is V.REVOKED
    assert verdict(released().revoke("x", alone=True), "L", L="pM", missing="M") is V.UNDECIDED, "M could be a list"
    assert verdict(released().revoke("p", alone=True), "L", L="pM", missing="M") is V.REVOKED


def test_a_named_part_that_was_not_read_is_read_before_it_is_taken_for_an_image() -> None:
    """M, named before L was bound, may be a list: then its images were bound anew."""
    state = Lineage().revoke("M").release("L", "1").state()
    known = documents({"L": "Mq", "M": "p"})
    contents = gather(state, tag_key(parse_tag("1")), digest("L"), known.get)
    assert digest("M") in contents
    lineage = Lineage().revoke("M").release("L", "1")
    assert verdict(lineage, "L", L="Mq", M="p") is V.VERIFIED
    assert verdict(lineage, "L", L="Mq", missing="M") is V.REVOKED
    assert verdict(lineage, "L", L="Mq", others="M") is V.REVOKED, "it is an image"


def test_a_missing_document_makes_only_older_bindings_undecided() -> None:
    lineage = Lineage().release("a", "1").revoke("X")
    assert verdict(lineage, "a", missing="X") is V.UNDECIDED
    assert verdict(lineage, "n", None, missing="X") is V.UNDECIDED, "there is no binding"
    assert "could be a list that holds this image" in ask(lineage, "a", missing="X").findings[0].reason
    lineage.release("a", "2")
    assert verdict(lineage, "a", "2", missing="X") is V.VERIFIED
    assert verdict(lineage, "a", None, missing="X") is V.VERIFIED, "one new binding repairs it"
    assert verdict(lineage, "a", "1", missing="X") is V.UNDECIDED


def test_where_a_revoked_document_is_missing_a_younger_list_of_the_image_is_read() -> None:
    lineage = Lineage().release("a", "1").revoke("X").release("L", "2")
    known = documents({"L": "a"}, "a", missing="X")
    contents = gather(lineage.state(), None, digest("a"), known.get)
    assert digest("L") in contents
    assert verdict(lineage, "a", None, L="a", missing="X") is V.VERIFIED, "the list binds it anew"
    assert verdict(lineage, "a", None, missing="XL") is V.UNDECIDED
    assert verdict(lineage, "a", None, L="b", missing="X") is V.UNDECIDED
    readable = gather(lineage.state(), None, digest("a"), documents({}, "a", "X").get)
    assert digest("L") not in readable, "no more is read than could change the answer"
    older = Lineage().release("a", "1").release("L", "2").revoke("X")
    assert digest("L") not in gather(older.state(), None, digest("a"), known.get)
    assert verdict(older, "a", None, L="a", missing="X") is V.UNDECIDED


def test_a_missing_document_of_a_revoke_alone_changes_nothing() -> None:
    assert verdict(Lineage().release("a", "1").revoke("X", alone=True), "a", missing="X") is V.VERIFIED


def test_an_inner_document_of_a_revoked_list_might_be_a_list_as_well() -> None:
    lineage = Lineage().release("a", "1").revoke("X")
    assert verdict(lineage, "a", X="M", missing="M") is V.UNDECIDED
    assert verdict(lineage, "a", X="M", M="n") is V.VERIFIED


def test_the_original_of_a_sealed_image_is_needed_where_another_digest_was_revoked() -> None:
    lineage = sealed().revoke("p", alone=True)
    for image in "Cxy":
        assert verdict(lineage, image, missing="L", **BOTH) is V.UNDECIDED
    assert verdict(sealed(), "x", missing="L", **BOTH) is V.VERIFIED


def test_a_missing_sealed_form_matters_where_what_was_revoked_is_found_nowhere_else() -> None:
    lineage = sealed().revoke("x", alone=True)
    for image in "Lpq":
        assert verdict(lineage, image, C="", missing="C", L="pq") is V.UNDECIDED
    lineage = sealed().release("b", "2").revoke("b", alone=True)
    for image in "Lpq":
        assert verdict(lineage, image, C="", missing="C", L="pq") is V.VERIFIED


def test_a_sealed_form_of_something_inside_matters_as_well() -> None:
    lineage = Lineage().release("K", "1").seal("L", "C").revoke("x", alone=True)
    assert verdict(lineage, "K", K="Lr", **BOTH) is V.REVOKED
    assert verdict(lineage, "K", K="Lr", L="pq", missing="C") is V.UNDECIDED
    assert verdict(lineage, "r", K="Lr", L="pq", missing="C") is V.VERIFIED


def test_to_be_found_in_a_sealed_list_without_its_original_explains_no_revoked_digest() -> None:
    """x is in D, whose original N nobody has; so it may be the sealed form of p, whose list C is gone."""
    lineage = sealed().seal("N", "D").revoke("x", alone=True)
    assert verdict(lineage, "p", L="pq", D="x", missing="CN") is V.UNDECIDED
    assert verdict(lineage, "p", L="pq", D="x", N="n", missing="C") is V.VERIFIED, "it is the sealed form of n"


def test_what_a_revoked_digest_is_a_part_of_is_read_before_it_counts_as_a_stray() -> None:
    """The sealed form of L is gone; b was revoked, and is nothing but a part of an older release."""
    state = Lineage().release("K", "1").release("L", "1").revoke("b", alone=True).seal("L", "C").state()
    known = documents({"K": "br", "L": "pq"})
    contents = gather(state, tag_key(parse_tag("1")), digest("L"), known.get)
    assert digest("K") in contents
    lineage = Lineage().release("K", "1").release("L", "1").revoke("b", alone=True).seal("L", "C")
    assert verdict(lineage, "L", K="br", L="pq", missing="C") is V.VERIFIED
    assert verdict(lineage, "L", L="pq", missing="CK") is V.UNDECIDED


def test_a_revoked_sealed_form_needs_its_original_for_what_it_reaches() -> None:
    lineage = Lineage().release("p", "1").seal("L", "C").revoke("C")
    assert verdict(lineage, "p", **BOTH) is V.REVOKED
    assert verdict(lineage, "p", missing="L", **BOTH) is V.UNDECIDED
    assert verdict(lineage.release("p", "2"), "p", "2", missing="L", **BOTH) is V.VERIFIED


def test_a_list_that_cannot_be_had_matters_only_where_it_could_better_the_word() -> None:
    lineage = released().release("N", "2").release("O", "3").release("b", "3")
    assert verdict(lineage, "p", L="p", missing="NO") is V.VERIFIED
    assert verdict(lineage, "p", None, L="p", missing="NO") is V.VERIFIED
    assert verdict(lineage, "b", None, missing="NOL") is V.VERIFIED
    assert verdict(lineage, "p", "2", L="p", missing="N") is V.UNDECIDED
    assert verdict(lineage, "p", "3", L="p", missing="N") is V.MISMATCH, "N was never bound to 3"
    assert verdict(lineage, "p", "3", L="p", missing="O") is V.UNDECIDED


def test_a_thief_who_releases_nothing_hides_no_image_that_a_readable_list_vouches_for() -> None:
    lineage = released().release("Z", "9")
    assert verdict(lineage, "p", L="pq", missing="Z") is V.VERIFIED
    assert verdict(lineage, "p", None, L="pq", missing="Z") is V.VERIFIED


def test_a_revoked_answer_stays_revoked_where_a_missing_list_could_free_it() -> None:
    lineage = Lineage().release("p", "1").revoke("L").release("M", "2")
    judgement = ask(lineage, "p", None, L="p", missing="M")
    assert judgement.verdict is V.REVOKED
    assert {one.verdict for one in judgement.findings} == {V.REVOKED, V.UNDECIDED}
    assert verdict(lineage, "p", None, L="p", M="p") is V.VERIFIED


# Bounds.


def chain(depth: int) -> dict[str, str]:
    """A list of one entry, which is a list of one entry, and so on; `depth` levels below L."""
    letters = "LMNOPQRS"[: depth + 1]
    return dict(pairwise(letters))


def test_lists_deeper_than_four_are_undecided() -> None:
    lineage = released().revoke("x", alone=True)
    assert verdict(lineage, "L", **chain(MAX_DEPTH)) is V.VERIFIED
    assert verdict(lineage, "L", **chain(MAX_DEPTH + 1)) is V.UNDECIDED
    assert verdict(released(), "L", **chain(MAX_DEPTH + 1)) is V.VERIFIED, "no REVOKE stands"
    lineage = Lineage().release("a", "1").revoke("L")
    assert verdict(lineage, "a", **chain(MAX_DEPTH)) is V.VERIFIED
    assert verdict(lineage, "a", **chain(MAX_DEPTH + 1)) is V.UNDECIDED
    assert verdict(lineage.release("a", "1"), "a", **chain(MAX_DEPTH + 1)) is V.VERIFIED
    assert verdict(released(), "P", **chain(MAX_DEPTH + 1)) is V.VERIFIED
    assert verdict(released(), "Q", **chain(MAX_DEPTH + 1)) is V.UNDECIDED, "it is deeper than lists are followed"


def test_lists_of_more_than_a_thousand_manifests_are_undecided() -> None:
    lineage = released().revoke("x", alone=True)
    for count, expected in ((MAX_MANIFESTS, V.VERIFIED), (MAX_MANIFESTS + 1, V.UNDECIDED)):
        parts = tuple(digest(f"part {number}") for number in range(count))
        contents = {digest("L"): parts + parts, digest("x"): (), **dict.fromkeys(parts, ())}
        circumstances = Circumstances(vouchers=(voucher_of_genesis(lineage.genesis),), contents=contents)
        judgement = judge(state=lineage.state(), tag=parse_tag("1"), digest=digest("L"), circumstances=circumstances)
        assert judgement.verdict is expected


def test_a_list_that_is_out_of_bounds_gives_no_word_to_what_lies_beyond() -> None:
    lists = chain(MAX_DEPTH + 1)
    deepest = "LMNOPQRS"[MAX_DEPTH + 1]
    assert verdict(released(), deepest, **lists) is V.UNDECIDED
    assert verdict(released(), "LMNOPQRS"[MAX_DEPTH], **lists) is V.VERIFIED


def test_a_document_that_holds_itself_ends() -> None:
    """No bytes have their own digest inside; whoever says so is not followed for ever."""
    assert verdict(released().revoke("x", alone=True), "L", L="LM", M="L") is V.VERIFIED
    Coverage(released().seal("L", "M").revoke("L").state(), documents({"L": "ML", "M": "LM"}))


def test_a_small_lineage_is_judged_in_well_under_a_millisecond() -> None:
    lineage = sealed().release("M", "2").revoke("p").revoke("M", alone=True)
    state, contents = lineage.state(), documents(BOTH | {"M": "qr"})
    circumstances = Circumstances(vouchers=(voucher_of_genesis(lineage.genesis),), contents=contents)
    spent = []
    for _ in range(50):
        start = time.perf_counter()
        judge(state=state, tag=parse_tag("1"), digest=digest("C"), circumstances=circumstances)
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.001


def calls_of_judging(releases: int) -> int:
    """How many functions are called to judge an image after so many releases, a third of them revoked."""
    lineage = released()
    for number in range(releases):
        lineage.release(f"image {number}", f"v{number}")
    for number in range(0, releases, 3):
        lineage.revoke(f"image {number}", alone=True)
    state = lineage.state()
    contents: Contents = {**dict.fromkeys(state.released(), ()), **documents({"L": "pq"})}
    circumstances = Circumstances(vouchers=(voucher_of_genesis(lineage.genesis),), contents=contents)
    profile = cProfile.Profile()
    profile.enable()
    answer = judge(state=state, tag=None, digest=digest("L"), circumstances=circumstances)
    profile.disable()
    assert answer.verdict is V.VERIFIED
    return sum(one.callcount for one in profile.getstats())


def test_a_long_history_costs_no_more_than_its_length() -> None:
    assert calls_of_judging(1_200) < 3 * calls_of_judging(600)
