import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.images.bid import Bid, BidPackage
from assets.images.board import MAX_ASKS, Board, parse_listing
from assets.images.canonical import encode
from assets.images.offer import Ask, Sells
from assets.images.recipient_key import RecipientKey
from assets.images.service_url import parse_service_url
from tests.assets.images.listings import ASKS, BID, KEY, LOT, WHOLE, offered
from wallet.amount import MAX_MONEY, Sats
from wallet.errors import EncodingError
from wallet.hashes import Txid, display, sha256
from wallet.network import REGTEST


def changed(ask: Ask, **fields: Any) -> bytes:
    """An ask's document with some fields replaced; None takes a field out."""
    document = {**ask.document(), **fields}
    return encode({key: value for key, value in document.items() if value is not None})


@given(ASKS)
def test_an_ask_is_read_back_as_it_was_written(ask: Ask) -> None:
    assert Ask.parse(ask.serialize()) == ask


@given(st.lists(ASKS, max_size=3, unique_by=lambda ask: ask.id))
def test_a_board_is_read_back_as_it_was_written(asks: list[Ask]) -> None:
    board = Board.of(asks)
    assert Board.parse(board.serialize()) == board
    assert len(board.asks) == len(asks)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_offer_or_refused_as_text(document: bytes) -> None:
    for read in (Ask.parse, Bid.parse, BidPackage.parse, Board.parse, parse_listing):
        with pytest.raises(EncodingError):
            read(document)


@given(st.data())
def test_no_flipped_byte_of_an_ask_breaks_the_reader(data: st.DataObject) -> None:
    raw = bytearray(WHOLE.serialize())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        ask = Ask.parse(bytes(raw))
    except EncodingError:
        return
    assert ask.serialize() == bytes(raw)


def test_the_id_of_an_ask_is_the_sha256_of_its_canonical_json_without_the_signature() -> None:
    document = json.loads(LOT.serialize())
    del document["signature"]
    plain = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert LOT.id == sha256(plain) == replace(LOT, signature="").id


def test_the_seller_signs_three_lines_without_a_final_newline() -> None:
    assert LOT.text == f"dockchains ask 1\nnetwork: {display(REGTEST.genesis)}\nask: {LOT.id.hex()}"


def test_the_buyer_signs_ask_transaction_expiry_and_the_key_for_the_secret() -> None:
    txid = Txid(b"\x22" * 32)
    head = f"dockchains bid 1\nnetwork: {display(REGTEST.genesis)}\nask: {LOT.id.hex()}\ntxid: {display(txid)}"
    assert BID.text(REGTEST.genesis, txid) == f"{head}\nexpires: 900\nsecret_to: {KEY.hash.hex()}"
    assert replace(BID, secret_to=None).text(REGTEST.genesis, txid).endswith("secret_to: -")


