"""Every verdict and every pair of verdicts on a real chain: what applies together, and which one is the answer.

One repository for each combination of what the records say, a revocation, a new owner, a lost title and who vouches;
all of them on one chain, stage by stage, so that a block holds the same stage of all.
"""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from bitcoin.core import CTransaction

from assets.images.digest import Digest
from assets.images.lock import serialize_lock
from assets.images.pin import Pin, Pins
from assets.images.record import Release, Revoke, RevokeReason
from assets.images.tag import Tags
from assets.images.verdict import PRECEDENCE, Verdict
from assets.store.trust_store import PinStore
from tests.assets.index.signing_party import Signer, coin_of, signed
from tests.assets.registry.images import image
from tests.attacks.ground import FEE, Ground, Publication, title_move, to
from tests.attacks.person import Person
from wallet.hashes import Txid, parse_block_hash
from wallet.network import REGTEST

pytestmark = [pytest.mark.node, pytest.mark.registry]

JUDGED, OTHER = image("judged").digest, image("other").digest
CONFIRMATIONS = 4
BUYER = Signer("whoever bought the title")

WORDS: dict[Verdict, tuple[Digest, ...]] = {
    Verdict.VERIFIED: (JUDGED,),
    Verdict.SUPERSEDED: (JUDGED, OTHER),
    Verdict.MISMATCH: (OTHER,),
    Verdict.UNRELEASED: (),
    Verdict.PENDING: (),
}
"""What the owner bound to the tag, one after the other, for each word."""

PINNED, NOBODY, DISAGREE = "pinned", "nobody", "disagree"


@dataclass(frozen=True)
class Case:
    """What happened to a repository, and who vouches for it."""

    word: Verdict
    revoked: bool
    sold: bool
    lost: bool
    voucher: str

    def __str__(self) -> str:
        happened = [name for name in ("revoked", "sold", "lost") if getattr(self, name)]
        return "-".join([self.word.word, *happened, self.voucher])

    @property
    def applying(self) -> set[Verdict]:
        """The verdicts that apply, straight from their definitions."""
        found = {self.word} - {Verdict.VERIFIED}
        found |= {Verdict.REVOKED} if self.revoked else set()
        found |= {Verdict.FROZEN} if self.lost else set()
        found |= {Verdict.NEW_OWNER} if self.sold and self.voucher != NOBODY else set()
        found |= {Verdict.UNPINNED} if self.voucher == NOBODY else set()
        return found | ({Verdict.PIN_CHANGED} if self.voucher == DISAGREE else set())


CASES = [
    Case(*one)
    for one in itertools.product(WORDS, (False, True), (False, True), (False, True), (PINNED, NOBODY, DISAGREE))
]


def release(digest: Digest) -> bytes:
    """The bytes of a RELEASE of `1.0`."""
    return Release(digest=digest, tags=Tags.of("1.0")).serialize()


