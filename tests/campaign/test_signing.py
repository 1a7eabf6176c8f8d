"""A little of the campaign of signatures; and that its second opinion would see what a careless guard lets through."""

from collections import Counter
from collections.abc import Callable

import pytest

from assets.coloring import guard
from assets.coloring.reading import Deed, Reading, read
from assets.errors import GuardError
from assets.model import CoinColor
from tests.campaign import signing
from tests.campaign.signing import as_ours, as_theirs, blindly, work
from tests.campaign.signing_drafts import Base, drafts, world
from tests.campaign.signing_effects import effects, unasked, unbearable
from wallet.transactions import UnsignedTransaction

CASES = 3_000


def test_what_the_guard_lets_through_does_nothing_beyond_its_intent() -> None:
    report = work(41_000_000, CASES)
    assert report.failures == []
    signed = Counter({name: count for name, count in report.figures.items() if ": signed, " in name})
    assert signed.total() > CASES // 3, "enough passes for the comparison to mean something"
    assert {name.partition(": signed, ")[2] for name in signed} == {str(deed) for deed in Deed}
    refused = {name for name in report.figures if ": refused by " in name}
    assert len(refused) > 40


@pytest.mark.parametrize("base", drafts(1), ids=lambda base: base.name)
def test_an_unchanged_draft_of_every_deed_is_signed_and_read_alike_by_all(base: Base) -> None:
    made = world()
    if base.expectation is not None:
        assert as_ours(base.unsigned, base.expectation, made).deed == base.name
    does = effects(base.unsigned.tx, made)
    assert unbearable(base.unsigned.tx, does, made) == []
    judges: tuple[Callable[[], Reading], ...] = (
        lambda: as_theirs(base.unsigned, made, hand_over=True),
        lambda: blindly(base.unsigned, made, hand_over=True, unjudged=True),
    )
    for judge in judges:
        if base.name in (Deed.GENESIS, Deed.FUNDING):
            with pytest.raises(GuardError):
                judge()
            assert unasked(base.unsigned.tx, does, made, hand_over=True)
        else:
            assert judge().deed == base.name


def test_a_guard_that_checks_less_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can fail: a guard that only reads lets through every kind of harm, and each is named."""

    def careless(unsigned: UnsignedTransaction, expectation: object, *, colors: object, **_: object) -> Reading:
        assert callable(colors)
        found: list[CoinColor] = [colors(one.outpoint) for one in unsigned.prevouts]
        try:
            return read(unsigned, found)
        except GuardError:
            return Reading(deed=Deed.PAYMENT)

    monkeypatch.setattr(guard, "check", careless)
    monkeypatch.setattr(signing, "require_named", lambda *_, **__: None)
    found = "\n".join(work(0, 400).failures)
    for harm in (
        "a fee of", "units end", "a title is lost", "units are minted", "units on 0'", "bitcoin on 1747", "is paid",
        "a title leaves", "access units leave", "version 3", "a relative lock", "a lie on whose it is", "balance:",
        "paid to others:", "record:", "own coins:", "might hold another colour",
    ):  # fmt: skip
        assert harm in found, harm
