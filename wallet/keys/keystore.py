"""The encrypted form of the recovery words: a pure codec, bytes in and bytes out.

A random data key encrypts the words; a key stretched from the password (Argon2id) encrypts the data key, so that a
change of password does not touch the words. Both are AES-256-GCM. The header lies in the open and is authenticated as
associated data. A checksum over everything tells accidental damage from a wrong password.
"""

from dataclasses import dataclass, field
from unicodedata import normalize

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wallet.documents import decode_json
from wallet.errors import EncodingError, KeystoreError, WrongPasswordError
from wallet.hashes import sha256
from wallet.keys import mnemonic
from wallet.keys.keychain import PrivateKeychain
from wallet.network import Network, network_named

FORMAT = "dockchains keystore"
VERSION = 1
MIN_PASSWORD = 8
"""Characters of the shortest password that a new keystore takes."""

MAX_KEYSTORE = 64 * 1024
"""Bytes of the largest keystore that is read."""

SEAL_ENTROPY = 16 + 32 + 12 + 12
"""Random bytes that `seal` takes: salt, data key, two nonces."""

PASSWORD_ENTROPY = 16 + 12
"""Random bytes that `change_password` takes: salt and nonce."""

_KEY_SIZE = 32
_NONCE_SIZE = 12
_BLOCK = 512
_WRONG = "the password is wrong, or the keystore was tampered with"


@dataclass(frozen=True, slots=True, kw_only=True)
class KdfCost:
    """What Argon2id costs: passes, KiB of memory, lanes."""

    passes: int
    memory: int
    lanes: int

    def check(self) -> None:
        """Raises KeystoreError out of bounds: a hostile file must not ask for hours or for all the memory."""
        bounded = 1 <= self.passes <= 64 and 8 * 1024 <= self.memory <= 1024 * 1024 and 1 <= self.lanes <= 16
        if not bounded or self.passes * self.memory > 8 * 1024 * 1024:
            raise KeystoreError("the keystore asks for an unreasonable amount of work", hint="restore it from a backup")


DEFAULT_COST = KdfCost(passes=6, memory=256 * 1024, lanes=4)
"""About one second on a laptop; 256 MiB, so that a graphics card gains little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeystoreHeader:
    """What a keystore says in the open: whose it is. `birth_height` is the block from which a restore looks.

    `created` is in unix seconds. Believe it only after `open_`, which authenticates it.
    """

    network: Network
    fingerprint: bytes
    birth_height: int
    created: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeystoreSecret:
    """The recovery words and the BIP39 passphrase. Never printed."""

    words: str = field(repr=False)
    passphrase: str = field(default="", repr=False)

    def seed(self) -> bytes:
        """The 64 bytes of BIP39."""
        return mnemonic.seed(self.words, self.passphrase)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedKeystore:
    """A decrypted keystore with its authenticated header."""

    header: KeystoreHeader
    secret: KeystoreSecret


class _Kdf(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    lanes: int
    memory: int
    name: str
    passes: int
    salt: str


class _Document(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The file, its fields in the order in which they are written."""

    birth_height: int
    checksum: str
    created: int
    fingerprint: str
    format: str
    kdf: _Kdf
    key: str
    network: str
    payload: str
    version: int


class _Payload(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    passphrase: str
    words: str


class _Prelude(msgspec.Struct, frozen=True):
    format: str
    version: int


def require_good_password(password: str) -> None:
    """Raises KeystoreError for a password that is too short for a new keystore; older ones still open with theirs."""
    length = len(normalize("NFC", password))
    if length < MIN_PASSWORD:
        raise KeystoreError(
            f"the password is {'too short' if password else 'empty'}: at least {MIN_PASSWORD} characters, not {length}",
            hint="it is all that protects the recovery words on this disk",
        )


def seal(
    secret: KeystoreSecret, password: str, *, header: KeystoreHeader, entropy: bytes, cost: KdfCost = DEFAULT_COST
) -> bytes:
    """The keystore file's bytes. `entropy` is SEAL_ENTROPY random bytes that are used for nothing else.

    Raises EncodingError for words that are not valid, KeystoreError for a password that is too short.
    """
    assert len(entropy) == SEAL_ENTROPY, "salt, data key and nonces"
    keychain = PrivateKeychain(secret.seed(), header.network)
    assert keychain.fingerprint == header.fingerprint, "the header names these words"
    salt, data_key = entropy[:16], entropy[16:48]
    key_nonce, payload_nonce = entropy[48:60], entropy[60:]
    words = mnemonic.check(secret.words)
    draft = _Document(
        birth_height=header.birth_height,
        checksum="",
        created=header.created,
        fingerprint=header.fingerprint.hex(),
        format=FORMAT,
        kdf=_kdf(cost, salt),
        key="",
        network=header.network.name,
        payload="",
        version=VERSION,
    )
    plain = msgspec.json.encode(_Payload(passphrase=secret.passphrase, words=words))
    padded = plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK, b" ")
    payload = payload_nonce + AESGCM(data_key).encrypt(payload_nonce, padded, _identity(draft))
    return _wrapped(_changed(draft, payload=payload.hex()), data_key, key_nonce, password)


def read_header(data: bytes) -> KeystoreHeader:
    """What the file says of itself, without a password and therefore not proven.

    Raises KeystoreError for damage and for versions that are not known.
    """
    return _header(_parse(data))


