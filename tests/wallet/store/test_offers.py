from dataclasses import replace
from pathlib import Path

import pytest
from bitcoin.core import COutPoint

from wallet.errors import EncodingError
from wallet.hashes import Txid, sha256
from wallet.store.database import Database
from wallet.store.offers import OfferEntry, OfferKind, OfferState, OfferStore
from wallet.store.schema import _OFFERS, WALLET_SCHEMA, wallet_database


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


def test_who_was_handed_a_bid_and_did_not_answer_is_kept_and_survives_being_put_again(store: OfferStore) -> None:
    one, other = entry("one", "a", kind=OfferKind.BID), entry("other", "b", kind=OfferKind.BID)
    store.put([one, other])
    store.hand(one.id, frozenset({"https://shop.example", "https://b.example/x"}))
    store.put([one])
    found = store.entry(one.id)
    assert found is not None
    assert found.unanswered == {"https://shop.example", "https://b.example/x"}
    assert store.entry(other.id) == other
    store.hand(one.id, frozenset())
    assert store.entry(one.id) == one


def test_a_database_from_before_bids_were_handed_over_is_upgraded(tmp_path: Path) -> None:
    """The row is written as the earlier version wrote it."""
    older = replace(WALLET_SCHEMA, migrations=WALLET_SCHEMA.migrations[: WALLET_SCHEMA.migrations.index(_OFFERS) + 1])
    one = entry("one", "a", kind=OfferKind.BID)
    row = (
        one.id, 1, "bid", "open", one.document, one.companion, one.answers, one.subject, one.txid, 500, one.created
    )  # fmt: skip
    with Database(tmp_path / "wallet.db", older).transaction() as connection:
        connection.execute(
            "INSERT INTO offer (id, sequence, kind, state, document, companion, answers, subject, txid, expires,"
            " created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        connection.execute("INSERT INTO offer_coin VALUES (?, ?, ?)", (one.id, one.coins[0].hash, one.coins[0].n))
    assert OfferStore(wallet_database(tmp_path / "wallet.db")).entry(one.id) == one
