"""What the first screen says: sums, blocks with what of ours they hold, and what needs a person."""

from dataclasses import replace

import pytest

from assets.services.read_models.image_views import GenesisView
from assets.services.read_models.wallet_views import FallenView, HistoryView
from assets.services.wallets.overview import concerns, last_blocks, overview
from tests.tui.app.samples import BALANCE, GENESIS, HISTORY, NAME, PENDING, REPOSITORY, SOLD, TXID
from wallet.chain.fake import FakeChain

RIVAL = GenesisView(genesis=TXID, height=1, asset="")
QUIET = replace(BALANCE, untrusted_pending=0)
NOTHING = HistoryView(network="regtest", wallet="main", transactions=())


def test_a_quiet_wallet_needs_nobody() -> None:
    assert list(concerns(QUIET, NOTHING, (REPOSITORY,))) == []


@pytest.mark.parametrize(
    ("repository", "level", "words"),
    [
        (replace(REPOSITORY, state="frozen"), "problem", "is frozen"),
        (replace(REPOSITORY, state="undecided"), "problem", "witness"),
        (replace(REPOSITORY, tags=(replace(REPOSITORY.tags[0], revoked=True),)), "warning", "1.0 stands for a revoked"),
        (replace(REPOSITORY, rivals=(RIVAL, RIVAL)), "note", "2 other geneses"),
    ],
)
def test_a_repository_that_needs_somebody_says_why(repository: object, level: str, words: str) -> None:
    (found,) = concerns(QUIET, NOTHING, (repository,))  # type: ignore[arg-type]
    assert (found.level, found.genesis) == (level, GENESIS)
    assert words in found.text


@pytest.mark.parametrize(
    ("state", "level", "words"),
    [
        ("refused by the node", "problem", "the node refuses release: too little"),
        ("dead", "warning", "conflicting"),
        ("signed, not sent", "warning", "has not reached the node"),
        ("pending", "note", "1 of ours waits for a block: release"),
    ],
)
def test_a_transaction_that_needs_somebody_says_why(state: str, level: str, words: str) -> None:
    history = replace(NOTHING, transactions=(replace(PENDING, state=state, label="too little"),))
    (found,) = concerns(QUIET, history, ())
    assert (found.level, found.txid) == (level, PENDING.txid)
    assert words in found.text


def test_a_reorganisation_comes_first_and_money_from_others_last() -> None:
    fallen = FallenView(txid=TXID, genesis=GENESIS, name=NAME, what="the record release 1.0")
    found = list(concerns(BALANCE, NOTHING, (SOLD,), (fallen,)))
    assert [one.level for one in found] == ["problem", "problem", "note"]
    assert "reorganisation" in found[0].text
    assert "120,000 sat" in found[-1].text


def test_the_overview_counts_what_is_owned_and_what_is_held() -> None:
    view = overview(BALANCE, HISTORY, (REPOSITORY, SOLD), ())
    assert view.owned == (NAME,)
    assert view.access == (f"1,000,000 of {NAME}",)
    assert [one.txid for one in view.pending] == [PENDING.txid]


def test_the_last_blocks_hold_what_happened_in_them() -> None:
    chain = FakeChain()
    for _ in range(7):
        chain.mine()
    height = chain.tip().height
    mine = replace(PENDING, height=height - 1, confirmations=2, state="confirmed")
    lines = last_blocks(chain, replace(NOTHING, transactions=(mine,)))
    assert [line.height for line in lines] == [height - at for at in range(5)]
    assert [line.events for line in lines] == [(), ("release",), (), (), ()]
