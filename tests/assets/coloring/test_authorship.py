"""Which records speak for the holder of the title."""

from collections.abc import Sequence

import pytest
from bitcoin.core import CTransaction, CTxOut

from assets.coloring.authorship import authorship
from assets.coloring.transfer import apply
from assets.model import Authorship, Genuine
from tests.builders import (
    ALL,
    ANYONECANPAY,
    NONE,
    SINGLE,
    Graph,
    Spend,
    marker,
    p2pkh,
    pay,
    script,
    segwit,
    with_witnesses,
)
from wallet.hashes import Txid

G1, G2 = Txid(b"\x01" * 32), Txid(b"\x02" * 32)
TITLE = Genuine(genesis=G1, quantity=1, title=True)
UNITS = Genuine(genesis=G1, quantity=5, title=False)
RECORD = b"DC\x01\x02" + bytes(32) + b"1.0"
OWNER = script("owner")


def judge(tx: CTransaction, spent: Sequence[Genuine | None] = (TITLE,), spent0: bytes = OWNER) -> Authorship:
    spent = [*spent, *[None] * (len(tx.vin) - len(spent))]
    return authorship(tx, spent[0], spent0, apply(tx, spent))


def tx(*outputs: CTxOut, witness: tuple[bytes, ...] = segwit(), inputs: int = 1) -> CTransaction:
    graph = Graph()
    graph.coin("title", *[OWNER] * inputs)
    return graph.add("tx", [Spend(f"title:{number}", witness) for number in range(inputs)], outputs)


def test_record_of_the_holder_on_the_same_script_counts() -> None:
    assert judge(tx(marker([1], RECORD), pay(OWNER), pay("change"))) is Authorship.AUTHORISED


@pytest.mark.parametrize("sighash", [SINGLE | ANYONECANPAY, ALL | ANYONECANPAY, NONE | ANYONECANPAY, SINGLE, NONE])
def test_record_written_around_a_lifted_signature_does_not(sighash: int) -> None:
    moved = tx(marker([1], RECORD), pay(OWNER), witness=segwit("", sighash))
    assert judge(moved) is Authorship.PARTIAL_SIGNATURE


def test_record_in_a_handover_speaks_for_nobody() -> None:
    assert judge(tx(marker([1], RECORD), pay("buyer"))) is Authorship.OTHER_SCRIPT


def test_record_whose_title_goes_to_output_2_does_not_count() -> None:
    assert judge(tx(marker([0, 1], RECORD), pay(OWNER), pay(OWNER))) is Authorship.OTHER_SCRIPT


def test_record_behind_an_output_does_not_count() -> None:
    assert judge(tx(pay(OWNER), marker([0, 1], RECORD), pay(OWNER))) is Authorship.WRONG_PLACE


def test_record_by_access_units_does_not_count() -> None:
    assert judge(tx(marker([5], RECORD), pay(OWNER)), [UNITS]) is Authorship.NOT_TITLE


def test_record_of_a_title_behind_other_units_does_not_count() -> None:
    moved = tx(marker([5, 1], RECORD), pay(OWNER), pay(OWNER), inputs=2)
    assert judge(moved, [UNITS, TITLE]) is Authorship.NOT_TITLE


def test_record_of_a_frozen_title_does_not_count() -> None:
    moved = tx(marker([6], RECORD), pay(OWNER), inputs=2)
    assert judge(moved, [TITLE, UNITS]) is Authorship.OTHER_SCRIPT


def test_record_in_what_is_no_closed_transfer_does_not_count() -> None:
    assert judge(tx(marker([2], RECORD), pay(OWNER))) is Authorship.NO_RECORD
    assert judge(tx(marker([1], RECORD), marker([1], RECORD), pay(OWNER))) is Authorship.NO_RECORD


def test_transfer_without_metadata_has_no_record() -> None:
    assert judge(tx(marker([1]), pay(OWNER))) is Authorship.NO_RECORD


def test_record_without_its_witness_is_unproven_and_never_ignored() -> None:
    moved = tx(marker([1], RECORD), pay(OWNER))
    assert judge(with_witnesses(moved, [()])) is Authorship.UNPROVEN
    assert judge(with_witnesses(moved, [])) is Authorship.UNPROVEN


def test_witness_does_not_matter_where_the_shape_is_no_records() -> None:
    handover = with_witnesses(tx(marker([1], RECORD), pay("buyer")), [()])
    assert judge(handover) is Authorship.OTHER_SCRIPT


def test_title_on_a_legacy_script_authors_nothing() -> None:
    legacy = p2pkh("owner")
    assert judge(tx(marker([1], RECORD), pay(legacy)), spent0=legacy) is Authorship.PARTIAL_SIGNATURE


def test_record_in_a_payload_of_81_bytes_does_not_count() -> None:
    longest = RECORD + bytes(73 - len(RECORD))
    assert judge(tx(marker([1], longest), pay(OWNER))) is Authorship.AUTHORISED
    moved = tx(marker([1, 1], longest), pay(OWNER), pay("a"), inputs=2)
    assert judge(moved, [TITLE, UNITS]) is Authorship.OVERSIZE
