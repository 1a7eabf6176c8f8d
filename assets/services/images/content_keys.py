"""Where the key of a sealed image comes from: a file, the wallet's own words, the owner's gate.

The encrypted image states the sha256 of its key, so a key is known to be the right one before anything is opened.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assets.errors import ImageError, RegistryError
from assets.images.content_key import ContentKey, content_keys_of
from assets.images.digest import Digest
from assets.images.secret_document import DOCUMENT_LIMIT, parse_secret_document
from assets.images.secret_ring import SecretRing
from assets.registry.encryption import Seal
from assets.registry.gate_keys import GateClient
from assets.registry.layer_keys import scalar_in
from assets.remedies import ImageRemedy
from wallet.errors import EncodingError, StoreError, WalletError
from wallet.hashes import Txid
from wallet.store.files import read_private

_KEY = re.compile(rb"[0-9a-f]{64}\n?")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyQuestion:
    """Which key is wanted: of which sealed form of which image, and what the form says of its key.

    `name` is the name that was asked, perhaps a mirror's; `known_as` the repository's own, where the chain spells it
    out.
    """

    name: str
    known_as: str | None = None
    genesis: Txid
    plaintext: Digest
    ciphertext: Digest
    seal: Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGate:
    """A gate's origin, and the repository's name in the definition that names the gate: logins are kept by it."""

    origin: str
    name: str


class KeySource(Protocol):
    """Somebody who may have the key."""

    def content_key(self, question: KeyQuestion) -> ContentKey | None:
        """The key, or None where this is not the place to ask. Raises WalletError where the asking fails."""


class FileKeys:
    """A file (0600) with a content key in hex, the same as skopeo takes it (PKCS#8 PEM), or a repository secret."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def content_key(self, question: KeyQuestion) -> ContentKey | None:
        """The key in the file, or the one that its secret makes. Raises StoreError, EncodingError."""
        data = read_private(self._path, DOCUMENT_LIMIT)
        if data is None:
            raise StoreError(f"there is no key file {self._path}", hint="check the path")
        if _KEY.fullmatch(data):
            return ContentKey.parse(data.decode("ascii").strip())
        if data.startswith(b"-----BEGIN"):
            return _named_by(data, question.seal)
        try:
            secret = parse_secret_document(data.removesuffix(b"\n"))
        except EncodingError as error:
            raise EncodingError(
                f"{self._path} holds neither a content key nor a repository secret",
                hint=ImageRemedy.EXPECT_KEY.of(),
            ) from error
        if secret.genesis != question.genesis:
            raise EncodingError(
                f"the secret in {self._path} is another repository's", hint="name the file of this repository"
            )
        if secret.id != question.seal.secret:
            raise EncodingError(
                f"{question.ciphertext} was sealed with another secret of this repository than {self._path} holds",
                hint="ask whoever sealed it: owners have secrets of their own, and may have begun another epoch",
            )
        return secret.content_key(question.plaintext, question.seal.generation)


class OwnKeys:
    """The wallet's own secrets: for whoever sealed the image, on any machine, or bought the repository since."""

    def __init__(self, secrets: Callable[[], SecretRing]) -> None:
        self._secrets = secrets

    def content_key(self, question: KeyQuestion) -> ContentKey | None:
        """The key, where the image was sealed with a secret of this wallet. Raises what unlocking raises."""
        secret = self._secrets().with_id(question.genesis, question.seal.secret)
        return None if secret is None else secret.content_key(question.plaintext, question.seal.generation)


class GateKeys:
    """The owner's gate, for holders of an access unit who have logged in."""

    def __init__(self, client: GateClient, gate: Callable[[], KeyGate | None]) -> None:
        self._client = client
        self._gate = gate

    def content_key(self, question: KeyQuestion) -> ContentKey | None:
        """The key, where the definition names a gate and somebody is logged in. Raises RegistryError."""
        gate = self._gate()
        if gate is None:
            return None
        return self._client.content_key(gate.origin, gate.name, question.genesis, question.ciphertext)


def find_key(sources: Sequence[KeySource], question: KeyQuestion) -> ContentKey:
    """The first key that fits, in the order of the sources.

    A registry or gate that fails does not keep the next source from being asked. Raises ImageError where nobody has a
    key, or where none fits what the image commits to; else what the asking raised.
    """
    failed: WalletError | None = None
    for source in sources:
        try:
            key = source.content_key(question)
        except RegistryError as error:
            failed = failed or error
            continue
        if key is not None and question.seal.fits(key):
            return key
        if key is not None:
            failed = _misfit(question)
    raise failed or ImageError(
        f"{question.name}@{question.ciphertext} is sealed, and there is no key for it here",
        hint=ImageRemedy.GET_KEY.of(name=question.known_as or question.name),
    )


def _misfit(question: KeyQuestion) -> ImageError:
    return ImageError(
        f"the key does not fit: {question.ciphertext} commits to a key with another sha256"
        f" (generation {question.seal.generation})",
        hint="ask for the key of this very digest and generation; a gate that gives out another one serves nobody",
    )


def _named_by(pem: bytes, seal: Seal) -> ContentKey:
    """The content key behind a P-256 private key; where two have the same one, the image says which it is."""
    keys = content_keys_of(scalar_in(pem))
    return next((key for key in keys if seal.fits(key)), keys[0])
