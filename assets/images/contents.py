"""What manifest lists hold, as far as their documents are known. Pure: whoever calls has read them."""

from collections.abc import Mapping
from dataclasses import dataclass

from assets.images.digest import Digest

Contents = Mapping[Digest, tuple[Digest, ...]]
"""What each manifest that was read holds, in the order of its entries; nothing for one that is no list.

What an entry claims to be does not count: each digest is what its own bytes are. One that is not here was not read.
"""

MAX_MANIFESTS = 1000
MAX_DEPTH = 4
"""Bounds against an image that is made to exhaust its readers; real ones hold some dozens, in one or two levels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A digest with all that it holds, at any depth.

    `held` is everything inside of it, `images` those parts that hold nothing themselves, the digest itself where it
    is one. `unread` are parts whose documents are not known; each is among `images`, since it may be one. `beyond` says
    that it is out of bounds, so that what it holds is not known to the end.
    """

    held: frozenset[Digest]
    images: frozenset[Digest]
    unread: tuple[Digest, ...]
    beyond: bool

    @property
    def whole(self) -> bool:
        """Whether everything that it holds is known."""
        return not self.unread and not self.beyond


def extent(contents: Contents, root: Digest) -> Extent:
    """What a digest holds: each part once, where it lies highest."""
    held: set[Digest] = set()
    images: set[Digest] = set()
    unread: dict[Digest, None] = {}
    level, beyond = [root], False
    for depth in range(MAX_DEPTH + 1):
        following: dict[Digest, None] = {}
        for one in level:
            inside = contents.get(one)
            if inside is None:
                unread[one] = None
            if not inside:
                images.add(one)
            following.update(dict.fromkeys(part for part in inside or () if part not in held))
        beyond = bool(following) and (depth == MAX_DEPTH or len(held) + len(following) > MAX_MANIFESTS)
        if beyond or not following:
            break
        held.update(following)
        level = list(following)
    return Extent(held=frozenset(held), images=frozenset(images), unread=tuple(unread), beyond=beyond)
