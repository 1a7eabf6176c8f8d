import json
from contextlib import suppress
from pathlib import Path

import pytest
from bitcoin.core.script import CScript
from hypothesis import given
from hypothesis import strategies as st

from wallet.errors import EncodingError
from wallet.keys.address import address_of, parse_address, parse_unit_address, unit_address_of
from wallet.network import MAINNET, NETWORKS, REGTEST, SIGNET, TESTNET4, Network
from wallet.remedies import WalletRemedy

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "bip173_350.json").read_text())
P2WPKH = CScript(b"\x00\x14" + bytes(range(20)))
NETWORK = st.sampled_from(tuple(NETWORKS.values()))


def addressable() -> st.SearchStrategy[CScript]:
    hash160 = st.binary(min_size=20, max_size=20)
    hash256 = st.binary(min_size=32, max_size=32)
    return st.one_of(
        hash160.map(lambda h: b"\x76\xa9\x14" + h + b"\x88\xac"),
        hash160.map(lambda h: b"\xa9\x14" + h + b"\x87"),
        hash160.map(lambda h: b"\x00\x14" + h),
        hash256.map(lambda h: b"\x00\x20" + h),
        hash256.map(lambda h: b"\x51\x20" + h),
    ).map(CScript)


@given(addressable(), NETWORK)
def test_addresses_round_trip(script: CScript, network: Network) -> None:
    assert parse_address(address_of(script, network), network) == script


@given(st.sampled_from([b"\x00\x14", b"\x00\x20", b"\x51\x20"]), st.binary(min_size=32, max_size=32), NETWORK)
def test_unit_addresses_round_trip(head: bytes, tail: bytes, network: Network) -> None:
    script = CScript(head + tail[: head[1]])
    text = unit_address_of(script, network)
    assert text.startswith(network.unit_hrp + "1")
    assert parse_unit_address(text, network) == script
    assert parse_unit_address(text.upper(), network) == script


@pytest.mark.parametrize(("text", "script"), VECTORS["addresses"])
def test_bip350_addresses_parse(text: str, script: str) -> None:
    network = MAINNET if text.lower().startswith("bc1") else SIGNET
    assert bytes(parse_address(text, network)).hex() == script
    assert address_of(CScript(bytes.fromhex(script)), network) == text.lower()


@pytest.mark.parametrize("text", VECTORS["addresses_invalid"])
@pytest.mark.parametrize("network", [MAINNET, SIGNET], ids=lambda network: network.name)
def test_bip350_invalid_addresses_are_refused(text: str, network: Network) -> None:
    with pytest.raises(EncodingError):
        parse_address(text, network)


def test_known_base58_addresses_parse() -> None:
    p2pkh = parse_address("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", MAINNET)
    assert bytes(p2pkh).hex() == "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"
    p2sh = parse_address("3P14159f73E4gFr7JterCCQh9QjiTjiZrG", MAINNET)
    assert bytes(p2sh).hex() == "a914e9c3dd0c07aac76179ebc76a6c78d4d67c6c160a87"


@pytest.mark.parametrize("kind", ["bech32", "base58"])
def test_another_networks_address_is_refused_by_its_name(kind: str) -> None:
    script = P2WPKH if kind == "bech32" else CScript(b"\xa9\x14" + bytes(20) + b"\x87")
    with pytest.raises(EncodingError, match="belongs to mainnet"):
        parse_address(address_of(script, MAINNET), REGTEST)
    with pytest.raises(EncodingError, match="signet"):
        parse_address(address_of(script, TESTNET4), MAINNET)


def test_another_networks_unit_address_is_refused_by_its_name() -> None:
    with pytest.raises(EncodingError, match="belongs to mainnet"):
        parse_unit_address(unit_address_of(P2WPKH, MAINNET), REGTEST)
    with pytest.raises(EncodingError, match="belongs to regtest"):
        parse_unit_address(unit_address_of(P2WPKH, REGTEST), SIGNET)


@given(NETWORK, NETWORK)
def test_a_unit_address_is_never_taken_for_a_bitcoin_address(mine: Network, other: Network) -> None:
    with pytest.raises(EncodingError, match="unit address, where a Bitcoin address is wanted"):
        parse_address(unit_address_of(P2WPKH, other), mine)


def test_a_plain_address_is_never_taken_for_a_unit_address() -> None:
    with pytest.raises(EncodingError, match="where a unit address is wanted") as caught:
        parse_unit_address(address_of(P2WPKH, REGTEST), REGTEST)
    assert "burn" in caught.value.hint
    assert caught.value.advice == WalletRemedy.WANT_UNIT_ADDRESS.of(hrp=REGTEST.unit_hrp)


def test_scripts_without_address_are_refused() -> None:
    for script in (b"", b"\x6a\x04abcd", b"\x00\x14" + bytes(19), b"\x00\x15" + bytes(21), bytes(35)):
        with pytest.raises(EncodingError):
            address_of(CScript(script), REGTEST)


def test_only_the_scripts_that_may_hold_units_have_a_unit_address() -> None:
    scripts = (b"\x76\xa9\x14" + bytes(20) + b"\x88\xac", b"\x52\x20" + bytes(32), b"\x51\x14" + bytes(20))
    for script in scripts:
        with pytest.raises(EncodingError):
            unit_address_of(CScript(script), REGTEST)


@given(
    st.one_of(st.text(max_size=100), st.from_regex(r"(bc|tb|bcrt|dc|dct|dcrt)1[02-9ac-hj-np-z]{6,80}", fullmatch=True))
)
def test_any_text_parses_or_is_refused_with_a_reason(text: str) -> None:
    for parse in (parse_address, parse_unit_address):
        with suppress(EncodingError):
            parse(text, REGTEST)
