"""The app's drafts over the real services, on a chain in memory: what was shown is what is signed, or nothing is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assets.services.read_models.wallet_views import SentView
from assets.services.wallets.session import Session
from tests.assets.services.fake_session import FakeWallet
from tui.app.house.deeds import HouseDrafts
from tui.app.messages import Trouble
from tui.settings import Settings
from tui.verbs.prepared import StaleDraftError
from tui.verbs.wallet.requests import Send
from tui.verbs.workplace import Workplace
from wallet.coins import AccountKind, KeyPath
from wallet.errors import (
    AlreadySignedError,
    ChainUnavailableError,
    InsufficientFundsError,
    KeptError,
    RpcError,
    StateError,
    UnfinishedError,
    WrongPasswordError,
)
from wallet.fees import FeeEstimate, FeeRate
from wallet.keys.address import address_of
from wallet.network import REGTEST
from wallet.signer import SoftwareSigner

PASSWORD = "right"


class FakeHouse:
    """What a workplace needs of the composition root."""

    def __init__(self, wallet: FakeWallet) -> None:
        self.wallet = wallet
        self.settings = Settings()

    def require_wallet(self) -> None:
        """There is one."""

    def require_keys(self) -> None:
        """It has keys."""

    def session(self, _: object) -> Session:
        return self.wallet.session

    def signer(self, password: str) -> SoftwareSigner:
        if password != PASSWORD:
            raise WrongPasswordError("the password is wrong")
        return self.wallet.unlock()


class Case:
    """A funded wallet and its drafts."""

    def __init__(self, folder: Path) -> None:
        self.wallet = FakeWallet(folder)
        self.coin = self.wallet.fund(1_000_000)
        self.drafts: Any = HouseDrafts(
            Workplace(house=FakeHouse(self.wallet), exact=True)  # type: ignore[arg-type]
        )
        other = self.wallet.account.script(KeyPath(AccountKind.BTC, 0, 25))
        self.ask = Send(to=address_of(other, REGTEST), amount="0.001", rate="2")
        self.told: list[SentView] = []

    def send(self, review: Any, password: str = PASSWORD) -> Any:
        return self.drafts.send(review, password, self.told.append)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_what_was_shown_is_what_is_sent(case: Case) -> None:
    review = case.drafts.draft(case.ask)
    outcome = case.send(review)
    assert [one.txid for one in outcome.sent] == [one.txid for one in review.review.drafts]
    assert list(outcome.sent) == case.told
    assert len(case.wallet.chain.mempool) == 1


def test_a_draft_writes_and_signs_nothing(case: Case) -> None:
    case.drafts.draft(case.ask)
    assert case.wallet.unlocked == 0
    assert case.wallet.chain.mempool == ()
    assert case.wallet.session.journal.entries() == ()


def test_a_wrong_password_signs_nothing(case: Case) -> None:
    with pytest.raises(WrongPasswordError):
        case.send(case.drafts.draft(case.ask), "wrong")
    assert case.wallet.chain.mempool == ()


def test_what_is_signed_and_not_sent_is_told_and_is_never_made_anew_by_itself(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: object) -> None:
        raise ChainUnavailableError("no answer")

    review = case.drafts.draft(case.ask)
    with monkeypatch.context() as patch:
        patch.setattr(case.wallet.chain, "broadcast", gone)
        with pytest.raises(
            KeptError, match=f"signed and kept as {review.review.drafts[0].txid}, not yet sent"
        ) as error:
            case.send(review)
    assert Trouble.of(error.value) is Trouble.SIGNED
    assert case.told == []
    case.wallet.fund(900_000, index=1)
    again = case.drafts.draft(case.ask)
    assert f"the same send is signed and kept as {review.review.drafts[0].txid}" in again.review.twice
    assert again.review.drafts[0].txid != review.review.drafts[0].txid
    assert case.drafts.draft(replace(case.ask, amount="0.002")).review.twice == ""


def test_a_second_one_that_cannot_be_paid_names_the_first(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: object) -> None:
        raise ChainUnavailableError("no answer")

    for coin in case.wallet.coins.coins():
        if coin.outpoint != case.coin:
            case.wallet.session.store.freeze(coin.outpoint)
    ask = replace(case.ask, amount="0.0095")
    monkeypatch.setattr(case.wallet.chain, "broadcast", gone)
    with pytest.raises(KeptError) as kept:
        case.send(case.drafts.draft(ask))
    for coin in case.wallet.coins.coins():
        if coin.outpoint != case.coin:
            case.wallet.session.store.freeze(coin.outpoint)
    with pytest.raises(AlreadySignedError, match=kept.value.kept[0]):
        case.drafts.draft(ask)


def test_what_breaks_off_after_a_transaction_was_sent_is_told_as_sent(case: Case) -> None:
    review = case.drafts.draft(case.ask)

    def broken(view: SentView) -> None:
        raise StateError("something after it failed")

    with pytest.raises(UnfinishedError, match=f"sent: {review.review.drafts[0].txid}; then it broke off") as error:
        case.drafts.send(review, PASSWORD, broken)
    assert error.value.sent == (review.review.drafts[0].txid,)
    assert case.drafts.draft(case.ask).review.twice, "whoever sees an error may try again"


def test_a_coin_that_vanished_makes_the_draft_stale(case: Case) -> None:
    review = case.drafts.draft(case.ask)
    case.send(case.drafts.draft(case.ask))
    with pytest.raises(StaleDraftError) as error:
        case.send(review)
    assert Trouble.of(error.value) is Trouble.STALE
    assert len(case.wallet.chain.mempool) == 1


def test_a_chain_that_was_reorganised_makes_the_draft_stale(case: Case) -> None:
    review = case.drafts.draft(case.ask)
    moved = replace(review, tip=replace(review.tip, hash=bytes(32)))
    with pytest.raises(StaleDraftError, match="reorganised"):
        case.send(moved)
    assert case.wallet.unlocked == 0


@pytest.mark.parametrize(("now", "stale"), [("2", True), ("1.9", False), ("1", False)])
def test_a_fee_that_moved_makes_the_draft_stale_unless_the_user_set_it(
    case: Case, monkeypatch: pytest.MonkeyPatch, now: str, stale: bool
) -> None:
    rate = [FeeRate.parse("1")]
    estimate = lambda _: FeeEstimate(rate=rate[0], source="the node", age=0)  # noqa: E731
    monkeypatch.setattr(case.wallet.chain, "fee_estimate", estimate)
    set_by_user, estimated = case.drafts.draft(case.ask), case.drafts.draft(replace(case.ask, rate=None))
    rate[0] = FeeRate.parse(now)
    if stale:
        with pytest.raises(StaleDraftError, match="went from 1 sat/vB to 2 sat/vB"):
            case.send(estimated)
    else:
        case.send(estimated)
        return
    assert case.send(set_by_user).sent


def test_a_guard_that_refuses_makes_the_draft_stale(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from assets.errors import GuardError

    review = case.drafts.draft(case.ask)

    def refuse(*_: object) -> None:
        raise GuardError("the coin has colour by now")

    monkeypatch.setattr("assets.services.spending.signing.check", refuse)
    with pytest.raises(StaleDraftError, match="no longer do what was shown: the coin has colour by now"):
        case.send(review)


def test_a_node_that_refuses_is_no_stale_draft(case: Case) -> None:
    case.wallet.refusal = RpcError("min relay fee not met", code=-26)
    with pytest.raises(RpcError):
        case.send(case.drafts.draft(case.ask))


def test_money_that_is_missing_is_said_before_anything_is_shown(case: Case) -> None:
    with pytest.raises(InsufficientFundsError):
        case.drafts.draft(replace(case.ask, amount="5"))


def test_what_is_prepared_shows_no_more_than_its_request_and_its_review(case: Case) -> None:
    review = case.drafts.draft(case.ask)
    assert "ready" not in repr(review)
    assert review == replace(review, tip=None, estimate=None)
