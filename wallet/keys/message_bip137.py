"""Messages signed in the older way that many wallets still write: 65 bytes from which the key is recovered (BIP137).

They are verified, never made, and only by P2WPKH addresses with the headers that BIP137 gives to those.
"""

from bitcoin.core import Hash, Hash160
from bitcoin.core.script import CScript
from bitcoin.core.serialize import VarIntSerializer
from coincurve import PublicKey

from wallet.keys.message import MessageFlaw, encoded, strict_base64
from wallet.signatures import is_p2wpkh

_MAGIC = b"\x18Bitcoin Signed Message:\n"
_P2WPKH_HEADERS = range(39, 43)
_SIZE = 65


def resembles_bip137(signature: str) -> bool:
    """Whether a signature has the size and a header of this form."""
    raw = strict_base64(signature)
    return raw is not None and len(raw) == _SIZE and 27 <= raw[0] <= 42


def bip137_flaw(message: str, script: CScript, signature: str) -> MessageFlaw | None:
    """None where the holder of the P2WPKH `script` signed `message`, else why that is not shown.

    Raises EncodingError for a message that is no UTF-8.
    """
    if not is_p2wpkh(script):
        return MessageFlaw.OTHER_SCRIPT
    raw = strict_base64(signature)
    if raw is None:
        return MessageFlaw.NOT_BASE64
    if len(raw) != _SIZE or raw[0] not in _P2WPKH_HEADERS:
        return MessageFlaw.NOT_A_WITNESS
    recoverable = raw[1:] + bytes((raw[0] - _P2WPKH_HEADERS.start,))
    try:
        public_key = PublicKey.from_signature_and_message(recoverable, _hash(message), hasher=None).format()
    except ValueError:
        return MessageFlaw.INVALID
    return None if Hash160(public_key) == bytes(script)[2:] else MessageFlaw.INVALID


def _hash(message: str) -> bytes:
    data = encoded(message)
    return bytes(Hash(_MAGIC + VarIntSerializer.serialize(len(data)) + data))
