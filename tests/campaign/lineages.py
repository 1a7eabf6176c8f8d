"""Random lineages: the judge's answers compared with the program's.

`python -m tests.campaign.lineages SEED ...` tells again where the two differ on the lineages of these seeds.
"""

import sys
import traceback
from collections import Counter
from typing import NamedTuple

from tests.campaign.lineage_stories import Story, story
from tests.campaign.lineage_words import described
from tests.campaign.parts import Part, Report
from tests.campaign.product import Product
from tests.judge.simple_coloring import Judged, Repository
from tests.judge.simple_transaction import transaction_from_bytes
from tests.judge.simple_verdict import Answer, Verdicts
from tests.judge.writing import tag_key


class Difference(NamedTuple):
    """Where two opinions part: the seed that makes it again, what was compared, and what each says."""

    seed: int
    what: str
    told: str

    def __str__(self) -> str:
        return f"lineage {self.seed}: {self.what}\n{self.told}"


class Second(NamedTuple):
    """The judge's opinion of a story."""

    repository: Repository
    verdicts: Verdicts


def judged(told: Story) -> Second:
    """The judge reads the same bytes, and the same documents that a verifier of this story can have.

    Manifests lie beside what was sealed, or revoked with what it holds. A list that names nothing holds nothing, as an
    image does.
    """
    chain = Judged()
    chain.scripts.update(told.funding)
    for one in told.sent:
        tx = transaction_from_bytes(one.raw)
        assert tx.txid == one.txid, "the judge reads a transaction otherwise than it was written"
        chain.add(tx, one.height, proven=one.proven, colors=False)
    repository = chain.repositories[told.genesis]
    readable = {digest: one.entries or None for digest, one in told.served.items() if one.readable}
    records = [entry.record for entry in repository.counted() if entry.record is not None]
    keepers = {one.other for one in records if one.kind == "SEAL"}
    keepers.update(one.digest for one in records if one.kind == "REVOKE" and not one.alone)
    for keeper in keepers & set(told.beside):
        readable.update({one.digest: one.entries or None for one in told.beside[keeper]})
    return Second(repository, Verdicts(repository, readable, told.tip - told.confirmations + 1))


def differences(seed: int, seen: Counter[str]) -> list[Difference]:
    """Every question of a seed's story on which the two do not agree; `seen` counts what the judge said."""
    told = story(seed)
    second, product = judged(told), Product(told)
    said = [product.verdict(tag, digest) for tag, digest in told.questions]
    counted = product.counted()
    repository = second.repository
    settled = told.tip - told.confirmations + 1
    mine = (
        tuple(entry.txid for entry in repository.counted()),
        repository.bound(settled),
        repository.frozen and repository.lost_at is not None,
        repository.owner,
    )
    found = [
        Difference(seed, f"{name}: judge {one!r}, program {other!r}", described(told, repository))
        for name, one, other in zip(counted._fields, mine, counted, strict=True)
        if one != other
    ]
    if found:
        return found
    for (tag, digest), word in zip(told.questions, said, strict=True):
        answer = second.verdicts.answer(None if tag is None else tag_key(tag), digest)
        seen[answer.verdict] += 1
        if word not in _acceptable(told, digest, answer):
            what = f"{tag or 'no tag'} @ {digest[:8]}: judge {answer.verdict}, program {word}"
            found.append(Difference(seed, what, described(told, repository, digest)))
    return found


def _acceptable(told: Story, digest: str, answer: Answer) -> set[str]:
    """What the program may say: what the judge says, but for two cases.

    A document that two programs could read as two things is refused before anything is judged. What lies deeper in a
    revoked list than readers must follow may be called REVOKED by one that did.
    """
    own = told.served.get(digest)
    if own is not None and not own.readable:
        return {"refused", answer.verdict} - {"verified"}
    return {answer.verdict, "revoked"} if answer.verdict == "undecided" and answer.beyond else {answer.verdict}


def work(first: int, count: int) -> Report:
    """The stories of so many seeds."""
    report = Report()
    for seed in range(first, first + count):
        try:
            report.failures += map(str, differences(seed, report.figures))
        except Exception:  # noqa: BLE001 (whatever it is: neither of the two may raise it)
            report.failures.append(f"lineage {seed}: {traceback.format_exc(limit=-3)}")
        report.cases += 1
    return report


PART = Part(name="lineages", says="random lineages", cases=1_000_000, piece=2_000, minutes=25, work=work)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(*differences(int(argument), Counter()), sep="\n")
