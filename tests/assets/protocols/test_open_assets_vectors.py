"""Every case of the published Open Assets tests, with the reference's behaviour where the specification differs."""

import json
from pathlib import Path
from typing import Any

import pytest
from bitcoin.core.script import CScript

from assets.model import MAX_QUANTITY, AssetId, AssetUnits
from assets.protocols.open_assets.address import asset_id_text, open_assets_address, parse_asset_id, plain_address
from assets.protocols.open_assets.integers import Reader, Truncated, leb128
from assets.protocols.open_assets.marker import Flaw, Marker, marker_in, parse_payload, payload_in, script_of
from assets.protocols.open_assets.rule import SpentOutput, asset_id_of, color_outputs
from wallet.errors import EncodingError
from wallet.network import MAINNET, REGTEST

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "openassets_reference_tests.json").read_text()
)
cases = pytest.mark.parametrize


@cases("case", VECTORS["leb128"])
def test_leb128_is_written_and_read_as_published(case: dict[str, str]) -> None:
    encoded = bytes.fromhex(case["hex"])
    assert leb128(int(case["value"])) == encoded
    assert Reader(encoded).leb128(2**70) == int(case["value"])


@cases("text", VECTORS["leb128_truncated_is_error"])
def test_truncated_leb128_is_refused(text: str) -> None:
    with pytest.raises(Truncated):
        Reader(bytes.fromhex(text)).leb128(MAX_QUANTITY)


@cases("case", VECTORS["parse_script_ok"])
def test_script_of_one_push_gives_its_payload(case: dict[str, str]) -> None:
    assert payload_in(bytes.fromhex(case["script"])) == bytes.fromhex(case["payload"])


@cases("text", VECTORS["parse_script_none"])
def test_any_other_script_gives_none(text: str) -> None:
    assert payload_in(bytes.fromhex(text)) is None


@cases("case", VECTORS["build_script"])
def test_script_is_written_with_the_shortest_push(case: dict[str, str]) -> None:
    assert script_of(bytes.fromhex(case["payload"])) == bytes.fromhex(case["script"])


@cases("case", VECTORS["payload_roundtrip"])
def test_payload_round_trips(case: dict[str, Any]) -> None:
    marker = Marker(tuple(int(quantity) for quantity in case["quantities"]), bytes.fromhex(case["metadata"]))
    assert marker.serialize() == bytes.fromhex(case["payload"])
    assert parse_payload(bytes.fromhex(case["payload"])) == marker


@cases("text", VECTORS["payload_invalid"])
def test_invalid_payload_is_a_flaw(text: str) -> None:
    assert isinstance(parse_payload(bytes.fromhex(text)), Flaw)


def test_example_of_the_specification_is_read() -> None:
    case = VECTORS["spec_example_marker"]
    expected = Marker(tuple(int(quantity) for quantity in case["quantities"]), bytes.fromhex(case["metadata"]))
    assert marker_in(CScript(bytes.fromhex(case["script"]))) == expected


@cases("case", VECTORS["asset_id"])
def test_asset_id_and_its_two_texts_are_as_published(case: dict[str, str]) -> None:
    asset = asset_id_of(bytes.fromhex(case["script"]))
    assert asset.hex() == case["hash160"]
    assert asset_id_text(asset, MAINNET) == case["mainnet_version_23"]
    assert asset_id_text(asset, REGTEST) == case["testnet_version_115"]
    assert parse_asset_id(case["mainnet_version_23"], MAINNET) == asset


def _script_of_case(case: dict[str, str]) -> bytes:
    if "script" in case:
        return bytes.fromhex(case["script"])
    if "pubkey_hash" in case:
        return b"\x76\xa9\x14" + bytes.fromhex(case["pubkey_hash"]) + b"\x88\xac"
    from bitcoin.core import Hash160

    return b"\x76\xa9\x14" + bytes(Hash160(bytes.fromhex(case["pubkey"]))) + b"\x88\xac"


@cases("case", VECTORS["asset_id_more"])
def test_more_asset_ids_are_as_published(case: dict[str, str]) -> None:
    asset = asset_id_of(_script_of_case(case))
    if "testnet" in case:
        assert asset_id_text(asset, REGTEST) == case["testnet"]
    else:
        assert asset_id_text(asset, MAINNET) == case["mainnet"]


@cases("case", VECTORS["address_format"])
def test_open_assets_address_round_trips(case: dict[str, str]) -> None:
    assert open_assets_address(case["address"]) == case["oa_address"]
    assert plain_address(case["oa_address"]) == case["address"]


@cases("text", VECTORS["address_format_bad_checksum"])
def test_address_with_a_typing_error_is_refused(text: str) -> None:
    with pytest.raises(EncodingError, match="checksum"):
        plain_address(text)


def test_asset_id_of_another_network_names_it() -> None:
    with pytest.raises(EncodingError, match="belongs to mainnet"):
        parse_asset_id("ALn3aK1fSuG27N96UGYB1kUYUpGKRhBuBC", REGTEST)


@cases("text", ["", "0OIl", "A" * 40, "A" * 4000, "ä", "1" * 20, "akB4NBW9UuCmHuepksob6yfZs6naHtRCPNy"])
def test_text_that_is_no_asset_id_is_refused(text: str) -> None:
    with pytest.raises(EncodingError):
        parse_asset_id(text, MAINNET)


@cases("text", ["16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM", "", "bc1qxyz"])
def test_plain_address_is_no_open_assets_address(text: str) -> None:
    with pytest.raises(EncodingError):
        plain_address(text)


def _spent(item: dict[str, Any]) -> SpentOutput:
    units = None if item["asset"] is None else AssetUnits(AssetId(item["asset"].encode()), item["quantity"])
    return SpentOutput(bytes.fromhex(item["script"]), units)


def _asset(text: str | None) -> bytes | None:
    if text is None:
        return None
    kind, _, hexadecimal = text.partition(":")
    return bytes.fromhex(hexadecimal) if kind == "issue" else text.encode()


@cases("case", VECTORS["compute_asset_ids"], ids=lambda case: case["name"])
def test_outputs_are_coloured_as_by_the_reference(case: dict[str, Any]) -> None:
    spent = [_spent(item) for item in case["inputs"]]
    colored = color_outputs(case["quantities"], case["marker_index"], case["output_count"], spent)
    if case["expected"] is None:
        assert isinstance(colored, Flaw)
        return
    assert not isinstance(colored, Flaw)
    assert [
        (output.type.value, output.units.asset if output.units else None, output.units.quantity if output.units else 0)
        for output in colored
    ] == [(item["type"], _asset(item["asset"]), item["quantity"]) for item in case["expected"]]
