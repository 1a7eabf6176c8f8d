"""Whose records count: the forms of a witness for each kind of script, by hand."""

import pytest

from tests.judge import writing
from tests.judge.simple_record import commits_to_everything
from tests.judge.table import OWNER, SIGNED, Row, digest, lineage
from tests.judge.writing import multisig, signature

KEY = b"\x02" + bytes(32)
TWO_OF_THREE = multisig(2, 3)
GOOD = (b"", signature(), signature(), TWO_OF_THREE)
PADDED = signature()[:3] + b"\x21\x00" + signature()[4:]


@pytest.mark.parametrize(
    ("script", "witness", "counts"),
    [
        pytest.param(OWNER, (signature(), KEY), True, id="p2wpkh"),
        pytest.param(OWNER, (signature(2), KEY), False, id="p2wpkh, none"),
        pytest.param(OWNER, (signature(0x81), KEY), False, id="p2wpkh, anyone can pay"),
        pytest.param(OWNER, (signature(),), False, id="p2wpkh, one item"),
        pytest.param(OWNER, (signature(), KEY, b""), False, id="p2wpkh, three items"),
        pytest.param(writing.p2tr("a"), (bytes(64),), True, id="p2tr"),
        pytest.param(writing.p2tr("a"), (bytes(64) + b"\x01",), True, id="p2tr, 65 bytes"),
        pytest.param(writing.p2tr("a"), (bytes(64) + b"\x00",), False, id="p2tr, ending in 00"),
        pytest.param(writing.p2tr("a"), (bytes(64) + b"\x03",), False, id="p2tr, single"),
        pytest.param(writing.p2tr("a"), (bytes(64), b"\x50"), False, id="p2tr, annex"),
        pytest.param(writing.p2tr("a"), (bytes(64), b"\x51", b"\xc0" + bytes(32)), False, id="p2tr, script"),
        pytest.param(writing.p2wsh(TWO_OF_THREE), GOOD, True, id="p2wsh"),
        pytest.param(writing.p2wsh(TWO_OF_THREE), GOOD[1:], False, id="p2wsh, no empty item"),
        pytest.param(writing.p2wsh(TWO_OF_THREE), (b"\x00", *GOOD[1:]), False, id="p2wsh, an item that is not empty"),
        pytest.param(writing.p2wsh(TWO_OF_THREE), (b"", signature(), TWO_OF_THREE), False, id="p2wsh, too few"),
        pytest.param(writing.p2wsh(TWO_OF_THREE), (b"", *GOOD), False, id="p2wsh, two empty items"),
        pytest.param(
            writing.p2wsh(TWO_OF_THREE), (b"", signature(), signature(3), TWO_OF_THREE), False, id="p2wsh, one single"
        ),
        pytest.param(
            writing.p2wsh(TWO_OF_THREE), (b"", signature(), PADDED, TWO_OF_THREE), False, id="p2wsh, loose DER"
        ),
        pytest.param(
            writing.p2wsh(b"\x51" + TWO_OF_THREE), (*GOOD[:-1], b"\x51" + TWO_OF_THREE), False, id="p2wsh, more script"
        ),
        pytest.param(
            writing.p2wsh(b"\x21" + KEY + b"\xac"), (signature(), b"\x21" + KEY + b"\xac"), False, id="p2wsh, one key"
        ),
        pytest.param(writing.p2wsh(b"\x00\x51\xae"), (b"", b"\x00\x51\xae"), False, id="p2wsh, none of none"),
        pytest.param(
            writing.p2wsh(b"\x00" + TWO_OF_THREE[1:]), (b"", b"\x00" + TWO_OF_THREE[1:]), False, id="p2wsh, none of 3"
        ),
        pytest.param(
            writing.p2wsh(TWO_OF_THREE[:-1] + b"\xaf"), (*GOOD[:-1], TWO_OF_THREE[:-1] + b"\xaf"), False, id="verify"
        ),
        pytest.param(b"\x76\xa9\x14" + bytes(20) + b"\x88\xac", (signature(), KEY), False, id="p2pkh"),
        pytest.param(b"\x52\x20" + bytes(32), (bytes(64),), False, id="a later version"),
    ],
)
def test_a_signature_that_commits_to_everything(script: bytes, witness: tuple[bytes, ...], counts: bool) -> None:
    assert commits_to_everything(script, witness) is counts


RELEASE = writing.release(digest("A"), b"1")
ELSEWHERE = writing.p2wpkh("somebody")


@pytest.mark.parametrize(
    ("outputs", "counts", "frozen"),
    [
        pytest.param((writing.marker([1], RELEASE), (9_000, OWNER)), True, False, id="in its place"),
        pytest.param((writing.marker([1], RELEASE), (9_000, ELSEWHERE)), False, False, id="to another script"),
        pytest.param((writing.marker([0, 1], RELEASE), (9_000, OWNER), (9_000, OWNER)), False, False, id="output 2"),
        pytest.param(((9_000, OWNER), writing.marker([0, 1], RELEASE), (9_000, OWNER)), False, False, id="marker 1"),
        pytest.param((writing.marker([2], RELEASE), (9_000, OWNER)), False, True, id="more than there is"),
        pytest.param((writing.marker([], RELEASE), (9_000, OWNER)), False, True, id="nothing moves"),
        pytest.param(
            (writing.marker([1], RELEASE), writing.marker([1]), (9_000, OWNER)), False, True, id="two markers"
        ),
        pytest.param(
            (writing.marker([1, 0], RELEASE), (9_000, OWNER), (9, OWNER)), False, True, id="a zero at the end"
        ),
        pytest.param(((9_000, OWNER), writing.marker([1], RELEASE)), False, True, id="a quantity before the marker"),
    ],
)
def test_where_a_record_stands(outputs: tuple[writing.Output, ...], counts: bool, frozen: bool) -> None:
    repository = lineage([Row(b"", outputs=outputs)])
    assert any(entry.counts for entry in repository.history[1:]) is counts
    assert repository.frozen is frozen


def test_a_genesis_whose_signature_leaves_something_open_is_none() -> None:
    assert lineage([]).counted()[0].record is not None
    assert SIGNED[0][-1] == 1
    with_hole = (signature(0x83), KEY)
    try:
        lineage([], genesis_witness=with_hole)
    except KeyError:
        return
    raise AssertionError("it made a repository")
