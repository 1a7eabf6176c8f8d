"""The cipher of encrypted layers as ocicrypt has it: AES_256_CTR_HMAC_SHA256, in a stream.

AES-256 in counter mode, and HMAC-SHA256 over the ciphertext with the same key, which stands in the layer's public
options. Memory does not grow with the layer, and hashing keeps a second processor busy. What is deciphered is worth
nothing before the end was reached: only then are the HMAC and the digest known.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from assets.errors import DigestMismatchError
from assets.images.digest import Digest
from assets.registry.layer_keys import LayerKey
from assets.registry.settings import CHUNK
from wallet.documents import read_json
from wallet.errors import EncodingError

CIPHER = "AES_256_CTR_HMAC_SHA256"
Advance = Callable[[int], None]
"""Told how many more bytes were worked on."""


def public_options(tag: bytes) -> str:
    """ocicrypt's public options in base64, for the annotation."""
    options = {"cipher": CIPHER, "hmac": base64.b64encode(tag).decode("ascii"), "cipheroptions": {}}
    return base64.b64encode(json.dumps(options, separators=(",", ":")).encode("ascii")).decode("ascii")


def stated_hmac(annotation: str) -> bytes:
    """The HMAC in ocicrypt's public options. Raises EncodingError for other ciphers and malformed options."""
    try:
        options = read_json(base64.b64decode(annotation, validate=True), what="the options")
        cipher, tag = options["cipher"], base64.b64decode(options["hmac"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise EncodingError("the layer's encryption options are malformed", hint="ask the publisher") from error
    if cipher != CIPHER:
        raise EncodingError(f"the layer has an unknown cipher: {str(cipher)[:40]!a}", hint=f"only {CIPHER} is known")
    return tag


def digest_of_stream(source: BinaryIO, advance: Advance | None = None) -> Digest:
    """The digest of what is left of a stream."""
    found = hashlib.sha256()
    while chunk := source.read(CHUNK):
        found.update(chunk)
        if advance is not None:
            advance(len(chunk))
    return Digest(found.digest())


def encrypt(
    source: BinaryIO, target: BinaryIO, layer: LayerKey, advance: Advance | None = None
) -> tuple[Digest, bytes]:
    """Encrypts a layer; the ciphertext's digest and HMAC.

    Raises DigestMismatchError where the source is not the layer's plaintext; what was written is then of no use.
    """
    encryptor = _cipher(layer).encryptor()
    tag, cipher_digest, plain_digest = _hmac(layer), hashlib.sha256(), hashlib.sha256()
    with ThreadPoolExecutor(max_workers=1) as other:
        while chunk := source.read(CHUNK):
            plain = other.submit(plain_digest.update, chunk)
            sealed = encryptor.update(chunk)
            digested = other.submit(cipher_digest.update, sealed)
            tag.update(sealed)
            target.write(sealed)
            plain.result()
            digested.result()
            if advance is not None:
                advance(len(chunk))
    _require_plaintext(plain_digest.digest(), layer)
    return Digest(cipher_digest.digest()), tag.digest()


def decrypt(
    source: BinaryIO, target: BinaryIO, layer: LayerKey, wanted_hmac: bytes, advance: Advance | None = None
) -> int:
    """Decrypts a layer; how many bytes it has.

    Raises DigestMismatchError where the ciphertext was changed, or is not of this plaintext; what was written must
    then be thrown away.
    """
    decryptor: CipherContext = _cipher(layer).decryptor()
    tag, plain_digest, size = _hmac(layer), hashlib.sha256(), 0
    with ThreadPoolExecutor(max_workers=1) as other:
        while chunk := source.read(CHUNK):
            tagged = other.submit(tag.update, chunk)
            opened = decryptor.update(chunk)
            plain_digest.update(opened)
            target.write(opened)
            tagged.result()
            size += len(chunk)
            if advance is not None:
                advance(len(chunk))
    if not hmac.compare_digest(tag.digest(), wanted_hmac):
        raise DigestMismatchError(
            "the encrypted layer was changed: its HMAC is another", hint="pull again from another registry or mirror"
        )
    _require_plaintext(plain_digest.digest(), layer)
    return size


def _cipher(layer: LayerKey) -> Cipher[CTR]:
    return Cipher(AES256(layer.key), CTR(layer.nonce))


def _hmac(layer: LayerKey) -> "hmac.HMAC":
    return hmac.new(layer.key, digestmod=hashlib.sha256)


def _require_plaintext(found: bytes, layer: LayerKey) -> None:
    if Digest(found) != layer.plaintext:
        raise DigestMismatchError(
            f"the layer's content is {Digest(found)}, and {layer.plaintext} was expected",
            hint="do not use it; ask the publisher",
        )
