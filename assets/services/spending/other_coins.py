"""Where a coin was taken between draft and signature, others take its place, as long as the review still holds.

Two processes of one wallet choose the same coin easily, and whoever comes second has others. Only bitcoin that the
builder chose is exchanged: a title, units, or a coin that the draft is about have no other in their place. What a
person agreed to stays: the same payees, amounts, record, units and fee rate, no new warning, and a fee that is at most
half as high again. Anything else wants a new look.
"""

from collections.abc import Callable, Sequence

from assets.services.spending.drafts import Draft
from assets.services.spending.repetition import deed_of
from wallet.amount import format_sats
from wallet.errors import CoinTakenError, InsufficientFundsError
from wallet.hashes import outpoint_text

TRIES = 5
"""How often others may come first before it is said."""

Remake = Callable[[], Sequence[Draft]]
"""Drafts the same anew, on the coins that are free now. Raises what drafting raises."""


def with_other_coins(drafts: Sequence[Draft], taken: CoinTakenError, remake: Remake | None) -> tuple[Draft, ...]:
    """The same drafts on other coins. Raises `taken` where there are none, or where it would be something else."""
    planned = {outpoint_text(planned.prevout.outpoint) for planned in drafts[0].plan.inputs}
    if taken.coin in planned or drafts[0].signatures:
        raise taken
    make = remake or _alone(drafts)
    if make is None:
        raise taken
    try:
        remade = tuple(make())
    except InsufficientFundsError as error:
        raise taken from error
    _require_same_review(drafts, remade, taken)
    return remade


def _alone(drafts: Sequence[Draft]) -> Remake | None:
    """A draft that nothing is built on can be made anew by itself."""
    again = drafts[0].again
    return (lambda: (again(),)) if len(drafts) == 1 and again is not None else None


def _require_same_review(seen: Sequence[Draft], remade: Sequence[Draft], taken: CoinTakenError) -> None:
    if len(remade) != len(seen):
        raise taken
    for old, new in zip(seen, remade, strict=True):
        if _deed(new) != _deed(old) or new.rate.rate != old.rate.rate:
            raise taken
        if set(new.about.warnings) - set(old.about.warnings):
            raise taken
        if 2 * new.unsigned.fee > 3 * old.unsigned.fee:
            raise CoinTakenError(
                f"{taken}, and with other coins the fee would be {format_sats(new.unsigned.fee)} instead of "
                f"{format_sats(old.unsigned.fee)}",
                coin=taken.coin,
                hint="nothing was signed; look at it once more",
            )


def _deed(draft: Draft) -> str:
    """What it does for others. A genesis names the coin that it spends in its record, and that is another coin now."""
    about = draft.about
    return deed_of(draft.plan, about.kind, about.genesis, record=draft.expectation.mint is None)
