"""Why coins are set aside: values that are decided by, and the words that people read."""

from typing import get_args

import pytest
from bitcoin.core import COutPoint

from assets.services.wallets.holds import (
    AtShop,
    Frozen,
    Hold,
    Listed,
    Reserved,
    Signed,
    hold_of,
    hold_words,
    set_aside,
    shop_owner,
)
from wallet.hashes import Txid, display
from wallet.store.cold_drafts import drafted_by, owner_of
from wallet.store.reservations import Reservation

DRAFT = Txid(b"\x0d" * 32)
COIN, OTHER = COutPoint(b"\x01" * 32, 0), COutPoint(b"\x02" * 32, 1)
WORDS: dict[Hold, str] = {
    Frozen(): "frozen by you",
    Listed("0123456789abcdef"): "listed for sale as 0123456789abcdef",
    AtShop(shop_owner(1_700_000_000)): "reserved by a shop since 1700000000",
    Reserved("bid 0123"): "reserved by bid 0123",
    Signed(DRAFT): f"the signed transaction {display(DRAFT)} of this wallet spends it",
}


@pytest.mark.parametrize("hold", WORDS)
def test_every_hold_has_its_words(hold: Hold) -> None:
    assert hold_words(hold) == WORDS[hold]


def test_no_hold_is_left_out_above() -> None:
    assert {type(hold) for hold in WORDS} == set(get_args(Hold))


def test_a_shop_is_told_from_whoever_else_reserves() -> None:
    assert hold_of(shop_owner(5)) == AtShop("a shop since 5")
    assert hold_of("bid a shop") == Reserved("bid a shop")


def test_what_the_user_froze_is_told_as_frozen_whoever_reserved_it() -> None:
    reservations = [Reservation(outpoint=coin, owner="an offer", expiry=None) for coin in (COIN, OTHER)]
    assert set_aside(reservations, [COIN]) == {COIN: Frozen(), OTHER: Reserved("an offer")}


def test_a_draft_for_a_cold_key_is_found_by_the_owner_that_it_reserves_as() -> None:
    assert drafted_by(owner_of(DRAFT)) == DRAFT
    assert drafted_by("bid 0123") is None
