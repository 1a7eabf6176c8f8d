from pathlib import Path

import pytest
from bitcoin.core import COutPoint

from wallet.errors import EncodingError
from wallet.hashes import Txid, sha256
from wallet.store.offers import OfferEntry, OfferKind, OfferState, OfferStore
from wallet.store.schema import wallet_database


@pytest.fixture
def store(tmp_path: Path) -> OfferStore:
    return OfferStore(wallet_database(tmp_path / "wallet.db"))


def coin(name: str) -> COutPoint:
    return COutPoint(sha256(name.encode()), 1)


def entry(name: str, *coins: str, kind: OfferKind = OfferKind.ASK) -> OfferEntry:
    return OfferEntry(
        id=sha256(name.encode()),
        kind=kind,
        document=name.encode(),
        coins=tuple(sorted((coin(one) for one in coins), key=lambda one: (one.hash, one.n))),
        subject=Txid(b"\x11" * 32),
        expires=500,
        created=1_800_000_000,
        companion=b"beside",
        answers=b"answered",
        txid=Txid(b"\x22" * 32),
    )


def test_an_entry_is_read_back_as_it_was_put(store: OfferStore) -> None:
    one = entry("one", "a", "b")
    store.put([one])
    assert store.entry(one.id) == one
    assert store.entries(OfferKind.ASK) == (one,)
    assert store.entries(OfferKind.BID) == ()
    assert store.entry(b"\x00" * 32) is None


def test_a_newer_listing_of_a_coin_replaces_the_older_one(store: OfferStore) -> None:
    old, other, new = entry("old", "a", "b"), entry("other", "c"), entry("new", "b")
    store.put([old, other])
    store.put([new])
    found = store.entry(old.id)
    assert found is not None
    assert found.state is OfferState.REPLACED
    assert [one.id for one in store.entries(OfferKind.ASK, state=OfferState.OPEN)] == [other.id, new.id]
    assert [one.id for one in store.on(coin("b"))] == [new.id]
    assert store.on(coin("a")) == ()


def test_a_bid_does_not_replace_a_listing(store: OfferStore) -> None:
    store.put([entry("ask", "a")])
    store.put([entry("bid", "a", kind=OfferKind.BID)])
    assert [one.kind for one in store.on(coin("a"))] == [OfferKind.ASK, OfferKind.BID]


def test_what_was_closed_is_no_longer_open_and_can_be_put_again(store: OfferStore) -> None:
    one = entry("one", "a")
    store.put([one])
    store.close([one.id], OfferState.WITHDRAWN)
    assert store.on(coin("a")) == ()
    store.put([one])
    assert store.entry(one.id) == one


def test_entries_are_found_by_the_beginning_of_their_id(store: OfferStore) -> None:
    one, two = entry("one", "a"), entry("two", "b")
    store.put([one, two])
    assert store.starting(one.id.hex()[:6]) == (one,)
    for text in ("abc", "XYZ!", "f" * 65, "%%%%"):
        with pytest.raises(EncodingError, match="not the beginning"):
            store.starting(text)


def test_nothing_is_put_where_one_of_several_cannot_be(store: OfferStore) -> None:
    good = entry("good", "a")
    with pytest.raises(AttributeError):
        store.put([good, None])  # type: ignore[list-item]
    assert store.entry(good.id) is None
