from dataclasses import replace

import pytest

from assets.services.market.buying import shop_of
from tests.assets.images.listings import LOT

NAME = "registry.example/acme/app"
SHOP = "https://shop.example"
HERE = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("bids_to", "name", "asked", "expected"),
    [
        (None, NAME, None, None),
        (None, NAME, SHOP, SHOP),
        (SHOP, NAME, None, SHOP),
        (SHOP, NAME, HERE, SHOP),
        (SHOP, "name with hash 00", None, SHOP),
    ],
)
def test_a_bid_goes_to_the_shop_of_its_listing_or_to_the_one_that_showed_it(
    bids_to: str | None, name: str, asked: str | None, expected: str | None
) -> None:
    assert shop_of(replace(LOT, bids_to=bids_to), name, asked) == expected


@pytest.mark.parametrize("here", [HERE, "http://localhost:2375/x", "http://[::1]:8332", "https://127.0.0.1:8443"])
def test_a_listing_from_elsewhere_leads_nobody_to_a_service_of_the_own_machine(here: str) -> None:
    listing = replace(LOT, bids_to=here)
    assert shop_of(listing, NAME, None) is None
    assert shop_of(listing, NAME, SHOP) == SHOP
    assert shop_of(listing, "name with hash 00", None) is None


@pytest.mark.parametrize(("name", "asked"), [("127.0.0.1:5000/acme/app", None), ("localhost/app", None), (NAME, HERE)])
def test_who_sells_and_buys_on_one_machine_reaches_the_shop_there(name: str, asked: str | None) -> None:
    assert shop_of(replace(LOT, bids_to=HERE), name, asked) == HERE
