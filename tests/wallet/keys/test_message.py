"""Signed messages: BIP322's vectors, round trips, and everything that must not pass for a signature."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from bitcoin.base58 import decode
from bitcoin.core import Hash160
from bitcoin.core.script import CScript
from coincurve import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.wallet.signing_cases import ACCOUNT, KEYCHAIN, UNIT
from wallet.errors import EncodingError
from wallet.keys.address import parse_address
from wallet.keys.message import MessageFlaw, message_flaw, message_hash, sign_message, to_sign, to_spend
from wallet.keys.message_bip137 import bip137_flaw, resembles_bip137
from wallet.network import MAINNET, REGTEST
from wallet.signatures import p2wpkh_script
from wallet.signer import SoftwareSigner

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "bip322.json").read_text())
SCRIPT = parse_address(VECTORS["address"], MAINNET)
KEY = bytes(decode(VECTORS["private_key"]))[1:33]
HELLO = VECTORS["messages"][1]["signatures"][0]


@pytest.mark.parametrize("vector", VECTORS["messages"], ids=lambda vector: vector["message"] or "empty")
def test_the_published_vectors_hold(vector: dict[str, Any]) -> None:
    message = vector["message"]
    assert message_hash(message).hex() == vector["hash"]
    assert to_spend(message, SCRIPT).GetTxid()[::-1].hex() == vector["to_spend"]
    assert to_sign(message, SCRIPT).GetTxid()[::-1].hex() == vector["to_sign"]
    for signature in vector["signatures"]:
        assert message_flaw(message, SCRIPT, signature) is None
    assert sign_message(message, KEY) in vector["signatures"]


@given(message=st.text(), number=st.integers(1, 2**128))
def test_what_is_signed_verifies_and_for_no_other_message_or_script(message: str, number: int) -> None:
    key = number.to_bytes(32, "big")
    script = p2wpkh_script(PrivateKey(key).public_key.format())
    signature = sign_message(message, key)
    assert message_flaw(message, script, signature) is None
    assert message_flaw(message + " ", script, signature) is MessageFlaw.INVALID
    assert message_flaw(message, SCRIPT, signature) is MessageFlaw.OTHER_KEY


@given(st.binary(max_size=200))
def test_any_bytes_are_a_flaw(raw: bytes) -> None:
    assert isinstance(message_flaw("Hello World", SCRIPT, base64.b64encode(raw).decode()), MessageFlaw)


@given(st.text(max_size=200))
def test_any_text_is_a_flaw(text: str) -> None:
    for flaw in (message_flaw("Hello World", SCRIPT, text, prefixed=True), bip137_flaw("Hello World", SCRIPT, text)):
        assert isinstance(flaw, MessageFlaw)


@given(place=st.integers(0, 1000), bit=st.integers(0, 7))
def test_no_bit_of_a_signature_can_change(place: int, bit: int) -> None:
    raw = bytearray(base64.b64decode(HELLO))
    raw[place % len(raw)] ^= 1 << bit
    assert message_flaw("Hello World", SCRIPT, base64.b64encode(bytes(raw)).decode()) is not None


@pytest.mark.parametrize(
    "signature",
    [" " + HELLO, HELLO + "\n", HELLO.rstrip("="), HELLO[:-2] + "J=", HELLO * 10, "smp" + HELLO],
    ids=["space", "line feed", "unpadded", "loose bits", "long", "prefix"],
)
def test_base64_has_one_form_and_no_prefix(signature: str) -> None:
    assert message_flaw("Hello World", SCRIPT, signature) is not None


def test_the_prefix_is_read_where_it_is_asked_for() -> None:
    assert message_flaw("Hello World", SCRIPT, "smp" + HELLO, prefixed=True) is None
    assert message_flaw("Hello World", SCRIPT, HELLO, prefixed=True) is None
    assert message_flaw("Hello World", SCRIPT, "smpsmp" + HELLO, prefixed=True) is MessageFlaw.NOT_BASE64


def test_trailing_bytes_and_a_third_item_are_refused() -> None:
    raw = base64.b64decode(HELLO)
    for changed in (raw + b"\x00", b"\x03" + raw[1:] + b"\x00", b"\x01" + raw[1:]):
        assert message_flaw("Hello World", SCRIPT, base64.b64encode(changed).decode()) is MessageFlaw.NOT_A_WITNESS


@pytest.mark.parametrize(
    "script",
    ["76a914" + "11" * 20 + "88ac", "a914" + "11" * 20 + "87", "0020" + "11" * 32, "5120" + "11" * 32],
    ids=["P2PKH", "P2SH", "P2WSH", "P2TR"],
)
def test_other_scripts_are_refused_by_name(script: str) -> None:
    flaw = message_flaw("Hello World", CScript(bytes.fromhex(script)), HELLO)
    assert flaw is MessageFlaw.OTHER_SCRIPT
    assert "P2WPKH" in str(flaw)


def test_text_that_is_no_utf8_is_an_encoding_error() -> None:
    for call in (lambda: sign_message("\ud800", KEY), lambda: message_flaw("\ud800", SCRIPT, HELLO)):
        with pytest.raises(EncodingError, match="not valid text"):
            call()


def test_a_signer_signs_messages_by_any_of_its_keys() -> None:
    signature = SoftwareSigner(KEYCHAIN, REGTEST).sign_message("dockchains login 1", UNIT)
    assert message_flaw("dockchains login 1", ACCOUNT.script(UNIT), signature) is None


BIP137_KEY = PrivateKey(bytes(decode("L41XHGJA5QX43QRG3FEwPbqD5BYvy6WxUxqAMM9oQdHJ5FcRHcGk"))[1:33])
BIP137_SCRIPT = CScript(b"\x00\x14" + Hash160(BIP137_KEY.public_key.format()))
BIP137_SIGNATURE = "J/iew/NhHV9V9MdUEn/LFOftaTy1ivGPKPKyMlr8OSokNC755fAxpSThNRivwTNsyY9vPUDTRYBPc2cmGd5d4y4="
"""Of "test message", by Bitcoin Core for this key, with the header that BIP137 gives to P2WPKH."""


def test_a_bip137_signature_of_a_p2wpkh_address_verifies() -> None:
    assert resembles_bip137(BIP137_SIGNATURE)
    assert not resembles_bip137(HELLO)
    assert bip137_flaw("test message", BIP137_SCRIPT, BIP137_SIGNATURE) is None
    assert bip137_flaw("test messag", BIP137_SCRIPT, BIP137_SIGNATURE) is MessageFlaw.INVALID
    assert bip137_flaw("test message", SCRIPT, BIP137_SIGNATURE) is MessageFlaw.INVALID
    assert bip137_flaw("test message", CScript(b"\x51\x20" + bytes(32)), HELLO) is MessageFlaw.OTHER_SCRIPT


@pytest.mark.parametrize("header", [26, 27, 31, 35, 38, 43, 255])
def test_bip137_headers_of_other_addresses_are_refused(header: int) -> None:
    raw = bytes((header,)) + base64.b64decode(BIP137_SIGNATURE)[1:]
    assert bip137_flaw("test message", BIP137_SCRIPT, base64.b64encode(raw).decode()) is MessageFlaw.NOT_A_WITNESS


@given(st.binary(min_size=64, max_size=64), st.integers(39, 42))
def test_no_random_bip137_signature_verifies(raw: bytes, header: int) -> None:
    text = base64.b64encode(bytes((header,)) + raw).decode()
    assert bip137_flaw("test message", BIP137_SCRIPT, text) is MessageFlaw.INVALID
