"""Where the verbs send a bid, who is taken to have named that place, and which of several listings is meant."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assets.images.board import Board
from assets.images.offer import Ask, Sells
from assets.registry.endpoint import STRANGER, Origin
from tests.assets.images.listings import LOT
from tui.verbs.market.choosing import WhichListing, choose
from tui.verbs.market.delivering import destination
from tui.verbs.market.requests import Buy, InFile
from wallet.amount import Sats
from wallet.errors import StateError
from wallet.network import REGTEST

NAME = "registry.example/acme/app"
SHOP = "https://shop.example"
HERE = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("known", "seen_at", "given", "expected"),
    [
        (NAME, None, None, (SHOP, Origin("https", "registry.example", 443))),
        ("", None, None, (SHOP, STRANGER)),
        (NAME, SHOP, None, (SHOP, None)),
        ("", None, HERE, (HERE, None)),
        (NAME, SHOP, "", None),
    ],
    ids=["listing", "listing of nobody knows what", "asked", "typed", "nobody"],
)
def test_a_bid_goes_where_its_buyer_said_and_else_where_the_listing_says(
    known: str, seen_at: str | None, given: str | None, expected: tuple[str, Origin | None] | None
) -> None:
    found = destination(replace(LOT, bids_to=SHOP), known, seen_at=seen_at, given=given)
    assert found == expected


def test_a_listing_alone_leads_nobody_to_the_own_machine_whatever_the_chain_calls_its_repository() -> None:
    listing = replace(LOT, bids_to=HERE)
    assert destination(listing, "", seen_at=None, given=None) is None
    assert destination(listing, "", seen_at=None, given=HERE) == (HERE, None), "its user may"


def place() -> Any:
    """What choosing needs of a workplace where no listing is looked at closer."""
    house = SimpleNamespace(node=None)
    return SimpleNamespace(house=house, network=REGTEST, settling_confirmations=1, note=lambda _: None)


def listings(folder: Path, *asks: Ask) -> InFile:
    """A file with listings."""
    file = folder / "listings.json"
    file.write_bytes(Board.of(asks).serialize())
    return InFile(file)


def test_a_title_is_never_chosen_among_several_listings(tmp_path: Path) -> None:
    title = replace(LOT, sells=Sells.TITLE)
    where = listings(tmp_path, title, LOT)
    asked = choose(Buy(place=where), where, None, place())
    assert isinstance(asked, WhichListing)
    assert set(asked.asks) == {title.id.hex(), LOT.id.hex()}
    assert str(asked.refusal) == f"{where} has 2 listings, of a title too"


@pytest.mark.parametrize(("wanted", "why"), [("zz", "no listing that begins with zz"), ("", "2 listings begin with")])
def test_the_beginning_of_an_id_means_one_listing(tmp_path: Path, wanted: str, why: str) -> None:
    where = listings(tmp_path, LOT, replace(LOT, price=Sats(LOT.price + 1)))
    with pytest.raises(StateError, match=why):
        choose(Buy(place=where, wanted=wanted), where, None, place())
