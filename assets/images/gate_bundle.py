"""What a gate runs from: the key of its tokens, whose genesis speaks for which name, and content keys.

Whoever steals it can let strangers pull from and push to its registry until the registry's certificate is changed, and
can open the images whose keys are in it. It holds no recovery words and no key that holds or spends anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from assets.images.access import AccessTable
from assets.images.bundle_shape import bundle_shape
from assets.images.canonical import Json, encode
from assets.images.content_key import ContentKey
from assets.images.definition import parse_challenge
from assets.images.digest import Digest
from assets.images.name import is_canonical_name
from assets.images.origin import parse_origin
from assets.remedies import ImageRemedy
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, Txid, display, parse_block_hash, parse_txid
from wallet.network import Network

KIND = "gate"
_WHAT = "the gate's bundle"
_SERVICE = re.compile(r"[A-Za-z0-9\[][A-Za-z0-9._:/\[\]-]{0,254}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateKey:
    """The P-256 key that signs tokens (PKCS#8 PEM, never shown) and its certificate (PEM), which registries trust."""

    key: str = field(repr=False)
    certificate: str

    def __post_init__(self) -> None:
        try:
            certified = self.parsed_certificate.public_key()
        except (ValueError, UnsupportedAlgorithm):
            raise EncodingError("the gate's certificate holds no key", hint="export the bundle again") from None
        if self.loaded.public_key() != certified:
            raise EncodingError("the gate's certificate is for another key", hint="export the bundle again")

    @property
    def loaded(self) -> ec.EllipticCurvePrivateKey:
        """The key. Raises EncodingError, which shows nothing of it."""
        try:
            key = serialization.load_pem_private_key(self.key.encode("ascii"), None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise EncodingError("the gate's key is no P-256 key in PKCS#8 PEM", hint="export the bundle again")
        return key

    @property
    def parsed_certificate(self) -> x509.Certificate:
        """The certificate. Raises EncodingError."""
        try:
            return x509.load_pem_x509_certificate(self.certificate.encode("ascii"))
        except ValueError:
            raise EncodingError("the gate's certificate is no PEM", hint="export the bundle again") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedGenesis:
    """A canonical name, and the genesis that speaks for it."""

    name: str
    genesis: Txid


@dataclass(frozen=True, slots=True, kw_only=True)
class GateBundle:
    """`network` is block 0, with `challenge` on signet. `origin` is where the gate is reached, `service` the
    registry's name in tokens. `content` are content keys by genesis and by the digest of the sealed form."""

    network: BlockHash
    challenge: str | None = None
    origin: str
    service: str
    key: GateKey
    repositories: tuple[NamedGenesis, ...]
    content: Mapping[Txid, Mapping[Digest, ContentKey]] = field(repr=False)

    def __post_init__(self) -> None:
        parse_origin(self.origin)
        if not _SERVICE.fullmatch(self.service):
            raise EncodingError(f"not a service's name: {self.service[:100]!a}", hint="say the registry's host")
        if not self.repositories:
            raise EncodingError("a gate without repositories", hint=ImageRemedy.PIN_IMAGES.of())
        for one in self.repositories:
            if not is_canonical_name(one.name):
                raise EncodingError(f"not a canonical image name: {one.name[:100]!a}", hint="expected HOST/PATH")
        strangers = set(self.content) - self.table.geneses
        if strangers:
            raise EncodingError(f"{_WHAT} has content keys of {len(strangers)} repositories that it does not serve")

    @property
    def table(self) -> AccessTable:
        """What each path at the registry is."""
        return AccessTable.of((one.name, one.genesis) for one in self.repositories)

    def is_on(self, network: Network) -> bool:
        """Whether it is for this network."""
        return (self.network, self.challenge) == (network.genesis, network.challenge)

    def content_key(self, genesis: Txid, ciphertext: Digest) -> ContentKey | None:
        """The key of a sealed form, or None."""
        return self.content.get(genesis, {}).get(ciphertext)

    def serialize(self) -> bytes:
        """Canonical JSON. It holds keys: write it where nobody else can read it."""
        document: dict[str, Json] = {
            "kind": KIND,
            "v": 1,
            "network": display(self.network),
            "origin": self.origin,
            "service": self.service,
            "key": self.key.key,
            "certificate": self.key.certificate,
            "repositories": [{"name": one.name, "genesis": display(one.genesis)} for one in self.repositories],
            "content": {
                display(genesis): {str(digest): key.value.hex() for digest, key in keys.items()}
                for genesis, keys in self.content.items()
            },
        }
        return encode(document if self.challenge is None else {**document, "challenge": self.challenge})

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """The inverse of `serialize`; one final line feed is forgiven. Raises EncodingError, without any key in it."""
        shape = bundle_shape(document, _BundleShape, what=_WHAT, hint=ImageRemedy.EXPORT_GATE.of())
        return cls(
            network=parse_block_hash(shape.network),
            challenge=None if isinstance(shape.challenge, msgspec.UnsetType) else parse_challenge(shape.challenge),
            origin=shape.origin,
            service=shape.service,
            key=GateKey(key=shape.key, certificate=shape.certificate),
            repositories=tuple(_named(one) for one in shape.repositories),
            content={
                parse_txid(genesis): {Digest.parse(digest): ContentKey.parse(key) for digest, key in keys.items()}
                for genesis, keys in shape.content.items()
            },
        )


class _RepositoryShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    genesis: str


class _BundleShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Literal["gate"]
    v: Literal[1]
    network: str
    origin: str
    service: str
    key: str
    certificate: str
    repositories: tuple[_RepositoryShape, ...]
    content: dict[str, dict[str, str]]
    challenge: str | msgspec.UnsetType = msgspec.UNSET


def _named(shape: _RepositoryShape) -> NamedGenesis:
    return NamedGenesis(name=shape.name, genesis=parse_txid(shape.genesis))
