"""57 real transactions: their colours by the reference, and by what other implementations published."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bitcoin.core import COutPoint, CTransaction

from assets.protocols.open_assets.address import asset_id_text
from assets.protocols.open_assets.rule import ColoredOutput, SpentOutput, color_transaction, markers_in
from wallet.hashes import display, parse_txid, txid_of
from wallet.network import MAINNET, REGTEST

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "openassets_real_transactions.json").read_text()
)
TRANSACTIONS = {
    parse_txid(txid): CTransaction.deserialize(bytes.fromhex(case["hex"]))
    for txid, case in VECTORS["transactions"].items()
}


@cache
def colors_of(txid: bytes) -> tuple[ColoredOutput, ...]:
    """The colours of a transaction; the graph is shallow enough for recursion. KeyError: an ancestor is missing."""
    tx = TRANSACTIONS[txid]  # type: ignore[index]
    return color_transaction(tx, [_spent(txin.prevout) for txin in tx.vin] if markers_in(tx) else [])


def _spent(outpoint: COutPoint) -> SpentOutput:
    tx = TRANSACTIONS[outpoint.hash]
    return SpentOutput(bytes(tx.vout[outpoint.n].scriptPubKey), colors_of(outpoint.hash)[outpoint.n].units)


@pytest.mark.parametrize("txid", VECTORS["transactions"])
def test_transaction_has_the_colours_of_the_reference(txid: str) -> None:
    expected = VECTORS["transactions"][txid]["reference"]
    assert display(txid_of(TRANSACTIONS[parse_txid(txid)])) == txid
    if expected is None:
        with pytest.raises(KeyError):
            colors_of(parse_txid(txid))
        return
    colored = colors_of(parse_txid(txid))
    assert [_row(output) for output in colored] == [
        (item["type"], item["asset_hash"], item["asset_main"], item["asset_test"], int(item["quantity"]))
        for item in expected
    ]


def _row(output: ColoredOutput) -> tuple[str, str | None, str | None, str | None, int]:
    if output.units is None:
        return (output.type.value, None, None, None, 0)
    asset = output.units.asset
    return (
        output.type.value,
        asset.hex(),
        asset_id_text(asset, MAINNET),
        asset_id_text(asset, REGTEST),
        output.units.quantity,
    )


@pytest.mark.parametrize("case", VECTORS["published_expectations"])
def test_published_expectation_holds_where_the_reference_agrees(case: dict[str, Any]) -> None:
    colored = colors_of(parse_txid(case["txid"]))
    outputs = range(len(colored)) if case["vout"] is None else [case["vout"]]
    network, asset = (MAINNET, case["asset_main"]) if "asset_main" in case else (REGTEST, case["asset_test"])
    agrees = any(
        (None if units is None else asset_id_text(units.asset, network)) == asset
        and case["quantity"] in (None, str(units.quantity if units else 0))
        for output in outputs
        for units in (colored[output].units,)
    )
    assert agrees is (case["reference_agrees"] is not False)


@pytest.mark.parametrize("case", VECTORS["nbitcoin_cases"], ids=lambda case: case["test"])
def test_nbitcoin_case_has_its_asset(case: dict[str, str]) -> None:
    assets = {
        asset_id_text(output.units.asset, MAINNET)
        for output in colors_of(parse_txid(case["tested_txid"]))
        if output.units
    }
    assert assets == {case["published_asset_main"]}


def test_two_markers_are_read_as_the_reference_reads_them() -> None:
    txid = parse_txid(VECTORS["published_disagreement"]["txid"])
    assert len(markers_in(TRANSACTIONS[txid])) == 2
    assert [output.units.quantity if output.units else 0 for output in colors_of(txid)] == [0, 100, 9800, 0, 0]
