"""Random lineages: the judge's answers compared with the program's.

`python -m tests.campaign.lineages SEED ...` tells again where the two differ on the lineages of these seeds.
"""

import gc
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from assets.services.chain.chain_access import ChainAccess
from tests.campaign.handing_out import Given, given_out
from tests.campaign.lineage_chains import can_be_told, told_by_evidence, told_on_a_chain
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

    def where(self, place: str) -> "Difference":
        """The same, said of a way to ask."""
        return self._replace(what=f"{place}: {self.what}")


class Second(NamedTuple):
    """The judge's opinion of a story, and the documents that it knows."""

    repository: Repository
    verdicts: Verdicts
    documents: dict[str, tuple[str, ...] | None]


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
    return Second(repository, Verdicts(repository, readable, told.tip - told.confirmations + 1), readable)


def differences(seed: int, seen: Counter[str]) -> list[Difference]:
    """Every question of a seed's story on which the two do not agree; `seen` counts what the judge said."""
    told = story(seed)
    second = judged(told)
    product = Product(told)
    found = list(_compared(told, second, product, seen))
    if found or not can_be_told(told):
        return found
    with told_on_a_chain(told) as (access, reorganised):
        seen["on a chain that was reorganised" if reorganised else "on a whole chain"] += 1
        found = [one.where("on a whole chain") for one in _compared(told, second, Product(told, access), Counter())]
        if not found and told.sent[0].height is not None:
            seen["from evidence"] += 1
            found = [one.where("from evidence") for one in _from_evidence(told, second, access)]
    return found


def _compared(told: Story, second: Second, product: Product, seen: Counter[str]) -> Iterator[Difference]:
    """What counts; and where that is the same, each question, and what would be given out after it."""
    said = []
    handed: list[Given] = []
    for tag, digest in told.questions:
        said.append(product.verdict(tag, digest))
        handed += given_out(told, product, tag, digest)
    counted = product.counted()
    repository = second.repository
    settled = told.tip - told.confirmations + 1
    mine = (
        tuple(entry.txid for entry in repository.counted()),
        repository.bound(settled),
        repository.frozen and repository.lost_at is not None,
        repository.owner,
    )
    same = True
    for name, one, other in zip(counted._fields, mine, counted, strict=True):
        if one != other:
            same = False
            what = f"{name}: judge {one!r}, program {other!r}"
            yield Difference(told.seed, what, described(told, repository))
    if not same:
        return
    for (tag, digest), word in zip(told.questions, said, strict=True):
        answer = second.verdicts.answer(None if tag is None else tag_key(tag), digest)
        seen[answer.verdict] += 1
        if word not in _acceptable(told, digest, answer):
            what = f"{tag or 'no tag'} @ {digest[:8]}: judge {answer.verdict}, program {word}"
            yield Difference(told.seed, what, described(told, repository, digest))
    for one in handed:
        seen[f"given out by {one.by}"] += 1
        wrong = _why_not(told, second, one)
        if wrong:
            what = f"{one.tag or 'no tag'} @ {one.digest[:8]}: judge {wrong}, and {one.by} gives it out"
            yield Difference(told.seed, what, described(told, repository, one.digest))


def _why_not(told: Story, second: Second, given: Given) -> str:
    """Why something is not to be given out: what does not verify.

    A gate asks no tag, nor whether something is current, but after one confirmation whether it is revoked.
    """
    if given.by == "gate":
        verdicts = Verdicts(second.repository, second.documents, told.tip)
        return "revoked" if verdicts.answer(None, given.digest).revoked else ""
    answer = second.verdicts.answer(None if given.tag is None else tag_key(given.tag), given.digest)
    return "" if answer.verdict == "verified" else answer.verdict


def _from_evidence(told: Story, second: Second, access: ChainAccess) -> Iterator[Difference]:
    """Evidence says the same; where a title was lost by no marker, which no evidence shows, it may say nothing."""
    with told_by_evidence(told, access) as evidence:
        product = Product(told, evidence)
        for tag, digest in told.questions:
            word = product.verdict(tag, digest)
            answer = second.verdicts.answer(None if tag is None else tag_key(tag), digest)
            fine = _acceptable(told, digest, answer)
            if word not in (fine | {"undecided"} if second.repository.frozen else fine):
                what = f"{tag or 'no tag'} @ {digest[:8]}: judge {answer.verdict}, program {word}"
                yield Difference(told.seed, what, described(told, second.repository, digest))


def _acceptable(told: Story, digest: str, answer: Answer) -> set[str]:
    """What the program may say: what the judge says, but for two cases.

    A document that two programs could read as two things is refused before anything is judged. Where a list is deeper
    than readers must follow, what one calls REVOKED, who read on, may be UNDECIDED for another.
    """
    own = told.served.get(digest)
    if own is not None and not own.readable:
        return {"refused", answer.verdict} - {"verified"}
    either = {"undecided", "revoked"}
    return either if answer.beyond and answer.verdict in either else {answer.verdict}


def work(first: int, count: int) -> Report:
    """The stories of so many seeds. Little of a story refers to itself: garbage is looked for now and then only."""
    report = Report()
    gc.freeze()
    gc.set_threshold(100_000, 5, 5)
    for seed in range(first, first + count):
        try:
            report.failures += map(str, differences(seed, report.figures))
        except Exception:  # noqa: BLE001 (whatever it is: neither of the two may raise it)
            report.failures.append(f"lineage {seed}: {traceback.format_exc(limit=-3)}")
        report.cases += 1
    return report


PART = Part(name="lineages", says="random lineages", cases=1_000_000, piece=2_000, minutes=22, work=work)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(*differences(int(argument), Counter()), sep="\n")
