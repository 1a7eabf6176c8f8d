"""Records: what Dockchains puts into a marker's metadata. `DC`, version 1, kind, body; at most 73 bytes.

Bytes from the chain are anybody's, so `parse_record` answers a flaw and never raises. A record that is read here
counts only if its transaction was authored by the title's holder, which is judged elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Self

from assets.images.digest import Digest
from assets.images.name import NAME_HASH_BYTES, is_canonical_name, name_hash
from assets.images.tag import Tags
from wallet.errors import EncodingError

MAX_RECORD_BYTES = 73
"""The longest record: the marker's whole payload has at most 80 bytes."""

MAX_PLAIN_NAME_BYTES = 29
"""The longest name that a record spells out, so that a genesis with the most units still fits into 80 bytes."""

_HEADER = b"DC\x01"
_HASHED = b"\x00"
_ALONE = 0x80
"""The bit beside a REVOKE's reason that keeps it to this digest."""


class RecordKind(IntEnum):
    """The byte that says what a record is. 4, 6 and 8 are reserved."""

    GENESIS = 1
    RELEASE = 2
    REVOKE = 3
    DEFINE = 5
    SEAL = 7
    FINAL = 9


class RevokeReason(IntEnum):
    """Why an image was revoked. Any other number on the chain counts as UNSPECIFIED, and is shown."""

    UNSPECIFIED = 0
    COMPROMISED = 1
    BROKEN = 2
    WITHDRAWN = 3


