"""What a manifest list holds: everything that its `manifests` name, at any depth, within two bounds."""

from collections.abc import Mapping
from typing import NamedTuple

MOST_LEVELS = 4
MOST_MANIFESTS = 1_000

Documents = Mapping[str, "tuple[str, ...] | None"]
"""Digest in hex to a list's entries in their order, or None for an image. What can be read nowhere is absent."""


class Held(NamedTuple):
    """`unread` are entries whose documents are absent; `beyond` says that a bound was met. Then there may be more."""

    digests: frozenset[str]
    images: frozenset[str]
    unread: frozenset[str]
    beyond: bool

    @property
    def whole(self) -> bool:
        """Whether this is everything."""
        return not self.unread and not self.beyond


NOTHING = Held(frozenset(), frozenset(), frozenset(), beyond=False)


def held_by(digest: str, documents: Documents) -> Held:
    """Everything in a document, without the document itself (but where it is unread); an image holds nothing."""
    if digest not in documents:
        return NOTHING._replace(unread=frozenset({digest}))
    if documents[digest] is None:
        return NOTHING
    digests: set[str] = set()
    images: set[str] = set()
    unread: set[str] = set()
    level, depth = [digest], 0
    while level:
        depth += 1
        entries = [entry for parent in level for entry in documents[parent] or ()]
        if entries and depth > MOST_LEVELS:
            return Held(frozenset(digests), frozenset(images), frozenset(unread), beyond=True)
        level = []
        for entry in entries:
            if entry in digests:
                continue
            if len(digests) == MOST_MANIFESTS:
                return Held(frozenset(digests), frozenset(images), frozenset(unread), beyond=True)
            digests.add(entry)
            if entry not in documents:
                unread.add(entry)
            elif documents[entry] is None:
                images.add(entry)
            else:
                level.append(entry)
    return Held(frozenset(digests), frozenset(images), frozenset(unread), beyond=False)
