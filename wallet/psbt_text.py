"""What a person hands over as a PSBT, in whatever form it comes: bytes, base64, hexadecimal, behind a byte order mark.

A finished transaction looks much like one and is another thing: it is sent, not signed, so it is told apart.
"""

import base64
import binascii
import re

from bitcoin.core import CTransaction
from bitcoin.core.serialize import SerializationError

from wallet.errors import EncodingError
from wallet.hashes import display, txid_of
from wallet.psbt_fields import MAGIC, MAX_PSBT, too_large
from wallet.remedies import WalletRemedy

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
"""Byte order marks, and what a text behind each is written in."""

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+", re.ASCII)
MAX_TEXT = 4 * MAX_PSBT + 1024
"""Bytes of the longest file: hexadecimal, two bytes a digit."""

MAX_TRANSACTION = 400_000
"""Bytes of the largest transaction that nodes relay."""


class FinishedTransactionError(EncodingError):
    """What was given as a PSBT is a finished transaction, `tx`: nothing is left to sign."""

    def __init__(self, tx: CTransaction) -> None:
        super().__init__(
            f"this is a finished transaction, {display(txid_of(tx))}, and no PSBT: nothing is left to sign",
            hint=WalletRemedy.SEND_FINISHED.of(),
        )
        self.tx = tx


def read_psbt(data: bytes) -> bytes:
    """The bytes of a PSBT in any form, which is not judged. Raises FinishedTransactionError, EncodingError."""
    raw = _bare(data)
    if raw.startswith(MAGIC):
        return raw
    if len(raw) > MAX_TRANSACTION:
        raise too_large()
    tx = _finished(raw)
    if tx is not None:
        raise FinishedTransactionError(tx)
    raise EncodingError(
        "not a PSBT: it is neither one in bytes, base64 or hexadecimal, nor a finished transaction",
        hint="in base64 it begins with cHNidP8, in hexadecimal with 70736274ff",
    )


def _bare(data: bytes) -> bytes:
    """The bytes behind a text, or `data` where it is none."""
    if len(data) > MAX_TEXT:
        raise too_large()
    if data.startswith(MAGIC):
        return data
    text = _text(data)
    if text is None:
        return data
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise EncodingError(
            "not a PSBT: the text is neither base64 nor hexadecimal", hint="in base64 it begins with cHNidP8"
        ) from None


def _text(data: bytes) -> str | None:
    """A text without its white space; None for bytes that are none."""
    mark, encoding = next(
        ((mark, name) for mark, name in zip(_MARKS, _ENCODINGS, strict=True) if data.startswith(mark)), (b"", "ascii")
    )
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        return None
    text = "".join(text.split())
    return text if text and text.isascii() and text.isprintable() else None


def _finished(raw: bytes) -> CTransaction | None:
    """A transaction in which every input has a script or a witness; None for anything else."""
    try:
        tx = CTransaction.deserialize(raw)
    except (SerializationError, ValueError, IndexError, OverflowError, MemoryError):
        return None
    if not tx.vin or not tx.vout or tx.serialize() != raw:
        return None
    witnesses = [not entry.scriptWitness.is_null() for entry in tx.wit.vtxinwit] or [False] * len(tx.vin)
    if not all(len(txin.scriptSig) or signed for txin, signed in zip(tx.vin, witnesses, strict=True)):
        raise EncodingError(
            f"this is a transaction, {display(txid_of(tx))}, and no PSBT: an input of it is not signed",
            hint="make a PSBT of it where its coins are known, and sign that",
        )
    return tx