class RecordFlaw(StrEnum):
    """Why metadata is no record that counts. Data, not an error: the units move, the record is ignored and shown."""

    EMPTY = "there is no metadata"
    FOREIGN = "the metadata does not begin with DC"
    TOO_LONG = "the record is longer than 73 bytes"
    UNKNOWN_VERSION = "the record has a version other than 1"
    RESERVED_KIND = "the record has a kind that is reserved"
    UNKNOWN_KIND = "the record has an unknown kind"
    TOO_SHORT = "the record ends inside a field"
    TRAILING_BYTES = "bytes follow the record"
    BAD_NAME = "the record's name is not canonical, or neither spelled out in 29 bytes nor hashed to 20"
    BAD_TAGS = "the record's tags are empty, doubled, too long or out of grammar"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordName:
    """A repository's name as a record has it: spelled out, or only its hash (name is None then)."""

    name: str | None
    name_hash: bytes

    @classmethod
    def of(cls, name: str) -> Self:
        """What a record carries for a canonical name. Raises EncodingError for any other."""
        if not is_canonical_name(name):
            raise EncodingError(f"not a canonical image name: {name[:200]!a}", hint="expected HOST/PATH")
        return cls(name=name if len(name) <= MAX_PLAIN_NAME_BYTES else None, name_hash=name_hash(name))

    @classmethod
    def from_bytes(cls, body: bytes) -> "RecordName | None":
        """A name from a record's bytes; None where they are no name."""
        if body[:1] == _HASHED:
            return cls(name=None, name_hash=body[1:]) if len(body) == 1 + NAME_HASH_BYTES else None
        if len(body) > MAX_PLAIN_NAME_BYTES or not body.isascii() or not is_canonical_name(body.decode("ascii")):
            return None
        return cls.of(body.decode("ascii"))

    def matches(self, name: str) -> bool:
        """Whether this is the given canonical name."""
        return self.name == name if self.name is not None else self.name_hash == name_hash(name)

    def serialize(self) -> bytes:
        """ASCII, or 00 and the hash."""
        return self.name.encode("ascii") if self.name is not None else _HASHED + self.name_hash

    def __str__(self) -> str:
        return self.name if self.name is not None else f"name with hash {self.name_hash.hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis:
    """The sha256 of the definition, and the name, as the genesis states them."""

    definition: bytes
    name: RecordName

    def serialize(self) -> bytes:
        """The record's bytes."""
        return _record(RecordKind.GENESIS, _definition_body(self.definition, self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Define:
    """A new definition by its sha256, perhaps with a new name."""

    definition: bytes
    name: RecordName

    def serialize(self) -> bytes:
        """The record's bytes."""
        return _record(RecordKind.DEFINE, _definition_body(self.definition, self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A manifest digest bound to tags; `final` where the tags can never be bound to another digest (FINAL)."""

    digest: Digest
    tags: Tags
    final: bool = False

    def serialize(self) -> bytes:
        """The record's bytes."""
        kind = RecordKind.FINAL if self.final else RecordKind.RELEASE
        return _record(kind, self.digest.raw + self.tags.serialize())


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """A manifest digest that must not be used any more; unless `alone`, what a list of this digest holds as well.

    `code` is the number on the chain where it is none of the reasons.
    """

    digest: Digest
    reason: RevokeReason
    alone: bool = False
    code: int | None = None

    def serialize(self) -> bytes:
        """The record's bytes."""
        number = self.reason if self.code is None else self.code
        return _record(RecordKind.REVOKE, self.digest.raw + bytes([number | (_ALONE if self.alone else 0)]))

    @property
    def reason_text(self) -> str:
        """The reason in words, an unknown one with its number."""
        return self.reason.name.lower() + ("" if self.code is None else f" (number {self.code} on the chain)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The manifest digest of an image, and that of its encrypted form."""

    plaintext: Digest
    ciphertext: Digest

    def serialize(self) -> bytes:
        """The record's bytes."""
        return _record(RecordKind.SEAL, self.plaintext.raw + self.ciphertext.raw)


Record = Genesis | Release | Revoke | Define | Seal


def parse_record(metadata: bytes) -> Record | RecordFlaw:
    """The record in a marker's metadata, or what is wrong with it. Never raises.

    A record that is read serialises to the same bytes.
    """
    if not metadata:
        return RecordFlaw.EMPTY
    if metadata[:2] != _HEADER[:2]:
        return RecordFlaw.FOREIGN
    if len(metadata) > MAX_RECORD_BYTES:
        return RecordFlaw.TOO_LONG
    if len(metadata) < 4:
        return RecordFlaw.TOO_SHORT
    if metadata[2] != 1:
        return RecordFlaw.UNKNOWN_VERSION
    kind = metadata[3]
    if kind in (4, 6, 8):
        return RecordFlaw.RESERVED_KIND
    if kind not in _BODIES:
        return RecordFlaw.UNKNOWN_KIND
    body = metadata[4:]
    return _BODIES[kind](body) if len(body) > 32 else RecordFlaw.TOO_SHORT


def kind_of(record: Record) -> RecordKind:
    """The kind that a record is written with."""
    return RecordKind(record.serialize()[3])


def _record(kind: RecordKind, body: bytes) -> bytes:
    metadata = _HEADER + bytes([kind]) + body
    assert len(metadata) <= MAX_RECORD_BYTES, "a record outgrew its room"
    return metadata


def _definition_body(definition: bytes, name: RecordName) -> bytes:
    assert len(definition) == 32, "a definition is known by its sha256"
    return definition + name.serialize()


def _parse_genesis(body: bytes) -> Genesis | RecordFlaw:
    name = RecordName.from_bytes(body[32:])
    return RecordFlaw.BAD_NAME if name is None else Genesis(definition=body[:32], name=name)


def _parse_define(body: bytes) -> Define | RecordFlaw:
    name = RecordName.from_bytes(body[32:])
    return RecordFlaw.BAD_NAME if name is None else Define(definition=body[:32], name=name)


def _parse_release(body: bytes, *, final: bool = False) -> Release | RecordFlaw:
    tags = Tags.from_bytes(body[32:])
    return RecordFlaw.BAD_TAGS if tags is None else Release(digest=Digest(body[:32]), tags=tags, final=final)


def _parse_final(body: bytes) -> Release | RecordFlaw:
    return _parse_release(body, final=True)


def _parse_revoke(body: bytes) -> Revoke | RecordFlaw:
    if len(body) > 33:
        return RecordFlaw.TRAILING_BYTES
    number, alone = body[32] & ~_ALONE, bool(body[32] & _ALONE)
    known = number in tuple(RevokeReason)
    return Revoke(
        digest=Digest(body[:32]),
        reason=RevokeReason(number) if known else RevokeReason.UNSPECIFIED,
        alone=alone,
        code=None if known else number,
    )


def _parse_seal(body: bytes) -> Seal | RecordFlaw:
    if len(body) != 64:
        return RecordFlaw.TOO_SHORT if len(body) < 64 else RecordFlaw.TRAILING_BYTES
    return Seal(plaintext=Digest(body[:32]), ciphertext=Digest(body[32:]))


_BODIES: dict[int, Callable[[bytes], Record | RecordFlaw]] = {
    RecordKind.GENESIS: _parse_genesis,
    RecordKind.RELEASE: _parse_release,
    RecordKind.REVOKE: _parse_revoke,
    RecordKind.DEFINE: _parse_define,
    RecordKind.SEAL: _parse_seal,
    RecordKind.FINAL: _parse_final,
}
