"""Asks and bids for the tests."""

from dataclasses import replace

from bitcoin.core import COutPoint
from bitcoin.core.script import CScript
from hypothesis import strategies as st

from assets.images.bid import Bid
from assets.images.digest import Digest
from assets.images.offer import Ask, OfferedCoin, Sells
from assets.images.recipient_key import RecipientKey
from wallet.amount import Sats
from wallet.hashes import Txid, sha256
from wallet.network import REGTEST, SIGNET

GENESIS = Txid(b"\x11" * 32)
PAY_TO = CScript(b"\x00\x14" + b"p" * 20)

KEY = RecipientKey(
    x=0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    y=0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
"""P-256's generator: a point that is surely on the curve."""


def offered(name: str, quantity: int = 1, value: int = 330) -> OfferedCoin:
    """A coin for sale."""
    return OfferedCoin(outpoint=COutPoint(sha256(name.encode()), 1), quantity=quantity, value=Sats(value))


LOT = Ask(
    network=REGTEST.genesis,
    genesis=GENESIS,
    sells=Sells.ACCESS,
    coins=(offered("lot"),),
    price=Sats(50_000),
    pay_to=PAY_TO,
    expires=1_000,
    signature="c2lnbmF0dXJl",
)
WHOLE = replace(
    LOT,
    sells=Sells.TITLE_AND_TREASURY,
    coins=(offered("title", 1, 10_000), offered("treasury", 1_000_000)),
    terms=Digest(b"\x07" * 32),
    gate="https://gate.example",
    bids_to="https://shop.example/acme",
)
BID = Bid(ask=LOT.id, expires=900, secret_to=KEY, signature="c2lnbmF0dXJl")

_COINS = st.lists(
    st.builds(
        OfferedCoin,
        outpoint=st.builds(COutPoint, st.binary(min_size=32, max_size=32), st.integers(0, 2**32 - 2)),
        quantity=st.integers(1, 10**12),
        value=st.integers(0, 10**10).map(Sats),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda coin: coin.outpoint,
).map(tuple)

ASKS = st.builds(
    Ask,
    network=st.just(SIGNET.genesis),
    challenge=st.just(SIGNET.challenge),
    genesis=st.binary(min_size=32, max_size=32).map(Txid),
    sells=st.just(Sells.ACCESS),
    coins=_COINS,
    price=st.integers(1, 10**14).map(Sats),
    pay_to=st.binary(min_size=2, max_size=42).map(CScript),
    expires=st.integers(1, 499_999_999),
    terms=st.none() | st.binary(min_size=32, max_size=32).map(Digest),
    gate=st.none() | st.just("https://gate.example:8443"),
    bids_to=st.none() | st.sampled_from(["https://shop.example", "http://127.0.0.1:8080/a/b"]),
    signature=st.text("abcXYZ+/=", max_size=200),
)
