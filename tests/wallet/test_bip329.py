"""Labels as JSON lines: what other wallets write is read, what is damaged is named, nothing is half read."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.bip329 import MAX_FILE, MAX_LABEL, read_labels, write_labels
from wallet.errors import EncodingError
from wallet.store.wallet_store import Label, LabelType

TXID = "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd"
ADDRESS = "bc1q34aq5drpuwy3wgl9lhup9892qp6svr8ldzyy7c"
XPUB = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"
PUBLIC_KEY = "0283409659355b6d1cc3c32decd5d561abaac86c37a353b52895a5e6c196d6f448"
PUBLISHED = "\n".join(
    json.dumps(line)
    for line in (
        {"type": "tx", "ref": TXID, "label": "Transaction", "origin": "wpkh([d34db33f/84'/0'/0'])"},
        {"type": "addr", "ref": ADDRESS, "label": "Address"},
        {"type": "pubkey", "ref": PUBLIC_KEY, "label": "Public Key"},
        {"type": "input", "ref": f"{TXID}:0", "label": "Input"},
        {"type": "output", "ref": f"{TXID}:1", "label": "Output", "spendable": False},
        {"type": "xpub", "ref": XPUB, "label": "Extended Public Key"},
        {"type": "tx", "ref": "f546156d9044844e02b181026a1a407abfca62e7ea1159f87bbeaa77b4286c74", "label": ""},
        {"type": "spscan", "ref": "spscan1q", "label": "of a type that came later"},
    )
)
"""The examples of BIP329, in its order, and a line of a type that this version does not know."""


def test_the_published_examples_are_read() -> None:
    read = read_labels(PUBLISHED.encode())
    assert [label.type for label in read.labels] == [
        LabelType.TX, LabelType.ADDR, LabelType.PUBKEY, LabelType.INPUT, LabelType.OUTPUT, LabelType.XPUB, LabelType.TX,
    ]  # fmt: skip
    assert read.skipped == 1
    assert read.labels[0].origin == "wpkh([d34db33f/84'/0'/0'])"
    assert [label.spendable for label in read.labels] == [None, None, None, None, False, None, None]
    assert read.labels[6].label == ""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: it is not JSON"),
        ("[1]", "it is no JSON object"),
        ('{"ref": "x"}', "it has no type"),
        ('{"type": "tx"}', "it has no ref"),
        ('{"type": "tx", "ref": "abc"}', "not a transaction id"),
        ('{"type": "output", "ref": "' + TXID + '"}', "not an outpoint"),
        ('{"type": "addr", "ref": "dcrt1qxyz"}', "not a Bitcoin address"),
        ('{"type": "pubkey", "ref": "05"}', "not a public key"),
        ('{"type": "xpub", "ref": "xprv9s21"}', "its ref is a private key"),
        ('{"type": "xpub", "ref": "xpub9"}', "not an extended public key"),
        ('{"type": "tx", "ref": "' + TXID + '", "label": 3}', "its label is no text"),
        ('{"type": "tx", "ref": "' + TXID + '", "label": "\\ud800"}', "half of a surrogate pair"),
        ('{"type": "tx", "ref": "' + TXID + '", "label": "' + "x" * (MAX_LABEL + 1) + '"}', "at most 1000 characters"),
        ('{"type": "output", "ref": "' + TXID + ':0", "spendable": "no"}', "neither true nor false"),
        ('{"type": "tx", "ref": "' + TXID + '", "spendable": true}', "only an output is spendable"),
        ('{"type": "tx", "type": "tx", "ref": "' + TXID + '"}', "stands twice in one object"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_damaged_line_is_named_by_its_number(line: str, message: str) -> None:
    with pytest.raises(EncodingError, match="line 2") as refused:
        read_labels(f'{{"type":"tx","ref":"{TXID}","label":"good"}}\n{line}\n'.encode())
    assert message in str(refused.value)
    assert "nothing was imported" in refused.value.hint


def test_many_damaged_lines_are_counted() -> None:
    with pytest.raises(EncodingError, match="; and 15 more"):
        read_labels(b"x\n" * 25)


def test_bytes_that_are_no_text_and_files_that_are_too_large_are_refused() -> None:
    with pytest.raises(EncodingError, match="line 1: it is not UTF-8"):
        read_labels(b"\xff\xfe")
    with pytest.raises(EncodingError, match="too large"):
        read_labels(b" " * (MAX_FILE + 1))


texts = st.none() | st.text(st.characters(codec="utf-8"), max_size=50)
labels = st.builds(
    lambda kind, name, label, origin, spendable: Label(
        type=kind,
        ref={LabelType.TX: name, LabelType.OUTPUT: f"{name}:7", LabelType.ADDR: ADDRESS}[kind],
        label=label,
        origin=origin,
        spendable=spendable if kind is LabelType.OUTPUT else None,
    ),
    st.sampled_from([LabelType.TX, LabelType.OUTPUT, LabelType.ADDR]),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    texts,
    texts,
    st.none() | st.booleans(),
)


@given(st.lists(labels))
def test_what_is_written_is_read_again(given_labels: list[Label]) -> None:
    text = write_labels(given_labels)
    assert text.isascii()
    assert list(read_labels(text.encode()).labels) == given_labels
    assert text.count("\n") == len(given_labels)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(EncodingError):
        read_labels(data)