def open_(data: bytes, password: str) -> OpenedKeystore:
    """Decrypts a keystore. Raises WrongPasswordError, or KeystoreError for a file that is damaged or too new."""
    document = _parse(data)
    data_key = _unwrap(document, password)
    sealed = bytes.fromhex(document.payload)
    try:
        plain = AESGCM(data_key).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], _identity(document))
        payload = decode_json(plain, _Payload, what="the words")
        words = mnemonic.check(payload.words)
    except (InvalidTag, ValueError) as error:
        raise _damaged() from error
    secret = KeystoreSecret(words=words, passphrase=payload.passphrase)
    return OpenedKeystore(header=_header(document), secret=secret)


def change_password(data: bytes, old: str, new: str, *, entropy: bytes, cost: KdfCost = DEFAULT_COST) -> bytes:
    """The same keystore under another password. `entropy` is PASSWORD_ENTROPY fresh random bytes.

    Raises WrongPasswordError for the old one, KeystoreError for a new one that is too short.
    """
    assert len(entropy) == PASSWORD_ENTROPY, "salt and nonce"
    open_(data, old)
    document = _parse(data)
    data_key = _unwrap(document, old)
    return _wrapped(_changed(document, kdf=_kdf(cost, entropy[:16])), data_key, entropy[16:], new)


def _changed(document: _Document, **changes: object) -> _Document:
    """A copy of the document with some fields changed."""
    return msgspec.structs.replace(document, **changes)


def _kdf(cost: KdfCost, salt: bytes) -> _Kdf:
    cost.check()
    return _Kdf(lanes=cost.lanes, memory=cost.memory, name="argon2id", passes=cost.passes, salt=salt.hex())


def _wrapped(document: _Document, data_key: bytes, nonce: bytes, password: str) -> bytes:
    """The finished file: data key under the password's key, then the checksum."""
    require_good_password(password)
    wrapped = AESGCM(_password_key(document.kdf, password)).encrypt(nonce, data_key, _everything_open(document))
    document = _changed(document, key=(nonce + wrapped).hex())
    return msgspec.json.encode(_changed(document, checksum=_checksum(document))) + b"\n"


def _unwrap(document: _Document, password: str) -> bytes:
    sealed = bytes.fromhex(document.key)
    key = _password_key(document.kdf, password)
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], _everything_open(document))
    except (InvalidTag, ValueError) as error:
        raise WrongPasswordError(_WRONG, hint="try again; mind the keyboard layout and caps lock") from error


def _password_key(kdf: _Kdf, password: str) -> bytes:
    return hash_secret_raw(
        secret=normalize("NFKD", password).encode("utf-8", "surrogatepass"),
        salt=bytes.fromhex(kdf.salt),
        time_cost=kdf.passes,
        memory_cost=kdf.memory,
        parallelism=kdf.lanes,
        hash_len=_KEY_SIZE,
        type=Type.ID,
    )


def _identity(document: _Document) -> bytes:
    """What stays the same when the password changes."""
    fields = (document.format, document.version, document.network, document.fingerprint)
    return msgspec.json.encode((*fields, document.birth_height, document.created))


def _everything_open(document: _Document) -> bytes:
    """All that lies in the open."""
    return _identity(document) + msgspec.json.encode(document.kdf)


def _checksum(document: _Document) -> str:
    return sha256(msgspec.json.encode(_changed(document, checksum=""))).hex()


def _parse(data: bytes) -> _Document:
    if len(data) > MAX_KEYSTORE:
        raise _damaged()
    try:
        prelude = decode_json(data, _Prelude, what="the keystore")
    except EncodingError as error:
        raise _damaged() from error
    if prelude.format != FORMAT:
        raise KeystoreError("this file is not a keystore", hint="choose the wallet's keystore file")
    if prelude.version > VERSION:
        raise KeystoreError(
            f"the keystore was written by a newer version (format {prelude.version})", hint="update the program"
        )
    try:
        document = decode_json(data, _Document, what="the keystore")
        _check(document, data)
    except ValueError as error:
        raise _damaged() from error
    return document


def _check(document: _Document, data: bytes) -> None:
    """The bytes are exactly what would be written again, the fields in their bounds. Raises on any other."""
    if document.version != VERSION or msgspec.json.encode(document) + b"\n" != data:
        raise _damaged()
    if document.checksum != _checksum(document):
        raise _damaged()
    if document.kdf.name != "argon2id" or len(bytes.fromhex(document.kdf.salt)) != 16:
        raise _damaged()
    if len(bytes.fromhex(document.fingerprint)) != 4 or document.birth_height < 0 or document.created < 0:
        raise _damaged()
    if len(bytes.fromhex(document.key)) != _NONCE_SIZE + _KEY_SIZE + 16:
        raise _damaged()
    KdfCost(passes=document.kdf.passes, memory=document.kdf.memory, lanes=document.kdf.lanes).check()
    network_named(document.network)


def _header(document: _Document) -> KeystoreHeader:
    return KeystoreHeader(
        network=network_named(document.network),
        fingerprint=bytes.fromhex(document.fingerprint),
        birth_height=document.birth_height,
        created=document.created,
    )


def _damaged() -> KeystoreError:
    return KeystoreError(
        "the keystore is damaged",
        hint="use the older one beside it (.bak), if there is one, or restore the words as a wallet of a new name",
    )