def test_the_payment_is_the_price_on_top_of_the_coins_own_sats() -> None:
    assert (WHOLE.value, WHOLE.payment, WHOLE.units) == (10_330, 60_330, 1_000_000)
    assert (LOT.value, LOT.payment, LOT.units) == (330, 50_330, 1)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"v": 2}, "version 2"),
        ({"price": 0}, "impossible price"),
        ({"price": MAX_MONEY}, "impossible price"),
        ({"price": True}, "price"),
        ({"expires": 0}, "impossible height"),
        ({"expires": 500_000_000}, "impossible height"),
        ({"pay_to": ""}, "not a script"),
        ({"pay_to": "00 14"}, "not a script"),
        ({"pay_to": "6a" * 50}, "pays to no script"),
        ({"coins": []}, "0 coins"),
        ({"network": "00"}, "block hash"),
        ({"sells": "everything"}, "sells"),
        ({"sells": "title+treasury"}, "1 coins"),
        ({"gate": "https://gate.example/path"}, "host name"),
        ({"bids_to": "https://shop.example/?x=1"}, "service"),
        ({"bids_to": "http://shop.example"}, "loopback"),
        ({"terms": "md5:00"}, "md5"),
        ({"signature": None}, "signature"),
        ({"signature": "é"}, "impossible signature"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_ask_with_a_bad_field_is_refused_and_says_which(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        Ask.parse(changed(LOT, **fields))


def test_an_ask_names_each_coin_once_and_the_title_first() -> None:
    with pytest.raises(EncodingError, match="twice"):
        replace(LOT, coins=(offered("a"), offered("a")))
    with pytest.raises(EncodingError, match="first coin is no title"):
        replace(WHOLE, coins=(offered("treasury", 5), offered("title", 1)))
    with pytest.raises(EncodingError, match="2 coins"):
        replace(WHOLE, sells=Sells.TITLE)


def test_white_space_makes_an_ask_another_document() -> None:
    with pytest.raises(EncodingError, match="canonical"):
        Ask.parse(json.dumps(json.loads(LOT.serialize()), sort_keys=True).encode())


def test_a_bid_and_its_transaction_travel_as_one_document() -> None:
    package = BidPackage(bid=BID, psbt=b"psbt\xff and more")
    assert BidPackage.parse(b"\n" + package.serialize() + b"\n") == package
    assert Bid.parse(BID.serialize()) == BID
    assert BID.id == sha256(BID.serialize())


@pytest.mark.parametrize("psbt", ["", "cHNidP8", "cHNidP8=\n", "cHNidP9=", "not base64"])
def test_a_transaction_that_is_not_base64_is_refused(psbt: str) -> None:
    with pytest.raises(EncodingError, match="base64"):
        BidPackage.parse(encode({"bid": BID.document(), "psbt": psbt}))


@pytest.mark.parametrize(
    "jwk",
    [
        {**KEY.document(), "crv": "P-384"},
        {**KEY.document(), "y": KEY.document()["x"]},
        {**KEY.document(), "x": str(KEY.document()["x"]) + "="},
        {**KEY.document(), "d": "secret"},
        {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
        {**KEY.document(), "x": "_" * 43},
    ],
)
def test_a_key_for_the_secret_must_be_a_point_of_the_curve(jwk: dict[str, Any]) -> None:
    with pytest.raises(EncodingError):
        RecipientKey.of(jwk)
    assert RecipientKey.of(KEY.document()) == KEY


def test_one_bad_entry_of_a_board_does_not_hide_the_others() -> None:
    bad = {**LOT.document(), "price": -5}
    board = Board.parse(encode({"v": 1, "asks": [bad, LOT.document(), LOT.document(), WHOLE.document()]}))
    assert board.asks == (LOT, WHOLE)
    assert [number for number, _ in board.flaws] == [0, 2]


def test_a_board_is_bounded_in_entries_and_in_bytes() -> None:
    many = [replace(LOT, price=Sats(1 + number), signature="") for number in range(MAX_ASKS + 1)]
    assert len(Board.of(many).asks) == MAX_ASKS
    with pytest.raises(EncodingError, match="501 entries"):
        Board.parse(encode({"v": 1, "asks": [ask.document() for ask in many]}))
    bulky = [replace(ask, signature="A" * 1_000, coins=tuple(offered(f"{at}", 7) for at in range(100))) for ask in many]
    board = Board.of(bulky)
    assert 0 < len(board.asks) < MAX_ASKS
    assert Board.parse(board.serialize()) == board
    with pytest.raises(EncodingError, match="more than"):
        Board.parse(encode({"v": 1, "asks": [ask.document() for ask in bulky]}))


def test_a_listing_is_one_ask_or_a_board() -> None:
    assert parse_listing(LOT.serialize() + b"\n").asks == (LOT,)
    assert parse_listing(Board.of([LOT, WHOLE]).serialize()).asks == (LOT, WHOLE)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example",
        "https://a.example/",
        "https://a.example/../b",
        "https://a.example/a b",
        "https://a.example//b",
    ],
)
def test_a_service_has_one_spelling(url: str) -> None:
    with pytest.raises(EncodingError):
        parse_service_url(url)
    assert parse_service_url("https://a.example:8443/b/c.d") == "https://a.example:8443/b/c.d"
