"""Of the listings that name one coin at most one is good, by where they were found."""

from dataclasses import dataclass, replace

import pytest
from bitcoin.core import COutPoint
from bitcoin.core.script import CScript

from assets.coloring.asks import AskRules
from assets.errors import OfferError
from assets.images.offer import Ask, OfferedCoin, Sells
from assets.services.market.listing import OwnWord
from assets.services.market.offers import Found, Judge, Place, Source, cheapest, gather, rank
from wallet.amount import Sats
from wallet.chain.fake import FakeChain
from wallet.hashes import Txid
from wallet.network import REGTEST

SHOP = "https://shop.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllPass(Judge):
    """Every listing passes the chain's checks but those of `bad`."""

    bad: frozenset[bytes] = frozenset()

    def refusal(self, ask: Ask) -> OfferError | None:
        """By itself."""
        return OfferError("test", "bad") if ask.id in self.bad else None


def judge(*bad: Ask) -> AllPass:
    rules = AskRules(network=REGTEST, confirmations=1, verify=lambda *_: None)
    return AllPass(rules=rules, source=FakeChain(), colors=lambda _: None, bad=frozenset(one.id for one in bad))


def ask(coin: int, price: int, *, shop: str | None = None) -> Ask:
    offered = OfferedCoin(outpoint=COutPoint(bytes([coin]) * 32, 0), quantity=1, value=Sats(330))
    return Ask(
        network=REGTEST.genesis,
        genesis=Txid(b"\x01" * 32),
        sells=Sells.ACCESS,
        coins=(offered,),
        price=Sats(price),
        pay_to=CScript(b"\x00\x14" + bytes(20)),
        expires=1_000,
        bids_to=shop,
    )


def source(place: Place, *asks: Ask, url: str = "") -> Source:
    return Source(where=place.name, asks=asks, place=place, shop=url)


def good(found: tuple[Found, ...], by: Judge) -> set[str]:
    return {view.id for view in rank(found, by) if not view.refusal}


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        (Place.PAPER, Place.BOARD),
        (Place.BOARD, Place.SHOP),
        (Place.SHOP, Place.OWN),
    ],
)
def test_the_place_that_says_more_counts_whatever_the_order(weaker: Place, stronger: Place) -> None:
    one, other = ask(7, 1, shop=SHOP), ask(7, 2, shop=SHOP)
    sources = [source(weaker, one, url=SHOP), source(stronger, other, url=SHOP)]
    for order in (sources, sources[::-1]):
        assert good(gather(order), judge()) == {other.id.hex()}


def test_a_server_that_the_listing_does_not_name_is_paper() -> None:
    old, new = ask(7, 1, shop="https://old.example"), ask(7, 2)
    elsewhere = source(Place.SHOP, old, url="https://evil.example")
    assert elsewhere.place_of(old) is Place.PAPER
    assert source(Place.SHOP, new, url=SHOP).place_of(new) is Place.PAPER
    assert source(Place.SHOP, ask(7, 1, shop=SHOP), url=f"{SHOP}/").place_of(ask(7, 1, shop=SHOP)) is Place.SHOP
    assert good(gather([elsewhere, source(Place.BOARD, new)]), judge()) == {new.id.hex()}


def test_a_listing_that_was_found_twice_has_the_weight_of_the_better_place() -> None:
    one, other = ask(7, 1), ask(7, 2)
    found = gather([source(Place.PAPER, one, other), source(Place.BOARD, one)])
    assert [each.where for each in found] == ["PAPER", "PAPER"]
    assert good(found, judge()) == {one.id.hex()}


def test_at_one_place_the_one_that_names_a_shop_counts_and_of_equals_none() -> None:
    plain, dearer, shop = ask(7, 1), ask(7, 2), ask(7, 3, shop=SHOP)
    assert good(gather([source(Place.BOARD, plain, shop)]), judge()) == {shop.id.hex()}
    assert good(gather([source(Place.BOARD, plain, dearer)]), judge()) == set()


def test_what_is_not_good_by_itself_outweighs_nothing() -> None:
    plain, forged = ask(7, 1), ask(7, 2, shop=SHOP)
    assert good(gather([source(Place.BOARD, plain, forged)]), judge(forged)) == {plain.id.hex()}


def test_listings_that_share_one_of_several_coins_are_rivals() -> None:
    one, two = ask(7, 1), ask(8, 1)
    both = replace(one, coins=(*one.coins, *two.coins))
    found = gather([source(Place.BOARD, both), source(Place.PAPER, one, two)])
    assert good(found, judge()) == {both.id.hex()}


def test_the_cheapest_that_counts_is_chosen() -> None:
    cheap, listed, other = ask(7, 1), ask(7, 50, shop=SHOP), ask(8, 40)
    found = gather([source(Place.BOARD, cheap, listed, other)])
    assert cheapest(found, judge(), lambda asks: asks[0]) == other
    assert cheapest(found, judge(other), lambda asks: asks[0]) == listed
    assert cheapest(found, judge(other, listed), lambda asks: asks[0]) == cheap
    assert cheapest(found, judge(other, listed, cheap), lambda asks: asks[0]) is None


def test_an_own_word_knows_what_it_listed() -> None:
    one, other = ask(7, 1), ask(7, 2)
    word = OwnWord(in_force={one.outpoints[0]: one.id})
    assert word.knows(one)
    assert word.knows(other)
    assert not word.knows(ask(9, 1))
    plain = Judge(rules=judge().rules, source=FakeChain(), colors=lambda _: None, own=word)
    refusal = plain.refusal(other)
    assert refusal is not None
    assert f"under {one.id.hex()[:16]} too" in str(refusal)
