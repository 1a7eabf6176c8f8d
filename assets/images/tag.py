"""Tags, and how a record on the chain carries them.

A tag is keyed by its sha256, so that a record with the tag's text and one with its hash name one tag.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NewType, Self

from wallet.errors import EncodingError
from wallet.hashes import sha256

Tag = NewType("Tag", str)
"""A tag within the grammar of the OCI distribution specification."""

TagKey = NewType("TagKey", bytes)
"""32 bytes: the sha256 of a tag's ASCII."""

TAGS_ROOM = 37
"""Bytes that a record has for tags: 73 of metadata, less 4 of header and 32 of digest."""

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
_TAG_BYTES = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_HASHED = b"\x00"


def parse_tag(text: str) -> Tag:
    """A tag as a person writes it. Raises EncodingError."""
    if not _TAG.fullmatch(text):
        why = "is longer than 128 characters" if len(text) > 128 else "is not a tag"
        raise EncodingError(
            f"{text[:80]!a} {why}",
            hint="at most 128 letters, digits, . _ - of ASCII; the first one is a letter, a digit or _",
        )
    return Tag(text)


def tag_key(tag: Tag) -> TagKey:
    """What a tag is known by on the chain."""
    return TagKey(sha256(tag.encode("ascii")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The tags of one record: the texts, or the key of the one tag whose text is not there."""

    texts: tuple[Tag, ...] = ()
    hashed: TagKey | None = None

    def __post_init__(self) -> None:
        assert bool(self.texts) != (self.hashed is not None), "tags are texts or one key"
        assert len(self.serialize()) <= TAGS_ROOM, "tags that a record has no room for"
        assert len(set(self.texts)) == len(self.texts), "a tag twice"

    @classmethod
    def of(cls, *texts: str) -> Self:
        """Tags for one record: joined where they fit, one long tag by its key.

        Raises EncodingError for no tag, a tag twice, a bad tag, or several that do not fit together.
        """
        tags = tuple(parse_tag(text) for text in texts)
        if not tags:
            raise EncodingError("no tag", hint="name at least one tag")
        for position, tag in enumerate(tags):
            if tag in tags[:position]:
                raise EncodingError(f"the tag {tag} is named twice", hint="name each tag once")
        size = _joined_size(tags)
        if size <= TAGS_ROOM:
            return cls(texts=tags)
        if len(tags) == 1:
            return cls(hashed=tag_key(tags[0]))
        raise EncodingError(
            f"{len(tags)} tags of {size} bytes do not fit into one record, which has room for {TAGS_ROOM}",
            hint="release them in several transactions",
        )

    @classmethod
    def pack(cls, texts: Iterable[str]) -> "tuple[Tags, ...]":
        """The fewest records in this order for any number of tags. Raises EncodingError as `of` does."""
        tags = tuple(parse_tag(text) for text in texts)
        if len(set(tags)) != len(tags) or not tags:
            cls.of(*tags)
        groups: list[tuple[Tag, ...]] = []
        for tag in tags:
            if groups and _joined_size((*groups[-1], tag)) <= TAGS_ROOM:
                groups[-1] = (*groups[-1], tag)
            else:
                groups.append((tag,))
        return tuple(cls.of(*group) for group in groups)

    @classmethod
    def from_bytes(cls, body: bytes) -> "Tags | None":
        """Tags from a record's bytes; None where they are empty, doubled, too long or out of grammar."""
        if len(body) > TAGS_ROOM:
            return None
        if body[:1] == _HASHED:
            return cls(hashed=TagKey(body[1:])) if len(body) == 33 else None
        parts = body.split(b",")
        if len(set(parts)) != len(parts) or not all(_TAG_BYTES.fullmatch(part) for part in parts):
            return None
        return cls(texts=tuple(Tag(part.decode("ascii")) for part in parts))

    @property
    def keys(self) -> tuple[TagKey, ...]:
        """The key of each tag, in order."""
        return tuple(tag_key(tag) for tag in self.texts) if self.hashed is None else (self.hashed,)

    def serialize(self) -> bytes:
        """The record's form: texts joined by a comma, or 00 and the key."""
        if self.hashed is not None:
            return _HASHED + self.hashed
        return ",".join(self.texts).encode("ascii")

    def __str__(self) -> str:
        return ",".join(self.texts) if self.hashed is None else f"tag with sha256 {self.hashed.hex()}"


def _joined_size(tags: tuple[Tag, ...]) -> int:
    return sum(map(len, tags)) + len(tags) - 1
