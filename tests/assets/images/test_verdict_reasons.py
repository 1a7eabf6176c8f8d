"""What a verdict says of an image that nothing binds to the tag in question, which may well have other tags."""

import pytest

from assets.images.repository import RepositoryState
from assets.images.tag import parse_tag
from assets.images.verdict import Circumstances, Verdict, judge
from assets.images.voucher import voucher_of_genesis
from tests.assets.images.lineage import Lineage, digest


def reason(lineage: Lineage, tag: str | None, image: str = "a", **indexes: str) -> str:
    """The one sentence of an UNRELEASED; `indexes` say which images each index holds."""
    state: RepositoryState = lineage.state()
    contents = dict.fromkeys(state.released(), ()) | {
        digest(one): tuple(map(digest, held)) for one, held in indexes.items()
    }
    judgement = judge(
        state=state,
        tag=None if tag is None else parse_tag(tag),
        digest=digest(image),
        circumstances=Circumstances(vouchers=(voucher_of_genesis(lineage.genesis),), contents=contents),
    )
    (finding,) = judgement.findings
    assert finding.verdict is Verdict.UNRELEASED
    return finding.reason.replace(str(digest(image)), "it")


@pytest.mark.parametrize("tag", ["2", None])
def test_what_nobody_released_was_never_released(tag: str | None) -> None:
    assert reason(Lineage().release("b", "1"), tag) == "the owner never released it"


def test_what_was_released_under_other_tags_is_not_called_unreleased() -> None:
    lineage = Lineage().release("a", "1", "latest")
    assert reason(lineage, "2") == "the owner released it as 1, latest, and never as 2"


def test_of_many_other_tags_the_first_are_named() -> None:
    lineage = Lineage().release("a", "1", "latest").release("a", "3", "4", "5")
    told = reason(lineage, "2")
    assert told == "the owner released it as 1, latest, 3 and 2 more, and never as 2"


def test_a_platform_of_what_was_released_under_another_tag_is_not_called_unreleased() -> None:
    lineage = Lineage().release("i", "1")
    assert reason(lineage, "2", i="a") == "the owner released it as 1, and never as 2"


@pytest.mark.parametrize("tag", ["1", None])
def test_a_release_that_another_overtook_in_the_mempool_is_not_denied(tag: str | None) -> None:
    lineage = Lineage().mempool().release("a", "1").release("b", "1")
    assert reason(lineage, tag) == "the release of it was overtaken by a newer one before it was settled"
