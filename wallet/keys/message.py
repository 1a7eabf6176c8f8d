"""Signed messages: BIP322's simple form, by P2WPKH scripts.

A message is signed by a transaction that can never be mined: it spends an output that commits to the message and lies
on the signer's script. What is written down is that transaction's witness in base64. What this program writes has no
prefix; the `smp` that newer versions of BIP322 put before it is read only where it is asked for.
"""

import base64
import binascii
from enum import StrEnum

from bitcoin.core import CMutableTransaction, COutPoint, CTransaction, CTxIn, CTxOut, Hash160
from bitcoin.core.script import CScript
from coincurve import PrivateKey

from wallet.errors import EncodingError
from wallet.hashes import sha256
from wallet.signatures import is_p2wpkh, is_valid_signature, p2wpkh_script, sign_input

PREFIX = "smp"
"""Tells BIP322's simple form from its other two, in its version 2."""

MAX_SIGNATURE = 1_000
"""Characters of the longest signature that is looked at; a P2WPKH witness has about 144."""

_TAG = sha256(b"BIP0322-signed-message")


class MessageFlaw(StrEnum):
    """Why a signature does not show that the holder of a script signed a message."""

    OTHER_SCRIPT = "messages are signed and verified by P2WPKH addresses only, in this version"
    NOT_BASE64 = "the signature is not base64"
    NOT_A_WITNESS = "the signature is not the witness of a P2WPKH input (BIP322, simple)"
    OTHER_KEY = "another key signed"
    INVALID = "the signature does not fit this message"


def message_hash(message: str) -> bytes:
    """The 32 bytes that stand for a message: BIP340's tagged hash of its UTF-8."""
    return sha256(_TAG + _TAG + encoded(message))


def encoded(message: str) -> bytes:
    """A message as bytes. Raises EncodingError for text that UTF-8 cannot hold."""
    try:
        return message.encode("utf-8")
    except UnicodeEncodeError:
        raise EncodingError("the message is not valid text", hint="remove the characters that are no UTF-8") from None


def sign_message(message: str, private_key: bytes) -> str:
    """A signature by the P2WPKH script of a key: base64 without prefix.

    The same message and key always give the same signature (RFC 6979). Raises EncodingError for text that is no UTF-8.
    """
    public_key = PrivateKey(private_key).public_key.format()
    script = p2wpkh_script(public_key)
    tx = to_sign(message, script)
    items = (sign_input(private_key, tx, 0, CTxOut(0, script)), public_key)
    witness = bytes((len(items),)) + b"".join(bytes((len(item),)) + item for item in items)
    text = base64.b64encode(witness).decode("ascii")
    assert message_flaw(message, script, text) is None, "a signature of ours is valid"
    return text


def message_flaw(message: str, script: CScript, signature: str, *, prefixed: bool = False) -> MessageFlaw | None:
    """None where the holder of `script` signed `message`, else why that is not shown.

    The base64 must be exactly as it would be written again. With `prefixed`, `smp` may stand before it.
    Raises EncodingError for a message that is no UTF-8.
    """
    if not is_p2wpkh(script):
        return MessageFlaw.OTHER_SCRIPT
    text = signature.removeprefix(PREFIX) if prefixed else signature
    witness = strict_base64(text)
    if witness is None:
        return MessageFlaw.NOT_BASE64
    items = _two_items(witness)
    if items is None:
        return MessageFlaw.NOT_A_WITNESS
    made, public_key = items
    if Hash160(public_key) != bytes(script)[2:]:
        return MessageFlaw.OTHER_KEY
    if not is_valid_signature(made, public_key, to_sign(message, script), 0, CTxOut(0, script)):
        return MessageFlaw.INVALID
    return None


def to_spend(message: str, script: CScript) -> CTransaction:
    """BIP322's virtual transaction whose only output the signature spends."""
    script_sig = CScript(b"\x00\x20" + message_hash(message))
    spent = CTxIn(COutPoint(bytes(32), 0xFFFFFFFF), script_sig, 0)
    return CTransaction.from_tx(CMutableTransaction([spent], [CTxOut(0, script)], 0, 0))


def to_sign(message: str, script: CScript) -> CTransaction:
    """BIP322's virtual transaction that is signed; it can never be mined, since what it spends never is."""
    spent = CTxIn(COutPoint(to_spend(message, script).GetTxid(), 0), CScript(), 0)
    return CTransaction.from_tx(CMutableTransaction([spent], [CTxOut(0, CScript(b"\x6a"))], 0, 0))


def strict_base64(text: str) -> bytes | None:
    """The bytes that `text` is the one and only base64 form of, or None."""
    if len(text) > MAX_SIGNATURE:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode("ascii") == text else None


def _two_items(witness: bytes) -> tuple[bytes, bytes] | None:
    """Signature and public key of a serialized witness stack of exactly two items."""
    if witness[:1] != b"\x02" or len(witness) < 2 or witness[1] > 73:
        return None
    end = 2 + witness[1]
    if witness[end : end + 1] != b"\x21" or len(witness) != end + 34:
        return None
    return witness[2:end], witness[end + 1 :]
