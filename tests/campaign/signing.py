"""Mutated drafts and foreign transactions: what the guard lets through, compared with what they truly do.

Each seed takes a draft of some deed and changes it at up to four places. It is judged as ours, against the intent of
the draft that it was; as somebody else's, with a node; and as somebody else's without one. What passes is worked out
again without the guard (`signing_effects.py`): none may move, burn or mint a unit, or pay a fee or a party, beyond its
intent. `python -m tests.campaign.signing SEED ...` tells again what a seed does.
"""

import sys
from collections import Counter
from collections.abc import Callable
from random import Random

from assets.coloring import guard
from assets.coloring.plan import Expectation
from assets.coloring.presumed import presume
from assets.coloring.reading import Reading
from assets.coloring.stated import require_named, stated
from assets.errors import GuardError
from assets.model import CoinColor
from tests.campaign.parts import Part, Report
from tests.campaign.signing_drafts import TIP, Base, World, drafts, world
from tests.campaign.signing_effects import Effects, effects, unasked, unbearable
from tests.campaign.signing_mutations import honest, lying, mutated
from tests.campaign.signing_psbts import REFUSALS, handed, reviewed, signed_past_the_review
from wallet.errors import EncodingError
from wallet.hashes import Txid
from wallet.transactions import UnsignedTransaction

MOST_CHANGES = 4
EVERY = 25
"""One case of so many also goes through a PSBT's bytes, which takes longer than all the rest."""


def as_ours(unsigned: UnsignedTransaction, expectation: Expectation, made: World) -> Reading:
    """What is asked of every draft before it is signed."""
    return guard.check(unsigned, expectation, colors=made.color, whose=made.own.get, tip_height=TIP)


def as_theirs(unsigned: UnsignedTransaction, made: World, *, hand_over: bool) -> Reading:
    """What is asked of a foreign transaction where a node answers."""
    return _foreign(unsigned, guard.colors_of(unsigned, made.color), made, hand_over=hand_over, tip=TIP)


def blindly(unsigned: UnsignedTransaction, made: World, *, hand_over: bool, unjudged: bool) -> Reading:
    """What is asked of one where no node answers, from the transactions that made its coins."""
    previous = [made.made[Txid(bytes(one.outpoint.hash))] for one in unsigned.prevouts]
    presumed = presume(unsigned, previous)
    if presumed.doubts and not unjudged:
        raise GuardError(f"refused (a doubt): {presumed.doubts[0]}")
    return _foreign(unsigned, list(presumed.colors), made, hand_over=hand_over, tip=None)


def _foreign(
    unsigned: UnsignedTransaction, colors: list[CoinColor], made: World, *, hand_over: bool, tip: int | None
) -> Reading:
    known = {one.outpoint: color for one, color in zip(unsigned.prevouts, colors, strict=True)}
    reading = guard.check(
        unsigned, stated(unsigned, colors), colors=known.__getitem__, whose=made.own.get, tip_height=tip
    )
    require_named(reading, hand_over=hand_over, presumed=tip is None)
    return reading


def work(first: int, count: int) -> Report:
    """The cases of these seeds."""
    report = Report(cases=count)
    for seed in range(first, first + count):
        report.failures += case(seed, report.figures)
    return report


def case(seed: int, seen: Counter[str]) -> list[str]:
    """What is wrong with what was let through of one seed; `seen` counts what was."""
    rng, made = Random(seed), world()
    base = rng.choice(drafts())
    tx = mutated(base.unsigned, made, rng, MOST_CHANGES)
    if len({txin.prevout for txin in tx.vin}) < len(tx.vin):
        seen["twice the same coin"] += 1
        return []
    unsigned, does = honest(tx, made), effects(tx, made)
    hand_over, unjudged = rng.random() < 0.5, rng.random() < 0.3
    wrong: list[str] = []
    if base.expectation is not None:
        told = lying(unsigned, made, rng) if rng.random() < 0.1 else unsigned
        if _passes(lambda: as_ours(told, base.expectation, made), "as ours", seen):  # type: ignore[arg-type]
            wrong += [*unbearable(tx, does, made), *beyond(base, does, made)]
            wrong += ["a lie on whose it is"] if told != unsigned else []
    told = lying(unsigned, made, rng) if rng.random() < 0.1 else unsigned
    if not does.ours:
        return [f"case {seed} ({base.name}): {one}" for one in wrong]
    if _passes(lambda: as_theirs(told, made, hand_over=hand_over), "as others'", seen):
        wrong += [*unbearable(tx, does, made), *unasked(tx, does, made, hand_over=hand_over)]
        wrong += ["a lie on whose it is"] if told != unsigned else []
    if _passes(lambda: blindly(unsigned, made, hand_over=hand_over, unjudged=unjudged), "without a node", seen):
        wrong += _blind_wrongs(unsigned, does, made, hand_over=hand_over)
    if tx.nVersion in (1, 2) and seed % EVERY == 0:
        wrong += _as_psbt(unsigned, does, made, rng, seen)
    return [f"case {seed} ({base.name}): {one}" for one in wrong]


