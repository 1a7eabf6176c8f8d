"""Which of the ten checks a refusal belongs to, and what is said of the others; what of the market needs a person."""

import pytest

from assets.coloring.asks import AskCheck
from assets.coloring.bids import BidCheck
from assets.errors import GuardError, OfferError
from assets.images.name import name_hash
from assets.images.pin import Pin, Pins
from assets.services.market.bid_checks import Check, Result, check_of, outcome_of
from assets.services.market.market_concerns import market_concerns
from assets.services.market.secret_due import SecretDue
from assets.services.read_models.offer_views import BidView, LotView
from assets.services.trust.meant_repository import compare_with_pin
from assets.services.trust.title_report import hashed_name
from wallet.errors import EncodingError, StateError
from wallet.hashes import BlockHash, Txid
from wallet.network import REGTEST

NAME = "registry.example/acme/app"
GENESIS, OTHER = Txid(b"\x01" * 32), Txid(b"\x02" * 32)


def test_there_are_ten_checks() -> None:
    assert len(Check) == 10


@pytest.mark.parametrize("check", [*BidCheck, AskCheck.COLOR])
def test_every_check_of_the_seller_is_one_of_the_ten(check: BidCheck | AskCheck) -> None:
    found = check_of(OfferError(check, "no"))
    assert (found is Check.GUARD) == (check is AskCheck.COLOR)


@pytest.mark.parametrize(
    ("refusal", "check"),
    [
        (OfferError(BidCheck.PRICE, "too little"), Check.PRICE),
        (OfferError(BidCheck.SIGHASH, "NONE"), Check.COINS),
        (OfferError("replacement", "leaves a coin out"), Check.GUARD),
        (GuardError("the title would be lost"), Check.GUARD),
        (StateError("the lot is at a shop"), Check.LISTING),
        (EncodingError("not a PSBT"), Check.COINS),
    ],
)
def test_what_came_before_a_refusal_passed_and_what_comes_after_was_not_reached(
    refusal: OfferError | GuardError | StateError | EncodingError, check: Check
) -> None:
    outcome = outcome_of(refusal)
    at = list(Check).index(check)
    assert [result for _, result in outcome.results] == (
        [Result.PASSED] * at + [Result.FAILED] + [Result.NOT_REACHED] * (9 - at)
    )
    assert outcome.refusal is refusal


def test_nothing_is_refused_where_all_passed() -> None:
    outcome = outcome_of(None)
    assert {result for _, result in outcome.results} == {Result.PASSED}


def pins(genesis: Txid) -> Pins:
    pin = Pin(
        name=NAME, network=REGTEST.genesis, genesis=genesis, owners=(b"\x00\x14" + b"\x07" * 20,), height=1,
        block=BlockHash(b"\x03" * 32),
    )  # fmt: skip
    return Pins(pins=(pin,))


def test_another_genesis_than_the_pinned_one_is_refused() -> None:
    with pytest.raises(OfferError, match="you pinned") as error:
        compare_with_pin(NAME, OTHER, pins(GENESIS), OTHER)
    assert "under the same name" in error.value.hint


def test_a_pin_of_a_long_name_counts_where_the_chain_has_only_the_hash_of_the_name() -> None:
    spoken = hashed_name(name_hash(NAME))
    with pytest.raises(OfferError, match="you pinned"):
        compare_with_pin(spoken, OTHER, pins(GENESIS), None)
    assert compare_with_pin(spoken, GENESIS, pins(GENESIS), None) == ""


def test_what_nobody_vouches_for_is_warned_of() -> None:
    assert "name it, or pin it" in compare_with_pin(NAME, GENESIS, Pins(pins=()), None)
    assert compare_with_pin(NAME, GENESIS, Pins(pins=()), GENESIS) == ""
    assert compare_with_pin(NAME, GENESIS, pins(GENESIS), None) == ""


def lot(state: str, txid: str = "") -> LotView:
    return LotView(
        id="aa" * 32, genesis="01" * 32, sells="access", units=1, price=1, expires=9, outpoint="", state=state,
        txid=txid, confirmations=0,
    )  # fmt: skip


def bid(state: str, expires: int, *, completable: bool = False, note: str = "") -> BidView:
    return BidView(
        id="bb" * 32, ask="aa" * 32, genesis="01" * 32, txid="", expires=expires, created=0, state=state,
        confirmations=0, completable=completable, note=note,
    )  # fmt: skip


def test_a_quiet_market_needs_nobody() -> None:
    assert list(market_concerns((lot("sold"), lot("withdrawn")), (bid("sold", 5), bid("void", 5)))) == []


def test_what_waits_in_the_market_is_counted_and_dangers_come_first() -> None:
    listings = (lot("open"), lot("at a shop"), lot("expired"), lot("sold, waiting for a block", "cc" * 32))
    bids = (bid("open", 90), bid("open", 80), bid("contested", 70, note="your coin: spent elsewhere"))
    found = list(market_concerns(listings, (*bids, bid("expired", 60, completable=True))))
    assert [(one.level, one.text) for one in found] == [
        ("warning", "bid bbbbbbbbbbbbbbbb is contested: your coin: spent elsewhere"),
        ("warning", "bid bbbbbbbbbbbbbbbb is expired: its seller can still complete it"),
        ("note", "2 bids wait for an answer, the first until block 80"),
        ("note", "1 sale waits for a block"),
        ("note", "1 listing expired: list what is there again, or take it back"),
        ("note", "2 listings open for buyers, 1 of them at a shop"),
    ]
    assert found[3].txid == "cc" * 32
    assert {one.place for one in found if not one.txid} == {"market"}


def test_a_secret_that_is_due_is_told_on_either_side() -> None:
    due = [SecretDue(txid="dd" * 32, mine=mine, confirmations=3) for mine in (True, False)]
    told = [(one.level, one.text.partition(": ")[2]) for one in market_concerns((), (), due)]
    assert told == [
        ("warning", "its buyer waits for the secret"),
        ("warning", "its seller owes you the secret"),
    ]
