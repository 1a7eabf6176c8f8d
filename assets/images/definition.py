"""The definition: the document whose sha256 a GENESIS or a DEFINE record carries.

Open Assets' asset definition at the top, so that any Open Assets wallet can show the asset, and inside it one object
`dockchains` that says which chain, which asset, which coin and which image repository it speaks of. A definition
proves nothing by itself; it counts for a genesis only if everything in it fits that genesis.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Self

import msgspec
from bitcoin.core import COutPoint

from assets.images.canonical import DOCUMENT_LIMIT, Json, convert, decode, encode
from assets.images.digest import Digest
from assets.images.name import is_canonical_name
from assets.images.origin import parse_origin
from assets.images.record import RecordName
from assets.model import AssetId, GenesisFact
from wallet.errors import EncodingError
from wallet.hashes import BlockHash, display, outpoint_text, parse_block_hash, parse_outpoint, sha256
from wallet.network import Network

_WHAT = "the definition"
MAX_SHORT_NAME = 10


class Mismatch(StrEnum):
    """Why a definition does not count for a genesis."""

    DOCUMENT = "its sha256 is not the one in the record"
    NETWORK = "it speaks of another network"
    ASSET = "it speaks of another asset"
    ASSET_ID = "its asset_ids is not the id of this asset"
    GENESIS_INPUT = "its genesis_input is not the coin that the genesis spent"
    NAME = "its name is not the one in the record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The object `dockchains`: which image repository, on which chain, by which asset.

    `network` is block 0, `challenge` is there on signet only, `genesis_input` is the coin that the genesis spends.
    `gate` is an origin, `terms` the digest of a text, `source` and `magnet` are links; each None where left out.
    """

    network: BlockHash
    challenge: str | None
    asset: AssetId
    genesis_input: COutPoint
    name: str
    gate: str | None = None
    terms: Digest | None = None
    source: str | None = None
    magnet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFields:
    """Open Assets' fields: the asset id in text, and what a wallet shows. `description` may be empty."""

    asset_id: str
    name_short: str
    name: str
    issuer: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A definition, and the bytes that its sha256 is over."""

    fields: AssetFields
    claim: Claim
    document: bytes

    @classmethod
    def build(cls, fields: AssetFields, claim: Claim, *, optional: Mapping[str, Json] | None = None) -> Self:
        """The definition of these values. `optional` holds further fields of Open Assets, such as `contract_url`.

        Raises EncodingError where a value is out of its grammar, as reading it back would.
        """
        document: dict[str, Json] = {
            **(optional or {}),
            "asset_ids": [fields.asset_id],
            "name_short": fields.name_short,
            "name": fields.name,
            "issuer": fields.issuer,
            "description": fields.description,
            "divisibility": 0,
            "version": "1.0",
            "dockchains": _claim_document(claim),
        }
        built = cls.parse(encode(document))
        assert (built.fields, built.claim) == (fields, claim), "a definition reads otherwise than it was written"
        return built

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """A definition from its bytes, which must be their own canonical form of at most 64 KiB.

        Raises EncodingError that names the field at fault. Unknown fields are ignored at the top and refused in
        `dockchains`.
        """
        value = decode(document, limit=DOCUMENT_LIMIT, what=_WHAT)
        _require_version(value)
        shape = convert(value, _DefinitionShape, what=_WHAT)
        if not 1 <= len(shape.name_short) <= MAX_SHORT_NAME:
            raise EncodingError(f"{_WHAT}: name_short has 1 to {MAX_SHORT_NAME} characters", hint="choose another one")
        fields = AssetFields(
            asset_id=shape.asset_ids[0],
            name_short=shape.name_short,
            name=shape.name,
            issuer=shape.issuer,
            description=shape.description,
        )
        return cls(fields=fields, claim=_claim(shape.dockchains), document=document)

    @property
    def hash(self) -> bytes:
        """32 bytes: what a GENESIS or DEFINE record carries."""
        return sha256(self.document)

    def matches(
        self,
        genesis: GenesisFact,
        network: Network,
        *,
        asset_id: str,
        stated: tuple[bytes, RecordName] | None = None,
    ) -> Mismatch | None:
        """Why this definition does not count for a genesis, or None where it does.

        `asset_id` is the text of the genesis' asset id on this network. `stated` is the sha256 and the name of the
        newest DEFINE; without it those of the genesis are meant. A DEFINE changes the name and the links, never
        network, asset or genesis_input, since they are compared with the genesis either way.
        """
        record_name = RecordName(name=genesis.name, name_hash=genesis.name_hash)
        wanted_hash, wanted_name = stated if stated is not None else (genesis.definition, record_name)
        claim = self.claim
        checks = (
            (self.hash == wanted_hash, Mismatch.DOCUMENT),
            (claim.network == network.genesis and claim.challenge == network.challenge, Mismatch.NETWORK),
            (claim.asset == genesis.asset, Mismatch.ASSET),
            (self.fields.asset_id == asset_id, Mismatch.ASSET_ID),
            (claim.genesis_input == genesis.genesis_input, Mismatch.GENESIS_INPUT),
            (wanted_name.matches(claim.name), Mismatch.NAME),
        )
        return next((mismatch for fits, mismatch in checks if not fits), None)


class _ClaimShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: Literal[1]
    network: str
    asset: str
    genesis_input: str
    name: str
    challenge: str | msgspec.UnsetType = msgspec.UNSET
    gate: str | msgspec.UnsetType = msgspec.UNSET
    terms: str | msgspec.UnsetType = msgspec.UNSET
    source: str | msgspec.UnsetType = msgspec.UNSET
    magnet: str | msgspec.UnsetType = msgspec.UNSET


class _DefinitionShape(msgspec.Struct, frozen=True):
    asset_ids: tuple[str]
    name_short: str
    name: str
    issuer: str
    description: str
    divisibility: Literal[0]
    version: Literal["1.0"]
    dockchains: _ClaimShape


def _require_version(value: Json) -> None:
    claim = value.get("dockchains") if isinstance(value, Mapping) else None
    version = claim.get("v") if isinstance(claim, Mapping) else None
    if isinstance(version, int) and (version != 1 or isinstance(version, bool)):
        raise EncodingError(f"{_WHAT} has version {version}, which is not known here", hint="use a newer program")


def _claim_document(claim: Claim) -> dict[str, Json]:
    optional: dict[str, Any] = {
        "challenge": claim.challenge,
        "gate": claim.gate,
        "terms": None if claim.terms is None else str(claim.terms),
        "source": claim.source,
        "magnet": claim.magnet,
    }
    return {
        "v": 1,
        "network": display(claim.network),
        "asset": claim.asset.hex(),
        "genesis_input": outpoint_text(claim.genesis_input),
        "name": claim.name,
        **{key: member for key, member in optional.items() if member is not None},
    }


def _claim(shape: _ClaimShape) -> Claim:
    if not is_canonical_name(shape.name):
        raise EncodingError(f"{_WHAT}: not a canonical image name: {shape.name[:100]!a}", hint="expected HOST/PATH")
    terms = _optional(shape.terms)
    gate = _optional(shape.gate)
    challenge = _optional(shape.challenge)
    magnet = _optional(shape.magnet)
    if magnet is not None and not magnet.startswith("magnet:?"):
        raise EncodingError(f"{_WHAT}: magnet is no magnet link", hint="it begins with magnet:?")
    return Claim(
        network=parse_block_hash(shape.network),
        challenge=None if challenge is None else parse_challenge(challenge),
        asset=AssetId(_hex(shape.asset, size=20, field="asset")),
        genesis_input=parse_outpoint(shape.genesis_input),
        name=shape.name,
        gate=None if gate is None else parse_origin(gate),
        terms=None if terms is None else Digest.parse(terms),
        source=_optional(shape.source),
        magnet=magnet,
    )


def parse_challenge(text: str) -> str:
    """A signet's challenge: a script in lower-case hex. Raises EncodingError."""
    return _hex(text, size=None, field="challenge").hex()


def _optional(value: str | msgspec.UnsetType) -> str | None:
    return None if isinstance(value, msgspec.UnsetType) else value


def _hex(text: str, *, size: int | None, field: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if not raw or raw.hex() != text or (size is not None and len(raw) != size):
        expected = f"{2 * size} lower-case hexadecimal digits" if size else "lower-case hexadecimal digits in pairs"
        raise EncodingError(f"{_WHAT}: bad {field}: {text[:80]!a}", hint=f"expected {expected}")
    return raw
