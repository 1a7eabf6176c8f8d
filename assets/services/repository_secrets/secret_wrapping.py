"""Repository secrets on their way to a buyer: compact JWE (RFC 7516), ECDH-ES+A256KW and A256GCM, to a P-256 key.

The buyer's key follows from the recovery words, the genesis and the script that receives the title. A wallet that was
restored from its words knows all three, so it opens a secret that was handed to it before, wherever that was kept.
"""

import json
import re

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwcrypto.common import JWException
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from assets.images.content_key import P256_ORDER, RepositorySecret
from assets.images.recipient_key import RecipientKey
from assets.images.secret_document import parse_secret_document, secret_document
from assets.remedies import ImageRemedy
from wallet.documents import read_json
from wallet.errors import EncodingError
from wallet.hashes import Txid
from wallet.secret_store import SecretStore

MAX_WRAPPED = 4096
"""Characters of one wrapped secret."""

_ALGORITHM = "ECDH-ES+A256KW"
_ENCRYPTION = "A256GCM"
_COMPACT = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){4}", re.ASCII)


class SecretReceiver:
    """The key pair to which the secret of one repository is handed over. Neither printable nor compared."""

    __slots__ = ("_private",)

    def __init__(self, secrets: SecretStore, genesis: Txid, script: bytes) -> None:
        """`script` is the one that receives the title."""
        raw = secrets.derive(salt=genesis, info=b"dockchains recipient 1\x00" + script)
        scalar = 1 + int.from_bytes(raw, "big") % (P256_ORDER - 1)
        self._private = ec.derive_private_key(scalar, ec.SECP256R1())

    @property
    def public(self) -> RecipientKey:
        """What a bid names in `secret_to`."""
        numbers = self._private.public_key().public_numbers()
        return RecipientKey(x=numbers.x, y=numbers.y)

    def unwrap(self, wrapped: str) -> RepositorySecret | None:
        """The secret; None where it was wrapped to another key, or damaged since.

        Raises EncodingError for what is no wrapped secret at all, and for one that holds something else.
        """
        require_wrapped(wrapped)
        private = JWK.from_pem(self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        jwe = JWE(algs=[_ALGORITHM, _ENCRYPTION])
        try:
            jwe.deserialize(wrapped, private)
            payload = bytes(jwe.payload)
        except (JWException, ValueError, KeyError, TypeError, AttributeError):
            return None
        return parse_secret_document(payload)

    def __repr__(self) -> str:
        return "SecretReceiver()"


def wrap(secret: RepositorySecret, to: RecipientKey) -> str:
    """The secret for whoever holds the private side of `to`, and for nobody else. No two are alike."""
    header = json.dumps({"alg": _ALGORITHM, "enc": _ENCRYPTION}, separators=(",", ":"))
    jwe = JWE(secret_document(secret), header, algs=[_ALGORITHM, _ENCRYPTION])
    jwe.add_recipient(JWK(**to.document()))
    wrapped: str = jwe.serialize(compact=True)
    return wrapped


def require_wrapped(text: str) -> None:
    """Raises EncodingError for what has not the form of a wrapped secret: compact JWE with these algorithms."""
    if len(text) > MAX_WRAPPED or not _COMPACT.fullmatch(text):
        raise EncodingError(
            "this is no repository secret for a buyer",
            hint=ImageRemedy.EXPECT_HANDED_OVER.of() + ": five parts, joined by dots",
        )
    header = _header(text.partition(".")[0])
    if (header.get("alg"), header.get("enc")) != (_ALGORITHM, _ENCRYPTION) or {"zip", "crit"} & header.keys():
        raise EncodingError(
            "the repository secret is encrypted in another way than this version knows",
            hint=f"expected {_ALGORITHM} and {_ENCRYPTION}, not compressed; ask the seller for it anew",
        )


def _header(part: str) -> dict[str, object]:
    from base64 import urlsafe_b64decode

    try:
        header = read_json(urlsafe_b64decode(part + "=" * (-len(part) % 4)), what="the header")
    except ValueError:
        header = None
    return header if isinstance(header, dict) else {}