def _as_psbt(unsigned: UnsignedTransaction, does: Effects, made: World, rng: Random, seen: Counter[str]) -> list[str]:
    """The same by the bytes that the command is handed."""
    try:
        given = handed(unsigned, made, rng)
    except EncodingError:
        seen["as a PSBT: cannot be written"] += 1
        return []
    hand_over = rng.random() < 0.5
    wrong = ["the signer signs what hides a coin of ours"] if signed_past_the_review(given) else []
    try:
        found = reviewed(given, hand_over=hand_over)
    except REFUSALS as refused:
        seen[f"as a PSBT: refused, {type(refused).__name__}"] += 1
        return wrong
    seen[f"as a PSBT: signed, {found.reading.deed}"] += 1
    if given.hidden or given.lied:
        wrong.append(f"hidden {sorted(given.hidden)}, lied {sorted(given.lied)}")
    if (found.view.delta, found.view.fee) != (does.delta, does.fee):
        wrong.append(f"shown {found.view.delta} and {found.view.fee}, truly {does.delta} and {does.fee}")
    tx = unsigned.tx
    return [*wrong, *unbearable(tx, does, made), *unasked(tx, does, made, hand_over=hand_over)]


def _blind_wrongs(unsigned: UnsignedTransaction, does: Effects, made: World, *, hand_over: bool) -> list[str]:
    """Without a node nobody knows how high the chain is; and where doubts about units were accepted, units are not
    asked about: what remains is the fee, and how long it waits.
    """
    tx, highest = unsigned.tx, 2_000_000
    doubts = presume(unsigned, [made.made[Txid(bytes(one.outpoint.hash))] for one in unsigned.prevouts]).doubts
    found = [one for one in unbearable(tx, does, made) if not one.startswith("version") or tx.nLockTime > highest]
    if doubts:
        return [one for one in found if one.startswith(("a fee", "version", "a relative"))]
    return [*found, *unasked(tx, does, made, hand_over=hand_over)]


def _passes(judged: Callable[[], Reading], how: str, seen: Counter[str]) -> bool:
    try:
        reading = judged()
    except GuardError as refused:
        seen[f"{how}: refused by {str(refused).partition('(')[2].partition(')')[0] or 'a doubt'}"] += 1
        return False
    seen[f"{how}: signed, {reading.deed}"] += 1
    return True


def beyond(base: Base, does: Effects, made: World) -> list[str]:
    """What a draft does that its intent, which is what it did before it was changed, did not say."""
    meant = effects(base.unsigned.tx, made)
    return [
        f"{what}: {now!r}, meant {then!r}"
        for what, now, then in (
            ("balance", does.delta + does.fee, meant.delta + meant.fee),
            ("paid to others", does.paid, meant.paid),
            ("units", [one[1:] for one in does.placed], [one[1:] for one in meant.placed]),
            ("ended", does.ended, meant.ended),
            ("record", does.said, meant.said),
            ("own coins", does.ours, meant.ours),
            ("titles", does.titles, meant.titles),
        )
        if now != then
    ]


PART = Part(
    name="signing", says="mutated drafts and foreign transactions", cases=200_000, piece=1_000, minutes=4.5, work=work
)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        one = Random(int(argument))
        picked = one.choice(drafts())
        print(picked.name, mutated(picked.unsigned, world(), one, MOST_CHANGES))
        print(*case(int(argument), Counter()), sep="\n")