class Stages:
    """All repositories, and each stage of theirs in a block."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.made: dict[Case, Publication] = {}

    def play(self) -> None:
        """From the geneses to the last blocks."""
        for number, case in enumerate(CASES):
            self.made[case] = self._genesis(number, case)
        self._ground.node.mine()
        for case, made in self.made.items():
            self._records(case, made)
        self._ground.node.mine()
        for case, made in self.made.items():
            if case.sold:
                tx = self._send(title_move(made.title, target=BUYER))
                made.title, made.owner = coin_of(tx, 1, BUYER), BUYER
        self._ground.node.mine(CONFIRMATIONS)
        for case, made in self.made.items():
            if case.word is Verdict.PENDING:
                self._send(made.moved(title_move(made.title, release(JUDGED))))
        self._ground.node.mine()
        for case, made in self.made.items():
            if case.lost:
                self._send(signed([made.title], [to(made.owner, made.title.value - FEE)]))
        self._ground.node.mine()

    def _genesis(self, number: int, case: Case) -> Publication:
        ground = self._ground
        issuing = ground.coin(Signer(f"issuer {number}"), 12_000)
        made = ground.genesis(ground.name(f"table/{number}"), issuing, Signer(f"owner {number}"))
        self._send(made.genesis)
        if number % 10 == 9:
            ground.node.mine()
        if OTHER in WORDS[case.word]:
            ground.push(made.name, "1.0", "other")
        return made

    def _records(self, case: Case, made: Publication) -> None:
        for digest in WORDS[case.word]:
            self._send(made.moved(title_move(made.title, release(digest))))
        if case.revoked:
            record = Revoke(digest=JUDGED, reason=RevokeReason.BROKEN).serialize()
            self._send(made.moved(title_move(made.title, record)))

    def _send(self, tx: CTransaction) -> CTransaction:
        self._ground.send(tx)
        return tx


@dataclass(frozen=True)
class Table:
    """The repositories, one whose release nobody can pull, somebody who asks, and the lock file that they name."""

    made: dict[Case, Publication]
    hidden: Publication
    asking: Person
    lock: Path


@pytest.fixture(scope="module")
def table(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """Everything that happened; the lock file vouches for all but the unvouched, a pin contradicts some."""
    hidden = ground.issue("table/hidden")
    ground.mine(hidden.moved(title_move(hidden.title, release(image("never pushed").digest))))
    stages = Stages(ground)
    stages.play()
    asking = ground.person("asking", confirmations=str(CONFIRMATIONS))
    pins = {case: _pin(made, case) for case, made in stages.made.items()}
    lock = tmp_path_factory.mktemp("lock") / "lock"
    lock.write_bytes(serialize_lock(Pins(pins=tuple(pin for case, pin in pins.items() if case.voucher != NOBODY))))
    wrong = [replace(pin, genesis=Txid(bytes(32))) for case, pin in pins.items() if case.voucher == DISAGREE]
    folder = asking.home / "dockchains" / "regtest"
    folder.mkdir(mode=0o700, parents=True)
    PinStore(folder / "pins.json", REGTEST).save(Pins(pins=tuple(wrong)))
    for case, made in stages.made.items():
        if case.voucher == NOBODY:
            ground.publish(made)
    return Table(made=stages.made, hidden=hidden, asking=asking, lock=lock)


def _pin(made: Publication, case: Case) -> Pin:
    """A pin of the first owner, as of a block that says nothing."""
    first = made.genesis.vout[0].scriptPubKey
    block = parse_block_hash("00" * 32)
    return Pin(name=made.name, network=REGTEST.genesis, genesis=made.txid, owners=(first,), height=1, block=block)


def ask(table: Table, case: Case, *options: str) -> tuple[Verdict, list[Verdict], dict[str, Any]]:
    """The verdict, all that apply in order, and the whole answer."""
    reference = f"{table.made[case].name}:1.0@{JUDGED}"
    arguments = ("image", "verify", reference, "--lock", str(table.lock), "--json", *options)
    answer = table.asking.run(*arguments, expect=None).document
    findings = list(dict.fromkeys(Verdict[one["verdict"]] for one in answer["findings"]))
    return Verdict[answer["verdict"]], findings, answer


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.word)
def test_of_all_that_applies_the_first_by_precedence_is_the_answer(table: Table, word: Verdict) -> None:
    for case in (one for one in CASES if one.word is word):
        verdict, findings, answer = ask(table, case)
        expected = [one for one in PRECEDENCE if one in case.applying]
        assert findings == expected, case
        assert verdict is (expected[0] if expected else Verdict.VERIFIED), case
        assert answer["exit_code"] == int(verdict)


def test_the_cases_hold_every_pair_of_verdicts_that_can_meet() -> None:
    met = {frozenset(pair) for case in CASES for pair in itertools.combinations(case.applying, 2)}
    chain = (Verdict.REVOKED, Verdict.PIN_CHANGED, Verdict.NEW_OWNER, Verdict.FROZEN, Verdict.UNPINNED)
    words = (Verdict.SUPERSEDED, Verdict.MISMATCH, Verdict.UNRELEASED, Verdict.PENDING)
    never = {
        frozenset((Verdict.UNPINNED, Verdict.NEW_OWNER)),
        frozenset((Verdict.UNPINNED, Verdict.PIN_CHANGED)),
    }
    pairs = {frozenset(pair) for pair in itertools.combinations(chain, 2)} - never
    pairs |= {frozenset(pair) for pair in itertools.product(chain, words)}
    assert met == pairs


def test_each_allowed_verdict_lets_the_next_one_speak(table: Table) -> None:
    case = Case(Verdict.PENDING, revoked=False, sold=True, lost=True, voucher=PINNED)
    allowed: list[str] = []
    for verdict in [one for one in PRECEDENCE if one in case.applying]:
        options = ("--allow", ",".join(allowed)) if allowed else ()
        assert ask(table, case, *options)[0] is verdict
        allowed.append(verdict.word)
    verdict, findings, answer = ask(table, case, "--allow", ",".join(allowed))
    assert verdict is Verdict.VERIFIED
    assert set(findings) == case.applying
    assert list(dict.fromkeys(one["verdict"] for one in answer["allowed"])) == [one.name for one in findings]


@pytest.mark.parametrize("word", ["revoked", "mismatch", "unreleased", "undecided", "pin-changed", "no-asset"])
def test_what_must_never_run_cannot_be_allowed(table: Table, word: str) -> None:
    case = Case(Verdict.VERIFIED, revoked=False, sold=False, lost=False, voucher=PINNED)
    said = table.asking.refused("image", "verify", f"{table.made[case].name}:1.0@{JUDGED}", "--allow", word)
    assert f"'{word}' cannot be allowed" in said


@pytest.mark.parametrize(
    "case", [one for one in CASES if one.word is Verdict.VERIFIED and one.voucher == PINNED], ids=str
)
def test_a_node_that_is_down_hides_nothing_behind_another_verdict(table: Table, case: Case) -> None:
    verdict, findings, _ = ask(table, case, "--node-url", "http://127.0.0.1:1")
    assert (verdict, findings) == (Verdict.UNAVAILABLE, [Verdict.UNAVAILABLE])


def test_a_digest_that_an_unreadable_index_could_hold_is_undecided(table: Table) -> None:
    """A registry cannot hide the index that a revocation covers by not serving it."""
    answer = table.asking.run("image", "verify", f"{table.hidden.name}@{JUDGED}", "--json", expect=None)
    assert answer.code == int(Verdict.UNDECIDED)
    assert "could hold this image" in answer.document["reason"]


def test_the_answer_names_the_transactions_blocks_and_the_age_of_the_tip(ground: Ground, table: Table) -> None:
    case = Case(Verdict.SUPERSEDED, revoked=True, sold=True, lost=False, voucher=PINNED)
    _, _, answer = ask(table, case)
    assert isinstance(answer["tip"], dict)
    assert answer["tip"]["height"] == ground.node.height()
    assert answer["tip"]["age"] >= 0
    history = answer["history"]
    assert isinstance(history, list)
    assert [one["kind"] for one in history] == ["release", "release", "revoke"]
    for record in history:
        block = ground.node.rpc("getblock", record["block"], 1)
        assert record["txid"] in block["tx"]
        assert block["height"] == record["height"]
    assert ground.node.rpc("getblock", answer["genesis_block"], 1)["height"] == answer["genesis_height"]
