"""What a person writes after `image verify`: a repository's name, perhaps a tag, perhaps a digest."""

from dataclasses import dataclass, replace
from typing import Self

from assets.images.digest import Digest
from assets.images.name import canonical_name, split_name
from assets.images.tag import Tag, parse_tag
from wallet.errors import EncodingError


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """`name:tag@digest`, the name canonical.

    Tag and digest are None where the text has none; whether that means `latest` is the caller's choice.
    With both, the digest says which image is meant and the tag what it is judged for.
    """

    name: str
    tag: Tag | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """A reference as docker writes it. Raises EncodingError that names the part at fault."""
        named, at, digest_text = text.partition("@")
        if at and "@" in digest_text:
            raise EncodingError(f"two digests in {text[:200]!a}", hint="expected NAME[:TAG][@DIGEST]")
        digest = Digest.parse(digest_text) if at else None
        head, slash, last = named.rpartition("/")
        base, colon, tag_text = last.partition(":")
        tag = parse_tag(tag_text) if colon else None
        return cls(name=canonical_name(head + slash + base), tag=tag, digest=digest)

    @property
    def host(self) -> str:
        """The registry's host in the name, with its port unless that is 443."""
        return split_name(self.name)[0]

    @property
    def path(self) -> str:
        """The repository's path at the registry."""
        return split_name(self.name)[1]

    def at(self, digest: Digest) -> Self:
        """This repository and tag, with a digest."""
        return replace(self, digest=digest)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag is not None else ""
        digest = f"@{self.digest}" if self.digest is not None else ""
        return f"{self.name}{tag}{digest}"
