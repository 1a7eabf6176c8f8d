"""The keys of encrypted layers, wrapped to recipients as ocicrypt wraps them: JWE (RFC 7516) in an annotation.

A layer's private options (its symmetric key, its nonce, the digest of its plaintext) are the payload of a JSON JWE,
ECDH-ES+A256KW to a P-256 key and A256GCM. The annotation holds one such JWE or more, in base64, joined by commas.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwcrypto.common import JWException, base64url_decode
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from assets.images.content_key import ContentKey
from assets.images.digest import Digest
from assets.remedies import ImageRemedy
from wallet.documents import read_json
from wallet.errors import EncodingError

SYMMETRIC_KEY_BYTES = 32
NONCE_BYTES = 16

_ALGORITHM = "ECDH-ES+A256KW"
_ENCRYPTION = "A256GCM"
_MAX_ANNOTATION = 256 * 1024
_MAX_RECIPIENTS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerKey:
    """What opens one layer: AES-256 key, the 16 bytes that its counter starts from, and what must come out."""

    key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    plaintext: Digest

    def __post_init__(self) -> None:
        if len(self.key) != SYMMETRIC_KEY_BYTES or len(self.nonce) != NONCE_BYTES:
            raise EncodingError("a layer's key has 32 bytes, and its nonce 16")

    def serialize(self) -> bytes:
        """ocicrypt's private options."""
        options = {
            "symkey": base64.b64encode(self.key).decode("ascii"),
            "digest": str(self.plaintext),
            "cipheroptions": {"nonce": base64.b64encode(self.nonce).decode("ascii")},
        }
        return json.dumps(options, separators=(",", ":")).encode("ascii")

    @classmethod
    def parse(cls, data: bytes) -> "LayerKey":
        """From ocicrypt's private options. Raises EncodingError."""
        try:
            options = read_json(data, what="the options")
            return cls(
                key=base64.b64decode(options["symkey"], validate=True),
                nonce=base64.b64decode(options["cipheroptions"]["nonce"], validate=True),
                plaintext=Digest.parse(options["digest"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EncodingError("the layer's key options are malformed", hint="ask the publisher") from error


class Recipient:
    """The P-256 key pair that a content key names."""

    __slots__ = ("_private",)

    def __init__(self, key: ContentKey) -> None:
        self._private = ec.derive_private_key(key.scalar, ec.SECP256R1())

    def private_pem(self) -> bytes:
        """PKCS#8 PEM, the form that skopeo and buildah take for `--decryption-key`. A secret."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def public_pem(self) -> bytes:
        """SubjectPublicKeyInfo PEM, the form that skopeo takes for `--encryption-key jwe:FILE`."""
        return self._private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def wrap(self, layer: LayerKey) -> str:
        """The annotation that lets this recipient open a layer."""
        header = json.dumps({"alg": _ALGORITHM, "enc": _ENCRYPTION}, separators=(",", ":"))
        jwe = JWE(layer.serialize(), header, algs=[_ALGORITHM, _ENCRYPTION])
        jwe.add_recipient(JWK.from_pem(self.public_pem()))
        return base64.b64encode(jwe.serialize().encode("ascii")).decode("ascii")

    def unwrap(self, annotation: str) -> LayerKey | None:
        """The layer's key, where one of the annotation's JWEs is for this recipient; None where none is.

        Raises EncodingError for an annotation that is out of bounds, or a JWE of ours that holds no layer's key.
        """
        if len(annotation) > _MAX_ANNOTATION or annotation.count(",") >= _MAX_RECIPIENTS:
            raise EncodingError("the layer names too many recipients", hint="ask the publisher for another sealed form")
        private = JWK.from_pem(self.private_pem())
        opened = (_open(part, private) for part in annotation.split(","))
        found = next((payload for payload in opened if payload is not None), None)
        return None if found is None else LayerKey.parse(found)

    def __repr__(self) -> str:
        return "Recipient()"


def scalar_in(pem: bytes) -> int:
    """The scalar of a P-256 private key in PKCS#8 PEM. Raises EncodingError, which does not show what was given."""
    try:
        private = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EncodingError("no private key that can be read", hint=ImageRemedy.GIVE_KEY_OUT.of()) from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise EncodingError("a private key of another kind", hint=ImageRemedy.GIVE_P256_KEY.of())
    return private.private_numbers().private_value


def _is_packed(document: dict[str, object]) -> bool:
    """Whether a JWE says that its payload is compressed, which ocicrypt's never is: a little could become a lot."""
    protected = document.get("protected", "")
    if not isinstance(protected, str):
        return True
    header = read_json(base64url_decode(protected) or b"{}", what="the header")
    return not isinstance(header, dict) or "zip" in header


def _open(part: str, private: JWK) -> bytes | None:
    """The payload of one JWE in base64, or None where it is none, or not for this key."""
    try:
        document = read_json(base64.b64decode(part, validate=True), what="the envelope")
        if not isinstance(document, dict) or _is_packed(document):
            return None
        if "recipients" in document:
            document.pop("encrypted_key", None)  # go-jose repeats the first recipient's at the top
        jwe = JWE(algs=[_ALGORITHM, _ENCRYPTION])
        jwe.deserialize(json.dumps(document), private)
        return bytes(jwe.payload)
    except (JWException, binascii.Error, ValueError, KeyError, TypeError, AttributeError):
        return None
