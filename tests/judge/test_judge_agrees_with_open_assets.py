"""The judge itself, against colours that the Open Assets reference computed for real transactions."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.judge.simple_coloring import Judged, judge_transactions
from tests.judge.simple_marker import loose_marker
from tests.judge.simple_transaction import SimpleTx, transaction_from_hex

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / "openassets_real_transactions.json").read_bytes())
    return loaded


def in_chain_order(transactions: dict[str, SimpleTx]) -> list[SimpleTx]:
    ordered: dict[str, SimpleTx] = {}
    while len(ordered) < len(transactions):
        for txid, tx in transactions.items():
            if all(spent in ordered or spent not in transactions for spent, _ in tx.spends):
                ordered[txid] = tx
    return list(ordered.values())


def test_real_transactions_get_the_colors_of_the_reference(real: dict[str, Any]) -> None:
    transactions = {txid: transaction_from_hex(entry["hex"]) for txid, entry in real["transactions"].items()}
    judged = Judged()
    compared = 0
    for tx in in_chain_order(transactions):
        for coin in tx.spends:
            judged.scripts.setdefault(coin, b"")
        judged.add(tx, None)
        expected = real["transactions"][tx.txid].get("reference") or []
        for n, output in enumerate(expected):
            color = judged.colors.get((tx.txid, n))
            if output["type"] == "issuance" and tx.spends[0][0] not in transactions:
                continue  # the issuing script is not among the vectors
            assert (color.quantity if color else 0) == int(output["quantity"]), (tx.txid, n)
            if output["asset_hash"] is not None:
                assert color is not None
                assert color.asset == output["asset_hash"]
            compared += 1
    assert compared > 100


def test_markers_are_read_as_the_reference_reads_them() -> None:
    vectors = json.loads((VECTORS / "openassets_reference_tests.json").read_bytes())
    example = vectors["spec_example_marker"]
    marker = loose_marker(bytes.fromhex(example["script"]))
    assert marker is not None
    assert marker.quantities == tuple(int(quantity) for quantity in example["quantities"])
    assert marker.metadata.hex() == example["metadata"]
    for payload in vectors["payload_invalid"]:
        raw = bytes.fromhex(payload)
        assert loose_marker(b"\x6a" + bytes([len(raw)]) + raw) is None
    for case in vectors["payload_roundtrip"]:
        raw = bytes.fromhex(case["payload"])
        push = bytes([len(raw)]) if len(raw) < 76 else b"\x4d" + len(raw).to_bytes(2, "little")
        marker = loose_marker(b"\x6a" + push + raw)
        assert marker is not None
        assert marker.quantities == tuple(int(quantity) for quantity in case["quantities"])
    for script in vectors["parse_script_none"]:
        assert loose_marker(bytes.fromhex(script)) is None


def test_a_chain_without_markers_has_no_colors() -> None:
    assert judge_transactions([]).repositories == {}
