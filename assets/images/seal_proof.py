"""A proof that a sealed image is not what its owner promised: canonical JSON that anybody can check.

On the chain the owner said which encrypted manifest is the sealed form of which plain one; the encrypted one commits to
the sha256 of its key. With both manifests and that key, what the owner sealed can be opened and compared by everybody.
Nothing in a proof is believed: manifests are known by their digests, the key by its hash, and the seal by the chain.

A proof with a key gives the key away to whoever reads it.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Self

import msgspec

from assets.images.canonical import FILE_LIMIT, Json, convert, decode, encode
from assets.images.content_key import ContentKey
from assets.images.definition import parse_challenge
from assets.images.digest import Digest
from assets.images.name import is_canonical_name
from assets.images.pin import require_version
from assets.remedies import ImageRemedy
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, Txid, display, parse_block_hash, parse_txid
from wallet.network import Network

KIND = "seal proof"
_WHAT = "the proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealProof:
    """What it takes to see that a sealed form is not what its owner promised.

    `network` is block 0, with `challenge` on signet. `name` is where the image was pulled from, for whoever fetches the
    layer. `key` is None where the manifests alone show it. `layer` is the ciphertext that has to be read, None where
    none has to be. `manifests` are the encrypted and the original documents, in any order.
    """

    network: BlockHash
    challenge: str | None = None
    name: str
    genesis: Txid
    plaintext: Digest
    ciphertext: Digest
    key: ContentKey | None = field(repr=False)
    layer: Digest | None
    manifests: tuple[bytes, ...] = field(repr=False)

    def is_on(self, network: Network) -> bool:
        """Whether it is about this network."""
        return (self.network, self.challenge) == (network.genesis, network.challenge)

    def serialize(self) -> bytes:
        """Canonical JSON. Raises EncodingError where the manifests are too large for it."""
        document: dict[str, Json] = {
            "kind": KIND,
            "v": 1,
            "network": display(self.network),
            "name": self.name,
            "genesis": display(self.genesis),
            "plaintext": str(self.plaintext),
            "ciphertext": str(self.ciphertext),
            "manifests": [base64.b64encode(one).decode("ascii") for one in self.manifests],
        }
        if self.challenge is not None:
            document["challenge"] = self.challenge
        if self.key is not None:
            document["key"] = self.key.value.hex()
        if self.layer is not None:
            document["layer"] = str(self.layer)
        data = encode(document)
        if len(data) > FILE_LIMIT:
            raise EncodingError(
                f"the proof has {len(data)} bytes, more than {FILE_LIMIT}", hint=ImageRemedy.PULL_ONE_PLATFORM.of()
            )
        return data

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """From the bytes of a file. Raises EncodingError."""
        value = decode(document, limit=FILE_LIMIT, what=_WHAT)
        if not isinstance(value, dict) or value.get("kind") != KIND:
            raise EncodingError("this is no proof of a broken seal", hint=ImageRemedy.EXPECT_PROOF.of())
        require_version(value, key="v", what=_WHAT)
        shape = convert(value, _Shape, what=_WHAT)
        if not is_canonical_name(shape.name):
            raise EncodingError(f"{_WHAT} has no canonical name: {shape.name[:80]!a}")
        return cls(
            network=parse_block_hash(shape.network),
            challenge=None if isinstance(shape.challenge, msgspec.UnsetType) else parse_challenge(shape.challenge),
            name=shape.name,
            genesis=parse_txid(shape.genesis),
            plaintext=Digest.parse(shape.plaintext),
            ciphertext=Digest.parse(shape.ciphertext),
            key=None if isinstance(shape.key, msgspec.UnsetType) else ContentKey.parse(shape.key),
            layer=None if isinstance(shape.layer, msgspec.UnsetType) else Digest.parse(shape.layer),
            manifests=tuple(_bytes(text) for text in shape.manifests),
        )


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    v: int
    network: str
    name: str
    genesis: str
    plaintext: str
    ciphertext: str
    manifests: list[str]
    challenge: str | msgspec.UnsetType = msgspec.UNSET
    key: str | msgspec.UnsetType = msgspec.UNSET
    layer: str | msgspec.UnsetType = msgspec.UNSET


def _bytes(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EncodingError(f"{_WHAT} holds a manifest that is not base64") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise EncodingError(f"{_WHAT} holds a manifest whose base64 is not in its one form")
    return data
