"""A share of the campaign's inputs to readers, and whether it would see what it looks for."""

import mmap
import random
import resource
import time
from collections import Counter

import pytest

from tests.campaign.mutations import LARGEST, REPEATED, grown, mutated
from tests.campaign.parse_targets import Target, targets
from tests.campaign.parsers import judged, main, seeded
from wallet.errors import EncodingError, WalletError


@pytest.mark.parametrize("seed", range(2))
def test_readers_raise_documented_errors_alone_and_cost_little(seed: int) -> None:
    report = seeded(1_000_000_007 * (seed + 1), 20_000)
    assert not report.failures, "\n\n".join(report.failures)
    assert report.figures["taken"] > 1_500
    assert report.figures["refused"] > 10_000


def test_no_reader_is_hurt_by_what_stands_many_times() -> None:
    hand, seen = random.Random(7), Counter[str]()
    for target in targets():
        for _ in range(4):
            data = grown(hand.choice(target.samples), hand)
            assert len(data) >= LARGEST - max(map(len, REPEATED))
            assert judged(target, data, seen) == "", (target.name, data[:200])


def test_most_samples_are_taken_by_their_reader() -> None:
    """What is never taken reaches no more than a reader's first check."""
    refused = []
    for target in targets():
        taken = 0
        for sample in target.samples:
            try:
                target.feed(sample)
                taken += 1
            except WalletError:
                continue
        if not taken:
            refused.append(target.name)
    assert len(refused) <= 12, refused
    assert len({target.name for target in targets()}) == len(targets()) > 70


def costly(_: bytes) -> None:
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass


def large(_: bytes) -> None:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    held = mmap.mmap(-1, most + 110 * 1024 * 1024)
    for at in range(0, len(held), mmap.PAGESIZE):
        held[at] = 1
    held.close()


def wrong(data: bytes) -> None:
    raise KeyError(data)


class Wordless(str):
    """An advice that cannot be put into words."""

    __slots__ = ()

    def __str__(self) -> str:
        raise ValueError("no words")


def untold(_: bytes) -> None:
    raise EncodingError("x", hint=Wordless())


@pytest.mark.parametrize(
    ("feed", "why"),
    [(costly, "s of the processor"), (large, "MiB of memory"), (wrong, "KeyError"), (untold, "cannot be told")],
)
def test_what_is_looked_for_is_seen(feed: object, why: str) -> None:
    target = Target(name="made up", feed=feed, samples=(b"x",))  # type: ignore[arg-type]
    assert why in judged(target, b"x", Counter())


def test_the_same_seed_makes_the_same_inputs() -> None:
    samples = (b'{"a":[1,2,{"b":"c"}]}', b"plain")
    one, two = random.Random(5), random.Random(5)
    made = [mutated(samples, one) for _ in range(500)]
    assert made == [mutated(samples, two) for _ in range(500)]
    assert len(set(made)) > 300
    assert all(len(data) <= LARGEST + 400 for data in made)


def test_one_input_can_be_fed_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tag", b"1.0".hex()]) == 0
    assert capsys.readouterr().out == "as it should be\n"
    assert main(["no such reader", "00"]) == 2
