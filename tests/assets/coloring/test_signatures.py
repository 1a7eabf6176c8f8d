"""Records, rule 3: which witnesses commit to a whole transaction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.coloring.signatures import commits_to_everything, is_strict_der, witness_of
from tests.builders import ALL, ANYONECANPAY, NONE, SINGLE, Graph, der_signature, p2pkh, p2tr, p2wsh, public_key, script

PARTIAL = [NONE, SINGLE, ALL | ANYONECANPAY, NONE | ANYONECANPAY, SINGLE | ANYONECANPAY, 0x00, 0x41, 0x11]
P2WPKH, P2TR, P2WSH = script("a"), p2tr("a"), p2wsh(b"\x51")
OTHERS = [p2pkh("a"), b"\xa9\x14" + bytes(20) + b"\x87", b"\x52\x20" + bytes(32), b"\x51\x02\x4e\x73", b"", b"\x00"]


def test_p2wpkh_with_sighash_all_commits() -> None:
    assert commits_to_everything((der_signature(), public_key()), P2WPKH) is True


@pytest.mark.parametrize("sighash", PARTIAL)
def test_p2wpkh_with_any_other_sighash_does_not(sighash: int) -> None:
    assert commits_to_everything((der_signature("", sighash), public_key()), P2WPKH) is False


@pytest.mark.parametrize(
    "witness",
    [
        (der_signature(),),
        (der_signature(), public_key(), b""),
        (b"", public_key()),
        (public_key(), der_signature())[:1],
    ],
)
def test_p2wpkh_needs_two_items_and_a_signature(witness: tuple[bytes, ...]) -> None:
    assert commits_to_everything(witness, P2WPKH) is False


@pytest.mark.parametrize("witness", [(bytes(64),), (b"\x02" * 64,), (bytes(64) + b"\x01",)])
def test_taproot_key_spend_with_default_or_all_commits(witness: tuple[bytes, ...]) -> None:
    assert commits_to_everything(witness, P2TR) is True


@pytest.mark.parametrize(
    "witness",
    [*[(bytes(64) + bytes([kind]),) for kind in PARTIAL], (bytes(64), b"\x50"), (bytes(64), b"\x51", b"\xc0"), (b"",)],
)
def test_taproot_script_spend_annex_or_partial_signature_does_not(witness: tuple[bytes, ...]) -> None:
    assert commits_to_everything(witness, P2TR) is False


def multisig(needed: int, keys: int) -> bytes:
    """`needed` of `keys`, with made-up keys."""
    pushes = b"".join(b"\x21" + bytes([2]) + bytes([number]) * 32 for number in range(keys))
    return bytes([0x50 + needed]) + pushes + bytes([0x50 + keys, 0xAE])


def spent(script: bytes, *items: bytes) -> bool | None:
    """What a witness over a P2WSH script says."""
    return commits_to_everything((*items, script), p2wsh(script))


SIGNED = tuple(der_signature(name) for name in "abc")


@pytest.mark.parametrize(("needed", "keys"), [(1, 1), (2, 2), (2, 3), (1, 16), (16, 16)])
def test_p2wsh_multisig_with_exactly_m_signatures_for_everything_commits(needed: int, keys: int) -> None:
    signatures = [der_signature(str(number)) for number in range(needed)]
    assert spent(multisig(needed, keys), b"", *signatures) is True


@pytest.mark.parametrize("sighash", PARTIAL)
def test_p2wsh_with_one_partial_signature_does_not(sighash: int) -> None:
    assert spent(multisig(2, 3), b"", SIGNED[0], der_signature("b", sighash)) is False


@pytest.mark.parametrize(
    "items",
    [
        (b"", SIGNED[0]),
        (b"", *SIGNED),
        (*SIGNED[:2],),
        (b"\x00", *SIGNED[:2]),
        (b"", b"", *SIGNED[:2]),
        (b"", SIGNED[0], b""),
        (b"", SIGNED[0], b"\x01"),
        (b"", SIGNED[0], SIGNED[1][:-2] + b"\x01"),
        (),
    ],
    ids=[
        "too few",
        "too many",
        "no empty item",
        "an item that is not empty",
        "two",
        "empty",
        "one byte",
        "DER",
        "none",
    ],
)
def test_p2wsh_multisig_wants_exactly_its_witness(items: tuple[bytes, ...]) -> None:
    assert spent(multisig(2, 3), *items) is False


@pytest.mark.parametrize(
    "script",
    [
        multisig(2, 3) + b"\x51",
        b"\x61" + multisig(2, 3),
        multisig(3, 2),
        b"\x00" + multisig(2, 3)[1:],
        multisig(2, 3)[:-2] + b"\x54\xae",
        multisig(2, 3)[:-1] + b"\xaf",
        b"\x52\x41" + b"\x04" + bytes(64) + multisig(1, 1)[1:-2] + b"\x52\xae",
        b"\x52\x01\x02" + multisig(1, 1)[1:-2] + b"\x52\xae",
        b"\x51\x51\xae",
        b"\x52\xae",
        b"\xae",
        b"\x51",
        b"\x52",
        b"\x21" + public_key() + b"\xac",
        b"\x63" + multisig(2, 3) + b"\x68",
    ],
)
def test_p2wsh_with_any_other_script_does_not(script: bytes) -> None:
    for items in (SIGNED[:2], (b"", *SIGNED[:2]), (b"", SIGNED[0]), (SIGNED[0],), (b"",), (b"\x01",)):
        assert spent(script, *items) is False


def test_p2wsh_with_another_script_than_its_own_does_not() -> None:
    assert commits_to_everything((b"", *SIGNED[:2], multisig(2, 3)), p2wsh(multisig(2, 2))) is False


@pytest.mark.parametrize("other", OTHERS)
def test_no_other_script_authors_whatever_its_witness(other: bytes) -> None:
    assert commits_to_everything((der_signature(), public_key()), other) is False
    assert commits_to_everything((), other) is False


@pytest.mark.parametrize("segwit_script", [P2WPKH, P2TR, P2WSH])
def test_missing_witness_says_nothing(segwit_script: bytes) -> None:
    assert commits_to_everything((), segwit_script) is None


def test_witness_of_a_stripped_transaction_is_empty() -> None:
    graph = Graph()
    tx = graph.coin("coin", "a")
    assert witness_of(tx, 0) != ()
    assert witness_of(tx, 5) == ()


# BIP66: valid and broken forms of one signature, each with its sighash byte.
R_VALUE = "0" + "1" * 63
S_VALUE = "0" + "2" * 63
VALID = f"3044 0220 {R_VALUE} 0220 {S_VALUE} 01"


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        (VALID, True),
        ("3006 020101 020101 01", True),
        ("3008 02020080 02020080 01", True),
        (VALID.replace("3044", "3144"), False),
        (VALID.replace("3044", "3045"), False),
        (VALID.replace("3044", "3043"), False),
        (VALID.replace("0220", "0320", 1), False),
        (VALID.replace("0220", "0221", 1), False),
        (f"3044 0220 {R_VALUE} 0320 {S_VALUE} 01", False),
        (f"3044 0220 {R_VALUE} 021f {S_VALUE} 01", False),
        ("3006 020181 020101 01", False),
        ("3006 020101 020181 01", False),
        ("3007 02020001 020101 01", False),
        ("3007 020101 02020001 01", False),
        ("3006 0200 02020101 01", False),
        ("3006 02020101 0200 01", False),
        ("3005 0200 020101 01", False),
        (VALID + "00", False),
        (VALID[:-2], False),
        ("", False),
        ("30", False),
        ("30ff" + "ff" * 70, False),
        ("30460221" + "00" * 33 + "0221" + "00" * 33 + "01", False),
    ],
)
def test_strict_der_is_bip66s(text: str, strict: bool) -> None:
    assert is_strict_der(bytes.fromhex(text.replace(" ", ""))) is strict


@given(st.binary(max_size=80), st.lists(st.binary(max_size=80), max_size=4), st.sampled_from([P2WPKH, P2TR, P2WSH]))
def test_any_witness_is_judged_without_an_error(item: bytes, witness: list[bytes], segwit_script: bytes) -> None:
    is_strict_der(item)
    is_strict_der(b"\x30" + bytes([max(len(item) - 2, 0)]) + item)
    assert (commits_to_everything(witness, segwit_script) is None) is (not witness)
